"""What a network said of a sample is kept and read: once per sample, whatever version holds it."""

from __future__ import annotations

import signal

import numpy as np
import pytest
from labs import TINY_DETECTOR, write_digits
from patience import until

import veml_lab as veml
from veml_lab.errors import BadInput, FullDisk
from veml_lab.evaluation.prediction import Prediction, joined
from veml_lab.serving import predict as serving
from veml_lab.sources.source import Box
from veml_lab.training import answers, backend, predicted
from veml_lab.training.answers import Answers, kept_answers, read_file
from veml_lab.training.spatiotemporal.backend import SpatiotemporalBackend
from veml_lab.training.torchvision.backend import TorchvisionBackend


@pytest.fixture
def lab(fresh, digits_lab):
    return fresh(digits_lab)


@pytest.fixture
def ran(monkeypatch):
    """How many samples networks were run for, by name of the data version."""
    found: list[tuple[str, int]] = []

    def counted(real):
        def answers(self, recipe, checkpoint, data, positions):
            found.append((data.name, len(positions)))
            return real(self, recipe, checkpoint, data, positions)

        return answers

    for engine in (TorchvisionBackend, SpatiotemporalBackend):
        monkeypatch.setattr(engine, "answers", counted(engine.answers))
    real = serving.answers

    def deployed(inference, runtime, data, positions):
        found.append((data.name, len(positions)))
        return real(inference, runtime, data, positions)

    monkeypatch.setattr(serving, "answers", deployed)
    return found


def plainly(training, data):
    """What the backend says, with nothing kept."""
    return backend(training.plan["backend"]).predict(training.model.recipe, training.checkpoint, data)


def files(lab):
    return sorted((lab.path / "predictions").glob("*/*.arrow"))


def test_a_network_runs_once_for_a_sample_whichever_version_holds_it(lab, ran, tmp_path):
    training, bright = lab["first"], lab["bright"]
    said = veml.predict(training, bright, progress=False)
    assert ran == [("bright", len(bright))]
    assert np.array_equal(said.probabilities, plainly(training, bright).probabilities), "to the last bit"
    again = veml.predict(training, bright, progress=False)
    assert np.array_equal(again.probabilities, said.probabilities) and again.classes == said.classes
    assert again.probabilities.dtype == np.float32 and again.probabilities.flags.writeable
    some = bright.filter("some", "label = '1'")
    at = [i for i, s in enumerate(bright.ids) if s in some.ids]
    assert np.array_equal(veml.predict(training, some, progress=False).probabilities, said.probabilities[at])
    assert len(ran) == 1
    new = lab.add("new", veml.read_idx(write_digits(tmp_path / "new", 12, 4, seed=7)), progress=False)
    both = new.merge(some, name="both")
    merged = veml.predict(training, both, progress=False)
    assert ran[1:] == [("both", len(new))]
    kept = {i: p for i, p in zip(some.ids, said.probabilities[at], strict=True)}
    for i, p in zip(both.ids, merged.probabilities, strict=True):
        if i in kept:
            assert np.array_equal(p, kept[i])
    assert np.allclose(merged.probabilities, plainly(training, both).probabilities, atol=1e-6)


def test_a_deployed_model_says_the_same_to_the_last_bit_whoever_was_asked_before(lab, ran):
    deployed, bright = lab["in production"], lab["bright"]
    some = bright.filter("some", "label != '0'")
    veml.predict(deployed, some, progress=False)
    whole = veml.predict(deployed, bright, progress=False)
    assert ran == [("some", len(some)), ("bright", len(bright) - len(some))]
    fresh = joined(list(serving.answers(deployed, "onnxruntime", bright, range(len(bright)))))
    assert np.array_equal(whole.probabilities, fresh.probabilities)


def test_other_annotations_ask_nothing_and_another_runtime_asks_all(lab, ran):
    deployed, bright = lab["in production"], lab["bright"]
    before = veml.bad_cases(deployed, bright, progress=False)
    first = next(iter(bright.ids))
    right = before.prediction.classes[int(before.prediction.probabilities[0].argmax())]
    other = next(c for c in bright.classes if c != right)
    changed = bright.correct("corrected", {first: {"class": other}})
    after = veml.bad_cases(deployed, changed, progress=False)
    assert len(ran) == 1 and any(c.position == 0 for c in after.cases)
    veml.predict(deployed, bright, runtime="onnx-reference", progress=False)
    assert ran[1:] == [("bright", len(bright))]


