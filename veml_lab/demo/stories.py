"""The data that the demo is told with: real sets where there are some, else a drawn road world."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from ..errors import BadInput, MissingFile
from ..formats import read_idx, read_image_folder, road_world
from ..sources.corrupted import corrupted
from ..sources.limited import limited
from ..sources.source import Source


@dataclass(frozen=True)
class Story:
    """The data of one run: which sets there are, who donates, what arrives, what comes from production.

    Attributes
    ----------
    donors
        Sets that get a lifecycle of their own; the first is the relative of what arrives.
    unrelated
        A set that arrives later and has no relative, or None.
    limits
        Samples of each role of a set (a seeded part); a set that is not here is taken whole.
    """

    sets: dict[str, Source]
    donors: tuple[str, ...]
    arrives: str
    unrelated: str | None
    production: tuple[str, Source]
    recipe: dict[str, Any]
    hyper: dict[str, Any]
    limits: dict[str, int]
    weights: Path | None
    title: str


def choose_story(data: str | Path | None, limit: int | None, quick: bool) -> Story:
    """Real sets where there are some, else the road world."""
    if limit is not None and limit < 20:
        raise BadInput(f"--limit must be at least 20 samples, got {limit}")
    if data is None:
        return road_story(quick)
    folder = Path(data).expanduser()
    if not folder.is_dir():
        raise MissingFile(
            f"there is no folder {folder}; give one that holds mnist/ and fashion_mnist/, or leave --data out"
        )
    for part in ("mnist", "fashion_mnist"):
        if not (folder / part).is_dir():
            raise MissingFile(
                f"{folder} has no folder {part}/ with idx files; leave --data out to use the drawn road world"
            )
    return real_story(folder, limit or (120 if quick else 600), quick)


def default_data() -> Path | None:
    """``../shared/data`` where it exists (in the project's own workplace), else None."""
    found = Path("../shared/data")
    return found if (found / "mnist").is_dir() else None


def real_story(data: Path, limit: int, quick: bool) -> Story:
    """MNIST and Fashion-MNIST have lifecycles; a few clothes at night arrive, then CIFAR-10, which is like neither."""
    digits, clothes = read_idx(data / "mnist"), read_idx(data / "fashion_mnist")
    few = max(limit // 4, 40)
    sets: dict[str, Source] = {
        "fashion-mnist": clothes,
        "mnist": digits,
        "fashion-at-night": corrupted(_few_to_learn(clothes, few, limit), "dark", severity=0.5),
    }
    cifar = next((p for p in (data / "cifar10", data / "cifar10" / "cifar10_jpeg.tar.xz") if _has_images(p)), None)
    if cifar is not None:
        sets["cifar10"] = read_image_folder(cifar)
    new = corrupted(limited(clothes, 4 * limit // 3, seed=1, only="test"), "fog", severity=0.55, role="test")
    return Story(
        sets=sets,
        donors=("fashion-mnist", "mnist"),
        arrives="fashion-at-night",
        unrelated="cifar10" if cifar is not None else None,
        production=("fashion-in-fog", new),
        recipe={"architecture": "resnet10", "width": 24, "size_px": [32, 32]},
        hyper={"epochs": 2 if quick else 6, "batch_size": 32, "lr": 4e-3, "augment": ["crop"]},
        limits={"fashion-mnist": limit, "mnist": limit, "cifar10": max(2 * limit // 5, 40)},
        weights=data,
        title="MNIST, Fashion-MNIST and CIFAR-10",
    )


def road_story(quick: bool) -> Story:
    """The drawn road world, in the three conditions of the paper's Table 3."""
    # a calibrated drift verdict wants 40 training and 20 test samples, which 96 scenes give; the others may be fewer
    n, arriving, rest = (96, 96, 48) if quick else (240, 120, 120)
    sets = {
        "clear-city": road_world("clear-city", n, seed=1),
        "overcast-suburb": road_world("overcast-suburb", arriving, seed=2),
    }
    fog = road_world("foggy-highway", n, seed=3)
    return Story(
        sets=sets | {"foggy-highway": road_world("foggy-highway", rest, seed=4)},
        donors=("clear-city",),
        arrives="overcast-suburb",
        unrelated=None,
        production=("suburb-in-fog", _as_test(fog)),
        recipe={"architecture": "fcos", "backbone": "resnet10", "width": 32, "neck_channels": 32, "size_px": [160, 96]},
        hyper={"epochs": 1 if quick else 6, "batch_size": 8, "lr": 2e-3, "augment": ["flip"], "validate_every": 3},
        limits={},
        weights=None,
        title="the drawn road world",
    )


def _few_to_learn(source: Source, train: int, test: int) -> Source:
    """A part with few training samples, and enough test samples to tell models apart."""
    parts = limited(source, train, seed=5, only="train"), limited(source, test, seed=6, only="test")
    return dataclasses.replace(
        source,
        records=lambda: chain.from_iterable(p.records() for p in parts),
        total=None,
        fingerprint="|".join(p.fingerprint for p in parts),
    )


def _as_test(source: Source) -> Source:
    """The same records as test data from production."""

    def records() -> Any:
        return (dataclasses.replace(r, role="test") for r in source.records())

    return dataclasses.replace(source, records=records, fingerprint=source.fingerprint + "|test")


def _has_images(path: Path) -> bool:
    return path.is_file() or (path / "train").is_dir() or (path / "test").is_dir()
