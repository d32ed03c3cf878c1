"""Paint the road world: a pinhole camera, flat-shaded polygons with fog, shadows, an object mask.

Everything is painted three times as large as wanted and scaled down once at the end; that is the
antialiasing. The mask, painted alongside, tells which pixels of which object are still seen.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from .mesh import Colour, Mesh

SCALE = 3  # supersampling
NEAR = 0.9  # metres; what lies nearer is moved to this plane
FAR_LIMIT = 2e4  # pixels; Pillow's polygons overflow with huge coordinates

# A box that casts a shadow: (half width, height, half length), heading, (x, z).
Shadow = tuple[tuple[float, float, float], float, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Light:
    """Light and air of one scene.

    Attributes
    ----------
    sun
        Unit vector towards the sun.
    ambient, direct
        RGB factors: what every face gets, and what a face that looks into the sun gets on top.
    air
        Colour that distance fades into; ``visibility_m`` is where 63 % of the object's own colour is gone.
    zenith, horizon
        Sky colours.
    shadow
        Factor of the ground in shadow; ``hard`` shadows have an edge, others are only near the object.
    """

    sun: tuple[float, float, float]
    ambient: tuple[float, float, float]
    direct: tuple[float, float, float]
    air: Colour
    visibility_m: float
    zenith: Colour
    horizon: Colour
    shadow: float
    hard: bool


@dataclass(frozen=True, slots=True)
class Camera:
    """Where the dash cam is; angles in radians, ``focal`` and ``horizon`` in supersampled pixels."""

    x: float
    y: float
    z: float
    yaw: float
    focal: float
    horizon: float
    middle: float

    def see(self, points: np.ndarray) -> np.ndarray:
        """World points (p, 3) in camera axes: right, up, forward."""
        return (points - (self.x, self.y, self.z)) @ turn(-self.yaw)  # (p, 3)

    def project(self, seen: np.ndarray) -> np.ndarray:
        """Camera axes (p, 3) to pixels (p, 2)."""
        scale = self.focal / np.maximum(seen[:, 2:], NEAR)  # (p, 1) pixels a metre
        xy = seen[:, :2] * scale * (1, -1) + (self.middle, self.horizon)
        return np.clip(xy, -FAR_LIMIT, FAR_LIMIT)  # (p, 2)


def turn(heading: float) -> np.ndarray:
    """Matrix that turns row vectors about the vertical; a positive heading turns the nose (z) to the right.

    >>> (np.array([0.0, 0.0, 1.0]) @ turn(math.pi / 2)).round(6).tolist()
    [1.0, 0.0, 0.0]
    """
    c, s = math.cos(heading), math.sin(heading)
    return np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])


class Painter:
    """One frame in the making."""

    def __init__(self, sky: Image.Image, camera: Camera, light: Light) -> None:
        self.image = sky
        self.size = sky.size
        self.camera = camera
        self.light = light
        self.draw = ImageDraw.Draw(sky)
        self.mask = Image.new("L", sky.size, 0)
        self.mask_draw = ImageDraw.Draw(self.mask)
        self._air = np.array(light.air, float)
        self._ambient, self._direct = np.array(light.ambient), np.array(light.direct)
        self._sun = np.array(light.sun) @ turn(-camera.yaw)
        self._slope = sky.size[0] / 2 / camera.focal  # half the field of view, metres a metre

    def clear_share(self, depth: np.ndarray | float) -> np.ndarray:
        """Share of the own colour that is left at a depth in metres."""
        return np.exp(-np.maximum(depth, 0) / self.light.visibility_m)

    def ground(self, rails: np.ndarray, bands: Sequence[tuple[int, int, Colour]]) -> None:
        """Paint bands of the ground between rails.

        Parameters
        ----------
        rails : float array, shape (k, r, 3)
            r lines along the road, as world points at k distances, nearest first.
        bands
            (left rail, right rail, colour).
        """
        k, r, _ = rails.shape
        seen = self.camera.see(rails.reshape(-1, 3))
        xy = self.camera.project(seen).reshape(k, r, 2)
        depth = seen[:, 2].reshape(k, r).mean(axis=1)  # (k,)
        clear = self.clear_share((depth[1:] + depth[:-1]) / 2)[:, None]  # (k - 1, 1)
        lit = self._ambient + self._direct * max(0.0, self.light.sun[1])
        flat = xy.tolist()
        for left, right, colour in bands:
            own = np.minimum(np.array(colour) * lit, 255)
            shades = (own * clear + self._air * (1 - clear)).astype(int).tolist()  # (k - 1, 3)
            for i in range(k - 2, -1, -1):
                near, far = flat[i], flat[i + 1]
                self.draw.polygon([*near[left], *far[left], *far[right], *near[right]], fill=tuple(shades[i]))

    def quads(self, corners: np.ndarray, colour: Colour) -> None:
        """Paint flat marks on the ground: world corners (q, 4, 3)."""
        if not len(corners):
            return
        seen = self.camera.see(corners.reshape(-1, 3))
        xy = self.camera.project(seen).reshape(-1, 8).tolist()
        depth = seen[:, 2].reshape(-1, 4)
        clear = self.clear_share(depth.mean(axis=1))[:, None]
        lit = self._ambient + self._direct * max(0.0, self.light.sun[1])
        shades = (np.minimum(np.array(colour) * lit, 255) * clear + self._air * (1 - clear)).astype(int).tolist()
        for ok, points, shade in zip((depth.max(axis=1) > NEAR).tolist(), xy, shades):
            if ok:
                self.draw.polygon(points, fill=tuple(shade))

    def shadows(self, boxes: Sequence[Shadow]) -> None:
        """Darken the ground below and beside boxes."""
        light, (w, h) = self.light, self.size
        # Soft shadows are painted coarse and scaled up: that is their blur.
        shrink = 1 if light.hard else SCALE * 2
        top = int(max(0, self.camera.horizon))
        area = (w // shrink + 1, (h - top) // shrink + 1)
        shade = Image.new("L", area, 0)
        draw = ImageDraw.Draw(shade)
        for (half, tall, length), heading, (x, z) in boxes:
            if abs(x - self.camera.x) + abs(z - self.camera.z) > 60 and tall < 5:
                continue
            grow = 1.0 if light.hard else 1.16
            base = np.array([(sx * half * grow, 0.0, sz * length * grow) for sx in (-1, 1) for sz in (-1, 1)])
            base = base @ turn(heading) + (x, 0, z)
            if light.hard:
                slope = tall / max(light.sun[1], 0.2)
                base = np.concatenate([base, base - (light.sun[0] * slope, 0, light.sun[2] * slope)])
            seen = self.camera.see(base)
            if seen[:, 2].max() < NEAR:
                continue
            xy = self.camera.project(seen) - (0, top)
            draw.polygon(
                [c for p in hull((xy / shrink).tolist()) for c in p],
                fill=int(255 * float(self.clear_share(seen[:, 2].mean()))),
            )
        if shrink > 1:
            shade = shade.resize((area[0] * shrink, area[1] * shrink), Image.Resampling.BILINEAR).crop(
                (0, 0, w, h - top)
            )
        part = self.image.crop((0, top, w, h))
        dark = part.point(
            [int(i * light.shadow) for i in range(256)] * 2 + [int(i * min(1, light.shadow * 1.03)) for i in range(256)]
        )
        self.image.paste(dark, (0, top), shade.crop((0, 0, w, h - top)))

    def _beside(self, mesh: Mesh, offset: np.ndarray, scale: float) -> bool:
        """True for an object that surely lies outside the picture; offset (3,) in camera axes."""
        reach = (mesh.size[0] + mesh.size[2]) * scale * 1.4 + 2.5
        x, _, z = offset.tolist()
        return z + reach < NEAR or abs(x) - reach > self._slope * (z + reach)

    def mesh(
        self,
        mesh: Mesh,
        at: tuple[float, float],
        heading: float,
        *,
        scale: float = 1.0,
        ident: int | None = None,
    ) -> tuple[int, int, int, int] | None:
        """Paint an object; ``ident`` goes into the mask (None: the mask is left alone).

        Returns
        -------
        tuple of int or None
            The pixels that it may have touched (left, top, right, bottom), None if it is out of view.
        """
        camera = self.camera
        offset = camera.see(np.array([[at[0], 0.0, at[1]]]))[0]  # (3,)
        if self._beside(mesh, offset, scale):
            return None
        matrix = turn(heading - camera.yaw)
        seen = mesh.points @ (matrix * scale) + offset  # (p, 3) all of this in camera axes
        if seen[:, 2].max() < NEAR * 1.5:
            return None
        xy = camera.project(seen)
        (x0, y0), (x1, y1) = xy.min(axis=0).tolist(), xy.max(axis=0).tolist()
        if x1 < 0 or y1 < 0 or x0 >= self.size[0] or y0 >= self.size[1]:
            return None
        centres = mesh.centres @ (matrix * scale) + offset
        if mesh.flat.all():
            visible = mesh.flat
            lit = np.tile(self._ambient * 0.86 + self._direct * 0.45, (len(visible), 1))  # (f, 3)
        else:
            normals = mesh.normals @ matrix  # (f, 3)
            visible = mesh.flat | ((normals * centres).sum(axis=1) < 0)
            towards = np.where(mesh.flat, 0.45, np.clip(normals @ self._sun, 0, 1))  # (f,)
            up = 0.86 + 0.14 * normals[:, 1] + 0.05 * normals[:, 0]
            lit = self._ambient * up[:, None] + self._direct * towards[:, None]
        lit = lit * (1 - mesh.glow[:, None]) + mesh.glow[:, None]
        depth = centres[:, 2]
        clear = self.clear_share(depth * (1 - 0.35 * mesh.glow))[:, None]
        shades = np.minimum(mesh.colours * lit, 255) * clear + self._air * (1 - clear)
        order = list(range(len(visible)))
        if mesh.part[0] != mesh.part[-1]:
            away = {p: depth[mesh.part == p].mean() for p in set(mesh.part.tolist())}
            order = sorted(order, key=lambda i: (-away[int(mesh.part[i])], i))
        corners, fills, keep, starts = xy.tolist(), shades.astype(int).tolist(), visible.tolist(), mesh.starts
        for i in order:
            if keep[i]:
                polygon = [c for p in corners[starts[i] : starts[i + 1]] for c in p]
                self.draw.polygon(polygon, fill=tuple(fills[i]))
                if ident is not None:
                    self.mask_draw.polygon(polygon, fill=ident)
        return (
            max(0, int(x0)),
            max(0, int(y0)),
            min(self.size[0], int(x1) + 2),
            min(self.size[1], int(y1) + 2),
        )


def hull(points: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """Convex hull by Andrew's monotone chain.

    >>> hull([(0, 0), (2, 0), (1, 1), (2, 2), (0, 2)])
    [(0, 0), (2, 0), (2, 2), (0, 2)]
    """
    ps = sorted((p[0], p[1]) for p in points)

    def half(seq: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        out: list[tuple[float, float]] = []
        for p in seq:
            while len(out) > 1 and (out[-1][0] - out[-2][0]) * (p[1] - out[-2][1]) <= (out[-1][1] - out[-2][1]) * (
                p[0] - out[-2][0]
            ):
                out.pop()
            out.append(p)
        return out[:-1]

    return half(ps) + half(ps[::-1])
