"""One video of the road world: light, sky and camera of a scene, and its frames with exact boxes."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from ..sources.source import Box
from .mesh import Mesh
from .paint import SCALE, Camera, Light, Painter, Shadow
from .places import scene
from .props import backdrop
from .scene import Actor, Scene, Traffic
from .shapes import FLAT


@dataclass(frozen=True, slots=True)
class Condition:
    """One row of the paper's Table 3 (vehicle detection under weather and place)."""

    weather: str
    place: str
    classes: tuple[str, ...]
    traffic: Traffic


def light_of(rng: np.random.Generator, weather: str) -> tuple[Light, str]:
    """Light of a scene and the time of day that it stands for."""
    k = 0.94 + 0.12 * rng.random()
    if weather == "clear":
        high = 0.7 + 0.4 * rng.random()
        side = rng.uniform(-1, 1)
        back = rng.uniform(-0.9, -0.1)
        flat = math.hypot(side, back)
        sun = (side / flat * math.cos(high), math.sin(high), back / flat * math.cos(high))
        evening = rng.random() < 0.25
        if evening:
            return Light(
                sun,
                (0.72 * k, 0.66 * k, 0.66 * k),
                (0.60, 0.46, 0.30),
                (226, 196, 170),
                420,
                (92, 128, 182),
                (250, 206, 156),
                0.62,
                True,
            ), "afternoon"
        return Light(
            sun,
            (0.74 * k, 0.76 * k, 0.80 * k),
            (0.56, 0.52, 0.44),
            (196, 212, 230),
            420,
            (70, 132, 208),
            (190, 218, 242),
            0.62,
            True,
        ), "daytime"
    if weather == "foggy":
        g = int(rng.integers(176, 208))
        dawn = rng.random() < 0.35
        air = (g - 26, g - 18, g - 4) if dawn else (g, g + 2, g + 4)
        a = 0.6 if dawn else 0.78
        return Light(
            (0.0, 1.0, 0.0),
            (a * k, a * k, a * 1.03 * k),
            (0.1, 0.1, 0.1),
            air,
            20 + 22 * rng.random(),
            air,
            air,
            0.8,
            False,
        ), "dawn" if dawn else "daytime"
    g = int(rng.integers(182, 208))
    return Light(
        (0.0, 1.0, 0.0),
        (0.82 * k, 0.84 * k, 0.86 * k),
        (0.12, 0.12, 0.12),
        (g, g + 3, g + 6),
        230,
        (g - 34, g - 28, g - 20),
        (g + 16, g + 17, g + 18),
        0.66,
        False,
    ), "daytime"


# row, -depth, actor, mesh, (x, z), heading, scale, shadow: (half sizes, heading, (x, z))
_Item = tuple[int, float, Actor | None, Mesh, tuple[float, float], float, float, Shadow | None]


