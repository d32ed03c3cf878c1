"""COCO-WholeBody: 133 points of a person in five lists of one annotation, read as one row of key points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# The lists beside ``keypoints``, in the order that mmpose joins them, with their numbers of points.
PARTS = {"foot_kpts": 6, "face_kpts": 68, "lefthand_kpts": 21, "righthand_kpts": 21}
_BODY = 17


def joined(a: dict[str, Any], categories: Mapping[Any, dict[str, Any]]) -> dict[str, Any]:
    """The annotation with all its points in ``keypoints``; as it is, if it is none of a whole body.

    The category gets the names of the further points (``face_kpts 1`` ...). The third value of a point is a confidence
    in these lists: more than 0 is seen. A list that is not there, or not of its length, has no labelled points.

    Source
    ------
    Jin et al., ECCV 2020; https://github.com/jin-s13/COCO-WholeBody, data_format.md
    """
    if PARTS.keys().isdisjoint(a):
        return a
    points: list[Any] = []
    for part, n in {"keypoints": _BODY, **PARTS}.items():
        said = a.get(part)
        values = said if isinstance(said, list) and len(said) == 3 * n else [0] * (3 * n)
        points += values if part == "keypoints" else [2 * (v > 0) if i % 3 == 2 and _plain(v) else v
                                                      for i, v in enumerate(values)]  # fmt: skip
    category = a.get("category_id")
    about = categories.get(category, {}).get("keypoints") if isinstance(category, int | str) else None
    if about is not None and len(about["names"]) == _BODY:
        about["names"] += [f"{part} {k}" for part, n in PARTS.items() for k in range(1, n + 1)]
    return {**a, "keypoints": points}


def _plain(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
