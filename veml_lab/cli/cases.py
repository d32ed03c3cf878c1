"""Bad cases on the command line: list, count, report, change."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from .common import open_lab

if TYPE_CHECKING:
    from ..lab import Lab

# what is done, what follows the lab, and the options that it reads
ACTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "list": ("", ("where", "text", "weekly", "statistics", "duplicates", "top", "csv")),
    "report": ("SHEET.csv", ("function", "source", "new_function")),
    "solve": ("ID ...", ("as_state", "why")),
    "confirm": ("ID ...", ("why",)),
    "reopen": ("ID ...", ("why",)),
    "merge": ("ID INTO", ("why",)),
    "unmerge": ("ID", ("why",)),
    "pin": ("ID ...", ("priority", "why")),
    "test": ("NAME", ("where", "train")),
}
_OPTIONS = sorted({o for _, options in ACTIONS.values() for o in options})


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """Add this room's verb to the parser."""
    p = verb("cases", _cases, "list the bad cases of a lab, report some, say what becomes of them", lab=False)
    said = "; ".join(f"{a} LAB {follows}".strip() for a, (follows, _) in ACTIONS.items() if a != "list")
    p.add_argument(
        "words", nargs="+", metavar="[ACTION] LAB", help=f"the lab alone lists its cases; or an action first: {said}"
    )
    p.add_argument("--where", metavar="CONDITION", help="only these, e.g. \"function = 'signs' AND status = 'new'\"")
    p.add_argument("--text", metavar="WORDS", help="only cases in which all these words occur")
    p.add_argument("--weekly", action="store_true", help="count their occurrences by week")
    p.add_argument("--statistics", action="store_true", help="count them by function, class, kind, source, status")
    p.add_argument("--duplicates", action="store_true", help="pairs that may be one case")
    p.add_argument("--top", type=int, metavar="N", help="only the N most pressing")
    p.add_argument("--csv", metavar="FILE", help="write them as a sheet")
    p.add_argument("--function", metavar="NAME", help="report: function of rows that have none")
    p.add_argument("--source", metavar="NAME", help="report: who reports (default: the sheet's name)")
    p.add_argument("--new-function", action="store_true", help="report: names of functions are meant as written")
    p.add_argument("--as", dest="as_state", metavar="STATE", help="solve: 'label error' or 'will not fix'")
    p.add_argument("--priority", metavar="LEVEL", help="pin: high, medium, low, or '' to take the pin off")
    p.add_argument(
        "--train", metavar="HOW", help="test: refuse (default), 'leave out' or 'take out' what was learned from"
    )
    p.add_argument("--why", metavar="TEXT", help="the reason, kept in the history; a merge needs one")


def _cases(args: argparse.Namespace) -> Any:
    action, words = (args.words[0], args.words[1:]) if args.words[0] in ACTIONS else ("list", args.words)
    follows, options = ACTIONS[action]
    if not words:
        raise BadInput(f"which lab? veml cases {action} LAB {follows}".strip())
    others = [o for o in _OPTIONS if o not in options]
    shown = {"as_state": "as"}
    for o in others:
        if getattr(args, o) not in (None, False):
            raise BadInput(f"--{shown.get(o, o).replace('_', '-')} is not read by veml cases {action}; leave it out")
    args.lab, rest = words[0], words[1:]
    lab = open_lab(args, read_only=action == "list")
    return (_list if action == "list" else _report if action == "report" else _change)(lab, action, rest, args)


def _list(lab: Lab, _action: str, rest: list[str], args: argparse.Namespace) -> Any:
    from ..lifecycle.case_sheet import write_sheet

    if rest:
        raise BadInput(
            f"veml cases LAB takes no further word; got {rest[0]!r}. To do something: veml cases ACTION LAB ..."
        )
    found = lab.cases(args.where, text=args.text or "")
    if args.top is not None:
        if args.top < 1:
            raise BadInput(f"--top is at least 1; got {args.top}")
        found = found.first(args.top)
    if sum((args.weekly, args.statistics, args.duplicates, bool(args.csv))) > 1:
        raise BadInput("--weekly, --statistics, --duplicates and --csv: choose one of them")
    if args.csv:
        written = str(write_sheet(found, args.csv))
        return {"written": written, "n": len(found)} if args.json else f"{len(found):,} cases: {written}"
    if args.weekly:
        return found.weekly()
    if args.statistics:
        return found.statistics()
    return found.duplicates() if args.duplicates else found


def _report(lab: Lab, _action: str, rest: list[str], args: argparse.Namespace) -> Any:
    from ..lifecycle.case_sheet import report_sheet

    if len(rest) != 1:
        raise BadInput("veml cases report LAB SHEET.csv: give one CSV file with columns sample, said, truth, function")
    return report_sheet(
        lab.store, rest[0], function=args.function or "", source=args.source or "", new_function=args.new_function
    )


def _change(lab: Lab, action: str, rest: list[str], args: argparse.Namespace) -> Any:
    from ..lifecycle.cases import case_of, some_cases

    why = args.why or ""
    if action in ("merge", "unmerge", "test"):
        wanted = 2 if action == "merge" else 1
        if len(rest) != wanted:
            raise BadInput(f"veml cases {action} LAB {ACTIONS[action][0]}: got {len(rest)} words after the lab")
        if action == "test":
            made = lab.cases(args.where).to_test(rest[0], train=args.train or "refuse")
            return {"name": made.name, "n": len(made)} if args.json else made
        case = case_of(lab.store, rest[0])
        return case.merge(case_of(lab.store, rest[1]), why) if action == "merge" else case.unmerge(why)
    if not rest:
        raise BadInput(f"which cases? veml cases {action} LAB {ACTIONS[action][0]}; veml cases LAB lists their IDs")
    found = some_cases(lab.store, rest)
    if action == "solve":
        if args.as_state is None:
            raise BadInput("as what are they closed? --as 'label error' or --as 'will not fix'")
        return found.solve(args.as_state, why)
    if action == "pin":
        if args.priority is None:
            raise BadInput("at which priority? --priority high, medium, low, or '' to take the pin off")
        return found.pin(args.priority, why)
    return found.confirm(why) if action == "confirm" else found.reopen(why)
