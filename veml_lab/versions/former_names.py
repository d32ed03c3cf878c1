"""What a data version had as names of its own before they became functions and namespaces: they work, with a warning.

``city.boxes`` is ``city.annotations.boxes`` now; each old name says its new one and gives the same.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from . import comparison, corrections, derive, operations
from .history import History
from .samples import SampleSet, id_array
from .tables import flat_table


def _select(version: SampleSet, name: str, positions: Any, *, operation: str = "select", **details: Any) -> SampleSet:
    return operations.select(version, name, positions, operation=operation, details=details)


def _bound(function: Callable[..., Any]) -> Callable[[SampleSet], Any]:
    return lambda version: functools.partial(function, version)


# old name -> (what it is called now, what it gives)
FORMER: dict[str, tuple[str, Callable[[SampleSet], Any]]] = {
    "trains_as": ("version.facts.trains_as", lambda v: v.facts.trains_as),
    "layer": ("version.facts.layer", lambda v: v.facts.layer),
    "about": ("version.facts.about", lambda v: v.facts.about),
    "series": ("version.facts.series", lambda v: v.facts.series),
    "preparation": ("version.facts.preparation", lambda v: v.facts.preparation),
    "id_array": ("veml_lab.versions.samples.id_array(version)", _bound(id_array)),
    "to_arrow": ("veml_lab.versions.tables.flat_table(version)", _bound(flat_table)),
    "annotation_table": ("version.annotations.table(kind)", lambda v: v.annotations.table),
    "class_labels": ("version.annotations.class_labels", lambda v: v.annotations.class_labels),
    "boxes": ("version.annotations.boxes", lambda v: v.annotations.boxes),
    "masks": ("version.annotations.masks", lambda v: v.annotations.masks),
    "keypoints": ("version.annotations.keypoints", lambda v: v.annotations.keypoints),
    "captions": ("version.annotations.captions", lambda v: v.annotations.captions),
    "target_values": ("version.annotations.target_values", lambda v: v.annotations.target_values),
    "target_names": ("version.annotations.target_names", lambda v: lambda: v.annotations.target_names),
    "targets": ("version.annotations.targets()", lambda v: v.annotations.targets),
    "image": ("version.images[position]", lambda v: v.images.__getitem__),
    "image_bytes": ("version.images.encoded(position)", lambda v: v.images.encoded),
    "places": ("version.images.places", lambda v: v.images.places),
    "locate": ("version.images.places", lambda v: lambda: v.images.places and None),
    "annotate": ("veml_lab.versions.corrections.annotate(version, ...)", _bound(corrections.annotate)),
    "compare": ("veml_lab.versions.comparison.compare(version, other)", _bound(comparison.compare)),
    "add": ("veml_lab.versions.operations.add(version, ...)", _bound(operations.add)),
    "update": ("veml_lab.versions.operations.update(version, ...)", _bound(operations.update)),
    "intersect": ("veml_lab.versions.operations.intersect(version, other, name=...)", _bound(operations.intersect)),
    "subtract": ("veml_lab.versions.operations.subtract(version, other, name=...)", _bound(operations.subtract)),
    "diff": ("veml_lab.versions.operations.diff(version, other)", _bound(operations.diff)),
    "select": ("veml_lab.versions.operations.select(version, ...)", _bound(_select)),
    "derive": ("veml_lab.versions.derive.derive(version, ...)", _bound(derive.derive)),
    "derived": ("veml_lab.versions.derive.derived(version, ...)", _bound(derive.derived)),
    "import_report": ("version.history.import_report", lambda v: History(v).import_report),
    "replay": ("version.history.replay()", lambda v: History(v).replay),
    "tags": ("version.history.tags", lambda v: History(v).tags),
    "tag": ("version.history.tag(tag)", lambda v: History(v).tag),
    "notes": ("version.history.notes", lambda v: History(v).notes),
    "note": ("version.history.note(text)", lambda v: History(v).note),
}
