"""What a version says of samples, from what was kept; a network runs for those alone that nobody asked it for yet.

One way for every reader: bad cases, error analysis, the walls, active learning, the table of rebuildings. Answers
belong to the network and to the sample, so a derived, merged or grown data version, or one with other annotations,
finds what was said of the samples that it shares.
"""

from __future__ import annotations

import contextlib
import functools
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadData, DamagedLab, FullDisk, LabError, NotAllowed, ReadOnlyLab, warn
from ..evaluation.prediction import Prediction, joined
from ..intermediates.asking import Part, asking, halt
from ..storage.locks import patience_s, take
from ..versions.data import DataVersion
from ..versions.lab_cache import shelf_of
from ..versions.moved import in_place_file
from ..versions.samples import id_array
from ..versions.store import key_of
from ..versions.training import TrainingVersion
from .answers import ANY_PICTURE, FOLDER, Answers, Rows
from .backend import Answering
from .registry import OURS, backend
from .weight_files import file_hash

if TYPE_CHECKING:
    import numpy as np

    from ..intermediates.costs import Costs

FORM = 1  # of the files, and of what is done to a sample before a network sees it: raise it when either changes
FLUSH_S, FLUSH_BYTES = 10.0, 32 << 20  # what is done for so long, or is so large, is written
_UNITS = {"classification": "img", "detection": "img", "forecasting": "window"}


class _Miscounted(BadData):
    """A network gave more or fewer answers than it was asked for."""


@dataclass(frozen=True)
class Asked:
    """Who is asked.

    Attributes
    ----------
    key
        What its answers depend on beside the sample, as JSON-able parts: weights, recipe, runtime.
    about
        Who it is, for people; kept with the answers.
    recipe
        Of its model.
    answers
        Gives predictions of samples of a version, in their order, some at a time. Called when anything is missing.
    """

    key: Sequence[Any]
    about: Mapping[str, Any]
    recipe: Mapping[str, Any]
    answers: Callable[[DataVersion, Sequence[int]], Iterator[Prediction]]

    def kept_in(self, lab: Path) -> Answers:
        """Its files."""
        return Answers(lab / FOLDER / key_of(FORM, *self.key))


def prediction_of(training: TrainingVersion, data: DataVersion, *, progress: bool = True) -> Prediction:
    """What a training version says of a data version; see :func:`predicted`."""
    return predicted(_asked(training, data), data, progress=progress)


def kept_prediction(training: TrainingVersion, data: DataVersion | None = None) -> Prediction | None:
    """What was kept of what a training says of data (default: its validation data); None where any of it is missing.

    Nothing is computed.
    """
    data = data or training.validation
    if data is None:
        return None
    try:
        asked = _asked(training, data)
    except DamagedLab:  # its weights are gone, and with them what tells whose answers are kept
        return None
    rows = _kept(asked, data, _Samples.of(data), tidy=False)
    return rows.prediction if rows.there.all() else None


def missing_predictions(asked: Asked, data: DataVersion) -> int:
    """Of how many samples nothing is kept yet."""
    return int((~_kept(asked, data, _Samples.of(data), tidy=False).there).sum())


def predicted(asked: Asked, data: DataVersion, *, progress: bool = True) -> Prediction:
    """What a network says of the samples of a version, in ID order: what is kept, and the rest now.

    What is new is kept as it comes, at the latest every ten seconds of work, so that a run that is interrupted goes on
    where it was. Of two processes that ask for the same at once, one works and the other reads; a lab that is open
    read-only reads and keeps nothing.

    Raises
    ------
    BadData
        The network gave another number of answers than there are samples; none of them is kept then.
    """
    import numpy as np

    samples, writable = _Samples.of(data), not data.store.catalog.read_only
    if not len(samples.ids):
        return _of_nothing(asked)
    rows = _kept(asked, data, samples, tidy=writable and asking() is None)
    operation, costs = f"predict {asked.kept_in(data.store.folder).folder.name}", shelf_of(data.store).costs
    _explained(asked, data, int(rows.there.sum()), costs, operation)
    if rows.there.all():
        assert rows.prediction is not None
        return rows.prediction
    halt(f"what {asked.about['name']!r} says of {data.name!r}")
    if not writable:
        fresh = joined(list(_shown(asked, data, np.flatnonzero(~rows.there), progress)))
        return _merged(rows, fresh, asked)
    answers = asked.kept_in(data.store.folder)
    with _turn(answers.folder) as alone:
        rows = _kept(asked, data, samples, tidy=True)  # another process may have worked meanwhile
        missing = np.flatnonzero(~rows.there)
        began = time.perf_counter()
        fresh_parts = _filled(asked, data, samples, missing, answers, progress) if len(missing) else []
        if len(missing):
            costs.note(operation, time.perf_counter() - began, len(missing))
        if alone:
            with contextlib.suppress(OSError, ReadOnlyLab):  # what could not be folded is there in its pieces
                answers.fold()
    if not len(missing):
        assert rows.prediction is not None
        return rows.prediction
    return _merged(rows, joined(fresh_parts), asked)


