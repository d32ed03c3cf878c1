"""The entries under a lab's ``cache/``: looked up by file name, bounded at all times, shared by processes.

An entry is three files: ``KEY.npy`` (or ``.arrow``, ``.json``, ``.npz``) with the value, ``KEY.about`` with what it
took and the checksum of the value, written last, and ``KEY.used`` with a byte for each use: its length counts them, its
time is the last. So nothing is asked of the catalog, and a use costs an append.

Whoever writes holds a lock on the folder, makes room first and writes then: the files never hold more than the budget.
A value whose checksum is wrong (a killed write, a bad disk) is no entry: it is removed, said, and computed again.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import time
import tomllib
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import BadInput, FullDisk, LabError, VemlError, warn
from ..storage.failures import DRAFT_ENDING, FULL
from ..storage.locks import is_held, take
from ..storage.whole import write_whole
from .costs import FILE as COSTS
from .costs import Costs
from .values import DAMAGED, ENDINGS, from_bytes, to_bytes

FOLDER = "cache"
BUDGET_BYTES = 10 * 10**9
ABOUT, USED = ".about", ".used"
OVERHEAD_BYTES = 4096  # for the two small files of an entry, and what the costs grow by
SHARE = 2  # an entry takes at most one part in so many of the budget
HALF_LIFE_S = 30 * 24 * 3600.0  # expected uses halve when an entry was not used for so long
TABLE_BYTES_PER_S = 5e7  # tables of versions have no price of their own: read out of the catalog at this rate
PATIENCE_S = 5.0  # another process writes a large entry: then this one is not kept
MISSING: Any = object()
# entries, and the tables of versions (versions/cache_files.py)
_NAME = re.compile(r"[0-9a-f]{32}\.(npy|arrow|json|npz|about|used)|[0-9a-f]{20}\.arrow|graph-(nodes|edges)-\d+\.arrow")
_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_SAID: set[tuple[Path, str]] = set()


@dataclass(frozen=True)
class Entry:
    """One intermediate that is kept.

    Attributes
    ----------
    key, ending
        The name of its file.
    operation, said
        What it is a result of, and that in words.
    seconds
        What it took to compute.
    bytes
        Of all its files.
    uses
        How often it was found.
    last_use
        Seconds since 1970.
    """

    key: str
    ending: str
    operation: str
    said: str
    seconds: float
    bytes: int
    uses: int
    last_use: float

    @property
    def saved_s(self) -> float:
        """Seconds that were not spent again."""
        return self.seconds * self.uses

    def worth(self, now: float) -> float:
        """Seconds that a byte of it is expected to save: what goes first has least."""
        expected = (1 + self.uses) * 0.5 ** (max(0.0, now - self.last_use) / HALF_LIFE_S)
        return self.seconds * expected / max(1, self.bytes)


class Shelf:
    """The entries of one lab.

    Parameters
    ----------
    folder
        The lab's ``cache`` folder; made when the first entry is written.
    read_only
        Find entries and keep none.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.folder, self.read_only = folder, read_only
        self.costs = Costs(folder, read_only=read_only)
        self._abouts: dict[str, dict[str, Any]] = {}  # by key; what is kept under a key never changes

    # -- look --------------------------------------------------------------------------------------

    def find(self, key: str) -> Entry | None:
        """An entry as far as its small files say; the value is not read."""
        about = self._about(key)
        return self._entry(key, about) if about else None

    def get(self, key: str) -> Any:
        """The value of an entry, in memory; :data:`MISSING` where there is none or a damaged one."""
        about = self._about(key)
        if about is None:
            return MISSING
        began, file = time.perf_counter(), self.folder / f"{key}{about['ending']}"
        try:
            data = file.read_bytes()
        except FileNotFoundError:  # it was evicted a moment ago
            return MISSING
        except OSError as e:
            return self._damaged(key, file, e.strerror or str(e))
        if len(data) != about["bytes"] or zlib.crc32(data) != about["crc"]:
            return self._damaged(key, file, "it is not what was written")
        try:
            value = from_bytes(about["ending"], data)
        except DAMAGED as e:  # its checksum fits and its form does not: somebody else wrote it
            return self._damaged(key, file, str(e))
        self.costs.note_reading(time.perf_counter() - began, len(data))
        self._used(key)
        return value

    def entries(self) -> list[Entry]:
        """All entries, those that go first first."""
        now, found = time.time(), []
        for file in self._files(ABOUT):
            about = self._abouts.get(file.stem) or self._about(file.stem)
            entry = self._entry(file.stem, about) if about else None
            if entry is not None and about is not None:
                self._abouts[entry.key] = about
                found.append(entry)
        return sorted(found, key=lambda e: (e.worth(now), e.last_use, e.key))

    def total_bytes(self) -> int:
        """Bytes of everything in the folder."""
        return sum(size for _, size, _ in self._sizes())

    @property
    def budget_bytes(self) -> int:
        """What the folder may hold: ``budget_gb`` under ``[cache]`` in ``lab.toml``, else 10 GB.

        Raises
        ------
        BadInput
            The number there is none.
        """
        try:
            text = (self.folder.parent / "lab.toml").read_text()
            said = tomllib.loads(text).get("cache", {})
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):  # the lab itself says that when it is opened
            return BUDGET_BYTES
        value = said.get("budget_gb") if isinstance(said, dict) else said
        if value is None:
            return BUDGET_BYTES
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < float("inf"):
            raise BadInput(
                f"{self.folder.parent / 'lab.toml'} gives the cache {value!r}; write a number of gigabytes of 0 or"
                " more: [cache] and under it budget_gb = 10"
            )
        return int(value * 10**9)

    # -- keep --------------------------------------------------------------------------------------

    def put(self, key: str, value: Any, *, operation: str, seconds: float, said: str = "") -> bool:
        """Keep a value if it is worth it and there is room; whether it is kept. Never an error of the disk.

        Raises
        ------
        BadInput
            The value is of a kind that would not come back as it was.
        """
        if self.read_only or not self.costs.worth(seconds, getattr(value, "nbytes", 0)):  # before it is brought in form
            return False
        began = time.perf_counter()
        ending, data = to_bytes(value)
        size = len(data)
        if not self.costs.worth(seconds, size):
            return False
        about = {"form": 1, "key": key, "ending": ending, "operation": operation, "said": said, "seconds": seconds}
        about |= {"bytes": size, "crc": zlib.crc32(data), "made": time.time()}
        try:
            with self.writing(size + OVERHEAD_BYTES) as room:
                if not room:
                    return False
                write_whole(self.folder / f"{key}{ending}", lambda file: file.write(data), durable=False)
                write_whole(self.folder / f"{key}{ABOUT}", json.dumps(about), durable=False)
        except (OSError, VemlError) as e:
            if isinstance(e, FullDisk) or getattr(e, "errno", None) in FULL:
                self._say("full", f"the disk of {self.folder} is full: work goes on, and what it computes is not kept")
            else:
                self._say("no", f"nothing can be kept in {self.folder} ({e}); work goes on without")
            return False
        self.costs.note_writing(time.perf_counter() - began, size)
        return True

    @contextlib.contextmanager
    def writing(self, size: int, spare: Collection[Path] = ()) -> Iterator[bool]:
        """Hold the folder and make room for so many bytes; False where there is none or another process is long at it.

        Whatever is written in the block is within the budget, together with all that is there.
        """
        budget = self.budget_bytes
        if size > budget / SHARE:
            yield False
            return
        self.folder.mkdir(exist_ok=True)
        held = self._held()
        if held is None:
            yield False
            return
        try:
            yield self._make_room(budget - size - self._reserve(), spare)[1]
        finally:
            os.close(held)

    def evict(self, bound: int | None = None, spare: Collection[Path] = ()) -> int:
        """Remove what is worth least until the rest takes at most so many bytes (default: the budget); bytes freed."""
        held = self._held()
        if held is None:
            return 0
        try:
            return self._make_room(self.budget_bytes - self._reserve() if bound is None else bound, spare)[0]
        finally:
            os.close(held)

    def clear(self, older_s: float | None = None) -> tuple[int, int]:
        """Remove all entries, or those that were last used longer ago; how many, and their bytes."""
        before, now, n, freed = self.entries(), time.time(), 0, 0
        for entry in before:
            if older_s is None or now - entry.last_use > older_s:
                n, freed = n + 1, freed + entry.bytes
                self._remove(entry)
        for file, size, used in list(self._sizes()):
            if _ours(file) and not file.with_suffix(ABOUT).exists() and (older_s is None or now - used > older_s):
                n, freed = n + (file.suffix in ENDINGS), freed + size
                file.unlink(missing_ok=True)
        return n, freed

    # -- within ------------------------------------------------------------------------------------

    def _about(self, key: str) -> dict[str, Any] | None:
        file = self.folder / f"{key}{ABOUT}"
        try:
            held = json.loads(file.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError):
            self._damaged(key, file, "it cannot be read")
            return None
        if not isinstance(held, dict) or held.get("key") != key or held.get("ending") not in ENDINGS:
            self._damaged(key, file, "it is not what was written")
            return None
        return held

    def _entry(self, key: str, about: dict[str, Any]) -> Entry | None:
        size, uses, last = 0, 0, float(about["made"])
        try:
            size = (self.folder / f"{key}{about['ending']}").stat().st_size
            size += (self.folder / f"{key}{ABOUT}").stat().st_size
            with contextlib.suppress(FileNotFoundError):
                used = (self.folder / f"{key}{USED}").stat()
                uses, last, size = used.st_size, max(last, used.st_mtime), size + used.st_size
        except OSError:
            return None
        return Entry(
            key, about["ending"], str(about["operation"]), str(about["said"]), float(about["seconds"]), size, uses, last
        )

    def _used(self, key: str) -> None:
        if self.read_only:
            return
        with contextlib.suppress(OSError):  # one use less is counted
            fd = os.open(
                self.folder / f"{key}{USED}",
                os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC,
                0o666,
            )
            try:
                os.write(fd, b".")
            finally:
                os.close(fd)

    def _damaged(self, key: str, file: Path, why: str) -> Any:
        warn(f"the kept intermediate {file} is damaged ({why}); it is computed again")
        if not self.read_only:
            for ending in (ABOUT, USED, *ENDINGS):
                with contextlib.suppress(OSError):
                    (self.folder / f"{key}{ending}").unlink(missing_ok=True)
        return MISSING

    def _say(self, kind: str, text: str) -> None:
        if (self.folder, kind) not in _SAID:
            _SAID.add((self.folder, kind))
            warn(text)

    def _held(self) -> int | None:
        """A lock on the folder; None where another process has it for too long, or there is no folder or no locks."""
        end, nap = time.monotonic() + PATIENCE_S, 0.001
        while True:
            try:
                held = take(self.folder, exclusive=True)
            except (OSError, LabError):
                return None
            if held is not None or time.monotonic() > end:
                return held
            time.sleep(nap)
            nap = min(nap * 1.5, 0.05)

    def _reserve(self) -> int:
        """Bytes left free for what is written without the lock: the costs, twice while they are written, and uses."""
        try:
            return OVERHEAD_BYTES + 2 * (self.folder / COSTS).stat().st_size
        except OSError:
            return OVERHEAD_BYTES

    def _make_room(self, bound: int, spare: Collection[Path]) -> tuple[int, bool]:
        """Remove what is worth least until there are at most ``bound`` bytes; the bytes freed, and whether it is so."""
        for file in self._files(DRAFT_ENDING):  # nobody else writes now: a killed process left it
            with contextlib.suppress(OSError, LabError):
                if not is_held(file):
                    file.unlink()
        files = [f for f in self._sizes() if f[0].name != COSTS]
        total, freed = sum(size for _, size, _ in files), 0
        if total <= bound:
            return 0, True
        now = time.time()
        entries = {e.key: e for e in self.entries()}
        alone = [  # tables of versions, and what is left of an entry whose other half is gone
            Entry(f.stem, f.suffix, "", "", size / TABLE_BYTES_PER_S if f.suffix == ".arrow" else 0.0, size, 0, used)
            for f, size, used in files
            if f.stem not in entries and _ours(f) and f not in spare
        ]
        saved = 0.0
        for entry in sorted([*entries.values(), *alone], key=lambda e: (e.worth(now), e.last_use, e.key)):
            if total - freed <= bound:
                break
            self._remove(entry)
            freed += entry.bytes
            saved += entry.saved_s
        if saved:
            self.costs.note_gone(saved)
        return freed, total - freed <= bound

    def _remove(self, entry: Entry) -> None:
        for ending in dict.fromkeys((ABOUT, entry.ending, USED)):  # first what makes it an entry
            with contextlib.suppress(OSError):
                (self.folder / f"{entry.key}{ending}").unlink(missing_ok=True)

    def _files(self, ending: str) -> Iterator[Path]:
        with contextlib.suppress(OSError), os.scandir(self.folder) as found:
            for f in found:
                if f.name.endswith(ending) and f.is_file(follow_symlinks=False):
                    yield Path(f.path)

    def _sizes(self) -> Iterator[tuple[Path, int, float]]:
        """Every file of ours with its size and its time; what somebody else put here is theirs, and stays."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(self.folder) as found:
            for f in found:
                with contextlib.suppress(FileNotFoundError):
                    file, s = Path(f.path), f.stat(follow_symlinks=False)
                    mine = _ours(file) or file.name == COSTS or file.name.endswith(DRAFT_ENDING)
                    if mine and f.is_file(follow_symlinks=False):
                        yield file, s.st_size, s.st_mtime


def _ours(file: Path) -> bool:
    return _NAME.fullmatch(file.name) is not None
