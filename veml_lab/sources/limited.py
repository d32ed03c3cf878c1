"""A seeded part of a source, chosen while its records stream by."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator

from ..errors import BadInput
from .source import Record, Role, Source


def limited(source: Source, n: int, *, seed: int = 0, only: Role | None = None) -> Source:
    """At most ``n`` records of each role, in the source's order.

    A reservoir: one pass over the source (archives are slow to read twice), memory for the chosen records.

    Parameters
    ----------
    only
        Take the records of this role alone.
    """
    if n < 1:
        raise BadInput(f"a limit must be at least 1, got {n}")

    def records() -> Iterator[Record]:
        import numpy as np

        rng = np.random.default_rng(seed)
        seen: Counter[str] = Counter()
        kept: dict[str, list[tuple[int, Record]]] = {}
        for i, r in enumerate(source.records()):
            if only is not None and r.role != only:
                continue
            seen[r.role] += 1
            room = kept.setdefault(r.role, [])
            if len(room) < n:
                room.append((i, r))
            elif (j := int(rng.integers(seen[r.role]))) < n:
                room[j] = (i, r)
        for _, r in sorted((pair for room in kept.values() for pair in room), key=lambda pair: pair[0]):
            yield r

    options = {"n": n, "seed": seed, **({} if only is None else {"only": only})}
    return dataclasses.replace(
        source,
        records=records,
        total=None,
        fingerprint=f"{source.fingerprint}|limit={n}|seed={seed}|only={only}",
        call={"function": "limited", "of": dict(source.call), "options": options} if source.call else {},
    )
