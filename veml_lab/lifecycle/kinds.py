"""What the samples of data versions are: only the same have a space in common."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import BadInput
from ..versions.data import DataVersion


def looks_like(version: DataVersion) -> str:
    """``"pictures"``, ``"table rows"`` or ``"sensor readings"``."""
    if version.task == "forecasting":
        return "sensor readings"
    return "table rows" if set(version.node.props.get("kinds", ["image"])) == {"row"} else "pictures"


def check_one_kind(versions: Iterable[DataVersion]) -> None:
    """An error that names two versions of different kinds, if there are any."""
    first, *others = versions
    for v in others:
        if looks_like(v) != looks_like(first):
            raise BadInput(
                f"{first.name!r} holds {looks_like(first)}, {v.name!r} holds {looks_like(v)}; compare versions of one"
                " kind"
            )
