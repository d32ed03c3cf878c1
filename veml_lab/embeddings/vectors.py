"""Embeddings on disk: one ``.npy`` per (import range, fingerprint), memory-mapped, filled as needed.

A merged or filtered version only points into the files of the imports that its samples came from, so
nothing is embedded twice. Beside each file lies a byte per row that says "written": rows are flushed
before their bytes are set, so a killed run loses the few batches in the making and never leaves a row
that is half there.
"""

from __future__ import annotations

import functools
import os
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadData, ReadOnlyLab
from ..execute import Asked, ahead
from ..intermediates.asking import Part, Unmade, asking
from ..storage.failures import DAMAGED_ARRAY, by_the_system
from ..storage.locks import folder_lock
from ..storage.whole import whole, write_whole
from ..versions.data import DataVersion
from ..versions.lab_cache import shelf_of
from ..versions.samples import id_array
from ..versions.where import working_place

if TYPE_CHECKING:
    import numpy as np

    from .embedder import Embedder

BATCH = 64
BEHIND = 2  # batches that wait to be written while the next ones are embedded


def embed(
    version: DataVersion, embedder: Embedder, *, executor: Asked | None = None, progress: bool = True
) -> np.ndarray:
    """Vectors of all samples of a version in ID order.

    Parameters
    ----------
    executor
        Where samples are read and decoded beside the embedding: ``"threads"``, ``("processes", 4)``, an executor;
        default: the lab's (:meth:`veml_lab.Lab.use_executor`), else two threads.

    Returns
    -------
    float32 array, shape (n, d)

    Raises
    ------
    ReadOnlyLab
        Something is missing and the lab is open read-only.
    BadData
        The embedder gave NaN, infinity or a wrong shape for a sample (it is named).
    """
    import numpy as np

    ids = id_array(version).astype(np.int64)
    out = np.empty((len(ids), embedder.dim), dtype=np.float32)
    if asking() is not None and _noted(version, embedder):
        return Unmade(f"the vectors of {version.name!r}")  # type: ignore[return-value]
    missing: list[tuple[_Block, np.ndarray]] = []
    blocks = version.store.catalog.read("blocks").to_pylist()
    for b in blocks:
        first, last = np.searchsorted(ids, [b["start"], b["start"] + b["n"]])
        if first == last:
            continue
        block = _Block(version.store.folder, embedder, b["start"], b["n"], version.store.catalog.read_only)
        rows = ids[first:last] - b["start"]
        todo = np.flatnonzero(block.missing(rows)) + first
        if len(todo):
            missing.append((block, todo))
    if missing:
        began = time.perf_counter()
        _fill(version, embedder, ids, missing, executor, progress)
        n = sum(len(at) for _, at in missing)
        shelf_of(version.store).costs.note(_operation(embedder), time.perf_counter() - began, n)
    for b in blocks:
        first, last = np.searchsorted(ids, [b["start"], b["start"] + b["n"]])
        if first < last:
            block = _Block(version.store.folder, embedder, b["start"], b["n"], True)
            out[first:last] = block.vectors()[ids[first:last] - b["start"]]
    return out


def missing_count(version: DataVersion, embedder: Embedder) -> int:
    """How many samples of a version have no vector yet."""
    import numpy as np

    ids = id_array(version).astype(np.int64)
    count = 0
    for b in version.store.catalog.read("blocks").to_pylist():
        first, last = np.searchsorted(ids, [b["start"], b["start"] + b["n"]])
        if first < last:
            block = _Block(version.store.folder, embedder, b["start"], b["n"], True)
            count += int(block.missing(ids[first:last] - b["start"]).sum())
    return count


def _operation(embedder: Embedder) -> str:
    """By which the costs of an embedder are kept."""
    return f"embed {embedder.fingerprint}"


def _noted(version: DataVersion, embedder: Embedder) -> int:
    """Note for whoever asks how many vectors are there and what the missing ones take; gives their number."""
    missing, costs = missing_count(version, embedder), shelf_of(version.store).costs
    seconds = costs.expected(_operation(embedder), missing) if missing else 0.0
    saved = costs.expected(_operation(embedder), len(version) - missing)
    held = asking()
    assert held is not None
    held.note(Part(f"vectors of {version.name!r}", len(version) - missing, len(version), seconds, saved))
    return missing