def _explained(asked: Asked, data: DataVersion, found: int, costs: Costs, operation: str) -> None:
    """Say the part to whoever only asks what a call would compute."""
    if (told := asking()) is not None:
        n = len(data)
        saved = costs.expected(operation, found) if found else None
        seconds = costs.expected(operation, n - found)
        told.note(Part(f"what {asked.about['name']!r} says of {data.name!r}", found, n, seconds, saved))


def _asked(training: TrainingVersion, data: DataVersion) -> Asked:
    """A training version, as its backend can be asked; the backend is loaded when it is."""
    recipe, checkpoint, name = training.model.recipe, training.checkpoint, training.plan["backend"]

    def answers(data: DataVersion, positions: Sequence[int]) -> Iterator[Prediction]:
        engine = backend(name)
        if isinstance(engine, Answering):
            return engine.answers(recipe, checkpoint, data, positions)
        whole = engine.predict(recipe, checkpoint, data)
        return iter([_part(whole, positions)])

    about = {"kind": "training", "name": training.name, "id": training.id, "task": recipe["task"]}
    key = ["training", name, dict(recipe), checkpoint_hash(checkpoint), *parts_of_key(data)]
    if name not in OURS:  # of another package, which may look at the preparation of a version
        key.append(dict(data.facts.preparation))
    return Asked(key, about, recipe, answers)


def parts_of_key(data: DataVersion) -> list[Any]:
    """What an answer depends on beside the sample's own bytes: of a window, the series that it is cut from."""
    return [dict(data.facts.series)] if data.facts.series is not None else []


def checkpoint_hash(file: Path) -> str:
    """The hash of a file of weights, read again only where the file has changed."""
    s = file.stat()
    return _hashed(str(file), s.st_mtime_ns, s.st_size)


@functools.lru_cache(64)
def _hashed(file: str, mtime_ns: int, size: int) -> str:
    return file_hash(Path(file))


@dataclass(frozen=True)
class _Samples:
    """Which samples are asked for.

    Attributes
    ----------
    ids
        int64 (n,), ascending.
    stamps
        int64 (n,), see :func:`stamps_of`.
    blocks
        First ID and number of IDs of every import that any of them is of.
    """

    ids: np.ndarray
    stamps: np.ndarray
    blocks: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, data: DataVersion) -> _Samples:
        import numpy as np

        ids = id_array(data).astype(np.int64)
        blocks = []
        for b in data.store.catalog.read("blocks").to_pylist():
            first, last = np.searchsorted(ids, [b["start"], b["start"] + b["n"]])
            if first < last:
                blocks.append((int(b["start"]), int(b["n"])))
        return cls(ids, stamps_of(data), tuple(blocks))


def stamps_of(data: DataVersion) -> np.ndarray:
    """What tells whether the picture of a sample is the one that a network saw, int64 (n,).

    0 for what lies in the lab, which never changes. Of a picture that stayed where it was: made of its size and time of
    change; -1 where it cannot be looked at.
    """
    import numpy as np

    found = np.zeros(len(data), np.int64)
    paths = data.samples["path"]
    if paths.null_count == len(paths):
        return found
    for at, path in enumerate(paths.to_pylist()):
        if path is not None:
            try:
                s = in_place_file(data.store.folder, path).stat()
                found[at] = (s.st_mtime_ns * 1_000_003 + s.st_size) & (2**62 - 1)
            except OSError:
                found[at] = ANY_PICTURE
    return found


def _kept(asked: Asked, data: DataVersion, samples: _Samples, *, tidy: bool) -> Rows:
    starts = [start for start, _ in samples.blocks]
    return asked.kept_in(data.store.folder).read(samples.ids, samples.stamps, starts, tidy=tidy)


def _shown(asked: Asked, data: DataVersion, missing: np.ndarray, progress: bool) -> Iterator[Prediction]:
    """Answers with a bar that counts samples."""
    from tqdm.auto import tqdm

    unit = _UNITS.get(asked.recipe["task"], "sample")
    done = 0
    with tqdm(
        total=len(missing), desc=f"{asked.about['name']} on {data.name}", unit=unit, disable=not progress, leave=False
    ) as bar:
        for part in asked.answers(data, missing.tolist()):
            n = _length(part)
            done += n
            bar.update(n)
            if done > len(missing):
                break
            yield part
    if done != len(missing):
        raise _Miscounted(
            f"{asked.about['name']!r} gave {done:,} answers for {len(missing):,} samples of {data.name!r}; one a sample"
            " was due"
        )


