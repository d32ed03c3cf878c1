"""What people say and do about cases: one event each, and of two who close a case at once the second is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..errors import BadInput, UnknownName
from ..versions.case_states import FUNCTION, LEVELS, SAID, STATES, heard
from ..versions.cases import NewEvent, case_rows, checked_text, keep, user
from ..versions.store import VersionStore

DECIDES = ("state", "merge", "unmerge")  # what two people cannot both mean at once; tags and notes they can
TRIES = 20


def say(
    store: VersionStore,
    cases: Iterable[str],
    what: str,
    value: str = "",
    *,
    why: str = "",
    who: str = "",
    seen: int | None = None,
) -> list[str]:
    """Write an event to each case, all in one commit; cases of which it holds already get none.

    Parameters
    ----------
    seen
        How many events the lab had when the caller looked: a decision of somebody else about one of the cases since
        then stops this one.

    Returns
    -------
    list of str
        The cases that changed.

    Raises
    ------
    BadInput
        Somebody else decided something about one of the cases meanwhile; nothing is written.
    """
    why, who = checked_text("why", why), who.strip() or user()
    wanted = list(dict.fromkeys(cases))
    for _ in range(TRIES):
        rows = case_rows(store).events.to_pylist()
        mine = set(wanted)
        of: dict[str, list[dict[str, Any]]] = {}
        for e in rows:
            if e["case_id"] in mine:
                of.setdefault(e["case_id"], []).append(e)
        if what in DECIDES and seen is not None:
            _refuse_if_decided([e for e in rows[seen:] if e["case_id"] in mine], value, who)
        changed = [c for c in wanted if _changes(of.get(c, []), what, value)]
        events = [NewEvent(c, len(of.get(c, ())) + 1, what, value, why, who) for c in changed]
        if not events:
            return []
        try:
            keep(store, events=events)
            return changed
        except BadInput:  # the number was taken since we looked: look again at who took it
            if len(case_rows(store).events) == len(rows):
                raise
    raise BadInput(f"these cases change faster than an event can be written ({TRIES} tries); try again")


def _refuse_if_decided(since: Sequence[dict[str, Any]], value: str, who: str) -> None:
    for e in since:
        if e["what"] in DECIDES and e["who"] != who and e["value"] != value:
            done = {"state": f"set to {e['value'] or 'open'!r}", "merge": f"merged into {e['value']}"}
            raise BadInput(
                f"the case {e['case_id']} was {done.get(e['what'], 'taken out of a merge')} by {e['who']} since you"
                f" looked{': ' + e['why'] if e['why'] else ''}; look again (lab.cases()) and decide then"
            )


def _changes(before: Sequence[dict[str, Any]], what: str, value: str) -> bool:
    """Whether an event would change what the events before it say."""
    if not before or what == "note":
        return bool(value)
    return heard(before) != heard([*before, {**before[0], "what": what, "value": value}])


def checked_state(state: object) -> str:
    """A state that a person may set.

    Raises
    ------
    UnknownName
        No such state.
    BadInput
        One that is computed.
    """
    if state in SAID:
        return str(state)
    if state in STATES:
        how = {
            "new": "open a closed case again with reopen()",
            "duplicate": "merge the case into the other: case.merge(other)",
        }
        do = how.get(
            str(state),
            "it follows from the lineage graph: report what a later version gets wrong, and what it gets right",
        )
        raise BadInput(f"{state!r} is not set by hand: {do}")
    raise UnknownName.of("state", state, SAID)


def checked_level(level: object) -> str:
    """A priority that a case may be pinned to; "" takes the pin off."""
    if level in (*LEVELS, ""):
        return str(level)
    raise UnknownName.of("priority", level, LEVELS)


def weigh(store: VersionStore, function: str, weight: float, *, why: str = "", who: str = "") -> None:
    """Give a function of the system a weight in the priority of its cases; 1 is the usual one.

    Raises
    ------
    BadInput
        The weight is not a number above 0.
    UnknownName
        No case has that function.
    """
    if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < float("inf"):
        raise BadInput(f"a weight is a number above 0, 1 is the usual one; got {weight!r}")
    known = functions_of(store)
    if function not in known:
        raise UnknownName.of("function", function, known)
    say(store, [FUNCTION + function], "weight", str(float(weight)), why=why, who=who)


def functions_of(store: VersionStore) -> list[str]:
    """The functions of the system that cases were reported under, in the order in which they came."""
    rows = case_rows(store)
    return list(dict.fromkeys([*rows.cases["function"].to_pylist(), *rows.runs["function"].to_pylist()]))


def merge(
    store: VersionStore,
    case: str,
    into: str,
    root_of: Callable[[str], str],
    *,
    reason: str,
    who: str = "",
    seen: int | None = None,
) -> None:
    """Say that a case is a duplicate of another; its occurrences count there from now on.

    Raises
    ------
    BadInput
        It is the same case, or the other is (in the end) merged into this one.
    """
    if not reason.strip():
        raise BadInput("a merge names its reason, so that it can be understood later: reason='the same scene'")
    if root_of(into) == root_of(case):
        same = "itself" if case == into else f"{into}, with which it is one case already"
        raise BadInput(f"the case {case} cannot be merged with {same}")
    say(store, [root_of(case)], "merge", root_of(into), why=reason, who=who, seen=seen)
