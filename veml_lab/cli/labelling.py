"""Labelling tasks: samples go out, come back, and become a data version."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from ..errors import BadInput
from .common import open_lab, row_of, unused


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """Add this room's verbs to the parser."""
    p = verb("label", _label, "send samples to a labelling tool, pre-labelled by a deployed model; without DATA: list")
    p.add_argument("data", metavar="DATA", nargs="?", help="data version; without it the lab's tasks are listed")
    p.add_argument("--using", metavar="VERSION", help="inference version (or data version) that makes the pre-labels")
    p.add_argument("-n", type=int, metavar="N", help="how many samples (default: all)")
    p.add_argument("--to", metavar="DIR|URL", help="folder for files, or the address of a server")
    p.add_argument("--tool", help="what answers at that address: label-studio (default), cvat, or another package's")
    p.add_argument("--form", help="of files: label-studio (default), cvat, csv, json, xml")
    p.add_argument("--name", help="of the task (default: the data's with 'labels')")
    p.add_argument("--annotators", nargs="+", metavar="NAME", help="deal the samples among these people")
    p.add_argument("--each", type=int, metavar="N", help="people who get the same sample (default: 1)")
    p.add_argument("--choose", help="random (default), or where the model is least sure: margin, entropy")
    p.add_argument("--blind", type=float, metavar="X", help="share that goes out without pre-labels (default: 0.1)")
    p.add_argument("--seed", type=int, help="of the choice (default: 0)")

    p = verb("label-pull", _pull, "fetch what came back of a labelling task, and say what people did")
    p.add_argument("task", metavar="TASK", help="labelling task")
    p.add_argument("source", metavar="FILE", nargs="?", help="what the tool exported (default: where it was sent)")

    p = verb("label-accept", _accept, "make what came back of a labelling task a data version")
    p.add_argument("task", metavar="TASK", help="labelling task")
    p.add_argument("name", metavar="NAME", help="of the data version")
    p.add_argument("--take", help="where people disagree: majority, latest, both (default: refuse)")
    p.add_argument("--note", default="", help="why")


_ASKED = ("using", "n", "to", "tool", "form", "name", "annotators", "each", "choose", "blind", "seed")


def _label(args: argparse.Namespace) -> Any:
    if args.data is None:
        unused(args, "without DATA the tasks are listed", *_ASKED)
        return open_lab(args, read_only=True).tasks
    if args.to is None:
        raise BadInput(
            "say where to: --to tasks/ (a folder), or --to http://localhost:8080 (a Label Studio, or --tool)"
        )
    from ..lifecycle.labelling import label

    served = args.to.startswith(("http://", "https://"))
    if not served:
        unused(args, "it says what answers at an address, and --to is a folder", "tool")
    lab = open_lab(args)
    using = lab.get(args.using) if args.using else None
    given = {k: v for k in _ASKED[4:] if (v := getattr(args, k)) is not None}
    where = {"to": args.tool or "label-studio", "url": args.to} if served else {"to": f"{args.to}/"}
    return label(lab.get(args.data, "data"), using=using, n=args.n, progress=args.progress, **where, **given)  # type: ignore[arg-type]


def _pull(args: argparse.Namespace) -> Any:
    return open_lab(args).tasks[args.task].pull(args.source)


def _accept(args: argparse.Namespace) -> Any:
    lab = open_lab(args)
    return row_of(lab, lab.tasks[args.task].accept(args.name, take=args.take, note=args.note), args)
