"""A million pictures: the memory of a reader is that of their names, not of their annotations."""

import json
import tarfile
from pathlib import Path

import pytest
from peaks import added_mb, needs_proc

pytestmark = needs_proc
PER_PICTURE = 3
READ = """
from veml_lab.formats import read
def work(path, format):
    n = boxes = masks = 0
    for r in read(path, format).records():
        n += 1
        boxes += len(r.boxes)
        masks += len(r.masks)
    return n, boxes, masks
"""


def coco_tar(path: Path, n: int, image: bytes) -> None:
    """A tar of n pictures and a COCO file with three outlined boxes each, in no order."""
    content = path.with_suffix(".json")
    with content.open("w") as f:
        f.write('{"images": [')
        f.write(
            ",".join(
                f'{{"id": {i}, "file_name": "{i:012d}.png", "width": 32, "height": 24, "license": 1}}' for i in range(n)
            )
        )
        f.write('], "annotations": [')
        for k in range(PER_PICTURE * n):
            # a fixed walk through all pictures, so that annotations of one lie far apart
            row = {
                "id": k,
                "image_id": k * 7919 % n,
                "category_id": k % 80,
                "bbox": [1.5, 2.25, 10.5, 8.75],
                "area": 91.9,
                "iscrowd": 0,
                "segmentation": [[1.5 + j % 7, 2.25 + j % 5] * 12 for j in range(1)],
            }
            f.write(("," if k else "") + json.dumps(row))
        f.write('], "categories": ' + json.dumps([{"id": i, "name": f"class {i}"} for i in range(80)]) + "}")
    with tarfile.open(path, "w") as tar:
        tar.add(content, "annotations/instances_train.json")
        block = 512
        body = image + b"\0" * (-len(image) % block)
        for i in range(n):
            head = tarfile.TarInfo(f"train/{i:012d}.png")
            head.size = len(image)
            tar.fileobj.write(head.tobuf() + body)
            tar.offset += block + len(body)
    content.unlink()


def test_the_memory_of_a_reader_grows_by_two_kilobytes_a_picture_at_most(tmp_path):
    coco_tar(tmp_path / "a.tar", 500, tiny())
    coco_tar(tmp_path / "b.tar", 8_000, tiny())
    few, (_, small), (many, large) = added_mb(READ, *((tmp_path / f"{n}.tar", "coco") for n in "aab"))
    assert few[0] == [500, 1500, 1500] and many == [8_000, 24_000, 24_000]
    # 2 GB for a million pictures: 2 kB each
    assert large - small < 7_500 * 2 / 1024 + 10


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_a_million_pictures_of_coco_stay_under_two_gigabytes(tmp_path):
    coco_tar(tmp_path / "a.tar", 500, tiny())
    coco_tar(tmp_path / "b.tar", 1_000_000, tiny())
    _, (count, mb) = added_mb(READ, *((tmp_path / f"{n}.tar", "coco") for n in "ab"))
    assert count == [1_000_000, 3_000_000, 3_000_000]
    assert mb < 1900


def tiny() -> bytes:
    """A PNG of 32 x 24 pixels in a hundred bytes."""
    import numpy as np

    from veml_lab.sources.images import png_of_gray

    return png_of_gray(np.zeros((24, 32), np.uint8))
