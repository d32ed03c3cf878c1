"""Pictures that look the same: difference hashes, compared within an import and with what the lab has hashed.

The difference hash (dHash): a grey picture of 9 x 8 pixels, one bit for "brighter than its right neighbour".
Two pictures whose hashes differ in at most ``FAR`` of 64 bits are near duplicates. Candidates share one of
``FAR + 1`` parts of the hash (pigeonhole), so nothing within the distance is missed and nothing is compared twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import BadData, BadInput
from ..sources.decoder import decode
from ..sources.source import Record
from .store import VersionStore

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

FAR = 3  # bits; re-encoding and scaling move up to about two
REPORTED = 1000  # pairs that a report names; all are counted
_PARTS = tuple((16 * i, 0xFFFF) for i in range(FAR + 1))


def check_near(asked: str | bool) -> str:
    """``""`` (off), ``"report"`` or ``"skip"``."""
    mode = {False: "", True: "report"}.get(asked, asked) if isinstance(asked, bool) else asked
    if mode not in ("", "report", "skip"):
        raise BadInput(f"near_duplicates is False, True, 'report' or 'skip', got {asked!r}")
    return mode


def dhash(image: bytes) -> int | None:
    """The difference hash of an encoded picture as an unsigned 64-bit number; None if it cannot be decoded.

    Flat pictures have the hash 0, which says nothing: None too.
    """
    import numpy as np
    from PIL import Image

    try:
        # a JPEG is decoded at an eighth of its size where that is enough
        small = decode(image, "a picture", draft=(64, 64)).convert("L").resize((9, 8), Image.Resampling.BOX)
    except BadData:
        return None
    pixels = np.asarray(small, dtype=np.int16)
    bits = (pixels[:, 1:] < pixels[:, :-1]).ravel()
    value = int.from_bytes(np.packbits(bits).tobytes(), "big")
    return value or None


class NearDuplicates:
    """Hashes of one import and those that the lab had before.

    Attributes
    ----------
    found
        For the report: how many, and the first pairs ``[uri, uri or "sample 17 of the lab", bits]``.
    """

    def __init__(self, store: VersionStore, mode: str) -> None:
        self._skip = mode == "skip"
        self._parts: list[dict[int, list[tuple[int, int]]]] = [{} for _ in _PARTS]  # part -> (hash, key)
        self._uri: dict[int, str] = {}
        self._own: list[tuple[int, int]] = []
        self.found: dict[str, Any] = {"count": 0, "pairs": [], "skipped": self._skip}
        t = store.catalog.read("phashes")
        for i, h in zip(t["id"].to_pylist(), t["phash"].to_pylist(), strict=True):
            self._keep(h, -i - 1)

    def _keep(self, value: int, key: int) -> None:
        for (shift, mask), room in zip(_PARTS, self._parts, strict=True):
            room.setdefault((value >> shift) & mask, []).append((value, key))

    def _nearest(self, value: int) -> tuple[int, int] | None:
        """(bits, key) of the nearest within ``FAR``."""
        best: tuple[int, int] | None = None
        for (shift, mask), room in zip(_PARTS, self._parts, strict=True):
            for other, key in room.get((value >> shift) & mask, ()):
                bits = (value ^ other).bit_count()
                if bits <= FAR and (best is None or bits < best[0]):
                    best = (bits, key)
        return best

    def look(
        self, batch: list[Record], digests: list[bytes], start: int, skipped: list[str]
    ) -> tuple[list[Record], list[bytes]]:
        """Hash a batch whose first sample gets the number ``start``; gives what is to be imported of it."""
        keep: list[Record] = []
        kept: list[bytes] = []
        for r, digest in zip(batch, digests, strict=True):
            value = dhash(r.image) if r.image else None
            near = self._nearest(value) if value is not None else None
            if near is not None:
                bits, key = near
                other = self._uri[key] if key >= 0 else f"sample {-key - 1} of the lab"
                self.found["count"] += 1
                if len(self.found["pairs"]) < REPORTED:
                    self.found["pairs"].append([r.uri, other, bits])
                if self._skip:
                    skipped.append(f"{r.uri}: looks like {other} ({bits} of 64 bits differ)")
                    continue
            if value is not None:
                at = start + len(keep)
                self._keep(value, at)
                self._uri[at] = r.uri
                self._own.append((at, value))
            keep.append(r)
            kept.append(digest)
        return keep, kept

    def table(self, start: int) -> pa.Table | None:
        """The hashes of this import for the catalog; IDs moved by ``start``."""
        import pyarrow as pa

        if not self._own:
            return None
        ids, hashes = zip(*self._own, strict=True)
        return pa.table({"id": pa.array([i + start for i in ids], pa.uint64()), "phash": pa.array(hashes, pa.uint64())})


# A second look, for pictures one by one: of small ones that were scaled and encoded again the difference hash moves by
# up to 18 bits (CIFAR-10: 80 % of them beyond FAR), while 8 x 8 grey values stay as they are but for their noise.
SIDE = 8
SAME = 0.96  # correlation of the grey values from which two pictures look the same
FLAT = 2.0  # grey levels of deviation below which a picture is flat: it looks like every other flat one


def small_grey(image: bytes) -> np.ndarray | None:
    """What a picture looks like from afar: 8 x 8 grey values with mean 0 and length 1, shape (64,), float32.

    None where it cannot be decoded, or is flat. The product of two is their correlation.
    """
    import numpy as np
    from PIL import Image

    try:
        small = decode(image, "a picture", draft=(8 * SIDE, 8 * SIDE)).convert("L")
    except BadData:
        return None
    grey = np.asarray(small.resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float32).ravel()
    grey -= grey.mean()
    length = float(np.linalg.norm(grey))
    return grey / length if length >= FLAT * SIDE else None


def alike(vectors: np.ndarray, *, block: int = 2048) -> list[tuple[int, int, float]]:
    """All pairs of :func:`small_grey` pictures that look the same, with their correlation; O(n²), in blocks."""
    import numpy as np

    found = []
    for first in range(0, len(vectors), block):
        near = vectors[first : first + block] @ vectors[first:].T
        for a, b in np.argwhere(near >= SAME).tolist():
            if b > a:  # both counted from the start of the block: the pairs above the diagonal
                found.append((first + a, first + b, float(near[a, b])))
    return found