def _filled(
    asked: Asked, data: DataVersion, samples: _Samples, missing: np.ndarray, answers: Answers, progress: bool
) -> list[Prediction]:
    """Ask for what is missing, and keep it."""
    found: list[Prediction] = []
    kept = done = waiting = 0  # parts that are written, samples in them, bytes that are not written
    last, keeping = time.monotonic(), True

    def flush() -> None:
        nonlocal kept, done, waiting, last, keeping
        if not keeping or kept == len(found):
            return
        part = joined(found[kept:])
        n = _length(part)
        try:
            _write(asked, samples, missing[done : done + n], part, answers)
        except (FullDisk, NotAllowed, ReadOnlyLab) as e:  # costs time the next time, not the answer
            warn(f"what {asked.about['name']!r} says of {data.name!r} is not kept: {e}")
            keeping = False
        kept, done, waiting, last = len(found), done + n, 0, time.monotonic()

    try:
        for part in _shown(asked, data, missing, progress):
            found.append(part)
            waiting += _bytes(part)
            if time.monotonic() - last >= FLUSH_S or waiting >= FLUSH_BYTES:
                flush()
    except _Miscounted:  # nobody knows which sample an answer is of
        raise
    except BaseException:  # an interruption, or a sample that cannot be read: what is done is done
        flush()
        raise
    flush()
    return found


def _write(asked: Asked, samples: _Samples, at: np.ndarray, part: Prediction, answers: Answers) -> None:
    import numpy as np

    ids = samples.ids[at]
    for start, n in samples.blocks:
        first, last = np.searchsorted(ids, [start, start + n])
        if first < last:
            some = _part(part, range(first, last))
            answers.write(start, ids[first:last], samples.stamps[at[first:last]], some, asked.about)


@contextlib.contextmanager
def _turn(folder: Path) -> Iterator[bool]:
    """Wait while another process asks the same network and gets on; whether the folder is ours alone then."""
    fd = None
    with contextlib.suppress(OSError, LabError):  # no room, no permission, no locks: said where something is kept
        folder.mkdir(parents=True, exist_ok=True)
        fd = _taken(folder)
    try:
        yield fd is not None
    finally:
        if fd is not None:
            os.close(fd)


def _taken(folder: Path) -> int | None:
    """The lock of a folder; None where its holder stands still: what both do is done twice then, and none waits."""
    seen, since, nap = -1, time.monotonic(), 0.01
    while (fd := take(folder, exclusive=True)) is None:
        there = len(list(folder.iterdir()))
        if there != seen:
            seen, since = there, time.monotonic()
        elif time.monotonic() - since > max(patience_s(), 3 * FLUSH_S):
            return None
        time.sleep(nap)
        nap = min(0.5, nap * 1.5)
    return fd


def _merged(rows: Rows, fresh: Prediction, asked: Asked) -> Prediction:
    """What was kept and what was said now, in ID order."""
    import numpy as np

    if not rows.there.any():
        return fresh
    missing, kept = np.flatnonzero(~rows.there), rows.prediction
    assert kept is not None
    for name in ("probabilities", "values"):
        array = getattr(fresh, name)
        if array is not None:
            getattr(kept, name)[missing] = array
    if fresh.detections is not None and kept.detections is not None:
        for at, said in zip(missing.tolist(), fresh.detections, strict=True):
            kept.detections[at] = said
    return kept


def _part(prediction: Prediction, positions: Sequence[int]) -> Prediction:
    import numpy as np

    at = np.asarray(positions, dtype=np.int64)
    return Prediction(
        prediction.classes,
        None if prediction.probabilities is None else prediction.probabilities[at],
        None if prediction.detections is None else [prediction.detections[i] for i in at.tolist()],
        None if prediction.values is None else prediction.values[at],
    )


def _of_nothing(asked: Asked) -> Prediction:
    import numpy as np

    classes = tuple(asked.recipe.get("classes", ()))
    if asked.recipe["task"] == "detection":
        return Prediction(classes, detections=[])
    if asked.recipe["task"] == "classification":
        return Prediction(classes, probabilities=np.empty((0, len(classes)), np.float32))
    return Prediction(classes, values=np.empty((0, 0, 0, 0), np.float32))


def _length(prediction: Prediction) -> int:
    found = (prediction.probabilities, prediction.detections, prediction.values)
    return next((len(x) for x in found if x is not None), 0)


def _bytes(prediction: Prediction) -> int:
    arrays = [a for a in (prediction.probabilities, prediction.values) if a is not None]
    arrays += [a for d in prediction.detections or () for a in d.values()]
    return sum(a.nbytes for a in arrays)
