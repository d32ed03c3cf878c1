"""What the image wall asks of the samples that it shows."""

from __future__ import annotations

from typing import Any, Protocol


class Source(Protocol):
    """Where the browser's samples come from; its methods may be called from another thread.

    A source may also have

    - ``classes`` (their order gives colours and legend), ``layers`` (names of the further annotations that it gives);
    - ``filters`` (choices by the name of a fact), ``numbers`` and ``texts`` (facts that a range or a part of a text is
      asked of), ``orders`` (facts to sort by) with ``find(where, by, descending)`` (positions, uint32) and
      ``spread(fact)`` (edges and counts of a histogram);
    - ``nearest`` (true) with ``like(position, where)`` (positions, uint32, the nearest first);
    - ``about(position)`` (``{"facts": {}, "columns": {}, "versions": [], "tags": [], "notes": [], "errors": []}``);
    - ``saves`` (what a selection can become) with ``save(what, name, positions)`` and ``undo()`` (a sentence each);
    - ``tags`` (true) with ``tag(name, positions, remove)`` and ``note(position, text)`` (a sentence each).
    """

    def __len__(self) -> int: ...

    def thumbnails(self, positions: list[int], size_px: int) -> list[bytes]:
        """JPEG bytes whose longer side is at most ``size_px``, one for each position."""
        ...

    def annotations(self, positions: list[int]) -> list[dict[str, Any]]:
        """``{"label": str | None, "caption": str, "boxes": [[x, y, w, h, label, score]],
        "polygons": [[label, [ring]]], "masks": [[label, height, width, counts]],
        "keypoints": [[label, [[x, y, seen]]]]}``, each optional.

        Lengths are relative, 0..1; a mask is run lengths along rows, the first one outside; ``seen`` is 0, 1 or 2.
        Optionally ``"prediction"`` (a label, or the same fields with ``score``) and ``"layers"``: the same
        fields by the name of the layer; and ``"cost"`` with ``"kinds"`` where something is wrong. A box's ``score`` is
        left out where there is none.
        """
        ...
