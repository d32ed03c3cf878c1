"""What an import did, as people read it: a dict that prints itself."""

from __future__ import annotations

from typing import Any

_COUNTED = {
    "boxes_cut": "boxes cut at the border of their picture",
    "boxes_over_the_border": "boxes over the border of their picture, left as they are",
    "pictures_emptied": "pictures whose annotations were all left out",
}


class ImportReport(dict[str, Any]):
    """What an import stored, found twice and skipped, with reasons.

    Keys: ``samples``, ``stored_bytes``, ``seconds``, ``duplicates`` (same bytes earlier in the source),
    ``known_in_lab``, ``annotations`` (by kind), ``near_duplicates`` (None, or ``count``, ``pairs``, ``skipped``),
    ``counts`` (``boxes_cut`` at the border of their picture, ``boxes_over_the_border`` that were kept,
    ``pictures_emptied`` whose annotations were all left out), ``several_frames`` (pictures of which only the first is
    read), ``unread`` (files that the format does not read, a line a kind) and ``skipped`` (a line each).

    >>> ImportReport(samples=3, stored_bytes=0, seconds=0.12, duplicates=1, known_in_lab=0, annotations={"box": 5},
    ...              near_duplicates=None, skipped=["7.png: box of 0 x 3 pixels"], name="street")
    street: 3 samples, 0.0 MB stored in 0.1 s
      same bytes earlier in the source: 1; in the lab already: 0
      box annotations: 5
      skipped: 1
        7.png: box of 0 x 3 pixels
    """

    def __init__(self, *args: Any, name: str = "import", **entries: Any) -> None:
        super().__init__(*args, **entries)
        self.name = name

    def __repr__(self) -> str:
        lines = [
            f"{self.name}: {self['samples']:,} samples, {self['stored_bytes'] / 1e6:.1f} MB stored in"
            f" {self['seconds']:.1f} s"
        ]
        lines.append(
            f"  same bytes earlier in the source: {self['duplicates']:,}; in the lab already: {self['known_in_lab']:,}"
        )
        lines += [f"  {kind} annotations: {n:,}" for kind, n in self["annotations"].items()]
        if (near := self["near_duplicates"]) is not None:
            lines.append(f"  near duplicates{' (left out)' if near['skipped'] else ''}: {near['count']:,}")
            lines += [f"    {a} looks like {b}" for a, b, _ in near["pairs"][:20]]
        for key, n in self.get("counts", {}).items():  # a report of an older lab has none
            lines.append(f"  {_COUNTED.get(key, key)}: {n:,}")
        if several := self.get("several_frames"):  # reports of earlier versions have none
            lines.append(f"  several frames, of which the first is read: {len(several):,}")
            lines += [f"    {line}" for line in several[:20]]
        if unread := self.get("unread"):
            lines.append(f"  not read: {len(unread):,} kinds of file")
            lines += [f"    {line}" for line in unread[:20]]
        lines.append(f"  skipped: {len(self['skipped']):,}")
        lines += [f"    {line}" for line in self["skipped"][:50]]
        return "\n".join(lines)
