"""Every engine gives the centres of float64 greedy, on data made to break ties, bounds and float32."""

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from oracles import greedy_float64

from veml_lab.geometry import greedy, nearest
from veml_lab.geometry import lazy as lazy_engine
from veml_lab.geometry.coresets import k_center_greedy
from veml_lab.geometry.lazy_torch import lazy_torch

KINDS = {
    "gauss": lambda r, n, d: r.standard_normal((n, d)).astype(np.float32),
    "grid": lambda r, n, d: r.integers(0, 3, (n, d)).astype(np.float32),  # ties everywhere
    "near ties": lambda r, n, d: (
        r.integers(0, 3, (n, d)) + 1e-8 * r.standard_normal((n, d))
    ),  # which only float64 can break
    "duplicates": lambda r, n, d: r.standard_normal((max(2, n // 10), d))[r.integers(0, max(2, n // 10), n)].astype(
        "f4"
    ),
    "offset": lambda r, n, d: r.standard_normal((n, d)).astype(np.float32) + np.float32(300),
    "narrow": lambda r, n, d: (r.standard_normal((n, d)) * 1e-3 + 1).astype(np.float32),
    "float64": lambda r, n, d: r.standard_normal((n, d)) * 1e-6 + 1,  # float32 would lose most of it
    "huge": lambda r, n, d: (r.standard_normal((n, d)) * 1e25).astype(np.float32),  # squares overflow float32
    "tiny": lambda r, n, d: (r.standard_normal((n, d)) * 1e-25).astype(np.float32),  # squares vanish in float32
    "constant": lambda r, n, d: np.ones((n, d), np.float32),
    "clusters": lambda r, n, d: (
        10 * r.standard_normal((5, d))[r.integers(0, 5, n)] + r.standard_normal((n, d))
    ).astype("f4"),
}


def on_torch(x, k, *, start):
    """The GPU's engine, run here on the CPU."""
    return lazy_torch(torch.from_numpy(x), k, start=start, work=64)


ENGINES = {"plain": greedy.plain, "compiled": greedy.compiled, "lazy": lazy_engine.lazy, "torch": on_torch}


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    n=st.integers(2, 700) | st.just(5000),
    d=st.sampled_from([1, 2, 5, 16, 40, 70]),
    k=st.integers(1, 90),
    seed=st.integers(0, 1 << 20),
    narrow=st.booleans(),
)
@example(kind="grid", n=300, d=2, k=80, seed=1, narrow=True)  # k far beyond the nine distinct points
def test_every_engine_chooses_what_float64_greedy_chooses(kind, n, d, k, seed, narrow):
    rng = np.random.default_rng(seed)
    x = KINDS[kind](rng, n, d)
    k, start = min(k, n), int(rng.integers(n))
    index, radii = greedy_float64(x, k, start)
    with pytest.MonkeyPatch.context() as patch:
        if narrow:  # a working set of a few rows: many rounds, ties across its border
            patch.setattr(lazy_engine, "WORK_BYTES", 1)
            patch.setattr(lazy_engine, "WORK_ROWS", 6)
        for name, engine in ENGINES.items():
            got = engine(x, k, start=start)
            if got is None:
                continue  # an engine may pass; the dispatcher then goes on to the next
            assert got[0].tolist() == index.tolist(), name
            np.testing.assert_allclose(got[1], radii, rtol=1e-9, atol=1e-200, err_msg=name)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    n=st.integers(60, 600),
    d=st.sampled_from([1, 3, 16, 40]),
    k=st.integers(1, 40),
    share=st.sampled_from([0.0, 0.02, 0.3]),
    seed=st.integers(0, 1 << 20),
    narrow=st.booleans(),
)
def test_skipping_and_labelled_rows_follow_their_definition_in_every_engine(kind, n, d, k, share, seed, narrow):
    rng = np.random.default_rng(seed)
    x = KINDS[kind](rng, n, d)
    before = rng.choice(n, 7, replace=False)
    skip = n - 1 - int((1 - share) * (n - 1))
    floor = ((x.astype(float)[:, None] - x.astype(float)[None, before]) ** 2).sum(-1).min(1)
    for given_before, kw in (((), {"start": 3}), (before, {"start": -1, "floor": floor})):
        index, radii = greedy_float64(x, k, 3, skip, given_before)
        for engine in (greedy.plain, lazy_engine.lazy):
            with pytest.MonkeyPatch.context() as patch:
                if narrow:
                    patch.setattr(lazy_engine, "WORK_BYTES", 1)
                    patch.setattr(lazy_engine, "WORK_ROWS", 6)
                got = engine(x, k, skip=skip, **kw)
            if got is not None:
                assert got[0].tolist() == index.tolist()
                np.testing.assert_allclose(got[1], radii, rtol=1e-12, atol=1e-200)