def test_analysis_and_bad_cases_and_the_table_of_rebuildings_read_the_same(lab, ran):
    from veml_lab.lifecycle.active import Pool
    from veml_lab.lifecycle.rebuild import measured

    training, bright = lab["first"], lab["bright"]
    found = veml.analyse(training, bright, progress=False)
    assert measured(training, bright)["accuracy"] == found.value
    pool = Pool(bright, lab["digits"], lab.embedder, training, 0, False)
    assert np.array_equal(pool.prediction().probabilities, found.prediction.probabilities)
    bright.browse(against=[training])
    assert ran == [("bright", len(bright))]


def test_boxes_come_back_as_they_were_said(fresh, road_lab, ran):
    lab = fresh(road_lab)
    city = lab["city"]
    plan = veml.plan(veml.model(city, TINY_DETECTOR, name="d"), city, name="t", epochs=1, batch_size=8)
    training = veml.train(plan, lab, progress=False)
    ran.clear()
    said = veml.predict(training, city, progress=False)
    read = veml.predict(training, city, progress=False)
    assert len(ran) == 1 and sum(len(d["scores"]) for d in said.detections) > 0
    for a, b, c in zip(said.detections, read.detections, plainly(training, city).detections, strict=True):
        for name in ("boxes", "scores", "labels"):
            assert np.array_equal(a[name], b[name]) and np.array_equal(a[name], c[name])
            assert a[name].dtype == b[name].dtype and a[name].shape == b[name].shape
    first = next(iter(city.ids))
    corrected = city.correct("c", {first: {"box": [Box("car", 1, 2, 30, 20)]}})
    veml.predict(training, corrected, progress=False)
    assert len(ran) == 1


def test_forecasts_come_back_as_they_were_said(tmp_path, empty_lab, ran):
    from veml_lab.formats.sensors import read_sensors

    rng = np.random.default_rng(0)
    values = np.sin(np.arange(120)[:, None] / 5 + np.arange(3)) + rng.normal(0, 0.1, (120, 3))
    np.savez(tmp_path / "s.npz", data=values.astype(np.float32))
    data = empty_lab.add("s", read_sensors(tmp_path / "s.npz", window=6, horizon=3), progress=False)
    training = veml.train(
        veml.plan(veml.model(data, {"architecture": "linear"}, name="m"), data, name="t"), empty_lab, progress=False
    )
    ran.clear()
    said = veml.predict(training, data, progress=False)
    read = veml.predict(training, data, progress=False)
    assert [n for _, n in ran] == [len(data)] and said.values.shape[1:] == (3, 3, 1)
    assert np.array_equal(said.values, read.values) and np.array_equal(said.values, plainly(training, data).values)


def test_a_read_only_lab_reads_what_is_kept_and_keeps_nothing(lab, ran):
    some = lab["bright"].filter("some", "label = '2'")
    kept = veml.predict(lab["first"], some, progress=False)
    there = files(lab)
    closed = veml.open(lab.path, read_only=True)
    said = veml.predict(closed["first"], closed["bright"], progress=False)
    assert ran[1:] == [("bright", len(closed["bright"]) - len(some))] and files(lab) == there
    at = [i for i, s in enumerate(closed["bright"].ids) if s in some.ids]
    assert np.array_equal(said.probabilities[at], kept.probabilities)
    assert np.allclose(said.probabilities, plainly(closed["first"], closed["bright"]).probabilities, atol=1e-6)


def test_a_damaged_file_is_said_once_and_computed_again(lab, ran):
    before = veml.predict(lab["first"], lab["bright"], progress=False)
    for file in files(lab)[-1:]:
        assert len(read_file(file)) == len(lab["bright"])
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 4
        file.write_bytes(data)
    assert any(f.kind == "damaged predictions" for f in veml.check(lab).findings)
    with pytest.warns(UserWarning, match="is damaged .*asked anew"):
        after = veml.predict(lab["first"], lab["bright"], progress=False)
    assert len(ran) == 2 and np.array_equal(before.probabilities, after.probabilities)
    veml.predict(lab["first"], lab["bright"], progress=False)
    assert len(ran) == 2
    assert not [f for f in veml.check(lab).findings if f.kind == "damaged predictions"]


@pytest.mark.parametrize("ending", [0, 1, 9, -1])
def test_a_torn_file_is_no_answer(lab, ran, ending):
    veml.predict(lab["first"], lab["bright"], progress=False)
    (file,) = [f for f in files(lab) if "first" in str(read_file(f).schema.metadata) and len(read_file(f)) == 80]
    file.write_bytes(file.read_bytes()[:ending])
    with pytest.warns(UserWarning, match="asked anew"):
        veml.predict(lab["first"], lab["bright"], progress=False)
    assert len(ran) == 2


