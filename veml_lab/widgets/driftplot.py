"""Drift plot: the covering balls of train, the test points, and what both readings say."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t

from .._html import table
from .._svg import number
from ..errors import BadInput
from ..figures.grid import together
from ..figures.look import Spec, figure_of
from ..figures.moved import balls, distances
from ..figures.moved import looks as looks_figure
from ..figures.still import svg
from ._base import script
from ._charted import Charted

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


class DriftPlot(Charted):
    """Show one comparison of a test set with the core set of train.

    Parameters
    ----------
    centres : float array, shape (k, 2)
        Centres of the core set, projected to the plane.
    radii : float array, shape (k,) or float
        Radius of each covering ball, in the plane's unit.
    train_xy, test_xy : float array, shape (n, 2)
        Projected samples (a few thousand at most; the caller thins them).
    verdicts : dict of reading -> dict
        ``{"paper": {...}, "calibrated": {...}}``; each has ``drifted`` (bool), and may have ``text`` (words)
        and numbers (``statistic``, ``threshold``, ``p_value``, ``effect`` ...), which are shown as they are.
    distances : float array, shape (n_test,)
        Distance of each test point to its nearest centre, in the space of the embeddings. Where it has as
        many entries as ``test_xy``, points beyond ``radius`` are drawn red.
    radius : float, optional
        Covering radius in that space.
    worst : list of JPEG bytes
        Pictures farthest outside, worst first.
    title : str
    looks : list of dict, optional
        A stream of test versions: for each look the keywords above, ``test`` (its name), ``level`` (the share of
        the stream's level that it may spend) and ``p_value``. A slider chooses the look; the keywords above stay empty.
    look : int, optional
        Which one to show; unless given the one that decided: the first that drifted, else the last.
    level : float, optional
        Chance of any false alarm in the whole stream.

    Examples
    --------
    >>> DriftPlot(verdicts={"paper": {"drifted": False}}, title="a against b")
    DriftPlot: a against b; paper: no drift
    """

    _esm = script("driftplot")
    _from_browser = frozenset({"look", "event"})

    title = t.Unicode("").tag(sync=True)
    # the numbers of the figures stay here: the page gets the figures
    centres = t.List()
    radii = t.List(t.Float())
    train_xy = t.List()
    test_xy = t.List()
    distances = t.List(t.Float())
    looks = t.List()
    verdicts = t.Dict().tag(
        sync=True, ts="Record<string, { drifted: boolean; text?: string; [fact: string]: unknown }>"
    )
    radius = t.Float(None, allow_none=True).tag(sync=True)
    worst = t.List().tag(sync=True, ts="DataView[]")
    told = t.List().tag(sync=True, ts="DriftLook[]")
    look = t.Int(0).tag(sync=True)
    level = t.Float(None, allow_none=True).tag(sync=True)

    def __init__(
        self,
        centres: Any = (),
        radii: Any = (),
        train_xy: Any = (),
        test_xy: Any = (),
        *,
        verdicts: Mapping[str, Mapping[str, Any]] | None = None,
        distances: Any = (),
        radius: float | None = None,
        worst: Sequence[bytes] = (),
        title: str = "",
        looks: Sequence[Mapping[str, Any]] = (),
        look: int | None = None,
        level: float | None = None,
        **kwargs: Any,
    ) -> None:
        seen = stream(looks)
        if look is None:
            look = deciding(seen)
        elif not 0 <= look < max(1, len(seen)):
            raise BadInput(f"there is no look {look}; they run from 0 to {len(seen) - 1}")
        super().__init__(
            **report(
                centres,
                radii,
                train_xy,
                test_xy,
                verdicts=verdicts,
                distances=distances,
                radius=radius,
                worst=worst,
                title=title,
            ),
            looks=seen,
            told=[{k: one[k] for k in TOLD} for one in seen],
            look=look,
            level=None if level is None else float(level),
            **kwargs,
        )
        self.draw()

    def specs(self) -> Mapping[str, Spec]:
        if not self.looks:
            return _report_specs(self.shown)
        made = {f"{name} {i}": spec for i, one in enumerate(self.looks) for name, spec in _report_specs(one).items()}
        return {"looks": looks_figure(self.looks), **made}

    def figure(self, *, dark: bool = False) -> Figure:
        """The report that is shown as a Plotly figure: its balls, its distances, and the looks of a stream."""
        return figure_of(self._whole(), dark=dark)

    def _whole(self) -> Spec:
        parts = {"Covering balls": "balls", "Distance to the nearest centre": "distances"}
        specs = {title: spec for title, name in parts.items() if (spec := _report_specs(self.shown).get(name))}
        if self.looks:
            specs["Looks"] = looks_figure(self.looks)
        return together(specs, columns=2, title=str(self.shown["title"] or "Drift"))

    def can_be(self, name: str, value: Any) -> bool:
        if name == "event":
            return super().can_be(name, value)
        return type(value) is int and 0 <= value < max(1, len(self.looks))

    @property
    def shown(self) -> Mapping[str, Any]:
        """The report that is drawn: the look of a stream, or the only one."""
        if self.looks:
            return self.looks[self.look]
        return {k: getattr(self, k) for k in REPORT}

    def describe(self) -> str:
        if self.looks:
            first = next((x["test"] for x in self.looks if x["verdicts"].get(DECIDES, {}).get("drifted")), None)
            found = f"first drift at {first}" if first is not None else "no drift"
            title = f"{self.title}, " if self.title else ""
            return f"DriftPlot: {title}{len(self.looks)} looks; {found}"
        said = [f"{name}: {'drifted' if v.get('drifted') else 'no drift'}" for name, v in self.verdicts.items()]
        return f"DriftPlot: {'; '.join([self.title, *said] if self.title else said) or 'empty'}"

    def static_html(self) -> str:
        strip = "".join(
            f'<img src="data:image/jpeg;base64,{base64.b64encode(w).decode()}" width="64" '
            f'alt="test picture {i + 1} farthest outside" style="margin:2px">'
            for i, w in enumerate(self.shown["worst"][:10])
        )
        said = [[_READING.get(k, k), _verdict(v)] for k, v in self.shown["verdicts"].items()]
        return (
            (table((), said, headed=True) if said else "")
            + (f"<div>{svg(self._whole(), says=self.describe(), width=860)}</div>" if self.charts else "")
            + (f"<div>{strip}</div>" if strip else "")
            + (looks_table(self.looks, self.look, self.level) if self.looks else "")
        )


REPORT = ("title", "centres", "radii", "train_xy", "test_xy", "verdicts", "distances", "radius", "worst")
TOLD = ("test", "level", "p_value", "spent", "verdicts", "worst", "title")  # of a look: what is no figure
_READING = {"paper": "Paper's rule: covering balls", "calibrated": "Calibrated test"}
DECIDES = "calibrated"  # the reading whose level a stream spends


def report(
    centres: Any = (),
    radii: Any = (),
    train_xy: Any = (),
    test_xy: Any = (),
    *,
    verdicts: Mapping[str, Mapping[str, Any]] | None = None,
    distances: Any = (),
    radius: float | None = None,
    worst: Sequence[bytes] = (),
    title: str = "",
) -> dict[str, Any]:
    """One comparison as the front end takes it, checked; the parameters are those of :class:`DriftPlot`."""
    return {
        "title": title,
        "centres": _points("centres", centres),
        "radii": [float(r) for r in np.atleast_1d(np.asarray(radii, dtype=float))],
        "train_xy": _points("train_xy", train_xy),
        "test_xy": _points("test_xy", test_xy),
        "verdicts": {k: {n: _json(x) for n, x in v.items()} for k, v in (verdicts or {}).items()},
        "distances": [float(d) for d in np.asarray(distances, dtype=float).ravel() if np.isfinite(d)],
        "radius": None if radius is None else float(radius),
        "worst": [bytes(w) for w in worst],
    }


def stream(looks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The looks of a stream, each with ``spent``: the level that is gone after it."""
    seen: list[dict[str, Any]] = []
    for i, given in enumerate(looks, 1):
        own = {k: v for k, v in given.items() if k in REPORT}
        if not {"test", "level", "p_value"} <= set(given) or len(own) + 3 != len(given):
            raise BadInput(
                f"look {i} takes 'test', 'level', 'p_value' and the keywords of a drift plot; got {', '.join(given)}"
            )
        level = float(given["level"])
        spent = level + (seen[-1]["spent"] if seen else 0.0)
        seen.append(
            {
                **report(**own),
                "test": str(given["test"]),
                "level": level,
                "p_value": _json(given["p_value"]),
                "spent": spent,
            }
        )
    return seen


def _report_specs(shown: Mapping[str, Any]) -> dict[str, Spec]:
    """The figures of one comparison; without points or distances there is none."""
    made = {}
    if shown["centres"] or shown["test_xy"]:
        made["balls"] = balls(shown)
    if shown["distances"]:
        made["distances"] = distances(shown)
    return made


def _verdict(v: Mapping[str, Any]) -> str:
    facts = [f"{k} {number(x)}" for k, x in v.items() if isinstance(x, int | float) and not isinstance(x, bool)]
    return f"{'drifted' if v.get('drifted') else 'no drift'}: {v.get('text') or ', '.join(facts)}"


def deciding(looks: Sequence[Mapping[str, Any]]) -> int:
    """The first look that drifted, else the last one."""
    return next(
        (i for i, x in enumerate(looks) if x["verdicts"].get(DECIDES, {}).get("drifted")),
        max(0, len(looks) - 1),
    )


def looks_table(looks: Sequence[Mapping[str, Any]], shown: int, level: float | None) -> str:
    """All looks of a stream as a small table; the drawn one in bold."""
    readings = list(dict.fromkeys(name for x in looks for name in x["verdicts"]))
    columns = ["", "test version", *readings, "p", "level of this look", "level spent so far"]
    rows = []
    for i, x in enumerate(looks):
        verdicts = [
            "drifted" if x["verdicts"].get(r, {}).get("drifted") else "no drift" if r in x["verdicts"] else "–"
            for r in readings
        ]
        rows.append([i + 1, x["test"], *verdicts, number(x["p_value"]), number(x["level"]), number(x["spent"])])
    of = f" The level of the whole stream is {number(level)}." if level is not None else ""
    return table(columns, rows, strong=[shown], below=f"The picture shows look {shown + 1}.{of}")


def _points(what: str, values: Any) -> list[list[float]]:
    xy = np.asarray(values, dtype=float)
    if xy.size == 0:
        return []
    if xy.ndim != 2 or xy.shape[1] != 2 or not np.isfinite(xy).all():
        raise BadInput(f"{what}: finite points in the plane are needed, shape (n, 2); got {xy.shape}")
    return [[round(float(x), 5), round(float(y), 5)] for x, y in xy]


def _json(value: Any) -> Any:
    """NumPy scalars to plain ones; what is not finite becomes None."""
    plain = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(plain, float) and not np.isfinite(plain) else plain
