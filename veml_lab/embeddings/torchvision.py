"""Embeddings by any torchvision network: its features before the classifier, pooled."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadData, BadInput, UnknownName, warn
from ..execute.memory import keep_freed_memory
from ..training.weight_files import file_hash, find_weights, hub_weights, load_state
from ..versions.data import DataVersion
from .pictures import Pictures

if TYPE_CHECKING:
    import numpy as np
    import torch

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, what torchvision's weights expect


class TorchvisionEmbedder:
    """Pooled features of one network with one set of weights; see :func:`torchvision_embedder`."""

    def __init__(
        self,
        network: str,
        model: Any,
        dim: int,
        size_px: int | tuple[int, int],
        weights: str,
        fingerprint: str,
        device: Any,
    ) -> None:
        self.network, self.dim, self.size_px = network, dim, size_px
        self.weights, self.fingerprint = weights, fingerprint
        self._model, self._device = model, device
        self.prepare = Pictures(_sides(size_px))

    def forward(self, batch: torch.Tensor) -> np.ndarray:
        """Features (m, d) float32 of a prepared batch; halved, with a warning, where the GPU's memory is too small."""
        import numpy as np
        import torch

        mean = torch.tensor(MEAN, device=self._device).view(3, 1, 1)
        std = torch.tensor(STD, device=self._device).view(3, 1, 1)
        try:
            with torch.inference_mode():
                x = (batch.to(self._device).float() / 255 - mean) / std
                return self._model(x.contiguous(memory_format=torch.channels_last)).flatten(1).float().cpu().numpy()
        except torch.cuda.OutOfMemoryError:
            if len(batch) == 1:
                raise
        half = len(batch) // 2
        warnings.warn(
            f"the GPU has no memory for {len(batch)} images of {_size_words(self.size_px)} px at once; going on with"
            f" {half}",
            stacklevel=2,
        )
        return np.concatenate([self.forward(batch[:half]), self.forward(batch[half:])])

    def embed(self, version: DataVersion, positions: list[int]) -> np.ndarray:
        """Features of the samples at these positions."""
        return self.forward(self.prepare(version, positions))

    def __repr__(self) -> str:
        return f"<embedder {self.network}, {_size_words(self.size_px)} px, {self.weights}, d={self.dim}>"


def torchvision_embedder(
    network: str = "mobilenet_v2",
    *,
    weights: str | Path = "auto",
    folders: tuple[Path | None, ...] = (),
    size_px: int = 224,
    seed: int = 0,
    device: str | None = None,
) -> TorchvisionEmbedder:
    """An embedder from a torchvision network.

    Parameters
    ----------
    network
        Any name of ``torchvision.models`` (``"resnet50"`` as in the paper, ``"mobilenet_v2"`` where
        there is no GPU).
    weights
        A path; ``"random"`` for seeded random features; ``"auto"``: a file ``network*.pth`` in
        ``folders``, else torchvision's hub where there is a network, else random features with a warning.
    size_px
        Images are resized to this square before the network. Below the size that the weights were
        trained at, features of small images change their geometry: at 96 px Fashion-MNIST comes out
        nearer to CIFAR-10 than to MNIST by the energy distance, at 224 px all measures agree.

    Raises
    ------
    UnknownName
        torchvision has no such network.
    BadData
        The weights do not fit the network.

    Notes
    -----
    Random convolutional features see colour, brightness and texture but no objects: similarity and
    drift still work on large differences, and the embedder says what it is.
    """
    import torch
    from torchvision.models import get_model, list_models

    keep_freed_memory()
    if network not in list_models():
        raise UnknownName.of("torchvision network", network, list_models())
    if size_px < 16:
        raise BadInput(f"size_px must be at least 16, got {size_px}")
    path: Path | None
    if weights == "auto":
        path = find_weights(network, *folders) or hub_weights(network)
        if path is None:
            warn(
                f"no weights for {network} in {', '.join(str(f) for f in folders if f) or 'any folder'} and no network:"
                " using seeded random features, which see colour and texture but no objects. Give a file:"
                " lab.use_embedder(weights=PATH), veml embedder LAB --weights PATH"
            )
    else:
        path = None if weights == "random" else Path(weights)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = get_model(network, weights=None)
    if path is not None:
        try:
            model.load_state_dict(load_state(path), strict=True)
        except RuntimeError as e:
            raise BadData(f"the weights in {path} do not fit {network}: {str(e).splitlines()[1].strip()}") from e
    label = f"weights {path.name}" if path else f"random features, seed {seed}"
    tag = file_hash(path) if path else f"random{seed}"
    if path is None:
        _calibrate(model, size_px, seed)
    return network_embedder(model, network, weights=label, tag=tag, size_px=size_px, device=device)


def network_embedder(
    model: Any, network: str, *, weights: str, tag: str, size_px: int | tuple[int, int], device: str | None = None
) -> TorchvisionEmbedder:
    """An embedder from a classification network with its weights; its classifier is taken off.

    Parameters
    ----------
    network, weights
        What it is called.
    tag
        Changes with the weights; goes into the fingerprint.
    size_px
        Side of the images, or (width, height).
    """
    import torch

    keep_freed_memory()
    _cut_head(model)
    where = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    model = model.eval().to(where).to(memory_format=torch.channels_last)
    w, h = _sides(size_px)
    with torch.inference_mode():
        dim = int(model(torch.zeros(1, 3, h, w, device=where)).flatten(1).shape[1])
    return TorchvisionEmbedder(
        network, model, dim, size_px, weights, f"{network}-{tag}-{_size_words(size_px)}px", where
    )


def _sides(size_px: int | tuple[int, int]) -> tuple[int, int]:
    """(width, height)."""
    return (size_px, size_px) if isinstance(size_px, int) else size_px


def _size_words(size_px: int | tuple[int, int]) -> str:
    w, h = _sides(size_px)
    return f"{w}" if w == h else f"{w}x{h}"


def _cut_head(model: Any) -> None:
    """Replace the classifier by nothing, so that the network ends in its pooled features."""
    import torch

    for name in ("fc", "classifier", "heads", "head"):
        if hasattr(model, name):
            ends_in_convolution = name == "classifier" and any(
                isinstance(m, torch.nn.Conv2d) for m in getattr(model, name)
            )
            setattr(model, name, torch.nn.AdaptiveAvgPool2d(1) if ends_in_convolution else torch.nn.Identity())
            return
    raise BadInput(f"{type(model).__name__} has no classifier that could be taken off; use another network")


def _calibrate(model: Any, size_px: int, seed: int) -> None:
    """Fit the normalisation layers of a random network on noise of natural spectrum.

    Without it an untrained network's activations fade or explode layer by layer and its features
    carry next to nothing.
    """
    import torch

    g = torch.Generator().manual_seed(seed)
    x = sum(
        torch.nn.functional.interpolate(torch.randn(64, 3, s, s, generator=g), size=(size_px, size_px), mode="bilinear")
        for s in (2, 4, 8, 16)
    )
    for m in model.modules():
        if isinstance(m, torch.nn.modules.batchnorm._BatchNorm):
            m.momentum = None
            m.reset_running_stats()
    model.train()
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model(x)
    model.eval()