def test_what_was_done_before_an_interruption_is_not_done_again(lab, monkeypatch):
    asked = []
    real = TorchvisionBackend.answers

    def broken(self, recipe, checkpoint, data, positions):
        asked.append(len(positions))
        for i, part in enumerate(real(self, recipe, checkpoint, data, positions)):
            if i == 1 and len(asked) == 1:
                raise KeyboardInterrupt
            yield part

    monkeypatch.setattr(TorchvisionBackend, "answers", broken)
    bright = lab["bright"]
    with pytest.raises(KeyboardInterrupt):
        veml.predict(lab["first"], bright, progress=False)
    said = veml.predict(lab["first"], bright, progress=False)
    assert asked == [len(bright), len(bright) - 64]
    assert np.array_equal(said.probabilities, plainly(lab["first"], bright).probabilities)


SLOW = """
import sys, time, veml_lab as veml
from veml_lab.training import predicted
from veml_lab.training.torchvision.backend import TorchvisionBackend
predicted.FLUSH_S = 0
real = TorchvisionBackend.answers
def slow(self, recipe, checkpoint, data, positions):
    print("asked", len(positions), flush=True)
    for i in range(0, len(positions), 8):
        yield from real(self, recipe, checkpoint, data, positions[i : i + 8])
        time.sleep(float(sys.argv[2]))
TorchvisionBackend.answers = slow
lab = veml.open(sys.argv[1])
print(veml.predict(lab["first"], lab["bright"], progress=False).probabilities.sum(), flush=True)
"""


def test_a_killed_process_leaves_what_it_had_and_nothing_wrong(lab, python, ran):
    start = len(files(lab))
    process = python(SLOW, lab.path, 0.3)
    until(lambda: len(files(lab)) >= start + 2, "two batches are kept")
    process.send_signal(signal.SIGKILL)
    process.wait()
    said = veml.predict(lab["first"], lab["bright"], progress=False)
    ((_, n),) = ran
    assert 0 < n <= len(lab["bright"]) - 16
    assert np.allclose(said.probabilities, plainly(lab["first"], lab["bright"]).probabilities, atol=1e-6)
    assert not veml.check(lab).findings


HELD = """
import sys, time, veml_lab as veml
from pathlib import Path
from veml_lab.training import predicted
from veml_lab.training.torchvision.backend import TorchvisionBackend
predicted.FLUSH_S = 0
real, taken, mark = TorchvisionBackend.answers, predicted._taken, Path(sys.argv[2])
def held(self, recipe, checkpoint, data, positions):
    print("asked", len(positions), flush=True)
    yield from real(self, recipe, checkpoint, data, positions[:8])
    while not mark.exists():
        time.sleep(0.02)
    yield from real(self, recipe, checkpoint, data, positions[8:])
def turn(folder):
    print("turn", flush=True)
    return taken(folder)
TorchvisionBackend.answers, predicted._taken = held, turn
lab = veml.open(sys.argv[1])
print(veml.predict(lab["first"], lab["bright"], progress=False).probabilities.sum(), flush=True)
"""


def test_of_two_processes_one_works_and_the_other_waits_and_reads(lab, python, tmp_path):
    mark = tmp_path / "go on"
    one = python(HELD, lab.path, mark)
    assert [one.stdout.readline().strip() for _ in range(2)] == ["turn", f"asked {len(lab['bright'])}"]
    other = python(HELD, lab.path, mark)
    assert other.stdout.readline().strip() == "turn"
    mark.touch()
    said = [p.communicate()[0].split() for p in (one, other)]
    assert len(said[0]) == 1 and said[1] == said[0], "the second ran no network, and says the same"


def test_one_that_stands_still_keeps_nobody_waiting(lab, monkeypatch, ran):
    from veml_lab.storage.locks import folder_lock

    monkeypatch.setattr(predicted, "patience_s", lambda: 0.0)
    monkeypatch.setattr(predicted, "FLUSH_S", 0.01)
    asked = predicted._asked(lab["first"], lab["bright"])
    folder = asked.kept_in(lab.path).folder
    folder.mkdir(parents=True, exist_ok=True)
    with folder_lock(folder, exclusive=True):
        veml.predict(lab["first"], lab["bright"], progress=False)
    assert len(ran) == 1 and predicted.missing_predictions(asked, lab["bright"]) == 0


