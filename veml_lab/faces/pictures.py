"""Samples of data versions as the image wall reads them: pictures, marks, filters, orders, and keeping a choice."""

from __future__ import annotations

import functools
import io
import threading
import weakref
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..evaluation.judgement import Judgement, judge
from ..evaluation.kinds import KINDS, RIGHT, SCORE
from ..evaluation.prediction import Prediction
from ..lifecycle.drift import RESULT_KIND as DRIFT
from ..versions import operations
from ..versions.annotations import from_table
from ..versions.column_names import own_names
from ..versions.data import DataVersion
from ..versions.inference import InferenceVersion
from ..versions.results import results_of
from ..versions.samples import id_array
from ..versions.truth import truth_of
from .version_rows import is_bad_cases

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

PICTURE_PX = 96
MASK_PX = 160  # a mask's longer side on the wall; finer is not seen there
MOST_VALUES = 30  # a capture column with more values is no filter
MOST_ROWS = 100_000  # samples whose capture columns are read one by one for filters
MOST_SETS = 100_000  # distinct sets of columns that are read where there are more samples
FACTS = ("class", "error", "bad case")  # filters of the wall itself; a column of the data that is called so is class_
SAVES = ("data version", "bad cases")


_TABLES: weakref.WeakKeyDictionary[DataVersion, dict[str, tuple[Any, Any]]] = weakref.WeakKeyDictionary()


def thumbnail(version: DataVersion, position: int, size_px: int = PICTURE_PX) -> bytes:
    """A JPEG whose longer side is ``size_px``; small images are enlarged without smoothing, rows become text."""
    from PIL import Image

    image = (
        _row_picture(version, position)
        if version.samples["kind"][position].as_py() == "row"
        else version.images[position]
    )
    scale = size_px / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    smooth = Image.Resampling.NEAREST if scale >= 2 else Image.Resampling.BICUBIC
    out = io.BytesIO()
    image.resize(size, smooth).save(out, "JPEG", quality=85)
    return out.getvalue()


_MADE: OrderedDict[tuple[str, int, int], bytes] = OrderedDict()
_MADE_LOCK = threading.Lock()
MOST_MADE = 12_000  # thumbnails that are kept, some 60 MB


def _remembered(version: DataVersion, sample: int, position: int, size_px: int) -> bytes:
    """A thumbnail, made once for a sample, whichever of the versions that hold it is looked at."""
    key = (str(version.store.folder), sample, size_px)
    with _MADE_LOCK:
        found = _MADE.get(key)
        if found is not None:
            _MADE.move_to_end(key)
            return found
    made = thumbnail(version, position, size_px)
    with _MADE_LOCK:
        _MADE[key] = made
        while len(_MADE) > MOST_MADE:
            _MADE.popitem(last=False)
    return made


def _row_picture(version: DataVersion, position: int) -> Image.Image:
    """A table row as a card of its first cells."""
    import json

    from PIL import Image, ImageDraw

    image = Image.new("RGB", (192, 192), "#f2f4f7")
    draw = ImageDraw.Draw(image)
    raw = version.samples["columns"][position].as_py()
    for k, (name, value) in enumerate(list((json.loads(raw) if raw else {}).items())[:11]):
        draw.text((8, 8 + 16 * k), f"{name}: {value}"[:30], fill="#1f2328")
    return image


