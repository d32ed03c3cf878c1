"""What the mmdet backend declares."""

from __future__ import annotations

from typing import Any

from ...evaluation.metric import MAP, MAP50
from ..declaration import COMMON, Declaration, some_of

_CONFIGURED: dict[str, Any] = {"default": None, "optional": True}  # None: what the configuration says

BACKEND = Declaration(
    name="mmdet",
    engine="veml_lab.training.mmdet.backend:MmdetBackend",
    about="any configuration of OpenMMLab Detection that trains on boxes",
    metrics={"detection": (MAP50, MAP)},
    monitors={"detection": (MAP50, MAP)},
    hyper=some_of(
        [h.name for h in COMMON],
        **dict.fromkeys(("epochs", "batch_size", "lr", "weight_decay", "clip"), _CONFIGURED),
    ),
)
