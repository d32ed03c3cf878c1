"""What every executor keeps: results in order, errors to who asks, what waits can be cancelled."""

from __future__ import annotations

import operator
import time
from concurrent.futures import CancelledError, Executor

from ..execute import ahead, executor


class ExecutorSuite:
    """``kind`` names it; ``workers`` is how many are asked for."""

    kind: str
    workers = 2
    wait_s = 120.0

    _pool: Executor | None = None

    @property
    def pool(self) -> Executor:
        """One for the whole class: processes take seconds to start."""
        cls = type(self)
        if cls._pool is None:
            cls._pool = executor(self.kind, self.workers)
        return cls._pool

    @classmethod
    def teardown_class(cls) -> None:
        if cls._pool is not None:
            cls._pool.shutdown()
            cls._pool = None

    def test_a_call_gives_its_result(self) -> None:
        assert self.pool.submit(operator.add, 2, 3).result(self.wait_s) == 5
        assert self.pool.submit(int, "ff", base=16).result(self.wait_s) == 255

    def test_results_come_in_the_order_of_the_calls(self) -> None:
        futures = [self.pool.submit(_after, 0.05 * (3 - i), i) for i in range(4)]  # the first takes longest
        assert [f.result(self.wait_s) for f in futures] == [0, 1, 2, 3]
        assert list(self.pool.map(abs, [-1, 2, -3])) == [1, 2, 3]

    def test_an_error_comes_to_who_asks_for_the_result_and_the_next_call_works(self) -> None:
        future = self.pool.submit(operator.truediv, 1, 0)
        assert isinstance(future.exception(self.wait_s), ZeroDivisionError)
        assert self.pool.submit(abs, -1).result(self.wait_s) == 1

    def test_work_ahead_keeps_the_order_and_raises_at_the_item_that_failed(self) -> None:
        assert list(ahead(self.pool, abs, [-3, 1, -2, 5, -4], depth=2)) == [3, 1, 2, 5, 4]
        assert list(ahead(self.pool, abs, [])) == []
        found = ahead(self.pool, int, ["1", "2", "x", "4"])
        assert [next(found), next(found)] == [1, 2]
        try:
            next(found)
        except ValueError as e:
            assert "x" in str(e)
        else:
            raise AssertionError("the error of the third item did not arrive")

    def test_what_waits_can_be_cancelled_and_what_is_done_cannot(self) -> None:
        done = self.pool.submit(abs, -1)
        assert done.result(self.wait_s) == 1 and not done.cancel()
        many = [self.pool.submit(_after, 0.2, i) for i in range(8 * self.workers)]
        cancelled = [f.cancel() for f in many]
        for i, (future, was) in enumerate(zip(many, cancelled, strict=True)):
            if not was:
                assert future.result(self.wait_s) == i
                continue
            try:
                future.result(self.wait_s)
            except CancelledError:
                continue
            raise AssertionError("a cancelled call gave a result")
        assert self.pool.submit(abs, -2).result(self.wait_s) == 2

    def test_one_that_is_closed_takes_nothing_more(self) -> None:
        with executor(self.kind, 1) as pool:
            assert pool.submit(abs, -1).result(self.wait_s) == 1
        try:
            pool.submit(abs, -1)
        except RuntimeError:
            return
        raise AssertionError("it took a call after it was closed")


def _after(seconds: float, value: int) -> int:
    time.sleep(seconds)
    return value
