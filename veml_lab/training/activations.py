"""What happens in the network of a training when it sees one picture, on demand."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..intermediates.keys import Step
from ..intermediates.steps import kept
from ..storage.border import public
from ..versions.data import DataVersion
from ..versions.lab_cache import shelf_of
from ..versions.training import TrainingVersion
from .backend import Showing
from .predicted import checkpoint_hash
from .registry import backend

if TYPE_CHECKING:
    import numpy as np

CHANNELS, SIDE_PX = 8, 64  # of a layer that are drawn, and how large
_VERSION = 1  # of what is computed


@dataclass(frozen=True, repr=False)
class Activations:
    """What the layers of a network give for one picture; draws itself as a grid.

    Attributes
    ----------
    training, data
        Names.
    sample
        Its ID.
    maps : {layer: float32 array}
        (c, h, w) of a convolution, (d,) of a linear layer. A layer that runs several times, or gives several tensors,
        has ``"layer #2"`` ... for the further ones.
    gradients : {layer: float}
        Euclidean length of the gradient of the loss by the layer's own parameters, for this picture with its label;
        empty where it has none, and of mmdet.
    """

    training: str
    data: str
    sample: int
    maps: Mapping[str, np.ndarray] = field(repr=False)
    gradients: Mapping[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        lines = [f"{self.training} on sample {self.sample} of {self.data}"]
        for name, values in self.maps.items():
            said = f", gradient {self.gradients[name]:.3g}" if name in self.gradients else ""
            lines.append(f"  {name}  {' x '.join(map(str, values.shape))}{said}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Shapes and lengths, JSON-able; the arrays are in :attr:`maps`."""
        return {
            "training": self.training,
            "data": self.data,
            "sample": self.sample,
            "maps": {name: list(values.shape) for name, values in self.maps.items()},
            "gradients": dict(self.gradients),
        }

    def _repr_html_(self) -> str:
        rows = []
        for name, values in self.maps.items():
            steep = f"<br>gradient {self.gradients[name]:.3g}" if name in self.gradients else ""
            shape = " × ".join(map(str, values.shape))
            drawn = f'<img alt="{escape(name)}" src="{_picture(values)}">' if values.ndim == 3 else ""
            rows.append(f"<tr><th style='text-align:left'>{escape(name)}<br>{shape}{steep}</th><td>{drawn}</td></tr>")
        head = f"{escape(self.training)} on sample {self.sample} of {escape(self.data)}; the strongest channels"
        return f"<table><caption>{head}</caption>{''.join(rows)}</table>"


@public
def activations(
    training: TrainingVersion,
    sample: int,
    layers: Sequence[str] | None = None,
    *,
    data: DataVersion | None = None,
) -> Activations:
    """The feature maps of one picture in the network of a training, and how steep its loss is there, layer by layer.

    Computed on demand in one pass forward and one back; kept under the lab's ``cache/`` where computing takes longer
    than reading.

    Parameters
    ----------
    sample
        Its ID.
    layers
        Names as torch has them, such as ``"net.layer1"``; default: six convolutions from the first to the last.
    data
        A data version that holds the sample; default: what the training learned from, or was measured on.

    Returns
    -------
    Activations
        ``maps[layer]``: float32 (c, h, w) of a convolution, (d,) of a linear layer.

    Raises
    ------
    UnknownName
        The network has no such layer; the nearest is named.
    BadInput
        No such sample in the data, or the backend shows nothing.

    Examples
    --------
    >>> veml.activations(run, min(city.ids)).maps                                          # doctest: +ELLIPSIS
    {...}
    """
    if isinstance(layers, str):
        layers = [layers]
    data = _holding(training, sample, data)
    name = training.plan["backend"]
    engine = backend(name)
    if not isinstance(engine, Showing):
        raise BadInput(f"{training.name!r} is a training of the backend {name}, which does not show what happens in it")
    recipe, checkpoint = training.model.recipe, training.checkpoint
    position = data.ids.rank(sample) - 1

    def made() -> dict[str, Any]:
        found = engine.inside(recipe, checkpoint, data, position, layers)
        return {"maps": found.maps, "gradients": found.gradients}

    step = Step(
        "activations",
        [checkpoint_hash(checkpoint), data.key],
        {"recipe": dict(recipe), "backend": name, "sample": int(sample), "layers": list(layers) if layers else None},
        version=_VERSION,
        said=f"what happens in {training.name!r} at sample {sample}",
    )
    found = kept(shelf_of(training.store), step, made)
    return Activations(training.name, data.name, int(sample), found["maps"], found["gradients"])


def _holding(training: TrainingVersion, sample: Any, data: DataVersion | None) -> DataVersion:
    """The data version through which the sample is read."""
    if not isinstance(sample, int) or isinstance(sample, bool) or sample < 0:
        raise BadInput(f"a sample is named by its ID, a whole number from 0; got {sample!r}")
    asked = [data] if data is not None else [v for v in (training.data, training.validation) if v is not None]
    for version in asked:
        if sample in version.ids:
            return version
    where = " and ".join(repr(v.name) for v in asked)
    between = ", ".join(f"{min(v.ids)} to {max(v.ids)}" for v in asked if len(v))
    raise BadInput(f"sample {sample} is not in {where} (IDs {between}); give data=, a version that holds it")


def _picture(values: np.ndarray) -> str:
    """The strongest channels side by side, each from black to white, as a data URL."""
    import numpy as np
    from PIL import Image

    strong = np.argsort(-np.abs(values).mean((1, 2)), kind="stable")[:CHANNELS]
    whole = Image.new("L", (len(strong) * (SIDE_PX + 2), SIDE_PX), 128)
    for i, channel in enumerate(strong.tolist()):
        one = values[channel]
        span = float(one.max() - one.min()) or 1.0
        grey = ((one - one.min()) / span * 255).astype(np.uint8)
        scale = SIDE_PX / max(grey.shape)
        size = tuple(max(1, round(side * scale)) for side in grey.shape[::-1])
        whole.paste(Image.fromarray(grey).resize(size, Image.Resampling.NEAREST), (i * (SIDE_PX + 2), 0))
    out = io.BytesIO()
    whole.save(out, "PNG")
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"
