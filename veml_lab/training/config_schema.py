"""What a plan may say: its fields and the hyper-parameters that its backend declares, by dotted paths."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from ..errors import BadInput, UnknownName
from ..versions.method import Method
from .declaration import Hyper
from .registry import adaptations, declaration, declarations

FIELDS = {
    h.name: h
    for h in (
        Hyper("name", str, None, "of the training version that comes out"),
        Hyper("backend", str, None, "what trains; default: the model's"),
        Hyper("model", str, None, "model version: the recipe"),
        Hyper("data", str, None, "data version to learn from"),
        Hyper("validation", str, None, "data version of the metrics", optional=True),
        Hyper("init", str, None, "training version whose weights are the start; None: from scratch", optional=True),
        Hyper("seed", int, 0, "of weights and order"),
        Hyper("rebuilt_from", str, None, "training version that this one rebuilds", optional=True),
        Hyper("method", str, "scratch", "how it came about"),
        Hyper("learner", str, None, "who chose what was labelled", optional=True),
        Hyper("labels", int, None, "labels that had to be bought", low=0, optional=True),
        Hyper("hyper", dict, {}, "hyper-parameters that the backend declares"),
        Hyper("deployment", dict, {}, "the deployment that comes along with a transferred lifecycle"),
    )
}
_METHODS = ("scratch", "transfer", "reproduction", "full", "active")


def hypers(backend: str | None) -> dict[str, Hyper]:
    """The hyper-parameters of a backend by name; of all backends where it is not known yet."""
    declared = list(declarations().values()) if backend is None else [declaration(backend)]
    return {h.name: h for d in reversed(declared) for h in d.hyper}


def declared_at(path: str, backend: str | None) -> Hyper:
    """What is declared of a dotted path, or of the mapping that it lies in.

    Raises
    ------
    UnknownName
        There is no such setting; the nearest known one comes first.
    BadInput
        It lies in a value that has no parts.
    """
    field, _, rest = path.partition(".")
    name, _, deeper = rest.partition(".")
    if field == "hyper" and rest:
        found = hypers(backend).get(name)
    else:
        found, deeper = FIELDS.get(field), rest
    if found is None:
        raise unknown(path, backend)
    if deeper and found.kind is not dict:
        raise BadInput(f"{path.removesuffix('.' + deeper)} is a {found.range} and has no parts; got {path!r}")
    return found


def unknown(path: str, backend: str | None) -> UnknownName:
    """The error of a setting that there is not; it may be called without its section as well."""
    paths = [f for f in FIELDS if f != "hyper"] + [f"hyper.{name}" for name in hypers(backend)]
    last = path.rpartition(".")[2]

    def nearness(known: str) -> float:
        return max(_alike(path, known), _alike(last, known.rpartition(".")[2]))

    ordered = sorted(paths, key=nearness, reverse=True)
    known = f"{', '.join(ordered[:12])} ... ({len(paths)} in all)"
    return UnknownName(f"there is no setting {path!r:.60}; known: {known}. veml backends says what they may be")


def check(values: Mapping[str, Any], backend: str | None) -> None:
    """Refuse names that are not declared, and values of another kind or out of their range."""
    if isinstance(backend, str):
        declaration(backend)
    for field, value in values.items():
        if field not in FIELDS:
            raise unknown(field, backend if isinstance(backend, str) else None)
        FIELDS[field].check(value)
    if "method" in values:
        name = Method.of(values).name
        if name not in _METHODS and name not in adaptations():
            raise UnknownName.of("method", values["method"], (*_METHODS, *adaptations()))
    given, known_hyper = values.get("hyper", {}), hypers(backend)
    strange = [n for n in given if n not in known_hyper] if backend is None else declaration(backend).undeclared(given)
    if strange:
        raise unknown(f"hyper.{strange[0]}", backend)
    for name, value in given.items():
        if name in known_hyper:
            known_hyper[name].check(value)


def _alike(a: str, b: str) -> float:
    return difflib.SequenceMatcher(None, a, b).ratio()
