"""The heading of a published page: its parts as links that the address keeps (``#data/mnist``)."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import traitlets as t

from ._base import Drawing, script


class Pages(Drawing):
    """Links to the parts of a page; which one is open stands in the browser's address and can be sent to others.

    Parameters
    ----------
    parts : dict of str -> str
        Title by the name that stands in the address.
    title, subtitle : str

    Attributes
    ----------
    part, item : str
        What the address names: ``#data/mnist`` is part ``data``, item ``mnist``.
    shown : str
        Part and item that are on the screen below, as the kernel says; ``None`` for whatever is named. While it is
        another than the address names, the heading says that it is being loaded.
    visits : int
        Counts up when a browser shows the page: what was prepared before may be out of date then.
    """

    _esm = script("pages")
    _from_browser = frozenset({"part", "item", "visits"})

    parts = t.Dict().tag(sync=True, ts="Record<string, string>")
    part = t.Unicode("").tag(sync=True)
    item = t.Unicode("").tag(sync=True)
    title = t.Unicode("").tag(sync=True)
    subtitle = t.Unicode("").tag(sync=True)
    visits = t.Int(0).tag(sync=True)
    shown = t.Unicode(None, allow_none=True).tag(sync=True)

    def __init__(
        self, parts: Mapping[str, str] | None = None, *, title: str = "", subtitle: str = "", **kwargs: Any
    ) -> None:
        shown = dict(parts or {})
        super().__init__(parts=shown, title=title, subtitle=subtitle, part=next(iter(shown), ""), **kwargs)

    def can_be(self, name: str, value: Any) -> bool:
        if name == "visits":
            return type(value) is int and 0 <= value < 2**31
        return isinstance(value, str) and (name == "item" or value == "" or value in self.parts)

    def describe(self) -> str:
        return f"Pages: {self.title}; {', '.join(self.parts.values())}"

    def static_html(self) -> str:
        links = " · ".join(f'<a href="#{escape(k, quote=True)}">{escape(v)}</a>' for k, v in self.parts.items())
        return (
            f"<h1>{escape(self.title)}</h1><p>{escape(self.subtitle)}</p><nav"
            f' aria-label="{escape(self.describe(), quote=True)}">{links}</nav>'
        )
