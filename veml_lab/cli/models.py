"""Models found, compared, and joined by the parts they share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from ..errors import BadInput
from .common import open_lab


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """Add this room's verbs to the parser."""
    p = verb(
        "models",
        _models,
        "find models by their parts, their training data and their results; compare them; show the parts they share",
    )
    p.add_argument(
        "--where",
        metavar="COND",
        help="condition over recipe, training and metrics, e.g. \"backbone = 'resnet50' AND mAP50 > 0.3\"",
    )
    p.add_argument(
        "--trained-on",
        metavar="DATA",
        help="data version, or a condition over the samples, e.g. \"timeofday = 'night'\"",
    )
    p.add_argument(
        "--share",
        type=float,
        default=None,
        help="part of the training data for which that condition must hold (default: 0.5; 0: one sample)",
    )
    p.add_argument("--tested-on", metavar="DATA", help="only results on this data version")
    p.add_argument(
        "--by", metavar="METRIC", help="order by this metric, parameters or seconds (default: the models' own)"
    )
    p.add_argument("--top", type=int, metavar="N", help="the best N")
    p.add_argument("--compare", metavar="MODEL", nargs="+", help="put these model versions side by side")
    p.add_argument("--shared", action="store_true", help="show which parts the lab's models have in common")


def _models(args: argparse.Namespace) -> Any:
    from dataclasses import replace

    from ..lifecycle.model_search import compare_models, models, shared_parts

    question = [
        name for name in ("where", "trained_on", "share", "tested_on", "by", "top") if getattr(args, name) is not None
    ]
    if sum((bool(question), bool(args.compare), args.shared)) > 1:
        raise BadInput("ask one thing at a time: a question (--where ...), --compare, or --shared")
    lab = open_lab(args, read_only=True)
    if args.compare:
        return compare_models([lab.get(name, "model") for name in args.compare])
    if args.shared:
        return shared_parts(lab)
    if args.share is not None and args.trained_on is None:
        raise BadInput("--share belongs to a condition: --trained-on \"timeofday = 'night'\" --share 0.8")
    if args.top is not None and args.top < 1:
        raise BadInput(f"--top must be at least 1, got {args.top}")
    share = {} if args.share is None else {"share": args.share}
    found = models(lab, args.where, trained_on=args.trained_on, tested_on=args.tested_on, by=args.by, **share)
    return replace(found, results=found.results[: args.top])
