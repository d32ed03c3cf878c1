"""A slow copy of the network teaches it on new data: where the copy is sure, its answer counts as a label.

Source
------
Tarvainen and Valpola, "Mean teachers are better role models", 2017; Sohn et al., "FixMatch", 2020 (weak
and strong views, a threshold); Liu et al., "Unbiased Teacher", 2021 (the same for detection).
Views differ here in colour, noise and holes only: a flip or a turn changes the meaning of digits.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F
from torchvision.transforms import v2

from ..torchvision.networks import label_offset


def strong_view(x: torch.Tensor) -> torch.Tensor:
    """Images (b, 3, h, w) in 0 ... 1 with other colours, noise, and (not for boxes) nothing moved."""
    jitter = v2.ColorJitter(0.4, 0.4, 0.4, 0.05)
    out = torch.stack([jitter(i) for i in x])
    return (out + 0.03 * torch.randn_like(out)).clamp(0, 1)


class SelfTraining:
    """Classification: cross entropy on old labels and on the teacher's sure answers."""

    def __init__(self, net: nn.Module, recipe: Mapping[str, Any], weight: float = 1.0, sure: float = 0.8) -> None:
        self.net, self.recipe, self.weight, self.sure = net, recipe, weight, sure
        self.teacher = copy.deepcopy(net).eval().requires_grad_(False)
        self.modules = nn.ModuleDict({"net": net, "teacher": self.teacher})

    def loss(self, xs: Any, ys: Any, xt: torch.Tensor, progress: float) -> dict[str, torch.Tensor]:
        with torch.no_grad():
            p, answer = self.teacher(xt).softmax(1).max(1)
            # classes that the teacher is less sure of get a lower bar, or the easy ones would crowd them out
            best = torch.stack(
                [
                    p[answer == c].max() if (answer == c).any() else p.new_tensor(1.0)
                    for c in range(self.recipe["num_classes"])
                ]
            )
            taken = p >= self.sure * best[answer]
        old = F.cross_entropy(self.net(xs), ys)
        new = F.cross_entropy(self.net(strong_view(xt)), answer, reduction="none")
        return {"loss": old, "pseudo": self.weight * min(1.0, 5 * progress) * (new * taken).mean()}

    def after_step(self, step: int) -> None:
        """The teacher follows: an average over the last hundred steps, shorter in the beginning."""
        keep = min(0.99, 1 - 1 / (step + 1))
        for t, s in zip(self.teacher.state_dict().values(), self.net.state_dict().values(), strict=True):
            if t.dtype.is_floating_point:
                t.mul_(keep).add_(s.detach(), alpha=1 - keep)
            else:
                t.copy_(s)

    def result(self) -> nn.Module:
        return self.teacher


class MeanTeacher(SelfTraining):
    """Detection: the losses of the detector on old boxes and on the teacher's sure boxes."""

    def __init__(self, net: nn.Module, recipe: Mapping[str, Any], weight: float = 1.0, sure: float = 0.5) -> None:
        super().__init__(net, recipe, weight, sure)

    def loss(self, xs: Any, ys: Any, xt: torch.Tensor, progress: float) -> dict[str, torch.Tensor]:
        offset = label_offset(self.recipe)
        with torch.no_grad():
            found = self.teacher(list(xt))
        pseudo, images = [], []
        for x, d in zip(strong_view(xt), found, strict=True):
            # clipping at the border of the image can leave boxes without a side, which no detector takes
            sides = (d["boxes"][:, 2:] - d["boxes"][:, :2]).amin(1)
            keep = (d["scores"] >= self.sure) & (sides >= 1)
            if keep.any():  # an image on which the teacher saw nothing may hold what it missed: it teaches nothing
                pseudo.append({"boxes": d["boxes"][keep], "labels": d["labels"][keep]})
                images.append(x)
        targets = [{"boxes": t["boxes"].to(xt.device), "labels": (t["labels"] + offset).to(xt.device)} for t in ys]
        old = sum(self.net(list(xs), targets).values())
        new = sum(self.net(images, pseudo).values()) if images else torch.zeros((), device=xt.device)
        return {"loss": old, "pseudo": self.weight * min(1.0, 5 * progress) * new}  # type: ignore[dict-item]
