"""A lab as a folder of plain files: the same pages as the dashboard, without any kernel.

::

    index.html, app.js     the page; app.js holds the drawings
    plotly.js              the library that draws the charts, fetched when the first one is shown
    site.json              titles, counts, and which views there are
    views/<n>.json, .bin   the state of each view and its binary parts
    pictures/<n>/<k>.bin   pictures of an image wall, sixty in a file

It works from any file server and asks nothing of it but these files. What needs a kernel (keeping a choice,
stopping a job) is left out, and so are pictures beyond the first few hundred of each data version.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import BadInput, VemlError
from ..lab import Lab
from ..storage.border import public
from ..storage.folders import whole_folder
from ..widgets._base import alone, script
from .contents import PARTS, Empty, entries, items_of, newest, tiles

PICTURES = 240  # of each data version
MOST_ITEMS = 60  # data versions with pages of their own, the newest
CHUNK = 60
THUMB_PX = 192
MARK = ".veml-site"  # a folder with this in it is one of ours and may be written over


@public
def publish(
    lab: Lab, folder: str | os.PathLike[str], *, pictures: int = PICTURES, say: Callable[[str], None] | None = None
) -> Path:
    """Write the pages of a lab into a folder; one that was published before is replaced as a whole.

    Parameters
    ----------
    folder : path
        New, empty, or published before.
    pictures : int
        Samples of each data version that are shown; 0 for none.
    say : callable, optional
        Told of each page.

    Returns
    -------
    Path
        The folder; open its ``index.html`` from a web server.

    Raises
    ------
    BadInput
        The folder holds other things, or ``pictures`` is negative.
    """
    if pictures < 0:
        raise BadInput(f"pictures is 0 or more, got {pictures}")
    target = Path(folder).expanduser().resolve()
    if target.exists() and not (target.is_dir() and ((target / MARK).exists() or not any(target.iterdir()))):
        raise BadInput(f"{target} holds other things; give a new or empty folder, or one that was published before")
    with whole_folder(target, replace=True) as made:
        _write(lab, made, pictures, say or (lambda _text: None))
    return target


def _write(lab: Lab, folder: Path, pictures: int, say: Callable[[str], None]) -> None:
    for name, kept in (("site", "app.js"), ("plotly", "plotly.js")):
        shutil.copyfile(script(name), folder / kept)
    shutil.copyfile(Path(__file__).with_name("share") / "site.html", folder / "index.html")
    (folder / MARK).write_text("made by: veml publish\n")
    (folder / "views").mkdir()
    views: list[dict[str, str]] = []
    for part in PARTS:
        for item in items_of(lab, part)[-MOST_ITEMS:] or [""]:
            for entry in entries(lab, part, item):
                if isinstance(entry, Empty):
                    continue
                name = str(len(views))
                try:
                    with alone():
                        note = _store(entry.make(), folder, name, pictures) or entry.note
                except VemlError as e:  # the lab has it, but it cannot be drawn: the others still can
                    say(f"left out: {entry.title} ({e})")
                    continue
                views.append({"file": name, "part": part, "item": entry.item, "title": entry.title, "note": note})
        say(f"{PARTS[part]}: {sum(v['part'] == part for v in views)} views")
    site = {
        "title": lab.name, "subtitle": f"Read-only · {newest(lab)}", "parts": PARTS, "views": views,
        "tiles": [{"kind": kind, "value": value, "text": text} for kind, value, text in tiles(lab)],
    }  # fmt: skip
    (folder / "site.json").write_text(json.dumps(site))


def _store(drawing: Any, folder: Path, name: str, pictures: int) -> str:
    """One view with its binary parts; gives a note where something was left out."""
    from ..widgets import EmbeddingMap, SampleBrowser, SimilarityHeatmap

    note, stored = "", dict[str, Any]()
    if isinstance(drawing, SampleBrowser):
        kept = min(drawing.count, pictures)
        if kept < drawing.count:
            note = f"the first {kept:,} of {drawing.count:,} samples"
        stored["wall"] = _wall(drawing, folder, name, kept)
        drawing.count, drawing.saves, drawing.tags, drawing.nearest = kept, [], False, False
        drawing.numbers, drawing.texts = [], []
    elif isinstance(drawing, EmbeddingMap):
        drawing.pictures = drawing.saves = False
    elif isinstance(drawing, SimilarityHeatmap):
        drawing.offers = False
    if getattr(drawing, "opens", False):
        drawing.opens = False
    state, paths, buffers = drawing.packed()
    stored |= {"widget": type(drawing).__name__, "state": state, "paths": paths, "lengths": [len(b) for b in buffers]}
    (folder / "views" / f"{name}.json").write_text(json.dumps(stored, allow_nan=False))
    if buffers:
        (folder / "views" / f"{name}.bin").write_bytes(b"".join(buffers))
    return note


def _wall(wall: Any, folder: Path, name: str, kept: int) -> dict[str, Any]:
    """Pictures in files of sixty, marks, and what each filter and order finds."""
    import numpy as np

    home = folder / "pictures" / name
    home.mkdir(parents=True)
    chunks: list[list[int]] = []
    notes: list[Any] = []
    for k, start in enumerate(range(0, kept, CHUNK)):
        wanted = list(range(start, min(start + CHUNK, kept)))
        wall.thumb_px = THUMB_PX
        content, buffers = wall.answer({"type": "get", "positions": wanted})
        (home / f"{k}.bin").write_bytes(b"".join(buffers))
        chunks.append([len(b) for b in buffers])
        notes += content["annotations"]
    wall.thumb_px = 128

    def found(**question: Any) -> list[int]:
        places = np.frombuffer(wall.answer({"type": "find", **question})[1][0], "<u4")
        return places[places < kept].tolist()

    facts = {
        "filters": {
            fact: {value: found(where={fact: value}) for value in values} for fact, values in wall.filters.items()
        },
        "orders": {
            by: {"up": found(by=by, descending=False), "down": found(by=by, descending=True)} for by in wall.orders
        },
    }
    told = [_told(wall, p) for p in range(kept)] if wall.about else []
    return {"folder": f"pictures/{name}", "chunks": chunks, "annotations": notes, "about": told, "facts": facts}


def _told(wall: Any, position: int) -> dict[str, Any]:
    """What is known of a sample, without what people wrote to it: notes are not for everybody."""
    content, _ = wall.answer({"type": "about", "position": position})
    return {k: v for k, v in content["about"].items() if k != "notes"}
