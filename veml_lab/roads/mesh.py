"""Small sets of coloured polygons, and the sculptor that makes them: the clay of the road world.

Local axes: x to the right, y up, z forward (a vehicle's nose), metres, origin on the ground in the
middle of the footprint. A :class:`Mesh` is drawn by :mod:`veml_lab.roads.paint`: faces turned away are left
out, the rest is painted in the order given, so details follow the face that they lie on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Colour = tuple[int, int, int]

TYRE: Colour = (24, 24, 26)


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
        float64 arrays, shape (f, 3).
    glow
        float64 array, shape (f,): 1 shines by itself (lamps), 0 is lit by the scene.
    part
        int array, shape (f,): parts that lie one behind the other (cab, box); the far one is painted first.
    flat
        bool array, shape (f,): true where the normal is zero; such a face is never turned away.
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
    flat: np.ndarray
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

    def on(self, face: Face, u: tuple[float, float], v: tuple[float, float], colour: Colour, glow: float = 0.0) -> None:
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
        self.flat([(x + r * math.cos(t), y + ry * math.sin(t)) for t in turn_of(k)], colour, glow)

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
                        (sign * half * 1.01, r + radius * math.sin(t), z + radius * math.cos(t)) for t in turn_of(10)
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
            flat=np.array([not any(n) for n in self._normals]),
            size=size,
        )


def turn_of(k: int) -> list[float]:
    return [2 * math.pi * i / k for i in range(k)]
