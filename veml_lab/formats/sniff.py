"""Tell the format of a data set: each format says what speaks for it, the best evidence wins, a near tie asks.

Annotations decide, then the set's own description, then folders: that order is in the confidence that the formats give
(:class:`~veml_lab.sources.clues.Evidence`), so that one of another package takes part like ours.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ..errors import BadInput
from ..sources.clues import Clues, Evidence, clues_of
from ..sources.tree import ARCHIVE_ENDINGS
from .registry import Formats

# Two formats whose confidence differs by less are a tie: the user says which.
NEAR = 0.05


@dataclass(frozen=True, slots=True)
class Candidate:
    """A format that may be that of a set, with what speaks for it."""

    format: str
    evidence: Evidence


def candidates(clues: Clues) -> list[Candidate]:
    """The formats for which something speaks, the surest first."""
    found = [Candidate(name, e) for name, f in Formats().items() if (e := f.look(clues)) is not None]
    return sorted(found, key=lambda c: -c.evidence.confidence)


def others_of(path: str | os.PathLike[str], format: str) -> list[Candidate]:
    """The other formats for which something speaks; none where the path cannot be looked at."""
    try:
        found = candidates(clues_of(path))
    except BadInput:
        return []
    return [c for c in found if c.format != format and c.evidence.confidence >= 0.3]


def format_of(path: str | os.PathLike[str]) -> str:
    """Name the format of ``path``.

    Raises
    ------
    BadInput
        If nothing speaks for any format, or as much for one as for another; the message lists what was found.
    """
    return decided(path)[0].format


def decided(path: str | os.PathLike[str]) -> list[Candidate]:
    """The candidates for a path, the one to be read first.

    Raises
    ------
    BadInput
        As :func:`format_of`.
    """
    p = Path(path)
    if not p.exists():
        from ..roads.randomised import NAME
        from ..roads.world import CONDITIONS

        if str(path) in (*CONDITIONS, NAME):
            return [Candidate("road_world", Evidence(1.0, "the name of a condition of the drawn road world"))]
    if p.is_file() and p.suffix.lower() in (".yaml", ".yml"):
        return [Candidate("yolo", Evidence(0.9, "a description of a YOLO set"))]
    clues = clues_of(path)
    found = candidates(clues)
    if not found:
        raise BadInput(_nothing(p, clues))
    best = found[0].evidence.confidence
    near = [c for c in found if best - c.evidence.confidence < NEAR]
    if len(near) > 1:
        said = "".join(f"\n  --format {c.format}: {c.evidence.why}" for c in near)
        raise BadInput(
            f"{path} can be read as {' or as '.join(c.format for c in near)}; say which (format=, veml add --format),"
            f" or name the part to be read:{said}"
        )
    return found


def _nothing(p: Path, clues: Clues) -> str:
    names = clues.names
    if not names:
        return f"cannot tell the format of {p}: it holds no files; check the path"
    if len(names) == 1 and p.is_file() and p.suffix.lower() in (".json", ".xml"):
        return f"{p} is no file of COCO, BDD100K, Label Studio or CVAT; say format="
    packed = [n for n in names if n.lower().endswith(ARCHIVE_ENDINGS)]
    hint = f" It holds the archive {packed[0]}, which is read when it is named itself." if packed else ""
    some = ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")
    return (
        f"cannot tell the format of {p} from its {len(names):,} file names ({some});{hint} say format= (veml add"
        f" --format), one of {', '.join(sorted(Formats()))}; docs/formats.md shows how the files of each are named"
    )
