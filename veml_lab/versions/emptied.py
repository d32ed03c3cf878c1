"""Pictures whose annotations were all left out by their import: which of a version's samples they are.

A picture without annotations may be one on which nothing is to be seen, and teaches as much; one that lost them is not
labelled at all. The set stands on the node of each version, so that what is derived from it counts right.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyroaring import BitMap64

    from .samples import SampleSet


def emptied_props(ids: BitMap64) -> dict[str, Any]:
    """What the node of a version says of them; nothing where there are none."""
    if not ids:
        return {}
    same = ids.copy()
    same.run_optimize()
    return {"emptied": len(ids), "emptied_ids": base64.b64encode(same.serialize()).decode("ascii")}


def emptied_ids(props: Mapping[str, Any]) -> BitMap64:
    """The samples of which the properties of a node say so; empty where an earlier lab noted only how many."""
    from pyroaring import BitMap64

    said = props.get("emptied_ids")
    return BitMap64.deserialize(base64.b64decode(said)) if said else BitMap64()


def emptied_in(version: SampleSet, others: Sequence[SampleSet], ids: BitMap64, *, merged: bool) -> dict[str, Any]:
    """What a version says that is derived from these.

    Parameters
    ----------
    merged
        Each sample is read as its own version reads it; else all are read as ``version`` does. A sample that one of
        several versions has annotated since is not lost any more.
    """
    base = version.node.props
    if "emptied" in base and "emptied_ids" not in base:  # an earlier lab: of a part nobody knows
        return {"emptied": base["emptied"]} if ids == version.ids else {}
    lost = emptied_ids(base)
    for other in others if merged else ():
        theirs = emptied_ids(other.node.props)
        lost = (lost & theirs) | (lost - other.ids) | (theirs - version.ids)
    return emptied_props(lost & ids)
