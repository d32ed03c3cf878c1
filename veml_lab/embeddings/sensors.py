"""Embeddings of sensor arrays: windows of series on a graph, by a diffusion-convolutional autoencoder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ..errors import BadData, BadInput, MissingFile, UnknownName
from ..storage.failures import by_the_system, in_words
from ..storage.whole import whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike

    from ..training.diffusion import GraphAutoencoder

POOLS = ("none", "mean")


@dataclass(frozen=True)
class SensorRecipe:
    """What a sensor autoencoder is and how it is trained.

    Attributes
    ----------
    window, stride
        Time steps of one sample (12 in the paper) and from one sample's start to the next's.
    hidden, layers, diffusion_steps
        Hidden units a sensor, recurrent layers on each side, K of the diffusion convolution.
    steps, batch, lr
        At most so many gradient steps on so many windows each, with Adam's learning rate.
    check_every, patience
        Steps between two looks at the held-out tenth of the windows; looks without a gain of 1 % before
        training stops.
    seed
        Of the weights, the held-out part and the order of the windows.
    """

    window: int = 12
    stride: int = 1
    hidden: int = 64
    layers: int = 1
    diffusion_steps: int = 2
    steps: int = 600
    batch: int = 32
    lr: float = 1e-2
    check_every: int = 25
    patience: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if name == "seed":
                continue
            if value <= 0 or (name != "lr" and int(value) != value):
                raise BadInput(
                    f"{name} must be {'positive' if name == 'lr' else 'a whole number of at least 1'}, got {value!r}"
                )


class SensorEmbedder:
    """A trained autoencoder of one sensor array; see :func:`sensor_embedder`.

    Attributes
    ----------
    dim : int
        Of one window's vector: hidden x sensors, or hidden when pooled.
    fingerprint : str
        Changes with the weights and with the pooling.
    error, error_of_mean : float
        Mean squared error of the reconstruction on held-out windows, in standard deviations squared, and
        that of guessing each window's own mean: below it, the embedding knows more than the level.
    """

    def __init__(
        self, recipe: SensorRecipe, model: GraphAutoencoder, facts: Mapping[str, Any], weights: str, pool: str
    ) -> None:
        self.recipe, self.pool = recipe, pool
        self.mean, self.std = facts["mean"], facts["std"]  # lists, one number a feature
        self.error, self.error_of_mean = float(facts["error"]), float(facts["error_of_mean"])
        self.steps_taken = int(facts["steps_taken"])
        self.sensors, self.features = int(facts["sensors"]), int(facts["features"])
        self.dim = recipe.hidden * (self.sensors if pool == "none" else 1)
        self.fingerprint = f"sensors-{weights}-{recipe.window}x{recipe.stride}" + ("-mean" if pool == "mean" else "")
        self._model = model

    def embed(
        self, values: ArrayLike, *, mask: ArrayLike | None = None, batch: int = 64, progress: bool = True
    ) -> np.ndarray:
        """Vectors of all windows of a series of the same sensors, float32, shape (m, dim)."""
        import numpy as np
        from tqdm.auto import tqdm

        x, _ = self._windows(values, mask)
        out = np.empty((len(x), self.dim), np.float32)
        with tqdm(total=len(x), desc="embed windows", unit="window", disable=not progress, leave=False) as bar:
            for start in range(0, len(x), batch):
                part = np.ascontiguousarray(x[start : start + batch])
                out[start : start + len(part)] = self.encode(part)
                bar.update(len(part))
        return out

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Vectors (m, dim) of standardised windows (m, window, n, f), 0 where nothing was measured."""
        import torch

        self._model.eval()
        with torch.inference_mode():
            h = self._model.encode(torch.from_numpy(x))[-1]  # (m, n, hidden)
            # hidden first, sensors second, as the paper's table 6 writes the dimensions
            flat = h.mean(dim=1) if self.pool == "mean" else h.transpose(1, 2).reshape(len(x), -1)
        return flat.numpy()

    def reconstruct(self, values: ArrayLike, *, mask: ArrayLike | None = None) -> np.ndarray:
        """Windows as the decoder gives them back, in the unit of ``values``, shape (m, window, n, f)."""
        import numpy as np
        import torch

        x, _ = self._windows(values, mask)
        self._model.eval()
        with torch.inference_mode():
            back = self._model(torch.from_numpy(np.ascontiguousarray(x))).numpy()
        return back * np.asarray(self.std, np.float32) + np.asarray(self.mean, np.float32)

    def _windows(self, values: ArrayLike, mask: ArrayLike | None) -> tuple[np.ndarray, np.ndarray]:
        v, m = as_series(values, mask)
        if v.shape[1:] != (self.sensors, self.features):
            raise BadInput(
                f"this autoencoder knows {self.sensors} sensors with {self.features} features, the series has "
                f"{v.shape[1]} with {v.shape[2]}; train one for it and compare by Gromov-Wasserstein"
            )
        return windows_of(v, m, self.mean, self.std, self.recipe)

    def __repr__(self) -> str:
        r = self.recipe
        return (
            f"<sensor embedder: {r.window} steps of {self.sensors} sensors -> {r.hidden} x"
            f" {self.sensors if self.pool == 'none' else 1}, error {self.error:.3g} (a window's mean"
            f" {self.error_of_mean:.3g})>"
        )


