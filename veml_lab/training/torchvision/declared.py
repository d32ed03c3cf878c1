"""What the torchvision backend declares."""

from __future__ import annotations

from ...evaluation.metric import ACCURACY, LOSS, MAP, MAP50, VALIDATION_LOSS
from ..declaration import COMMON, Declaration

BACKEND = Declaration(
    name="torchvision",
    engine="veml_lab.training.torchvision.backend:TorchvisionBackend",
    about="torchvision's networks and small ones of our own",
    metrics={"classification": (ACCURACY, LOSS), "detection": (MAP50, MAP)},
    monitors={"classification": (ACCURACY, VALIDATION_LOSS), "detection": (MAP50, MAP)},
    hyper=COMMON,
)
