"""The verbs on the command line: ``veml VERB LAB ...``, each with ``--json`` where something is printed."""

from __future__ import annotations

import argparse
import json
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from .. import __version__
from ..errors import VemlError
from . import care, data, lifecycle, lineage, models, serve, training


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0, or 2 with one line on standard error, or 130 after Ctrl-C."""
    parser = make_parser()
    args = parser.parse_args(argv)
    if not hasattr(args, "run"):
        parser.print_help()
        return 0
    args.progress = not getattr(args, "json", False) and sys.stderr.isatty()  # in a log file a bar is many lines
    before, warnings.formatwarning = warnings.formatwarning, _plain_warning
    try:
        result = args.run(args)
    except VemlError as e:
        print("veml:", " ".join(line.strip() for line in str(e).splitlines()), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("veml: interrupted; nothing is lost, the same command goes on where it was", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    finally:
        warnings.formatwarning = before
    if result is not None:
        try:
            _print(result, getattr(args, "json", False))
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return int(getattr(result, "exit_code", 0))  # a check that found something wrong


def _plain_warning(message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None) -> str:
    """A warning as one line for people: what was skipped or repaired, not which line of ours says so."""
    return f"veml: {' '.join(str(message).split())}\n"


def _print(result: Any, as_json: bool) -> None:
    if as_json:
        value = result.to_dict() if hasattr(result, "to_dict") else result
        print(json.dumps(value, indent=2, ensure_ascii=False))
    else:
        print(result if isinstance(result, str) else repr(result))


def make_parser() -> argparse.ArgumentParser:
    """All commands with their help."""
    top = argparse.ArgumentParser(
        prog="veml", description="Every version of a machine-learning lifecycle in one lineage graph, and the use of that memory.",
        epilog="A lab is a folder. Errors are one line on standard error and exit code 2.",
    )  # fmt: skip
    top.add_argument("--version", action="version", version=f"veml-lab {__version__}")
    verbs = top.add_subparsers(title="verbs", metavar="VERB")

    def verb(name: str, run: Callable, help: str, *, lab: bool = True, as_json: bool = True) -> argparse.ArgumentParser:
        p = verbs.add_parser(name, help=help, description=help[0].upper() + help[1:] + ".")
        if lab:
            p.add_argument("lab", metavar="LAB", help="folder of the lab")
        if as_json:
            p.add_argument("--json", action="store_true", help="print JSON, without progress bars")
        p.set_defaults(run=run, verb=name)
        return p

    for room in (serve, data, lifecycle, lineage, care, training, models):
        room.register(verb)
    return top


