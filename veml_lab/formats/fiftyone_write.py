"""Write FiftyOne's image detection and image classification data sets: a folder a split, ``labels.json`` and
``data/``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ..errors import BadInput
from ..sources.columns import write_columns
from ..sources.holds import Holds, Keeper
from ..sources.source import Box, Record, Source
from ..sources.writing import ClassIds, named, new_folder
from ..storage.border import public

HOLDS = Holds(boxes=True, attributes=None, columns=True)
_OF_CLASSES = Holds(label=True, columns=True)
_FOLDERS = {"train": "train", "test": "test", "": "."}


@public
def write_fiftyone(source: Source, path: str | os.PathLike[str], *, lossy: bool = False) -> None:
    """Write a source as FiftyOne's image data sets, which its importers open a folder (a role) at a time.

    ``fiftyone.Dataset.from_dir(dataset_dir="out/train", dataset_type=fiftyone.types.FiftyOneImageDetectionDataset)``,
    of a set of class labels ``FiftyOneImageClassificationDataset``. Values become shares of the picture. Capture
    columns go into ``columns.csv``. The folder appears when it is whole.

    Parameters
    ----------
    lossy : bool
        Leave out what these data sets cannot hold (masks, keypoints, captions, targets), with one warning; otherwise
        that is an error.

    Raises
    ------
    BadInput
        If ``path`` is not new, or the source has what these data sets cannot hold.
    """
    classified = source.task == "classification"
    keeper = Keeper("FiftyOne", _OF_CLASSES if classified else HOLDS, lossy=lossy)
    ids, columns = ClassIds(source, 0), {}
    with new_folder(path) as folder:
        files: dict[str, _Labels] = {}
        try:
            for name, r in named(keeper.records(source)):
                if r.role not in files:
                    files[r.role] = _Labels(folder / _FOLDERS[r.role], source)
                value = _label(r, ids) if classified else [_box(b, r, ids) for b in r.boxes]
                files[r.role].add(name, r, value)
                if r.columns:
                    columns[name] = dict(r.columns)
        finally:
            for file in files.values():
                file.close()
        write_columns(folder, columns)


def _label(r: Record, ids: ClassIds) -> int | None:
    return None if r.label is None else ids[r.label]


def _box(b: Box, r: Record, ids: ClassIds) -> dict[str, Any]:
    out: dict[str, Any] = {
        "label": ids[b.label],
        "bounding_box": [b.x / r.width, b.y / r.height, b.w / r.width, b.h / r.height],
    }
    attributes = dict(b.attributes)
    if isinstance(attributes.get("confidence"), float):
        out["confidence"] = attributes.pop("confidence")
    return out | ({"attributes": attributes} if attributes else {})


class _Labels:
    """``labels.json``, which grows entry by entry, and the pictures beside it."""

    def __init__(self, folder: Path, source: Source) -> None:
        self._data, self._n = folder / "data", 0
        self._data.mkdir(parents=True)
        self._file = (folder / "labels.json").open("w", encoding="utf-8")
        self._file.write(f'{{"classes": {json.dumps(list(source.classes))},\n"labels": {{')

    def add(self, name: str, r: Record, value: Any) -> None:
        """One picture and what is said of it; a value that JSON does not have is an error."""
        (self._data / name).write_bytes(r.image)
        try:
            text = f"{json.dumps(name.rpartition('.')[0])}: {json.dumps(value, allow_nan=False)}"
        except (TypeError, ValueError) as e:
            raise BadInput(f"{r.uri} has a value that JSON cannot hold ({e}); leave that attribute out") from e
        self._file.write(("," if self._n else "") + "\n" + text)
        self._n += 1

    def close(self) -> None:
        self._file.write("}}\n")
        self._file.close()
