"""Training on the command line: a network by its parts, a configuration of mmdet, or a file of settings."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput, UnknownName
from ..training.declaration import COMMON, Hyper
from ..training.registry import OURS, backend_for, declaration
from .common import open_lab, row_of, unused
from .settings import as_said, is_settings, planned

if TYPE_CHECKING:
    from ..lab import Lab
    from ..training import Plan


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """Add this room's verb to the parser."""
    p = verb("train", _train, "train a network on a data version")
    p.add_argument("data", metavar="DATA", nargs="?", help="data version (with a file of settings: what it says)")
    p.add_argument("--name", help="name of the training version")
    p.add_argument(
        "--architecture",
        help=(
            "resnet10, resnet18 or any torchvision network; fcos, retinanet or faster-rcnn for detection; dcrnn"
            " (default), convlstm, convgru, lstm, gru, linear, last-value, daily-mean or weekly-mean for forecasting"
        ),
    )
    p.add_argument("--backbone", help="of a detector (default: resnet10)")
    p.add_argument("--width", type=int, help="channels of the first stage of resnet10 and resnet18 (default: 32)")
    p.add_argument("--size", type=int, nargs=2, metavar=("W", "H"), help="input size in pixels")
    p.add_argument("--hidden", type=int, help="hidden units a sensor of a forecaster (default: 32)")
    p.add_argument("--layers", type=int, help="recurrent layers of a forecaster (default: 2)")
    p.add_argument(
        "--backend",
        metavar="NAME",
        help=f"{', '.join(OURS)} or one of another package; veml backends lists them (default: the task's first)",
    )
    p.add_argument(
        "--config",
        metavar="FILE",
        help=(
            "settings of veml config --toml (.toml, .yaml, .json); or an mmdet configuration: a file, or a name as"
            " mmdet::retinanet/retinanet_r18_fpn_1x_coco.py"
        ),
    )
    for h in COMMON:
        _add_hyper(p, h)
    p.add_argument(
        "--set",
        nargs="+",
        action="extend",
        metavar="NAME=VALUE",
        default=[],
        help="any hyper-parameter that the backend declares (veml backends NAME); with a file of settings: any of them",
    )
    p.add_argument("--seed", type=int, help="of weights and order (default: 0)")
    p.add_argument("--validation", metavar="DATA", help="data version of the metrics (default: the import's test part)")
    p.add_argument("--detach", action="store_true", help="run as a job of its own and come back at once")
    p.add_argument(
        "--retries",
        type=int,
        metavar="N",
        help="with --detach: start it again up to N times when it crashed or was killed (default: 0)",
    )


# what the command line trains with where nobody says otherwise, unless a configuration has its own
_RATES = {"forecasting": 1e-2}
_START: dict[str, Any] = {"epochs": 5, "batch_size": 32, "lr": 2e-3}


def _add_hyper(p: argparse.ArgumentParser, h: Hyper) -> None:
    """The option of a hyper-parameter, as it is declared."""
    default = _START.get(h.name, h.default)
    if h.name == "lr":
        default = "0.002; 0.01 for forecasting"
    said = f"{h.help} (default: {default if default not in (None, ()) else 'none'})"
    flag = f"--{h.name.replace('_', '-')}"
    if h.kind is list:
        p.add_argument(flag, nargs="+", metavar="STEP", help=said)
    elif h.choices:
        p.add_argument(flag, choices=h.choices, help=said)
    else:
        metavar = {int: "N", float: "X"}.get(h.kind, "NAME")
        p.add_argument(flag, type=h.kind if h.kind in (int, float) else str, metavar=metavar, help=said)


def _hyper(args: argparse.Namespace, name: str, task: str) -> dict[str, Any]:
    """The hyper-parameters that were given, and those of ``--set``, read as the backend declares them."""
    given: dict[str, Any] = {} if args.config else _START | ({"lr": _RATES[task]} if task in _RATES else {})
    given |= {h.name: v for h in COMMON if (v := getattr(args, h.name)) is not None}
    known = {h.name: h for h in declaration(name).hyper}
    for words in args.set:
        key, _, value = words.removeprefix("hyper.").partition("=")
        if key not in known:
            raise UnknownName.of(f"hyper-parameter of the backend {name}", key, known)
        given[key] = known[key].parse(value)
    return given


# forecasters without hidden units
_NAIVE = ("linear", "last-value", "daily-mean", "weekly-mean")


