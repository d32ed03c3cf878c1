"""What stands beside the road: buildings, houses, trees, lamps, signs, rails, hedges."""

from __future__ import annotations

import math

import numpy as np

from .mesh import Colour, Mesh, Sculptor, tone
from .shapes import DARK

FACADES: tuple[Colour, ...] = (
    (176, 102, 82), (206, 186, 156), (158, 148, 140), (192, 160, 126), (138, 92, 78), (216, 206, 190),
    (128, 138, 150), (186, 140, 108), (222, 198, 150), (170, 178, 182),
)  # fmt: skip
AWNINGS: tuple[Colour, ...] = ((170, 46, 44), (40, 92, 76), (46, 70, 120), (206, 160, 60), (90, 60, 70))
ROOFS: tuple[Colour, ...] = ((126, 70, 58), (92, 84, 82), (110, 94, 84), (148, 86, 66))
WALLS: tuple[Colour, ...] = (
    (222, 216, 204),
    (206, 196, 176),
    (232, 230, 224),
    (196, 178, 160),
    (188, 198, 204),
)
LEAVES: tuple[Colour, ...] = ((66, 112, 52), (82, 126, 58), (52, 98, 56), (98, 130, 60), (74, 104, 44))


def building(rng: np.random.Generator, depth: float, side: int, end: bool) -> Mesh:
    """Build a town house of some floors; ``side`` is +1 right of the road, so its left wall has the shops.

    ``end`` says that no other house hides its near end.
    """
    floors = int(rng.integers(2, 7))
    height = 4.2 + 3.1 * floors
    half, length = 6.0, depth / 2
    paint = FACADES[rng.integers(len(FACADES))]
    glass = ((70, 86, 104), (54, 66, 82), (96, 118, 138))[rng.integers(3)]
    s = Sculptor()
    b = s.block((half, half), (0.0, height), (-length, length), None, paint)
    street = b["left"] if side > 0 else b["right"]
    columns = max(3, int(depth / 2.6))
    wide = 0.5 + 0.26 * rng.random()
    for wall, k in ((street, columns), (b["rear"], 4)) if end else ((street, columns),):
        bounds, tones = [], []
        for row in range(floors):
            y = (4.2 + 3.1 * row + 0.8) / height
            for col, lit in enumerate(rng.random(k).tolist()):
                u = (col + 0.5 - wide / 2) / k
                bounds.append((u, u + wide / k, y, y + 1.75 / height))
                tones.append(tone(glass, 0.8 + 0.5 * lit) if lit < 0.93 else (214, 196, 150))
        s.grid(wall, np.array(bounds), tones)
        s.on(wall, (0, 1), (3.7 / height, 4.15 / height), tone(paint, 0.72))
        s.on(wall, (0, 1), (1 - 0.7 / height, 1), tone(paint, 1.14))
        s.on(wall, (0, 1), (0, 0.35 / height), tone(paint, 0.5))
    awning = AWNINGS[rng.integers(len(AWNINGS))]
    for i in range(3):
        s.on(street, (0.04 + i / 3, 0.29 + i / 3), (0.4 / height, 2.9 / height), (58, 62, 68))
        s.on(street, (0.06 + i / 3, 0.2 + i / 3), (0.7 / height, 2.7 / height), (120, 128, 124))
        s.on(street, (0.03 + i / 3, 0.30 + i / 3), (2.7 / height, 3.5 / height), tone(awning, 0.85 + 0.15 * i))
    return s.done((half, height, length))


