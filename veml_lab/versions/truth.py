"""What is labelled in a data version, as the judge reads it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..errors import BadData
from ..evaluation.prediction import Prediction
from ..evaluation.truth import Truth
from .data import DataVersion
from .samples import id_array, windows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..evaluation.boxes import Boxes

CROWD = "iscrowd"  # COCO: a region of many objects
IGNORED = "difficult"  # Pascal VOC: an object that need not be found


def truth_of(data: DataVersion, prediction: Prediction) -> Truth:
    """The labels of the kind that a prediction is about: classes, boxes, or readings.

    Boxes with the attribute ``iscrowd`` (COCO) or ``difficult`` (Pascal VOC) are ignored regions, as those sets'
    own evaluations have them.

    Raises
    ------
    BadData
        A label that is not among the data's classes.
    """
    if prediction.values is not None:
        return Truth(data.name, readings=windows(data))
    classes = tuple(dict.fromkeys([*prediction.classes, *data.classes]))
    if prediction.probabilities is not None:
        return Truth(data.name, classes, labels=_labels(data, classes))
    return Truth(data.name, classes, boxes=_boxes(data, classes))


def _labels(data: DataVersion, classes: tuple[str, ...]) -> NDArray[np.int64]:
    """Class of each sample, shape (n,), -1 for none."""
    import numpy as np

    table = data.annotations.table("class")
    found = np.full(len(data), -1)
    found[_positions(data, table)] = _codes(data, table["label"], classes)
    return found


def _boxes(data: DataVersion, classes: tuple[str, ...]) -> Boxes:
    import numpy as np

    from ..evaluation.boxes import Boxes

    table = data.annotations.table("box")
    x, y, w, h = (table[c].to_numpy().astype(np.float64) for c in "xywh")
    at = _positions(data, table)  # in ID order
    crowd, ignored = _flags(table["attributes"])
    return Boxes.checked(
        np.searchsorted(at, np.arange(len(data) + 1)),
        np.column_stack([x, y, x + w, y + h]),
        _codes(data, table["label"], classes),
        np.ones(len(at)),
        crowd | ignored,
        crowd,
    )


def _positions(data: DataVersion, table: Any) -> NDArray[np.int64]:
    import numpy as np

    return np.searchsorted(id_array(data), table["id"].to_numpy())


def _codes(data: DataVersion, labels: Any, classes: tuple[str, ...]) -> NDArray[np.int64]:
    """Places of labels among the classes; each distinct label is looked up once."""
    import numpy as np

    coded = labels.combine_chunks().dictionary_encode()
    index = {c: i for i, c in enumerate(classes)}
    names = coded.dictionary.to_pylist()
    strange = [n for n in names if n not in index]
    if strange:
        raise BadData(f"{data.name!r} has the label {strange[0]!r}, which is not among its classes")
    return np.array([index[n] for n in names], np.int64)[coded.indices.to_numpy()] if names else np.empty(0, np.int64)


def _flags(attributes: Any) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which boxes are crowds, and which are ignored otherwise; each distinct text is read once."""
    import numpy as np

    coded = attributes.combine_chunks().dictionary_encode()
    read = [json.loads(text) if text else {} for text in coded.dictionary.to_pylist()]
    at = coded.indices.fill_null(len(read)).to_numpy(zero_copy_only=False)
    crowd, ignored = (np.array([bool(a.get(k)) for a in [*read, {}]], bool)[at] for k in (CROWD, IGNORED))
    return crowd, ignored