class Film:
    """One video: scene, light and sky are fixed, frames differ by the way driven.

    ``relight`` may change the light before anything is laid out under it.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        spec: Condition,
        size: tuple[int, int],
        relight: Callable[[np.random.Generator, Light], Light] | None = None,
    ) -> None:
        self.rng, self.spec, self.size = rng, spec, size
        self.light, self.timeofday = light_of(rng, spec.weather)
        if relight is not None:
            self.light = relight(rng, self.light)
        reach = 46.0 if spec.weather != "foggy" else min(46.0, 1.9 * self.light.visibility_m)
        self.scene: Scene = scene(rng, spec.place, spec.traffic, reach)
        self.reach = reach
        self.camera_name = ("dash-a", "dash-b", "dash-c")[rng.integers(3)]
        wide = {"dash-a": 1.02, "dash-b": 1.1, "dash-c": 1.2}[self.camera_name]
        w, h = size[0] * SCALE, size[1] * SCALE
        self.focal = w * wide
        self.horizon = h * (0.42 + 0.05 * rng.random())
        self.sky = self._sky(w, h)
        # What lies behind the last strip of the ground that is painted.
        own, left = self.scene.road.bands[0][2], math.exp(-150 / self.light.visibility_m)
        lit = [c * (a + d * self.light.sun[1]) for c, a, d in zip(own, self.light.ambient, self.light.direct)]
        self.far_ground = tuple(int(min(255, o) * left + a * (1 - left)) for o, a in zip(lit, self.light.air))
        self.grain = {"clear": 1.0, "foggy": 1.7, "overcast": 1.4}[spec.weather] * (0.7 + 0.6 * rng.random())
        y, x = np.mgrid[-1 : 1 : size[1] * 1j, -1 : 1 : size[0] * 1j]
        exposure = 0.98 + 0.08 * rng.random()
        tint = 1 + 0.01 * rng.standard_normal(3)
        self.gain = ((1 - 0.05 * (x * x + y * y))[:, :, None] * exposure * tint).astype(np.float32)  # (h, w, 3)

    def _sky(self, w: int, h: int) -> Image.Image:
        """Sky, clouds and skyline on a strip wider than the picture, so that yaw can shift it."""
        rng, light = self.rng, self.light
        wide, tall = int(w * 1.4), int(self.horizon * 1.06)
        share = np.linspace(0, 1, 40)[:, None] ** 1.25
        column = np.array(light.zenith) * (1 - share) + np.array(light.horizon) * share  # (40, 3)
        sky = Image.fromarray(column.astype(np.uint8)[:, None, :]).resize((wide, tall), Image.Resampling.BICUBIC)
        if self.spec.weather != "foggy":
            overcast = self.spec.weather == "overcast"
            noise = np.zeros((40, 120), np.float32)
            for octave in (2, 4, 8, 16):
                small = rng.standard_normal((octave + 1, octave * 2 + 1)).astype(np.float32)
                noise += np.asarray(Image.fromarray(small).resize((120, 40), Image.Resampling.BICUBIC)) / octave**0.75
            noise = noise / noise.std() + (0.3 if overcast else -0.55)
            fade = np.linspace(1, 0.35, 40)[:, None]
            cover = np.clip(noise * (0.45 if overcast else 0.75), 0, 0.8 if overcast else 0.94) * fade
            veil = Image.fromarray((255 * cover).astype(np.uint8)).resize((wide, tall), Image.Resampling.BICUBIC)
            sky.paste((226, 228, 232) if overcast else (252, 252, 252), (0, 0), veil)
        draw = ImageDraw.Draw(sky)
        own = {"city": (120, 128, 146), "highway": (92, 112, 96), "suburb": (88, 106, 84)}[self.spec.place]
        thick = 0.97 if self.spec.weather == "foggy" else None
        for points, haze in backdrop(rng, self.spec.place, wide, tall):
            share_of_air = thick or haze
            colour = tuple(int(o * (1 - share_of_air) + a * share_of_air) for o, a in zip(own, light.air))
            draw.polygon(points, fill=colour)
        return sky

    def _camera(self, f: int) -> Camera:
        s, rng = self.scene, self.rng
        z = f * s.step
        x = float(s.road.middle(z)) + s.camera_lateral + 0.08 * rng.standard_normal()
        shake = self.size[1] * SCALE * 0.004 * rng.standard_normal()
        return Camera(
            x=x,
            y=s.camera_height,
            z=z,
            yaw=s.road.heading(z) + s.camera_yaw + 0.004 * rng.standard_normal(),
            focal=self.focal,
            horizon=self.horizon + shake,
            middle=self.size[0] * SCALE / 2,
        )

    def frame(self, f: int) -> tuple[bytes, tuple[Box, ...]]:
        """Paint frame ``f``; to be called in order."""
        camera = self._camera(f)
        w, h = self.size[0] * SCALE, self.size[1] * SCALE
        image = Image.new("RGB", (w, h), self.far_ground)
        shift = int(np.clip(-0.2 * w - camera.yaw * self.focal * 0.5, -0.4 * w, 0))
        image.paste(self.sky, (shift, int(camera.horizon) - self.sky.size[1]))
        painter = Painter(image, camera, self.light)
        self._ground(painter)
        items = self._items(camera, f)
        painter.shadows([box for *_, box in items if box])
        seen: list[tuple[Actor, int, int, tuple[int, int, int, int], tuple[float, float]]] = []
        for _, _, actor, mesh, at, heading, scale, _ in items:
            if actor is None:
                # before the first object there is nothing in the mask to hide
                painter.mesh(mesh, at, heading, scale=scale, ident=0 if seen else None)
                continue
            ident = len(seen) + 1
            area = painter.mesh(mesh, at, heading, ident=ident)
            if area is not None and area[2] > area[0] and area[3] > area[1]:
                whole = int(np.count_nonzero(np.asarray(painter.mask.crop(area)) == ident))
                seen.append((actor, ident, whole, area, at))
        boxes = self._boxes(painter, seen)
        return self._develop(image), boxes

    def _ground(self, painter: Painter) -> None:
        road, camera = self.scene.road, painter.camera
        z = camera.z + np.geomspace(2.0, 170.0, 20)  # (k,)
        middle = road.middle(z)

        def lines(laterals: np.ndarray) -> np.ndarray:
            out = np.zeros((len(z), len(laterals), 3))
            out[:, :, 0] = middle[:, None] + laterals
            out[:, :, 2] = z[:, None]
            return out

        painter.ground(lines(np.array(road.rails)), road.bands)
        if road.solid:
            edges = np.array([e for x, width, _ in road.solid for e in (x - width / 2, x + width / 2)])
            painter.ground(lines(edges), [(2 * i, 2 * i + 1, c) for i, (_, _, c) in enumerate(road.solid)])
        for lateral, dash, period in road.dashed:
            start = np.arange(math.floor(camera.z / period) * period, camera.z + 70, period)
            ends = np.stack([start, start + dash, start + dash, start], axis=1)  # (q, 4)
            sides = np.array([-0.08, -0.08, 0.08, 0.08]) + lateral
            corners = np.stack([road.middle(ends) + sides, np.zeros_like(ends), ends], axis=2)
            painter.quads(corners[::-1], (228, 228, 222))
        if road.crossing is not None:
            half = -road.rails[0]
            x0 = np.arange(-half + 0.4, half - 0.6, 1.1)
            z0, z1 = road.crossing - 1.6, road.crossing + 1.6
            x = np.stack([x0, x0, x0 + 0.55, x0 + 0.55], axis=1)
            ends = np.tile([z0, z1, z1, z0], (len(x0), 1))
            painter.quads(np.stack([x + road.middle(ends), np.zeros_like(x), ends], axis=2), (232, 232, 226))

    def _items(self, camera: Camera, f: int) -> list[_Item]:
        """Everything to paint, in painting order: (row, -depth, actor, mesh, at, heading, scale, shadow box)."""
        road = self.scene.road
        items: list[_Item] = []
        far = 3.2 * self.light.visibility_m
        for p in self.scene.props:
            ahead = p.z - camera.z
            if -14 < ahead < min(far, 150):
                at = (float(road.middle(p.z)) + p.lateral, p.z)
                half, tall, length = p.mesh.size
                box = ((half * p.scale, tall * p.scale, length * p.scale), road.heading(p.z), at)
                heading = camera.yaw if p.mesh.flat.all() else road.heading(p.z) + p.heading
                # Only what is near or towers over the road casts a shadow that is seen.
                casts = p.shadow and (ahead < 70 if self.light.hard else ahead < 30 and p.row > 1)
                items.append((p.row, -ahead, None, p.mesh, at, heading, p.scale, box if casts else None))
        for a in self.scene.actors:
            z = a.z + a.along * f
            ahead = z - camera.z
            if not 5.2 + a.mesh.size[2] < ahead < self.reach * (1.25 if a.mesh.size[1] > 2.5 else 1.0):
                continue
            at = (float(road.middle(z)) + a.lateral + a.across * f, z)
            heading = road.heading(z) + a.heading
            box = (a.mesh.size, heading, at)
            items.append((a.row, -ahead, a, a.mesh, at, camera.yaw if a.label in FLAT else heading, 1.0, box))
        items.sort(key=lambda i: (i[0], i[1]))
        return items

    def _boxes(self, painter: Painter, seen: list[tuple]) -> tuple[Box, ...]:
        """Extent of the pixels of each object that nothing nearer hides."""
        mask = np.asarray(painter.mask)  # (h, w)
        least = self.size[1] / 96
        boxes = []
        for actor, ident, whole, (x0, y0, x1, y1), at in seen:
            mine = mask[y0:y1, x0:x1] == ident
            left = int(np.count_nonzero(mine))
            if not left or left < 0.3 * whole:
                continue
            xs, ys = np.flatnonzero(mine.any(axis=0)), np.flatnonzero(mine.any(axis=1))
            x, y = (x0 + int(xs[0])) / SCALE, (y0 + int(ys[0])) / SCALE
            w, h = int(xs[-1] - xs[0] + 1) / SCALE, int(ys[-1] - ys[0] + 1) / SCALE
            if h < 6 * least or w < 2.5 * least or left < 20 * least * least * SCALE * SCALE:
                continue
            attributes = {
                "occluded": round(1 - left / whole, 2),
                "distance_m": round(float(at[1] - painter.camera.z), 1),
            }
            boxes.append(Box(actor.label, round(x, 2), round(y, 2), round(w, 2), round(h, 2), attributes))
        return tuple(boxes)

    def _develop(self, image: Image.Image) -> bytes:
        """Scale down, add vignette and grain, encode."""
        if self.spec.weather == "foggy":
            image = image.filter(ImageFilter.BoxBlur(1))
        small = np.asarray(image.reduce(SCALE), np.float32) * self.gain  # (h, w, 3)
        if self.spec.weather == "overcast":
            # Under a grey sky colours fade and the whole picture is flatter and cooler.
            grey = small.mean(axis=2, keepdims=True)
            small = (grey + 0.55 * (small - grey)) * np.array([0.76, 0.79, 0.82], np.float32) + 16
        grain = self.rng.standard_normal(small.shape[:2], dtype=np.float32)[:, :, None]
        out = Image.fromarray(np.clip(small + self.grain * grain, 0, 255).astype(np.uint8))
        buffer = io.BytesIO()
        out.save(buffer, "JPEG", quality=92, subsampling=0)
        return buffer.getvalue()
