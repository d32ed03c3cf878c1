"""A folder of many files appears whole or not at all, as :mod:`.whole` does it for one file.

It is written beside its name, hidden, brought to the disk, and renamed; whatever goes wrong, nothing is left of it, the
folders above it that were made for it neither, and what stood under its name before stands there still. What a killed
process left is removed when the same folder is written again.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import shutil
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

from ..errors import LabError
from .failures import sentence
from .locks import is_held, take
from .whole import sync_file, sync_folder

FEW_FILES = 64  # so many are brought to the disk one by one; for more, the system is asked to bring everything
_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of renameat2


@contextlib.contextmanager
def whole_folder(path: str | Path, *, replace: bool = False) -> Iterator[Path]:
    """Give a new folder beside ``path`` that takes its place when the block ends well.

    Parameters
    ----------
    path
        Nothing may lie there, or an empty folder.
    replace
        A folder that lies there, with all that it holds, makes way.

    Raises
    ------
    FullDisk, NotAllowed, LabError
        It cannot be written, by the block or here; the files are named by where they were to be.

    Examples
    --------
    >>> from tempfile import mkdtemp; home = Path(mkdtemp())
    >>> with whole_folder(home / "set") as made:
    ...     _ = (made / "a.txt").write_text("a")
    >>> [p.relative_to(home).as_posix() for p in home.rglob("*")]
    ['set', 'set/a.txt']
    """
    target = Path(path)
    above = [p for p in target.parents if not p.exists()]  # the nearest first
    _sweep(target)
    made, held = target, None
    try:
        made, held = _begun(target)
        yield made
        _sync(made)
        _into_place(made, target, replace)
    except BaseException as e:
        if made != target:
            shutil.rmtree(made, ignore_errors=True)
        for folder in above:
            with contextlib.suppress(OSError):  # somebody put something there meanwhile
                folder.rmdir()
        if isinstance(e, OSError):
            raise _named(e, made, target) from e
        raise
    finally:
        if held is not None:
            os.close(held)


def _partial(target: Path, mark: str) -> str:
    """The hidden name of a folder that is not whole yet. Its last letters follow from the others, so that nothing that
    somebody else called by chance like this is ever taken for ours."""
    own = hashlib.sha256(f"veml-lab {target.name} {mark}".encode()).hexdigest()[:8]
    return f".{target.name}.partial-{mark}{own}"


def _begun(target: Path) -> tuple[Path, int | None]:
    """A new hidden folder, held as long as the process writes: what nobody holds was left by one that was killed."""
    while True:
        made = target.with_name(_partial(target, uuid.uuid4().hex[:8]))
        made.mkdir(parents=True)
        try:
            held = take(made, exclusive=True)
        except FileNotFoundError:  # another process took it for a left one before it was held
            continue
        except LabError:  # no locks here: then nothing is swept either
            return made, None
        except BaseException:
            made.rmdir()
            raise
        if held is not None and made.exists():
            return made, held


def _sweep(target: Path) -> None:
    """Remove what killed processes left beside a folder that is written now; a failure to do so is no failure."""
    begin = f".{target.name}.partial-"
    with contextlib.suppress(OSError):
        for left in [p for p in target.parent.iterdir() if p.name.startswith(begin)]:
            name = left.name.removesuffix("-old")
            if name == _partial(target, name.removeprefix(begin)[:8]):
                with contextlib.suppress(OSError, LabError):
                    _remove_left(left, target)


def _remove_left(left: Path, target: Path) -> None:
    maker = left.with_name(left.name.removesuffix("-old"))
    if is_held(maker):
        return
    if left != maker and not target.exists():
        left.rename(target)  # killed between two renames: what stood there stands there again
    elif (held := take(left, exclusive=True)) is not None:
        try:
            shutil.rmtree(left)
        finally:
            os.close(held)


def _into_place(made: Path, target: Path, replace: bool) -> None:
    if replace and target.exists() and _exchanged(made, target):
        shutil.rmtree(made, ignore_errors=True)  # it holds what stood there before
        sync_folder(target.parent)
        return
    old = None
    if replace and target.exists():
        old = made.with_name(f"{made.name}-old")
        target.rename(old)
    try:
        made.rename(target)
    except BaseException:
        if old is not None:
            old.rename(target)
        raise
    if old is not None:
        shutil.rmtree(old, ignore_errors=True)  # the new one stands: what is left of the old is no failure
    sync_folder(target.parent)


def _exchanged(a: Path, b: Path) -> bool:
    """Let two folders change their names in one step, so that a killed process leaves one or the other under a name.

    Linux can, on most file systems; where it cannot there is a moment without any, between two renames.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:  # a C library from before 2018
        return False
    return bool(call(_HERE, os.fsencode(a), _HERE, os.fsencode(b), _EXCHANGE) == 0)


def _sync(folder: Path) -> None:
    """Bring all files and names in a folder to the disk."""
    files, folders = [], []
    for at, below, names in os.walk(folder):
        folders += [Path(at, n) for n in below]
        files += [Path(at, n) for n in names]
    if len(files) > FEW_FILES:
        os.sync()
        return
    for file in files:
        sync_file(file)
    for each in (*folders, folder):
        sync_folder(each)


def _named(e: OSError, made: Path, target: Path) -> Exception:
    """The sentence for an error of the block, with the name that the file was to get."""
    said = os.fsdecode(e.filename) if isinstance(e.filename, (str, bytes)) else ""
    where = Path(str(target) + said.removeprefix(str(made))) if said.startswith(str(made)) else target
    if said.startswith(str(made)) or not said:
        return sentence(OSError(e.errno, e.strerror or str(e), str(where)) if e.errno else e, where)
    return sentence(e, target)