def sensor_embedder(
    values: ArrayLike,
    adjacency: ArrayLike,
    *,
    mask: ArrayLike | None = None,
    pool: Literal["none", "mean"] = "none",
    folder: str | Path | None = None,
    train: bool = True,
    progress: bool = True,
    **recipe: Any,
) -> SensorEmbedder:
    """Train (or find again) a sequence-to-sequence autoencoder of the windows of a sensor array.

    A diffusion-convolutional GRU reads a window, a second one gives it back from the last hidden state alone;
    that state is the window's vector. Time O(steps batch window (hidden^2 n + hidden n^2)).

    Parameters
    ----------
    values : array-like, shape (t, n) or (t, n, f)
        One row a time step, one column a sensor, f numbers each.
    adjacency : array-like, shape (n, n)
        Weight of the edge from sensor i to sensor j; from distances by
        :func:`~veml_lab.formats.sensors_graph.graph_of_distances`.
    mask : array-like of bool, shape of ``values`` or (t, n), optional
        True where there is a measurement. The rest enters as the mean and is left out of the loss.
    pool
        ``"none"``: hidden x sensors numbers a window, as in the paper's table 6. ``"mean"``: the mean over
        the sensors, hidden numbers.
    folder : path, optional
        Keep the weights here, a safetensors file named after recipe, data and seed: what was trained
        before is read, not trained again.
    train
        False: only read what was trained before, for a folder that cannot be written.
    **recipe
        Of :class:`SensorRecipe`.

    Raises
    ------
    BadData
        NaN or infinity where the mask says that there is a measurement; the time step and sensor are named.
    BadInput
        Shapes that do not fit, a negative weight, too few time steps.
    MissingFile
        It was not trained before, and ``train`` is false.

    Source
    ------
    VeML, section IV.D.4 (autoencoder, table 6); Y. Li et al., Diffusion convolutional recurrent neural network,
    2018, equations 2 to 4 (convolution and cell). We reconstruct in reverse order and feed the decoder its
    own outputs, so that nothing but the hidden state carries the window.
    """
    from ..training.diffusion import as_adjacency

    if pool not in POOLS:
        raise UnknownName.of("pooling of a sensor embedding", pool, POOLS)
    try:
        r = SensorRecipe(**recipe)
    except TypeError as e:
        raise UnknownName.of(
            "option of a sensor autoencoder", str(e).split("'")[1], SensorRecipe.__dataclass_fields__
        ) from e
    v, m = as_series(values, mask)
    graph = as_adjacency(adjacency, v.shape[1])
    key = _key(r, v, m, graph)
    file = Path(folder) / f"sensors-{key}.safetensors" if folder is not None else None
    if file is not None and file.exists():
        return load_sensor_embedder(file, pool=pool)
    if not train:
        raise MissingFile(
            f"the autoencoder of these sensors was not trained before ({file} is not there); train it where the folder"
            " can be written"
        )
    model, facts = _train(r, v, m, graph, progress)
    tensors = {"adjacency": _tensor(graph), **model.state_dict()}
    if file is not None:
        _save(file, tensors, {"recipe": asdict(r), **facts})
    return SensorEmbedder(r, model, facts, _weights_hash(tensors), pool)


