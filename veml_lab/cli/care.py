"""Looking after a lab: check, backup, vacuum, SQL."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from ..errors import BadInput
from .common import open_lab


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """Add this room's verbs to the parser."""
    p = verb("check", _check, "find and name what does not fit together in a lab; exit code 1 if something is wrong")
    p.add_argument("--deep", action="store_true", help="read every byte and compare its hash (minutes on a large lab)")

    p = verb("backup", _backup, "copy a lab while others work on it")
    p.add_argument("target", metavar="TARGET", help="a new folder, or a new file that ends in .tar")

    p = verb("vacuum", _vacuum, "remove what killed processes left and no version needs, and compact the catalog")
    p.add_argument("--dry-run", action="store_true", help="only say what would be removed")
    p.add_argument(
        "--grace",
        type=float,
        metavar="HOURS",
        default=24.0,
        help="leave alone what was touched in the last HOURS (default: 24)",
    )

    p = verb("cache", _cache, "show what was computed once and is found again, and what that saved; or remove it")
    p.add_argument("--clear", action="store_true", help="remove the intermediates; embeddings and versions stay")
    p.add_argument("--older", metavar="AGE", help="with --clear: only what was not used for so long, as 30d or 12h")

    p = verb("sql", _sql, "ask the catalog one query in SQL; it reads only, and reaches nothing else")
    p.add_argument("query", metavar="QUERY", help='e.g. "SELECT kind, count(*) FROM node GROUP BY kind"')


def _cache(args: argparse.Namespace) -> Any:
    if args.older is not None and not args.clear:
        raise BadInput(f"--older {args.older} says which entries --clear removes; give both, or none")
    found = open_lab(args, read_only=not args.clear).cache
    return found.clear(older=args.older) if args.clear else found


def _check(args: argparse.Namespace) -> Any:
    from ..upkeep import check

    return check(args.lab, deep=args.deep)


def _backup(args: argparse.Namespace) -> Any:
    from ..upkeep import backup

    return backup(args.lab, args.target)


def _vacuum(args: argparse.Namespace) -> Any:
    from ..upkeep import vacuum

    return vacuum(args.lab, dry_run=args.dry_run, grace_s=args.grace * 3600)


def _sql(args: argparse.Namespace) -> Any:
    from ..upkeep import sql

    return sql(args.lab, args.query)