def house(rng: np.random.Generator, side: int) -> Mesh:
    """Build a family house with a gable roof, its ridge along the road."""
    half, length, eaves = 4.2, 4.5 + 2 * rng.random(), 3.0 + 2.4 * float(rng.random() < 0.4)
    ridge = eaves + 2.4 + 0.8 * rng.random()
    wall, roof = WALLS[rng.integers(len(WALLS))], ROOFS[rng.integers(len(ROOFS))]
    s = Sculptor()
    b = s.block((half, half), (0, eaves), (-length, length), None, wall)
    street = b["left"] if side > 0 else b["right"]
    storeys = 2 if eaves > 4 else 1
    for k in range(storeys):
        y = (0.95 + 2.5 * k) / eaves
        for u in (0.1, 0.4, 0.7):
            if k == 0 and u == 0.4:
                s.on(street, (0.44, 0.56), (0, 2.1 / eaves), (96, 58, 44))
                continue
            s.on(street, (u - 0.015, u + 0.195), (y - 0.03, y + 1.35 / eaves), (240, 240, 236))
            s.on(street, (u, u + 0.18), (y, y + 1.25 / eaves), (70, 82, 94))
        s.on(b["rear"], (0.3, 0.7), (y, y + 1.25 / eaves), (74, 86, 98))
    o = 0.4
    for z, facing in ((-length, -1), (length, 1)):
        gable = np.array([(-half, eaves, z), (half, eaves, z), (0, ridge, z)])
        s.face(gable, tone(wall, 0.95), normal=(0, 0, facing))
    rise = (ridge - eaves) / half
    for m in (-1, 1):
        x, y = m * (half + o), eaves - o * rise
        slope = np.array([(x, y, -length - o), (x, y, length + o), (0, ridge, length + o), (0, ridge, -length - o)])
        steep = math.hypot(rise, 1.0)
        s.face(slope, roof, normal=(m * rise / steep, 1 / steep, 0.0))
    c = s.block((0.35, 0.35), (ridge - 1.0, ridge + 0.7), (1.0, 1.7), None, tone(roof, 0.8))
    s.on(c["rear"], (0, 1), (0.85, 1), DARK)
    return s.done((half, ridge * 0.85, length))


def tree(rng: np.random.Generator, height: float, *, far: bool = False) -> Mesh:
    """Build a leafy tree: a trunk and a crown of overlapping blobs, lighter above; a far one is simpler."""
    leaf = LEAVES[rng.integers(len(LEAVES))]
    s = Sculptor()
    s.limb((0, 0), (0, height * 0.5), 0.05 * height, (86, 66, 50))
    r = height * 0.27
    blobs = [
        (rng.normal(0, 0.55) * r, height * 0.62 + rng.normal(0, 0.45) * r, r * (0.4 + 0.35 * rng.random()))
        for _ in range(6 if far else 10)
    ]
    for k, dx, dy, shrink in ((0.7, 0.08, -0.12, 1.08), (0.92, 0.0, 0.0, 0.92), (1.12, -0.1, 0.14, 0.56)):
        for x, y, q in blobs:
            s.disc(
                x + dx * r,
                y + dy * r,
                q * shrink,
                tone(leaf, k * (0.95 + 0.1 * rng.random())),
                k=9 if far else 12,
            )
    return s.done((r * 1.1, height, r * 1.1))


def conifer(rng: np.random.Generator, height: float, *, far: bool = False) -> Mesh:
    """Build a fir: a trunk and stacked, notched triangles; far or near it is as simple."""
    leaf = ((44, 82, 60), (38, 74, 58), (54, 88, 58))[rng.integers(3)]
    s = Sculptor()
    s.limb((0, 0), (0, height * 0.2), 0.04 * height, (76, 60, 48))
    w = height * 0.24
    for i in range(5):
        y0, k = height * (0.1 + 0.17 * i), 1 - 0.17 * i
        top = y0 + height * 0.32
        s.flat(
            [
                (-w * k, y0),
                (-w * k * 0.4, y0 + 0.02 * height),
                (0, y0 - 0.01 * height),
                (w * k * 0.5, y0 + 0.02 * height),
                (w * k, y0),
                (0, top),
            ],
            tone(leaf, 0.82 + 0.06 * i),
        )
        s.flat([(-w * k, y0), (-w * k * 0.3, y0 + 0.03 * height), (0, top)], tone(leaf, 1.02 + 0.06 * i))
    return s.done((w, height, w))


def lamp(side: int) -> Mesh:
    """Build a street lamp whose arm reaches over the road."""
    s = Sculptor()
    s.limb((0, 0), (0, 6.4), 0.14, (88, 92, 96))
    s.limb((0, 6.35), (-side * 1.7, 6.7), 0.1, (88, 92, 96))
    s.limb((-side * 1.2, 6.62), (-side * 1.95, 6.72), 0.2, (206, 208, 204))
    return s.done((0.12, 6.4, 0.12))


