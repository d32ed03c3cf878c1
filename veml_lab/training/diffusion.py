"""Diffusion convolution on a sensor graph, the recurrent cell made of it, and graphs from distances."""

from __future__ import annotations

import torch
from torch import nn

from ..formats.sensors_graph import as_adjacency, graph_of_distances

__all__ = [
    "DiffusionConvolution",
    "DiffusionGRUCell",
    "GraphAutoencoder",
    "as_adjacency",
    "graph_of_distances",
    "walks",
]


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
