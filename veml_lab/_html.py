"""Tables as HTML, by one function: every text escaped, no script, so that a saved notebook and a page show them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape
from typing import Any

_CELL = ' style="text-align:left;padding-right:1.5em"'


class Markup(str):
    """HTML that was made here and goes into a cell as it is; everything else is escaped."""


class Section(str):
    """In place of a row: a heading over the rows that follow."""


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Any] | Section],
    *,
    above: str = "",
    below: str = "",
    caption: str = "",
    label: str = "",
    strong: Collection[int] = (),
    headed: bool = False,
) -> str:
    """Write a table.

    Parameters
    ----------
    columns
        Headings; empty for a table without a head.
    rows
        Cells, shown as their text; a :class:`Section` in place of a row spans all columns.
    above, below, caption
        Lines of text before and after the table, and its caption.
    label
        What a screen reader calls it.
    strong
        Positions of rows in bold.
    headed
        Whether the first cell of each row is its heading.

    Examples
    --------
    >>> table(["a"], [["<b>"], Section("more"), [2]], strong=[2], above="1 & 2").count("&lt;b&gt;")
    1
    """
    said = f' role="table" aria-label="{escape(label, quote=True)}"' if label else ""
    out = [f"<p>{escape(above)}</p>" if above else "", f"<table{said}>"]
    if caption:
        out.append(f"<caption>{escape(caption)}</caption>")
    if columns:
        heads = "".join(f'<th scope="col"{_CELL}>{escape(str(c))}</th>' for c in columns)
        out.append(f"<thead><tr>{heads}</tr></thead>")
    out.append("<tbody>")
    for i, row in enumerate(rows):
        if isinstance(row, Section):
            span = len(columns) or max((len(r) for r in rows if not isinstance(r, Section)), default=1)
            out.append(f'<tr><th colspan="{span}" style="text-align:left;padding-top:8px">{escape(row)}</th></tr>')
            continue
        weight = ' style="font-weight:600"' if i in strong else ""
        cells = "".join(_cell(c, "th" if headed and j == 0 else "td") for j, c in enumerate(row))
        out.append(f"<tr{weight}>{cells}</tr>")
    out.append("</tbody></table>")
    if below:
        out.append(f"<p>{escape(below)}</p>")
    return "".join(out)


def _cell(value: Any, tag: str) -> str:
    text = value if isinstance(value, Markup) else escape(str(value))
    scope = ' scope="row"' if tag == "th" else ""
    return f"<{tag}{scope}{_CELL}>{text}</{tag}>"
