"""What a scene of the road world is made of, and how its traffic is placed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .mesh import Colour, Mesh
from .shapes import BUILDERS, VEHICLES


@dataclass(frozen=True, slots=True)
class Prop:
    """Something that stands still: ``row`` 0 is painted first, then higher rows; far to near within a row."""

    row: int
    z: float
    lateral: float
    mesh: Mesh
    heading: float = 0.0
    scale: float = 1.0
    shadow: bool = True


@dataclass(frozen=True, slots=True)
class Actor:
    """An annotated object; speeds in metres a frame, along the road and across it."""

    label: str
    mesh: Mesh
    z: float
    lateral: float
    heading: float = 0.0
    along: float = 0.0
    across: float = 0.0
    row: int = 3


@dataclass(frozen=True, slots=True)
class Road:
    """Lines and bands of the ground, by lateral distance from the road's middle (metres, right positive)."""

    bend: float  # metres by which the middle swings
    swing: float  # metres of road for one radian of that swing
    phase: float
    rails: tuple[float, ...]
    bands: tuple[tuple[int, int, Colour], ...]
    solid: tuple[tuple[float, float, Colour], ...]  # lateral, width, colour
    dashed: tuple[tuple[float, float, float], ...]  # lateral, dash, period
    crossing: float | None

    def middle(self, z: np.ndarray | float) -> np.ndarray:
        """World x of the road's middle."""
        return self.bend * (np.sin(np.asarray(z) / self.swing + self.phase) - math.sin(self.phase))

    def heading(self, z: float) -> float:
        """Direction of the road, radians to the right."""
        return math.atan(self.bend / self.swing * math.cos(z / self.swing + self.phase))


@dataclass(frozen=True, slots=True)
class Scene:
    """All that the frames of one video share."""

    place: str
    road: Road
    props: tuple[Prop, ...]
    actors: tuple[Actor, ...]
    camera_lateral: float
    camera_height: float
    camera_yaw: float
    step: float  # metres the camera drives from frame to frame


@dataclass(frozen=True, slots=True)
class Traffic:
    """How many of each class to put where; the numbers are means."""

    own: float
    oncoming: float
    parked: float
    walkers: float
    crossers: float
    cyclists: float
    mix: Mapping[str, float]  # vehicles: class -> share


def _vehicle(rng: np.random.Generator, traffic: Traffic, parked: bool) -> tuple[str, Mesh]:
    label = "car"
    if not parked or rng.random() < 0.12:
        names = list(traffic.mix)
        label = names[int(rng.choice(len(names), p=np.array([traffic.mix[n] for n in names])))]
    return label, VEHICLES[label](rng)


def queue(
    rng: np.random.Generator,
    traffic: Traffic,
    mean: float,
    near: float,
    reach: float,
    lateral: float,
    **kw: float,
) -> list[Actor]:
    """A lane of vehicles with gaps, from near to far."""
    out: list[Actor] = []
    z = near + 6 * rng.random()
    for _ in range(int(rng.poisson(mean))):
        label, mesh = _vehicle(rng, traffic, parked="along" not in kw)
        z += mesh.size[2]
        if z > reach:
            break
        jitter = 0.25 * rng.standard_normal()
        out.append(Actor(label, mesh, z, lateral + float(np.clip(jitter, -0.4, 0.4)), **kw))  # type: ignore[arg-type]
        z += mesh.size[2] + 2.5 + 11 * rng.random() ** 2
    return out


def people(
    rng: np.random.Generator, label: str, mean: float, near: float, reach: float, laterals: Sequence[float]
) -> list[Actor]:
    out = []
    for _ in range(int(rng.poisson(mean))):
        lateral = laterals[int(rng.integers(len(laterals)))] + 0.6 * rng.standard_normal()
        z = near + (min(reach, 34) - near) * rng.random() ** 0.9
        along = 0.25 * rng.standard_normal() if label == "pedestrian" else 0.8 + 0.4 * rng.random()
        out.append(Actor(label, BUILDERS[label](rng), z, lateral, along=along))
        if label == "pedestrian" and rng.random() < 0.3:  # a companion
            out.append(Actor(label, BUILDERS[label](rng), z + 0.3, lateral + 0.65, along=along))
    return out


def apart(actors: Sequence[Actor]) -> tuple[Actor, ...]:
    """Keep those that touch nobody placed before them, at the start, in the middle and at the end."""
    kept: list[Actor] = []
    for a in actors:
        for b in kept:
            long, wide = a.mesh.size[2] + b.mesh.size[2] + 0.5, a.mesh.size[0] + b.mesh.size[0] + 0.15
            if any(
                abs(a.z - b.z + (a.along - b.along) * f) < long
                and abs(a.lateral - b.lateral + (a.across - b.across) * f) < wide
                for f in (0, 2, 4, 7)
            ):
                break
        else:
            kept.append(a)
    return tuple(kept)


def crossers(rng: np.random.Generator, mean: float, z: float, half: float) -> list[Actor]:
    out = []
    for _ in range(int(rng.poisson(mean))):
        across = (0.25 + 0.2 * rng.random()) * (1 if rng.random() < 0.5 else -1)
        lateral = -math.copysign(half, across) + across * 14 * rng.random()
        out.append(
            Actor(
                "pedestrian",
                BUILDERS["pedestrian"](rng),
                z + 1.4 * rng.standard_normal(),
                lateral,
                across=across,
            )
        )
    return out
