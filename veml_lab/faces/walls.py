"""Walls of selections: the samples behind a count, as pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..evaluation.prediction import Prediction
from ..lineage import version_of
from ..training.predicted import kept_prediction
from ..versions.data import DataVersion
from ..versions.store import VersionStore
from .pictures import VersionPictures, is_writable
from .selection import CLASS_BARS, conditions, in_words

if TYPE_CHECKING:
    from ..widgets._base import Drawing

FIELDS = ("version", "training", "where", "by", "descending")
HEIGHT = 420


def opener_of(store: VersionStore) -> Callable[[Any], Drawing]:
    """What a chart of a lab opens its selections with."""
    return lambda selection: wall_of(store, selection)


def wall_of(
    store: VersionStore,
    selection: Any,
    *,
    layers: Mapping[str, DataVersion | Prediction] | None = None,
    height: int = HEIGHT,
) -> Drawing:
    """The wall of a selection (:mod:`veml_lab.faces.selection`); with ``by`` and ``descending`` in an order.

    Raises
    ------
    BadInput, UnknownName
        It is no selection, or names a version, fact or value that there is not.
    """
    if not isinstance(selection, Mapping) or set(selection) - set(FIELDS):
        raise BadInput(f"a selection is an object with the fields {', '.join(FIELDS)}; got {selection!r:.60}")
    version = _named(store, selection, "version", "data")
    training = _named(store, selection, "training", "training") if selection.get("training") is not None else None
    prediction = None
    if training is not None:
        if training.validation is None or training.validation.id != version.id:
            raise BadInput(f"{version.name!r} is not the validation data of {training.name!r}")
        prediction = kept_prediction(training)
    whole = VersionPictures(version, None, prediction, layers=layers, writable=is_writable(store))
    return part_of(whole, selection, said_by=training.name if training else "", height=height)


def part_of(
    whole: VersionPictures, selection: Mapping[str, Any], *, said_by: str = "", height: int = HEIGHT
) -> Drawing:
    """The samples of a wall that a selection means, in its order; its names of versions are not looked at again."""
    from ..widgets import SampleBrowser

    where, by = conditions(selection.get("where") or {}), selection.get("by", "")
    descending = selection.get("descending", False)
    if not isinstance(by, str) or not isinstance(descending, bool):
        raise BadInput("'by' is the name of an order, 'descending' true or false")
    shown = whole.part(whole.facts.find(where, by, descending)) if where or by else whole
    said = f" ({said_by})" if said_by else ""
    title = f"{whole.version.name}: {in_words(where) or whole.version.summary()}{said}"
    compare = ["annotations", *shown.layers][:2] if shown.layers else side_by_side(shown)
    return SampleBrowser(shown, title=title, height=height, compare=compare)


def side_by_side(shown: VersionPictures) -> list[str]:
    """Prediction beside truth where both are boxes; a class is told by a word and an outline."""
    boxes = shown.prediction is not None and shown.prediction.detections is not None
    return ["annotations", "prediction"] if boxes else []


def facts_of_bars(bars: Mapping[str, Any], versions: Sequence[DataVersion]) -> dict[str, str]:
    """The fact that each group of bars of a comparison of data versions counts."""
    known = [VersionPictures(v).facts for v in versions]
    named = {title: "class" if title == CLASS_BARS else title for title in bars}
    return {t: fact for t, fact in named.items() if all(f.knows(fact) for f in known)}


def _named(store: VersionStore, selection: Mapping[str, Any], field: str, kind: Any) -> Any:
    name = selection.get(field)
    if not isinstance(name, str) or not name:
        raise BadInput(f"a selection needs {field!r}: a name or an ID")
    return version_of(store, store.graph().find(name, kind))
