"""A road world that is drawn here: dash-cam scenes with exact boxes, in the paper's three conditions.

For a machine that holds no data sets: enough vehicles and people to train a small detector on, and
three conditions far enough apart (place, light, air, classes) that a model of one fails on another.
A fourth, "randomised", is all of them and more: domain randomisation, for training data that is made.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping

import numpy as np

from ..errors import BadInput, UnknownName
from ..sources.source import Record, Source
from ..storage.border import public
from . import randomised
from .film import Condition, Film
from .scene import Traffic

# Raised whenever the pictures or boxes of the same seed change.
VERSION = 3

FRAMES_PER_VIDEO = 8


CONDITIONS: Mapping[str, Condition] = {
    "clear-city": Condition(
        "clear",
        "city",
        ("car", "bus", "truck", "pedestrian"),
        Traffic(
            own=2.6,
            oncoming=2.2,
            parked=2.6,
            walkers=3.2,
            crossers=0.9,
            cyclists=0,
            mix={"car": 0.6, "bus": 0.2, "truck": 0.2},
        ),
    ),
    "foggy-highway": Condition(
        "foggy",
        "highway",
        ("car", "truck", "bus"),
        Traffic(
            own=5.0,
            oncoming=1.8,
            parked=0.12,
            walkers=0,
            crossers=0,
            cyclists=0,
            mix={"car": 0.62, "truck": 0.27, "bus": 0.11},
        ),
    ),
    "overcast-suburb": Condition(
        "overcast",
        "suburb",
        ("car", "truck", "pedestrian", "cyclist"),
        Traffic(
            own=1.3, oncoming=1.3, parked=1.4, walkers=2.3, crossers=0.5, cyclists=2.2, mix={"car": 0.7, "truck": 0.3}
        ),
    ),
}


@public
def road_world(
    condition: str,
    n: int,
    *,
    seed: int = 0,
    size: tuple[int, int] = (160, 96),
    test_share: float = 0.25,
) -> Source:
    """Draw ``n`` pictures of one condition, with the boxes of all that drives, walks and cycles in them.

    Scenes are laid out in metres and seen through a pinhole camera that drives along them; a "video" is
    eight frames of one scene. Boxes are the extent of the pixels of an object that are really seen;
    objects that are tiny or more than 70 % hidden get none. About 5-10 ms a picture of 160 x 96.

    Parameters
    ----------
    condition : str
        "clear-city", "foggy-highway" or "overcast-suburb"; or "randomised": every video another place,
        weather, light, traffic and camera (:mod:`veml_lab.roads.randomised`), with all five classes.
    n : int
        Number of pictures.
    seed : int
        Other seeds give other scenes.
    size : tuple of int
        Width and height in pixels; at least 64 x 40.
    test_share : float
        Share of the videos, in [0, 1), that have the role test. Frames of one video never straddle.

    Returns
    -------
    Source
        JPEG pictures; columns weather, place, timeofday, video, frame, camera.

    Raises
    ------
    UnknownName
        If there is no such condition.
    BadInput
        If ``n``, ``size`` or ``test_share`` is out of its range.

    Source
    ------
    VeML, Table 3 (conditions); the pictures are ours, the paper uses photographs.

    Examples
    --------
    >>> source = road_world("clear-city", 2)
    >>> source.classes
    ('car', 'bus', 'truck', 'pedestrian')
    >>> [r.uri for r in source.records()]
    ['clear-city/v000/00.jpg', 'clear-city/v001/00.jpg']
    """
    if condition not in CONDITIONS and condition != randomised.NAME:
        raise UnknownName.of("road-world condition", condition, (*CONDITIONS, randomised.NAME))
    if n < 1 or not 0 <= test_share < 1:
        raise BadInput(f"road_world needs n >= 1 and 0 <= test_share < 1; got n={n}, test_share={test_share}")
    if size[0] < 64 or size[1] < 40 or size[0] * size[1] > 4_000_000:
        raise BadInput(f"road_world draws pictures from 64 x 40 to 4 megapixels; got {size[0]} x {size[1]}")
    spec = CONDITIONS.get(condition)  # None: another one for every video

    def records() -> Iterator[Record]:
        return _records(condition, spec, n, seed, size, test_share)

    what = json.dumps(["road_world", VERSION, condition, n, seed, list(size), test_share])
    return Source(
        format="road_world",
        root=condition,
        task="detection",
        classes=spec.classes if spec else randomised.CLASSES,
        records=records,
        total=n,
        fingerprint=hashlib.sha256(what.encode()).hexdigest(),
        note=f"drawn road world: {f'{spec.weather}, {spec.place}' if spec else 'domain randomisation'}",
        call={
            "function": "road_world",
            "path": condition,
            "options": {"n": n, "seed": seed, "size": list(size), "test_share": test_share},
        },
    )


def _records(
    condition: str, fixed: Condition | None, n: int, seed: int, size: tuple[int, int], test_share: float
) -> Iterator[Record]:
    # Few pictures still come from several videos, so that both roles are there.
    frames = min(FRAMES_PER_VIDEO, max(1, n // 8))
    key = [*CONDITIONS, randomised.NAME].index(condition)
    for start in range(0, n, frames):
        v = start // frames
        # Every k-th video is test: the first n records do not depend on how many follow.
        test = math.floor((v + 1) * test_share) > math.floor(v * test_share)
        rng = np.random.default_rng([seed, key, v])
        film = Film(rng, fixed, size) if fixed else randomised.random_film(rng, size)
        spec = film.spec
        for f in range(min(frames, n - start)):
            image, boxes = film.frame(f)
            yield Record(
                uri=f"{condition}/v{v:03d}/{f:02d}.jpg",
                image=image,
                width=size[0],
                height=size[1],
                role="test" if test else "train",
                boxes=boxes,
                columns={
                    "weather": spec.weather,
                    "place": spec.place,
                    "timeofday": film.timeofday,
                    "video": f"v{v:03d}",
                    "frame": f,
                    "camera": film.camera_name,
                },
            )
