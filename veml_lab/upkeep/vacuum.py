"""``veml vacuum LAB``: remove what no version needs, and the empty room in the catalog."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..catalog import database
from ..catalog.client import exclusively
from ..catalog.snapshot import Snapshot
from ..errors import BadInput, FullDisk, MissingFile, ReadOnlyLab
from ..storage.border import public
from ..storage.failures import in_words
from ..storage.strangers import refuse_links
from ..storage.whole import draft_of
from .lab_files import GRACE_S, Leftover, leftovers, passing

WORTH = 0.1  # compact when this part of the catalog is empty


@dataclass(frozen=True, repr=False)
class Vacuumed:
    """What was removed, or would be (``dry_run``).

    Attributes
    ----------
    removed
        Path inside the lab, why nobody needs it, its size in bytes.
    kept
        What nobody needs either, and is in use or younger than the grace period.
    catalog_before, catalog_after
        Bytes of the catalog; equal where compacting it would gain little.
    note
        Why the catalog was not compacted although it would be worth it; empty else.
    """

    lab: str
    dry_run: bool
    removed: tuple[tuple[str, str, int], ...]
    kept: tuple[tuple[str, str, int], ...]
    catalog_before: int
    catalog_after: int
    note: str = ""

    @property
    def freed(self) -> int:
        """Bytes."""
        return sum(size for *_, size in self.removed) + self.catalog_before - self.catalog_after

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        listed = {k: [{"path": p, "why": w, "bytes": n} for p, w, n in getattr(self, k)] for k in ("removed", "kept")}
        return {
            "lab": self.lab,
            "dry_run": self.dry_run,
            **listed,
            "catalog_before": self.catalog_before,
            "catalog_after": self.catalog_after,
            "freed": self.freed,
            "note": self.note,
        }

    def __repr__(self) -> str:
        verb = "would remove" if self.dry_run else "removed"
        lines = [f"{self.lab}: {verb} {len(self.removed)} leftovers, {self.freed / 1e6:.1f} MB"]
        lines += [f"  {path}: {why} ({size / 1e6:.1f} MB)" for path, why, size in self.removed]
        if self.kept:
            lines.append(f"  {len(self.kept)} more are in use or too young to be sure of")
        if self.catalog_after != self.catalog_before:
            lines.append(f"  catalog.duckdb: {self.catalog_before / 1e6:.1f} -> {self.catalog_after / 1e6:.1f} MB")
        if self.note:
            lines.append(f"  catalog.duckdb: {self.note}")
        return "\n".join(lines)


@public
def vacuum(lab: str | os.PathLike[str], *, dry_run: bool = False, grace_s: float = GRACE_S) -> Vacuumed:
    """Remove leftovers of killed processes and files that no version needs; compact the catalog.

    A file goes only when nothing in the catalog or in a job names it, no living process holds it, and it has not been
    touched for ``grace_s`` seconds. It is first moved aside, then the catalog is asked again: what a commit has come to
    need meanwhile is put back. Others go on reading and writing; compacting (only where a tenth of the catalog is
    empty) makes them wait for a moment.

    Parameters
    ----------
    lab
        The lab, or its folder.
    dry_run
        Only say what would go.
    grace_s
        Seconds; a day unless given.

    Raises
    ------
    MissingFile
        There is no lab.
    ReadOnlyLab
        The lab's folder cannot be written.
    NotAllowed
        The lab's own files or folders are links (:mod:`veml_lab.storage.strangers`).

    Examples
    --------
    >>> veml.vacuum(lab).removed
    ()
    """
    folder = Path(lab).expanduser().resolve()
    if not (folder / "catalog.duckdb").exists():
        raise MissingFile(f"there is no lab in {folder}; give the folder of one")
    if grace_s < 0:
        raise BadInput(f"the grace period is a time of 0 or more seconds, got {grace_s}")
    if not dry_run and not os.access(folder, os.W_OK):
        raise ReadOnlyLab(f"{folder} cannot be written, so nothing in it can be removed")
    refuse_links(folder)
    going: list[Leftover] = []
    if not dry_run:  # first what the catalog has no say in: a copy of it may need the room
        with in_words(folder, "tidied up"):
            going = [f for f in passing(folder) if f.age_s >= grace_s and not f.in_use and _gone(f.path)]
    with Snapshot(folder) as snapshot:
        found = list(leftovers(folder, snapshot))
        roomy = snapshot.free_share() > WORTH
    old = [f for f in found if f.age_s >= grace_s and not f.in_use]
    with in_words(folder, "tidied up"):
        going += old if dry_run else _remove(folder, old)
    gone = {f.path for f in going}
    before = after = (folder / "catalog.duckdb").stat().st_size
    note = ""
    if roomy and not dry_run:
        try:
            with exclusively(folder):
                before, after = database.compact(folder / "catalog.duckdb")
        except FullDisk as e:  # what was removed is removed; the catalog is as it was
            note = f"not compacted: {e}"
    return Vacuumed(
        str(folder),
        dry_run,
        tuple(_row(folder, f) for f in going),
        tuple(_row(folder, f) for f in found if f.path not in gone),
        before,
        after,
        note,
    )


def _row(folder: Path, left: Leftover) -> tuple[str, str, int]:
    return str(left.path.relative_to(folder)), left.why, left.size


def _remove(folder: Path, old: list[Leftover]) -> list[Leftover]:
    """Move aside, ask again, put back what is needed now, remove the rest.

    Aside is a hidden name in the same folder: on a full disk there may be no room for a folder to put them in.
    """
    if not old:
        return []
    moved: list[tuple[Leftover, Path]] = []
    try:
        for left in old:
            target = draft_of(left.path)
            with contextlib.suppress(FileNotFoundError):
                seen = left.path.lstat().st_ino
                left.path.replace(target)
                if target.lstat().st_ino != seen:  # written anew between the two looks
                    target.replace(left.path)
                    continue
                moved.append((left, target))
        with Snapshot(folder) as snapshot:
            unneeded = {f.path for f in _again(folder, snapshot, moved)}
        removed = []
        for left, target in moved:
            if left.path in unneeded:
                _gone(target)
                removed.append(left)
            elif not left.path.exists():
                target.replace(left.path)
        return removed
    except BaseException:
        for left, target in moved:
            if target.exists() and not left.path.exists():
                target.replace(left.path)
        raise


def _gone(path: Path) -> bool:
    """Remove a file, or a folder of ours with what is in it (links in it are not followed); whether it is gone."""
    with contextlib.suppress(FileNotFoundError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return True


def _again(folder: Path, snapshot: Snapshot, moved: list[tuple[Leftover, Path]]) -> list[Leftover]:
    """Which of the files moved aside the catalog still does not need."""
    from .lab_files import FILLED_BLOCKS, OF_IMPORTS, names_of, needed_words

    segments = {
        r["segment"] for r in snapshot.rows("SELECT DISTINCT segment FROM sample WHERE segment IS NOT NULL").to_pylist()
    }
    filled = {str(r["start"]) for r in snapshot.rows(FILLED_BLOCKS).to_pylist()}
    words = needed_words(folder, snapshot, {left.path: target for left, target in moved})
    needed_in = {
        "segments": lambda p: p.name in segments,
        "blobs": lambda p: bool(names_of(p) & words),
    }
    return [
        left
        for left, _ in moved
        if not needed_in.get(
            left.path.parent.name, lambda p: p.parent.parent.name in OF_IMPORTS and p.stem.split("-")[0] in filled
        )(left.path)
    ]
