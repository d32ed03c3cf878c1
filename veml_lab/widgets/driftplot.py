"""Drift plot: the covering balls of train, the test points, and what both readings say."""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import traitlets as t

from .._html import table
from .._svg import BAD, COLOURS, GOOD, INK, MUTED, number, picture, tag, text
from ..errors import BadInput
from ._base import Drawing, script


class DriftPlot(Drawing):
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
    _from_browser = frozenset({"look"})

    title = t.Unicode("").tag(sync=True)
    centres = t.List().tag(sync=True, ts="[number, number][]")
    radii = t.List(t.Float()).tag(sync=True)
    train_xy = t.List().tag(sync=True, ts="[number, number][]")
    test_xy = t.List().tag(sync=True, ts="[number, number][]")
    verdicts = t.Dict().tag(
        sync=True, ts="Record<string, { drifted: boolean; text?: string; [fact: string]: unknown }>"
    )
    distances = t.List(t.Float()).tag(sync=True)
    radius = t.Float(None, allow_none=True).tag(sync=True)
    worst = t.List().tag(sync=True, ts="DataView[]")
    looks = t.List().tag(sync=True, ts="DriftLook[]")
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
            look=look,
            level=None if level is None else float(level),
            **kwargs,
        )

    def can_be(self, name: str, value: Any) -> bool:
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
        svg = drift_svg(self.shown, says=self.describe())
        return (
            f"<div>{svg}</div>"
            + (f"<div>{strip}</div>" if strip else "")
            + (looks_table(self.looks, self.look, self.level) if self.looks else "")
        )


REPORT = ("title", "centres", "radii", "train_xy", "test_xy", "verdicts", "distances", "radius", "worst")
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


def drift_svg(shown: Mapping[str, Any], *, says: str) -> str:
    """Verdicts in words, the balls with the points, the histogram of distances with the radius."""
    plot = SimpleNamespace(**shown)
    parts = [text(16, 24, plot.title or "Drift", size=14, font_weight=600)]
    y = 46.0
    for name, v in plot.verdicts.items():
        colour = BAD if v.get("drifted") else GOOD
        words = f"{name}: {'drifted' if v.get('drifted') else 'no drift'}"
        facts = ", ".join(
            f"{k} {number(x)}" for k, x in v.items() if isinstance(x, int | float) and not isinstance(x, bool)
        )
        parts.append(text(16, y, words, font_weight=600, fill=colour))
        x = 16 + len(words) * 7 + 12
        lines = textwrap.wrap(
            str(v.get("text") or facts), max(20, int((710 - 16 - x) / 6.8)), max_lines=3
        )  # 12 px letters are about 6.8 wide
        parts += [text(x, y + 16 * i, line, fill=MUTED) for i, line in enumerate(lines)]
        y += 20 + 16 * max(len(lines) - 1, 0)
    parts.append(_balls(plot, 16, y, 300, 240))
    parts.append(_histogram(plot, 346, y, 340, 240))
    return picture("".join(parts), 710, y + 262, says=says)


def _balls(plot: SimpleNamespace, ox: float, oy: float, w: float, h: float) -> str:
    if not plot.centres and not plot.test_xy:
        return ""
    reach = [plot.radii[min(i, len(plot.radii) - 1)] if plot.radii else 0.0 for i in range(len(plot.centres))]
    xs = [p[0] for p in plot.train_xy + plot.test_xy] + [
        c[0] + s * r for c, r in zip(plot.centres, reach) for s in (-1, 1)
    ]
    ys = [p[1] for p in plot.train_xy + plot.test_xy] + [
        c[1] + s * r for c, r in zip(plot.centres, reach) for s in (-1, 1)
    ]
    k = min(w / ((max(xs) - min(xs)) or 1), h / ((max(ys) - min(ys)) or 1))
    mx, my = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2

    def at(p: Sequence[float]) -> tuple[float, float]:
        return ox + w / 2 + (p[0] - mx) * k, oy + h / 2 - (p[1] - my) * k

    out = []
    for c, r in zip(plot.centres, reach):
        x, y = at(c)
        out.append(
            tag(
                "circle",
                cx=x,
                cy=y,
                r=r * k,
                fill=COLOURS["data"],
                fill_opacity="0.07",
                stroke=COLOURS["data"],
                stroke_opacity="0.4",
            )
        )
    known = plot.radius is not None and len(plot.distances) == len(plot.test_xy)
    for points, step, colour in (
        (plot.train_xy, max(1, len(plot.train_xy) // 300), COLOURS["data"]),
        (plot.test_xy, max(1, len(plot.test_xy) // 300), GOOD),
    ):
        for i in range(0, len(points), step):
            x, y = at(points[i])
            outside = points is plot.test_xy and known and plot.distances[i] > (plot.radius or 0)
            out.append(tag("circle", cx=x, cy=y, r=2.0, fill=BAD if outside else colour, fill_opacity="0.7"))
    return "".join(out)


def _histogram(plot: SimpleNamespace, ox: float, oy: float, w: float, h: float) -> str:
    if not plot.distances:
        return ""
    high = max(*plot.distances, plot.radius or 0.0, 1e-12) * 1.05
    bins = int(np.clip(np.sqrt(len(plot.distances)) * 1.5, 8, 40))
    counts, edges = np.histogram(plot.distances, bins=bins, range=(0, high))
    out = []
    for c, a, b in zip(counts, edges[:-1], edges[1:]):
        tall = (h - 50) * c / counts.max()
        beyond = plot.radius is not None and (a + b) / 2 > plot.radius
        if c:
            out.append(
                tag(
                    "rect",
                    x=ox + a / high * w,
                    y=oy + h - 24 - tall,
                    width=max(1.0, (b - a) / high * w - 1),
                    height=tall,
                    fill=BAD if beyond else GOOD,
                    fill_opacity="0.8",
                )
            )
    out.append(tag("line", x1=ox, x2=ox + w, y1=oy + h - 24, y2=oy + h - 24, stroke=MUTED))
    out.append(text(ox, oy + h - 6, "distance to the nearest centre", size=11, fill=MUTED))
    if plot.radius is not None:
        x = ox + plot.radius / high * w
        side = "end" if x > ox + w * 0.6 else "start"
        out.append(
            tag(
                "line",
                x1=x,
                x2=x,
                y1=oy + 4,
                y2=oy + h - 24,
                stroke=INK,
                stroke_width=1.5,
                stroke_dasharray="5 3",
            )
        )
        out.append(
            text(
                x + (-6 if side == "end" else 6),
                oy + 14,
                f"paper's covering radius {number(plot.radius)}",
                size=11,
                text_anchor=side,
            )
        )
    return "".join(out)