def test_the_dispatcher_sends_large_data_to_an_engine_that_agrees(monkeypatch):
    monkeypatch.setattr(greedy, "SMALL", 0)
    monkeypatch.setattr(greedy, "SMALL_UNCOMPILED", 0)
    rng = np.random.default_rng(3)
    for n, d in ((900, 5), (12_000, 20), (9000, 180)):  # plain loop in cache, lazy by k, lazy by size
        x = rng.standard_normal((n, d)).astype(np.float32)
        got = k_center_greedy(x, 120, start=5)
        assert got.index.tolist() == greedy_float64(x, 120, 5)[0].tolist()


def test_a_read_only_file_is_read_in_place_and_gives_the_same_centres(tmp_path):
    x = np.random.default_rng(0).standard_normal((9000, 170)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert lazy_engine.lazy(mapped, 60, start=2)[0].tolist() == greedy_float64(x, 60, 2)[0].tolist()


@pytest.mark.parametrize("engine", ENGINES)
def test_nan_and_infinite_rows_are_named_by_the_pass_that_meets_them(engine):
    x = np.ones((6000, 4), np.float32)
    x += np.arange(6000)[:, None]
    x[17, 2], x[4000, 0] = np.nan, np.inf
    with pytest.raises(ValueError, match=r"2 of 6000 rows \(rows 17, 4000\)"):
        ENGINES[engine](x, 3, start=0)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    n=st.integers(1, 900),
    d=st.sampled_from([1, 2, 5, 16, 70]),
    k=st.integers(1, 120),
    offset=st.sampled_from([0.0, 1e4]),
    wide=st.booleans(),
    seed=st.integers(0, 1 << 20),
)
@example(kind="grid", n=900, d=2, k=120, offset=0.0, wide=False, seed=1)  # every point many times
def test_the_nearest_by_float32_products_is_that_of_float64_lowest_first(kind, n, d, k, offset, wide, seed):
    rng = np.random.default_rng(seed)
    x = KINDS[kind](rng, n, d)
    x = (x + x.dtype.type(offset)).astype(np.float64 if wide else x.dtype)
    points = x[rng.integers(n, size=k)]
    if seed % 2:  # not only rows of the data themselves
        points = ((points + x[rng.integers(n, size=k)]) / 2).astype(x.dtype)
    index, distance = np.empty(n, np.int64), np.empty(n)
    assert nearest._by_product(x, points, index, distance)
    square = ((x.astype(float)[:, None] - points.astype(float)[None]) ** 2).sum(-1)
    own = square[np.arange(n), index]
    np.testing.assert_allclose(own, square.min(1), rtol=1e-13, atol=0)  # the sums may differ in the last bits only
    np.testing.assert_allclose(distance, np.sqrt(own), rtol=1e-12, atol=0)
    first = np.array([np.flatnonzero((points == points[p]).all(1))[0] for p in index])
    np.testing.assert_array_equal(index, first)
    if kind in ("grid", "constant") and offset == 0:  # whole numbers: equal distances are equal to the last bit
        np.testing.assert_array_equal(index, square.argmin(1))


def test_rows_that_are_not_finite_or_too_large_are_left_to_the_other_way():
    x = np.ones((50, 3), np.float32)
    index, distance = np.empty(50, np.int64), np.empty(50)
    for value in (np.nan, np.inf):
        x[7, 1] = value
        assert not nearest._by_product(x, x[:5], index, distance)
        assert not nearest._by_product(x[:5], x, index, distance)
    x[:, 1] = np.arange(50)
    x[7, 1] = 1e30  # beyond float32 once it is squared
    got = nearest.nearest(np.repeat(x, 40, axis=0), x[:9])
    assert got[0].tolist() == np.repeat([*range(9), *[8] * 41], 40).tolist()
