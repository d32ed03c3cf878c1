"""Small real labs that tests share, and the options of the run.

A lab that is only read is made once a session; ``fresh(lab)`` gives a copy that a test may change. No
part is replaced by a fake: DuckDB, torch and ONNX Runtime run, on little data.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings
from labs import REAL, ROOT, TINY, write_digits

# Labs of tests have their owner process like every lab (measured over tests/versions and test_lab: 14 s of CPU against
# 113 s with VEML_CATALOG=inprocess), but it goes sooner than elsewhere, since there are hundreds of labs.
os.environ.setdefault("VEML_OWNER_IDLE_S", "5")

# Hypothesis by itself fails a test whose example takes 0.2 s, which a busy machine decides, and draws other examples
# each time: a landing would be refused for what has nothing to do with it. --hypothesis-profile=drawn looks for more.
settings.register_profile("drawn", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("steady", settings.get_profile("drawn"), derandomize=True)
settings.load_profile("steady")


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="run the tests marked slow as well")
    parser.addoption("--order", metavar="SEED", help="run the files, and the tests in each, in a random order")


def pytest_collection_modifyitems(config, items):
    seed = config.getoption("--order")
    if seed is not None:
        items[:] = _shuffled(items, seed)
    for item in items:
        if "slow" in item.keywords and not config.getoption("--slow"):
            item.add_marker(pytest.mark.skip(reason="takes minutes; run with --slow"))
        if "real" in item.keywords and not REAL.is_dir():
            item.add_marker(pytest.mark.skip(reason="the real data sets are not in ../shared/data"))


def _shuffled(items, seed):
    """Files in another order, and the tests of each: what a module makes is made once all the same."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    rng = random.Random(seed)  # of text too, and the same in every process of pytest-xdist
    order = rng.sample(sorted(files), len(files))
    return [item for file in order for item in rng.sample(files[file], len(files[file]))]


@pytest.fixture
def shared_place():
    """A folder that every user may enter; pytest keeps those of its own private."""
    import shutil
    import tempfile

    place = Path(tempfile.mkdtemp(prefix="veml-shared-", dir="/tmp"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def digits(tmp_path_factory) -> Path:
    """A folder of IDX files: 60 train and 20 test pictures of three classes."""
    return write_digits(tmp_path_factory.mktemp("digits") / "digits")


@pytest.fixture(scope="session")
def bright_digits(tmp_path_factory) -> Path:
    """The same classes on a much brighter ground: another condition."""
    return write_digits(tmp_path_factory.mktemp("bright") / "digits", seed=1, shade=90)


@pytest.fixture(scope="session")
def digits_lab(tmp_path_factory, digits, bright_digits) -> SimpleNamespace:
    """A classification lab with a whole lifecycle, to be read only: data, model, training, inference."""
    import veml_lab as veml
    from veml_lab.embeddings import embed

    path = tmp_path_factory.mktemp("labs") / "digits-lab"
    lab = veml.open(path)
    lab.use_embedder("squeezenet1_1", weights="random", size_px=32)
    plain = lab.add("digits", veml.read_idx(digits), progress=False)
    bright = lab.add("bright", veml.read_idx(bright_digits), progress=False)
    model = veml.model(plain, TINY, name="tiny")
    plan = veml.plan(model, plain, name="first", epochs=6, batch_size=16, lr=1e-2)
    training = veml.train(plan, lab, progress=False)
    veml.deploy(training, name="in production")
    for version in (plain, bright):  # a map or a comparison of them reads vectors, and can write none later
        embed(version, lab.embedder, progress=False)
    del lab, version, plain, bright, model, training  # from here on nobody can write through this process
    lab = veml.open(path, read_only=True)
    return _sealed(
        "digits_lab",
        SimpleNamespace(
            lab=lab,
            path=lab.path,
            digits=lab["digits"],
            bright=lab["bright"],
            model=lab["tiny"],
            plan=plan,
            training=lab["first"],
            inference=lab["in production"],
        ),
    )


@pytest.fixture(scope="session")
def road_lab(tmp_path_factory) -> SimpleNamespace:
    """A detection lab with two conditions of the drawn road world, to be read only."""
    import veml_lab as veml
    from veml_lab.embeddings import embed

    path = tmp_path_factory.mktemp("labs") / "road-lab"
    lab = veml.open(path)
    lab.use_embedder("squeezenet1_1", weights="random", size_px=32)
    for name, condition, n, seed in (("city", "clear-city", 16, 1), ("fog", "foggy-highway", 12, 2)):
        embed(lab.add(name, veml.road_world(condition, n, seed=seed), progress=False), lab.embedder, progress=False)
    del lab
    lab = veml.open(path, read_only=True)
    return _sealed("road_lab", SimpleNamespace(lab=lab, path=lab.path, city=lab["city"], fog=lab["fog"]))


# What a lab keeps beside its catalog that a test could add to; ``cache`` may be made anew at any time.
_KEPT = ("segments", "embeddings", "predictions", "jobs", "blobs")
_SEALED: dict[str, tuple[Path, tuple[object, ...]]] = {}


def _sealed(name: str, shared: SimpleNamespace) -> SimpleNamespace:
    _SEALED[name] = (shared.path, _state(shared.path))
    return shared


def _state(path: Path) -> tuple[object, ...]:
    import veml_lab as veml

    files = sorted(str(f.relative_to(path)) for d in _KEPT if (path / d).is_dir() for f in (path / d).rglob("*"))
    return veml.open(path, read_only=True).revision(), files


@pytest.fixture(autouse=True)
def _shared_labs_stay_as_they_are(request):
    """A test that writes into a shared lab, by its path or a command, fails by itself and not the next one."""
    yield
    for name in _SEALED.keys() & set(request.fixturenames):
        path, before = _SEALED[name]
        now = _state(path)
        _SEALED[name] = (path, now)  # only the test that did it is told
        assert now == before, f"this test changed the shared {name}; take a copy with fresh({name})"


@pytest.fixture
def fresh(tmp_path):
    """``fresh(shared)`` opens a copy of a shared lab that the test may change."""
    import veml_lab as veml

    def copy(shared: SimpleNamespace, **options):
        target = tmp_path / f"{shared.path.name}-{len(list(tmp_path.iterdir()))}"
        veml.backup(shared.path, target)  # a plain copy could catch the owner between the catalog and its log
        return veml.open(target, **options)

    return copy


@pytest.fixture
def empty_lab(tmp_path):
    """A new lab."""
    import veml_lab as veml

    return veml.open(tmp_path / "lab")


@pytest.fixture
def python():
    """``python(code, *args)`` starts a process of its own that runs the code with this checkout."""
    started: list[subprocess.Popen] = []

    def start(code: str, *args: object) -> subprocess.Popen:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
            "OMP_NUM_THREADS": "1",
        }
        process = subprocess.Popen(
            [sys.executable, "-c", code, *map(str, args)],
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # a run in the background (nohup, a CI runner) ignores Ctrl-C, and its children inherit that
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()
