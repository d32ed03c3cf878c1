"""What a data version adds and removes against each of its parents, at the size of the difference.

Sets of sample IDs are roaring bitmaps, so the difference of a million samples to a million is a few operations on their
containers; no row of a sample or an annotation is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .._html import table
from .annotations import ANNOTATION_KINDS
from .layers import differing
from .samples import SampleSet

if TYPE_CHECKING:
    from pyroaring import BitMap64

SHOWN = 12  # IDs in a listing


@dataclass(frozen=True, repr=False)
class ParentDelta:
    """Against one parent.

    Attributes
    ----------
    parent, parent_id, operation
        Its name and ID, and what was done with it.
    shared
        Samples that both hold.
    added, removed : sets of sample IDs
        That this version holds and the parent does not, and the other way.
    corrected : {kind of annotation: set of sample IDs}
        Shared samples whose annotations of a kind are read from another place than the parent reads them.
    facts : {fact: (parent's, this version's)}
        Classes, role, preparation, where they differ.
    """

    parent: str
    parent_id: str
    operation: str
    shared: int
    added: BitMap64
    removed: BitMap64
    corrected: Mapping[str, BitMap64] = field(default_factory=dict)
    facts: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.added or self.removed or self.corrected or self.facts)

    def in_words(self) -> str:
        """One line: ``10 added, 3 removed, box of 2 corrected``."""
        parts = [f"{len(ids):,} {word}" for word, ids in (("added", self.added), ("removed", self.removed)) if ids]
        parts += [f"{kind} of {len(ids):,} corrected" for kind, ids in self.corrected.items()]
        parts += [f"{fact} changed" for fact in self.facts]
        return ", ".join(parts) or "nothing differs"

    def to_dict(self) -> dict[str, Any]:
        """JSON-able, all IDs of the difference."""
        return {
            "parent": self.parent,
            "operation": self.operation,
            "shared": self.shared,
            "added": list(self.added),
            "removed": list(self.removed),
            "corrected": {kind: list(ids) for kind, ids in self.corrected.items()},
            "facts": {fact: list(values) for fact, values in self.facts.items()},
        }


@dataclass(frozen=True, repr=False)
class Delta:
    """A data version against its parents; draws itself.

    Attributes
    ----------
    version
        Its name.
    n
        Its samples.
    parents
        One for each version that it was made from; empty for an import.
    """

    version: str
    n: int
    parents: tuple[ParentDelta, ...]

    def to_dict(self) -> dict[str, Any]:
        """What ``veml delta LAB VERSION --json`` prints."""
        return {"version": self.version, "n": self.n, "parents": [p.to_dict() for p in self.parents]}

    def _head(self) -> str:
        if not self.parents:
            return f"{self.version}: {self.n:,} samples, an import: it has no parents"
        return f"{self.version}: {self.n:,} samples"

    def __repr__(self) -> str:
        lines = [self._head()]
        for p in self.parents:
            lines.append(f"  against {p.parent} ({p.operation}): {p.in_words()}; {p.shared:,} shared")
            for word, ids in (("added", p.added), ("removed", p.removed), *p.corrected.items()):
                if ids:
                    lines.append(f"    {word}: {_listed(ids)}")
            lines += [f"    {fact}: {then} -> {now}" for fact, (then, now) in p.facts.items()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = [(p.parent, p.operation, f"{p.shared:,}", p.in_words()) for p in self.parents]
        return table(("parent", "operation", "shared", "difference"), rows, above=self._head())


def delta_of(version: SampleSet) -> Delta:
    """See :meth:`veml_lab.versions.data.DataVersion.delta`."""
    graph = version.store.graph()
    edges = [e for e in graph.into[version.id] if e.type == "derived_from"]
    found = []
    for edge in edges:
        parent = type(version)(version.store, graph.nodes[edge.src])
        found.append(_against(version, parent, str(edge.props.get("operation", ""))))
    return Delta(version.name, len(version), tuple(found))


def _against(version: SampleSet, parent: SampleSet, operation: str) -> ParentDelta:
    ids, theirs = version.ids, parent.ids
    shared = ids & theirs
    corrected = {}
    if version.facts.layer != parent.facts.layer:
        found = (
            (k, differing(version.store, version.facts.layer, parent.facts.layer, k, shared)) for k in ANNOTATION_KINDS
        )
        corrected = {kind: there for kind, there in found if there}
    return ParentDelta(
        parent.name,
        parent.id,
        operation,
        len(shared),
        ids - theirs,
        theirs - ids,
        corrected,
        _facts(parent, version),
    )


def _facts(then: SampleSet, now: SampleSet) -> dict[str, tuple[Any, Any]]:
    """What is said of both and differs."""
    said: dict[str, tuple[Any, Any]] = {
        "classes": (list(then.classes), list(now.classes)),
        "role": (then.role, now.role),
        "preparation": (dict(then.facts.preparation), dict(now.facts.preparation)),
    }
    return {fact: (a, b) for fact, (a, b) in said.items() if a != b}


def _listed(ids: BitMap64) -> str:
    first: Sequence[int] = [i for i, _ in zip(ids, range(SHOWN), strict=False)]
    more = len(ids) - len(first)
    return ", ".join(map(str, first)) + (f" and {more:,} more" if more else "")
