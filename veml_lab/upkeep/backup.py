"""``veml backup LAB TARGET``: a copy of a lab that opens, while others go on working."""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..catalog.revision import mark_file, wal_file
from ..catalog.snapshot import Snapshot
from ..errors import BadInput, FullDisk, LabError, MissingFile
from ..storage.border import public
from ..storage.failures import full
from ..training.answers import FOLDER
from .lab_files import keys_of_trainings, states_of_jobs

FOLDERS = (
    "segments",
    "blobs",
    "embeddings",
    FOLDER,
    "jobs",
)  # the cache is made again, staging is nobody's, backups are copies themselves


@dataclass(frozen=True, repr=False)
class Backup:
    """Where the copy lies, and how large it is."""

    target: str
    files: int
    bytes: int

    def to_dict(self) -> dict[str, Any]:
        """JSON-able."""
        return {"target": self.target, "files": self.files, "bytes": self.bytes}

    def __repr__(self) -> str:
        return f"{self.target}: {self.files:,} files, {self.bytes / 1e6:,.1f} MB; open it like any lab"


@public
def backup(lab: str | os.PathLike[str], target: str | os.PathLike[str]) -> Backup:
    """Copy a lab as of this moment to a folder, or into one file that ends in ``.tar``.

    The catalog is copied first. Files are there before a commit names them and never change, so what is copied after
    it is all that it needs, whatever others do meanwhile; of embeddings, which are filled in, the marks of what is
    written are copied before the vectors. A killed backup leaves a hidden file or folder and no target. Pictures that
    were imported without copying stay where they are.

    Parameters
    ----------
    lab
        The lab, or its folder; read-only is enough.
    target
        A new folder, or a new ``.tar`` file.

    Raises
    ------
    MissingFile
        There is no lab.
    BadInput
        The target exists, or lies inside the lab.
    LabError
        The target cannot be written (the disk is full); nothing is left of it.

    Examples
    --------
    >>> copy = veml.backup(lab, "road-lab-copy")
    >>> len(veml.open("road-lab-copy", read_only=True).versions()) == len(lab.versions())
    True
    """
    folder, to = Path(lab).expanduser().resolve(), Path(target).expanduser().resolve()
    if not (folder / "catalog.duckdb").exists():
        raise MissingFile(f"there is no lab in {folder}; give the folder of one")
    if to.exists():
        raise BadInput(f"{to} exists already; give a new folder, or a new file that ends in .tar")
    if to == folder or folder in to.parents:
        raise BadInput(f"{to} lies inside the lab; give a place outside of it")
    draft = to.with_name(f".{to.name}.{os.getpid()}.part")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        with Snapshot(folder, copy=True) as snapshot:
            if to.suffix == ".tar":
                with tarfile.open(draft, "w") as tar:
                    sizes = [_into_tar(tar, path, name) for path, name in _files(folder, snapshot)]
            else:
                sizes = [_into_folder(draft, path, name) for path, name in _files(folder, snapshot)]
        draft.replace(to)
    except LabError:
        raise
    except OSError as e:
        raise LabError(
            f"the backup to {to} failed: {e.strerror or e}; nothing was left there. Free space, or choose another place"
        ) from e
    finally:
        if draft.is_dir():
            shutil.rmtree(draft, ignore_errors=True)
        else:
            draft.unlink(missing_ok=True)
    return Backup(str(to), len(sizes), sum(sizes))


def _files(lab: Path, snapshot: Snapshot) -> Iterator[tuple[Path, Path]]:
    """What to copy and its name in the copy; ``lab.toml`` last, so that what lacks something is no lab."""
    if (log := wal_file(snapshot.file)).exists() and log.stat().st_size:
        raise FullDisk(full(snapshot.file))
    yield snapshot.file, Path("catalog.duckdb")
    if not mark_file(snapshot.file).exists():
        raise FullDisk(full(snapshot.file))
    yield mark_file(snapshot.file), mark_file(Path("catalog.duckdb"))
    # a job that is done by now, or may be soon, has no training in this copy of the catalog: it goes on from there
    trained = keys_of_trainings(snapshot)
    moving = {
        lab / "jobs" / key / "status.json"
        for key, state in states_of_jobs(lab).items()
        if key not in trained and state in ("done", "running", "starting")
    }
    for name in FOLDERS:
        files = [
            p
            for p in sorted((lab / name).rglob("*"))
            if p.is_file() and not p.is_symlink() and not p.name.startswith(".") and p not in moving
        ]
        yield from ((p, p.relative_to(lab)) for p in sorted(files, key=lambda p: p.suffix != ".done"))
    yield lab / "lab.toml", Path("lab.toml")


def _into_folder(draft: Path, path: Path, name: Path) -> int:
    target = draft / name
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(path, target)
    except FileNotFoundError:
        if _may_vanish(name):
            return 0
        raise
    return target.stat().st_size


def _into_tar(tar: tarfile.TarFile, path: Path, name: Path) -> int:
    try:
        with path.open("rb") as f:
            info = tar.gettarinfo(arcname=str(name), fileobj=f)
            info.uid = info.gid = 0
            info.uname = info.gname = ""
            tar.addfile(info, _Exactly(f, info.size))  # a log may grow while it is read
    except FileNotFoundError:
        if _may_vanish(name):
            return 0
        raise
    return int(info.size)


class _Exactly:
    """A file that reads as many bytes as its header says: no more when it has grown, zeros when it has shrunk."""

    def __init__(self, file: Any, size: int) -> None:
        self.file, self.left = file, size

    def read(self, n: int = -1) -> bytes:
        wanted = self.left if n < 0 else min(n, self.left)
        data: bytes = self.file.read(wanted)
        self.left -= wanted
        return data.ljust(wanted, b"\0")


def _may_vanish(name: Path) -> bool:
    """Whether a file may go while others work: what a job needs until it is done, or predictions that are folded."""
    return name.parts[0] in ("jobs", FOLDER)
