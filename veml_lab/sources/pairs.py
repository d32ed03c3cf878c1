"""Which picture an annotation file is about, where it has its name: ``labels/train/a.txt`` and ``images/train/a.jpg``.

Tools put the two into two folders, into one, above or below the split, in any case. So names are compared without the
folders that only say what kind of file lies in them (:data:`TECHNICAL`); what that leaves open is decided by the name
alone where it is there once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .images import is_image
from .tree import Tree

# Folders of pictures, and of annotations: none of them is a class, a split or a part of a set.
PICTURES = frozenset({
    "images", "image", "imgs", "img", "jpegimages", "obj_train_data", "obj_valid_data", "obj_validation_data",
    "obj_test_data", "leftimg8bit", "images-optional", "image_2"
})  # fmt: skip
OUTLINES = frozenset({
    "masks", "segmentationclass", "segmentationobject", "segmentations", "trimaps", "gtfine", "gtcoarse",
    "ground-truth", "ground_truth", "groundtruth", "annotations", "annotation", "labels", "label"
})  # fmt: skip
TEXTS = frozenset({
    "xmls", "labelxml", "label_xml", "labels_xml", "bboxes", "labeltxt", "label_2", "annos", "anns", "data",
    "dataset", "datasets"
})  # fmt: skip
# Of these some are names of classes too (mask and no_mask), so only a set without any other folder has them as such.
DOUBTFUL = frozenset({
    "jpeg", "jpg", "png", "pics", "pictures", "photos", "frames", "rgb", "raw", "mask", "segmentation", "gt", "xml",
    "txt", "txts", "json", "jsons", "bbox", "boxes", "anno", "ann", "annots", "yolo", "voc", "pascal", "coco",
    # two pictures of one thing, no two classes
    "depth", "disparity", "normals", "flow", "ir", "nir", "hr", "lr", "input", "inputs", "target", "targets"
})  # fmt: skip
STRICTLY = PICTURES | OUTLINES | TEXTS
TECHNICAL = STRICTLY | DOUBTFUL


def place(name: str) -> str:
    """The name without its ending and without technical folders, in small letters: what the two have in common.

    >>> place("Images/train/a.JPG"), place("train/labels/a.txt")
    ('train/a', 'train/a')
    """
    *folders, last = name.rpartition(".")[0].split("/")
    return "/".join([*(f for f in map(str.lower, folders) if f not in TECHNICAL), last])


# Folders of masks as people name them for a set; face masks are classes (with_mask, without_mask).
_OF_MASKS = re.compile(
    r"ground[-_ ]?truth|manual\d?$|[-_ ](masks|segmentations|labels|annotations|trimaps)$|^labeledapproved"
)


def of_masks(name: str) -> bool:
    """Whether a picture lies in a folder of masks.

    >>> of_masks("train_masks/a.png"), of_masks("ISBI_Training_GroundTruth/a.png"), of_masks("with_mask/a.png")
    (True, True, False)
    """
    return any(f in OUTLINES or _OF_MASKS.search(f) for f in name.lower().split("/")[:-1])


def stem(name: str) -> str:
    """The last part of a name without its ending."""
    return name.rpartition("/")[2].rpartition(".")[0]


def real_pictures(tree: Tree) -> list[str]:
    """The pictures of a tree without those in folders of masks, unless there are no others."""
    found = [n for n in tree.names() if is_image(n)]
    return unmasked(found)


def unmasked(pictures: list[str]) -> list[str]:
    """Those of some pictures that lie in no folder of masks, unless there are no others."""
    return [n for n in pictures if not of_masks(n)] or pictures


class Pairs:
    """Finds the picture of an annotation file by its name.

    Parameters
    ----------
    pictures
        Names of all pictures.
    """

    def __init__(self, pictures: Iterable[str]) -> None:
        self._at: dict[str, str | None] = {}
        self._stems: dict[str, str | None] | None = None
        self._pictures = list(pictures)
        self._beside: set[str] = set()
        for n in self._pictures:
            key = place(n)
            self._at[key] = None if key in self._at else n
        # two pictures with one key (a.jpg and a.png, images/a.jpg and raw/a.jpg) are told apart by their folder
        if None in self._at.values():
            self._beside = {n for n in self._pictures if self._at[place(n)] is None}

    def of(self, file: str) -> str | None:
        """The picture that the annotation file is about; None if there is none, or several could be meant."""
        key = place(file)
        found = self._at.get(key)
        if found is not None:
            return found
        if key in self._at:
            return self._nearest(file, key)
        if self._stems is None:
            self._stems = {}
            for n in self._pictures:
                self._stems[stem(n)] = None if stem(n) in self._stems else n
        return self._stems.get(stem(file))

    def _nearest(self, file: str, key: str) -> str | None:
        """Of several pictures with one key: that in the file's own folder, or else in a folder called images."""
        several = [n for n in self._beside if place(n) == key]
        folder = file.rpartition("/")[0]
        own = [n for n in several if n.rpartition("/")[0] == folder]
        named = [n for n in several if {"images", "jpegimages"} & {f.lower() for f in n.split("/")[:-1]}]
        return own[0] if len(own) == 1 else named[0] if len(named) == 1 and not own else None
