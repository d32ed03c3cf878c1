#!/usr/bin/env python
"""Mutate small files of a lab, in this process: an error of ours or a value has to come, never a traceback.

    python scripts/fuzz_lab_files.py --inputs 20000 --seed 0

By hand, not in CI: about a minute for 20,000 inputs on one core.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import tempfile
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from veml_lab.catalog.revision import mark_file, read_mark
from veml_lab.catalog.runtime import pointer_file, read_pointer
from veml_lab.catalog.segments import Segment, SegmentWriter
from veml_lab.errors import VemlError
from veml_lab.sources.opening import open_tree
from veml_lab.training.reporter import read_log, read_status
from veml_lab.versions.quantified import quantifiers
from veml_lab.versions.series import keep_array, read_array


def targets(folder: Path) -> dict[str, tuple[Path, Callable[[], object]]]:
    """Each whole file, and what reads it."""
    names = [keep_array(folder, np.arange(24, dtype=np.float32).reshape(6, 4))]
    writer = SegmentWriter(_made(folder / "segments"), "0123456789abcdef01234567")
    for i in range(20):
        writer.append(bytes(range(i)))
    writer.close()
    segment = folder / "segments" / writer.name
    catalog = folder / "catalog.duckdb"
    catalog.write_bytes(b"x")
    mark_file(catalog).write_text("12 0123abcd 1.2.3".ljust(159) + "\n")
    pointer_file(folder).write_text('{"pid": 1, "socket": "/tmp/x", "lab": "0:0"}')
    (folder / "status.json").write_text('{"state": "running", "epoch": 3, "pid": 1}')
    (folder / "log.jsonl").write_text('{"step": 1, "loss": 0.5}\n' * 5)
    (folder / "where.txt").write_text(
        "width > 640 AND any box (label = 'car' AND area > 900) OR count mask (x > 1) > 2"
    )
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "png")
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as z:
        for name in ("cat/é.png", "dog/b.png"):
            z.writestr(name, picture.getvalue())

    def rows() -> None:
        s = Segment(segment)
        for i in range(min(len(s), 50)):
            s[i]

    def members() -> None:
        tree = open_tree(folder / "a.zip")
        for name in tree.names():
            tree.read(name)

    return {
        "array": (folder / "blobs" / names[0], lambda: read_array(folder, names[0]).sum()),
        "segment": (segment, rows),
        "mark": (mark_file(catalog), lambda: read_mark(catalog)),
        "pointer": (pointer_file(folder), lambda: read_pointer(folder)),
        "status": (folder / "status.json", lambda: read_status(folder)),
        "log": (folder / "log.jsonl", lambda: read_log(folder / "log.jsonl")),
        "zip": (folder / "a.zip", members),
        "condition": (
            folder / "where.txt",
            lambda: quantifiers((folder / "where.txt").read_text(errors="surrogateescape")),
        ),
    }


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Flip, cut, double, insert or overwrite."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(len(out) + 1)
        how = rng.randrange(5)
        if how == 0 and out:
            out[at % len(out)] ^= 1 << rng.randrange(8)
        elif how == 1:
            del out[at:]
        elif how == 2:
            out[at:at] = out[: rng.randrange(40)]
        elif how == 3:
            out[at:at] = rng.choice((b"\0", b"\xff\xff", b"[" * 3000, b"(" * 80, b"-1", b"1e999", b"null", b'"'))
        elif out:
            out[at % len(out)] = rng.randrange(256)
    return bytes(out)


def main() -> int:
    """Print one table; 1 where anything but a value or an error of ours came."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    rng, counts = random.Random(args.seed), Counter[tuple[str, str]]()
    with tempfile.TemporaryDirectory(prefix="veml-fuzz-") as place:
        found = targets(Path(place))
        whole = {name: path.read_bytes() for name, (path, _) in found.items()}
        names = list(found)
        for i in range(args.inputs):
            name = names[i % len(names)]
            path, read = found[name]
            path.write_bytes(mutated(whole[name], rng))
            try:
                read()
                counts[name, "value"] += 1
            except VemlError:
                counts[name, "error of ours"] += 1
            except Exception:
                counts[name, "TRACEBACK"] += 1
                if counts[name, "TRACEBACK"] == 1:
                    traceback.print_exc()
            path.write_bytes(whole[name])
        found["pointer"][0].unlink(missing_ok=True)
    kinds = ("value", "error of ours", "TRACEBACK")
    print(f"{'file':<12}" + "".join(f"{k:>16}" for k in kinds))
    for name in names:
        print(f"{name:<12}" + "".join(f"{counts[name, k]:>16,}" for k in kinds))
    return 1 if any(k == "TRACEBACK" for _, k in counts) else 0


if __name__ == "__main__":
    sys.exit(main())
