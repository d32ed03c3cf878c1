"""Functions of a user: found again by their source and arguments, refused where something else decides the result."""

import functools
import os
import random
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from veml_lab.errors import BadInput, UnknownName
from veml_lab.intermediates import keys
from veml_lab.intermediates.asking import ask
from veml_lab.intermediates.functions import CHECKED_UP_TO_S, Reused, identity
from veml_lab.intermediates.keys import Step, content_of
from veml_lab.intermediates.shelf import Shelf
from veml_lab.intermediates.steps import kept

FACTOR = 3
TABLE = {"a": 1}
SEEN = 0


def count(name):
    """Leaves a trace where the functions that are looked at hold none."""
    os.environ["VEML_TEST_CALLS"] = os.environ.get("VEML_TEST_CALLS", "") + name


def calls():
    return len(os.environ.pop("VEML_TEST_CALLS", ""))


def helper(x):
    return x * FACTOR


def slow(x, k=2, *, progress=False):
    count("s")
    return helper(np.asarray(x)) + k


def reads_a_dict(x):
    count("d")
    return TABLE["a"] + x


def changes_a_global(x):
    global SEEN
    SEEN = x
    return x


def draws(n):
    count("r")
    return [random.random() for _ in range(n)]


def changes_its_argument(x):
    count("a")
    x += 1
    return float(x.sum())


@pytest.fixture
def shelf(tmp_path):
    os.environ.pop("VEML_TEST_CALLS", None)
    return Shelf(tmp_path / "cache")


def reuse(shelf, function, version=0, ignore=()):
    return Reused(shelf, function, version, ignore)


def test_a_result_is_found_by_arguments_however_they_are_given(shelf):
    f = reuse(shelf, slow)
    first = f(np.arange(4))
    assert calls() == 2, "the first call is made twice, to see that it says the same"
    assert np.array_equal(f(x=np.arange(4), k=2), first) and calls() == 0
    again = reuse(Shelf(shelf.folder), slow)
    assert np.array_equal(again(np.arange(4)), first) and calls() == 0
    assert not np.array_equal(f(np.arange(4), k=3), first) and calls() == 1
    assert f(np.arange(4.0)).dtype == float and calls() == 1, "another type is another argument"
    f(np.arange(4), progress=True)
    assert calls() == 1
    g = reuse(shelf, slow, ignore=["progress"])
    g(np.arange(4), progress=True)
    g(np.arange(4), progress=False)
    assert calls() == 1


def test_another_constant_or_version_is_another_function(shelf, monkeypatch):
    f = reuse(shelf, slow)
    first = f([1, 2])
    calls()
    monkeypatch.setattr(sys.modules[__name__], "FACTOR", 5)
    assert not np.array_equal(f([1, 2]), first) and calls() == 1
    monkeypatch.undo()
    assert np.array_equal(f([1, 2]), first) and calls() == 0
    reuse(shelf, slow, version=1)([1, 2])
    assert calls() == 1


def test_another_helper_is_another_function(shelf, monkeypatch):
    def helper(x):
        return x * FACTOR + 1

    f = reuse(shelf, slow)
    first = f([1, 2])
    monkeypatch.setattr(sys.modules[__name__], "helper", helper)
    assert np.array_equal(f([1, 2]), first + 1)


def test_functions_that_look_alike_are_apart(shelf):
    def power(n):
        return lambda x: x**n

    one, two = lambda x: x + 1, lambda x: x + 2
    ids = [
        identity(f) for f in (one, two, power(2), power(3), functools.partial(slow, k=1), functools.partial(slow, k=2))
    ]
    assert len({str(i) for i in ids}) == 6
    assert identity(power(2)) == identity(power(2))

    def other(n):
        def with_default(x, n=n):
            return x + n

        return with_default

    assert identity(other(1)) != identity(other(2))


def test_what_installed_packages_add_is_known_by_its_version():
    assert identity(np.linalg.norm) == identity(np.linalg.norm) != identity(np.linalg.svd)
    assert identity(np.add) != identity(np.multiply) and identity(len) and identity(pd.DataFrame)


@pytest.mark.parametrize(
    "function, said",
    [(reads_a_dict, "reads 'TABLE', a dict"), (changes_a_global, "changes SEEN, which stands outside")],
)
def test_what_depends_on_global_state_is_run_every_time_and_that_is_said(shelf, function, said):
    with pytest.warns(UserWarning, match=said) as heard:
        f = reuse(shelf, function)
        assert f(4) == function(4) and f(4) == function(4)
    assert len(heard) == 1 and said in f.refused and said in repr(f)
    assert shelf.entries() == []


