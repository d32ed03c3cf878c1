"""Embedding into a lab against the bare loop (DataLoader + forward), images per second in one run.

    python benchmarks/embeddings.py [--write] [--images 256] [--rounds 3]

The bare loop reads plain files, decodes and resizes as the lab does, and keeps nothing. The lab's way also
finds the missing samples, checks the vectors, and writes and flushes them. Both take turns, so that what
else the machine does falls on both; the ratio of a round is what is compared.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # runs from a checkout that is not installed

import torch
from _image_sets import DATA
from torch.utils.data import DataLoader, Dataset
from torchvision.io import ImageReadMode, decode_image
from torchvision.transforms.v2 import functional as F

import veml_lab as veml
from veml_lab.embeddings import embed, torchvision_embedder
from veml_lab.formats import read
from veml_lab.formats.limited import limited
from veml_lab.lifecycle.similarity import train_part

RESULTS = Path(__file__).resolve().parents[1] / "docs" / "results"
SETS = {"CARLA, 640 x 380 JPEG": "carla/carla.tar.xz", "CIFAR-10, 32 x 32 JPEG": "cifar10/cifar10_jpeg.tar.xz", "MNIST, 28 x 28 PNG": "mnist"}
TARGET = 0.95


class Files(Dataset):
    """What one writes without a lab."""

    def __init__(self, files: list[Path], size_px: int) -> None:
        self.files, self.size_px = files, size_px

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, i: int) -> torch.Tensor:
        raw = torch.frombuffer(bytearray(self.files[i].read_bytes()), dtype=torch.uint8)
        return F.resize(decode_image(raw, mode=ImageReadMode.RGB), [self.size_px, self.size_px], antialias=True)


def bare(files: list[Path], embedder, workers: int) -> float:
    """Images per second of DataLoader and forward alone."""
    began = time.perf_counter()
    for batch in DataLoader(Files(files, embedder.size_px), batch_size=64, num_workers=workers):
        embedder.forward(batch)
    return len(files) / (time.perf_counter() - began)


def forward_only(files: list[Path], embedder) -> float:
    """Images per second of the forward pass alone, on a batch that is there."""
    batch = torch.stack([Files(files, embedder.size_px)[i] for i in range(64)])
    began = time.perf_counter()
    for _ in range(max(1, len(files) // 64)):
        embedder.forward(batch)
    return 64 * max(1, len(files) // 64) / (time.perf_counter() - began)


def into_lab(version, embedder, turn: int) -> float:
    """Images per second of the lab's way, every sample missing."""
    embedder.fingerprint = f"{embedder.fingerprint.split('+')[0]}+{time.time_ns()}-{turn}"
    began = time.perf_counter()
    embed(version, embedder, progress=False)
    return len(version) / (time.perf_counter() - began)


def main() -> None:
    """Measure, print, and write the page if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write docs/results/embeddings.md")
    parser.add_argument("--images", type=int, default=256, help="of each set")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=DATA)
    args = parser.parse_args()
    embedder = torchvision_embedder("mobilenet_v2", folders=(args.data,))
    rows, ratios = [], []
    with tempfile.TemporaryDirectory() as folder:
        lab = veml.open(Path(folder) / "lab")
        for name, path in SETS.items():
            version = train_part(lab.add(path.split("/")[0], limited(read(args.data / path), args.images), progress=False))
            files = []
            for i in range(len(version)):
                files.append(Path(folder) / f"{version.name}-{i}.img")
                files[-1].write_bytes(version.image_bytes(i))
            bare(files[:64], embedder, 0)
            into_lab(version, embedder, -1)
            runs: dict[str, list[float]] = {w: [] for w in ("0", "1", "2", "lab", "forward")}
            for turn in range(args.rounds):
                for w in ("0", "1", "2"):
                    runs[w].append(bare(files, embedder, int(w)))
                runs["lab"].append(into_lab(version, embedder, turn))
                runs["forward"].append(forward_only(files, embedder))
            best = [max(runs[w][t] for w in ("0", "1", "2")) for t in range(args.rounds)]
            ratio = statistics.median(lab_s / b for lab_s, b in zip(runs["lab"], best, strict=True))
            ratios.append(ratio)
            shown = [f"{statistics.median(runs[w]):.1f}" for w in ("0", "1", "2", "lab", "forward")]
            rows.append(f"| {name} | {len(files)} | {' | '.join(shown)} | **{ratio:.2f}** |")
            print(rows[-1], flush=True)
    verdict = "kept" if min(ratios) >= TARGET else "missed"
    page = "\n".join([
        "# Embeddings: the lab's way against the bare loop", "",
        f"Made by `python benchmarks/embeddings.py --write --images {args.images} --rounds {args.rounds}`. Images per second, medians; "
        f"MobileNetV2 at 224 px, {torch.get_num_threads()} torch threads, a shared machine: read the ratios. A ratio is taken within a round, "
        "against the best of the three worker counts of that round.", "",
        "| set | images | DataLoader, 0 workers | 1 worker | 2 workers | into the lab | forward alone | lab over best DataLoader |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |", *rows, "",
        f"The target of at least {TARGET:.0%} of the bare loop is {verdict}: the smallest ratio is {min(ratios):.2f}.",
    ])  # fmt: skip
    print(page)
    if args.write:
        (RESULTS / "embeddings.md").write_text(page + "\n")


if __name__ == "__main__":
    main()
