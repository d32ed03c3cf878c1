"""Training curves: one chart a metric, one line a run, live; a part of them is asked for and drawn finer."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets as t

from .._svg import number, short
from ..errors import BadInput
from ..figures.curves import CLOCKS, Reading, clocks_of, curves, metrics_of
from ..figures.grid import together
from ..figures.look import Spec, figure_of, packed
from ..figures.still import svg
from ..figures.thin import thin
from ._base import script, unknown_question
from ._charted import Charted

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_STATIC_BUCKETS = 125  # of a picture in a saved notebook

# of the machine, not of the model (:class:`veml_lab.training.reporter.Figures`): shown last and folded
SYSTEM = ("cpu_percent", "rss_mb", "gpu_memory_mb", "samples_per_s")
MOST_SMOOTHED = 1_000_000

Points = list[list[float | None]]


class TrainingCurves(Charted):
    """Draw metrics of runs over steps; assigning ``runs`` again redraws at once.

    A series longer than 1,500 points stays in the kernel; the front end gets the extremes and the gaps of 500 equal
    stretches of it (``runs`` reads as these), and asks for those of a part when the reader zooms in, smooths, or
    draws over epochs or time. A value that is no number breaks the line.

    Parameters
    ----------
    runs : dict of run -> dict of metric -> [step, value] pairs, a list or an array (n, 2)
        Series named ``epoch`` and ``seconds`` say where a step lies: they are axes to choose, not charts.
    system : list of str, optional
        Metrics that are figures of the machine: drawn last and folded, and named only in a picture without script.
    groups : dict of run -> str, optional
        Runs that differ in their seed alone have one group: they can be drawn as one band.

    Raises
    ------
    BadInput
        Points that are not pairs of a step and a value, or a step that is no number.

    Examples
    --------
    >>> TrainingCurves({"first": {"loss": [[0, 2.0], [1, 0.5]]}})
    TrainingCurves: 1 run; first: loss 0.500
    """

    _esm = script("curves")

    runs = t.Dict()
    names = t.List(t.Unicode()).tag(sync=True)
    points = t.Int(0).tag(sync=True)
    coarse = t.Bool(False).tag(sync=True)
    system = t.List(t.Unicode(), list(SYSTEM)).tag(sync=True)
    axes = t.List(t.Unicode()).tag(sync=True)
    grouped = t.Bool(False).tag(sync=True)

    def __init__(
        self,
        runs: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        groups: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        self._whole: dict[str, dict[str, np.ndarray]] = {}
        self._short: dict[str, dict[str, np.ndarray]] = {}
        self._drawn: dict[str, dict[str, Points]] | None = None
        self._groups = {str(r): str(g) for r, g in (groups or {}).items()}
        super().__init__(**kwargs)
        self.runs = runs or {}

    @t.validate("runs")
    def _check_runs(self, proposal: dict[str, Any]) -> dict[str, Any]:
        if proposal["value"] is self._drawn:
            return proposal["value"]
        self._whole = {
            str(r): {str(m): _series(p, r, m) for m, p in metrics.items()} for r, metrics in proposal["value"].items()
        }
        self._short = {r: {m: thin(s) for m, s in ms.items()} for r, ms in self._whole.items()}  # once: it costs most
        self._drawn = _plain(self._short)
        lengths = [(len(s), len(self._drawn[r][m])) for r, ms in self._whole.items() for m, s in ms.items()]
        own = [self._groups.get(r, r) for r in self._whole]
        with self.hold_sync():  # one message: a page never sees new charts with the old names
            self.names = list(self._whole)
            self.points = sum(n for n, _ in lengths)
            self.coarse = any(n > drawn for n, drawn in lengths)
            self.axes = ["step", *clocks_of(self._whole)]
            self.grouped = len(set(own)) < len(own)
            self.draw()
        return self._drawn

    def specs(self) -> Mapping[str, Spec]:
        return curves(self._short, Reading(buckets=None), groups=self._groups)

    def answer(self, asked: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
        """``charts``: read in another way (``x``, ``smooth``, ``bands``), or between ``from`` and ``to`` on that axis,
        with as many points as fit a chart, each series with its neighbours."""
        if asked.get("type") != "charts":
            return super().answer(asked) if asked.get("type") == "plotly" else _unknown(asked)
        how = _reading(asked)
        found = curves(self._whole, how, groups=self._groups)
        return {"type": "charts", "charts": packed(found)}, []

    def figure(
        self,
        *,
        system: bool = False,
        x: str = "step",
        smooth: int = 1,
        log: bool = False,
        bands: bool = False,
        dark: bool = False,
    ) -> Figure:
        """The curves as a Plotly figure of every recorded point.

        Parameters
        ----------
        system
            Whether the figures of the machine are drawn too.
        x
            ``step``, ``epoch`` or ``seconds``, where the runs know them.
        smooth
            Each point is the mean of so many recorded ones.
        log
            Values on a logarithmic axis.
        bands
            One line a group of runs, with the smallest and largest of them as a band.
        """
        how = _reading({"x": x, "smooth": smooth, "bands": bands})
        specs = curves(self._whole, replace(how, log=log, buckets=None), groups=self._groups)
        shown = {m: s for m, s in specs.items() if system or m not in self.system}
        return figure_of(together(shown), dark=dark)

    def describe(self) -> str:
        n = len(self.runs)
        ends = [
            f"{run}: "
            + ", ".join(
                f"{m} {number(points[-1][1])}"
                for m, points in metrics.items()
                if points and m not in self.system and m not in CLOCKS
            )
            for run, metrics in self.runs.items()
        ]
        return f"TrainingCurves: {n} run{'s' * (n != 1)}" + (f"; {'; '.join(ends)}" if ends else "")

    def static_html(self) -> str:
        every = metrics_of(self._whole)
        shown = [m for m in every if m not in self.system] or every
        specs = curves(self._short, Reading(buckets=_STATIC_BUCKETS))
        left_out = [m for m in every if m not in shown]
        return svg(
            together({m: specs[m] for m in shown}, columns=2 if len(shown) > 1 else 1),
            says=self.describe(),
            below=f"not drawn: {', '.join(left_out)}" if left_out else "",
        )


def _unknown(asked: dict[str, Any]) -> Any:
    raise unknown_question(asked.get("type"), "charts", "plotly")


def _reading(asked: Mapping[str, Any]) -> Reading:
    """How a page wants its curves.

    Raises
    ------
    BadInput
        An axis that there is not, or numbers that are none.
    """
    x, smooth, bands = asked.get("x", "step"), asked.get("smooth", 1), asked.get("bands", False)
    if x not in ("step", *CLOCKS):
        raise BadInput(f"curves are drawn over {', '.join(('step', *CLOCKS))}; got {short(repr(x), 40)}")
    if type(smooth) is not int or not 1 <= smooth <= MOST_SMOOTHED:
        raise BadInput(
            f"smooth is how many values make one point, 1 to {MOST_SMOOTHED:,}; got {short(repr(smooth), 40)}"
        )
    if type(bands) is not bool:
        raise BadInput(f"bands is true or false; got {short(repr(bands), 40)}")
    low, high = asked.get("from"), asked.get("to")
    if low is None and high is None:
        return Reading(x=x, smooth=smooth, bands=bands)
    if not (_is_step(low) and _is_step(high) and low < high):
        raise BadInput(
            "points are asked for from a smaller to a larger step; got"
            f" {short(repr(low), 40)} and {short(repr(high), 40)}"
        )
    return Reading(x=x, smooth=smooth, bands=bands, low=float(low), high=float(high))


def _is_step(value: Any) -> bool:
    """Whether it is a number that a float holds; a page may send any."""
    return type(value) in (int, float) and abs(value) <= sys.float_info.max


def _series(points: Any, run: Any, metric: Any) -> np.ndarray:
    """As an array (n, 2) in the order of the steps; what is not finite, None too, becomes NaN."""
    try:
        made = np.asarray(points, dtype=np.float64)
    except (TypeError, ValueError) as e:
        raise BadInput(f"{metric!r} of {run!r}: a curve is a list of [step, value] pairs ({e})") from e
    if made.size == 0:
        return np.empty((0, 2))
    if made.ndim != 2 or made.shape[1] != 2 or not np.isfinite(made[:, 0]).all():
        raise BadInput(
            f"{metric!r} of {run!r}: a curve is a list of [step, value] pairs with steps that are numbers; got shape"
            f" {made.shape}"
        )
    if not np.isfinite(made[:, 1]).all():
        made = np.column_stack([made[:, 0], np.where(np.isfinite(made[:, 1]), made[:, 1], np.nan)])
    return made if (np.diff(made[:, 0]) >= 0).all() else made[np.argsort(made[:, 0], kind="stable")]


def _plain(runs: Mapping[str, Mapping[str, np.ndarray]]) -> dict[str, dict[str, Points]]:
    """Plain floats; NaN becomes None, which JSON knows."""
    return {
        run: {m: [[x, y if y == y else None] for x, y in s.tolist()] for m, s in metrics.items()}
        for run, metrics in runs.items()
    }