class VersionPictures:
    """A data version as the sample browser reads it.

    Parameters
    ----------
    positions
        Which samples, in which order; all of them unless given.
    prediction
        Drawn over the annotations, dashed; gives the filter by kind of error and the order by score.
    layers
        Further annotations by name, to compare side by side: data versions of the same samples, or predictions.
    inference
        What made the prediction; bad cases that are kept are linked to it.
    costs
        One number a sample (how wrong it is), another order.
    writable
        Whether a choice can be kept as a new version.
    """

    def __init__(
        self,
        version: DataVersion,
        positions: Sequence[int] | None = None,
        prediction: Prediction | None = None,
        *,
        layers: Mapping[str, DataVersion | Prediction] | None = None,
        inference: InferenceVersion | None = None,
        costs: Mapping[int, float] | None = None,
        writable: bool = False,
    ) -> None:
        self.version, self.prediction, self.inference = version, prediction, inference
        self.positions: Sequence[int] = positions if positions is not None else range(len(version))
        self.classes = list(version.classes)
        self._others = dict(layers or {})
        self.layers = list(self._others)
        self.saves = list(SAVES) if writable else []
        self._costs = costs
        self._ids = id_array(version)
        self._uri, self._width, self._height = (version.samples[c] for c in ("uri", "width", "height"))
        self._facts = Facts(self)
        self.filters, self.orders = self._facts.filters, self._facts.orders

    def __len__(self) -> int:
        return len(self.positions)

    def thumbnails(self, positions: list[int], size_px: int) -> list[bytes]:
        """JPEG bytes of each sample."""
        return [
            _remembered(self.version, int(self._ids[self.positions[p]]), self.positions[p], size_px) for p in positions
        ]

    def find(self, where: Mapping[str, str], by: str, descending: bool) -> np.ndarray:
        """Places (0 ... len - 1) that pass every filter, in an order."""
        return self._facts.find(where, by, descending)

    def save(self, what: str, name: str, positions: list[int]) -> str:
        """Keep a choice as a data version, or as bad cases of the model that is shown."""
        chosen = [self.positions[p] for p in positions]
        if what == "data version":
            made = operations.select(self.version, name, chosen)
        elif self.inference is None:
            made = operations.select(self.version, name, chosen, operation="bad cases")
        else:
            made = operations.select(
                self.version, name, chosen, operation="bad cases", details={"inference": self.inference.name}
            )
            self.version.store.link(self.inference.id, made.id, "bad_cases_of", {"n": len(made)})
        return f"{made.name!r}: {len(made):,} samples, a data version made from {self.version.name!r}"

    def annotations(self, positions: list[int]) -> list[dict[str, Any]]:
        """Class, boxes, masks, keypoints (relative), caption, prediction and further layers of each sample."""
        places = [self.positions[p] for p in positions]
        own = _marks_of(self.version, places)
        others = {
            name: _predicted(self, other, places)
            if isinstance(other, Prediction)
            else _same_samples(self.version, other, places)
            for name, other in self._others.items()
        }
        said = _predicted(self, self.prediction, places) if self.prediction is not None else None
        for k, (p, note) in enumerate(zip(places, own, strict=True)):
            note["caption"] = self._uri[p].as_py()
            if said is not None:
                note["prediction"] = said[k]
            if others:
                note["layers"] = {name: marks[k] for name, marks in others.items()}
        return own

    def size(self, place: int) -> tuple[int, int]:
        """Width and height of a sample in pixels; 1 where there is no picture."""
        return self._width[place].as_py() or 1, self._height[place].as_py() or 1


def _marks_of(version: DataVersion, places: Sequence[int]) -> list[dict[str, Any]]:
    """The annotations of some samples, read for those alone."""
    import numpy as np

    ids = id_array(version)[np.asarray(places, dtype=np.int64)] if len(places) else np.empty(0, np.uint64)
    found = {kind: _some(version, kind, ids) for kind in ("class", "box", "mask", "keypoints", "caption")}
    width, height = version.samples["width"], version.samples["height"]
    out = []
    for p, i in zip(places, ids.tolist(), strict=True):
        w, h = width[p].as_py() or 1, height[p].as_py() or 1
        label = found["class"].get(i, [None])[0]
        note: dict[str, Any] = {
            "label": label,
            "boxes": [[b.x / w, b.y / h, b.w / w, b.h / h, b.label] for b in found["box"].get(i, ())],
        }
        masks = found["mask"].get(i, ())
        note["polygons"] = [
            [m.label, [[v / (h if k % 2 else w) for k, v in enumerate(ring)] for ring in m.polygons]]
            for m in masks
            if m.polygons
        ]
        note["masks"] = [[m.label, *_run_lengths(m.rle)] for m in masks if m.rle is not None]
        note["keypoints"] = [
            [k.label, [[x / w, y / h, seen] for x, y, seen in k.points]] for k in found["keypoints"].get(i, ())
        ]
        out.append(note)
    return out


def _some(version: DataVersion, kind: str, ids: np.ndarray) -> dict[int, list[Any]]:
    import numpy as np

    table, of = _table(version, kind)
    if not len(of):
        return {}
    first, last = np.searchsorted(of, ids), np.searchsorted(of, ids, side="right")
    rows = (
        np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)])
        if len(ids)
        else np.empty(0, np.int64)
    )
    return from_table(kind, table.take(rows)) if len(rows) else {}


def _table(version: DataVersion, kind: str) -> tuple[Any, np.ndarray]:
    """A version's annotations of a kind with their sample IDs in order, read once."""
    known = _TABLES.setdefault(version, {})
    if kind not in known:
        table = version.annotations.table(kind)
        known[kind] = (table, table["id"].to_numpy())
    return known[kind]


