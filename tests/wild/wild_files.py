"""Small sets as people have them, written from scratch into a folder of the test."""

import io

import numpy as np
from PIL import Image

SIZE = (64, 48)


def picture(seed: int, size: tuple[int, int] = SIZE, format: str = "PNG") -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format)
    return buffer.getvalue()


def coco_of(*names: str, label: str = "cat", box=(5, 5, 20, 10)) -> dict:
    """A COCO file of pictures with one box each."""
    return {
        "images": [{"id": i, "file_name": n, "width": SIZE[0], "height": SIZE[1]} for i, n in enumerate(names, 1)],
        "categories": [{"id": 1, "name": label}],
        "annotations": [
            {"id": i, "image_id": i, "category_id": 1, "bbox": list(box), "area": 200, "iscrowd": 0}
            for i, _ in enumerate(names, 1)
        ],
    }


def voc_of(label: str = "car", filename: str = "x.jpg") -> str:
    """A VOC file with one box (10, 10, 20 x 15)."""
    return (
        f"<annotation><filename>{filename}</filename><size><width>64</width><height>48</height><depth>3</depth></size>"
        f"<object><name>{label}</name><bndbox><xmin>10</xmin><ymin>10</ymin><xmax>30</xmax><ymax>25</ymax></bndbox>"
        "</object></annotation>"
    )
