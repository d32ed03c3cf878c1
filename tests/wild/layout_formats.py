"""Every format that has a generator of layouts, by its name; and why the others have none."""

from __future__ import annotations

from collections.abc import Callable

import layout_boxes
import layout_late
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
        (layout_late, "cifar croissant idx masks supervisely via"),
    )
    for name in names.split()
}
WITHOUT = {
    "labelformat": "a bridge to another package, whose layouts are its own; tests/formats hold what it gives",
    "road_world": "draws its pictures itself and reads no files",
    "video": "one file a video: its container and codec vary, not its layout; tests/formats/test_video.py",
}
