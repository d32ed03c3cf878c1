"""Sources with every kind of sample and annotation, for the tests of this folder."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
from PIL import Image
from pycocotools import mask as coco

from veml_lab.sources.source import Box, Caption, Keypoints, Mask, Record, Series, Source, Target

EMPTY = coco.encode(np.zeros((30, 40), np.uint8, order="F"))["counts"].decode()  # run lengths of no pixel at all


def picture(seed: int, width: int = 40, height: int = 30) -> bytes:
    """A PNG of smooth random blobs, so that perceptual hashes have something to say."""
    small = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC).save(buffer, "PNG")
    return buffer.getvalue()


def source(records, task="none", classes=(), **more) -> Source:
    records = list(records)
    return Source(
        "made",
        "made",
        task,
        tuple(classes),
        lambda: iter(records),
        len(records),
        more.pop("fingerprint", f"f{len(records)}-{task}"),
        **more,
    )


def everything(n: int = 8) -> Source:
    """``n`` pictures with all kinds of annotation at once, the last without any."""
    records = []
    for i in range(n - 1):
        x = 1.5 + i
        records.append(
            Record(
                f"a/{i}.png",
                picture(i),
                40,
                30,
                "train" if i % 2 else "test",
                label="cat" if i % 3 else "dog",
                boxes=(Box("cat", x, 2.25, 10, 12, {"occluded": i % 2, "score": i / 8}, 0), Box("dog", 5, 5, 3 + i, 4)),
                masks=(
                    Mask(
                        "cat",
                        ((x, 2.0, x + 10, 2.0, x + 10, 14.0, x, 14.0), (0.0, 0.0, 3.0, 0.0, 0.0, 3.0)),
                        None,
                        0,
                        {"iscrowd": 0},
                    ),
                    Mask("dog", (), (30, 40, EMPTY)),
                ),
                keypoints=(Keypoints("cat", ((x, 3.0, 2), (x + 1, 4.5, 1), (0.0, 0.0, 0)), 0),),
                captions=(Caption(f"a cat, no. {i}"), Caption("zweiter Satz: größer", {"lang": "de"})),
                targets=(Target("age", i + 0.1), Target("mass", -float(i))),
                columns={"weather": ["fog", "sun"][i % 2], "frame": i},
            )
        )
    records.append(Record("a/empty.png", picture(99), 40, 30, "test"))
    about = {"keypoints": {"cat": {"names": ["ear", "nose", "tail"], "bones": [[0, 1]]}}}
    return source(records, "detection", ("cat", "dog"), about=about, fingerprint=f"everything{n}")


def rows(n: int = 50) -> Source:
    """A table of numbers and texts with holes, a target and a class."""
    rng = np.random.default_rng(0)
    records = [
        Record(
            f"row {i}",
            b"",
            0,
            0,
            "train" if i < n * 0.8 else "test",
            label="high" if i % 2 else "low",
            kind="row",
            columns={
                "a": float(i),
                "b": None if i % 7 == 3 else float(rng.normal(5, 2)),
                "colour": ["red", "green", "blue", None][i % 4],
                "flag": i % 3 == 0,
            },
            targets=(Target("y", 2.0 * i + 1),),
        )
        for i in range(n)
    ]
    return source(records, "regression", ("low", "high"), fingerprint=f"rows{n}")


def windows(steps: int = 40, nodes: int = 3, window: int = 6, horizon: int = 2) -> Source:
    """A little sensor network; one sample a step at which a window fits."""
    values = np.random.default_rng(1).normal(size=(steps, nodes, 2)).astype(np.float32)
    values[5, 1, 0] = np.nan
    adjacency = np.eye(nodes, dtype=np.float32)
    times = tuple(f"2024-01-01T00:{t:02d}:00" for t in range(steps))
    series = Series(values, tuple("abc"[:nodes]), ("speed", "flow"), window, horizon, adjacency, times)
    last = steps - window - horizon
    records = [
        Record(f"step {s}", b"", 0, 0, "train" if s < last * 0.7 else "test", kind="window", step=s)
        for s in range(last + 1)
    ]
    return source(records, "forecasting", (), series=series, fingerprint="windows")


def again(made: Source, fingerprint: str) -> Source:
    """The same records as another source."""
    return replace(made, fingerprint=fingerprint)
