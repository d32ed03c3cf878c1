"""Which bytes a lab already holds, so that an import does not store them twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .store import VersionStore

if TYPE_CHECKING:
    import numpy as np

Place = tuple[str, int]  # segment, row


class KnownBytes:
    """Looks hashes up among all stored samples of the lab.

    Holds eight bytes of each hash and the sample's ID (16 MB a million samples); a match is confirmed by the
    whole hash. Made once an import: what another import stores meanwhile is stored twice, which harms nobody.
    """

    def __init__(self, store: VersionStore) -> None:
        import numpy as np

        self._store = store
        t = store.catalog.read("stored_hashes")
        heads = _heads_of_column(t["head"])
        order = np.argsort(heads, kind="stable")
        self._heads, self._ids = heads[order], t["id"].to_numpy()[order]

    def find(self, digests: Sequence[bytes]) -> dict[bytes, Place]:
        """Where the bytes of these SHA-256 digests lie, for those that are stored."""
        import numpy as np

        if len(self._heads) == 0 or not digests:
            return {}
        heads = np.frombuffer(b"".join(d[:8] for d in digests), dtype="<u8")
        at = np.searchsorted(self._heads, heads)
        hit = self._heads[np.minimum(at, len(self._heads) - 1)] == heads
        if not hit.any():
            return {}
        # the first of equals stands for all; two different hashes with the same eight bytes: the second is stored again
        import pyarrow as pa

        ids = np.unique(self._ids[at[hit]])
        t = self._store.catalog.read("stored_places", ids=pa.array(ids), lo=int(ids[0]), hi=int(ids[-1]))
        wanted = set(digests)
        rows = zip(t["sha256"].to_pylist(), t["segment"].to_pylist(), t["row_no"].to_pylist(), strict=True)
        return {sha: (segment, row) for sha, segment, row in rows if sha in wanted}


def _heads_of_column(column: object) -> np.ndarray:
    import numpy as np
    import pyarrow as pa

    assert isinstance(column, pa.ChunkedArray)
    fixed = (
        pa.concat_arrays([c.cast(pa.binary(8)) for c in column.chunks])
        if column.num_chunks
        else pa.array([], pa.binary(8))
    )
    buffer = fixed.buffers()[1]
    return np.frombuffer(buffer, dtype="<u8", count=len(fixed)) if buffer is not None else np.empty(0, "<u8")
