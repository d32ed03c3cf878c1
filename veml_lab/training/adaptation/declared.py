"""What the backend of domain adaptation declares."""

from __future__ import annotations

from ..declaration import Adaptation, Declaration, Hyper, some_of
from ..torchvision.declared import BACKEND as TORCHVISION

# without labels nothing can be watched: no early stopping, and the metrics are measured once, at the end
BACKEND = Declaration(
    name="torchvision-adapt",
    engine="veml_lab.training.adaptation.backend:AdaptationBackend",
    about="torchvision's networks fitted to new data without labels",
    metrics=TORCHVISION.metrics,
    monitors={task: () for task in TORCHVISION.metrics},
    hyper=(
        *some_of(("epochs", "batch_size", "lr", "weight_decay", "augment", "workers", "clip"), lr={"default": 5e-4}),
        Hyper("adapt", dict, None, "method, the data to adapt to, and the method's own options", optional=True),
    ),
    adapts="torchvision",
    adaptations={
        "adabn": Adaptation(
            "batch-norm statistics of the new data, no training at all: the cheap baseline",
            ("classification", "detection"),
        ),
        "coral": Adaptation(
            "old labels, and features whose covariance is aligned with the new data's", ("classification",)
        ),
        "dann": Adaptation(
            "old labels, and features by which an adversary cannot tell old from new", ("classification",)
        ),
        "self-training": Adaptation(
            "old labels, and the sure answers of a slow copy of the network on the new data", ("classification",)
        ),
        "mean-teacher": Adaptation(
            "the same for boxes: old labels, and the sure boxes of a slow copy of the network", ("detection",)
        ),
    },
)
