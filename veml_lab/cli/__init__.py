"""The verbs on the command line: ``veml VERB LAB ...``, each with ``--json`` where something is printed."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import textwrap
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from .. import __version__
from ..errors import UnknownName, VemlError
from ..storage.failures import sentence
from . import care, cases, common, labelling, lifecycle, lineage, look, models, serve, settings, train, training
from . import data_versions as data

# What belongs together on the first page of help; a verb that is in no group stands under "more".
GROUPS = {
    "begin": "demo lab dashboard publish",
    "bring data in, take it out": "look add update annotate report export",
    "data versions": (
        "versions stats compare diff delta filter sample split merge intersect subtract prepare tag note replay"
    ),
    "what is alike, what has moved": "embedder similar drift",
    "train": "train config transfer race jobs models errors batch seen reproduce backends",
    "deploy and go on": "deploy badcases cases advise rebuild label label-pull label-accept",
    "lineage": "lineage how path origin impact seen-by uses-file made-from changed",
    "look after a lab": "check backup vacuum cache sql",
}

EXPLAINED = ("drift", "similar", "train", "transfer")  # verbs that can say beforehand what they reuse


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
        if getattr(args, "moved", []):
            common.settle_moved(args)
        if getattr(args, "explain", False):
            from ..intermediates.explanation import explain

            result: Any = explain(lambda: args.run(args))
        else:
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
    except OSError as e:  # what the system refused in a place that does not say it itself
        print("veml:", sentence(e, done="used"), file=sys.stderr)
        return 2
    finally:
        warnings.formatwarning = before
    if result is not None:
        try:
            _print(result, getattr(args, "json", False))
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return int(getattr(result, "exit_code", 0))  # a check that found something wrong


def _plain_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """A warning as one line for people: what was skipped or repaired, not which line of ours says so."""
    return f"veml: {' '.join(str(message).split())}\n"


def _print(result: Any, as_json: bool) -> None:
    if as_json:
        value = result.to_dict() if hasattr(result, "to_dict") else result
        print(json.dumps(value, indent=2, ensure_ascii=False))
    else:
        print(result if isinstance(result, str) else repr(result))


class _Parser(argparse.ArgumentParser):
    """Answers a misspelt verb with the nearest ones, as everything else is answered."""

    def error(self, message: str) -> NoReturn:
        wrong = re.match(r"argument VERB: invalid choice: '(.*?)' \(choose from (.*)\)", message)
        if wrong:
            names = re.findall(r"[\w-]+", wrong[2])
            self.exit(2, f"veml: {UnknownName.of('verb', wrong[1], names, 'veml --help says what each does')}\n")
        super().error(message)


def make_parser() -> argparse.ArgumentParser:
    """All commands with their help."""
    top = _Parser(
        prog="veml",
        description="Every version of a machine-learning lifecycle in one lineage graph, and the use of that memory.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="veml VERB LAB ... (veml VERB --help says what a verb takes)",
    )
    top.add_argument("--version", action="version", version=f"veml-lab {__version__}")
    verbs = top.add_subparsers(prog="veml", metavar="VERB", help=argparse.SUPPRESS)
    said: dict[str, str] = {}

    def verb(name: str, run: Callable, help: str, *, lab: bool = True, as_json: bool = True) -> argparse.ArgumentParser:
        said[name] = help
        p = verbs.add_parser(name, description=help[0].upper() + help[1:] + ".")  # without help: the epilog lists it
        if lab:
            p.add_argument("lab", metavar="LAB", help="folder of the lab")
            p.add_argument(
                "--moved",
                action="append",
                default=[],
                metavar="OLD=NEW",
                help="a folder of pictures that were imported in their place lies elsewhere now (kept with the lab)",
            )
        if as_json:
            p.add_argument("--json", action="store_true", help="print JSON, without progress bars")
        p.set_defaults(run=run, verb=name)
        return p

    for room in (serve, look, data, train, lifecycle, labelling, cases, lineage, care, training, settings, models):
        room.register(verb)
    for name in EXPLAINED:
        verbs.choices[name].add_argument(
            "--explain", action="store_true", help="only say what is reused, what is computed, and how long that takes"
        )
    top.epilog = _first_page(said)
    return top


def _first_page(said: Mapping[str, str]) -> str:
    """All verbs in their groups, a line or two each."""
    wide = max(map(len, said))
    groups = {title: [n for n in names.split() if n in said] for title, names in GROUPS.items()}
    more = [n for n in said if not any(n in names for names in groups.values())]
    lines = []
    for title, names in (groups | {"more": more}).items():
        if names:
            lines.append(f"\n{title}:")
            for n in names:
                lines += textwrap.wrap(
                    said[n], 104, initial_indent=f"  {n:<{wide}}  ", subsequent_indent=" " * (wide + 4)
                )
    return "\n".join(
        [
            *lines,
            "",
            "A lab is a folder; the first veml add makes it. Errors are one line on standard error and exit code 2.",
            "The same in Python: import veml_lab; help(veml_lab)",
        ]
    )
