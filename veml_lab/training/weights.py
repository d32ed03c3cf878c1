"""Weights: taken from a donor where they fit, saved with the class names, and the state that a job resumes from."""

from __future__ import annotations

import json
import random
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import BadData
from ..storage.whole import whole
from .backend import Start
from .weight_files import load_state


def rows_per_class(build: Callable[[int], Any], num_classes: int) -> dict[str, int]:
    """Names of the tensors whose first axis grows with the class count, and rows a class: found by building with one
    class more."""
    import torch

    with torch.random.fork_rng(devices=[]):
        here, more = build(num_classes).state_dict(), build(num_classes + 1).state_dict()
    return {k: more[k].shape[0] - here[k].shape[0] for k in here if here[k].shape != more[k].shape}


def start_from(
    net: Any, by_class: Mapping[str, int], classes: Sequence[str], start: Start, *, background_first: bool = False
) -> tuple[list[str], list[str]]:
    """Take every tensor whose name and shape fit; says which were reused and which stay fresh.

    The layers that depend on the classes are taken over row by row, for the classes that both know by
    name: equal class *counts* alone mean nothing. Rows of a background class are taken as they are.

    Parameters
    ----------
    by_class
        Rows a class of the tensors that depend on the classes, of :func:`rows_per_class`.
    background_first
        Whether heads with a background class count it first (torchvision) or last (mmdet).
    """
    theirs, mine = load_state(start.checkpoint), net.state_dict()
    reused = {k: v for k, v in theirs.items() if k in mine and k not in by_class and mine[k].shape == v.shape}
    common = [(i, start.classes.index(c)) for i, c in enumerate(classes) if c in start.classes]
    for k, rows in by_class.items():
        if k not in theirs or not common or mine[k].shape[1:] != theirs[k].shape[1:]:
            continue
        background = mine[k].shape[0] // rows - len(classes)  # 0 or 1
        if mine[k].shape[0] % rows or background < 0 or theirs[k].shape[0] != rows * (len(start.classes) + background):
            continue
        first = background if background_first else 0
        pairs = [(i + first, j + first) for i, j in common]
        if background:
            pairs.append((0, 0) if first else (len(classes), len(start.classes)))
        reused[k] = _rows(k, mine[k], theirs[k], rows, pairs)
    net.load_state_dict({**mine, **reused})
    return sorted(reused), sorted(set(mine) - set(reused))


def _rows(name: str, mine: Any, theirs: Any, rows: int, pairs: Sequence[tuple[int, int]]) -> Any:
    """``mine`` with the rows of class ``i`` taken from those of class ``j`` of ``theirs``, for every pair."""
    value = mine.clone()
    # box regression counts class by class (4 numbers each), class scores anchor by anchor
    axis, shape = (0, (-1, rows)) if any(s in name for s in ("bbox_pred", "fc_reg")) else (1, (rows, -1))
    here, there = value.view(*shape, *mine.shape[1:]), theirs.view(*shape, *theirs.shape[1:])
    for i, j in pairs:
        here.select(axis, i).copy_(there.select(axis, j))
    return value


def save(state: Mapping[str, Any], file: Path, classes: Sequence[str]) -> None:
    """Write a state dict as safetensors with ``dataset_meta`` (the class names) in its header; the file appears whole
    or not at all."""
    from safetensors.torch import save_file

    # a clone each: layers may share their storage, which safetensors refuses
    tensors = {k: v.detach().cpu().contiguous().clone() for k, v in state.items()}
    meta = {"dataset_meta": json.dumps({"classes": list(classes)}, ensure_ascii=False)}
    with whole(file) as draft:
        save_file(tensors, draft, metadata=meta)


def load_into(net: Any, checkpoint: Path) -> Any:
    """The network with the weights of a checkpoint, in evaluation mode; :class:`BadData` if they are of another one."""
    try:
        net.load_state_dict(dict(load_state(checkpoint)), strict=True)
    except RuntimeError as e:
        raise BadData(f"the checkpoint {checkpoint} does not fit its recipe: {str(e).splitlines()[-1].strip()}") from e
    return net.eval()


