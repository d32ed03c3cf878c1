"""Samples of data versions as the image wall reads them: pictures, marks, filters, orders, and keeping a choice."""

from __future__ import annotations

import io
import os
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..embeddings.stored import stored
from ..errors import BadInput
from ..evaluation.kinds import RIGHT
from ..evaluation.prediction import Prediction
from ..versions import operations, sample_notes
from ..versions.data import DataVersion
from ..versions.inference import InferenceVersion
from ..versions.samples import id_array
from ..versions.store import VersionStore
from .about import about, nearest, withdraw
from .facts import Facts
from .marks import marks_of, predicted, same_samples
from .selection import conditions

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

PICTURE_PX = 96
SAVES = ("data version", "bad cases")


def is_writable(store: VersionStore) -> bool:
    """Whether a widget may make versions: never in a dashboard, whatever the lab says."""
    return not store.catalog.read_only and not os.environ.get("VEML_DASHBOARD")


def thumbnail(version: DataVersion, position: int, size_px: int = PICTURE_PX, *, enlarge: bool = True) -> bytes:
    """A JPEG whose longer side is ``size_px``; rows become text.

    A smaller image is enlarged without smoothing, or comes as it is where whoever shows it enlarges it.
    """
    image = (
        _row_picture(version, position)
        if version.samples["kind"][position].as_py() == "row"
        else version.images[position]
    )
    return jpeg_of(image, size_px, enlarge=enlarge)


def jpeg_of(image: Image.Image, size_px: int, *, enlarge: bool = True) -> bytes:
    """A picture as :func:`thumbnail` gives it."""
    from PIL import Image

    scale = size_px / max(image.size)
    if scale < 1 or enlarge:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.NEAREST if scale >= 2 else Image.Resampling.BICUBIC)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85 if scale < 1 or enlarge else 95)  # few pixels show every loss
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
    made = thumbnail(version, position, size_px, enlarge=False)
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
        One number a sample (how wrong it is), another order; as the judge has them unless given.
    writable
        Whether a choice can be kept as a new version, and samples can be tagged.
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
        self.tags = writable
        self.costs = costs
        self._ids = id_array(version)
        self._uri = version.samples["uri"]
        self._last: DataVersion | None = None
        self.facts = Facts(self)
        self.filters, self.orders = self.facts.filters, self.facts.orders
        self.numbers, self.texts = self.facts.numbers, self.facts.texts
        self.nearest = stored(version) is not None

    def part(self, places: Sequence[int] | np.ndarray) -> VersionPictures:
        """The same wall of some of its places, in that order."""
        import numpy as np

        at = np.asarray(self.positions, dtype=np.int64)[np.asarray(places, dtype=np.int64)]
        return VersionPictures(
            self.version,
            at.tolist(),
            self.prediction,
            layers=self._others,
            inference=self.inference,
            costs=self.costs,
            writable=bool(self.saves),
        )

    def __len__(self) -> int:
        return len(self.positions)

    def thumbnails(self, positions: list[int], size_px: int) -> list[bytes]:
        """JPEG bytes of each sample, none larger than it is."""
        return [
            _remembered(self.version, int(self._ids[self.positions[p]]), self.positions[p], size_px) for p in positions
        ]

    def find(self, where: Mapping[str, Any], by: str, descending: bool) -> np.ndarray:
        """Places (0 ... len - 1) that pass every condition (:mod:`~veml_lab.faces.selection`), in an order."""
        return self.facts.find(conditions(where), by, descending)

    def spread(self, fact: str) -> tuple[list[float], list[int]]:
        """Edges and counts of the histogram of a number over the samples of the wall."""
        return self.facts.spread(fact)

    def like(self, position: int, where: Mapping[str, Any]) -> np.ndarray:
        """Places of the samples that pass, the nearest to one first by the vectors that lie in the lab, at most 1,000.

        Raises
        ------
        BadInput
            Not all samples have a vector: a look computes none.
        """
        return nearest(self.version, self.positions, position, self.facts.find(conditions(where), "", False))

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
        self._last = made
        return f"{made.name!r}: {len(made):,} samples, a data version made from {self.version.name!r}"

    def undo(self) -> str:
        """Take back what was kept last: it is withdrawn, the panel's list leaves it out; a frozen one stays frozen.

        Raises
        ------
        BadInput
            Nothing was kept since the wall opened, or something was made of it since.
        """
        if self._last is None:
            raise BadInput("nothing was kept from this wall that could be taken back")
        said = withdraw(self._last)
        self._last = None
        return said

    def tag(self, name: str, positions: list[int], remove: bool = False) -> str:
        """Tag samples, or take the tag off; no data version changes by it."""
        ids = [int(self._ids[self.positions[p]]) for p in positions]
        changed = sample_notes.tag(self.version.store, ids, name, remove=remove)
        self.filters.pop("tag", None)
        self.filters |= self.facts.tags()
        return f"{name!r} {'taken off' if remove else 'given to'} {changed:,} of {len(ids):,} samples"

    def note(self, position: int, text: str) -> str:
        """Write a note to a sample."""
        sample_notes.note(self.version.store, int(self._ids[self.positions[position]]), text)
        return f"noted on {self._uri[self.positions[position]].as_py()}"

    def about(self, position: int) -> dict[str, Any]:
        """All that is known of a sample: its columns, the versions that hold it, tags, notes, and what is wrong."""
        place = self.positions[position]
        found = about(self.version, place)
        if self.prediction is not None and self.facts.is_judged:
            found["errors"] = [str(f) for f in self.facts.judged.mistakes(place)]
        return found

    def annotations(self, positions: list[int]) -> list[dict[str, Any]]:
        """Class, boxes, masks, keypoints (relative), caption, prediction and further layers of each sample."""
        places = [self.positions[p] for p in positions]
        own = marks_of(self.version, places)
        others = {
            name: predicted(self.version, other, places)
            if isinstance(other, Prediction)
            else same_samples(self.version, other, places)
            for name, other in self._others.items()
        }
        said = predicted(self.version, self.prediction, places) if self.prediction is not None else None
        for k, (p, note) in enumerate(zip(places, own, strict=True)):
            note["caption"] = self._uri[p].as_py()
            if said is not None:
                note["prediction"] = said[k]
                note |= self._wrong(p)
            if others:
                note["layers"] = {name: marks[k] for name, marks in others.items()}
        return own

    def _wrong(self, place: int) -> dict[str, Any]:
        """Cost and kinds of error of a sample; nothing where all is right, or the task has no kinds."""
        kinds = list(self.facts.judged.kinds(place)) if self.facts.is_judged else []
        if self.costs is not None:
            cost = self.costs.get(place)
        else:
            cost = float(self.facts.judged.costs[place]) if self.facts.is_judged else None
        return {"kinds": [k for k in kinds if k != RIGHT], "cost": cost} if cost else {}
