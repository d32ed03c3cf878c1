"""No more in the making than asked, and names; what every executor keeps is in ``veml_lab.testing.executors``."""

from __future__ import annotations

import threading

import pytest
from patience import PATIENCE_S

from veml_lab.errors import UnknownName
from veml_lab.execute import ahead, executor
from veml_lab.execute.memory import keep_freed_memory


def test_ahead_has_no_more_in_the_making_than_depth():
    running, most, lock, together = 0, 0, threading.Lock(), threading.Event()

    def work(i: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
            if running > 1:
                together.set()
        together.wait(PATIENCE_S)  # the first waits until a second runs beside it
        with lock:
            running -= 1
        return i

    asked: list[int] = []

    def items():
        for i in range(20):
            asked.append(i)
            yield i

    with executor("threads", 8) as e:
        for got in ahead(e, work, items(), depth=3):
            assert len(asked) - got <= 4 + 1  # what is asked for runs at most depth + 1 before what is handed out
    assert 1 < most <= 4


def test_an_unknown_executor_is_answered_with_the_known():
    with pytest.raises(UnknownName, match="inline, threads, processes"):
        executor("cluster")


def test_keeping_freed_memory_says_whether_it_could():
    assert keep_freed_memory() in (True, False)
    assert keep_freed_memory() is keep_freed_memory()