@dataclass(frozen=True)
class Resumable:
    """What a training saves at the end of an epoch and takes up again: one file, one format for every backend.

    One file with everything, so that no two halves can belong to different epochs: the state of each part by its
    name, the generators of the order, what the loop itself knows (its facts), and the random states of torch, NumPy
    and Python.

    Attributes
    ----------
    file
        ``resume.pt`` in the job's folder.
    parts
        What has ``state_dict`` and ``load_state_dict``, by name; ``net`` is the network.
    orders
        Own generators, by name: whose state says which samples come next.
    """

    file: Path
    parts: Mapping[str, Any]
    orders: Mapping[str, Any] = field(default_factory=dict)

    def save(self, **facts: Any) -> None:
        """Write the state with these facts; the file appears whole or not at all."""
        import torch

        with whole(self.file) as draft:
            torch.save({**self._state(), **facts}, draft)

    def load(self, **facts: Callable[[Any], Any]) -> dict[str, Any] | None:
        """Take the saved state up; gives the facts, each by its type, or None where there is nothing to go on from.

        A file that is damaged, unsafe, of another network or of an older version changes nothing: the training starts
        over, and a warning says so.
        """
        import copy

        import torch

        if not self.file.exists():
            return None
        before = copy.deepcopy(self._state())
        try:
            state = torch.load(self.file, map_location="cpu", weights_only=True)
            lacking = [k for k in (*before, *facts) if k not in state]
            if lacking:
                raise ValueError(f"it has no {', '.join(lacking)}: another version of this package wrote it")
            if {k: v.shape for k, v in before["net"].items()} != {k: v.shape for k, v in state["net"].items()}:
                raise ValueError("it is of another network")
            told = {k: kind(state[k]) for k, kind in facts.items()}
            self._take(state)
        except Exception as e:  # torch raises many kinds for a damaged or unsafe file
            self._take(before)
            said = (str(e).splitlines() or [""])[0]
            warnings.warn(
                f"{self.file} cannot be resumed from ({type(e).__name__}: {said}); this training starts over",
                stacklevel=3,
            )
            self.file.unlink(missing_ok=True)
            return None
        return told

    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = {k: p.state_dict() for k, p in self.parts.items()}
        return state | {k: g.get_state() for k, g in self.orders.items()} | {"dice": _dice()}

    def _take(self, state: Mapping[str, Any]) -> None:
        for k, part in self.parts.items():
            part.load_state_dict(state[k])
        for k, generator in self.orders.items():
            generator.set_state(state[k])
        _roll(state["dice"])


@dataclass(frozen=True)
class Several:
    """Parts of one kind as one part: schedules, averages."""

    parts: Sequence[Any]

    def state_dict(self) -> list[Any]:
        """Their states."""
        return [p.state_dict() for p in self.parts]

    def load_state_dict(self, state: Sequence[Any]) -> None:
        """Back from ``resume.pt``; ``ValueError`` where these are more or fewer."""
        for p, saved in zip(self.parts, state, strict=True):
            p.load_state_dict(saved)


def _dice() -> dict[str, Any]:
    """The random states of torch, NumPy and Python, as what ``torch.load(weights_only=True)`` reads back."""
    import numpy as np
    import torch

    _, keys, position, *_ = np.random.get_state()
    version, inner, _ = random.getstate()
    dice = {
        "torch": torch.get_rng_state(),
        "numpy": torch.from_numpy(np.asarray(keys).astype(np.int64)),
        "at": int(position),
    }
    dice |= {"python": torch.tensor(inner, dtype=torch.int64), "version": version}
    if torch.cuda.is_available():
        dice["cuda"] = torch.cuda.get_rng_state()
    return dice


def _roll(dice: Mapping[str, Any]) -> None:
    import numpy as np
    import torch

    torch.set_rng_state(dice["torch"])
    np.random.set_state(("MT19937", dice["numpy"].numpy().astype(np.uint32), dice["at"], 0, 0.0))
    random.setstate((dice["version"], tuple(int(i) for i in dice["python"]), None))
    if "cuda" in dice and torch.cuda.is_available():
        torch.cuda.set_rng_state(dice["cuda"])
