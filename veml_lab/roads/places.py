"""Lay out one scene of the road world: a city street, a highway, a suburb.

A scene is made once per video; its frames are taken from a camera that drives along it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from . import props
from .mesh import Colour, tone
from .scene import Actor, Prop, Road, Scene, Traffic, apart, crossers, people, queue

AHEAD_M = 125.0  # how far props are laid out


def scene(rng: np.random.Generator, place: str, traffic: Traffic, reach_m: float) -> Scene:
    """Lay out a scene; ``reach_m`` is how far away objects are still worth placing."""
    return {"city": _city, "highway": _highway, "suburb": _suburb}[place](rng, traffic, reach_m)


def _marks(half: float, wear: Sequence[float], asphalt: Colour) -> tuple[list[float], list[tuple[int, int, Colour]]]:
    """Road surface with slightly darker wheel tracks: rails and bands."""
    rails, bands = [-half, half], [(0, 1, asphalt)]
    dark = tone(asphalt, 0.94)
    for x in wear:
        bands.append((len(rails), len(rails) + 1, dark))
        rails += [x - 0.35, x + 0.35]
    return rails, bands


def _sides(
    rails: list[float], bands: list[tuple[int, int, Colour]], edges: Sequence[tuple[float, float, Colour]]
) -> None:
    """Put mirrored bands beside the road, below everything painted so far."""
    below = []
    for inner, outer, colour in edges:
        for m in (-1, 1):
            below.append((len(rails), len(rails) + 1, colour))
            rails += [m * inner, m * outer]
    bands[:0] = below


def _city(rng: np.random.Generator, traffic: Traffic, reach: float) -> Scene:
    lanes, lane = int(rng.integers(1, 3)), 3.3
    half = lanes * lane + 2.3
    walk = half + 3.4
    rails, bands = _marks(
        half,
        [m * (lane * k + lane / 2 + s) for m in (-1, 1) for k in range(lanes) for s in (-0.75, 0.75)],
        (104, 104, 108),
    )
    _sides(
        rails,
        bands,
        [
            (walk, 400, (150, 146, 140)),
            (half, walk, (178, 174, 166)),
            (half - 0.05, half + 0.22, (208, 206, 198)),
        ],
    )
    crossing = 14 + 16 * rng.random() if rng.random() < 0.5 else None
    road = Road(
        bend=1.2 * rng.standard_normal(),
        swing=60.0,
        phase=6.3 * rng.random(),
        rails=tuple(rails),
        bands=tuple(bands),
        solid=(
            (-half + 2.2, 0.1, (214, 214, 208)),
            (half - 2.2, 0.1, (214, 214, 208)),
            *([(-0.12, 0.1, (226, 196, 96)), (0.12, 0.1, (226, 196, 96))] if lanes > 1 else []),
        ),
        dashed=tuple((m * lane, 3.0, 7.5) for m in (-1, 1)) if lanes > 1 else ((0.0, 3.0, 7.5),),
        crossing=crossing,
    )
    things: list[Prop] = []
    for side in (-1, 1):
        z, end = -14.0 + 8 * rng.random(), True
        while z < AHEAD_M:
            depth = 12 + 14 * rng.random()
            things.append(
                Prop(
                    0,
                    z + depth / 2,
                    side * (walk + 6.0 + 0.8 * rng.random()),
                    props.building(rng, depth, side, end),
                )
            )
            end = rng.random() < 0.25
            z += depth + (10.0 if end else 0.15)
        kind = rng.random()
        for z in np.arange(4 * rng.random(), 90, 11.0):
            if kind < 0.65 and rng.random() < 0.75:
                things.append(
                    Prop(
                        3,
                        float(z) + 4,
                        side * (half + 0.8),
                        props.tree(rng, 5.5 + 2 * rng.random(), far=bool(z > 45)),
                    )
                )
        for z in np.arange(9 * rng.random(), 110, 26.0):
            things.append(Prop(3, float(z), side * (half + 0.5), props.lamp(side), shadow=False))
        things.append(Prop(3, 12 + 25 * rng.random(), side * (half + 0.6), props.sign(rng), shadow=False))
        if crossing:
            things.append(Prop(3, crossing + 2.4, side * (half + 0.5), props.traffic_light(rng), shadow=False))
    own = [lane * k + lane / 2 for k in range(lanes)]
    mine = own[rng.integers(lanes)]
    step = 0.8 + 1.2 * rng.random()
    actors: list[Actor] = []
    for x in own:
        actors += queue(
            rng,
            traffic,
            traffic.own / lanes,
            10.0 if x == mine else 8.0,
            reach,
            x,
            along=step + 0.15 * rng.standard_normal(),
        )
        actors += queue(rng, traffic, traffic.oncoming / lanes, 10.0, reach + 20, -x, heading=math.pi, along=-step)
    for side in (-1, 1):
        actors += queue(
            rng,
            traffic,
            traffic.parked / 2,
            6.0,
            reach,
            side * (half - 1.15),
            heading=0.0 if side > 0 else math.pi,
        )
    actors += people(rng, "pedestrian", traffic.walkers, 8, reach, (half + 1.9, -half - 1.9))
    actors += crossers(rng, traffic.crossers * (1.6 if crossing else 0.7), crossing or 11 + 12 * rng.random(), half)
    return Scene(
        "city",
        road,
        tuple(things),
        apart(actors),
        mine,
        1.25 + 0.35 * rng.random(),
        0.03 * rng.standard_normal(),
        step,
    )


def _highway(rng: np.random.Generator, traffic: Traffic, reach: float) -> Scene:
    lanes, lane = int(rng.integers(2, 4)), 3.6
    first, outer = 1.4, 1.4 + lanes * lane
    shoulder = outer + 2.6
    own = [first + lane * (k + 0.5) for k in range(lanes)]
    rails, bands = _marks(shoulder, [m * (x + s) for m in (-1, 1) for x in own for s in (-0.8, 0.8)], (112, 112, 114))
    grass: Colour = ((112, 118, 82), (96, 112, 74), (128, 122, 86))[rng.integers(3)]
    _sides(rails, bands, [(shoulder + 1.5, 400, grass), (shoulder, shoulder + 1.6, (132, 126, 112))])
    road = Road(
        bend=9 * rng.standard_normal(),
        swing=110.0,
        phase=6.3 * rng.random(),
        rails=tuple(rails),
        bands=tuple(bands),
        solid=tuple((m * x, 0.16, (226, 226, 222)) for m in (-1, 1) for x in (first, outer)),
        dashed=tuple((m * (first + lane * k), 4.0, 10.0) for m in (-1, 1) for k in range(1, lanes)),
        crossing=None,
    )
    things: list[Prop] = []
    concrete = rng.random() < 0.5
    for z in np.arange(0.0, 120, 8.0):
        things.append(Prop(2, float(z), 0.0, props.barrier(8.0) if concrete else props.rail(8.0), shadow=False))
        for side in (-1, 1):
            things.append(Prop(1 if side < 0 else 3, float(z), side * (shoulder + 0.5), props.rail(8.0), shadow=False))
    woods = 0.25 + 0.6 * rng.random()
    for side in (-1, 1):
        for z in np.arange(6, 130, 5.0):
            if rng.random() < woods:
                x = side * (shoulder + 5 + 22 * rng.random() ** 1.4)
                make = props.conifer if rng.random() < 0.5 else props.tree
                things.append(
                    Prop(
                        0,
                        float(z) + 3 * rng.random(),
                        x,
                        make(rng, 6 + 5 * rng.random(), far=bool(z > 45)),
                        shadow=False,
                    )
                )
    if rng.random() < 0.45:
        things.append(Prop(3, 26 + 22 * rng.random(), 0.0, props.gantry(0.9, shoulder + 0.8, rng), shadow=False))
    elif rng.random() < 0.5:
        things.append(Prop(3, 14 + 20 * rng.random(), shoulder + 1.6, props.sign(rng), scale=1.4, shadow=False))
    mine = own[rng.integers(lanes)]
    step = 1.6 + 1.0 * rng.random()
    actors: list[Actor] = []
    for x in own:
        actors += queue(
            rng,
            traffic,
            traffic.own / lanes,
            11.0 if x == mine else 7.0,
            reach,
            x,
            along=step + 0.25 * rng.standard_normal(),
        )
        actors += queue(
            rng, traffic, traffic.oncoming / lanes, 8.0, reach + 20, -x, heading=math.pi, along=-step, row=1
        )
    actors += queue(rng, traffic, traffic.parked, 9.0, reach, outer + 1.4)[:1]
    return Scene(
        "highway",
        road,
        tuple(things),
        apart(actors),
        mine,
        1.3 + 0.5 * rng.random(),
        0.03 * rng.standard_normal(),
        step,
    )


def _suburb(rng: np.random.Generator, traffic: Traffic, reach: float) -> Scene:
    lane = 3.3
    half = lane + 1.0
    verge, walk = half + 1.3, half + 3.0
    rails, bands = _marks(half, [m * (lane / 2 + s) for m in (-1, 1) for s in (-0.75, 0.75)], (98, 98, 100))
    lawn: Colour = ((104, 126, 72), (92, 118, 66), (118, 128, 78))[rng.integers(3)]
    _sides(
        rails,
        bands,
        [
            (walk, 400, lawn),
            (verge, walk, (168, 164, 158)),
            (half, verge, tone(lawn, 0.94)),
            (half - 0.04, half + 0.16, (176, 174, 168)),
        ],
    )
    road = Road(
        bend=3.2 * rng.standard_normal(),
        swing=52.0,
        phase=6.3 * rng.random(),
        rails=tuple(rails),
        bands=tuple(bands),
        solid=() if rng.random() < 0.6 else ((-half + 0.3, 0.1, (214, 214, 208)), (half - 0.3, 0.1, (214, 214, 208))),
        dashed=((0.0, 2.5, 7.0),),
        crossing=None,
    )
    things: list[Prop] = []
    for side in (-1, 1):
        z = 2 + 8 * rng.random()
        while z < 130:
            gap = 15 + 9 * rng.random()
            things.append(Prop(0, z, side * (walk + 9 + 4 * rng.random()), props.house(rng, side), shadow=False))
            if rng.random() < 0.75:
                things.append(Prop(1, z, side * (walk + 1.1), props.hedge(rng, gap * (0.45 + 0.35 * rng.random()))))
            for _ in range(int(rng.integers(1, 4))):
                make = props.conifer if rng.random() < 0.25 else props.tree
                x = side * (walk + 3 + 11 * rng.random())
                things.append(
                    Prop(
                        0 if abs(x) > walk + 5 else 2,
                        z + gap * rng.random(),
                        x,
                        make(rng, 4.5 + 4 * rng.random(), far=bool(z > 45)),
                    )
                )
            z += gap
        if rng.random() < 0.5:
            for z in np.arange(8 * rng.random(), 110, 24.0):
                things.append(
                    Prop(
                        3,
                        float(z),
                        side * (half + 0.7),
                        props.power_pole() if side < 0 else props.lamp(side),
                        shadow=False,
                    )
                )
        things.append(Prop(3, 9 + 22 * rng.random(), side * (half + 0.7), props.sign(rng), shadow=False))
    step = 0.6 + 0.9 * rng.random()
    actors = queue(rng, traffic, traffic.own, 9.0, reach, lane / 2, along=step + 0.1 * rng.standard_normal())
    actors += queue(rng, traffic, traffic.oncoming, 9.0, reach + 14, -lane / 2, heading=math.pi, along=-step)
    for side in (-1, 1):
        actors += queue(
            rng,
            traffic,
            traffic.parked / 2,
            6.5,
            reach,
            side * (half - 0.4),
            heading=0.0 if side > 0 else math.pi,
        )
    actors += people(rng, "pedestrian", traffic.walkers, 7, reach, (verge + 0.9, -verge - 0.9))
    actors += crossers(rng, traffic.crossers, 10 + 12 * rng.random(), half)
    actors += people(rng, "cyclist", traffic.cyclists, 6.5, reach, (lane * 0.82, -lane * 0.82, verge + 0.9))
    return Scene(
        "suburb",
        road,
        tuple(things),
        apart(actors),
        lane / 2,
        1.25 + 0.35 * rng.random(),
        0.035 * rng.standard_normal(),
        step,
    )
