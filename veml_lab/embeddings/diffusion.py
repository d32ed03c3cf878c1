"""Diffusion convolution on a sensor graph, the recurrent cell made of it, and graphs from distances."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import nn

from ..errors import BadData, BadInput


def as_adjacency(adjacency: ArrayLike, n: int) -> np.ndarray:
    """Check the weights of a graph of n sensors: float32, (n, n), finite, not negative."""
    a = np.asarray(adjacency, dtype=np.float32)
    if a.shape != (n, n):
        raise BadInput(f"the adjacency has the shape {a.shape}; {n} sensors take ({n}, {n})")
    if not np.isfinite(a).all():
        i, j = np.argwhere(~np.isfinite(a))[0]
        raise BadData(f"the adjacency has NaN or infinity, first from sensor {i} to sensor {j}")
    if (a < 0).any():
        i, j = np.argwhere(a < 0)[0]
        raise BadData(f"the edge from sensor {i} to sensor {j} has the weight {a[i, j]:g}; weights of a walk are not negative")
    return np.ascontiguousarray(a)


def graph_of_distances(distances: ArrayLike, *, threshold: float = 0.1) -> np.ndarray:
    """Adjacency from pairwise distances: exp(-d^2 / s^2), s their standard deviation, weights below ``threshold`` cut.

    Parameters
    ----------
    distances : array-like, shape (n, n)
        Road or straight distances in any unit; infinity where there is no way.

    Source
    ------
    Y. Li et al., Diffusion convolutional recurrent neural network, 2018, section 4 (thresholded Gaussian kernel).

    Examples
    --------
    >>> graph_of_distances([[0, 1, 9], [1, 0, 9], [9, 9, 0]]) > 0
    array([[ True,  True, False],
           [ True,  True, False],
           [False, False,  True]])
    """
    d = np.asarray(distances, dtype=np.float64)
    if d.ndim != 2 or d.shape[0] != d.shape[1]:
        raise BadInput(f"distances between n sensors have the shape (n, n), not {d.shape}")
    if np.isnan(d).any() or (d < 0).any():
        raise BadData("distances must not be NaN or negative; use infinity where there is no way")
    scale = d[np.isfinite(d)].std()
    weight = np.exp(-((d / (scale if scale > 0 else 1.0)) ** 2))
    return np.where(weight >= threshold, weight, 0.0).astype(np.float32)


def walks(adjacency: torch.Tensor, steps: int) -> torch.Tensor:
    """Powers 1 ... steps of the forward and of the backward random walk, (2 steps, n, n).

    A sensor without edges stays where it is.
    """

    def transition(w: torch.Tensor) -> torch.Tensor:
        out = w.sum(dim=1, keepdim=True)
        return torch.where(out > 0, w / out.clamp(min=1e-12), torch.eye(len(w), dtype=w.dtype))

    powers = []
    for w in (adjacency, adjacency.T):
        p = transition(w)
        q = p
        for _ in range(steps):
            powers.append(q)
            q = q @ p
    return torch.stack(powers)


class DiffusionConvolution(nn.Module):
    """Sum over k of (D_O^-1 W)^k X A_k + (D_I^-1 W^T)^k X B_k, k up to the number of walks' steps."""

    def __init__(self, powers: torch.Tensor, inputs: int, outputs: int) -> None:
        super().__init__()
        self.powers: torch.Tensor
        self.register_buffer("powers", powers, persistent=False)  # (s, n, n)
        self.weight = nn.Parameter(torch.empty((len(powers) + 1) * inputs, outputs))
        self.bias = nn.Parameter(torch.zeros(outputs))
        nn.init.xavier_normal_(self.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(b, n, inputs) -> (b, n, outputs)."""
        s, n, _ = self.powers.shape
        b, _, c = x.shape
        first = x.transpose(0, 1).reshape(n, b * c)
        moved = (self.powers.reshape(s * n, n) @ first).view(s, n, b, c)
        every = torch.cat([first.view(1, n, b, c), moved])  # (s + 1, n, b, c)
        joined = every.permute(1, 2, 0, 3).reshape(n * b, (s + 1) * c)
        return torch.addmm(self.bias, joined, self.weight).view(n, b, -1).transpose(0, 1)


class DiffusionGRUCell(nn.Module):
    """A gated recurrent unit whose matrix products are diffusion convolutions."""

    def __init__(self, powers: torch.Tensor, inputs: int, hidden: int) -> None:
        super().__init__()
        self.gates = DiffusionConvolution(powers, inputs + hidden, 2 * hidden)
        self.candidate = DiffusionConvolution(powers, inputs + hidden, hidden)
        nn.init.ones_(self.gates.bias)  # remembers at first

    def forward(self, x: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
        """(b, n, inputs), (b, n, hidden) -> (b, n, hidden)."""
        reset, update = torch.sigmoid(self.gates(torch.cat([x, h], dim=-1))).chunk(2, dim=-1)
        fresh = torch.tanh(self.candidate(torch.cat([x, reset * h], dim=-1)))
        return update * h + (1 - update) * fresh


class GraphAutoencoder(nn.Module):
    """Reads a window into hidden states and gives it back, the last step first, from these states alone."""

    def __init__(self, adjacency: torch.Tensor, features: int, hidden: int, layers: int, steps: int) -> None:
        super().__init__()
        powers = walks(adjacency, steps)
        self.hidden = hidden
        sizes = [features] + [hidden] * (layers - 1)
        self.encoder = nn.ModuleList(DiffusionGRUCell(powers, c, hidden) for c in sizes)
        self.decoder = nn.ModuleList(DiffusionGRUCell(powers, c, hidden) for c in sizes)
        self.out = nn.Linear(hidden, features)

    def encode(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Windows (b, t, n, f) -> the last hidden state of each layer, (b, n, hidden)."""
        state = [x.new_zeros(x.shape[0], x.shape[2], self.hidden) for _ in self.encoder]
        for t in range(x.shape[1]):
            value = x[:, t]
            for i, cell in enumerate(self.encoder):
                state[i] = value = cell(value, state[i])
        return state

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Windows (b, t, n, f) -> their reconstruction, of the same shape."""
        state = self.encode(x)
        step, back = torch.zeros_like(x[:, 0]), []
        for _ in range(x.shape[1]):
            value = step
            for i, cell in enumerate(self.decoder):
                state[i] = value = cell(value, state[i])
            step = self.out(value)
            back.append(step)
        return torch.stack(back[::-1], dim=1)
