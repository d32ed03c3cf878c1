"""Results that were computed once: similarity matrices, drift reports, rebuild tables, by content key."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from ..catalog import Change
from ..catalog.catalog import now
from .store import VersionStore, dumps


def get_result(store: VersionStore, key: str) -> dict[str, Any] | None:
    """The stored value, or None."""
    rows = store.catalog.read("result", key=key).to_pylist()
    return json.loads(rows[0]["value"]) if rows else None


def put_result(store: VersionStore, key: str, kind: str, value: dict[str, Any]) -> None:
    """Keep a JSON-able value; a lab that is open read-only keeps nothing and still answers."""
    if not store.catalog.read_only:
        store.catalog.commit([result_change(key, kind, value)])


def result_change(key: str, kind: str, value: dict[str, Any]) -> Change:
    """The change that keeps a value, for a commit that does more."""
    return Change("put_result", {"key": key, "kind": kind, "made": now(), "value": dumps(value)})


def results_of(store: VersionStore, kind: str) -> list[tuple[dt.datetime, dict[str, Any]]]:
    """All results of a kind, oldest first."""
    rows = store.catalog.read("results", kind=kind).to_pylist()
    return [(r["made"], json.loads(r["value"])) for r in rows]


def events_of(store: VersionStore, kind: str) -> list[tuple[dt.datetime, dict[str, Any]]]:
    """What was kept under a key of its own each time, in the order in which it came, whatever the clock said."""
    rows = store.catalog.read("result_events", kind=kind).to_pylist()
    return [(r["made"], json.loads(r["value"])) for r in rows]
