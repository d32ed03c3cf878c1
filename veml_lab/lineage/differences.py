"""What changed between two versions of a kind: samples, annotations, recipe, hyper-parameters, environment, numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import BadInput
from ..versions.annotations import CLASSED, KIND_OF_TASK
from ..versions.any_version import version_of
from ..versions.data import DataVersion
from ..versions.inference import InferenceVersion
from ..versions.model import ModelVersion, recipe_diff
from ..versions.settings import differing, settings_of
from ..versions.store import VersionStore
from ..versions.training import TrainingVersion
from .answers import facts_text

TOLD_ELSEWHERE = ("name", "model", "data", "validation")  # of a plan: compared on their own
_HYPER = "hyper."


@dataclass(frozen=True)
class Changes:
    """What differs between two versions; what is equal is not in it.

    Attributes
    ----------
    sections
        ``{section: {field: (here, there)}}``; for numbers with the difference as a third value. The section
        ``"data"`` holds how many samples are only here, only there and in both.
    """

    here: str
    there: str
    kind: str
    sections: Mapping[str, Mapping[str, Any]]

    def __bool__(self) -> bool:
        return bool(self.sections)

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "here": self.here,
            "there": self.there,
            "kind": self.kind,
            "sections": {k: dict(v) for k, v in self.sections.items()},
        }

    def __repr__(self) -> str:
        head = f"from {self.kind} version {self.here!r} to {self.there!r}:"
        if not self.sections:
            return f"{head} nothing changed but the name"
        lines = [head]
        for section, fields in self.sections.items():
            lines.append(f"  {section}")
            for field, value in fields.items():
                if isinstance(value, list):
                    lines.append(
                        f"    {field}: {_text(value[0])} → {_text(value[1])}"
                        + (f" ({value[2]:+.4g})" if len(value) > 2 else "")
                    )
                else:
                    lines += facts_text({field: value}, "    ")
        return "\n".join(lines)


def changed(store: VersionStore, here: str, there: str) -> Changes:
    """What changed from one version to another of its kind.

    Parameters
    ----------
    here, there
        Names or IDs.

    Raises
    ------
    BadInput
        They are of different kinds.
    """
    graph = store.graph()
    a, b = (version_of(store, graph.node(graph.position(n))) for n in (here, there))
    if a.node.kind != b.node.kind:
        raise BadInput(
            f"{a.name!r} is of kind {a.node.kind}, {b.name!r} of kind {b.node.kind}; compare two of one kind "
            f"(how these two are related: veml path LAB {a.name!r} {b.name!r})"
        )
    found = _COMPARE[a.node.kind](a, b)
    return Changes(a.name, b.name, a.node.kind, {k: v for k, v in found.items() if v})


def _data(a: DataVersion, b: DataVersion) -> dict[str, dict[str, Any]]:
    here, there = a.ids, b.ids
    samples: dict[str, Any] = {}
    if here != there:
        samples = {"only here": len(here - there), "only there": len(there - here), "in both": len(here & there)}
    about = _differ(*({k: getattr(v.facts, k) for k in _ABOUT} for v in (a, b)))
    classes = {
        k: sorted(v)
        for k, v in (("gone", set(a.classes) - set(b.classes)), ("new", set(b.classes) - set(a.classes)))
        if v
    }
    counts: dict[str, Any] = {}
    if here != there or a.facts.layer != b.facts.layer:
        counts = _differ(_class_counts(a), _class_counts(b), zero=0)
    return {"samples": samples, "classes": classes, "version": about, "annotations a class": counts}


_ABOUT = ("role", "task", "layer", "preparation")


def _class_counts(version: DataVersion) -> dict[str, int]:
    import pyarrow.compute as pc

    kind = KIND_OF_TASK.get(version.task)
    table = version.annotations.table(kind if kind in CLASSED else "class")
    return {str(c["values"]): c["counts"] for c in pc.value_counts(table["label"]).to_pylist()}


def _model(a: ModelVersion, b: ModelVersion) -> dict[str, dict[str, Any]]:
    return {"recipe": _lists(recipe_diff(a.recipe, b.recipe))}


def _training(a: TrainingVersion, b: TrainingVersion) -> dict[str, dict[str, Any]]:
    plan = _lists({p: v for p, v in differing(settings_of(a), settings_of(b)).items() if p not in TOLD_ELSEWHERE})
    parts = {
        "recipe": _model(a.model, b.model)["recipe"],
        "hyper-parameters": {p.removeprefix(_HYPER): v for p, v in plan.items() if p.startswith(_HYPER)},
        "plan": {p: v for p, v in plan.items() if not p.startswith(_HYPER)},
    }
    for section, (x, y) in {"training data": (a.data, b.data), "validation data": (a.validation, b.validation)}.items():
        parts[section] = _of_data(x, y)
    parts["environment"] = _differ(a.facts.environment, b.facts.environment)
    parts["numbers"] = _differ(a.facts.numbers, b.facts.numbers)
    return parts


def _of_data(a: DataVersion | None, b: DataVersion | None) -> dict[str, Any]:
    if a is None or b is None or a.id == b.id:
        return {} if a == b else {"version": [a.name if a else None, b.name if b else None]}
    parts = _data(a, b)
    return {
        "version": [a.name, b.name],
        **parts["samples"],
        **{k: v for part in ("classes", "version") for k, v in parts[part].items() if k != "version"},
    }


def _inference(a: InferenceVersion, b: InferenceVersion) -> dict[str, dict[str, Any]]:
    parts = {"configuration": _differ(a.configuration, b.configuration), "measured": _differ(a.measured, b.measured)}
    if a.training.id != b.training.id:
        parts["training"] = {"version": [a.training.name, b.training.name]}
        parts |= {f"training: {k}": v for k, v in _training(a.training, b.training).items()}
    return parts


_COMPARE: dict[str, Any] = {"data": _data, "model": _model, "training": _training, "inference": _inference}


def _differ(a: Mapping[str, Any], b: Mapping[str, Any], zero: Any = None) -> dict[str, Any]:
    """Fields that differ: ``[here, there]``, and the difference where both are numbers."""
    return _lists({k: (a.get(k, zero), b.get(k, zero)) for k in sorted({*a, *b}) if a.get(k, zero) != b.get(k, zero)})


def _lists(fields: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for k, (x, y) in fields.items():
        number = all(isinstance(v, int | float) and not isinstance(v, bool) for v in (x, y))
        found[k] = [x, y, round(y - x, 6)] if number else [x, y]
    return found


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return f"{value:.4g}" if isinstance(value, float) else "none" if value is None else str(value)
