"""What every training backend keeps: it says what it takes, learns, resumes, predicts and exports the same."""

from __future__ import annotations

import inspect
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from ..evaluation.prediction import joined
from ..lab import open as open_lab
from ..lifecycle.planning import model
from ..training import FitTask, TrainingBackend, backend, declaration
from ..training.backend import Answering, Seeing
from ..versions.data import DataVersion
from .made import coloured, refusal


class Heard:
    """A report that keeps what it is told; it ends the training as a kill would when epoch ``until`` was told."""

    def __init__(self, until: int | None = None) -> None:
        self.steps: list[tuple[int, dict[str, float]]] = []
        self.epochs: list[tuple[int, int, dict[str, float]]] = []
        self.until = until

    def step(self, step: int, *, samples: float = 0, **values: float) -> None:
        self.steps.append((step, values))

    def epoch(self, epoch: int, step: int, **metrics: float) -> None:
        self.epochs.append((epoch, step, metrics))
        if epoch == self.until:
            raise KeyboardInterrupt


class BackendSuite:
    """``name`` names it, ``recipe`` is what :func:`veml_lab.model` takes for the data of :meth:`data`.

    Attributes
    ----------
    hyper
        Of a quick fit, without ``epochs``; ``{}`` for the backend's own.
    resumes, exports
        Whether a training that was interrupted goes on, and whether a network can be exported.
    learns
        Least share by which the mean loss of the last epoch is below that of the first; None: not asked.
    """

    name: str
    recipe: ClassVar[Mapping[str, Any]] = {}
    hyper: ClassVar[Mapping[str, Any]] = {"batch_size": 8, "lr": 1e-2}
    epochs = 3
    resumes = True
    exports = True
    learns: float | None = 0.1
    tolerance = 1e-3

    _ready: tuple[Any, ...] | None = None

    def data(self, folder: Path) -> tuple[DataVersion, DataVersion]:
        """What is trained on, and what is measured on."""
        lab = open_lab(folder / "lab")
        made = [lab.add(n, coloured(m, seed=s), progress=False) for n, m, s in (("fit", 24, 0), ("test", 9, 1))]
        return made[0], made[1]

    def ready(self) -> tuple[TrainingBackend, dict[str, Any], DataVersion, DataVersion]:
        """Engine, completed recipe and data; made once a class."""
        cls = type(self)
        if cls._ready is None:
            folder = tempfile.TemporaryDirectory(prefix="veml-suite-")
            data, test = self.data(Path(folder.name))
            recipe = dict(model(data, {"backend": self.name, **self.recipe}, name="suite").recipe)
            cls._ready = backend(self.name), recipe, data, test, folder
        return cls._ready[:4]  # type: ignore[return-value]

    @classmethod
    def teardown_class(cls) -> None:
        if cls._ready is not None:
            cls._ready[4].cleanup()
            cls._ready = None

    def task(self, folder: Path, **changes: Any) -> FitTask:
        """A fit into a folder of its own."""
        _, recipe, data, test = self.ready()
        folder.mkdir(parents=True, exist_ok=True)
        hyper = {**self.hyper, "epochs": self.epochs, **changes.pop("hyper", {})}
        return FitTask(recipe, hyper, data, folder, **{"validation": test, **changes})

    # -- what it says of itself ------------------------------------------------------------------

    def test_it_declares_itself(self) -> None:
        engine, recipe, *_ = self.ready()
        declared = declaration(self.name)
        assert engine.declaration.name == declared.name == self.name and recipe["task"] in declared.tasks
        for task in declared.tasks:
            assert declared.metrics[task], "the first metric is what a training goes by"
        for h in declared.hyper:
            h.check(h.default)
            assert h.help.strip() and "\n" not in h.help

    def test_it_speaks_the_whole_seam(self) -> None:
        engine = self.ready()[0]
        for name, asked in inspect.getmembers(TrainingBackend, inspect.isfunction):
            if not name.startswith("_"):
                own = list(inspect.signature(getattr(engine, name)).parameters)
                assert own == list(inspect.signature(asked).parameters)[1:], name

    def test_a_completed_recipe_is_stable_and_plain(self) -> None:
        engine, recipe, *_ = self.ready()
        assert engine.complete(recipe) == recipe == json.loads(json.dumps(recipe))

    def test_a_hyper_parameter_that_it_does_not_declare_is_refused_before_a_step(self, tmp_path: Path) -> None:
        engine, heard = self.ready()[0], Heard()
        task = self.task(tmp_path, hyper={"epochz": 3})
        assert "epochz" in str(refusal(lambda: engine.fit(task, heard)))
        assert heard.steps == [] and list(tmp_path.iterdir()) == []

    # -- fitting ---------------------------------------------------------------------------------

    def test_it_learns_and_reports_every_step_and_epoch(self, tmp_path: Path) -> None:
        engine, recipe, _, test = self.ready()
        heard = Heard()
        summary = engine.fit(self.task(tmp_path), heard)
        steps = [s for s, _ in heard.steps]
        assert steps == list(range(1, len(steps) + 1)) and steps
        epochs = engine.epochs(recipe, self.task(tmp_path).hyper)
        assert [e for e, _, _ in heard.epochs] == list(range(1, epochs + 1))
        assert heard.epochs[-1][1] == steps[-1]
        goes_by = declaration(self.name).metrics[recipe["task"]][0].name
        found = engine.measure(engine.predict(recipe, tmp_path / "model.safetensors", test), test)
        assert abs(found[goes_by] - summary[goes_by]) <= self.tolerance
        if self.learns is not None:
            each = len(steps) // epochs
            first, last = (sum(v["loss"] for _, v in part) / each for part in (heard.steps[:each], heard.steps[-each:]))
            assert last < first * (1 - self.learns)

    def test_the_same_seed_gives_the_same_training(self, tmp_path: Path) -> None:
        engine, one, other = self.ready()[0], Heard(), Heard()
        engine.fit(self.task(tmp_path / "one", seed=3), one)
        engine.fit(self.task(tmp_path / "other", seed=3), other)
        assert _losses(one) and _close(_losses(one), _losses(other), self.tolerance)

    def test_an_interrupted_training_ends_as_one_that_was_not(self, tmp_path: Path) -> None:
        engine, recipe, *_ = self.ready()
        if not self.resumes or engine.epochs(recipe, self.task(tmp_path).hyper) < 3:
            return
        broken, second, straight = Heard(until=2), Heard(), Heard()
        try:
            engine.fit(self.task(tmp_path / "broken"), broken)
        except KeyboardInterrupt:
            pass
        else:
            raise AssertionError("it went on when its report raised KeyboardInterrupt")
        engine.fit(self.task(tmp_path / "broken"), second)
        engine.fit(self.task(tmp_path / "straight"), straight)
        assert 0 < len(second.steps) < len(straight.steps), "what was saved is not done again"
        assert _close(_losses(second), _losses(straight)[-len(second.steps) :], self.tolerance)

    # -- what is kept of what it says --------------------------------------------------------------

    def test_it_says_the_same_of_some_samples_as_of_all(self, tmp_path: Path) -> None:
        """Of backends that can be asked for some (:class:`~veml_lab.training.backend.Answering`), in their order."""
        engine, recipe, data, _ = self.ready()
        if not isinstance(engine, Answering):
            return
        engine.fit(self.task(tmp_path, hyper={"epochs": 1}), Heard())
        file, at = tmp_path / "model.safetensors", [*range(1, len(data), 2)]
        whole, some = engine.predict(recipe, file, data), joined(list(engine.answers(recipe, file, data, at)))
        assert some.classes == whole.classes
        for name in ("probabilities", "values"):
            one, other = getattr(whole, name), getattr(some, name)
            assert (one is None) == (other is None)
            if one is not None:
                assert abs(one[at] - other).max() <= self.tolerance
        for place, said in zip(at, some.detections or (), strict=bool(some.detections)):
            assert whole.detections is not None
            for name, values in whole.detections[place].items():
                assert values.shape == said[name].shape and (abs(values - said[name]) <= self.tolerance).all()

    # -- what its networks see -------------------------------------------------------------------

    def test_what_it_sees_is_a_row_a_label_and_differs_from_an_untrained_network(self, tmp_path: Path) -> None:
        """Of backends that show it (:class:`~veml_lab.training.backend.Seeing`): donors are judged by it."""
        engine, recipe, data, _ = self.ready()
        if not isinstance(engine, Seeing):
            return
        engine.fit(self.task(tmp_path), Heard())
        file, at = tmp_path / "model.safetensors", range(min(len(data), 8))
        seen, again, fresh = (engine.see(recipe, c, data, at) for c in (file, file, None))
        assert len(seen.features) == len(seen.labels) >= len(at) and seen.features.ndim == 2
        assert seen.labels.min() >= 0 and seen.labels.max() < len(seen.classes)
        assert (seen.features == again.features).all() and fresh.features.shape == seen.features.shape
        assert abs(seen.features - fresh.features).max() > 0
        if seen.outputs is not None:
            assert seen.outputs.shape == (len(at), len(recipe["classes"])) and (seen.outputs >= 0).all()
            assert abs(seen.outputs.sum(axis=1) - 1).max() < 1e-4

    # -- exporting -------------------------------------------------------------------------------

    def test_the_exported_model_says_what_the_network_says(self, tmp_path: Path) -> None:
        if not self.exports:
            return
        from ..serving.onnx import agrees, samples_of
        from ..serving.runtimes import OnnxRuntime

        engine, recipe, _, test = self.ready()
        engine.fit(self.task(tmp_path, hyper={"epochs": 1}), Heard())
        file = tmp_path / "m.onnx"
        assert engine.export(recipe, tmp_path / "model.safetensors", file)["format"] == "onnx"
        run, same = engine.runner(recipe, OnnxRuntime(file)), engine.original(recipe, tmp_path / "model.safetensors")
        sample_at = samples_of(recipe, test)
        for sample in map(sample_at, range(3)):
            here, there = run(sample), same(sample)
            assert set(here) == set(there)
            alike, error = agrees(recipe, there, here)
            assert alike, f"the export differs from the network by {error}"


def _losses(heard: Heard) -> list[float]:
    return [v["loss"] for _, v in heard.steps]


def _close(a: list[float], b: list[float], tolerance: float) -> bool:
    return len(a) == len(b) and all(abs(x - y) <= tolerance * max(1.0, abs(x)) for x, y in zip(a, b, strict=True))