def test_where_nothing_can_be_kept_the_answer_is_given_and_that_is_said(lab, ran, monkeypatch):
    def full(*args, **options):
        raise FullDisk("the disk is full")

    monkeypatch.setattr(answers, "write_whole", full)
    with pytest.warns(UserWarning, match="'first' says of 'bright' is not kept: the disk is full"):
        said = veml.predict(lab["first"], lab["bright"], progress=False)
    assert np.array_equal(said.probabilities, plainly(lab["first"], lab["bright"]).probabilities)


def test_many_small_files_become_one_and_nothing_is_lost(lab, ran, monkeypatch):
    monkeypatch.setattr(answers, "FOLD_FILES", 3)
    bright, ids = lab["bright"], list(lab["bright"].ids)
    whole = plainly(lab["first"], bright).probabilities
    parts = [bright.filter(f"p{i}", f"label = '{i}'") for i in range(3)]
    for part in parts:
        veml.predict(lab["first"], part, progress=False)
    asked = predicted._asked(lab["first"], bright)
    first = min(ids)
    (only,) = [f for start, f in asked.kept_in(lab.path).files() if start == first]
    assert len(read_file(only)) == len(bright) and len(ran) == 3
    assert np.allclose(veml.predict(lab["first"], bright, progress=False).probabilities, whole, atol=1e-6)
    assert len(ran) == 3 and ids == list(bright.ids)
    (kept,) = kept_answers(lab.path)
    validation = lab["first"].validation
    assert (kept.samples, kept.files, kept.about["name"]) == (len(bright) + len(validation), 2, "first")
    assert kept.bytes == sum(f.stat().st_size for f in files(lab)) > 0


def test_a_picture_that_changed_in_its_place_is_looked_at_again(empty_lab, tmp_path, ran):
    from PIL import Image

    lab = empty_lab
    rng = np.random.default_rng(0)
    for c in ("a", "b"):
        (tmp_path / "set" / c).mkdir(parents=True)
        for i in range(6):
            Image.fromarray(rng.integers(0, 255, (16, 16, 3), np.uint8)).save(tmp_path / "set" / c / f"{i}.png")
    data = lab.add("set", veml.read_image_folder(tmp_path / "set"), copy=False, progress=False)
    recipe = {"architecture": "resnet10", "width": 8, "size_px": [16, 16]}
    plan = veml.plan(veml.model(data, recipe, name="m"), data, name="t", epochs=1, batch_size=4)
    training = veml.train(plan, lab, progress=False)
    ran.clear()
    veml.predict(training, data, progress=False)
    Image.fromarray(np.full((16, 16, 3), 250, np.uint8)).save(tmp_path / "set" / "a" / "3.png")
    said = veml.predict(training, data, progress=False)
    assert [n for _, n in ran] == [12, 1]
    assert np.allclose(said.probabilities, plainly(training, data).probabilities, atol=1e-6)
    (tmp_path / "set" / "b" / "1.png").unlink()  # what was said of it before is known still
    veml.predict(training, data, progress=False)
    assert len(ran) == 2


def test_preparation_leaves_our_backends_cold_and_other_weights_do_not(lab, ran):
    training, bright = lab["first"], lab["bright"]
    veml.predict(training, bright, progress=False)
    veml.predict(training, bright.prepare("small", resize=(8, 8)), progress=False)
    assert len(ran) == 1, "a training resizes by its recipe, whatever the version is prepared for"
    plan = veml.plan(lab["tiny"], lab["digits"], name="second", epochs=1, batch_size=16, seed=5)
    second = veml.train(plan, lab, progress=False)
    ran.clear()
    veml.predict(second, bright, progress=False)
    assert ran == [("bright", len(bright))]


def test_a_backend_that_answers_for_whole_versions_alone_is_kept_as_well(lab, monkeypatch):
    """Of another package: it may look at the preparation of a version, which counts then."""
    asked = []

    class Whole:
        def predict(self, recipe, checkpoint, data, *, progress=False):
            asked.append(data.name)
            return TorchvisionBackend().predict(recipe, checkpoint, data)

    monkeypatch.setattr(predicted, "backend", lambda name: Whole())
    monkeypatch.setattr(predicted, "OURS", {})
    training, bright = lab["first"], lab["bright"]
    some = bright.sample("some", 30, seed=0)
    veml.predict(training, some, progress=False)
    said = veml.predict(training, bright, progress=False)
    veml.predict(training, bright, progress=False)
    assert asked == ["some", "bright"]
    assert np.allclose(said.probabilities, plainly(training, bright).probabilities, atol=1e-6)
    veml.predict(training, some.prepare("small", resize=(8, 8)), progress=False)
    assert asked == ["some", "bright", "small"]


