"""Look at a data set before any of it is stored."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from .common import format_options


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """Add this room's verb to the parser."""
    p = verb(
        "look",
        _look,
        "say what a data set is before it is added: format and why, classes, counts, roles, what would stay unread",
        lab=False,
    )
    p.add_argument("path", metavar="PATH", help="file, folder or archive")
    p.add_argument("--format", metavar="F", help="format; default: found out by looking")
    p.add_argument("--option", metavar="K=V", action="append", default=[], help="option of the format; can be repeated")
    p.add_argument("--seconds", type=float, default=5.0, metavar="S", help="how long samples are counted (default: 5)")


def _look(args: argparse.Namespace) -> Any:
    from ..formats.look import look

    _, options = format_options(args.path, args.format, args.option)
    return look(args.path, args.format, seconds=args.seconds, **options)
