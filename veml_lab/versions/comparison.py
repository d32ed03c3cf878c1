"""Two data versions side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._html import table
from ..errors import BadInput
from .annotations import ANNOTATION_KINDS
from .layers import differing
from .samples import SampleSet
from .statistics import Statistics, statistics_of


@dataclass(frozen=True)
class DataComparison:
    """What two data versions share and where they differ; draws itself in a notebook and in a terminal.

    Attributes
    ----------
    left, right
        Their statistics.
    shared, only_left, only_right
        Samples in both and in one alone.
    corrected
        Of the shared samples, how many have annotations of a kind that are read from another layer.
    facts
        What is said about each: task, role, layer, classes, preparation: ``{fact: (left, right)}``.
    """

    left: Statistics
    right: Statistics
    shared: int
    only_left: int
    only_right: int
    corrected: Mapping[str, int]
    facts: Mapping[str, tuple[str, str]]

    def rows(self) -> list[tuple[str, str, str]]:
        """``(what, left, right)`` as texts, in the order in which they are shown."""
        a, b = self.left, self.right
        rows = [("samples", f"{a.n:,}", f"{b.n:,}"), ("only here", f"{self.only_left:,}", f"{self.only_right:,}")]
        rows += [(fact, *values) for fact, values in self.facts.items()]
        rows += [
            ("unlabelled", f"{a.unlabelled:,}", f"{b.unlabelled:,}"),
            ("duplicates", f"{a.duplicates:,}", f"{b.duplicates:,}"),
        ]
        for name in dict.fromkeys([*a.classes, *b.classes]):
            rows.append((f"class {name}", _share(a.classes, name), _share(b.classes, name)))
        for kind in dict.fromkeys([*a.annotations, *b.annotations]):
            rows.append((f"{kind} annotations", f"{a.annotations.get(kind, 0):,}", f"{b.annotations.get(kind, 0):,}"))
        for size in dict.fromkeys([*a.image_size, *b.image_size]):
            rows.append((f"{size} picture (px)", _size(a.image_size.get(size)), _size(b.image_size.get(size))))
        if a.box_size or b.box_size:
            rows.append(("median box (px)", _size(a.box_size), _size(b.box_size)))
        if a.brightness or b.brightness:
            rows.append(("brightness (0 to 1)", _mean(a.brightness), _mean(b.brightness)))
        for column in dict.fromkeys([*a.numbers, *b.numbers]):
            rows.append((column, _number(a.numbers.get(column)), _number(b.numbers.get(column))))
        for column in dict.fromkeys([*a.columns, *b.columns]):
            if column not in a.numbers and column not in b.numbers:
                rows.append((column, _values(a.columns.get(column)), _values(b.columns.get(column))))
        for column in dict.fromkeys([*a.missing, *b.missing]):
            rows.append((f"without {column}", f"{a.missing.get(column, 0):,}", f"{b.missing.get(column, 0):,}"))
        return rows

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON-able values."""
        return {
            "left": self.left.to_dict(),
            "right": self.right.to_dict(),
            "shared": self.shared,
            "only_left": self.only_left,
            "only_right": self.only_right,
            "corrected": dict(self.corrected),
            "facts": {k: list(v) for k, v in self.facts.items()},
        }

    def _head(self) -> str:
        text = f"{self.shared:,} samples in both"
        if self.corrected:
            text += ", annotated differently: " + ", ".join(f"{kind} of {n:,}" for kind, n in self.corrected.items())
        return text

    def __repr__(self) -> str:
        rows = [("", self.left.name, self.right.name), *self.rows()]
        first, second = (max(len(r[k]) for r in rows) for k in (0, 1))
        lines = [self._head()]
        lines += [f"{'  ' if a == b else '* '}{what:<{first}}  {a:<{second}}  {b}" for what, a, b in rows]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = self.rows()
        differing = [i for i, (_, a, b) in enumerate(rows) if a != b]
        columns = ("", self.left.name, self.right.name)
        return table(columns, rows, above=self._head(), strong=differing, headed=True)


def compare(left: SampleSet, right: SampleSet) -> DataComparison:
    """See :meth:`DataVersion.compare`."""
    if left.store.folder != right.store.folder:
        raise BadInput(f"{left.name!r} and {right.name!r} are in different labs; import one into the other's lab first")
    both = left.ids & right.ids
    corrected = (
        {k: len(differing(left.store, left.facts.layer, right.facts.layer, k, both)) for k in ANNOTATION_KINDS}
        if left.facts.layer != right.facts.layer
        else {}
    )
    facts = {
        "task": (left.task, right.task),
        "role": (left.role or "-", right.role or "-"),
        "annotation layer": (left.facts.layer, right.facts.layer),
        "classes": (str(len(left.classes)), str(len(right.classes))),
        "prepared": tuple(", ".join(k for k in v.facts.preparation if k != "fitted") or "-" for v in (left, right)),
    }
    return DataComparison(
        statistics_of(left),
        statistics_of(right),
        len(both),
        len(left.ids) - len(both),
        len(right.ids) - len(both),
        {k: n for k, n in corrected.items() if n},
        facts,  # type: ignore[arg-type]
    )


def _share(classes: Mapping[str, int], name: str) -> str:
    total = sum(classes.values())
    return f"{classes[name]:,} ({classes[name] / total:.1%})" if classes.get(name) else "0"


def _size(size: tuple | None) -> str:
    return f"{size[0]:.0f} x {size[1]:.0f}" if size else "-"


def _mean(brightness: Mapping[str, float] | None) -> str:
    return f"{brightness['mean']:.3f}" if brightness else "-"


def _number(found: Mapping[str, float] | None) -> str:
    return f"{found['min']:.4g} ... {found['median']:.4g} ... {found['max']:.4g}" if found else "-"


def _values(found: Mapping[str, int] | None) -> str:
    return ", ".join(f"{v} {k:,}" for v, k in list(found.items())[:4]) if found else "-"
