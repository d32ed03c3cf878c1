"""Where work runs: one seam, ``submit(fn, *args) -> Future``, and its in-process references.

``inline`` runs at once in the caller (the reference, for tests and debugging); ``threads`` overlaps
work that releases the GIL, such as decoding images beside a forward pass; ``processes`` is for the
rest. All three are :class:`concurrent.futures.Executor`, so nothing here is our own invention.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

from ..errors import UnknownName


class InlineExecutor(Executor):
    """Runs each call when it is submitted."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future:
        future: Future = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as e:
            future.set_exception(e)
        return future


def executor(kind: str, workers: int = 2) -> Executor:
    """``"inline"``, ``"threads"`` or ``"processes"`` with that many workers.

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
    raise UnknownName.of("executor", kind, ("inline", "threads", "processes"))


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
