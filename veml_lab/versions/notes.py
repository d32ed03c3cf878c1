"""Tags and notes on frozen versions: events that are added, never a change of the version itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from ..catalog import Change
from ..catalog.catalog import now
from ..errors import BadInput, UnknownName
from .store import VersionStore

LONGEST_TAG, LONGEST_NOTE = 60, 10_000
WITHDRAWN = "withdrawn"  # the tag of a version that was a mistake: lists leave it out


@dataclass(frozen=True, slots=True)
class Event:
    """What was said about a version: ``kind`` is tag, untag or note; ``made`` is UTC."""

    node: str
    made: dt.datetime
    kind: str
    value: str


def events(store: VersionStore, node: str | None = None) -> list[Event]:
    """All events of a version (by ID), or of all, oldest first."""
    found = [Event(**r) for r in store.catalog.read("events").to_pylist()]
    return [e for e in found if node in (None, e.node)]


def tags(store: VersionStore, node: str) -> tuple[str, ...]:
    """The tags that a version carries now, in the order in which they were given."""
    found: dict[str, None] = {}
    for e in events(store, node):
        if e.kind == "tag":
            found[e.value] = None
        elif e.kind == "untag":
            found.pop(e.value, None)
    return tuple(found)


def tagged(store: VersionStore, tag: str) -> list[str]:
    """IDs of the versions that carry a tag now."""
    named = dict.fromkeys(e.node for e in events(store) if e.kind == "tag" and e.value == tag)
    return [n for n in named if tag in tags(store, n)]


def checked_tag(tag: str) -> str:
    """The tag, or an error that says what one looks like."""
    if (
        not isinstance(tag, str)
        or not tag.strip()
        or tag != tag.strip()
        or len(tag) > LONGEST_TAG
        or not tag.isprintable()
    ):
        raise BadInput(
            f"{tag!r:.80} is no usable tag: give one printable word or phrase of 1 to {LONGEST_TAG} characters"
        )
    return _encodable("tag", tag)


def checked_note(text: str) -> str:
    """The note without the space around it, or an error that says what one looks like."""
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_NOTE or "\x00" in text:
        raise BadInput(f"a note is a text of 1 to {LONGEST_NOTE:,} characters")
    return _encodable("note", text.strip())


def add_tag(store: VersionStore, node: str, tag: str) -> None:
    """Tag a version; a tag that it carries stays."""
    if checked_tag(tag) not in tags(store, node):
        _add(store, node, "tag", tag)


def remove_tag(store: VersionStore, node: str, tag: str) -> None:
    """Take a tag off; that it was there stays in the history."""
    here = tags(store, node)
    if tag not in here:
        raise UnknownName.of("tag on this version", tag, here)
    _add(store, node, "untag", tag)


def add_note(store: VersionStore, node: str, text: str) -> None:
    """Write a free note to a version."""
    _add(store, node, "note", checked_note(text))


def _encodable(kind: str, value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as e:
        raise BadInput(f"the {kind} is no valid text: {e.reason}") from e
    return value


def _add(store: VersionStore, node: str, kind: str, value: str) -> None:
    store.catalog.commit([Change("add_event", {"node": node, "made": now(), "kind": kind, "value": value})])