@functools.lru_cache(maxsize=4096)
def _run_lengths(rle: tuple[int, int, str]) -> tuple[int, int, list[int]]:
    """COCO's compressed column runs as plain row runs of a mask no larger than the wall shows."""
    import numpy as np
    from pycocotools import mask as coco

    height, width, counts = rle
    pixels = coco.decode({"size": [height, width], "counts": counts.encode()})
    step = max(1, -(-max(height, width) // MASK_PX))
    flat = pixels[::step, ::step]
    small = flat.reshape(-1).astype(np.int8)
    edges = np.flatnonzero(np.diff(small, prepend=0, append=0))
    runs = np.diff(np.concatenate([[0], edges])).tolist()
    return flat.shape[0], flat.shape[1], [int(r) for r in runs]


def _predicted(pictures: VersionPictures, prediction: Prediction, places: Sequence[int]) -> list[dict[str, Any]]:
    out: list[dict[str, Any]] = []
    for p in places:
        w, h = pictures.size(p)
        if prediction.probabilities is not None:
            q = prediction.probabilities[p]
            out.append({"label": prediction.classes[int(q.argmax())], "score": float(q.max())})
        elif prediction.detections is not None:
            d = prediction.detections[p]
            boxes = [
                [float(x1 / w), float(y1 / h), float((x2 - x1) / w), float((y2 - y1) / h), prediction.classes[int(k)]]
                for (x1, y1, x2, y2), s, k in zip(d["boxes"], d["scores"], d["labels"], strict=True)
                if s >= SCORE
            ]
            out.append({"boxes": boxes, "score": float(d["scores"].max()) if len(d["scores"]) else None})
        else:
            out.append({})
    return out


def _same_samples(version: DataVersion, other: DataVersion, places: Sequence[int]) -> list[dict[str, Any]]:
    """The marks of another version on the same samples; nothing where it lacks one."""
    import numpy as np

    mine, theirs = id_array(version)[np.asarray(places, dtype=np.int64)], id_array(other)
    at = np.minimum(np.searchsorted(theirs, mine), max(0, len(theirs) - 1))
    held = [len(theirs) > 0 and theirs[a] == i for a, i in zip(at, mine, strict=True)]
    marks = iter(_marks_of(other, [int(a) for a, yes in zip(at, held, strict=True) if yes]))
    return [next(marks) if yes else {} for yes in held]


def _few_values(version: DataVersion) -> dict[str, np.ndarray]:
    """Capture columns with few values of a long version, shape (n,) each, as words, "" where there is none.

    Each distinct set of columns is read once; where nearly every sample has a set of its own (a time, a
    position) that would take minutes, and there are no such filters.
    """
    import json

    import numpy as np
    import pyarrow.compute as pc

    coded = version.samples["columns"].combine_chunks()
    if pc.count_distinct(coded.slice(0, 2 * MOST_SETS)).as_py() > MOST_SETS:
        return {}  # known from the head alone
    coded = coded.dictionary_encode()
    if len(coded.dictionary) > MOST_SETS:
        return {}
    sets = [json.loads(x) if x else {} for x in coded.dictionary.to_pylist()]
    at = coded.indices.fill_null(len(sets)).to_numpy(zero_copy_only=False)
    sets.append({})
    out = {}
    shown = own_names(dict.fromkeys(k for one in sets for k in one), FACTS)
    for name, called in shown.items():
        words = np.array(["" if (x := one.get(name)) is None or x != x else str(x) for one in sets], dtype=object)
        if 1 < len(set(words[np.unique(at)])) <= MOST_VALUES:
            out[called] = words[at]
    return out


class Facts:
    """What the samples of a wall can be filtered and sorted by; each fact is counted when it is first asked for."""

    def __init__(self, pictures: VersionPictures) -> None:
        v = pictures.version
        self.pictures = pictures
        self.filters: dict[str, list[str]] = {"class": list(v.classes)} if len(v.classes) > 1 else {}
        self.orders: list[str] = ["size"]
        if v.task in ("detection", "segmentation", "keypoints"):
            self.orders += ["objects", "largest object"]
        if pictures.prediction is not None and (
            pictures.prediction.probabilities is not None or pictures.prediction.detections is not None
        ):
            self.orders.append("score")
            self.filters["error"] = [k for k in (*KINDS, RIGHT) if self._judged.of_kind(k).any()]
        if pictures._costs is not None:
            self.orders.append("cost")
        if self._drift is not None:
            self.orders.append("drift distance")
        if self._bad_ids:
            self.filters["bad case"] = ["yes", "no"]
        self.filters |= self._columns()

    def find(self, where: Mapping[str, str], by: str, descending: bool) -> np.ndarray:
        """Places that pass every filter, sorted; equal ones keep their order, those without a value come last."""
        import numpy as np

        keep = np.ones(len(self.pictures), bool)
        for fact, value in where.items():
            keep &= self._passes(fact, value)
        found = np.flatnonzero(keep)
        if by:
            values = self._values(by)[found]
            found = found[np.argsort(-values if descending else values, kind="stable")]  # NaN goes last either way
        return found.astype(np.uint32)

    def _places(self) -> np.ndarray:
        import numpy as np

        return np.asarray(self.pictures.positions, dtype=np.int64)

    def _passes(self, fact: str, value: str) -> np.ndarray:
        import numpy as np

        v, places = self.pictures.version, self._places()
        ids = id_array(v)[places]
        if fact == "class":
            held: list[np.ndarray] = []
            for kind in ("class", "box", "mask", "keypoints"):
                table, of = _table(v, kind)
                if len(of):
                    held.append(of[np.array(table["label"].to_pylist(), dtype=object) == value])
            return np.isin(ids, np.concatenate(held)) if held else np.zeros(len(ids), bool)
        if fact == "error":
            return self._judged.of_kind(value)[places]
        if fact == "bad case":
            return np.isin(ids, np.array(self._bad_ids, dtype=np.uint64)) == (value == "yes")
        column = self._capture.get(fact)
        if column is None:
            raise BadInput(f"there is no fact {fact!r}")
        return (column == value)[places]

    def _values(self, by: str) -> np.ndarray:
        """One number for each place."""
        import numpy as np

        p, v = self.pictures, self.pictures.version
        places = self._places()
        if by == "size":
            return (v.samples["width"].to_numpy().astype(float) * v.samples["height"].to_numpy())[places]
        if by in ("objects", "largest object"):
            table, of = _table(v, "box")
            if by == "objects":
                return (np.searchsorted(of, id_array(v), side="right") - np.searchsorted(of, id_array(v)))[
                    places
                ].astype(float)
            area = table["w"].to_numpy() * table["h"].to_numpy() if len(of) else np.empty(0)
            largest = np.full(len(v), np.nan)
            np.fmax.at(largest, np.searchsorted(id_array(v), of), area)
            return largest[places]
        if by == "score":
            q = p.prediction
            assert q is not None
            if q.probabilities is not None:
                return q.probabilities.max(1).astype(float)[places]
            assert q.detections is not None
            return np.array([float(d["scores"].max()) if len(d["scores"]) else np.nan for d in q.detections])[places]
        if by == "cost":
            return np.array([(p._costs or {}).get(int(x), np.nan) for x in places])
        if by == "drift distance" and self._drift is not None:
            return self._drift[places]
        raise BadInput(f"there is no order {by!r}")

    @functools.cached_property
    def _judged(self) -> Judgement:
        prediction = self.pictures.prediction
        assert prediction is not None
        return judge(prediction, truth_of(self.pictures.version, prediction))

    @functools.cached_property
    def _drift(self) -> np.ndarray | None:
        """Distance of each sample to what the model knows, from the last report on this version."""
        import numpy as np

        v = self.pictures.version
        for _, value in results_of(v.store, DRIFT)[::-1]:
            near = value.get("report", {}).get("nearest")
            if value.get("test") == v.name and near and len(near) == len(v):
                return np.asarray(near, dtype=float)
        return None

    @functools.cached_property
    def _bad_ids(self) -> list[int]:
        """Samples of this version that are kept as bad cases somewhere."""
        v = self.pictures.version
        found: set[int] = set()
        for node in v.store.graph().of_kind("data"):
            if is_bad_cases(v.store, node):
                found |= set(DataVersion(v.store, node).ids & v.ids)
        return sorted(found)

    @functools.cached_property
    def _capture(self) -> dict[str, np.ndarray]:
        import numpy as np

        v = self.pictures.version
        if len(v) > MOST_ROWS:
            return _few_values(v)
        table = v.to_pandas()
        skip = {"id", "uri", "width", "height", "role", "label", "labels"}
        out = {}
        for name in [str(c) for c in table.columns if c not in skip]:
            values = np.array(["" if x is None or x != x else str(x) for x in table[name]], dtype=object)
            if 1 < len(set(values)) <= MOST_VALUES:
                out[name] = values
        return out

    def _columns(self) -> dict[str, list[str]]:
        return {name: sorted({x for x in values if x}) for name, values in self._capture.items()}
