"""The state that a training resumes from: whole or not at all, whatever was damaged in it."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from veml_lab.training.weights import Resumable, Several


class Loop:
    """A network with an optimiser, schedules and an order, as every backend has them."""

    def __init__(self, folder, inputs=4):
        torch.manual_seed(0)
        self.net = torch.nn.Sequential(torch.nn.Linear(inputs, 3), torch.nn.Dropout(0.5), torch.nn.Linear(3, 1))
        self.optimizer = torch.optim.AdamW(self.net.parameters(), lr=0.1)
        self.schedules = [
            torch.optim.lr_scheduler.StepLR(self.optimizer, 2),
            torch.optim.lr_scheduler.ExponentialLR(self.optimizer, 0.9),
        ]
        self.order = torch.Generator().manual_seed(1)
        parts = {"net": self.net, "optimizer": self.optimizer, "schedules": Several(self.schedules)}
        self.kept = Resumable(folder / "resume.pt", parts, {"order": self.order})

    def run(self, steps):
        """Losses of so many steps; every source of randomness has its share in each."""
        out = []
        for _ in range(steps):
            x = torch.rand(8, self.net[0].in_features, generator=self.order) + float(np.random.rand()) + random.random()
            loss = self.net(x).square().mean()
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            for s in self.schedules:
                s.step()
            out.append(float(loss.detach()))
        return out


def test_what_was_saved_goes_on_to_the_last_bit(tmp_path):
    first = Loop(tmp_path)
    first.run(3)
    first.kept.save(epoch=3, metrics={"accuracy": 0.5})
    expected = first.run(3)
    again = Loop(tmp_path)
    np.random.seed(5)
    random.seed(5)
    assert again.kept.load(epoch=int, metrics=dict) == {"epoch": 3, "metrics": {"accuracy": 0.5}}
    assert again.run(3) == expected
    assert Loop(tmp_path / "elsewhere").kept.load(epoch=int) is None


def damaged(state, what):
    """A saved state with one fault, the last part's: what stands before it could be taken."""
    if what == "another network":
        return {**state, "net": Loop(state["folder"], inputs=5).net.state_dict()}
    if what == "one schedule is missing":
        return {**state, "schedules": state["schedules"][:1]}
    if what == "no order":
        return {k: v for k, v in state.items() if k != "order"}
    if what == "a fact of another kind":
        return {**state, "epoch": "third"}
    return {**state, "dice": {**state["dice"], "at": "nowhere"}}


@pytest.mark.parametrize(
    "what", ["another network", "one schedule is missing", "no order", "a fact of another kind", "random state"]
)
def test_a_state_with_one_fault_changes_nothing_and_says_what_it_lacks(tmp_path, what):
    first = Loop(tmp_path)
    first.run(3)
    first.kept.save(epoch=3)
    file = tmp_path / "resume.pt"
    state = torch.load(file, weights_only=True)
    torch.save(damaged({**state, "folder": tmp_path}, what) | {"folder": ""}, file)
    fresh, expected = Loop(tmp_path), Loop(tmp_path / "elsewhere")
    dice = torch.get_rng_state(), np.random.get_state(), random.getstate()
    with pytest.warns(UserWarning, match=r"cannot be resumed from \(\w+: .+\); this training starts over"):
        assert fresh.kept.load(epoch=int) is None
    assert not file.exists()
    after = fresh.run(3)
    torch.set_rng_state(dice[0])
    np.random.set_state(dice[1])
    random.setstate(dice[2])
    assert after == expected.run(3)
