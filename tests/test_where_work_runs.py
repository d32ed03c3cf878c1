"""One executor seam: embedding, similarity, search and race ask it, and the answer does not depend on it."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

import veml_lab as veml
from veml_lab.embeddings import embed, torchvision_embedder
from veml_lab.errors import BadInput, LabelsWanted, ReadOnlyLab, UnknownName
from veml_lab.execute import InlineExecutor, executor, place
from veml_lab.lifecycle.similarity import similarity
from veml_lab.tuning.study import search
from veml_lab.versions.samples import id_array
from veml_lab.versions.where import executor_setting, working_place

HYPER = {"epochs": 1, "batch_size": 16, "lr": 1e-2}


class Counting(InlineExecutor):
    """Runs here and remembers what it was given."""

    def __init__(self, workers=1):
        self._max_workers, self.given = workers, []

    def submit(self, fn, /, *args, **kwargs):
        self.given.append((fn, args))
        return super().submit(fn, *args, **kwargs)


class Open(Counting):
    """Also counts how many calls have been submitted whose result nobody has asked for."""

    def __init__(self, workers):
        super().__init__(workers)
        self.now = self.most = 0

    def submit(self, fn, /, *args, **kwargs):
        future, pool = super().submit(fn, *args, **kwargs), self
        self.now += 1
        self.most = max(self.most, self.now)
        result = future.result

        def asked(timeout=None):
            pool.now -= 1
            return result(timeout)

        future.result = asked
        return future


@pytest.fixture(scope="module")
def processes():
    """Two processes for the whole file: each imports torch once."""
    with executor("processes", 2) as pool:
        yield pool


@pytest.fixture
def lab(fresh, digits_lab):
    return fresh(digits_lab)


def embedder():
    return torchvision_embedder("squeezenet1_1", weights="random", size_px=32)


def pictures(tmp_path, n=3):
    """A lab with some drawn pictures that nothing has embedded yet."""
    lab = veml.open(tmp_path / "lab")
    for i in range(n):
        lab.add(f"set {i}", veml.road_world("clear-city", 70 + i, seed=i, size=(64, 48), test_share=0), progress=False)
    return lab


def test_embedding_reads_where_it_is_told_and_gives_the_same_vectors(tmp_path, processes):
    lab, e = pictures(tmp_path, 1), embedder()
    expected = np.concatenate([e.embed(lab["set 0"], [i]) for i in range(70)])
    for asked in (processes, Counting(), ("threads", 3), "inline"):
        again = embedder()
        again.fingerprint += f"-{type(asked).__name__}{asked}".replace(" ", "")[:40].translate(
            str.maketrans("<>,'()", "------")
        )
        np.testing.assert_allclose(embed(lab["set 0"], again, executor=asked, progress=False), expected, atol=1e-4)
        if isinstance(asked, Counting):
            assert len(asked.given) == 2  # 70 samples in batches of 64


def test_similarity_is_the_same_wherever_core_sets_are_chosen(tmp_path, processes):
    lab, e = pictures(tmp_path), embedder()
    versions = [lab[f"set {i}"] for i in range(3)]
    here = similarity(versions, embedder=e, k=3, seed=1, starts=2, progress=False)
    count = Counting()
    lab2 = pictures(tmp_path / "again")
    versions = [lab2[f"set {i}"] for i in range(3)]
    there = similarity(versions, embedder=e, k=3, seed=1, starts=2, executor=processes, progress=False)
    assert there.measures == here.measures and there.core == here.core
    similarity(versions, embedder=e, k=4, seed=1, starts=2, executor=count, progress=False)
    assert len(count.given) == 3 * 2 * 2  # sets, starts, the paper's and the robust core set


def test_a_search_in_two_processes_trains_what_it_was_told_and_its_trials_are_in_the_lab(lab, processes):
    plan = veml.plan(lab["tiny"], lab["digits"], name="spread", **HYPER)
    space, donors = {"lr": [1e-3, 1e-2]}, [{"lr": 1e-3}, {"lr": 1e-2}]
    found = search(plan, lab, space, trials=2, donors=donors, executor=processes, progress=False)
    assert [t.plan["hyper"]["lr"] for t in found.trials] == [1e-3, 1e-2]
    assert all(t.name in lab for t in found.trials)
    again = Counting()
    here = search(plan, lab, space, trials=2, donors=donors, executor=again, progress=False)
    assert [t.id for t in here.trials] == [t.id for t in found.trials], "the same inputs are trained once"
    assert len(again.given) == 2


def test_two_trials_are_on_their_way_at_once_and_told_in_their_order(lab):
    plan = veml.plan(lab["tiny"], lab["digits"], name="two", **HYPER)
    plan = replace(plan, hyper={**plan.hyper, "epochs": 3})
    donors = [{"lr": 1e-2}, {"lr": 1e-3}, {"lr": 3e-3}]
    space, pool = {"lr": [1e-2, 1e-3, 3e-3]}, Open(workers=2)
    found = search(plan, lab, space, trials=3, pruner="median", donors=donors, executor=pool, progress=False)
    assert [t.plan["hyper"]["lr"] for t in found.trials] == [1e-2, 1e-3, 3e-3] and pool.most == 2
    rates = [args[1].hyper["lr"] for _, args in pool.given]  # rungs of one and three epochs, two trials by turns
    assert rates == [1e-2, 1e-3, 1e-2, 1e-3, 3e-3, 3e-3]


def test_a_race_asks_the_executor_for_every_runner_of_every_round(lab):
    to = lab["bright"]
    plans = [veml.transfer(lab["first"], to, hyper={"lr": rate}, name=f"at {rate}") for rate in (1e-2, 1e-3)]
    plans.append(veml.transfer(lab["first"], to, hyper={"lr": 3e-3}, name="at 3e-3"))
    pool = Open(workers=2)
    veml.race(plans, scratch=False, epochs=2, keep=0.3, executor=pool, progress=False)
    assert len(pool.given) == 3 + 1 and pool.most == 2


def test_trainings_do_not_share_a_process(lab):
    plan = veml.plan(lab["tiny"], lab["digits"], name="shared", **HYPER)
    for asked in ("threads", ("threads", 2), ThreadPoolExecutor(1)):
        with pytest.raises(BadInput, match="share one stream of random numbers"):
            search(plan, lab, {"lr": [1e-2]}, trials=1, executor=asked, progress=False)


def test_the_lab_keeps_where_its_work_runs_and_a_call_may_say_otherwise(lab):
    assert executor_setting(lab.store) is None
    with working_place(lab.store, None, default=("threads", 2)) as where:
        assert where.workers == 2 and isinstance(where.pool, ThreadPoolExecutor)
    lab.use_executor("threads", 3)
    assert executor_setting(veml.open(lab.path).store) == ("threads", 3)
    with working_place(lab.store, None) as where:
        assert where.workers == 3
    with working_place(lab.store, "inline") as where:
        assert where.workers == 1 and isinstance(where.pool, InlineExecutor)
    with working_place(lab.store, None, seeds=True) as where:
        assert isinstance(where.pool, InlineExecutor), "a lab's threads are for what can share a process"


def test_a_setting_that_makes_no_sense_is_refused(lab):
    with pytest.raises(UnknownName, match="known: processes"):
        lab.use_executor("process")
    with pytest.raises(BadInput, match="workers is a number of at least 1, got 0"):
        lab.use_executor("processes", 0)
    with pytest.raises(ReadOnlyLab, match="to set its executor"):
        veml.open(lab.path, read_only=True).use_executor("inline")
    assert executor_setting(lab.store) is None


def test_an_executor_that_was_open_stays_open():
    with ThreadPoolExecutor(2) as pool:
        with place(pool) as where:
            assert where.pool is pool and where.workers == 2
        assert pool.submit(abs, -1).result(10) == 1
    with place(("inline", 5)) as where:
        assert where.workers == 1  # one after the other, whatever was asked
    with pytest.raises(RuntimeError):
        where.pool.submit(abs, -1)


def test_a_version_travels_as_the_place_where_it_lies(lab, processes):
    version = lab["digits"]
    assert len(pickle.dumps(version)) < 5_000
    assert processes.submit(len, version).result(120) == 80
    back = processes.submit(same, version).result(120)
    assert back == version and id_array(back).tolist() == id_array(version).tolist()


def same(version):
    return version


def test_an_error_that_carries_something_comes_back_with_it():
    error = pickle.loads(pickle.dumps(LabelsWanted("label these", request=["a", 1])))
    assert str(error) == "label these" and error.request == ["a", 1]
