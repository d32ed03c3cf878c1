"""Where the work of a lab runs: its setting, and what a single call asks for instead."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor

from ..errors import BadInput, ReadOnlyLab
from ..execute import Asked, Place, asked_for, place
from .results import get_result, put_result
from .store import VersionStore

_SETTING = "setting:executor"


def set_executor(store: VersionStore, kind: str, workers: int | None = None) -> None:
    """Keep with the lab where its work runs; see :meth:`veml_lab.Lab.use_executor`."""
    if store.catalog.read_only:
        raise ReadOnlyLab(f"{store.folder} is open read-only; open it with veml_lab.open(path) to set its executor")
    kind, workers = asked_for(kind if workers is None else (kind, workers))
    put_result(store, _SETTING, "setting", {"kind": kind, "workers": workers})


def executor_setting(store: VersionStore) -> tuple[str, int] | None:
    """What :func:`set_executor` kept, or None."""
    kept = get_result(store, _SETTING)
    return (kept["kind"], kept["workers"]) if kept else None


@contextlib.contextmanager
def working_place(
    store: VersionStore, asked: Asked | None, *, default: tuple[str, int] = ("inline", 1), seeds: bool = False
) -> Iterator[Place]:
    """The executor that a call asks for, else the lab's, else the default that was measured as best for such work.

    Parameters
    ----------
    seeds
        The work seeds the random numbers of its process, as a training does: it cannot share one with others.

    Raises
    ------
    BadInput
        Threads were asked for, for work that cannot share its process. A lab's setting gives way to the default.
    """
    if asked is None:
        asked = executor_setting(store) or default
        if seeds and asked[0] == "threads":
            asked = default
    elif seeds and _threads(asked):
        raise BadInput(
            "trainings in threads would share one stream of random numbers, and none would come out again; take"
            ' "processes", or "inline" for one after the other'
        )
    with place(asked) as where:
        yield where


def _threads(asked: Asked) -> bool:
    if isinstance(asked, Executor):
        return isinstance(asked, ThreadPoolExecutor)
    return asked == "threads" or asked[0] == "threads"