def power_pole() -> Mesh:
    """Build a wooden pole with a cross arm."""
    s = Sculptor()
    s.limb((0, 0), (0, 8.2), 0.24, (98, 80, 64))
    s.limb((-1.2, 7.5), (1.2, 7.5), 0.16, (86, 70, 56))
    for x in (-1.1, -0.4, 0.4, 1.1):
        s.limb((x, 7.5), (x, 7.8), 0.1, (200, 206, 206))
    return s.done((0.15, 8.0, 0.15))


def sign(rng: np.random.Generator) -> Mesh:
    """Build a traffic sign on a post: limit, warning, blue or stop."""
    s = Sculptor()
    s.limb((0, 0), (0, 2.4), 0.09, (132, 136, 138))
    kind = rng.integers(4)
    if kind == 0:
        s.disc(0, 2.6, 0.4, (200, 30, 34), k=14)
        s.disc(0, 2.6, 0.29, (242, 242, 238), k=14)
        s.limb((-0.13, 2.6), (0.13, 2.6), 0.2, (40, 40, 44))
    elif kind == 1:
        s.flat([(-0.45, 2.25), (0.45, 2.25), (0, 3.05)], (200, 30, 34))
        s.flat([(-0.27, 2.36), (0.27, 2.36), (0, 2.84)], (244, 242, 232))
    elif kind == 2:
        s.flat([(-0.4, 2.2), (0.4, 2.2), (0.4, 3.0), (-0.4, 3.0)], (30, 84, 160))
        s.flat([(-0.18, 2.35), (0.18, 2.35), (0.0, 2.85)], (240, 242, 244))
    else:
        s.disc(0, 2.6, 0.42, (190, 28, 32), k=8)
        s.limb((-0.28, 2.6), (0.28, 2.6), 0.15, (244, 244, 240))
    return s.done((0.1, 3.0, 0.1))


def traffic_light(rng: np.random.Generator) -> Mesh:
    """Build a traffic light with one lamp on."""
    s = Sculptor()
    s.limb((0, 0), (0, 2.8), 0.14, (60, 62, 66))
    s.flat([(-0.24, 2.6), (0.24, 2.6), (0.24, 3.8), (-0.24, 3.8)], (34, 36, 38))
    on = rng.integers(3)
    for i, (y, colour) in enumerate(((3.58, (255, 60, 48)), (3.2, (255, 186, 50)), (2.82, (70, 240, 130)))):
        s.disc(0, y, 0.15, colour if i == on else tone(colour, 0.25), k=9, glow=1.0 if i == on else 0.0)
    return s.done((0.2, 3.6, 0.2))


def gantry(left: float, right: float, rng: np.random.Generator) -> Mesh:
    """Build an overhead sign bridge between two lateral positions (metres from the road's middle)."""
    s = Sculptor()
    steel, panel = (120, 126, 130), ((20, 96, 70), (24, 78, 140))[rng.integers(2)]
    for x in (left, right):
        s.limb((x, 0), (x, 6.6), 0.3, steel)
    s.limb((left, 6.5), (right, 6.5), 0.4, steel)
    span = right - left
    for a in (0.12, 0.56):
        x0, x1 = left + span * a, left + span * (a + 0.32)
        s.flat([(x0, 5.5), (x1, 5.5), (x1, 7.6), (x0, 7.6)], (236, 240, 238))
        s.flat([(x0 + 0.1, 5.6), (x1 - 0.1, 5.6), (x1 - 0.1, 7.5), (x0 + 0.1, 7.5)], panel)
        for k, w in ((0.0, 0.7), (0.75, 0.5)):
            s.limb((x0 + 0.4, 6.95 - k), (x0 + 0.4 + (x1 - x0 - 0.8) * w, 6.95 - k), 0.3, (236, 240, 238))
    return s.done((span / 2, 7.0, 0.2))


