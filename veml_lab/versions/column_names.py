"""What columns of samples are called: the lab's own, and those of the data beside them."""

from __future__ import annotations

from collections.abc import Iterable

# Columns of the sample itself; a column of the data that is called so is found as name_ (see `own_names`).
FIXED = ("id", "uri", "kind", "width", "height", "role", "label", "labels")


def own_names(names: Iterable[str], besides: Iterable[str] = ()) -> dict[str, str]:
    """What the data's own columns are called beside the lab's: ``id`` is ``id_``, since ``id`` is the sample's.

    ``besides`` are further names that are taken.

    Compared without case, as a condition does. Exports have the names of the data.

    >>> own_names(["ID", "x", "x_", "id"])
    {'ID': 'ID_', 'x': 'x', 'x_': 'x_', 'id': 'id__'}
    """
    names = list(names)
    kept = {*FIXED, *(n.lower() for n in besides)}
    taken = {*kept, *(n.lower() for n in names)}
    out = {}
    for name in names:
        shown = name
        while shown.lower() in kept or (shown != name and shown.lower() in taken):
            shown += "_"
        taken.add(shown.lower())
        out[name] = shown
    return out


def free_of(name: str, taken: Iterable[str]) -> str:
    """``name``, with underscores behind it until no column is called so, in any case."""
    used = {t.lower() for t in taken}
    while name.lower() in used:
        name += "_"
    return name
