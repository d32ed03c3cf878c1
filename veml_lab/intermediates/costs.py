"""What operations take and what reading takes, measured: so a step that is cheaper than reading it is never kept.

Running means over about the last twenty times, an operation and a machine's disk change; kept beside the entries in
``costs.json`` so that the next process can say beforehand how long something will take.

Source
------
D. Xin et al., Helix: holistic optimization for accelerating iterative machine learning, VLDB 2018: materialise what
costs more to compute than to load. Ours decides step by step when it is made, with the costs that were measured.
"""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from ..errors import VemlError
from ..storage.whole import write_whole

FILE = "costs.json"
WORTH = 3.0  # a step is kept when it took so many times what reading its result takes
SPARED = 50.0  # and so many times what writing it takes: where nothing repeats, at most 2 % is lost by keeping
FEWEST = 3  # measurements before an operation is taken to be what they say
_MEMORY = 20  # measurements that a mean is over
WRITTEN_FROM_S = 0.02  # steps that take less are noted in this process alone


@dataclass
class Mean:
    """A running mean: the sums of the last measurements, older ones with less and less weight."""

    n: int = 0
    seconds: float = 0.0
    units: float = 0.0

    def note(self, seconds: float, units: float) -> None:
        keep = 1.0 if self.n < _MEMORY else 1.0 - 1.0 / _MEMORY
        self.n += 1
        self.seconds = self.seconds * keep + seconds
        self.units = self.units * keep + units

    def of(self, units: float) -> float | None:
        """Seconds for so many units; None where nothing was measured."""
        return self.seconds / self.units * units if self.units else None


class Costs:
    """What each operation took in this lab, an estimate for the next time, and the time that entries saved that are
    gone by now."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.file, self.read_only = folder / FILE, read_only
        self.gone_saved_s = 0.0
        self.of_reading = Mean(1, 0.001, 1e6)  # what a slow disk takes, until there are measurements
        self.of_writing = Mean(1, 0.002, 1e6)
        self._means: dict[str, Mean] = {}
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None

    def note(self, operation: str, seconds: float, units: float = 1.0) -> None:
        """One more measurement."""
        with self._lock:
            self._look()
            self._means.setdefault(operation, Mean()).note(seconds, units)
            if seconds >= WRITTEN_FROM_S:
                self._write()

    def note_gone(self, saved_s: float) -> None:
        """Entries go that have saved so much."""
        with self._lock:
            self._look()
            self.gone_saved_s += saved_s
            self._write()

    def note_reading(self, seconds: float, size: int) -> None:
        """One entry was read."""
        self.of_reading.note(seconds, size + 20_000)  # to open a small file takes its time too

    def reading_s(self, size: int) -> float:
        """What reading an entry of so many bytes takes."""
        return self.of_reading.of(size + 20_000) or 0.0

    def worth(self, seconds: float, size: int) -> bool:
        """Whether a step that took so long is to be kept, with a result of so many bytes."""
        return seconds >= max(WORTH * self.reading_s(size), SPARED * self.writing_s(size))

    def note_writing(self, seconds: float, size: int) -> None:
        """One entry was written."""
        self.of_writing.note(seconds, size + 1_000_000)

    def writing_s(self, size: int) -> float:
        """What bringing a result of so many bytes into its form and writing it takes."""
        return self.of_writing.of(size + 1_000_000) or 0.0

    def expected(self, operation: str, units: float = 1.0) -> float | None:
        """Seconds that so many units of an operation will take; None where it was never run here."""
        with self._lock:
            self._look()
            mean = self._means.get(operation)
            return mean.of(units) if mean else None

    def refresh(self) -> None:
        """Read what other processes have noted."""
        with self._lock:
            self._look()

    def times(self, operation: str) -> int:
        """How often an operation was measured."""
        with self._lock:
            mean = self._means.get(operation)
            return mean.n if mean else 0

    def _look(self) -> None:
        """Read what another process has written since; a damaged file holds nothing."""
        try:
            s = self.file.stat()
            stamp = (s.st_mtime_ns, s.st_ino)
            if stamp == self._stamp:
                return
            held = json.loads(self.file.read_bytes())
            means = {str(k): Mean(int(v["n"]), float(v["seconds"]), float(v["units"])) for k, v in held["of"].items()}
            gone = float(held["gone_saved_s"])
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self._stamp = None
            return
        self._means |= means
        self.gone_saved_s, self._stamp = gone, stamp

    def _write(self) -> None:
        if self.read_only:
            return
        held = {"gone_saved_s": self.gone_saved_s, "of": {k: asdict(m) for k, m in self._means.items()}}
        with contextlib.suppress(OSError, VemlError):  # an estimate less; what is computed does not depend on it
            self.file.parent.mkdir(exist_ok=True)
            write_whole(self.file, json.dumps(held), durable=False)
            s = self.file.stat()
            self._stamp = (s.st_mtime_ns, s.st_ino)
