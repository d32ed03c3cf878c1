"""Hyper-parameters that every gradient-trained backend takes, checked before anything is trained."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import BadInput, UnknownName
from ..evaluation.metric import WATCHED

DEFAULTS: dict[str, Any] = {
    "epochs": 5, "batch_size": 32, "lr": 1e-3, "weight_decay": 1e-4, "augment": [], "workers": 0, "validate_every": 1,
    "patience": None, "monitor": None, "precision": "fp32", "clip": 10.0, "devices": None,
}  # fmt: skip
"""``patience``: epochs without a better ``monitor`` after which the training ends and gives its best epoch;
``precision``: fp32, bf16 or fp16 (autocast); ``clip``: longest gradient (2-norm), or None;
``devices``: processes that share a batch (default: one per GPU, one on a CPU); ``validate_every``: epochs."""

PRECISIONS = ("fp32", "bf16", "fp16")


def filled(
    hyper: Mapping[str, Any],
    task: str,
    *,
    validated: bool,
    defaults: Mapping[str, Any] = DEFAULTS,
    more: Iterable[str] = (),
) -> dict[str, Any]:
    """The hyper-parameters with the defaults filled in, or one clear error.

    Parameters
    ----------
    defaults
        Those that a backend takes, with their defaults; a name that is not among them is refused.
    validated
        Whether there is validation data: ``patience`` needs some.
    more
        Names that are accepted beside the defaults.
    """
    h = {**defaults, **hyper}
    unknown = sorted(set(h) - set(defaults) - set(more))
    if unknown:
        raise BadInput(f"unknown hyper-parameter {', '.join(unknown)}; there are {', '.join(defaults)}")
    for k, least in (("epochs", 1), ("batch_size", 1), ("validate_every", 1), ("workers", 0)):
        if k in h:
            _whole(k, h[k], least)
    for k in ("patience", "devices"):
        if h.get(k) is not None:
            _whole(k, h[k], 1)
    for k, low in (("lr", "above 0"), ("weight_decay", "at least 0"), ("clip", "above 0")):
        if h.get(k) is not None:
            _number(k, h[k], low)
    if "precision" in h and h["precision"] not in PRECISIONS:
        raise UnknownName.of("precision", h["precision"], PRECISIONS)
    known = [m.name for m in WATCHED[task]]
    if "monitor" in h and h["monitor"] is None:
        h["monitor"] = known[0]
    elif "monitor" in h and h["monitor"] not in known:
        raise UnknownName.of(f"metric of a {task} training", h["monitor"], known)
    if h.get("patience") is not None and not validated:
        raise BadInput(
            "patience watches a metric on validation data, and this plan has none; give validation=..., or leave"
            " patience out"
        )
    return h


def _whole(name: str, value: Any, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise BadInput(f"{name} must be a whole number of at least {least}, got {value!r}")


def _number(name: str, value: Any, low: str) -> None:
    ok = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
    if not ok or (value == 0 and low == "above 0"):
        raise BadInput(f"{name} must be a number {low}, got {value!r}")
