"""What the backend of forecasters declares."""

from __future__ import annotations

from ...evaluation.metric import HELD_OUT_LOSS, MAE, MAPE, RMSE
from ..declaration import Declaration, Hyper, some_of

_ERRORS = (MAE, RMSE, MAPE)

# learning rate and clipping are DCRNN's, and so is sampling (its tau)
BACKEND = Declaration(
    name="spatiotemporal",
    engine="veml_lab.training.spatiotemporal.backend:SpatiotemporalBackend",
    about="forecasters on sensor graphs",
    metrics={"forecasting": (*_ERRORS, *(m.at(step) for step in (3, 6, 12) for m in _ERRORS))},
    monitors={"forecasting": (HELD_OUT_LOSS,)},
    hyper=(
        *some_of(
            (
                "epochs",
                "batch_size",
                "lr",
                "weight_decay",
                "validate_every",
                "patience",
                "monitor",
                "precision",
                "clip",
            ),
            epochs={"default": 10},
            lr={"default": 1e-2},
            weight_decay={"default": 0.0},
            precision={"choices": ("fp32", "bf16")},  # the recurrence overflows in fp16
            clip={"default": 5.0},
        ),
        Hyper("sampling", int, 0, "steps after which the decoder sees the truth in half of its steps; 0: never", low=0),
    ),
    holds_out=True,
)
