"""Everything about one sample: what the enlarged picture says beside it, and which samples are like it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..embeddings.stored import read, stored
from ..errors import BadInput
from ..versions import notes as version_notes
from ..versions import sample_notes
from ..versions.data import DataVersion
from ..versions.samples import id_array

if TYPE_CHECKING:
    import numpy as np

MOST_VERSIONS = 60
MOST_NOTES = 20
MOST_LIKE = 1_000
_CHUNK = 8_192  # vectors in memory at once


def about(version: DataVersion, place: int) -> dict[str, Any]:
    """Columns, versions that hold it, tags and notes of the sample at a place of a version."""
    row = version.samples.slice(place, 1).to_pylist()[0]
    i, store = int(id_array(version)[place]), version.store
    own = json.loads(row["columns"]) if row["columns"] else {}
    size = f"{row['width']} x {row['height']} px" if row["width"] else None
    facts = {"id": i, "file": row["uri"], "kind": row["kind"], "size": size, "role": row["role"] or None}
    return {
        "width": row["width"],
        "height": row["height"],
        "facts": {k: v for k, v in facts.items() if v is not None},
        "columns": {str(k): v for k, v in own.items() if v is not None},
        "versions": _holding(version, i),
        "tags": list(sample_notes.tags_of(store, i)),
        "notes": [
            {"made": n.made.isoformat(timespec="minutes", sep=" "), "text": n.text}
            for n in sample_notes.notes_of(store, i)[-MOST_NOTES:]
        ],
    }


def _holding(version: DataVersion, sample: int) -> list[str]:
    """Names of the data versions that hold a sample, in the order of their making, without what was taken back."""
    from pyroaring import BitMap64

    graph = version.store.graph()
    around = version.store.catalog.read("versions_around", lo=sample, hi=sample).to_pylist()
    ids = {r["version"] for r in around if sample in BitMap64.deserialize(r["ids"])}
    ids -= set(version_notes.tagged(version.store, version_notes.WITHDRAWN))
    return [n.name for n in graph.of_kind("data") if n.id in ids][:MOST_VERSIONS]


def nearest(version: DataVersion, positions: Sequence[int], position: int, places: np.ndarray) -> np.ndarray:
    """Of some places of a wall those whose vectors lie nearest to the one at ``position``, the nearest first.

    Parameters
    ----------
    positions
        (m,) the version's sample at each place of the wall.
    places : uint32 array, shape (k,)
        Which of them are asked.

    Returns
    -------
    uint32 array, shape (min(k, 1000),)
        Equal ones keep their order. O(k d) for vectors of d numbers, read from their files a part at a time.
    """
    import numpy as np

    embedder = stored(version)
    if embedder is None:
        raise BadInput(
            f"not all samples of {version.name!r} have a vector yet, and a look computes none; embed them once, in a"
            f" notebook: lab.view('map', version={version.name!r})"
        )
    at = np.asarray(positions, dtype=np.int64)
    here = read(version, embedder, at[[position]])[0]
    asked = places[np.argsort(at[places], kind="stable")]  # vectors are read in the order of the version
    far = [
        np.linalg.norm(read(version, embedder, at[asked[i : i + _CHUNK]]) - here, axis=1)
        for i in range(0, len(asked), _CHUNK)
    ]
    order = np.argsort(np.concatenate(far), kind="stable")[:MOST_LIKE] if far else np.empty(0, np.int64)
    return asked[order].astype(np.uint32)


def withdraw(made: DataVersion) -> str:
    """Say of a version that it was a mistake: it stays as it is, tagged, and the panel's list leaves it out.

    Raises
    ------
    BadInput
        Something was made of it.
    """
    store = made.store
    later = [e for e in store.graph().out[made.id] if e.dst != made.id]
    if later:
        names = ", ".join(store.graph().nodes[e.dst].name for e in later[:3])
        raise BadInput(f"{made.name!r} cannot be taken back: {names} was made of it")
    version_notes.add_tag(store, made.id, version_notes.WITHDRAWN)
    return f"{made.name!r} is taken back: it is tagged {version_notes.WITHDRAWN!r}, and the panel's list leaves it out"
