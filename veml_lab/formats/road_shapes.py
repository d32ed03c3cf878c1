"""Shapes of the road world: vehicles, people, buildings and trees as small sets of coloured polygons.

Local axes: x to the right, y up, z forward (a vehicle's nose), metres, origin on the ground in the
middle of the footprint. A :class:`Mesh` is drawn by :mod:`road_paint`: faces turned away are left
out, the rest is painted in the order given, so details follow the face that they lie on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Colour = tuple[int, int, int]

GLASS: Colour = (46, 58, 72)
TYRE: Colour = (24, 24, 26)
DARK: Colour = (44, 45, 48)


@dataclass(frozen=True, slots=True)
class Mesh:
    """Polygons of one object.

    Attributes
    ----------
    points
        float64 array, shape (p, 3): the corners of all faces, one face after the other.
    starts
        Index of each face's first corner, and p at the end: length f + 1.
    normals, centres, colours
        float64 arrays, shape (f, 3); a zero normal is never turned away (flat things: people, trees).
    glow
        float64 array, shape (f,): 1 shines by itself (lamps), 0 is lit by the scene.
    part
        int array, shape (f,): parts that lie one behind the other (cab, box); the far one is painted first.
    size
        Half width, height, half length: the shadow is that of this box.
    """

    points: np.ndarray
    starts: tuple[int, ...]
    normals: np.ndarray
    centres: np.ndarray
    colours: np.ndarray
    glow: np.ndarray
    part: np.ndarray
    size: tuple[float, float, float]


def tone(c: Colour, k: float, plus: int = 0) -> Colour:
    """A lighter or darker colour."""
    r, g, b = (max(0, min(255, int(v * k) + plus)) for v in c)
    return r, g, b


Face = np.ndarray  # (4, 3): bottom left, bottom right, top right, top left, seen from outside


def inset(face: Face, bounds: np.ndarray) -> np.ndarray:
    """Cut parts out of a four-sided face.

    Parameters
    ----------
    face : float array, shape (4, 3)
    bounds : float array, shape (q, 4)
        left, right, bottom, top of each part, as shares of the face.

    Returns
    -------
    float array, shape (q, 4, 3)
    """
    u, v = bounds[:, [0, 1, 1, 0]], bounds[:, [2, 2, 3, 3]]  # (q, 4) of bl, br, tr, tl
    weights = np.stack([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v], axis=2)  # (q, 4, 4)
    return weights @ face


def _outward(p: np.ndarray) -> tuple[float, float, float]:
    """Normal of a face whose corners run bottom left, bottom right, top right, top left from outside."""
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = p[0].tolist(), p[1].tolist(), p[-1].tolist()
    ux, uy, uz, vx, vy, vz = bx - ax, by - ay, bz - az, cx - ax, cy - ay, cz - az
    # the frame is left-handed: the cross product points inward
    x, y, z = uz * vy - uy * vz, ux * vz - uz * vx, uy * vx - ux * vy
    n = math.sqrt(x * x + y * y + z * z) or 1.0
    return x / n, y / n, z / n


class Sculptor:
    """Collects faces and gives the finished :class:`Mesh`."""

    def __init__(self) -> None:
        self._faces: list[np.ndarray] = []
        self._normals: list[tuple[float, ...]] = []
        self._colours: list[Colour] = []
        self._glow: list[float] = []
        self._part: list[int] = []
        self.part = 0

    def face(
        self, points: np.ndarray, colour: Colour, normal: Sequence[float] | None = None, glow: float = 0.0
    ) -> None:
        """Add one polygon; without a normal it is computed from its corners (four-sided, outward)."""
        self._faces.append(points)
        self._normals.append(_outward(points) if normal is None else tuple(normal))
        self._colours.append(colour)
        self._glow.append(glow)
        self._part.append(self.part)

    def block(
        self,
        half: tuple[float, float],
        y: tuple[float, float],
        bottom: tuple[float, float],
        top: tuple[float, float] | None,
        colour: Colour,
    ) -> dict[str, Face]:
        """Add a block that may narrow upward: half widths and z ranges at the bottom and at the top."""
        wb, wt = half
        y0, y1 = y
        z0, z1 = bottom
        t0, t1 = top or bottom
        a, b, c, d = (-wb, y0, z0), (wb, y0, z0), (wb, y0, z1), (-wb, y0, z1)
        e, f, g, h = (-wt, y1, t0), (wt, y1, t0), (wt, y1, t1), (-wt, y1, t1)
        faces = {
            "rear": np.array([a, b, f, e]),
            "right": np.array([b, c, g, f]),
            "front": np.array([c, d, h, g]),
            "left": np.array([d, a, e, h]),
            "top": np.array([e, f, g, h]),
        }
        for points in faces.values():
            self.face(points, colour)
        return faces

    def on(
        self, face: Face, u: tuple[float, float], v: tuple[float, float], colour: Colour, glow: float = 0.0
    ) -> None:
        """Paint a detail on a face."""
        self.face(inset(face, np.array([[*u, *v]]))[0], colour, glow=glow)

    def grid(self, face: Face, bounds: np.ndarray, colours: Sequence[Colour]) -> None:
        """Paint many details on a face at once: bounds (q, 4) as in :func:`inset`."""
        normal = _outward(face)
        for part, colour in zip(inset(face, bounds), colours):
            self.face(part, colour, normal)

    def flat(self, points: Sequence[tuple[float, float]], colour: Colour, glow: float = 0.0) -> None:
        """Add a polygon in the plane that always faces the camera."""
        p = np.array([(x, y, 0.0) for x, y in points])
        self.face(p, colour, normal=(0, 0, 0), glow=glow)

    def disc(
        self, x: float, y: float, r: float, colour: Colour, *, ry: float = 0.0, k: int = 11, glow: float = 0.0
    ) -> None:
        """Add a filled circle (or ellipse) that always faces the camera."""
        ry = ry or r
        self.flat([(x + r * math.cos(t), y + ry * math.sin(t)) for t in _turn(k)], colour, glow)

    def limb(self, a: tuple[float, float], b: tuple[float, float], width: float, colour: Colour) -> None:
        """Add a thick line that always faces the camera."""
        dx, dy = b[0] - a[0], b[1] - a[1]
        n = math.hypot(dx, dy) or 1.0
        ox, oy = -dy / n * width / 2, dx / n * width / 2
        self.flat(
            [(a[0] + ox, a[1] + oy), (b[0] + ox, b[1] + oy), (b[0] - ox, b[1] - oy), (a[0] - ox, a[1] - oy)],
            colour,
        )

    def wheels(self, half: float, r: float, at: Sequence[float]) -> None:
        """Add wheels on both sides, and the tyres as seen from behind and in front."""
        for z in at:
            for sign in (-1, 1):
                for radius, colour in ((r, TYRE), (r * 0.55, (120, 122, 126))):
                    rim = [
                        (sign * half * 1.01, r + radius * math.sin(t), z + radius * math.cos(t))
                        for t in _turn(10)
                    ]
                    self.face(np.array(rim), colour, normal=(sign, 0, 0))

    def tyres(self, half: float, r: float, rear: float, front: float) -> None:
        """Add the dark blocks below the bumpers; to be painted before the body."""
        for z, normal in ((rear, -1), (front, 1)):
            for sign in (-1, 1):
                x0, x1 = sign * half, sign * (half - 0.24)
                self.face(
                    np.array([(x0, 0, z), (x1, 0, z), (x1, r * 1.6, z), (x0, r * 1.6, z)]),
                    TYRE,
                    normal=(0, 0, normal),
                )

    def done(self, size: tuple[float, float, float]) -> Mesh:
        """Give the mesh."""
        starts = np.cumsum([0] + [len(f) for f in self._faces])
        points = np.concatenate(self._faces)
        return Mesh(
            points=points,
            starts=tuple(starts.tolist()),
            normals=np.array(self._normals),
            centres=np.add.reduceat(points, starts[:-1]) / np.diff(starts)[:, None],
            colours=np.array(self._colours, float),
            glow=np.array(self._glow),
            part=np.array(self._part),
            size=size,
        )


def _turn(k: int) -> list[float]:
    return [2 * math.pi * i / k for i in range(k)]


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
    body = s.block(
        (half, half * 0.94), (floor, waist), (-length, length), (-length + 0.08, length - 0.2), paint
    )
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
    return colours[rng.integers(len(colours))]


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
        [(-w * 0.8, hip - 0.06), (w * 0.8, hip - 0.06), (w, shoulder - 0.06), (w * 0.7, shoulder + 0.03),
         (-w * 0.7, shoulder + 0.03), (-w, shoulder - 0.06)],
        shirt,
    )  # fmt: skip
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
            ring = [(cx + 0.34 * math.cos(t), 0.34 + 0.34 * math.sin(t)) for t in (*_turn(14), 0.0)]
            hole = [(cx + 0.27 * math.cos(t), 0.34 + 0.27 * math.sin(t)) for t in (0.0, *reversed(_turn(14)))]
            s.flat([*ring, *hole], TYRE)
        for a, b in (((-0.52, 0.34), (-0.16, 0.86)), ((-0.16, 0.84), (0.4, 0.8)), ((-0.05, 0.32), (0.4, 0.8)),
                     ((-0.52, 0.34), (-0.05, 0.32)), ((0.52, 0.34), (0.36, 1.0)), ((-0.2, 0.92), (-0.05, 0.32))):  # fmt: skip
            s.limb((a[0] * m, a[1]), (b[0] * m, b[1]), 0.055, frame)
        s.limb((-0.16 * m, 0.98), (0.1 * m, 0.62), 0.16, legs)
        s.limb((0.1 * m, 0.64), (-0.02 * m, 0.2), 0.13, legs)
        s.flat([(-0.3 * m, 0.9), (0.0, 0.9), (0.3 * m, 1.36), (0.16 * m, 1.52), (-0.06 * m, 1.4)], shirt)
        s.limb((0.2 * m, 1.4), (0.4 * m, 1.03), 0.1, tone(shirt, 0.85))
        x, half = 0.24 * m, 0.86
    s.disc(x, 1.62, 0.105, skin, ry=0.13)
    s.flat([(x - 0.135, 1.64), (x - 0.1, 1.75), (x, 1.79), (x + 0.1, 1.75), (x + 0.135, 1.64)], helmet)
    return s.done((half, 1.75, 0.5))


VEHICLES = {"car": car, "bus": bus, "truck": truck}
BUILDERS = {**VEHICLES, "pedestrian": pedestrian, "cyclist": cyclist}
FLAT = ("pedestrian", "cyclist")  # always face the camera
