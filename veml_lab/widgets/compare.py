"""Two or more versions side by side: fields, what differs, and bars of their counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import traitlets as t

from .._html import Section, table
from .._svg import plain
from ..errors import BadInput
from ..figures.counts import bars as bars_of
from ..figures.look import Spec
from ..figures.still import svg
from ._base import script
from ._beside import Opener, Opening


class Comparison(Opening):
    """Compare versions: of models their metadata and configuration, of data their sizes and classes, of runs their
    results.

    Parameters
    ----------
    names : list of str
        The versions, one column each.
    sections : dict of title -> dict of field -> list
        A value for each version; None where it has none.
    bars : dict of title -> dict of label -> list of numbers
        Counts for each version, drawn side by side.
    facts : dict of title -> str, optional
        The fact that the bars of a title count, where their samples can be opened.
    figures : dict of title -> figure, optional
        Further charts, as plotly takes them.
    title : str
    opener : callable, optional
        Gives the wall of a selection: bars with a fact can be clicked then.

    Examples
    --------
    >>> Comparison(["a", "b"], {"size": {"samples": [10, 12], "role": ["train", "train"]}})
    Comparison: a, b; 1 of 2 fields differ: samples
    """

    _esm = script("compare")

    names = t.List(t.Unicode()).tag(sync=True)
    kind = t.Unicode("").tag(sync=True)
    sections = t.Dict().tag(sync=True, ts="Record<string, Record<string, (string | number | boolean | null)[]>>")
    bars = t.Dict()
    title = t.Unicode("").tag(sync=True)
    facts = t.Dict()

    def __init__(
        self,
        names: Sequence[str] = (),
        sections: Mapping[str, Mapping[str, Sequence[Any]]] | None = None,
        *,
        bars: Mapping[str, Mapping[str, Sequence[float]]] | None = None,
        kind: str = "",
        title: str = "",
        facts: Mapping[str, str] | None = None,
        figures: Mapping[str, Spec] | None = None,
        opener: Opener | None = None,
        **kwargs: Any,
    ) -> None:
        self._figures = {str(k): dict(v) for k, v in (figures or {}).items()}
        n = len(names)
        for title_, fields in [*(sections or {}).items(), *(bars or {}).items()]:
            for field, values in fields.items():
                if len(values) != n:
                    raise BadInput(
                        f"{title_}, {field}: one value for each of the {n} versions is needed, got {len(values)}"
                    )
        super().__init__(
            opener,
            names=[str(x) for x in names],
            kind=kind,
            title=title,
            sections={
                str(k): {str(f): [plain(v) for v in values] for f, values in fields.items()}
                for k, fields in (sections or {}).items()
            },
            bars={
                str(k): {str(f): [float(v) for v in values] for f, values in fields.items()}
                for k, fields in (bars or {}).items()
            },
            facts={str(k): str(v) for k, v in (facts or {}).items()},
            **kwargs,
        )
        self.draw()

    def specs(self) -> Mapping[str, Spec]:
        made = {
            title: bars_of(self.names, title, labels, unit=_unit(self.kind, title), fact=self.facts.get(title, ""))
            for title, labels in self.bars.items()
        }
        return {**made, **self._figures}

    def different(self) -> list[str]:
        """The fields whose values are not the same for all."""
        return [
            f
            for fields in self.sections.values()
            for f, values in fields.items()
            if any(v != values[0] for v in values)
        ]

    def describe(self) -> str:
        total = sum(len(fields) for fields in self.sections.values())
        found = self.different()
        return (
            f"Comparison: {', '.join(self.names)}; {len(found)} of {total} fields"
            f" differ{': ' + ', '.join(found[:8]) if found else ''}"
        )

    def static_html(self) -> str:
        different, rows, strong = set(self.different()), list[Any](), list[int]()
        for title, fields in [*self.sections.items(), *self.bars.items()]:
            rows.append(Section(title))
            for field, values in fields.items():
                if field in different:
                    strong.append(len(rows))
                rows.append([field, *("–" if v is None else v for v in values)])
        pictures = "".join(
            f"<h4>{escape(title)}</h4><div>{svg(spec, says=spec['layout']['meta']['says'])}</div>"
            for title, spec in self.specs().items()
            if "meta" in spec["layout"]
        )
        return table(("", *self.names), rows, label=self.describe(), strong=strong) + pictures


def _unit(kind: str, title: str) -> str:
    """What the bars of a title count in; those of models and runs are values of their own."""
    return "value" if kind != "data" else "annotations" if "annotation" in title else "samples"
