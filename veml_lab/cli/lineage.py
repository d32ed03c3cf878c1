"""Questions to the graph of versions."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from .common import open_lab


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """Add this room's verbs to the parser."""
    p = verb("lineage", _lineage, "show what led to a version and what came of it")
    p.add_argument("name", metavar="NAME", nargs="?", help="version; without it: the whole graph")
    p.add_argument("--direction", choices=("both", "ancestors", "descendants"), default="both")


def _lineage(args: argparse.Namespace) -> Any:
    return open_lab(args, read_only=True).lineage(args.name, direction=args.direction)
