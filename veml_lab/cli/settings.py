"""The settings of trainings on the command line: shown with where they came from, compared, written, trained again."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..versions.settings import Origin, kept
from .common import open_lab, option_of, unused

if TYPE_CHECKING:
    from ..lab import Lab
    from ..training import Plan
    from ..training.config import Config

OF_A_NETWORK = ("architecture", "backbone", "width", "size", "hidden", "layers", "backend")
HERE = "on the command line"


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """Add this room's verbs to the parser."""
    p = verb("config", _config, "show the settings of a training and where each came from, or what differs between two")
    p.add_argument("training", metavar="TRAINING", help="training version, or a file of settings (.toml, .yaml, .json)")
    p.add_argument("other", metavar="OTHER", nargs="?", help="another one: show what differs")
    p.add_argument("--only", metavar="PATH", help="only this setting or section, e.g. hyper.lr; with what it was")
    p.add_argument(
        "--toml", nargs="?", const="-", metavar="FILE", help="print TOML, or write it, for veml train LAB --config FILE"
    )


def is_settings(config: str | None) -> bool:
    """Whether ``--config`` names a file of settings, and not a configuration of mmdet."""
    from ..training.config_forms import FILES

    return config is not None and Path(config).suffix.lower() in FILES


def planned(args: argparse.Namespace, lab: Lab) -> Plan:
    """The plan of ``veml train LAB [DATA] --config plan.toml --set hyper.lr=0.01 ...``."""
    from ..training.config import config
    from ..training.declaration import COMMON

    unused(args, "the model of --config says it; another one: --set model=NAME", *OF_A_NETWORK)
    said = {"name": args.name, "data": args.data, "validation": args.validation, "seed": args.seed}
    said |= {f"hyper.{h.name}": getattr(args, h.name) for h in COMMON}
    asked = config(args.config, lab).replace({k: v for k, v in said.items() if v is not None}, said=HERE)
    return with_words(asked, args.set).build(lab)


def with_words(asked: Config, words: Sequence[str]) -> Config:
    """A config with ``PATH=VALUE`` of a command line in it, each read by the type that is declared for it."""
    from ..training.config_schema import FIELDS, declared_at

    changes: dict[str, Any] = {}
    for word in words:
        name, value = option_of(word)
        path = name if name.partition(".")[0] in FIELDS else f"hyper.{name}"
        declared = declared_at(path, changes.get("backend", asked.get("backend")))
        as_json = declared.kind is dict or isinstance(value, list)  # of what is in there nothing more is declared
        changes[path] = value if as_json else declared.parse(word.partition("=")[2])
    return asked.replace(changes, said=HERE)


def as_said(args: argparse.Namespace, plan: Plan) -> Plan:
    """The plan of ``veml train LAB DATA``, with what was said there told apart from what the verb takes by itself."""
    from ..training.declaration import COMMON

    said = {h.name for h in COMMON if getattr(args, h.name) is not None} | {_hyper_name(word) for word in args.set}
    mine, usual = Origin("user", HERE), Origin("default", "veml train")
    found = {f"hyper.{name}": mine if name in said else usual for name in plan.hyper}
    found |= {"name": mine if args.name else usual, "model": mine}
    return replace(plan, origins={**plan.origins, **kept(found)})


def _hyper_name(word: str) -> str:
    return word.partition("=")[0].removeprefix("hyper.")


def _config(args: argparse.Namespace) -> Any:
    lab = open_lab(args, read_only=True)
    found = _named(lab, args.training)
    if args.other is not None:
        if args.only or args.toml:
            raise BadInput("what differs between two is shown by itself; leave out --only and --toml, or OTHER")
        return found.diff(_named(lab, args.other))
    if args.toml:
        if args.only or args.json:
            raise BadInput("--toml is a whole file; leave out --only and --json")
        return found.toml().rstrip("\n") if args.toml == "-" else f"written: {found.save(args.toml)}"
    return found.explain(args.only) if args.only or args.json else found


def _named(lab: Lab, name: str) -> Config:
    """The settings of a training, or of a file where no version has that name."""
    from ..training.config import config

    return config(name, lab) if is_settings(name) and name not in lab else config(lab.get(name, "training"))
