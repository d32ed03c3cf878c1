"""Write YOLO data sets: boxes, outlines or poses, with ``data.yaml``."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from ..errors import BadInput
from ..sources.columns import write_columns
from ..sources.holds import Holds, Keeper, Thing, things
from ..sources.outlines import hull
from ..sources.source import Record, Source
from ..sources.writing import ClassIds, named, new_folder, refuse_classes
from ..storage.border import public

HOLDS = Holds(boxes=True, masks="one ring", keypoints=True, columns=True, mixed=True)

# A box that its annotator rounded is the box of its outline; a YOLO line of an outline has no other.
_SAME_BOX = 1.0


@public
def write_yolo(source: Source, path: str | os.PathLike[str], *, lossy: bool = False) -> None:
    """Write a source for YOLO: ``images/<role>/``, ``labels/<role>/`` and ``data.yaml`` (ultralytics).

    Values become shares of the picture, so they return equal to about 1e-12 pixels. An outline needs no box: it
    is the one around it. A box beside poses is written as a pose of which no point is labelled, since ultralytics
    wants as many values in each line. ``data.yaml`` names its folders relative to itself and has no ``path``: what
    stands there is relative to where ultralytics runs. Capture columns go into ``columns.csv``. The folder appears
    when it is whole.

    Parameters
    ----------
    lossy : bool
        Leave out what YOLO cannot hold (masks of several rings or run lengths, captions, attributes ...) and write a
        box beside outlines as an outline of four corners, with one warning; otherwise that is an error.

    Raises
    ------
    BadInput
        If ``path`` is not new, or the source has what YOLO cannot hold: outlines beside poses, poses of
        different numbers of points, keypoints without a box.

    Source
    ------
    ultralytics 8.4, ``data/utils.py``: check_det_dataset, verify_image_label.
    """
    refuse_classes(source, "YOLO")
    ids, keeper = ClassIds(source, 0), Keeper("YOLO", HOLDS, lossy=lossy)
    roles: dict[str, None] = {}
    columns: dict[str, Mapping[str, Any]] = {}
    lines = _Lines(ids, keeper, source)
    with new_folder(path) as folder:
        for name, r in named(map(keeper.keep, source.records())):
            role = r.role or "all"
            for kind in ("images", "labels") if role not in roles else ():
                (folder / kind / role).mkdir(parents=True)
            roles[role] = None
            (folder / "images" / role / name).write_bytes(r.image)
            labels = folder / "labels" / role / f"{name.rpartition('.')[0]}.txt"
            labels.write_text("".join(f"{s}\n" for t in things(r) if (s := lines.of(t, r))))
            if r.columns:
                columns[name] = r.columns
        lines.even(folder)
        keeper.tell()
        (folder / "data.yaml").write_text(_yaml(roles, lines, ids), encoding="utf-8")
        write_columns(folder, columns)


def _yaml(roles: Collection[str], lines: _Lines, ids: ClassIds) -> str:
    """``data.yaml``; ultralytics asks for train and val, so a set without one of them has the other twice."""
    train = next((role for role in ("train", "test", "all") if role in roles), "train")
    sets = {"train": train, "val": "test" if "test" in roles else train}
    # no key of ultralytics: it says that these pictures belong to neither
    sets |= {"all": "all"} if "all" in roles and len(roles) > 1 else {}
    heads = "".join(f"{key}: images/{role}\n" for key, role in sets.items())
    names = "".join(f"  {i}: {json.dumps(label)}\n" for label, i in ids.items())
    return f"{heads}{lines.shape()}names:\n{names}"


class _Lines:
    """Lines of objects; one data set has outlines or poses, and poses of one number of points."""

    def __init__(self, ids: ClassIds, keeper: Keeper, source: Source) -> None:
        self._ids, self._keeper = ids, keeper
        self._points, self._outlines = 0, False
        self._about = source.about.get("keypoints", {})

    def of(self, t: Thing, r: Record) -> str:
        """The line of an object, "" for one that is left out."""
        k = self._ids[t.label]
        if t.mask is not None and t.keypoints is None:
            return self._outline(k, t, r)
        if t.box is None or (t.mask is not None and t.keypoints is not None):
            self._keeper.lose("keypoints without a box" if t.box is None else "an outline beside keypoints", r.uri)
            return ""
        b = t.box
        values = [(b.x + b.w / 2) / r.width, (b.y + b.h / 2) / r.height, b.w / r.width, b.h / r.height]
        if t.keypoints is not None:
            points = t.keypoints.points
            self._points = self._points or len(points)
            if len(points) != self._points or self._outlines:
                what = "outlines" if self._outlines else f"poses of {self._points} points"
                raise BadInput(
                    f"{r.uri} has a pose of {len(points)} points, others have {what}; YOLO holds one kind in a set"
                )
            values += [v for x, y, seen in points for v in (x / r.width, y / r.height, seen)]
        return " ".join([str(k), *(repr(v) if isinstance(v, int) else repr(float(v)) for v in values)])

    def _outline(self, k: int, t: Thing, r: Record) -> str:
        assert t.mask is not None
        if self._points:
            raise BadInput(f"{r.uri} has an outline, others have poses; YOLO holds one kind in a set")
        self._outlines = True
        if min(hull(t.mask)[2:]) <= 0:
            self._keeper.lose("an outline without an extent", r.uri)
            return ""
        if t.box is not None:
            around = hull(t.mask)
            if max(abs(a - b) for a, b in zip(around, (t.box.x, t.box.y, t.box.w, t.box.h))) > _SAME_BOX:
                self._keeper.lose("a box that is not the one around its outline", r.uri)
        (ring,) = t.mask.polygons
        return " ".join([str(k), *(repr(v / (r.height if i % 2 else r.width)) for i, v in enumerate(ring))])

    def even(self, folder: Path) -> None:
        """Give plain boxes the form of the set's other lines, once it is known what these are."""
        if not self._points and not self._outlines:
            return
        for file in sorted(folder.glob("labels/*/*.txt")):
            lines = [line.split() for line in file.read_text().splitlines()]
            if any(len(words) == 5 for words in lines):
                at = file.relative_to(folder).as_posix()
                even = [self._even(words, at) if len(words) == 5 else words for words in lines]
                file.write_text("".join(" ".join(words) + "\n" for words in even))

    def _even(self, words: list[str], where: str) -> list[str]:
        if self._points:
            return words + ["0"] * (3 * self._points)
        self._keeper.lose("a box beside outlines", where)
        x, y, w, h = map(float, words[1:])
        left, right, top, bottom = x - w / 2, x + w / 2, y - h / 2, y + h / 2
        corners = (left, top, right, top, right, bottom, left, bottom)
        return [words[0], *(repr(min(max(0.0, v), 1.0)) for v in corners)]

    def shape(self) -> str:
        """The lines of ``data.yaml`` about keypoints."""
        if not self._points:
            return ""
        named = {self._ids[label]: k["names"] for label, k in self._about.items() if label in self._ids}
        names = "".join(f"  {i}: {json.dumps(list(points))}\n" for i, points in named.items())
        return f"kpt_shape: [{self._points}, 3]\n" + (f"kpt_names:\n{names}" if names else "")
