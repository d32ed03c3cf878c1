"""Where pretrained weights come from: a file, torchvision's hub where there is a network, or nowhere."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from ..errors import BadData, MissingFile
from ..storage.failures import by_the_system


def load_state(path: Path) -> Mapping[str, Any]:
    """The state dict of a ``.safetensors``, ``.pth``, ``.pt`` or ``.th`` file; nothing in it is ever executed."""
    import torch

    if not path.exists():
        raise MissingFile(f"there is no weights file {path}; give the path of a .pth or .safetensors file")
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            return load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as e:  # torch raises many kinds for a damaged or unsafe file
        said = by_the_system(e, path)
        if said is not None:
            raise said from e
        raise BadData(f"{path} is no usable weights file ({type(e).__name__}); it must hold a plain state dict") from e
    state = state.get("state_dict", state) if isinstance(state, Mapping) else state
    if not isinstance(state, Mapping) or not all(hasattr(v, "shape") for v in state.values()):
        raise BadData(f"{path} holds no state dict")
    return {k.removeprefix("module."): v for k, v in state.items()}


def file_hash(path: Path) -> str:
    """SHA-256 of a file, 16 hex digits."""
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()[:16]


def find_weights(network: str, *folders: Path | None) -> Path | None:
    """A weights file for ``network`` in one of the folders or their ``weights/`` (named ``network*.pth``)."""
    for folder in folders:
        if folder is None:
            continue
        for place in (folder, folder / "weights"):
            for suffix in (".safetensors", ".pth", ".pt"):
                found = sorted(place.glob(f"{network}*{suffix}")) if place.is_dir() else []
                if found:
                    return found[0]
    return None


def hub_weights(network: str, *, timeout_s: float = 3.0) -> Path | None:
    """torchvision's own weights from its cache, or from its hub if the network answers; else None."""
    import torch
    from torchvision.models import get_model_weights, list_models

    if network not in list_models():
        return None
    url = get_model_weights(network).DEFAULT.url  # type: ignore[attr-defined]
    cached = Path(torch.hub.get_dir()) / "checkpoints" / Path(urlparse(url).path).name
    if cached.exists():
        return cached
    try:
        socket.create_connection((urlparse(url).hostname or "", 443), timeout=timeout_s).close()
        cached.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(url, str(cached), hash_prefix=cached.stem.split("-")[-1], progress=True)
    except OSError:
        return None  # offline is normal
    return cached if cached.exists() else None
