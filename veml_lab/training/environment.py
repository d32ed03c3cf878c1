"""What a training ran with: the version of our code, the device, and of the packages (which
:mod:`veml_lab.provenance` knows all of) those that decide its numbers."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Any

from ..provenance.packages import installed, version_of

PACKAGES = ("torch", "torchvision", "numpy", "mmdet", "mmengine", "mmcv", "mmcv-lite")


def environment(code: int) -> dict[str, Any]:
    """Plain values that are kept with a training version.

    ``code`` is the version of what a training does with a plan, ``source`` a hash of the package's training
    code (so that an edited checkout shows), the rest is what explains a difference between two machines.
    """
    import os
    import platform

    import torch

    from .. import __version__

    there = installed()
    packages = {name: said for name in PACKAGES if (said := version_of(name, there)) is not None}
    gpus = torch.cuda.device_count()
    device = torch.cuda.get_device_name() if gpus else f"cpu, {torch.get_num_threads()} threads"
    more = (
        {"gpus": gpus, "cuda": torch.version.cuda}
        if gpus
        else {"cpu": torch.backends.cpu.get_cpu_capability(), "cores": os.cpu_count()}
    )
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "device": device,
        **more,
        **packages,
        "veml_lab": __version__,
        "code": code,
        "source": source_hash(),
    }


@functools.cache
def source_hash() -> str:
    """SHA-256 over the files of this package's training code, 12 hex digits."""
    digest = hashlib.sha256()
    home = Path(__file__).parent
    for file in sorted(home.rglob("*.py")):
        digest.update(str(file.relative_to(home)).encode() + file.read_bytes())
    return digest.hexdigest()[:12]