def test_vacuum_and_backup_know_the_files(lab, tmp_path):
    veml.predict(lab["first"], lab["bright"], progress=False)
    there = files(lab)
    folder = there[0].parent
    stray = folder / f"123456789-{'a' * 24}.arrow"
    stray.write_bytes(b"x")
    mine = folder / "123456789-notes.arrow"
    mine.write_bytes(b"x")
    draft = folder / f".0-{'b' * 24}.arrow.999999.0123abcd.part"
    draft.write_bytes(b"x")
    gone = {p for p, *_ in veml.vacuum(lab, grace_s=0).removed}
    assert {str(p.relative_to(lab.path)) for p in (stray, draft)} <= gone
    assert files(lab) == sorted([*there, mine]) and not draft.exists()
    copy = tmp_path / "copy"
    veml.backup(lab, copy)
    assert [p.relative_to(copy) for p in sorted((copy / "predictions").glob("*/*.arrow"))] == [
        p.relative_to(lab.path) for p in files(lab)
    ]


def test_what_cannot_be_asked_is_refused(lab):
    with pytest.raises(BadInput, match="'first' is a training, which runs in its own framework"):
        veml.predict(lab["first"], lab["bright"], runtime="onnxruntime", progress=False)
    with pytest.raises(BadInput, match="'tiny' is a ModelVersion"):
        veml.predict(lab["tiny"], lab["bright"], progress=False)
    with pytest.raises(BadInput, match="runtime"):
        veml.predict(lab["in production"], lab["bright"], runtime="abacus", progress=False)


@pytest.mark.parametrize("n", [3, 90])
def test_a_network_that_gives_other_numbers_of_answers_is_refused_and_nothing_is_kept(lab, monkeypatch, n):
    def wrong(self, recipe, checkpoint, data, positions):
        yield Prediction(tuple(recipe["classes"]), probabilities=np.zeros((n, 3), np.float32))

    there = files(lab)
    monkeypatch.setattr(TorchvisionBackend, "answers", wrong)
    with pytest.raises(BadInput, match=f"gave {n} answers for 80 samples of 'bright'"):
        veml.predict(lab["first"], lab["bright"], progress=False)
    assert files(lab) == there


def test_a_picture_that_cannot_be_read_costs_no_answer_that_was_given(lab, monkeypatch):
    real = TorchvisionBackend.answers

    def broken(self, recipe, checkpoint, data, positions):
        yield from real(self, recipe, checkpoint, data, positions[:64])
        raise BadInput("no picture")

    bright = lab["bright"]
    monkeypatch.setattr(TorchvisionBackend, "answers", broken)
    with pytest.raises(BadInput, match="no picture"):
        veml.predict(lab["first"], bright, progress=False)
    assert predicted.missing_predictions(predicted._asked(lab["first"], bright), bright) == 16


def test_of_rows_that_were_written_twice_the_first_counts(tmp_path):
    def said(value):
        return Prediction(("a", "b"), probabilities=np.full((2, 2), value, np.float32))

    kept, ids = Answers(tmp_path / "x"), np.array([4, 7])
    kept.write(0, ids, np.zeros(2, np.int64), said(0.25), {})
    kept.write(0, ids, np.array([0, 5]), said(0.75), {})
    first = sorted(p.name for _, p in kept.files())[0]
    with_four = read_file(tmp_path / "x" / first)["probabilities"].combine_chunks().flatten()[0].as_py()
    rows = kept.read(np.array([3, 4, 7]), np.zeros(3, np.int64), [0], tidy=False)
    assert rows.there.tolist() == [False, True, True]
    assert rows.prediction.probabilities[1].tolist() == [with_four] * 2
    assert rows.prediction.probabilities[2].tolist() == [0.25] * 2, "the other row is of other pixels"
    assert not kept.read(ids, np.zeros(2, np.int64), [100], tidy=False).there.any()


def test_what_a_call_would_run_is_said_and_nothing_is_run(lab, ran):
    training, bright = lab["first"], lab["bright"]
    (part,) = veml.explain(lambda: veml.predict(training, bright, progress=False)).parts
    assert (part.found, part.of, part.said) == (0, 80, "what 'first' says of 'bright'") and ran == []
    some = bright.sample("some", 30, seed=0)
    veml.predict(training, some, progress=False)
    told = veml.explain(lambda: veml.predict(training, bright, progress=False))
    assert (told.parts[0].found, told.parts[0].of) == (30, 80) and len(ran) == 1
    assert told.parts[0].seconds > 0 and "says of 'bright'" in told.halted
    whole = veml.explain(lambda: veml.predict(training, some, progress=False))
    assert (whole.parts[0].found, whole.halted) == (30, "") and whole.saved_s > 0
