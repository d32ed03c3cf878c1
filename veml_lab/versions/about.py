"""What a union of versions says of its format's facts: those of all of them, or it is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import BadInput

Said = tuple[str, Mapping[str, Any]]  # the name of a version or source, and the facts of its format


def about_of_union(every: Sequence[Said]) -> dict[str, Any]:
    """The facts of the formats of all versions; of what several say differently the first.

    Raises
    ------
    BadInput
        If their pictures are shown through different windows, or points of one class have different names: of a sample
        of the union nobody could tell which holds.
    """
    name, about = every[0]
    out: dict[str, Any] = {}
    for other, theirs in every:
        if theirs.get("window") != about.get("window"):
            raise BadInput(
                f"{_shown(name, about)}, {_shown(other, theirs)}: one brightness would mean two things in one version;"
                " read both with the same window= (veml add --option window=LOW,HIGH), which leaves pictures of 8 bits"
                " as they are"
            )
        for key, value in theirs.items():
            known: Any = out.setdefault(key, value)
            if isinstance(known, Mapping) and isinstance(value, Mapping):
                if key == "keypoints":
                    _same_points(name, other, known, value)
                out[key] = {**value, **known}
            elif key == "stuff":
                out[key] = list(dict.fromkeys([*known, *value]))
    return out


def _shown(name: str, about: Mapping[str, Any]) -> str:
    window = about.get("window")
    return f"{name!r} shows its pictures {f'through the window {window}' if window else 'as they are'}"


def _same_points(a: str, b: str, known: Mapping[str, Any], value: Mapping[str, Any]) -> None:
    for label in known.keys() & value.keys():
        one, other = (list(points[label].get("names", ())) for points in (known, value))
        if one != other:
            raise BadInput(
                f"{a!r} and {b!r} name the points of {label!r} differently ({len(one)}: {one[:4]}, {len(other)}:"
                f" {other[:4]}); only versions with the same points can be merged"
            )
