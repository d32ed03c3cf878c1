"""What networks have said of samples, as Arrow files: a folder a network, in it files of rows of one import each.

A file holds the rows that were asked for together and never changes. Its name is ``<first ID of the import>-<hash of
the bytes>.arrow``, so a file that is damaged, or that a killed process left half-written under another name, is never
read as an answer. Two processes that are asked for the same sample write the same row twice; the first that is found
counts. Many small files of one import are folded into one at the end of a run.

Numbers are kept as the network gave them, float32 (boxes with their int64 labels as int32): half of the room would
change which of two close classes is the likelier, and where a score stands to a threshold.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadData, warn
from ..evaluation.prediction import Prediction
from ..storage.failures import by_the_system, in_words
from ..storage.whole import write_whole

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

FOLDER = "predictions"
NAME = re.compile(r"(\d+)-([0-9a-f]{24})\.arrow")
ANY_PICTURE = -1  # the stamp of a sample whose picture cannot be looked at: what was said of it counts
FOLD_FILES, FOLD_BYTES = 8, 16 << 20  # so many files of an import, each below so many bytes, become one
_ABOUT = b"veml"


@dataclass(frozen=True)
class Kept:
    """What is kept of one network, for listings.

    Attributes
    ----------
    folder
        Its folder in the lab.
    about
        Who said it: ``kind`` and ``name`` of the version, ``task``, ``runtime`` of an inference version.
    samples, bytes, files
        Rows (one that was written twice counts twice), and what they take.
    """

    folder: Path
    about: Mapping[str, Any]
    samples: int
    bytes: int
    files: int


@dataclass
class Rows:
    """What was found of some samples.

    Attributes
    ----------
    there
        bool (n,): of which samples anything is kept.
    prediction
        Of all samples; what stands where nothing is kept means nothing. None where nothing is kept at all.
    """

    there: np.ndarray
    prediction: Prediction | None = None
    _classes: tuple[str, ...] = ()
    _arrays: dict[str, np.ndarray] = field(default_factory=dict)
    _detections: list[Any] | None = None


@dataclass(frozen=True)
class Answers:
    """The files of one network.

    Attributes
    ----------
    folder
        ``predictions/<fingerprint>`` of the lab.
    """

    folder: Path

    def files(self) -> list[tuple[int, Path]]:
        """First ID of the import, and path; a folder that is a link is nobody's."""
        if self.folder.is_symlink() or not self.folder.is_dir():
            return []
        found = ((NAME.fullmatch(p.name), p) for p in sorted(self.folder.iterdir()) if not p.is_symlink())
        return [(int(m[1]), p) for m, p in found if m]

    def read(self, ids: np.ndarray, stamps: np.ndarray, starts: Sequence[int], *, tidy: bool) -> Rows:
        """What is kept of samples.

        Parameters
        ----------
        ids : int64 array, shape (n,), ascending
        stamps : int64 array, shape (n,)
            Of their pictures (:func:`~veml_lab.training.predicted.stamps_of`); a row with another one is of other
            pixels.
        starts
            First IDs of the imports that these samples are of.
        tidy
            Remove a file that is damaged, so that it is said once.
        """
        import numpy as np

        for _ in range(10):  # a file may be folded into another while they are read
            rows = Rows(np.zeros(len(ids), bool))
            try:
                for start, file in self.files():
                    if start in starts:
                        self._take(file, ids, stamps, rows, tidy)
            except FileNotFoundError:
                continue
            break
        if rows.there.any():
            rows.prediction = Prediction(
                rows._classes,
                rows._arrays.get("probabilities"),
                rows._detections,
                rows._arrays.get("values"),
            )
        return rows

    def _take(self, file: Path, ids: np.ndarray, stamps: np.ndarray, rows: Rows, tidy: bool) -> None:
        import numpy as np

        table = self._table(file, tidy)
        if table is None or not len(ids):
            return
        theirs, stamp = (table[c].to_numpy() for c in ("id", "stamp"))
        at = np.minimum(np.searchsorted(ids, theirs), len(ids) - 1)
        same = (stamps[at] == stamp) | (stamps[at] == ANY_PICTURE)
        row = np.flatnonzero((ids[at] == theirs) & same & ~rows.there[at])
        if not len(row):
            return
        at = at[row]
        for name in ("probabilities", "values"):
            if name in table.column_names:
                shape = json.loads(table.schema.field(name).metadata[b"shape"])
                flat = table[name].combine_chunks().flatten().to_numpy().reshape(len(table), *shape)
                out = rows._arrays.setdefault(name, np.zeros((len(ids), *shape), np.float32))
                out[at] = flat[row]
        if "scores" in table.column_names:
            if rows._detections is None:
                rows._detections = [None] * len(ids)
            for place, said in zip(at.tolist(), _detections(table, row), strict=True):
                rows._detections[place] = said
        rows._classes = tuple(json.loads(table.schema.metadata[_ABOUT])["classes"])
        rows.there[at] = True

    def _table(self, file: Path, tidy: bool) -> pa.Table | None:
        """The rows of a file; None, and said, where its bytes are not those that it was written with."""
        try:
            return read_file(file)
        except BadData as e:
            warn(f"{e}; what was said of its samples is asked anew")
            if tidy:
                with contextlib.suppress(OSError):  # it is not read, whether it goes or stays
                    file.unlink()
            return None

    def write(
        self,
        start: int,
        ids: np.ndarray,
        stamps: np.ndarray,
        prediction: Prediction,
        about: Mapping[str, Any],
    ) -> None:
        """Keep what was said of samples of one import, in the order of their IDs."""
        import pyarrow as pa

        columns: dict[str, Any] = {"id": pa.array(ids), "stamp": pa.array(stamps)}
        fields = [pa.field("id", pa.int64()), pa.field("stamp", pa.int64())]
        for name, column, metadata in _columns(prediction):
            columns[name] = column
            fields.append(pa.field(name, column.type, metadata=metadata))
        text = json.dumps({**about, "classes": list(prediction.classes)})
        self._put(start, pa.table(columns, schema=pa.schema(fields, metadata={_ABOUT: text.encode()})))

    def _put(self, start: int, table: pa.Table) -> None:
        import pyarrow as pa

        out = io.BytesIO()
        with pa.ipc.new_file(out, table.schema) as writer:
            writer.write_table(table)
        data = out.getbuffer()
        with in_words(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{start}-{hashlib.sha256(data).hexdigest()[:24]}.arrow"
        write_whole(self.folder / name, lambda file: file.write(data))

    def fold(self) -> None:
        """Make one file of the many small ones of an import; by one process at a time (it removes the old ones)."""
        small: dict[int, list[Path]] = {}
        for start, file in self.files():
            if file.stat().st_size < FOLD_BYTES:
                small.setdefault(start, []).append(file)
        for start, files in small.items():
            if len(files) >= FOLD_FILES:
                self._fold(start, files)

    def _fold(self, start: int, files: list[Path]) -> None:
        import pyarrow as pa

        found: dict[Any, list[tuple[Path, pa.Table]]] = {}
        for file in files:
            table = self._table(file, True)
            if table is not None:
                found.setdefault(str(table.schema), []).append((file, table))
        for same in found.values():
            if len(same) > 1:
                self._put(start, pa.concat_tables([t for _, t in same]).combine_chunks())
                for file, _ in same:
                    file.unlink(missing_ok=True)


def read_file(file: Path) -> pa.Table:
    """The rows of a file of answers.

    Raises
    ------
    BadData
        Its bytes are not those that it was written with.
    FileNotFoundError
        It is gone.
    """
    import pyarrow as pa

    try:
        with pa.memory_map(str(file)) as source:
            data = source.read_buffer()
    except FileNotFoundError:
        raise
    except (OSError, pa.ArrowInvalid) as e:
        said = by_the_system(e, file)
        if said is not None:
            raise said from e
        raise BadData(f"{file} is damaged ({e})") from e
    named = NAME.fullmatch(file.name)
    if named is None or hashlib.sha256(data).hexdigest()[:24] != named[2]:
        raise BadData(f"{file} is damaged (its bytes are not what its name says)")
    return pa.ipc.open_file(data).read_all()


def kept_answers(lab: Path) -> Iterator[Kept]:
    """What is kept in a lab's folder, a network at a time; damaged files are not counted."""
    home = lab / FOLDER
    for folder in sorted(home.iterdir()) if home.is_dir() and not home.is_symlink() else ():
        about: dict[str, Any] = {}
        samples = size = n = 0
        for _, file in Answers(folder).files():
            with contextlib.suppress(BadData, FileNotFoundError):
                table = read_file(file)
                about = json.loads(table.schema.metadata[_ABOUT])
                samples, size, n = samples + len(table), size + file.stat().st_size, n + 1
        if n:
            yield Kept(folder, about, samples, size, n)


def _columns(prediction: Prediction) -> Iterator[tuple[str, pa.Array, dict[str, str] | None]]:
    import numpy as np
    import pyarrow as pa

    for name in ("probabilities", "values"):
        array = getattr(prediction, name)
        if array is not None:
            flat = np.ascontiguousarray(array, np.float32)
            width = int(np.prod(flat.shape[1:]))
            column = pa.FixedSizeListArray.from_arrays(pa.array(flat.reshape(-1)), width)
            yield name, column, {"shape": json.dumps(list(flat.shape[1:]))}
    if prediction.detections is not None:
        starts = pa.array(np.cumsum([0, *(len(d["scores"]) for d in prediction.detections)]), pa.int64())
        for name, kind, width in (("boxes", np.float32, 4), ("scores", np.float32, 1), ("labels", np.int32, 1)):
            parts = [np.asarray(d[name], kind).reshape(-1) for d in prediction.detections]
            flat = pa.array(np.concatenate(parts) if parts else np.empty(0, kind))
            inner = pa.FixedSizeListArray.from_arrays(flat, width) if width > 1 else flat
            yield name, pa.LargeListArray.from_arrays(starts, inner), None


def _detections(table: pa.Table, rows: np.ndarray) -> list[dict[str, np.ndarray]]:
    """Boxes, scores and labels of some rows of a file, as arrays of their own."""
    import numpy as np

    found: dict[str, np.ndarray] = {}
    starts = np.zeros(1, np.int64)
    for name in ("boxes", "scores", "labels"):
        column = table[name].combine_chunks()
        starts = column.offsets.to_numpy()
        inner = column.values.flatten() if name == "boxes" else column.values
        found[name] = inner.to_numpy(zero_copy_only=False)
    boxes = found["boxes"].reshape(-1, 4).astype(np.float32, copy=True)
    scores = found["scores"].astype(np.float32, copy=True)
    labels = found["labels"].astype(np.int64)
    cuts = [(int(starts[r]), int(starts[r + 1])) for r in rows]
    return [{"boxes": boxes[a:b], "scores": scores[a:b], "labels": labels[a:b]} for a, b in cuts]
