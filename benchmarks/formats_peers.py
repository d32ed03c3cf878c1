"""What a library would do instead of our readers: time, memory, and behaviour on one bad label, for each format.

    /tmp/tools/bin/python benchmarks/formats_peers.py     # where labelformat is installed (scripts/opened_by.py says
    how)

Both read the same folders (1,000 pictures of 320 x 240, ten boxes each), every label once; ours without decoding the
pictures (``verify=False``), as labelformat does. Peak memory is that of a process of its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "wild")]
PICTURES, BOXES = 1000, 10
FORMATS = ("coco", "voc", "yolo", "kitti")


def make(folder: Path) -> None:
    """Write the set in each format."""
    import io

    import numpy as np
    from PIL import Image

    from veml_lab.formats import Box, Record, Source, write

    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8)).save(buffer, "JPEG")
    boxes = tuple(Box("car", 3.5 * k, 2.5 * k, 40.25, 30.5) for k in range(BOXES))
    rows = [Record(f"{i:06d}.jpg", buffer.getvalue(), 320, 240, "train", boxes=boxes) for i in range(PICTURES)]
    source = Source("made", "made", "detection", ("car",), lambda: iter(rows), PICTURES, "f")
    for format in FORMATS:
        write(source, folder / format, format)


def spoil(folder: Path, format: str) -> None:
    """One box of the set becomes nonsense."""
    if format == "coco":
        at = folder / "annotations" / "instances_train.json"
        said = json.loads(at.read_text())
        said["annotations"][3]["bbox"] = [1, 2, "x", 4]
        at.write_text(json.dumps(said))
        return
    kind = {"voc": "Annotations/*.xml", "yolo": "labels/train/*.txt", "kitti": "training/label_2/*.txt"}[format]
    at = sorted(folder.glob(kind))[3]
    text = at.read_text()
    at.write_text(text.replace("<xmin>", "<xmin>x", 1) if format == "voc" else "car x " + text[4:])


def ours(folder: Path, format: str) -> int:
    """Boxes that are read."""
    from veml_lab.formats import read

    return sum(len(r.boxes) for r in read(folder, format, verify=False).records())


def theirs(folder: Path, format: str) -> int:
    """Boxes that labelformat reads."""
    import labelformat.formats as f

    made = {
        "coco": lambda: f.COCOObjectDetectionInput(input_file=folder / "annotations/instances_train.json"),
        "voc": lambda: f.PascalVOCObjectDetectionInput(input_folder=folder / "Annotations", category_names="car"),
        "yolo": lambda: f.YOLOv8ObjectDetectionInput(input_file=folder / "data.yaml", input_split="train"),
        "kitti": lambda: f.KittiObjectDetectionInput(
            input_folder=folder / "training/label_2", category_names="car", images_rel_path="../image_2"
        ),
    }
    return sum(len(x.objects) for x in made[format]().get_labels())


def child(who: str, folder: str, format: str) -> None:
    """Measure one reading, imports included in the memory only."""
    run = ours if who == "ours" else theirs
    before = time.perf_counter()
    try:
        found: object = run(Path(folder), format)
    except Exception as e:
        found = f"{type(e).__name__}: {str(e)[:90]}"
    wall = time.perf_counter() - before
    print(json.dumps([found, wall, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10]))


def main() -> None:
    with tempfile.TemporaryDirectory() as top:
        make(Path(top))
        for state in ("sound", "one bad box"):
            for format in FORMATS:
                if state != "sound":
                    spoil(Path(top) / format, format)
                for who in ("ours", "labelformat"):
                    command = [sys.executable, __file__, who, str(Path(top) / format), format]
                    done = subprocess.run(command, capture_output=True, text=True, check=True)
                    found, wall, peak = json.loads(done.stdout.splitlines()[-1])
                    print(f"{state:12} {format:6} {who:12} {wall:6.2f} s {peak:5} MiB  {found}")


if __name__ == "__main__":
    child(*sys.argv[1:]) if len(sys.argv) == 4 else main()
