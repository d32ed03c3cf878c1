"""New conditions for known images: noise, blur, fog, darkness, heavy JPEG compression - seeded and repeatable.

A stand-in for what production sends when a camera ages or the weather turns, with labels kept so that
the drop of accuracy can be shown beside the drift that was found without them.
"""

from __future__ import annotations

import dataclasses
import io
import zlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..errors import BadInput, UnknownName
from ..storage.border import public
from .decoder import mode_of, pixels
from .source import Record, Role, Source

if TYPE_CHECKING:
    import numpy as np

CORRUPTIONS = ("noise", "blur", "fog", "dark", "jpeg")


@public
def corrupted(source: Source, kind: str, *, severity: float = 0.5, seed: int = 0, role: Role | None = None) -> Source:
    """The records of ``source`` as they look in another condition.

    Parameters
    ----------
    kind
        One of :data:`CORRUPTIONS`.
    severity
        0 (nothing) to 1 (hardly recognisable).
    role
        The role that all records get, e.g. ``"test"`` for data from production.

    Examples
    --------
    >>> foggy = veml.corrupted(veml.road_world("clear-city", 2), "fog", severity=0.8, role="test")
    >>> [r.role for r in foggy.records()]
    ['test', 'test']
    """
    if kind not in CORRUPTIONS:
        raise UnknownName.of("corruption", kind, CORRUPTIONS)
    if not 0 <= severity <= 1:
        raise BadInput(f"severity must lie between 0 and 1, got {severity}")
    change = _change(kind, severity)

    def records() -> Iterator[Record]:
        for r in source.records():
            image = _apply(r, change, kind, severity, seed)
            columns = {**r.columns, "corruption": kind, "severity": severity}
            yield dataclasses.replace(r, image=image, path=None, columns=columns, role=r.role if role is None else role)

    return dataclasses.replace(
        source,
        records=records,
        fingerprint=f"{source.fingerprint}|{kind}|{severity}|{seed}|{role}",
        note=f"{source.note} · {kind} {severity:g}".strip(" ·"),
        call=_call(source, kind, severity, seed, role),
    )


def _call(source: Source, kind: str, severity: float, seed: int, role: Role | None) -> dict[str, Any]:
    """How it was asked for; not known where that of the source is not."""
    options = {"kind": kind, "severity": severity, "seed": seed, **({} if role is None else {"role": role})}
    return {"function": "corrupted", "of": dict(source.call), "options": options} if source.call else {}


def _apply(r: Record, change: Callable, kind: str, severity: float, seed: int) -> bytes:
    import numpy as np
    from PIL import Image

    grey = mode_of(r.image, r.uri) in ("L", "1")
    colours = pixels(r.image, r.uri, size=(r.width, r.height))
    x = (colours[:, :, 0] if grey else colours).astype(np.float32) / 255
    # seeded by the sample's name, so that a part of the set looks the same as the whole
    rng = np.random.default_rng([seed, zlib.crc32(r.uri.encode())])
    y = (np.clip(change(x, rng), 0, 1) * 255).round().astype(np.uint8)
    out = io.BytesIO()
    if kind == "jpeg":
        Image.fromarray(y).save(out, "JPEG", quality=max(2, round(40 * (1 - severity))))
    else:
        Image.fromarray(y).save(out, "PNG")
    return out.getvalue()


def _change(kind: str, s: float) -> Callable[[np.ndarray, np.random.Generator], np.ndarray]:
    import numpy as np
    from scipy.ndimage import gaussian_filter

    def blur(x: np.ndarray, sigma: float) -> np.ndarray:
        return gaussian_filter(x, (sigma, sigma) + (0,) * (x.ndim - 2))

    def noise(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return x + rng.normal(0, 0.6 * s, x.shape).astype(np.float32)

    def fog(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        veil = blur(rng.random(x.shape[:2]).astype(np.float32), max(x.shape[:2]) / 6)
        veil = (veil - veil.min()) / max(float(np.ptp(veil)), 1e-6)
        t = np.clip(s * (0.6 + 0.6 * veil), 0, 1)
        t = t if x.ndim == 2 else t[..., None]
        return x * (1 - t) + 0.85 * t

    def dark(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return x * (1 - 0.9 * s) + rng.normal(0, 0.05 * s, x.shape).astype(np.float32)

    return {
        "noise": noise,
        "fog": fog,
        "dark": dark,
        "blur": lambda x, _: blur(x, s * max(x.shape[:2]) / 10),
        "jpeg": lambda x, _: x,
    }[kind]
