"""Every format that has a generator of layouts, by its name; and why the others have none."""

from __future__ import annotations

from collections.abc import Callable

import layout_boxes
import layout_more
import layout_tables
from layouts import Layout, Pick

FORMATS: dict[str, Callable[[Pick], Layout]] = {
    name: getattr(module, name)
    for module, names in (
        (layout_boxes, "bdd100k coco cvat kitti label_studio voc yolo"),
        (layout_tables, "huggingface image_folder picture_table sensors table"),
        (layout_more, "cityscapes coco_panoptic documents fiftyone labelme map_txt open_images pictures visdrone"),
        (layout_more, "webdataset wider_face"),
    )
    for name in names.split()
}
WITHOUT = {
    "cifar": "five binary files of fixed names and sizes; tests/formats/test_cifar.py",
    "croissant": "one file describes the layout, so what varies is the description; tests/formats/test_croissant.py",
    "labelformat": "a bridge to another package, whose layouts are its own; tests/formats hold what it gives",
    "idx": "four binary files of fixed names, packed or not; tests/formats/test_idx.py",
    "masks": "no generator yet; its layouts are cases of tests/wild/test_masks.py",
    "road_world": "draws its pictures itself and reads no files",
    "supervisely": "no generator yet; its layouts are cases of tests/wild/test_supervisely.py",
    "via": "no generator yet; its layouts are cases of tests/wild/test_via.py",
    "video": "one file a video: its container and codec vary, not its layout; tests/formats/test_video.py",
}
