"""Data versions: bring in, look at, cut and combine."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from ..errors import BadInput
from .common import open_lab, row_of


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """Add this room's verbs to the parser."""
    p = verb("add", _add, "import a data set as a data version")
    p.add_argument("name", metavar="NAME", help="name of the data version")
    p.add_argument("path", metavar="PATH", help="file, folder or archive; or road:CONDITION for the drawn road world")
    p.add_argument("--format", metavar="F", help="format; default: found out by looking")
    p.add_argument("--limit", type=int, metavar="N", help="import a seeded part of at most N samples of each role")
    p.add_argument("--copy", action="store_true", help="copy plain files into the lab instead of leaving them where they are")

    p = verb("versions", _versions, "list the versions of a lab")
    p.add_argument("--kind", choices=("data", "model", "training", "inference"), help="one kind only")

    p = verb("stats", _stats, "count classes, sizes and capture columns of a data version")
    p.add_argument("data", metavar="DATA", help="data version")

    p = verb("filter", _filter, "make a data version of the samples for which a condition holds")
    p.add_argument("data", metavar="DATA", help="data version to filter")
    p.add_argument("name", metavar="NAME", help="name of the new version")
    p.add_argument("where", metavar="WHERE", help="condition, e.g. \"weather = 'fog' AND contains class 'car'\"")

    p = verb("merge", _merge, "make a data version of all samples of several")
    p.add_argument("name", metavar="NAME", help="name of the new version")
    p.add_argument("data", metavar="DATA", nargs="+", help="data versions")


def _add(args: argparse.Namespace) -> Any:
    from .. import formats

    if args.path.startswith("road:"):
        source = formats.road_world(args.path.removeprefix("road:"), args.limit or 200)
        limit = None
    else:
        source = formats.read(args.path, format=args.format)
        limit = args.limit
    lab = open_lab(args, create=True)
    version = lab.add(args.name, source, copy=True if args.copy else None, limit=limit, progress=not args.json)
    return row_of(lab, version, args)


def _versions(args: argparse.Namespace) -> Any:
    lab = open_lab(args, read_only=True)
    rows = lab.rows(args.kind)
    if args.json:
        return rows
    if not rows:
        return "no versions yet; import data with: veml add LAB NAME PATH"
    return "\n".join(f"{r['kind']:<10} {r['name']:<44} {r['summary']}" for r in rows)


def _stats(args: argparse.Namespace) -> Any:
    return open_lab(args, read_only=True).get(args.data, "data").statistics()


def _filter(args: argparse.Namespace) -> Any:
    lab = open_lab(args)
    return row_of(lab, lab.get(args.data, "data").filter(args.name, args.where), args)


def _merge(args: argparse.Namespace) -> Any:
    lab = open_lab(args)
    first, *others = [lab.get(d, "data") for d in args.data]
    if not others:
        raise BadInput("merge takes two or more data versions")
    return row_of(lab, first.merge(*others, name=args.name), args)