def test_a_closure_over_what_changes_is_refused(shelf):
    held = [1]
    with pytest.warns(UserWarning, match="reads 'held', a list"):
        assert reuse(shelf, lambda x: held[0] + x)(1) == 2
    rng = np.random.default_rng(0).random
    with pytest.warns(UserWarning, match="reads 'rng'"):
        reuse(shelf, lambda n: rng(n))
    model = type("Model", (), {"__call__": lambda self, x: x})()
    with pytest.warns(UserWarning, match="reads 'model', a Model"):
        reuse(shelf, lambda x: model(x))
    count = 0

    def counts(x):
        nonlocal count
        count += x
        return count

    with pytest.warns(UserWarning, match="changes count"):
        f = reuse(shelf, counts)
    assert [f(1), f(1)] == [1, 2]

    def counts_inside(x):
        n = 0

        def one_more():
            nonlocal n
            n += x

        one_more()
        return n

    assert not reuse(shelf, counts_inside).refused


def test_two_calls_that_differ_are_found_out(shelf):
    f = reuse(shelf, draws)
    with pytest.warns(UserWarning, match="two calls with the same arguments gave different results"):
        first = f(3)
    assert f(3) != first and shelf.entries() == [] and "Pass a seed" in f.refused


def test_a_function_that_changes_its_argument_is_found_out(shelf):
    f = reuse(shelf, changes_its_argument)
    with pytest.warns(UserWarning, match="it changes its arguments"):
        f(np.zeros(3))
    assert shelf.entries() == []


def test_a_lambda_without_source_says_what_to_do(shelf):
    bare = eval("lambda x: x + 1")
    with pytest.raises(BadInput, match=r'no source of .*lambda.* give version="1"'):
        reuse(shelf, bare)
    assert reuse(shelf, bare, version="1")(1) == 2
    assert identity(bare, "1") != identity(bare, "2")


@pytest.mark.parametrize("odd", [object(), open, (i for i in "ab"), {"a": [object()]}])
def test_an_argument_whose_content_cannot_be_told_is_named(shelf, odd):
    with pytest.raises(BadInput, match=r"^x is of the type .*Pass an array.*ignore=\['x'\]"):
        reuse(shelf, slow)(odd)


def test_what_cannot_be_kept_is_said(shelf):
    def gives_a_set(n):
        return set(range(n))

    f = reuse(shelf, gives_a_set)
    with pytest.warns(UserWarning, match="would not come back from a file as it was"):
        assert f(2) == {0, 1}
    with pytest.raises(BadInput, match="gives a generator"):
        reuse(shelf, lambda n: (yield n))
    with pytest.raises(BadInput, match="only a function's results"):
        reuse(shelf, 3)
    with pytest.raises(UnknownName, match="progress"):
        reuse(shelf, slow, ignore=["progres"])


def test_a_cheap_function_is_called_without_a_look(shelf, monkeypatch, worth):
    worth(3.0)
    f = reuse(shelf, helper)
    for i in range(5):
        f(i)
    assert shelf.entries() == []
    monkeypatch.setattr(f, "_key", None)  # a key would be asked for, and is not
    assert f(7) == 21


def test_an_error_of_the_function_is_its_own(shelf):
    def fails(x):
        raise ZeroDivisionError(x)

    f = reuse(shelf, fails)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            f(1)
    with pytest.raises(TypeError, match="missing"):
        reuse(shelf, slow)()


