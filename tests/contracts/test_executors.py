"""What every executor keeps: results in order, errors to the caller, no more in the making than asked."""

from __future__ import annotations

import operator
import threading
import time

import pytest

from veml_lab.errors import UnknownName
from veml_lab.execute import ahead, executor
from veml_lab.execute.memory import keep_freed_memory


@pytest.fixture(scope="module", params=["inline", "threads", "processes"])
def pool(request):
    with executor(request.param, 2) as e:
        yield e


def test_a_call_gives_its_result(pool):
    assert pool.submit(operator.add, 2, 3).result(60) == 5
    assert list(pool.map(abs, [-1, 2, -3])) == [1, 2, 3]


def test_an_error_comes_to_who_asks_for_the_result_and_the_next_call_works(pool):
    future = pool.submit(operator.truediv, 1, 0)
    assert isinstance(future.exception(60), ZeroDivisionError)
    assert pool.submit(abs, -1).result(60) == 1


def test_ahead_keeps_the_order(pool):
    assert list(ahead(pool, abs, [-3, 1, -2, 5, -4], depth=2)) == [3, 1, 2, 5, 4]
    assert list(ahead(pool, abs, [])) == []


def test_ahead_raises_at_the_item_that_failed(pool):
    found = ahead(pool, int, ["1", "2", "x", "4"])
    assert [next(found), next(found)] == [1, 2]
    with pytest.raises(ValueError, match="x"):
        next(found)


def test_ahead_has_no_more_in_the_making_than_depth():
    running, most, lock = 0, 0, threading.Lock()

    def work(i: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.002)
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
