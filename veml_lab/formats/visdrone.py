"""VisDrone: a text file of boxes for each picture of a drone, or for each sequence of a video."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import MissingFile
from ..sources.checks import Findings, a_box, number
from ..sources.clues import LOOKED_INTO, Clues, Evidence, common_folder, spread
from ..sources.detection import Marked, Marks, Shape, marks_source, text_of
from ..sources.opening import open_tree
from ..sources.pairs import Pairs, real_pictures
from ..sources.roles import split_in
from ..sources.source import Source
from ..storage.border import public

# The category numbers of the object detection toolkit; 0 is a region that is not evaluated.
CLASSES = (
    "pedestrian", "people", "bicycle", "car", "van", "truck", "tricycle", "awning-tricycle", "bus", "motor", "others",
)  # fmt: skip
IGNORED = "ignored regions"
_LINE = re.compile(r"\s*-?\d+(\s*,\s*-?\d+(\.\d+)?){7,9}\s*,?\s*")


def evidence(clues: Clues) -> Evidence | None:
    """Texts with eight (a video: ten) numbers between commas in each line, in a folder of annotations."""
    texts = [n for n in clues.ending(".txt") if n.split("/")[-2:-1] == ["annotations"]]
    lines = [line for n in spread(texts, LOOKED_INTO) for line in clues.lines(n)[:5]]
    fitting = sum(bool(_LINE.fullmatch(line)) for line in lines)
    if not clues.pictures or not lines or 2 * fitting < len(lines):
        return None
    return Evidence(0.92, f"{len(texts):,} .txt in annotations, as VisDrone has them", common_folder(texts))


@public
def read_visdrone(
    path: str | os.PathLike[str],
    *,
    strict: bool = False,
    verify: bool = True,
    boxes: str = "clip",
    classes: Sequence[str] | None = None,
    ignored: bool = False,
) -> Source:
    """Read VisDrone's annotations of pictures (DET) or videos (VID, MOT) from a folder or an archive.

    Parameters
    ----------
    path : path
        Folder or archive with ``annotations/*.txt`` and ``images/`` or ``sequences/<sequence>/``, or with several
        such folders (``VisDrone2019-DET-train``, ``-val``), whose names give the roles.
    strict, verify, boxes, classes
        As in :func:`read_voc`; the eleven names of VisDrone if ``classes`` is not given.
    ignored : bool
        Keep the regions that are not evaluated (category 0), as boxes of the class ``ignored regions``.

    Returns
    -------
    Source
        Boxes carry truncation, occlusion, and the score where it is not 1; of a video ``track`` too, and the columns
        video and frame.

    Raises
    ------
    MissingFile
        If there are no annotations or none of their pictures.
    BadData
        For damaged archives; with ``strict``, for a damaged picture or text, a bad line.

    Source
    ------
    https://github.com/VisDrone/VisDrone2018-DET-toolkit and .../VisDrone2018-VID-toolkit, README
    """
    tree = open_tree(path)
    texts = [n for n in tree.names() if n.lower().endswith(".txt") and n.split("/")[-2:-1] == ["annotations"]]
    if not texts:
        raise MissingFile(f"{path} holds no annotations/*.txt of VisDrone")
    findings, marks = Findings(tree.root, strict=strict, boxes=boxes), Marks()
    pictures = real_pictures(tree)
    pairs, frames = Pairs(pictures), _frames(pictures)
    for name, data in tree.read_many(texts, findings.fault):
        where = tree.where(name)
        with findings.part():
            video = frames.get(_sequence(name))
            lines = list(_lines(text_of(data, where), where, 2 if video else 0, findings))
            if video is not None:
                _add_video(Path(name).stem, video, lines, ignored, marks, where, findings)
                continue
            picture = pairs.of(name)
            if picture is None:
                findings.not_there(where, "its picture is not there")
                continue
            before = findings.count
            shapes = [s for v, at in lines for s in _box(v, at, ignored, findings)]
            marks.add(_marked(picture, name, shapes, {}, findings.count > before), where, findings)
    names = tuple(classes) if classes is not None else (*CLASSES, *([IGNORED] if ignored else []))
    options = {"strict": strict, "boxes": boxes, "classes": classes, "ignored": ignored}
    return marks_source(
        "visdrone", tree, marks, names, findings, verify=verify, options=options, roles_from="folder names"
    )


def _sequence(name: str) -> str:
    """The folder of the frames that an annotation file is about."""
    above, _, file = name.rpartition("annotations/")
    return f"{above}sequences/{file.rpartition('.')[0]}"


def _frames(pictures: list[str]) -> dict[str, dict[int, str]]:
    """The pictures of each sequence by the number of their frame."""
    out: dict[str, dict[int, str]] = {}
    for n in pictures:
        folder, _, file = n.rpartition("/")
        stem = file.rpartition(".")[0]
        if "sequences" in folder.split("/") and stem.isdigit():
            out.setdefault(folder, {})[int(stem)] = n
    return out


def _lines(text: str, where: str, first: int, findings: Findings) -> Iterator[tuple[list[float], str]]:
    """The numbers of each line, ``first`` of them before the box."""
    for i, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        at = f"{where}, line {i}"
        values = [number(w) for w in line.strip().rstrip(",").split(",")]
        if len(values) != first + 8 or any(v != v for v in values):
            findings.bad(
                at, f"is not: x, y, width, height, score, category, truncation, occlusion ({line.strip()!r:.80})"
            )
        else:
            yield values, at


def _box(
    v: list[float], at: str, ignored: bool, findings: Findings, track: int | None = None
) -> Iterator[tuple[Shape, str]]:
    x, y, w, h, score, category, truncation, occlusion = v
    if category == 0 and not ignored:
        return
    if not (category == int(category) and 0 <= category <= len(CLASSES)):
        findings.bad(at, f"has the category {category:g}; VisDrone has 0 to {len(CLASSES)}")
        return
    label = CLASSES[int(category) - 1] if category else IGNORED
    attributes: dict[str, Any] = {"truncation": int(truncation), "occlusion": int(occlusion)}
    if score != 1 and category:
        attributes["score"] = score
    if track is not None:
        attributes["track"] = track
    yield from a_box(label, x, y, w, h, at, findings, attributes)


def _add_video(
    video: str,
    frames: Mapping[int, str],
    lines: list[tuple[list[float], str]],
    ignored: bool,
    marks: Marks,
    where: str,
    findings: Findings,
) -> None:
    found: dict[int, list[tuple[Shape, str]]] = {k: [] for k in frames}
    lost: set[int] = set()
    for v, at in lines:
        frame, before = int(v[0]), findings.count
        if frame not in found:
            findings.not_there(at, f"the frame {frame} is not there")
            continue
        found[frame] += _box(v[2:], at, ignored, findings, int(v[1]))
        if findings.count > before:
            lost.add(frame)
    for k, shapes in found.items():
        marks.add(_marked(frames[k], frames[k], shapes, {"video": video, "frame": k}, k in lost), where, findings)


def _marked(picture: str, name: str, shapes: list[tuple[Shape, str]], columns: Mapping[str, Any], lost: bool) -> Marked:
    # the folders are called VisDrone2019-DET-train
    split = next((s for p in reversed(name.split("/")[:-1]) if (s := split_in(p))), "")
    return Marked(picture, tuple(shapes), split, columns, lost=lost)
