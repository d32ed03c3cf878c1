"""Notes about pictures on disk instead of in memory: annotations come in any order and by the million."""

from __future__ import annotations

import marshal
import tempfile
import threading
from array import array
from typing import TYPE_CHECKING, Any

from ..errors import BadData

if TYPE_CHECKING:
    import numpy as np

# Up to here the notes stay in memory; beyond, in a nameless file of the temporary folder.
IN_MEMORY_BYTES = 32 << 20


class Spool:
    """Values by whole number, put in any order, given back in the order in which they were put.

    Twenty bytes of memory a value; the values themselves lie in a nameless temporary file that goes with the
    object. They are packed with :mod:`marshal`: plain values only, and nobody else ever sees the file.

    >>> s = Spool(); s.put(7, ("a", 1.5)); s.put(3, {}); s.put(7, None); s.get(7), s.get(8)
    ([('a', 1.5), None], [])
    """

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 - closed with the object
        self._keys, self._ends = array("q"), array("q", [0])
        self._order: np.ndarray | None = None
        self._sorted: np.ndarray | None = None
        self._lock = threading.Lock()

    def __del__(self) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._keys)

    def put(self, key: int, value: Any) -> None:
        """Keep a plain value (str, number, dict, list, tuple, None) under ``key``.

        Raises
        ------
        BadData
            If the value is nested too deeply to be packed.
        """
        try:
            data = marshal.dumps(value)
        except ValueError as e:
            raise BadData(f"an annotation is nested too deeply to be read safely ({e})") from e
        try:
            self._file.write(data)
        except OSError as e:
            raise BadData(
                f"no room for notes in {tempfile.gettempdir()}: {e.strerror or e}; set TMPDIR to a larger disk"
            ) from e
        self._keys.append(key)
        self._ends.append(self._ends[-1] + len(data))
        self._order = None

    def keys(self) -> np.ndarray:
        """The keys that have values, ascending, each once; shape (m,), int64."""
        import numpy as np

        return np.unique(np.frombuffer(self._keys, np.int64)) if self._keys else np.empty(0, np.int64)

    def get(self, key: int) -> list[Any]:
        """All values of a key, in the order in which they were put; ``[]`` for an unknown key."""
        import numpy as np

        with self._lock:
            if self._order is None:
                keys = np.array(self._keys, np.int64)
                self._order = np.argsort(keys, kind="stable")
                self._sorted = keys[self._order]
            assert self._sorted is not None
            lo, hi = np.searchsorted(self._sorted, [key, key + 1])
            out = []
            for i in self._order[lo:hi].tolist():
                self._file.seek(self._ends[i])
                out.append(marshal.loads(self._file.read(self._ends[i + 1] - self._ends[i])))
            self._file.seek(0, 2)
        return out
