"""What speaks for the formats whose annotations are in JSON files: a few are looked into, those at the top first."""

from __future__ import annotations

from ..sources.clues import LOOKED_INTO, Clues, Evidence, common_folder
from . import bdd100k as scalabel
from . import coco_panoptic as panoptic
from . import label_studio as studio


def _keyed(clues: Clues, *keys: str) -> list[str]:
    """JSON files that are an object with one of the keys."""
    return [n for n in clues.ending(".json")[:LOOKED_INTO] if set(keys) & set(clues.json_keys(n))]


def _listing(clues: Clues) -> list[str]:
    return [n for n in clues.ending(".json")[:LOOKED_INTO] if clues.json_keys(n) == ("[",)]


def coco(clues: Clues) -> Evidence | None:
    """An object with images and annotations."""
    found = [n for n in _keyed(clues, "images", "annotations") if not panoptic.is_panoptic(clues.tree, n)]
    if not found:
        return None
    whole = [n for n in found if "images" in clues.json_keys(n)]
    return Evidence(
        0.94 if whole else 0.6, f"{(whole or found)[0]} has images and annotations as COCO", common_folder(found)
    )


def coco_panoptic(clues: Clues) -> Evidence | None:
    """Annotations with segments_info."""
    found = [n for n in _keyed(clues, "annotations") if panoptic.is_panoptic(clues.tree, n)]
    # a set with instances beside it is read as coco, which has the boxes
    return Evidence(0.85, f"{found[0]} has annotations with segments_info", common_folder(found)) if found else None


def bdd100k(clues: Clues) -> Evidence | None:
    """Frames with a name and labels."""
    found = [n for n in (*_listing(clues), *_keyed(clues, "frames")) if scalabel.is_bdd100k(clues.tree, n)]
    return Evidence(0.92, f"{found[0]} lists frames with labels", common_folder(found)) if found else None


def label_studio(clues: Clues) -> Evidence | None:
    """A list of tasks."""
    found = [n for n in _listing(clues) if studio.is_label_studio(clues.tree, n)]
    return Evidence(0.93, f"{found[0]} lists tasks of Label Studio", common_folder(found)) if found else None


def croissant(clues: Clues) -> Evidence | None:
    """croissant.json."""
    found = clues.called("croissant.json")
    # it describes the other files, whatever format they would be alone
    return Evidence(0.99, f"{found[0]} describes the set", common_folder(found[:1])) if found else None
