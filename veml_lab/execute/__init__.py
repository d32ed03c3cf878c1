"""Where work runs: one seam, ``submit(fn, *args) -> Future``, and its in-process references.

``inline`` runs at once in the caller (the reference, for tests and debugging); ``threads`` overlaps
work that releases the GIL, such as decoding images beside a forward pass; ``processes`` is for the
rest. All three are :class:`concurrent.futures.Executor`, so nothing here is our own invention. Another package adds
one by an entry point ``veml_lab.executors``: a callable that takes ``workers`` and gives such an executor; what it is
given can be pickled.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from .. import _plugins
from ..errors import BadInput, UnknownName

OURS = ("inline", "threads", "processes")


class InlineExecutor(Executor):
    """Runs each call when it is submitted."""

    _closed = False

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future:
        if self._closed:
            raise RuntimeError("cannot schedule new futures after shutdown")  # as the executors of the standard library
        future: Future = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as e:
            future.set_exception(e)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._closed = True


def executor(kind: str, workers: int = 2) -> Executor:
    """``"inline"``, ``"threads"``, ``"processes"`` or one of another package, with that many workers.

    >>> with executor("inline") as e:
    ...     e.submit(max, 2, 3).result()
    3
    """
    if kind == "inline":
        return InlineExecutor()
    if kind == "threads":
        return ThreadPoolExecutor(workers)
    if kind == "processes":
        import multiprocessing

        # spawn: torch and DuckDB hold threads that do not survive a fork
        return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    return plugged(kind)(workers)


def plugged(kind: str) -> Callable[[int], Executor]:
    """What makes the executor that another package adds under that name."""
    make = _plugins.load("executors", kind, OURS)
    if make is None:
        raise UnknownName.of("executor", kind, [*OURS, *_plugins.plug_ins("executors", OURS)])
    return make


Asked = str | tuple[str, int] | Executor
"""How an executor is asked for: by name, by name with a number of workers, or as it is (then it stays open)."""


@dataclass(frozen=True)
class Place:
    """An executor that is open, and how many calls it runs at once."""

    pool: Executor
    workers: int


@contextlib.contextmanager
def place(asked: Asked) -> Iterator[Place]:
    """Open what was asked for; closed again at the end, unless it was open before.

    >>> with place(("threads", 3)) as where:
    ...     where.workers, list(where.pool.map(abs, [-1, 2]))
    (3, [1, 2])
    """
    if isinstance(asked, Executor):
        yield Place(asked, max(1, getattr(asked, "_max_workers", 1)))
        return
    kind, workers = asked_for(asked)
    with executor(kind, workers) as pool:
        yield Place(pool, workers)


def asked_for(asked: str | tuple[str, int]) -> tuple[str, int]:
    """The name and the number of workers, checked; by default one worker a core, and one for ``inline``."""
    kind, workers = asked if isinstance(asked, tuple) else (asked, None)
    if kind not in OURS:
        plugged(kind)
    if workers is None:
        workers = 1 if kind == "inline" else os.cpu_count() or 1
    if not isinstance(workers, int) or isinstance(workers, bool) or workers < 1:
        raise BadInput(f"workers is a number of at least 1, got {workers!r}")
    return kind, 1 if kind == "inline" else workers


def ahead(pool: Executor, fn: Callable[[Any], Any], items: Iterable[Any], depth: int = 2) -> Iterator[Any]:
    """``map`` that keeps ``depth`` results in the making, in order, and never more in memory.

    >>> list(ahead(InlineExecutor(), str, [1, 2, 3]))
    ['1', '2', '3']
    """
    waiting: list[Future] = []
    try:
        for item in items:
            waiting.append(pool.submit(fn, item))
            if len(waiting) > depth:
                yield waiting.pop(0).result()
        while waiting:
            yield waiting.pop(0).result()
    finally:
        for f in waiting:
            f.cancel()
