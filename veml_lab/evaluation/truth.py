"""What is labelled, as the judge reads it: one class a sample, boxes, or the readings that came."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .boxes import Boxes


class Readings(Protocol):
    """Windows of sensor readings: what came after each."""

    name: str
    horizon: int

    @property
    def nodes(self) -> Any:
        """The sensors, (nodes,)."""

    @property
    def channels(self) -> Any:
        """What they measure, (channels,)."""

    def __len__(self) -> int:
        """How many windows."""

    def cut(self, positions: Any = None) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """What went in, what came (n, horizon, nodes, channels), and whether it was measured, the same shape."""


@dataclass(frozen=True, eq=False)
class Truth:
    """What is labelled about ``n`` samples, in ID order; one of the three fields is there.

    Attributes
    ----------
    name
        Of the data, for messages.
    classes
        Those that the model knows in its order, then those that only the data has: a label of either means the same.
    labels
        (n,) class of each sample, -1 for none.
    boxes
        Objects of each picture.
    readings
        What came after each window.
    """

    name: str
    classes: tuple[str, ...] = ()
    labels: NDArray[np.int64] | None = field(default=None, repr=False)
    boxes: Boxes | None = field(default=None, repr=False)
    readings: Readings | None = field(default=None, repr=False)
