"""Model versions: a frozen recipe - algorithm and metadata, no weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import NameTaken
from .facts import recipe_of
from .store import VersionStore, key_of
from .version import Version

METADATA = (
    "task",
    "architecture",
    "backbone",
    "neck",
    "head",
    "loss",
    "size_px",
    "num_classes",
    "parameters",
    "hidden",
    "layers",
    "num_nodes",
    "window",
    "horizon",
)


@dataclass(frozen=True, eq=False, repr=False)
class ModelVersion(Version):
    """A recipe: which backend builds which network, for which input and which classes.

    ``recipe`` holds ``backend``, ``task``, ``architecture``, ``backbone``, ``neck``, ``head``, ``loss``,
    ``size_px`` (width, height), ``num_classes``, ``normalise`` and what else the backend needs;
    ``parameters`` is counted when the version is made.

    Examples
    --------
    >>> detector.recipe["architecture"], detector.recipe["size_px"]
    ('fcos', [160, 96])
    """

    @property
    def recipe(self) -> Mapping[str, Any]:
        return recipe_of(self.node)

    @property
    def metadata(self) -> dict[str, Any]:
        """The nodes of the model graph: what models share or differ in."""
        return {k: self.recipe[k] for k in METADATA if k in self.recipe}

    def compare(self, other: ModelVersion) -> dict[str, tuple[Any, Any]]:
        """What differs between two recipes: ``{field: (here, there)}``."""
        return recipe_diff(self.recipe, other.recipe)

    def summary(self) -> str:
        """One line."""
        r = self.recipe
        if r["task"] == "forecasting":
            return (
                f"{r['architecture']} · {r['neck']} · {r['window']} -> {r['horizon']} steps of {r['num_nodes']} sensors"
                f" · {r['parameters']:,} parameters"
            )
        size = "x".join(map(str, r.get("size_px", ())))
        million = r.get("parameters", 0) / 1e6
        return (
            f"{r['architecture']} · {r.get('backbone', '')} · {size} px · {r['num_classes']} classes · {million:.1f} M"
            " parameters"
        )


def add_model(
    store: VersionStore,
    name: str,
    recipe: Mapping[str, Any],
    *,
    transferred_from: ModelVersion | None = None,
    changed: Mapping[str, Any] | None = None,
) -> ModelVersion:
    """Keep a recipe as a model version; the same recipe under the same name is given back."""
    known = _known(store, name, recipe)
    if known is not None:
        return known
    edges = [(transferred_from.id, "transferred_from", {"changed": dict(changed or {})})] if transferred_from else []
    try:
        return ModelVersion(store, store.add("model", name, {"recipe": dict(recipe)}, edges))
    except NameTaken:  # perhaps by another process with the same recipe
        known = _known(store, name, recipe)
        if known is None:
            raise
        return known


def _known(store: VersionStore, name: str, recipe: Mapping[str, Any]) -> ModelVersion | None:
    node = store.graph().by_name.get(name)
    if node is None:
        return None
    if node.kind == "model" and key_of(dict(recipe_of(node))) == key_of(dict(recipe)):
        return ModelVersion(store, node)
    raise NameTaken(f"there is a version {name!r} already, with another recipe; choose another name")


def recipe_diff(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Fields that differ, with both values (None where one lacks the field)."""
    fields = sorted(set(a) | set(b))
    return {f: (a.get(f), b.get(f)) for f in fields if a.get(f) != b.get(f)}