def _train(args: argparse.Namespace) -> Any:
    from ..lifecycle import planning
    from ..versions.store import counted, fitting

    lab = open_lab(args)
    if not args.detach:
        unused(args, "it is for a job of its own, with --detach", "retries")
    if is_settings(args.config):
        return _run_plan(args, lab, planned(args, lab))
    if args.data is None:
        raise BadInput("say what to train on: veml train LAB DATA, or --config FILE.toml with settings")
    args.seed = args.seed or 0
    data = lab.get(args.data, "data")
    validation = lab.get(args.validation, "data") if args.validation else None
    engine = "mmdet" if args.config else args.backend or backend_for(data.facts.trains_as)
    hyper = _hyper(args, engine, data.facts.trains_as)
    detection = data.facts.trains_as == "detection"
    _check_shape(args, data)
    width, backbone = 32 if args.width is None else args.width, args.backbone or "resnet10"
    if data.task == "forecasting":
        forecaster, body = _forecaster(args)
        model = planning.model(data, {**forecaster, "backend": engine}, name=fitting(f"{body} for {data.name}"))
        name = args.name or fitting(f"{data.name} · {body} · {counted(hyper['epochs'], 'epoch')} · seed {args.seed}")
        return _run_plan(
            args, lab, planning.plan(model, data, name=name, validation=validation, seed=args.seed, **hyper)
        )
    if args.config:
        given: dict[str, Any] = {
            "backend": engine,
            "config": args.config,
            **({"size_px": args.size} if args.size else {}),
        }
        title = Path(args.config.removeprefix("mmdet::")).stem
        model = planning.model(data, given, name=fitting(f"{title} for {data.name}", *(args.size or ())))
        name = args.name or fitting(f"{data.name} · {title} · seed {args.seed}", hyper)
        return _run_plan(
            args, lab, planning.plan(model, data, name=name, validation=validation, seed=args.seed, **hyper)
        )
    recipe: dict[str, Any] = {
        "architecture": args.architecture or ("fcos" if detection else "resnet10"),
        "width": width,
    }
    recipe["size_px"] = args.size or ([160, 96] if detection else [32, 32])
    if detection:
        recipe |= {"backbone": backbone, "neck_channels": width}
    recipe["backend"] = engine
    if engine == "mmdet":
        recipe.pop("backbone", None)  # unless it was asked for, the architecture's own
        recipe |= {"backbone": backbone} if backbone != "resnet10" else {}
    size = "x".join(map(str, recipe["size_px"]))
    body = f" {backbone}" if detection else ""
    own = "" if engine == "torchvision" else f" {engine}"
    model = planning.model(
        data, recipe, name=fitting(f"{recipe['architecture']}{own}{body} w{width} {size} for {data.name}")
    )
    name = args.name or fitting(
        f"{data.name} · {recipe['architecture']} · {counted(hyper['epochs'], 'epoch')} · seed {args.seed}"
    )
    plan = planning.plan(model, data, name=name, validation=validation, seed=args.seed, **hyper)
    return _run_plan(args, lab, plan)


def _forecaster(args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """Recipe of a forecaster and what to call it."""
    name = args.architecture or "dcrnn"
    if name in _NAIVE:
        return {"architecture": name}, name
    hidden, layers = 32 if args.hidden is None else args.hidden, 2 if args.layers is None else args.layers
    return {"architecture": name, "hidden": hidden, "layers": layers}, f"{name} {layers} x {hidden}"


def _check_shape(args: argparse.Namespace, data: Any) -> None:
    """Refuse options of a network of another kind than the one that is trained."""
    if data.task == "forecasting":
        unused(args, "it is of networks for pictures", "backbone", "width", "size", "config")
        if args.architecture in _NAIVE:
            unused(args, f"{args.architecture} has no hidden units", "hidden", "layers")
        return
    unused(args, "it is of forecasters", "hidden", "layers")
    if args.config:
        unused(args, "the configuration of --config says it", "architecture", "backbone", "width")
        if args.backend not in (None, "mmdet"):
            unused(args, "--config is a configuration of mmdet", "backend")
    elif data.facts.trains_as != "detection":
        unused(args, "it is of detectors", "backbone")
        if args.backend in (None, "torchvision") and args.architecture not in (None, "resnet10", "resnet18"):
            unused(args, f"it is of resnet10 and resnet18, not of {args.architecture}", "width")


def _run_plan(args: argparse.Namespace, lab: Lab, plan: Plan) -> Any:
    """Train a plan here, or start its job."""
    if not is_settings(args.config):
        plan = as_said(args, plan)
    from ..lifecycle.planning import train
    from ..training.jobs import find_training, make_job, start

    if args.detach:
        job = make_job(lab.store, plan)
        known = find_training(lab.store, job.key)
        start(job, retries=args.retries)
        if known is not None:
            print(f"veml: trained before as {known.name!r}; no job was started", file=sys.stderr)
            return {"job": job.key, **job.status()} if args.json else None
        return (
            {"job": job.key, **job.status()}
            if args.json
            else f"job {job.key} started; watch it with: veml jobs {args.lab} {job.key} --watch"
        )
    return row_of(lab, train(plan, lab, progress=args.progress), args)
