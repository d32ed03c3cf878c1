"""Classification: features of old and new data are brought together while the old labels are learned.

Source
------
Sun and Saenko, "Deep CORAL", 2016. Ganin et al., "Domain-Adversarial Training of Neural Networks",
2016 (gradient reversal and its schedule, equation 14 there).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from ...errors import BadInput


class Features:
    """Logits of a classification network together with what its last linear layer was given."""

    def __init__(self, net: nn.Module) -> None:
        last = [m for m in net.modules() if isinstance(m, nn.Linear)]
        if not last:
            raise BadInput(
                "this network ends in no linear layer, whose input would be its features; choose self-training or adabn"
            )
        self.net, self.dim = net, last[-1].in_features
        self._seen: torch.Tensor | None = None
        last[-1].register_forward_pre_hook(self._keep)

    def _keep(self, _module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        self._seen = inputs[0]

    def __call__(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits (b, c) and features (b, d) of images (b, 3, h, w)."""
        logits = self.net(x)
        assert self._seen is not None
        return logits, self._seen.flatten(1)


def coral_distance(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Squared Frobenius distance of the covariances of (n, d) and (m, d), over 4 d^2."""
    d = a.shape[1]
    return ((torch.cov(a.T) - torch.cov(b.T)) ** 2).sum() / (4 * d * d)


class Coral:
    """Cross entropy on old data plus the distance of the covariances."""

    def __init__(self, net: nn.Module, recipe: Mapping[str, Any], weight: float = 1.0) -> None:
        self.net, self.weight, self.features = net, weight, Features(net)
        self.modules = nn.ModuleDict({"net": net})

    def loss(self, xs: torch.Tensor, ys: Any, xt: torch.Tensor, progress: float) -> dict[str, torch.Tensor]:
        logits, f = self.features(torch.cat([xs, xt]))
        n = len(xs)
        # scale-free: the features of a network that was trained without normalisation may be of any size
        size = f.detach().std(0).mean().clamp_min(1e-6)
        distance = coral_distance(f[:n] / size, f[n:] / size) * (4 * f.shape[1])
        return {"loss": F.cross_entropy(logits[:n], ys), "alignment": self.weight * distance}

    def after_step(self, step: int) -> None:
        return None

    def result(self) -> nn.Module:
        return self.net


class _Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, strength: float) -> torch.Tensor:
        ctx.strength = strength
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *grad: torch.Tensor) -> tuple[torch.Tensor, None]:
        return -ctx.strength * grad[0], None


class Dann(Coral):
    """Cross entropy on old data against an adversary that tells old features from new ones."""

    def __init__(self, net: nn.Module, recipe: Mapping[str, Any], weight: float = 1.0) -> None:
        super().__init__(net, recipe, weight)
        d = self.features.dim
        self.adversary = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 128), nn.ReLU(), nn.Linear(128, 1))
        self.modules["adversary"] = self.adversary

    def loss(self, xs: torch.Tensor, ys: Any, xt: torch.Tensor, progress: float) -> dict[str, torch.Tensor]:
        logits, f = self.features(torch.cat([xs, xt]))
        strength = self.weight * (2 / (1 + math.exp(-10 * progress)) - 1)
        told = self.adversary(_Reverse.apply(f, strength)).squeeze(1)
        truth = torch.cat([torch.zeros(len(xs)), torch.ones(len(xt))]).to(told.device)
        return {
            "loss": F.cross_entropy(logits[: len(xs)], ys),
            "alignment": F.binary_cross_entropy_with_logits(told, truth),
        }
