"""Small sets that suites make for themselves: learnt in seconds, and nothing is fetched."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from ..errors import VemlError
from ..sources.generated import generated
from ..sources.source import Record, Source

COLOURS = {"red": (200, 40, 40), "green": (40, 200, 40), "blue": (40, 40, 200)}


def coloured(n: int = 48, *, seed: int = 0, size_px: int = 16) -> Source:
    """Noisy pictures of one colour each, labelled with it: three classes in turn."""

    def draw(rng: Any, i: int) -> Record:
        import numpy as np
        from PIL import Image

        label = list(COLOURS)[i % len(COLOURS)]
        pixels = np.array(COLOURS[label]) + rng.integers(-40, 40, (size_px, size_px, 3))
        file = io.BytesIO()
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(file, "PNG")
        return Record(f"{label}/{i:04d}.png", file.getvalue(), size_px, size_px, label=label)

    return generated(draw, n, name="coloured", classes=tuple(COLOURS), task="classification", seed=seed)


def refusal(call: Callable[[], Any]) -> VemlError:
    """The deliberate error that a call answers with; fails where there is none."""
    try:
        call()
    except VemlError as e:
        assert str(e).strip(), "an error says what is wrong"
        return e
    raise AssertionError("it was not refused")