def load_sensor_embedder(file: str | Path, *, pool: Literal["none", "mean"] = "none") -> SensorEmbedder:
    """A trained autoencoder from its safetensors file."""
    from safetensors import SafetensorError, safe_open

    from ..training.diffusion import GraphAutoencoder

    try:
        with safe_open(str(file), framework="pt") as f:
            facts = json.loads((f.metadata() or {})["veml"])
            tensors = {k: f.get_tensor(k) for k in f.keys()}  # noqa: SIM118 - no mapping
        r = SensorRecipe(**facts["recipe"])
        model = GraphAutoencoder(tensors["adjacency"], facts["features"], r.hidden, r.layers, r.diffusion_steps)
        model.load_state_dict({k: t for k, t in tensors.items() if k != "adjacency"})
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as e:
        said = by_the_system(e, file)
        if said is not None:
            raise said from e
        raise BadData(f"{file} is no sensor autoencoder ({type(e).__name__}: {e}); remove it and train again") from e
    return SensorEmbedder(r, model, facts, _weights_hash(tensors), pool)


def as_series(values: ArrayLike, mask: ArrayLike | None) -> tuple[np.ndarray, np.ndarray]:
    """Check a series once: float32 values (t, n, f), 0 where nothing was measured, and the bool mask of that shape."""
    import numpy as np

    v = np.asarray(values)
    if v.dtype.kind not in "fiub":
        raise BadData(f"the series has the type {v.dtype}; give numbers, one row a time step, one column a sensor")
    if v.ndim == 2:
        v = v[:, :, None]
    if v.ndim != 3 or 0 in v.shape:
        raise BadInput(f"a series has the shape (time, sensors) or (time, sensors, features), not {np.shape(values)}")
    v = v.astype(np.float32)
    m: Any = np.ones(v.shape, bool)
    if mask is not None:
        m = np.asarray(mask)
        m = m[:, :, None] if m.ndim == 2 else m
        if m.dtype != bool or m.shape[:2] != v.shape[:2] or m.shape[2] not in (1, v.shape[2]):
            raise BadInput(
                f"the mask must be bool of the shape of the series {v.shape[:2]}, got {m.dtype} {np.shape(mask)}"
            )
        m = np.broadcast_to(m, v.shape)
    bad = np.argwhere(m & ~np.isfinite(v))
    if len(bad):
        t, n, _ = bad[0].tolist()
        raise BadData(
            f"the series has NaN or infinity in {len(bad)} places, first at time step {t} of sensor {n}; "
            "where nothing was measured say so: mask=~np.isnan(values)"
        )
    return np.where(m, v, np.float32(0)), m


def windows_of(
    v: np.ndarray, m: np.ndarray, mean: list[float], std: list[float], recipe: SensorRecipe
) -> tuple[np.ndarray, np.ndarray]:
    """Standardised windows (w, window, n, f), 0 where nothing was measured, and their masks; views on one copy."""
    import numpy as np

    if len(v) < recipe.window:
        raise BadInput(f"the series has {len(v)} time steps; a window takes {recipe.window}")
    x = np.where(m, (v - np.asarray(mean, np.float32)) / np.asarray(std, np.float32), np.float32(0))
    cut = [
        np.lib.stride_tricks.sliding_window_view(a, recipe.window, axis=0)[:: recipe.stride].transpose(0, 3, 1, 2)
        for a in (x, m)
    ]
    return cut[0], cut[1]


