"""Who is on the road: cars, buses, trucks, people on foot and on bicycles, each with seeded looks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from .mesh import TYRE, Colour, Mesh, Sculptor, tone, turn_of

GLASS: Colour = (46, 58, 72)
DARK: Colour = (44, 45, 48)
CAR_PAINTS: tuple[Colour, ...] = (
    (186, 30, 34), (28, 74, 150), (222, 224, 226), (238, 238, 236), (58, 62, 68), (150, 156, 162),
    (24, 26, 30), (46, 104, 78), (196, 150, 52), (96, 116, 140), (130, 34, 48), (206, 92, 36),
)  # fmt: skip
BUS_PAINTS: tuple[Colour, ...] = (
    (196, 38, 40),
    (230, 178, 38),
    (42, 118, 176),
    (60, 140, 88),
    (232, 232, 228),
)
BOX_PAINTS: tuple[Colour, ...] = (
    (236, 236, 232),
    (70, 116, 170),
    (196, 200, 204),
    (204, 132, 50),
    (90, 140, 100),
    (168, 52, 48),
)

# half width, floor, waist, roof, half length, cabin bottom z, cabin roof z
_CARS = {
    "sedan": (0.90, 0.24, 0.84, 1.43, 2.25, (-1.75, 1.05), (-1.05, 0.35)),
    "hatch": (0.88, 0.26, 0.90, 1.50, 2.00, (-1.92, 0.95), (-1.55, 0.30)),
    "suv": (0.95, 0.34, 1.02, 1.72, 2.30, (-2.20, 1.00), (-1.95, 0.40)),
    "van": (0.98, 0.30, 1.05, 2.02, 2.50, (-2.48, 1.70), (-2.40, 0.95)),
}


def car(rng: np.random.Generator) -> Mesh:
    """Build a sedan, hatchback, SUV or van."""
    kind = ("sedan", "sedan", "hatch", "hatch", "suv", "suv", "van")[rng.integers(7)]
    half, floor, waist, roof, length, cabin, top = _CARS[kind]
    paint = CAR_PAINTS[rng.integers(len(CAR_PAINTS))]
    s = Sculptor()
    s.tyres(half * 0.97, 0.32, -length + 0.25, length - 0.25)
    body = s.block((half, half * 0.94), (floor, waist), (-length, length), (-length + 0.08, length - 0.2), paint)
    for name in ("rear", "front"):
        s.on(body[name], (0, 1), (0, 0.24), DARK)
        s.on(body[name], (0.39, 0.61), (0.3, 0.48), (232, 232, 224))
    for u in ((0.02, 0.21), (0.79, 0.98)):
        s.on(body["rear"], u, (0.52, 0.84), (206, 24, 22), glow=0.5)
        s.on(body["front"], u, (0.5, 0.82), (255, 248, 222), glow=0.7)
        s.on(body["rear"], u, (0.7, 0.84), (240, 120, 90), glow=0.5)
    s.on(body["rear"], (0.23, 0.77), (0.52, 0.56), tone(paint, 0.7))
    s.on(body["front"], (0.27, 0.73), (0.52, 0.8), (36, 38, 42))
    for name in ("left", "right"):
        s.on(body[name], (0, 1), (0, 0.16), DARK)
        s.on(body[name], (0.49, 0.495), (0.16, 0.98), tone(paint, 0.6))
    s.wheels(half, 0.33, (-length * 0.62, length * 0.62))
    cab = s.block((half * 0.92, half * 0.71), (waist, roof), cabin, top, paint)
    s.on(cab["rear"], (0.07, 0.93), (0.12, 0.88), GLASS)
    s.on(cab["rear"], (0.12, 0.5), (0.5, 0.84), (84, 100, 116))
    s.on(cab["front"], (0.06, 0.94), (0.08, 0.9), GLASS)
    for name in ("left", "right"):
        s.on(cab[name], (0.06, 0.48), (0.1, 0.86), GLASS)
        s.on(cab[name], (0.53, 0.94), (0.1, 0.86), GLASS)
    return s.done((half, roof, length))


def bus(rng: np.random.Generator) -> Mesh:
    """Build a city bus: one long block with a ribbon of windows."""
    paint = BUS_PAINTS[rng.integers(len(BUS_PAINTS))]
    half, length, roof = 1.27, 5.4, 3.1
    s = Sculptor()
    s.tyres(half * 0.95, 0.48, -length + 0.4, length - 0.4)
    b = s.block((half, half * 0.97), (0.34, roof), (-length, length), (-length + 0.06, length - 0.12), paint)
    light = tone(tone(paint, 0.5), 1.0, 125)
    for name in ("rear", "front", "left", "right"):
        s.on(b[name], (0, 1), (0, 0.09), DARK)
        s.on(b[name], (0, 1), (0.93, 1), light)
    for name in ("left", "right"):
        s.on(b[name], (0.02, 0.98), (0.45, 0.86), (30, 36, 44))
        for i in range(8):
            s.on(b[name], (0.03 + i * 0.119, 0.135 + i * 0.119), (0.47, 0.84), (62, 78, 94))
    for at in ((0.72, 0.8), (0.3, 0.37)):
        s.on(b["right"], at, (0.04, 0.84), (58, 72, 86))
    s.on(b["rear"], (0.1, 0.9), (0.52, 0.86), GLASS)
    s.on(b["rear"], (0.2, 0.8), (0.16, 0.34), DARK)
    s.on(b["front"], (0.04, 0.96), (0.32, 0.8), GLASS)
    s.on(b["front"], (0.15, 0.85), (0.83, 0.92), (255, 168, 40), glow=0.9)
    for u in ((0.03, 0.13), (0.87, 0.97)):
        s.on(b["rear"], u, (0.14, 0.34), (210, 24, 22), glow=0.6)
        s.on(b["front"], u, (0.1, 0.2), (255, 250, 226), glow=0.8)
    s.wheels(half, 0.48, (-length * 0.55, length * 0.6))
    return s.done((half, roof, length))


def truck(rng: np.random.Generator) -> Mesh:
    """Build a truck: a cab and a box on a dark chassis; the box hides the cab from behind."""
    paint, cab_paint = BOX_PAINTS[rng.integers(len(BOX_PAINTS))], CAR_PAINTS[rng.integers(len(CAR_PAINTS))]
    length = 3.2 + 1.6 * rng.random()
    roof = 3.3 + 0.5 * rng.random()
    s = Sculptor()
    s.part = 1
    s.tyres(1.2, 0.5, -length + 0.4, length + 1.6)
    c = s.block((1.15, 1.15), (0.5, 1.0), (-length, length), None, DARK)
    for u in ((0.02, 0.16), (0.84, 0.98)):
        s.on(c["rear"], u, (0.3, 0.9), (214, 26, 22), glow=0.6)
    s.on(c["rear"], (0.4, 0.6), (0.3, 0.8), (226, 226, 214))
    s.wheels(1.2, 0.5, (-length * 0.8, -length * 0.45))
    b = s.block((1.27, 1.27), (0.98, roof), (-length, length - 0.2), None, paint)
    seam = tone(paint, 0.62)
    s.on(b["rear"], (0.485, 0.515), (0.02, 0.98), seam)
    for v in ((0.0, 0.03), (0.97, 1.0)):
        s.on(b["rear"], (0, 1), v, seam)
    for u in ((0.0, 0.03), (0.97, 1.0)):
        s.on(b["rear"], u, (0, 1), seam)
    stripe = CAR_PAINTS[rng.integers(len(CAR_PAINTS))]
    for name in ("left", "right"):
        s.on(b[name], (0.0, 1.0), (0.24, 0.4), stripe)
        s.on(b[name], (0.25, 0.75), (0.52, 0.8), seam)
    s.part = 2
    cab = s.block((1.2, 1.14), (0.45, 2.75), (length, length + 1.9), (length, length + 1.65), cab_paint)
    s.on(cab["front"], (0.05, 0.95), (0.5, 0.86), GLASS)
    s.on(cab["front"], (0.2, 0.8), (0.16, 0.4), (40, 42, 46))
    s.on(cab["front"], (0, 1), (0, 0.1), DARK)
    for u in ((0.04, 0.18), (0.82, 0.96)):
        s.on(cab["front"], u, (0.12, 0.24), (255, 250, 228), glow=0.8)
    for name in ("left", "right"):
        s.on(cab[name], (0.2, 0.75), (0.52, 0.84), GLASS)
    s.wheels(1.2, 0.5, (length + 0.9,))
    return s.done((1.27, roof, length + 1.0))


SKIN: tuple[Colour, ...] = ((236, 196, 164), (206, 156, 120), (150, 104, 74), (98, 66, 48))
CLOTH: tuple[Colour, ...] = (
    (186, 42, 46), (40, 84, 160), (232, 230, 224), (52, 54, 60), (222, 168, 46), (70, 130, 90),
    (140, 80, 140), (90, 100, 112), (214, 110, 60), (60, 150, 170),
)  # fmt: skip
TROUSERS: tuple[Colour, ...] = ((40, 46, 66), (58, 58, 62), (96, 84, 70), (34, 34, 38), (86, 100, 122))
HAIR: tuple[Colour, ...] = ((40, 30, 24), (92, 62, 36), (30, 28, 28), (176, 140, 84), (120, 120, 122))


def _pick(rng: np.random.Generator, colours: Sequence[Colour]) -> Colour:
    return colours[int(rng.integers(len(colours)))]


def pedestrian(rng: np.random.Generator) -> Mesh:
    """Build a walking or standing person, seen from wherever the camera is."""
    h = 1.6 + 0.28 * rng.random()
    skin, shirt, legs, hair = (_pick(rng, c) for c in (SKIN, CLOTH, TROUSERS, HAIR))
    side = rng.random() < 0.5
    stride = (0.12 + 0.2 * rng.random()) * (1 if side else 0.45)
    hip, shoulder = 0.5 * h, 0.82 * h
    w = 0.19 if side else 0.235
    s = Sculptor()
    s.limb((-0.05, hip), (-stride, 0.05), 0.155, tone(legs, 0.8))
    s.limb((0.05, hip), (stride, 0.05), 0.16, legs)
    for x in (-stride, stride):
        s.flat([(x - 0.09, 0.0), (x + 0.12, 0.0), (x + 0.1, 0.09), (x - 0.08, 0.09)], (30, 28, 28))
    swing = stride * 0.8
    s.limb((-w * 0.95, shoulder - 0.03), (-w - 0.03 - swing * 0.5, hip - 0.02), 0.1, tone(shirt, 0.72))
    s.flat(
        [
            (-w * 0.8, hip - 0.06),
            (w * 0.8, hip - 0.06),
            (w, shoulder - 0.06),
            (w * 0.7, shoulder + 0.03),
            (-w * 0.7, shoulder + 0.03),
            (-w, shoulder - 0.06),
        ],
        shirt,
    )
    s.limb((w * 0.9, shoulder - 0.03), (w + 0.02 + swing * 0.6, hip), 0.1, tone(shirt, 0.86))
    s.disc(w + 0.03 + swing * 0.6, hip - 0.04, 0.055, skin, k=6)
    if rng.random() < 0.35:  # a bag
        s.flat(
            [(-w - 0.12, hip - 0.1), (-w + 0.1, hip - 0.1), (-w + 0.08, hip + 0.2), (-w - 0.1, hip + 0.2)],
            _pick(rng, CLOTH),
        )
    s.limb((0, shoulder), (0, shoulder + 0.08), 0.1, skin)
    s.disc(0, h - 0.125, 0.105, skin, ry=0.13)
    s.flat(
        [
            (-0.115, h - 0.11),
            (-0.1, h - 0.03),
            (0, h + 0.015),
            (0.1, h - 0.03),
            (0.115, h - 0.11),
            (0, h - 0.085),
        ],
        hair,
    )
    return s.done((0.25, h, 0.2))


def cyclist(rng: np.random.Generator) -> Mesh:
    """Build a rider on a bicycle, from behind or from the side."""
    skin, shirt, legs = (_pick(rng, c) for c in (SKIN, CLOTH, TROUSERS))
    frame, helmet = _pick(rng, CAR_PAINTS), _pick(rng, CLOTH)
    s = Sculptor()
    if rng.random() < 0.6:
        s.limb((0, 0), (0, 0.72), 0.085, TYRE)
        s.limb((-0.08, 0.95), (-0.14, 0.32), 0.14, legs)
        s.limb((0.08, 0.95), (0.15, 0.46), 0.14, tone(legs, 0.85))
        s.flat([(-0.2, 0.25), (-0.08, 0.25), (-0.08, 0.34), (-0.2, 0.34)], (30, 30, 32))
        s.flat([(0.09, 0.38), (0.21, 0.38), (0.21, 0.47), (0.09, 0.47)], (30, 30, 32))
        s.limb((-0.32, 1.06), (0.32, 1.06), 0.05, DARK)
        s.limb((-0.19, 1.42), (-0.3, 1.06), 0.1, shirt)
        s.limb((0.19, 1.42), (0.3, 1.06), 0.1, shirt)
        s.flat([(-0.16, 0.9), (0.16, 0.9), (0.23, 1.42), (0.14, 1.52), (-0.14, 1.52), (-0.23, 1.42)], shirt)
        s.flat([(-0.05, 0.76), (0.05, 0.76), (0.05, 0.84), (-0.05, 0.84)], (220, 30, 24), glow=0.6)
        x, half = 0.0, 0.3
    else:
        m = 1 if rng.random() < 0.5 else -1
        for cx in (-0.52, 0.52):
            ring = [(cx + 0.34 * math.cos(t), 0.34 + 0.34 * math.sin(t)) for t in (*turn_of(14), 0.0)]
            hole = [(cx + 0.27 * math.cos(t), 0.34 + 0.27 * math.sin(t)) for t in (0.0, *reversed(turn_of(14)))]
            s.flat([*ring, *hole], TYRE)
        for a, b in (
            ((-0.52, 0.34), (-0.16, 0.86)),
            ((-0.16, 0.84), (0.4, 0.8)),
            ((-0.05, 0.32), (0.4, 0.8)),
            ((-0.52, 0.34), (-0.05, 0.32)),
            ((0.52, 0.34), (0.36, 1.0)),
            ((-0.2, 0.92), (-0.05, 0.32)),
        ):
            s.limb((a[0] * m, a[1]), (b[0] * m, b[1]), 0.055, frame)
        s.limb((-0.16 * m, 0.98), (0.1 * m, 0.62), 0.16, legs)
        s.limb((0.1 * m, 0.64), (-0.02 * m, 0.2), 0.13, legs)
        s.flat([(-0.3 * m, 0.9), (0.0, 0.9), (0.3 * m, 1.36), (0.16 * m, 1.52), (-0.06 * m, 1.4)], shirt)
        s.limb((0.2 * m, 1.4), (0.4 * m, 1.03), 0.1, tone(shirt, 0.85))
        x, half = 0.24 * m, 0.86
    s.disc(x, 1.62, 0.105, skin, ry=0.13)
    s.flat([(x - 0.135, 1.64), (x - 0.1, 1.75), (x, 1.79), (x + 0.1, 1.75), (x + 0.135, 1.64)], helmet)
    return s.done((half, 1.75, 0.5))


VEHICLES: Mapping[str, Callable[[np.random.Generator], Mesh]] = {"car": car, "bus": bus, "truck": truck}
BUILDERS: Mapping[str, Callable[[np.random.Generator], Mesh]] = {
    **VEHICLES,
    "pedestrian": pedestrian,
    "cyclist": cyclist,
}
FLAT = ("pedestrian", "cyclist")  # always face the camera