def test_the_key_is_the_same_in_another_process(shelf):
    """No hash of Python goes in, which every process has a seed of its own for."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_functions import slow, np\nfrom veml_lab.intermediates.functions import identity\n"
        "from veml_lab.intermediates.keys import content_of\n"
        "print(identity(slow), content_of([{'a', 'b', 'c'}, frozenset('xyz'), {'k': np.arange(3)}, 0.1]))"
    )
    said = set()
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run([sys.executable, "-c", code, str(Path(__file__).parent)], env=env, capture_output=True)
        assert done.returncode == 0, done.stderr
        said.add(done.stdout)
    assert len(said) == 1


# -- content ---------------------------------------------------------------------------------------

APART = [
    1, 1.0, True, "1", b"1", None, 1j, [1], (1,), {1}, frozenset({1}), {"a": 1}, {1: "a"}, [[1], 2], [1, [2]], "a",
    "ab", ["a", "b"], ["ab"], np.array(1), np.array([1]), np.array([[1]]), np.array([1.0]), np.array([1], np.int32),
    np.float32(1), np.array(["1"]), np.array([1, None], object), np.zeros(0), np.zeros((0, 2)), -0.0, 0.0,
    pa.table({"x": [1]}), pa.table({"y": [1]}), pd.DataFrame({"x": [1]}), pd.DataFrame({"x": [1.0]}),
    pd.DataFrame({"x": [1]}, index=[5]), pd.Series([1]), {"a": 1, "b": 2}, {"b": 2, "a": 1}, "x" * 100, "x" * 101,
]  # fmt: skip


def test_values_that_differ_have_different_content():
    found = [content_of(v) for v in APART]
    assert len(set(found)) == len(APART)
    assert found == [content_of(v) for v in APART]


def test_the_place_of_an_array_in_memory_is_not_its_content():
    x = np.arange(24.0).reshape(4, 6)
    assert content_of(x) == content_of(np.asfortranarray(x)) == content_of(np.repeat(x, 2, 0)[::2])
    assert content_of(x[::-1]) != content_of(x)


def test_large_arrays_are_hashed_whole():
    x = np.zeros(5 * keys.CHUNK_BYTES // 8 + 3)
    before = content_of(x)
    for at in (0, keys.CHUNK_BYTES // 8 - 1, keys.CHUNK_BYTES // 8, len(x) - 1):
        x[at] = 1
        assert content_of(x) != before
        x[at] = 0
    assert content_of(x) == before
    y = np.concatenate([x[keys.CHUNK_BYTES // 8 :], x[: keys.CHUNK_BYTES // 8]])
    y[0] = 1
    x[keys.CHUNK_BYTES // 8] = 1
    assert content_of(x) != content_of(y), "chunks are hashed in their order"


def test_an_array_that_somebody_may_change_is_hashed_each_time():
    x = np.zeros(1000)
    x.flags.writeable = False
    before = content_of(x)
    x.flags.writeable = True
    x[5] = 1
    x.flags.writeable = False
    assert content_of(x) != before
    base = np.zeros(1000)
    view = base[:]
    view.flags.writeable = False
    before = content_of(view)
    base[3] = 1
    assert content_of(view) != before


def test_an_array_over_bytes_is_hashed_once(monkeypatch):
    x = np.frombuffer(np.arange(1000).tobytes(), np.int64)
    before = content_of(x)
    with pytest.raises(ValueError):
        x.flags.writeable = True
    monkeypatch.setattr(keys, "_sha_of_buffer", None)
    assert content_of(x) == before
    at = id(x)
    del x
    assert at not in keys._KNOWN


def test_tensors_are_known_by_content():
    torch = pytest.importorskip("torch")
    a = torch.arange(6.0).reshape(2, 3)
    assert content_of(a) == content_of(a.T.contiguous().T) != content_of(a.T)
    assert content_of(a) != content_of(a.double()) and content_of(a.requires_grad_()) == content_of(a.detach())


# -- steps and asking ------------------------------------------------------------------------------


def test_everything_that_a_step_names_is_in_its_key():
    base = Step("op", ["a"], {"k": 1}, ["json"], 0)
    others = [
        Step("other", ["a"], {"k": 1}, ["json"], 0),
        Step("op", ["b"], {"k": 1}, ["json"], 0),
        Step("op", ["a", "a"], {"k": 1}, ["json"], 0),
        Step("op", ["a"], {"k": 2}, ["json"], 0),
        Step("op", ["a"], {"j": 1}, ["json"], 0),
        Step("op", ["a"], {"k": 1}, ["functools"], 0),
        Step("op", ["a"], {"k": 1}, ["json"], 1),
    ]
    assert len({s.key for s in [base, *others]}) == 8
    assert base.key == Step("op", ("a",), {"k": 1}, ("json",), said="in words").key


def test_another_version_of_the_package_computes_anew(monkeypatch):
    before = Step("op").key
    monkeypatch.setattr("veml_lab.__version__", "9.9.9")
    assert Step("op").key != before


def test_a_call_is_asked_about_and_not_run(shelf):
    made = []

    def make():
        made.append(1)
        return 1

    step = Step("op", said="a step")
    found = ask(lambda: kept(shelf, step, make))
    assert [(p.said, p.found, p.of, p.seconds) for p in found.parts] == [("a step", 0, 1, None)] and not made
    assert not found.halted
    kept(shelf, step, make)
    found = ask(lambda: kept(shelf, step, make) + 1)
    assert [(p.found, p.computed) for p in found.parts] == [(1, 0)] and found.parts[0].saved > 0
    other = ask(lambda: kept(shelf, Step("op", ["x"], said="another"), make) + 1)
    assert other.parts[0].seconds > 0 and "another, which is not there yet" in other.halted and made == [1]


def test_what_is_measured_is_known_in_the_next_process(shelf):
    shelf.costs.note("op", 3.0, 10)
    shelf.costs.note("op", 5.0, 30)
    assert Shelf(shelf.folder).costs.expected("op", 20) == shelf.costs.expected("op", 20) == 8.0 / 40 * 20


def test_a_user_s_function_is_asked_about(shelf):
    f = reuse(shelf, slow)
    assert ask(lambda: f([1])).parts[0].computed == 1 and calls() == 0
    f([1])
    calls()
    assert ask(lambda: f([1])).parts[0].found == 1 and calls() == 0
    assert CHECKED_UP_TO_S >= 1


def test_nothing_is_said_where_nothing_is_wrong(shelf):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reuse(shelf, slow)([1, 2])
