"""Tags and notes on samples: events that are added, never a change of a data version or of an annotation.

A tag belongs to the sample, so that every version that holds the sample shows it. Events lie in the table of results
under a key of their own each; one event may speak of many samples.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import BadInput, ReadOnlyLab
from .notes import checked_note, checked_tag
from .results import events_of, put_result
from .store import VersionStore

if TYPE_CHECKING:
    import datetime as dt

    from pyroaring import BitMap64

KIND = "sample event"


@dataclass(frozen=True, slots=True)
class SampleNote:
    """What was written to a sample; ``made`` is UTC."""

    made: dt.datetime
    text: str


def tags(store: VersionStore) -> dict[str, BitMap64]:
    """The samples that carry each tag now, by tag."""
    from pyroaring import BitMap64

    found: dict[str, BitMap64] = {}
    for _, event in _events(store):
        ids = BitMap64(event["samples"])
        if event["what"] == "tag":
            found[event["value"]] = found.get(event["value"], BitMap64()) | ids
        elif event["what"] == "untag":
            found[event["value"]] = found.get(event["value"], BitMap64()) - ids
    return {tag: ids for tag, ids in found.items() if ids}


def tags_of(store: VersionStore, sample: int) -> tuple[str, ...]:
    """The tags of one sample, in the alphabet."""
    return tuple(sorted(tag for tag, ids in tags(store).items() if sample in ids))


def notes_of(store: VersionStore, sample: int) -> list[SampleNote]:
    """The notes of one sample, oldest first."""
    return [
        SampleNote(made, e["value"]) for made, e in _events(store) if e["what"] == "note" and sample in e["samples"]
    ]


def tag(store: VersionStore, samples: Iterable[int], name: str, *, remove: bool = False) -> int:
    """Tag samples, or take the tag off; how many of them changed."""
    from pyroaring import BitMap64

    name = checked_tag(name)
    asked, carry = BitMap64(samples), tags(store).get(name, BitMap64())
    changed = asked & carry if remove else asked - carry
    if changed:
        _add(store, changed, "untag" if remove else "tag", name)
    return len(changed)


def note(store: VersionStore, sample: int, text: str) -> None:
    """Write a free note to a sample."""
    _add(store, [sample], "note", checked_note(text))


def _events(store: VersionStore) -> list[tuple[dt.datetime, dict[str, Any]]]:
    return events_of(store, KIND)


def _add(store: VersionStore, samples: Iterable[int], what: str, value: str) -> None:
    if store.catalog.read_only:
        raise ReadOnlyLab(f"{store.folder} is open read-only: its samples can be neither tagged nor noted on")
    if not (ids := [int(i) for i in samples]):
        raise BadInput(f"a {what} needs a sample")
    put_result(store, f"{KIND}:{uuid.uuid4().hex}", KIND, {"samples": ids, "what": what, "value": value})
