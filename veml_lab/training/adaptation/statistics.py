"""Batch normalisation for new data: the statistics are taken again, the weights stay.

Source
------
Li et al., "Revisiting Batch Normalization For Practical Domain Adaptation", 2016.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

from ...errors import BadInput


def norm_layers(net: nn.Module) -> list[nn.Module]:
    """The batch-normalisation layers of a network."""
    return [m for m in net.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]


@torch.no_grad()
def adapt_statistics(net: nn.Module, batches: Iterable[torch.Tensor], *, detection: bool) -> int:
    """Replace the running mean and variance of every batch-norm layer by those over ``batches``.

    Parameters
    ----------
    batches
        Images (b, 3, h, w) in 0 ... 1; the average is over all of them.

    Returns
    -------
    int
        Batches that were seen.

    Raises
    ------
    BadInput
        The network has no batch normalisation.
    """
    layers = norm_layers(net)
    if not layers:
        raise BadInput(
            "this network has no batch normalisation whose statistics could be adapted; choose self-training, coral or"
            " dann"
        )
    net.eval()
    momenta = [layer.momentum for layer in layers]
    for layer in layers:
        layer.reset_running_stats()  # type: ignore[operator]
        layer.momentum = None  # type: ignore[assignment]  # torch's word for a plain average
        layer.train()
    seen = 0
    for x in batches:
        net(list(x) if detection else x)
        seen += 1
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
    net.eval()
    return seen