class _Block:
    """The vectors of one import range under one fingerprint."""

    def __init__(self, folder: Path, embedder: Embedder, start: int, n: int, read_only: bool) -> None:
        self.folder = folder / "embeddings" / embedder.fingerprint
        self.file = self.folder / f"{start}.npy"
        self.done = self.folder / f"{start}.done"
        self.shape, self.read_only = (n, embedder.dim), read_only

    def missing(self, rows: np.ndarray) -> np.ndarray:
        import numpy as np

        if not self.done.exists() or not self.file.exists():
            return np.ones(len(rows), bool)
        marks = np.fromfile(self.done, np.uint8)
        if len(marks) != self.shape[0]:
            raise BadData(
                f"{self.done} has {len(marks)} marks for {self.shape[0]} rows; remove it and {self.file.name}, and"
                " embed again"
            )
        return marks[rows] == 0

    def create(self) -> None:
        import numpy as np

        if self.read_only:
            raise ReadOnlyLab(
                "some samples have no embedding yet and the lab is open read-only; embed them in a writable lab"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        with folder_lock(self.folder, exclusive=True):  # else a second process empties what the first has filled
            if self.file.exists() and self.done.exists():
                self.vectors()  # of the right shape, or that is said before anything is embedded
                return
            write_whole(self.done, bytes(self.shape[0]))
            with whole(self.file) as draft:
                np.lib.format.open_memmap(draft, mode="w+", dtype=np.float32, shape=self.shape).flush()

    def write(self, rows: np.ndarray, vectors: np.ndarray) -> None:
        """Rows in rising order; by calls that fail on a full disk, where a memory map would kill the process."""
        import numpy as np

        runs = np.split(np.arange(len(rows)), np.flatnonzero(np.diff(rows) != 1) + 1)
        row_bytes = self.shape[1] * 4
        start = self.file.stat().st_size - self.shape[0] * row_bytes  # behind the header
        for path, first, width, data in (
            (self.file, start, row_bytes, vectors),
            (self.done, 0, 1, np.ones(len(rows), np.uint8)),
        ):
            with path.open("r+b") as f:
                for run in runs:
                    f.seek(first + int(rows[run[0]]) * width)
                    f.write(np.ascontiguousarray(data[run]).data)
                f.flush()
                os.fsync(f.fileno())

    def vectors(self) -> np.ndarray:
        import numpy as np

        try:
            values = np.lib.format.open_memmap(self.file, mode="r")
        except DAMAGED_ARRAY as e:
            said = by_the_system(e, self.file)
            if said is not None:
                raise said from e
            raise BadData(
                f"{self.file} is damaged ({type(e).__name__}: {e}); remove it and its .done file, and embed again"
            ) from e
        if values.shape != self.shape:
            raise BadData(f"{self.file} has the shape {values.shape}, not {self.shape}; remove it and embed again")
        return values


def _fill(
    version: DataVersion, embedder: Embedder, ids: np.ndarray, missing: list, asked: Asked | None, progress: bool
) -> None:
    import numpy as np
    from tqdm.auto import tqdm

    batches = []
    for block, todo in missing:
        block.create()
        batches += [(block, todo[i : i + BATCH]) for i in range(0, len(todo), BATCH)]
    _ = version.images.places  # read once, before threads ask for it
    prepare = getattr(embedder, "prepare", None)
    total = sum(len(at) for _, at in batches)
    with (
        working_place(version.store, asked, default=("threads", 2)) as where,
        ThreadPoolExecutor(1) as writer,  # no choice: it writes the files of this process, one after the other
        tqdm(total=total, desc=f"embed {version.name}", unit="img", disable=not progress, leave=False) as bar,
    ):
        read = functools.partial(prepare, version) if prepare else _nothing
        inputs = ahead(where.pool, read, (at.tolist() for _, at in batches), depth=max(2, where.workers))
        behind: deque[tuple[Future, int]] = (
            deque()
        )  # a flush waits for the disk; the next forward pass does not wait for the flush
        for (block, at), ready in zip(batches, inputs, strict=True):
            vectors = embedder.forward(ready) if prepare else embedder.embed(version, at.tolist())  # type: ignore[attr-defined]
            if vectors.shape != (len(at), embedder.dim):
                raise BadData(
                    f"the embedder gave the shape {vectors.shape} for {len(at)} samples; ({len(at)}, {embedder.dim})"
                    " was due"
                )
            bad = ~np.isfinite(vectors).all(1)
            if bad.any():
                uri = version.samples["uri"][int(at[np.argmax(bad)])].as_py()
                raise BadData(f"the embedder gave NaN or infinity for sample {uri!r}; check that image and the weights")
            behind.append(
                (writer.submit(block.write, ids[at] - int(block.file.stem), vectors.astype(np.float32)), len(at))
            )
            while len(behind) > BEHIND:
                _written(behind, bar)
        while behind:
            _written(behind, bar)


def _nothing(positions: list[int]) -> None:
    """What is read beforehand for an embedder that reads its samples itself."""


def _written(behind: deque[tuple[Future, int]], bar: Any) -> None:
    """Wait for the oldest write and count it; a full disk says so here."""
    future, n = behind.popleft()
    future.result()
    bar.update(n)
