"""The static page of an error analysis: tables, bars and the worst pictures, without scripts."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import TYPE_CHECKING, Any

from .._html import Markup, table
from ..errors import VemlError
from .kinds import MEANING

if TYPE_CHECKING:
    from .analysis import ErrorAnalysis

PICTURE_PX = 112
MOST_CLASSES = 30  # of the confusion matrix; more cannot be read


def page(a: ErrorAnalysis) -> str:
    """HTML that a notebook keeps; every text of the user's is escaped."""
    head = (
        f"<b>{escape(a.model)}</b> on {escape(a.data)}: {a.metric} <b>{a.judged_by.format(a.value)}</b> over"
        f" {len(a.judgement):,} samples"
    )
    parts = [f"<p>{head}</p>", _kinds(a), _confusion(a), _table(a), _slices(a), _worst(a)]
    return f'<div style="font:13px system-ui,sans-serif">{"".join(p for p in parts if p)}</div>'


def _section(title: str, inner: str) -> str:
    return f"<details open><summary><b>{escape(title)}</b></summary>{inner}</details>"


def _kinds(a: ErrorAnalysis) -> str:
    if a.kinds is None:
        return ""
    most = max(1e-9, *(v["cost"] for v in a.kinds.values()))
    rows = []
    for k, v in a.kinds.items():
        bar = f'<div style="background:#4878d0;height:10px;width:{round(160 * v["cost"] / most)}px"></div>'
        rows.append([k, f"{v['count']:,}", f"+{v['cost']:.3f}", Markup(bar), MEANING[k]])
    return _section(
        "Kinds of error (after TIDE)", table(["kind", "how many", "mending it adds to mAP50", "", "meaning"], rows)
    )


def _confusion(a: ErrorAnalysis) -> str:
    n, table = len(a.names), a.confusion
    shown = list(range(n))
    if n > MOST_CLASSES:
        wrong = table.sum(1) + table.sum(0) - 2 * table.diagonal()
        shown = sorted(range(n), key=lambda i: -wrong[i])[:MOST_CLASSES]
    share = table / table.sum(1, keepdims=True).clip(1)
    head = "".join(f'<th scope="col" style="writing-mode:vertical-rl">{escape(a.names[j])}</th>' for j in shown)
    rows = ""
    for i in shown:
        cells = "".join(_cell(int(table[i, j]), float(share[i, j]), i == j) for j in shown)
        rows += f'<tr><th scope="row" style="text-align:right">{escape(a.names[i])}</th>{cells}</tr>'
    note = f"<p>the {MOST_CLASSES} classes with the most errors</p>" if n > MOST_CLASSES else ""
    return _section(
        "Confusion: row truth, column prediction",
        f"{note}<table><thead><tr><th></th>{head}</tr></thead><tbody>{rows}</tbody></table>",
    )


def _cell(count: int, share: float, right: bool) -> str:
    colour = "46,125,50" if right else "198,40,40"
    ink = "#fff" if share > 0.6 else "inherit"
    return f'<td style="text-align:right;background:rgba({colour},{share:.2f});color:{ink}">{count or ""}</td>'


def _table(a: ErrorAnalysis) -> str:
    head = ["class", "support", "precision", "recall", "F1", *(["AP50"] if a.kinds else [])]
    rows = [
        [
            r["class"],
            f"{r['support']:,}",
            *(a.judged_by.format(r[k]) for k in ("precision", "recall", "f1", *(["AP50"] if a.kinds else []))),
        ]
        for r in a.per_class
    ]
    return _section("Per class", table(head, rows))


def _slices(a: ErrorAnalysis) -> str:
    shown = a.judged_by.format
    rows = [
        [r["column"], r["value"], f"{r['n']:,}", shown(r["metric"]), shown(r["gap"], signed=True)] for r in a.weakest()
    ]
    return (
        _section("Per slice, weakest first", table(["column", "value", "samples", a.metric, "against the whole"], rows))
        if rows
        else ""
    )


def _worst(a: ErrorAnalysis) -> str:
    cards = "".join(_card(a, w) for w in a.worst[:12])
    return _section("Worst samples", f'<div style="display:flex;flex-wrap:wrap;gap:8px">{cards}</div>') if cards else ""


def _card(a: ErrorAnalysis, w: dict[str, Any]) -> str:
    text = f"{escape(w['uri'])}<br>truth {escape(w['truth'])}<br>predicted {escape(w['predicted'])}"
    return (
        f'<figure style="margin:0;width:{PICTURE_PX + 40}px">{_picture(a, w)}<figcaption'
        f' style="font-size:11px;overflow-wrap:anywhere">{text}</figcaption></figure>'
    )


def _picture(a: ErrorAnalysis, w: dict[str, Any]) -> str:
    """The sample as a small JPEG inside the page, true boxes drawn in; without it where the file is gone."""
    from PIL import ImageDraw

    if a.picture is None:
        return ""
    try:
        image = a.picture(w["position"])
    except VemlError as e:
        return f"<p>{escape(str(e))}</p>"
    draw, width = ImageDraw.Draw(image), max(1, image.width // 150)
    if a.judgement.boxes is not None:
        for box in a.judgement.boxes.corners[a.judgement.boxes.of_picture(w["position"])].tolist():
            draw.rectangle(tuple(box), outline=(46, 160, 67), width=width)
    for mistake in a.judgement.mistakes(w["position"]):
        if mistake.box is not None:
            draw.rectangle(mistake.box, outline=(198, 40, 40), width=width)
    image.thumbnail((PICTURE_PX, PICTURE_PX))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    coded = base64.b64encode(out.getvalue()).decode()
    return (
        f'<img src="data:image/jpeg;base64,{coded}" alt="{escape(w["uri"], quote=True)}"'
        f' style="max-width:{PICTURE_PX}px">'
    )
