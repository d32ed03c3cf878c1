"""What there is to know about a version, in groups, as words: units beside numbers, lists as lists, times as times."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..errors import DamagedLab, MissingFile
from ..storage.words import duration
from ..versions.data import DataVersion
from ..versions.facts import DataFacts, InferenceFacts, TrainingFacts, recipe_of
from ..versions.node import Node
from ..versions.settings import origin_at
from ..versions.version import Version

Groups = list[dict[str, Any]]  # [{"title": ..., "facts": [[name, words], ...]}, ...]
HOW = "How it was made"

_NAMES = {
    "n": "samples",
    "lr": "learning rate",
    "batch_size": "batch size",
    "seconds": "time",
    "labels": "labels needed",
    "agreement": "agrees with the training",
    "largest_difference": "largest difference",
    "checked_on": "checked on",
    "onnx_ms": "ONNX, one sample",
    "torch_ms": "PyTorch, one sample",
    "size_mb": "size of the file",
    "size_px": "size of the pictures",
    "veml_lab": "VeML-Lab",
}
_UNITS = {"_ms": " ms", "_mb": " MB", "_px": " px", "_s": " s"}
_SHARES = ("agreement", "accuracy", "recall", "precision")


def fact_groups(node: Node) -> Groups:
    """The facts of one version; a group without facts is left out."""
    found = [(title, [[_name(k), said(k, v)] for k, v in facts.items()]) for title, facts in _facts(node)]
    return [{"title": title, "facts": rows} for title, rows in found if rows]


def groups_of(version: Version) -> Groups:
    """The same of a version that is looked at alone, with what a data version changes against its parents."""
    found = fact_groups(version.node)
    if isinstance(version, DataVersion) and (parents := version.delta().parents):
        found.append({"title": "Against its parents", "facts": [[p.parent, p.in_words()] for p in parents]})
    return found


def how_group(version: Version) -> dict[str, Any]:
    """How a version was made, as one more group: for whoever has the lab open, not for what is published of it."""
    try:
        facts = version.how().facts()
    except (MissingFile, DamagedLab) as e:
        facts = [["kept", str(e)]]
    return {"title": HOW, "facts": facts}


def _facts(node: Node) -> list[tuple[str, dict[str, Any]]]:
    if node.kind == "data":
        data = DataFacts.of(node)
        what = {"n": data.n, "role": data.role, "task": data.task, "classes": list(data.classes)}
        source = {k: v for k, v in (data.source or {}).items() if k in ("format", "duplicates")}
        return [("Contents", _known(what)), ("Source", _known({**source, "layer": data.layer, "note": data.note}))]
    if node.kind == "model":
        return [("Recipe", _known(recipe_of(node)))]
    if node.kind == "training":
        run = TrainingFacts.of(node)
        cost = {k: run.numbers[k] for k in ("seconds", "steps", "epochs") if k in run.numbers}
        results = {k: v for k, v in run.numbers.items() if k not in cost}
        hyper = {k: _with_origin(run, k, v) for k, v in run.plan["hyper"].items()}
        how = {"method": str(run.method), **hyper, "seed": run.plan["seed"]}
        return [
            ("Results", _known(results)),
            ("Training", {k: v for k, v in _known(how).items() if k not in cost}),
            ("Cost", _known({**cost, "labels": run.plan.get("labels")})),
            ("Environment", _known(run.environment)),
        ]
    deployed = InferenceFacts.of(node)
    chosen = {k: deployed.configuration.get(k) for k in ("format", "opset", "precision", "runtime", "size_px")}
    return [("Measured", _known(deployed.measured)), ("Configuration", _known(chosen))]


def _with_origin(run: TrainingFacts, name: str, value: Any) -> Any:
    """A hyper-parameter with where it came from, unless somebody just said it: ``0.005 (donor 'city detector')``."""
    origin = origin_at(run.origins, f"hyper.{name}")
    if origin is None or value in ([], {}, None) or (origin.by in ("user", "default") and origin.before is None):
        return value
    return f"{said(name, value)} ({origin})"


def _known(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in facts.items() if v not in (None, "", [], {}, ())}


def _name(key: str) -> str:
    if key in _NAMES:
        return _NAMES[key]
    unit = next((u for u in _UNITS if key.endswith(u)), "")
    return key.removesuffix(unit).replace("_", " ")


def said(key: str, value: Any) -> str:
    """One fact as words.

    >>> said("size_px", [160, 96]), said("augment", ["crop", "flip"]), said("onnx_ms", 12.2253)
    ('160 × 96 px', 'crop, flip', '12.2 ms')
    >>> said("n", 12000), said("seconds", 200.4), said("agreement", 0.9987), said("lr", 0.0080213)
    ('12,000', '3 min 20 s', '99.9 %', '0.00802')
    """
    unit = next((words for end, words in _UNITS.items() if key.endswith(end)), "")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{k}: {said(str(k), v)}" for k, v in value.items())
    if isinstance(value, list | tuple):
        numbers = unit and all(isinstance(v, int | float) for v in value)
        return (" × " if numbers else ", ").join(said("", v) for v in value) + (unit if numbers else "")
    if not isinstance(value, int | float):
        return str(value)
    if key == "seconds":
        return duration(float(value))
    if key in _SHARES and 0 <= value <= 1:
        return f"{100 * value:.1f} %"
    return number(value) + unit


def number(value: float) -> str:
    """Three figures; whole numbers whole, with commas.

    >>> number(0.0080213), number(1234567), number(0.000023), number(float("nan")), number(12.0)
    ('0.00802', '1,234,567', '2.3e-05', '–', '12')
    """
    if not math.isfinite(value):
        return "–"
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) >= 999.5:
        return f"{value:,.0f}"
    return f"{value:.3g}"