def _train(
    r: SensorRecipe, v: np.ndarray, m: np.ndarray, graph: np.ndarray, progress: bool
) -> tuple[GraphAutoencoder, dict[str, Any]]:
    import numpy as np
    import torch
    from tqdm.auto import tqdm

    from ..execute.memory import keep_freed_memory
    from ..training.diffusion import GraphAutoencoder

    keep_freed_memory()
    seen = m.sum(axis=(0, 1))
    if (seen == 0).any():
        raise BadData(f"feature {int(np.argmin(seen))} of the series was never measured")
    mean = v.sum(axis=(0, 1), dtype=np.float64) / seen
    std = np.sqrt((np.where(m, v - mean, 0.0) ** 2).sum(axis=(0, 1)) / seen)
    std = np.where(std > 0, std, 1.0)
    x, ok = windows_of(v, m, mean.tolist(), std.tolist(), r)
    if len(x) < 10:
        raise BadInput(f"the series gives {len(x)} windows; training takes at least 10")
    rng = np.random.default_rng(r.seed)
    # the held-out tenth is the end of the series: neighbouring windows share all but one step
    held = np.arange(len(x) - max(1, len(x) // 10), len(x))
    train = np.arange(held[0] - min(r.window // r.stride, held[0] // 2))
    held = held[np.unique(np.linspace(0, len(held) - 1, min(len(held), 128)).astype(int))]

    def tensors(at: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.from_numpy(np.ascontiguousarray(x[at])), torch.from_numpy(np.ascontiguousarray(ok[at])).float()

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(r.seed)
        model = GraphAutoencoder(_tensor(graph), v.shape[2], r.hidden, r.layers, r.diffusion_steps)
    optimiser = torch.optim.Adam(model.parameters(), lr=r.lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, r.steps, eta_min=r.lr / 20)

    def error(at: np.ndarray, guess: Any) -> float:
        total, count = 0.0, 0.0
        with torch.inference_mode():
            for part in np.array_split(at, -(-len(at) // 64)):
                a, w = tensors(part)
                total += float((((guess(a, w) - a) ** 2) * w).sum())
                count += float(w.sum())
        return total / max(count, 1.0)

    best, state, waited, taken = np.inf, {k: t.clone() for k, t in model.state_dict().items()}, 0, 0
    order = np.empty(0, np.int64)
    with tqdm(total=r.steps, desc="train sensor autoencoder", unit="step", disable=not progress, leave=False) as bar:
        for step in range(1, r.steps + 1):
            if len(order) < r.batch:
                order = np.concatenate([order, rng.permutation(train)])
            at, order = order[: r.batch], order[r.batch :]
            a, w = tensors(at)
            model.train()
            loss = (((model(a) - a) ** 2) * w).sum() / w.sum().clamp(min=1)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
            schedule.step()
            taken = step
            bar.update()
            if step % r.check_every == 0 or step == r.steps:
                now = error(held, lambda a, w: model(a))
                bar.set_postfix(held_out=f"{now:.3g}")
                waited = 0 if now < 0.99 * best else waited + 1
                if now < best:
                    best, state = now, {k: t.clone() for k, t in model.state_dict().items()}
                if waited >= r.patience:
                    break
    model.load_state_dict(state)

    def window_mean(a: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        return (a * w).sum(dim=1, keepdim=True) / w.sum(dim=1, keepdim=True).clamp(min=1)

    facts = {
        "mean": mean.tolist(), "std": std.tolist(), "error": best, "error_of_mean": error(held, window_mean),
        "steps_taken": taken, "sensors": v.shape[1], "features": v.shape[2],
    }  # fmt: skip
    return model.eval(), facts


def _tensor(graph: np.ndarray) -> Any:
    import torch

    return torch.from_numpy(graph.copy())  # what comes out of a lab is mapped and cannot be written


def _key(r: SensorRecipe, v: np.ndarray, m: np.ndarray, graph: np.ndarray) -> str:
    digest = hashlib.sha256(json.dumps(asdict(r), sort_keys=True).encode())
    for a in (v, m, graph):
        digest.update(str(a.shape).encode())
        digest.update(a.tobytes())
    return digest.hexdigest()[:16]


def _weights_hash(tensors: Mapping[str, Any]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def _save(file: Path, tensors: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    from safetensors.torch import save_file

    with in_words(file.parent):
        file.parent.mkdir(parents=True, exist_ok=True)
    with whole(file) as draft:
        save_file({k: t.contiguous() for k, t in tensors.items()}, str(draft), metadata={"veml": json.dumps(facts)})
