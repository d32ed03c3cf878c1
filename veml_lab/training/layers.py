"""The layers of a torch network: which there are, what they give while it sees something, and how steep its loss is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from ..errors import UnknownName

USUAL = 6  # layers that are shown where nobody names any


def named_layers(net: nn.Module, layers: Sequence[str] | None) -> list[str]:
    """The layers that are asked for; default: convolutions (else linear layers) from the first to the last.

    Raises
    ------
    UnknownName
        There is no such layer; with the nearest.
    """
    known = {name: layer for name, layer in net.named_modules() if name}
    if layers is not None:
        for name in layers:
            if name not in known:
                raise UnknownName.of("layer", name, known)
        return list(dict.fromkeys(layers))
    for kind in (nn.Conv2d, nn.Linear):
        found = [name for name, layer in known.items() if isinstance(layer, kind)]
        if found:
            at = np.unique(np.linspace(0, len(found) - 1, USUAL).round().astype(int))
            return [found[i] for i in at]
    return list(known)[:USUAL]


@contextlib.contextmanager
def caught(net: nn.Module, layers: Sequence[str]) -> Iterator[dict[str, np.ndarray]]:
    """What the layers give while the block runs the network over one sample: its part of the batch, as float32."""
    found: dict[str, np.ndarray] = {}
    known = dict(net.named_modules())

    def note(name: str, given: Any) -> None:
        for tensor in _tensors(given):
            times = sum(k == name or k.startswith(f"{name} #") for k in found)
            one = tensor[0] if tensor.ndim > 1 else tensor
            found[name if not times else f"{name} #{times + 1}"] = one.detach().float().cpu().numpy().copy()

    def hook(name: str) -> Any:
        return lambda _layer, _given, out: note(name, out)

    handles = [known[name].register_forward_hook(hook(name)) for name in layers]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()


def gradient_norms(net: nn.Module) -> dict[str, float]:
    """Euclidean length of the gradients of every layer that has parameters of its own."""
    found: dict[str, float] = {}
    for name, layer in net.named_modules():
        grads = [p.grad for p in layer.parameters(recurse=False) if p.grad is not None]
        if grads:
            found[name] = float(torch.stack([g.float().pow(2).sum() for g in grads]).sum().sqrt())
    return found


def _tensors(given: Any) -> Iterator[torch.Tensor]:
    if isinstance(given, torch.Tensor):
        yield given
    elif isinstance(given, Mapping):
        for value in given.values():
            yield from _tensors(value)
    elif isinstance(given, list | tuple):
        for value in given:
            yield from _tensors(value)
