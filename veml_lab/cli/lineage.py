"""Questions to the graph of versions."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from ..errors import BadInput
from .common import open_lab


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """Add this room's verbs to the parser."""
    p = verb(
        "lineage",
        _lineage,
        "show what led to a version and what came of it, answer questions about it, write it for other tools",
    )
    p.add_argument("name", metavar="NAME", nargs="?", help="version; without it: the whole graph")
    p.add_argument("--direction", choices=("both", "ancestors", "descendants"), default="both")
    p.add_argument("--question", metavar="Q", help="answer this question about NAME, e.g. data, deployments, how-made")
    p.add_argument("--questions", action="store_true", help="list the questions")
    p.add_argument("--made-by", metavar="OPERATION", help="list what an operation made, e.g. filter, merge, tested_on")
    p.add_argument("--graphml", metavar="FILE", help="write a GraphML file")
    p.add_argument("--openlineage", metavar="FILE", help="write OpenLineage events, one JSON object a line")
    p.add_argument(
        "--with-provenance",
        action="store_true",
        help="write how versions were made as well: code, packages, machine (look first: veml how LAB NAME --full)",
    )

    p = verb(
        "how", _how, "show how a version was made: code, repository, packages, machine; write a script that makes it"
    )
    p.add_argument("name", metavar="NAME", help="version")
    p.add_argument("--script", metavar="FILE", help="write a script that makes it again in a new lab")
    p.add_argument("--full", action="store_true", help="print all cells, the script and the changes too")

    p = verb(
        "made-from", _made_from, "show what came of a commit, a cell of a notebook, a script, or a file that was read"
    )
    one = p.add_mutually_exclusive_group(required=True)
    one.add_argument("--commit", metavar="HASH", help="a commit, by the beginning of its hash")
    one.add_argument("--cell", metavar="TEXT", help="a cell, by its text or the beginning of its hash")
    one.add_argument("--script", metavar="FILE", help="a script, by its path or its name")
    one.add_argument("--file", metavar="FILE", help="a file outside of the lab, by its path or its name")

    p = verb("path", _path, "show how two versions are related: the ways between them, or what both come from")
    p.add_argument("start", metavar="A", help="version")
    p.add_argument("end", metavar="B", help="another version")

    p = verb("origin", _origin, "show what versions all come from")
    p.add_argument("names", metavar="NAME", nargs="+", help="two or more versions")

    p = verb("impact", _impact, "show what depends on a version: data, trainings, deployed models, numbers at risk")
    p.add_argument("name", metavar="NAME", help="version")

    p = verb("seen-by", _seen_by, "show which versions have seen a sample, deployed models among them")
    p.add_argument("sample", metavar="SAMPLE", help="uri, file or ID of a sample")

    p = verb(
        "uses-file",
        _uses_file,
        "show what uses a file: as a sample, an import's source, a checkpoint or an exported model",
    )
    p.add_argument("path", metavar="FILE", help="file, folder or uri")

    p = verb(
        "changed",
        _changed,
        "show what changed between two versions of a kind: samples, recipe, hyper-parameters, numbers",
    )
    p.add_argument("here", metavar="A", help="version")
    p.add_argument("there", metavar="B", help="another version of its kind")


def _lineage(args: argparse.Namespace) -> Any:
    from .. import lineage

    if args.questions:
        found = lineage.questions()
        return found if args.json else "\n".join(f"{name:<20} {text.format('NAME')}" for name, text in found.items())
    lab = open_lab(args, read_only=True)
    if args.made_by:
        return lineage.made_by(lab.store, args.made_by)
    if args.question:
        if args.name is None:
            raise BadInput(
                f"--question {args.question} is asked about one version: veml lineage LAB NAME --question"
                f" {args.question}"
            )
        return lineage.ask(lab.store, args.question, args.name)
    tree = lab.lineage(args.name, direction=args.direction)
    written = [
        str(write(f, provenance=args.with_provenance))
        for f, write in ((args.graphml, tree.write_graphml), (args.openlineage, tree.write_openlineage))
        if f
    ]
    if written:
        return {"written": written} if args.json else "written: " + ", ".join(written)
    return tree


def _how(args: argparse.Namespace) -> Any:
    how = open_lab(args, read_only=True)[args.name].how()
    if args.script:
        written = str(how.script(args.script))
        return {"written": written} if args.json else f"written: {written}; run it with: python {written} NEW-LAB"
    if not args.full or args.json:
        return how
    texts = [(f"cell {c.number}", c.text) for c in how.cells]
    texts += [(how.script_file, how.script_text), ("changes in the repository", how.diff)]
    return "\n".join([repr(how), *(f"\n-- {title}\n{text}" for title, text in texts if text)])


def _made_from(args: argparse.Namespace) -> Any:
    from ..lineage import came_of

    store = open_lab(args, read_only=True).store
    return came_of(store, commit=args.commit, cell=args.cell, script=args.script, file=args.file)


def _path(args: argparse.Namespace) -> Any:
    from ..lineage import relations

    return relations(open_lab(args, read_only=True).store, args.start, args.end)


def _origin(args: argparse.Namespace) -> Any:
    from ..lineage import common_origin

    return common_origin(open_lab(args, read_only=True).store, args.names)


def _impact(args: argparse.Namespace) -> Any:
    from ..lineage import impact

    return impact(open_lab(args, read_only=True).store, args.name)


def _seen_by(args: argparse.Namespace) -> Any:
    from ..lineage import seen_by

    return seen_by(open_lab(args, read_only=True).store, args.sample)


def _uses_file(args: argparse.Namespace) -> Any:
    from ..lineage import using_file

    return using_file(open_lab(args, read_only=True).store, args.path)


def _changed(args: argparse.Namespace) -> Any:
    from ..lineage import changed

    return changed(open_lab(args, read_only=True).store, args.here, args.there)
