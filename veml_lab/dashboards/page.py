"""The pages of a lab in a dashboard, from the same widgets as in a notebook.

One notebook, four pages. Which page is open stands in the browser's address (``#data/mnist``) and can be sent to
others; a page is built when it is first looked at, so that the first one is there at once.
"""

from __future__ import annotations

import os
from html import escape
from typing import Any

import ipywidgets as w

from ..errors import VemlError
from ..lab import Lab
from ..widgets import Pages
from .contents import PARTS, Empty, Entry, entries, items_of, newest, tiles

# The colours of js/src/drawing/theme.ts, light and dark.
_STYLE = """<style>
.veml-page{--data:#1768c4;--model:#8a3ffc;--training:#c25400;--inference:#17803d;font-family:var(--jp-ui-font-family,system-ui,sans-serif);
 color:var(--jp-ui-font-color1);line-height:1.45}
[data-jp-theme-light=false] .veml-page{--data:#63b0ff;--model:#c39bff;--training:#ff9b4a;--inference:#4fcf78}
.veml-page h2{font-size:17px;margin:22px 0 8px;font-weight:600}
.veml-page p{margin:4px 0;color:var(--jp-ui-font-color2)}
.veml-page code{background:var(--jp-layout-color2);padding:1px 5px;border-radius:4px;
font-family:var(--jp-code-font-family,monospace)}
.veml-tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:14px 0 4px}
.veml-tile{background:var(--jp-layout-color1);border:1px solid var(--jp-border-color2);border-radius:8px;
padding:10px 14px;border-top:3px solid var(--tone,var(--jp-border-color1))}
.veml-tile b{display:block;font-size:26px;font-weight:600;line-height:1.2}
[data-veml-late] .veml-holder{opacity:.35;pointer-events:none}
.veml-tile span{color:var(--jp-ui-font-color2);font-size:13px}
</style>"""


def page(lab: Lab) -> w.VBox:
    """Build the pages of one lab: Overview, Data, Similarity and drift, Models and training.

    They only read. A part that is empty says what fills it; a part that fails says so and leaves the others.

    Parameters
    ----------
    lab : Lab
        Open, best read-only.

    Returns
    -------
    ipywidgets.VBox
    """
    return _Site(lab).box


class _Site:
    """The heading with its links, and below it the page that the address names."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        os.environ["VEML_DASHBOARD"] = "1"  # whatever opened the lab: nothing on these pages writes
        self.nav = Pages(PARTS, title=lab.name, subtitle=f"Read-only · {newest(lab)}")
        self.holder = w.VBox(layout=w.Layout(width="100%", overflow="visible"))
        self.holder.add_class("veml-holder")
        self.box = w.VBox([_html(_STYLE), self.nav, self.holder], layout=w.Layout(width="100%", overflow="visible"))
        self._shown: tuple[str, str, str] = ("", "", "")
        self.nav.observe(self._go, names=["part", "item", "visits"])
        self._go()

    def _go(self, _change: Any = None) -> None:
        """Show what the address names, unless it is on the screen and nothing has changed in the lab since."""
        part = self.nav.part if self.nav.part in PARTS else next(iter(PARTS))
        wanted = (part, self.nav.item, str(self.lab.revision()))
        if wanted == self._shown:
            return
        if wanted[2] != self._shown[2]:
            self.nav.subtitle = f"Read-only · {newest(self.lab)}"
        self._shown = wanted
        old = _all(self.holder)
        item = self.nav.item
        self.holder.children = self._page(part, item)
        self.nav.shown = f"{part}/{item}"
        for widget in old:
            widget.close()

    def _page(self, part: str, item: str) -> list[w.Widget]:
        children: list[w.Widget] = []
        try:
            if part == "overview":
                children.append(_html(_tiles(self.lab)))
            names = items_of(self.lab, part)
            if len(names) > 1:
                children.append(self._choice(part, names, item))
            for entry in entries(self.lab, part, item):
                children += _drawn(entry)
        except Exception as e:
            children.append(_failed(e))
        return children

    def _choice(self, part: str, names: list[str], item: str) -> w.Widget:
        """One of the page's items; the address follows."""
        choice = w.Dropdown(
            options=names,
            value=item if item in names else names[0],
            description="Version",
            layout=w.Layout(width="auto", max_width="100%"),
        )

        def chosen(change: Any) -> None:
            self.nav.item = change["new"]

        choice.observe(chosen, names="value")
        return choice


def _drawn(entry: Entry | Empty) -> list[w.Widget]:
    title = _html(f"<h2>{escape(entry.title)}</h2>")
    if isinstance(entry, Empty):
        return [title, _html(f"<p>{escape(entry.what)} <code>{escape(entry.line)}</code></p>")]
    note = [_html(f"<p>{escape(entry.note)}</p>")] if entry.note else []
    try:
        return [title, *note, entry.make()]
    except Exception as e:
        return [title, _failed(e)]


def _failed(e: Exception) -> w.Widget:
    """A visitor is told what failed, not where our files lie."""
    words = f": {escape(str(e))}" if isinstance(e, VemlError) else f" ({escape(type(e).__name__)})."
    return _html(f"<p>This part cannot be shown{words}</p>")


def _tiles(lab: Lab) -> str:
    shown = "".join(
        '<div class="veml-tile"'
        f' style="--tone:var(--{kind or "none"},var(--jp-border-color1))"><b>{escape(value)}</b>'
        f"<span>{escape(text)}</span></div>"
        for kind, value, text in tiles(lab)
    )
    return f'<div class="veml-tiles">{shown}</div>'


def _html(content: str) -> w.HTML:
    return w.HTML(f'<div class="veml-page">{content}</div>', layout=w.Layout(width="100%", margin="0"))


def _all(box: w.Box) -> list[w.Widget]:
    return [x for child in box.children for x in ([*_all(child), child] if isinstance(child, w.Box) else [child])]
