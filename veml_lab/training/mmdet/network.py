"""mmdet made ready, networks built from stored configurations, and their answers."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..._optional import need
from ...errors import BadInput, MissingExtra, VemlError
from ...versions.torch_dataset import VersionDataset
from ..weights import load_into, rows_per_class
from . import config as configs
from . import ext, plain
from .scope import scope

WHY = "the mmdet backend trains with it"
PLAIN = ("architecture", "backbone", "width", "neck_channels", "size_px")  # the fields that a plain recipe is made of


@functools.cache
def ready() -> None:
    """Import mmdet with the stand-in for its compiled operators; :class:`MissingExtra` where it is not installed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # mmcv and mmdet warn of their own moved modules
        for module in ("mmengine", "mmcv"):
            need(module, extra="mmdet", why=WHY)
        ext.install()
        try:
            need("mmdet", extra="mmdet", why=WHY)
        except AssertionError as e:  # mmdet asserts the versions of mmcv and mmengine that it knows
            raise MissingExtra(
                f"the installed mmdet and mmcv do not go together ({e}); install them with: pip install"
                " 'veml-lab[mmdet]'"
            ) from e
        for module in ("mmdet.models", "mmdet.datasets", "mmdet.engine"):
            need(module, extra="mmdet", why=WHY)
    # written for older torch, and nothing that a user could mend
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"mm(det|cv|engine)\.")
    for message in ("torch.meshgrid", "pkg_resources is deprecated"):
        warnings.filterwarnings("ignore", message=message)
    from . import dataset as data  # noqa: F401  registers the data set of a version


def build(recipe: Mapping[str, Any]) -> Any:
    """The detector of a completed recipe, with the weights of its constructors.

    Raises
    ------
    BadInput
        mmdet cannot build it; with its reason.
    """
    return build_config(configs.parse(recipe["config"]))


def build_config(config: Mapping[str, Any]) -> Any:
    """As :func:`build`, from a parsed configuration."""
    ready()
    from mmdet.registry import MODELS
    from mmengine.config import ConfigDict

    try:
        with scope(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return MODELS.build(ConfigDict(config["model"]))
    except VemlError:
        raise
    except Exception as e:  # the registries pass on whatever a constructor raises
        raise BadInput(
            f"mmdet cannot build this {config['model'].get('type')}:"
            f" {str(e).splitlines()[0] if str(e) else type(e).__name__}"
        ) from e


def load(recipe: Mapping[str, Any], checkpoint: Path) -> Any:
    """The detector with its weights, in evaluation mode."""
    return load_into(build(recipe), checkpoint)


def class_rows(recipe: Mapping[str, Any]) -> dict[str, int]:
    """Rows a class of the tensors that depend on the classes."""
    config = configs.parse(recipe["config"])
    return rows_per_class(lambda n: build_config(configs.adapt(config, n, None)[0]), recipe["num_classes"])


def complete(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe with its resolved configuration and metadata, checked by building the network once.

    ``config`` may be a file or a name that the user gives in this process (see :func:`.config.read`), the
    text of a completed recipe, or absent: then the recipe's plain fields are made into one.
    """
    ready()
    r = {"backend": "mmdet", **recipe}
    if r.get("task", "detection") != "detection":
        raise BadInput(f"the mmdet backend is for detection, not {r['task']}; use the torchvision backend")
    classes = r.get("num_classes", 0)
    if not isinstance(classes, int) or isinstance(classes, bool) or classes < 1:
        raise BadInput(f"num_classes must be a whole number of at least 1, got {classes!r}")
    r["task"] = "detection"
    given = r.get("config")
    if given is not None and not isinstance(given, str):
        raise BadInput(
            f"config is a file, a name as 'mmdet::...', or the text of a configuration; got a {type(given).__name__}"
        )
    fields = {k: r[k] for k in PLAIN if k in r}
    if given is None or (r.get("config_source") == "plain" and r.get("plain") != fields):
        source, config, size = "plain", plain.make(r), None
    elif given.lstrip().startswith("{"):
        source, config, size = r.get("config_source", "text"), configs.parse(given), None
        if r.get("size_px") is not None and list(r["size_px"]) != list(configs.input_size(config)):
            size = r["size_px"]
    else:
        source, config, size = (
            given if given.startswith("mmdet::") else Path(given).name,
            configs.read(given),
            r.get("size_px"),
        )
    config, changed = configs.adapt(config, classes, size)
    r |= configs.metadata(config)
    if source == "plain":
        r |= {
            "architecture": fields["architecture"],
            "backbone": fields.get("backbone") or plain.body_of(fields["architecture"]),
        }
        r["plain"] = {k: list(r[k]) if k == "size_px" else r[k] for k in PLAIN if k in r}
    text = configs.text_of(config)
    if configs.parse(text) != config:
        raise BadInput(
            "this configuration holds values that are no plain literals (an infinity?); write them as numbers"
        )
    with torch.random.fork_rng(devices=[]):
        net = build_config(config)
    return r | {
        "config": text,
        "config_source": source,
        "config_changes": r.get("config_changes") or changed,
        "epochs": int(config.get("train_cfg", {}).get("max_epochs") or 12),
        "parameters": sum(p.numel() for p in net.parameters()),
    }


# -- predicting --------------------------------------------------------------------------------------------


def predict(
    net: Any, config: Mapping[str, Any], images: VersionDataset, *, progress: bool = False
) -> list[dict[str, np.ndarray]]:
    """Boxes in pixels of the stored images, through the configuration's test pipeline.

    Returns
    -------
    list
        One dict a sample: ``boxes`` (m, 4) x1 y1 x2 y2 inside the image, ``scores`` (m,), ``labels`` (m,).
    """
    from tqdm.auto import tqdm

    parts = answers(net, config, images, range(len(images)))
    total = -(-len(images) // _batch(config))
    bar = tqdm(parts, total=total, desc="predict", unit="batch", disable=not progress, leave=False)
    return [said for part in bar for said in part]


@torch.inference_mode()
def answers(
    net: Any, config: Mapping[str, Any], images: VersionDataset, positions: Sequence[int]
) -> Iterator[list[dict[str, np.ndarray]]]:
    """As :func:`predict`, of some of the images, a batch at a time."""
    from mmengine.dataset import pseudo_collate

    from .dataset import version_dataset

    net.eval()
    data = version_dataset(config["test_dataloader"]["dataset"], images, test=True)
    size = _batch(config)
    for s in range(0, len(positions), size):
        batch = pseudo_collate([data[p] for p in positions[s : s + size]])
        with scope(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = net.test_step(batch)
        yield [_inside(a.pred_instances, *a.metainfo["ori_shape"][1::-1]) for a in found]


def _batch(config: Mapping[str, Any]) -> int:
    return max(1, int(config["test_dataloader"]["batch_size"]))


def _inside(instances: Any, width: int, height: int) -> dict[str, np.ndarray]:
    boxes = instances.bboxes.cpu().float().numpy().clip(0, [width, height, width, height]).astype(np.float32)
    return {"boxes": boxes, "scores": instances.scores.cpu().float().numpy(), "labels": instances.labels.cpu().numpy()}
