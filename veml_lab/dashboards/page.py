"""The overview page of a lab, from the same widgets as in a notebook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import ipywidgets as w

from ..errors import VemlError
from ..widgets import DriftPlot, LineageGraph, SampleBrowser, SimilarityHeatmap, TrainingCurves

_KINDS = (("data", "data versions"), ("model", "models"), ("training", "trainings"), ("inference", "inference versions"))

# The colours of js/src/drawing/theme.ts, light and dark.
_STYLE = """<style>
.veml-page{--data:#1768c4;--model:#8a3ffc;--training:#c25400;--inference:#17803d;font-family:var(--jp-ui-font-family,system-ui,sans-serif);
 color:var(--jp-ui-font-color1);line-height:1.45}
[data-jp-theme-light=false] .veml-page{--data:#63b0ff;--model:#c39bff;--training:#ff9b4a;--inference:#4fcf78}
.veml-page h1{font-size:24px;margin:8px 0 2px;font-weight:650}
.veml-page h2{font-size:17px;margin:26px 0 8px;font-weight:600}
.veml-page p{margin:4px 0;color:var(--jp-ui-font-color2)}
.veml-page code{background:var(--jp-layout-color2);padding:1px 5px;border-radius:4px;font-family:var(--jp-code-font-family,monospace)}
.veml-tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:14px 0 4px}
.veml-tile{background:var(--jp-layout-color1);border:1px solid var(--jp-border-color2);border-radius:8px;padding:10px 14px;border-top:3px solid var(--tone,var(--jp-border-color1))}
.veml-tile b{display:block;font-size:26px;font-weight:600;line-height:1.2}
.veml-tile span{color:var(--jp-ui-font-color2);font-size:13px}
.veml-rows{width:100%;border-collapse:collapse;background:var(--jp-layout-color1);border:1px solid var(--jp-border-color2);border-radius:8px;font-size:13px}
.veml-rows th,.veml-rows td{text-align:left;padding:6px 12px;border-bottom:1px solid var(--jp-border-color2)}
.veml-rows tr:last-child td{border-bottom:0}
.veml-rows th{color:var(--jp-ui-font-color2);font-weight:500}
.veml-rows td.n,.veml-rows th.n{text-align:right;font-variant-numeric:tabular-nums}
</style>"""


def page(lab: Any) -> w.VBox:
    """Build the page of one lab: numbers, lineage, similarity, data, trainings, drift.

    It only reads. A part that is empty says what fills it; a part that fails says so and leaves the others.

    Parameters
    ----------
    lab : Lab
        Open, best read-only.

    Returns
    -------
    ipywidgets.VBox
    """
    parts: list[tuple[str, Callable[[Any], Sequence[w.Widget]]]] = [
        ("", _headline),
        ("Lineage", _lineage),
        ("Similarity of the data sets", _similarity),
        ("Data", _data),
        ("Training", _training),
        ("Drift", _drift),
    ]
    children: list[w.Widget] = []
    for title, build in parts:
        if title:
            children.append(_html(f'<h2 id="{title.split()[0].lower()}">{escape(title)}</h2>'))
        try:
            children += build(lab)
        except VemlError as e:
            children.append(_html(f"<p>This part cannot be shown: {escape(str(e))}</p>"))
        except Exception as e:  # a visitor is told what failed, not where our files lie
            children.append(_html(f"<p>This part cannot be shown ({escape(type(e).__name__)}).</p>"))
    return w.VBox(children, layout=w.Layout(width="100%", overflow="visible"))


def _html(content: str) -> w.HTML:
    return w.HTML(f'<div class="veml-page">{content}</div>', layout=w.Layout(width="100%", margin="0"))


def _empty(what: str, line: str) -> list[w.Widget]:
    return [_html(f"<p>{escape(what)} <code>{escape(line)}</code></p>")]


def _headline(lab: Any) -> list[w.Widget]:
    rows = lab.rows()
    tiles = [
        f'<div class="veml-tile" style="--tone:var(--{kind})"><b>{sum(r["kind"] == kind for r in rows):,}</b><span>{name}</span></div>'
        for kind, name in _KINDS
    ]
    scored = [r for r in rows if r["kind"] == "training" and r.get("metric") is not None]
    if scored:
        best = max(scored, key=lambda r: r["metric"])
        metric = escape(str(best.get("metric_name") or "metric"))
        tiles.append(
            f'<div class="veml-tile"><b>{best["metric"]:.3f}</b><span>best {metric}: {escape(best["name"])}</span></div>'
        )
    newest = max((str(r["created"]) for r in rows), default="")
    when = f"newest version {escape(newest[:16].replace('T', ' '))}" if newest else "no versions yet"
    return [_html(f'{_STYLE}<h1>{escape(lab.name)}</h1><p>Read-only · {when}</p><div class="veml-tiles">{"".join(tiles)}</div>')]


def _lineage(lab: Any) -> list[w.Widget]:
    found = lab.elements()
    if not found["nodes"]:
        return _empty("The lab has no versions yet. Import a first one with", "veml add LAB NAME PATH")
    return [LineageGraph(found["nodes"], found["edges"], height=640)]


def _similarity(lab: Any) -> list[w.Widget]:
    found = lab.similarity_latest()
    if not found:
        return _empty("No distances have been computed yet. Compute them with", "veml similar LAB")
    return [SimilarityHeatmap(**found)]


def _data(lab: Any) -> list[w.Widget]:
    rows = lab.rows("data")
    if not rows:
        return _empty("There is no data version yet. Import one with", "veml add LAB NAME PATH")
    choice = w.Dropdown(options=[(f"{r['name']}  ({r['summary']})", r["name"]) for r in rows], layout=w.Layout(width="auto"))
    choice.description = "Version"
    holder = w.VBox(layout=w.Layout(width="100%"))

    def show(_change: Any = None) -> None:
        old = holder.children
        try:
            holder.children = [SampleBrowser(lab.browse_source(choice.value), title=choice.value)]
        except Exception as e:
            words = str(e) if isinstance(e, VemlError) else type(e).__name__
            holder.children = [_html(f"<p>The samples of {escape(choice.value)} cannot be shown: {escape(words)}</p>")]
        for widget in old:
            widget.close()

    choice.observe(show, names="value")
    show()
    return [choice, holder]


def _training(lab: Any) -> list[w.Widget]:
    rows = lab.rows("training")
    if not rows:
        return _empty("Nothing has been trained yet. Train with", "veml train LAB DATA")
    lines = "".join(
        f"<tr><td>{escape(r['name'])}</td><td>{escape(str(r['summary']))}</td>"
        f'<td class="n">{"" if r.get("metric") is None else format(r["metric"], ".4f")}</td>'
        f"<td>{escape(str(r.get('metric_name') or ''))}</td><td>{escape(str(r['created'])[:16].replace('T', ' '))}</td></tr>"
        for r in rows
    )
    heads = '<tr><th>training</th><th>summary</th><th class="n">value</th><th>metric</th><th>made</th></tr>'
    out: list[w.Widget] = [_html(f'<table class="veml-rows"><thead>{heads}</thead><tbody>{lines}</tbody></table>')]
    curves = lab.curves()
    if curves:
        out += [_html("<p>&nbsp;</p>"), TrainingCurves(curves)]
    return out


def _drift(lab: Any) -> list[w.Widget]:
    reports = lab.drift_latest()
    if not reports:
        return _empty("No test data has been checked for drift yet. Check with", "veml drift LAB REFERENCE TEST")
    return [DriftPlot(**report) for report in reports]
