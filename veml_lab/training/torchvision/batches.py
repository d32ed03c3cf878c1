"""Batches of a data version: sizes, augmentation, and the share of one of several processes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from ...versions.data import DataVersion
from ...versions.torch_dataset import VersionDataset
from .. import augment

CACHE_BYTES = 256 << 20  # decoded images are kept in memory up to here


class Batches(Sampler[list[int]]):
    """Positions batch by batch in a fresh random order each epoch; of every batch the share of one rank.

    The batches are the same for any number of processes, so that the seed alone says who meets whom.
    """

    def __init__(self, n: int, batch_size: int, seed: int, *, rank: int = 0, world: int = 1) -> None:
        self.n, self.batch_size, self.rank, self.world = n, min(batch_size, n), rank, world
        self.generator = torch.Generator().manual_seed(seed)
        left = n % self.batch_size
        # a last batch of one sample would break batch normalisation; one with less than a sample a process cannot be
        # shared
        self.drop_last = 0 < left < max(2, world)

    def __len__(self) -> int:
        return self.n // self.batch_size if self.drop_last else -(-self.n // self.batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        order = torch.randperm(self.n, generator=self.generator).tolist()
        for b in range(len(self)):
            yield order[b * self.batch_size : (b + 1) * self.batch_size][self.rank :: self.world]


def whole_batches(ids: np.ndarray, batch_size: int, seed: int, world: int = 1) -> Iterator[list[np.ndarray]]:
    """The batches of all ranks together, epoch by epoch without end, as the IDs of their samples."""
    order = Batches(len(ids), batch_size, seed)
    order.drop_last = Batches(len(ids), batch_size, seed, world=world).drop_last
    while True:
        yield [ids[at] for at in order]


class Augmented(Dataset):
    """A version's items after mosaic and the chain of augmentation."""

    def __init__(self, images: VersionDataset, recipe: Mapping[str, Any], steps: Any) -> None:
        self.images = images
        self.chain = augment.chain(steps, recipe["task"], recipe["size_px"])
        self.mosaic = augment.mosaic(steps, recipe["task"])
        self._targets: dict[int, Any] = {}  # made from the labels once, not once an epoch

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, position: int) -> tuple[torch.Tensor, Any]:
        item = self._item(position)
        if self.mosaic and float(torch.rand(())) < self.mosaic:
            others = torch.randint(len(self.images), (3,)).tolist()
            item = augment.join_four([item, *(self._item(o) for o in others)])
        return self.chain(*item) if self.chain else item

    def _item(self, position: int) -> tuple[torch.Tensor, Any]:
        if position not in self._targets:
            self._targets[position] = self.images.target(position)
        return self.images.image(position), self._targets[position]


def loader(
    recipe: Mapping[str, Any],
    data: DataVersion,
    h: Mapping[str, Any],
    seed: int,
    *,
    rank: int = 0,
    world: int = 1,
    labelled: bool = True,
) -> DataLoader:
    """Batches ``(images, targets)`` of lists, as the detectors take them; without labels every target is -1."""
    w, height = recipe["size_px"]
    small = len(data) * w * height * 3 <= CACHE_BYTES
    images = VersionDataset(
        data, size_px=(w, height), classes=tuple(recipe["classes"]), labelled=labelled, cache=small, task=recipe["task"]
    )
    batches = Batches(len(images), h["batch_size"], seed, rank=rank, world=world)
    return DataLoader(
        Augmented(images, recipe, h["augment"]), batch_sampler=batches, num_workers=h["workers"], collate_fn=collate
    )


def collate(items: list) -> tuple[list, list]:
    """Lists, since pictures of a detector need not be of one size."""
    images, targets = zip(*items, strict=True)
    return list(images), list(targets)