def rail(length: float) -> Mesh:
    """Build a piece of guard rail with its posts."""
    s = Sculptor()
    h = length / 2
    for z in np.arange(-h + 1, h, 4.0):
        post = np.array([(0, 0, z), (0, 0, z + 0.16), (0, 0.7, z + 0.16), (0, 0.7, z)])
        s.face(post, (104, 108, 110), normal=(0, 0, 0))
    for y0, y1, c in (
        (0.42, 0.56, (150, 154, 156)),
        (0.56, 0.64, (112, 116, 118)),
        (0.64, 0.8, (188, 192, 192)),
    ):
        s.face(np.array([(0, y0, -h), (0, y0, h), (0, y1, h), (0, y1, -h)]), c, normal=(0, 0, 0))
    return s.done((0.1, 0.8, h))


def barrier(length: float) -> Mesh:
    """Build a piece of concrete barrier, as between the two directions of a highway."""
    s = Sculptor()
    h = length / 2
    b = s.block((0.34, 0.14), (0, 0.9), (-h, h), None, (164, 164, 160))
    for name in ("left", "right"):
        s.on(b[name], (0, 1), (0, 0.16), (118, 118, 116))
        s.on(b[name], (0.0, 0.012), (0.16, 1), (120, 120, 118))
    return s.done((0.34, 0.9, h))


def hedge(rng: np.random.Generator, length: float) -> Mesh:
    """Build a hedge or a board fence along a garden."""
    s = Sculptor()
    h = length / 2
    if rng.random() < 0.6:
        leaf = LEAVES[rng.integers(len(LEAVES))]
        high = 0.9 + 0.6 * rng.random()
        b = s.block((0.4, 0.34), (0, high), (-h, h), None, leaf)
        for name in ("left", "right"):
            for _ in range(9):
                u, v = 0.9 * rng.random(), 0.8 * rng.random()
                s.on(b[name], (u, u + 0.1), (v, v + 0.2), tone(leaf, 0.8 + 0.45 * rng.random()))
        return s.done((0.4, high, h))
    paint = ((232, 230, 224), (150, 116, 84), (186, 176, 160))[rng.integers(3)]
    for z in np.arange(-h, h, 0.5):
        s.face(
            np.array([(0, 0, z), (0, 0, z + 0.34), (0, 1.05, z + 0.34), (0, 1.05, z)]),
            paint,
            normal=(0, 0, 0),
        )
    for y in (0.3, 0.8):
        s.face(
            np.array([(0, y, -h), (0, y, h), (0, y + 0.1, h), (0, y + 0.1, -h)]),
            tone(paint, 0.86),
            normal=(0, 0, 0),
        )
    return s.done((0.1, 1.0, h))


def backdrop(
    rng: np.random.Generator, place: str, width: int, height: int
) -> list[tuple[list[tuple[float, float]], float]]:
    """Draw the far skyline as polygons on a strip of ``width`` x ``height`` (y down), with a haze share each."""
    shapes: list[tuple[list[tuple[float, float]], float]] = []
    layers = {
        "city": ((0.2, 0.72), (0.13, 0.55)),
        "highway": ((0.3, 0.75), (0.2, 0.55)),
        "suburb": ((0.16, 0.6), (0.1, 0.4)),
    }[place]
    for tall, haze in layers:
        if place == "city":
            x = -0.03 * width
            while x < width:
                w, h = width * (0.012 + 0.03 * rng.random()), height * tall * (0.35 + 0.65 * rng.random())
                shapes.append(([(x, height), (x, height - h), (x + w, height - h), (x + w, height)], haze))
                x += w * (0.7 + 0.5 * rng.random())
            continue
        xs = np.linspace(0, width, 70)
        waves = np.zeros(len(xs)) + sum(
            a * np.sin(xs / width * math.tau * f + rng.random() * 7) for a, f in ((1, 0.8), (0.5, 2.1), (0.22, 5.3))
        )
        ys = height * (1 - tall * (0.45 + 0.28 * waves))
        if place == "suburb":
            ys += height * 0.025 * rng.standard_normal(len(xs))
        shapes.append(([(0, height), *zip(xs.tolist(), ys.tolist()), (width, height)], haze))
    return shapes
