"""Configurations: read without running code, made to fit a data version, kept as plain text.

mmengine runs a configuration file as Python. Here a file (and every file that it is based on) is first
read as a syntax tree and must be made of assignments, literals, ``dict()`` and arithmetic, as nearly all
of mmdet's own are; anything else is refused. What comes out is resolved to plain values, and those are
kept as the text of a Python literal: what a stored model version is rebuilt from is data, not code.
"""

from __future__ import annotations

import ast
import copy
import pprint
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..._optional import need
from ...errors import BadInput, MissingFile, UnknownName

CALLS = {"dict", "list", "tuple", "range", "len", "int", "float", "min", "max", "round", "enumerate"}
METHODS = {"update", "pop", "append", "extend", "copy", "get", "items", "keys", "values"}
NODES = (
    ast.Module,
    ast.Assign,
    ast.AugAssign,
    ast.Expr,
    ast.Delete,
    ast.Del,
    ast.Name,
    ast.Load,
    ast.Store,
    ast.Constant,
    ast.Tuple,
    ast.List,
    ast.Set,
    ast.Dict,
    ast.keyword,
    ast.Call,
    ast.Attribute,
    ast.Subscript,
    ast.Slice,
    ast.Starred,
    ast.UnaryOp,
    ast.BinOp,
    ast.operator,
    ast.unaryop,
    ast.JoinedStr,
    ast.FormattedValue,
    ast.ListComp,
    ast.DictComp,
    ast.comprehension,
    ast.Compare,
    ast.cmpop,
    ast.IfExp,
    ast.BoolOp,
    ast.boolop,
)
KEPT = (
    "default_scope",
    "model",
    "train_dataloader",
    "test_dataloader",
    "train_cfg",
    "optim_wrapper",
    "param_scheduler",
    "custom_hooks",
)
SIZED = {  # transforms whose argument is the size of the picture
    "Resize": "scale", "FixScaleResize": "scale", "RandomResize": "scale", "Pad": "size", "RandomCrop": "crop_size",
    "Mosaic": "img_scale", "MixUp": "img_scale", "CachedMosaic": "img_scale", "CachedMixUp": "img_scale",
}  # fmt: skip


def read(source: str) -> dict[str, Any]:
    """The resolved configuration of a file, or of a name as ``mmdet::retinanet/retinanet_r18_fpn_1x_coco.py``.

    Raises
    ------
    MissingFile, UnknownName
        There is no such file; mmdet ships no configuration of that name.
    BadInput
        It holds more than plain values, or mmengine cannot parse it.
    """
    path = _shipped(source) if source.startswith("mmdet::") else Path(source)
    if not path.is_file():
        raise MissingFile(
            f"there is no mmdet configuration {source}; give a file, or a name as"
            " 'mmdet::retinanet/retinanet_r18_fpn_1x_coco.py'"
        )
    seen: set[Path] = set()
    _check_code(path.resolve(), seen)
    mmengine = need("mmengine.config", extra="mmdet", why="the mmdet backend reads its configurations with it")
    try:
        config = mmengine.Config.fromfile(str(path), import_custom_modules=False).to_dict()
    except Exception as e:  # mmengine raises whatever the file's expressions raise
        raise BadInput(
            f"mmengine cannot read {source}: {type(e).__name__}: {str(e).splitlines()[0] if str(e) else ''}"
        ) from e
    if not isinstance(config.get("model"), dict):
        raise BadInput(f"{source} describes no model; give the configuration of a whole training, not one of its parts")
    return plain_values(config, source)


def _shipped(source: str) -> Path:
    """The file of a configuration that comes with mmdet."""
    mmdet = need("mmdet", extra="mmdet", why="its configurations come with it")
    home = (Path(str(mmdet.__file__)).parent / ".mim" / "configs").resolve()
    name = source.removeprefix("mmdet::")
    path = (home / (name if name.endswith(".py") else name + ".py")).resolve()
    if home not in path.parents or not path.is_file():
        known = [str(p.relative_to(home)) for p in home.glob("*/*.py") if not p.parts[-2].startswith("_")]
        raise UnknownName.of("mmdet configuration", name, known)
    return path


def _check_code(path: Path, seen: set[Path]) -> None:
    """Refuse a file that does more than assign plain values, and so for all that it is based on."""
    if path in seen:
        return
    seen.add(path)
    if path.suffix != ".py":
        if path.suffix not in (".json", ".yml", ".yaml"):
            raise BadInput(f"{path} is no configuration: .py, .json or .yaml")
        return
    try:
        text = path.read_text(encoding="utf-8")
        # mmengine fills {{ ... }} in before it parses; as Python it reads as a set in a set
        tree = ast.parse(text)
    except FileNotFoundError as e:
        raise MissingFile(f"there is no {path}, which the configuration is based on") from e
    except (SyntaxError, UnicodeDecodeError, ValueError) as e:
        raise BadInput(f"{path} is no Python configuration: {e}") from e
    for node in ast.walk(tree):
        problem = _problem(node)
        if problem:
            raise BadInput(
                f"{path}, line {getattr(node, 'lineno', '?')}: {problem}. VeML reads configurations that only assign"
                " plain values; write the resolved one with mmengine (Config.fromfile(...).dump('plain.py')) and give"
                " that"
            )
    for base in _bases(tree, path):
        _check_code(base, seen)


def _problem(node: ast.AST) -> str | None:
    if not isinstance(node, NODES):
        return f"{type(node).__name__} is code"
    if isinstance(node, ast.Name) and node.id.startswith("__"):
        return f"the name {node.id} is code"
    if isinstance(node, ast.Attribute) and node.attr.startswith("_") and node.attr != "_base_":
        return f"the attribute {node.attr} is code"
    if isinstance(node, ast.Call):
        plain = isinstance(node.func, ast.Name) and node.func.id in CALLS
        method = isinstance(node.func, ast.Attribute) and node.func.attr in METHODS
        if not (plain or method):
            return f"the call of {ast.unparse(node.func)} is code"
    return None


def _bases(tree: ast.Module, path: Path) -> Iterator[Path]:
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == "_base_" for t in statement.targets
        ):
            for node in ast.walk(statement.value):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    base = node.value
                    yield _shipped(base) if base.startswith("mmdet::") else (path.parent / base).resolve()


def plain_values(config: Mapping[str, Any], source: str) -> dict[str, Any]:
    """A deep copy of a configuration's parts that describe the training, checked to be plain values with short type
    names."""
    if config.get("custom_imports"):
        raise BadInput(
            f"{source} imports modules of its own (custom_imports); only what mmdet itself has can be kept in a lab"
        )
    kept = {k: _plain(config[k], f"{source}: {k}") for k in KEPT if config.get(k) is not None}
    return {"default_scope": "mmdet", **kept}


def _plain(value: Any, where: str) -> Any:
    if isinstance(value, Mapping):
        made = {k: _plain(v, f"{where}.{k}") for k, v in value.items()}
        kind = made.get("type")
        if isinstance(kind, str):
            # a dotted path would be imported by the registry, whatever it names: only registered names stay
            made["type"] = kind.rsplit(".", 1)[-1]
        elif isinstance(kind, type):
            made["type"] = kind.__name__
        return made
    if isinstance(value, (list, tuple)):
        return type(value)(_plain(v, where) for v in value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise BadInput(
        f"{where} holds a {type(value).__name__}; a configuration that is kept in a lab is made of plain values"
    )


def text_of(config: Mapping[str, Any]) -> str:
    """The text of a resolved configuration: a Python literal, one that :func:`parse` reads back as the same."""
    return pprint.pformat(dict(config), width=120, sort_dicts=False)


def parse(text: str) -> dict[str, Any]:
    """A stored configuration; nothing in the text is run, and no type may be a path to import."""
    try:
        config = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError) as e:
        raise BadInput(f"the stored mmdet configuration is no literal: {e}") from e
    if not isinstance(config, dict) or not isinstance(config.get("model"), dict):
        raise BadInput("the stored mmdet configuration describes no model")
    for d in dicts(config):
        if "." in str(d.get("type", "")) or "custom_imports" in d:
            raise BadInput(
                f"the stored mmdet configuration names the type {d.get('type')!r}; only registered names are built"
            )
    return config


def dicts(value: Any) -> Iterator[dict[str, Any]]:
    """Every dict in nested plain values, outer ones first."""
    if isinstance(value, dict):
        yield value
        for v in value.values():
            yield from dicts(v)
    elif isinstance(value, (list, tuple)):
        for v in value:
            yield from dicts(v)


# -- made to fit -------------------------------------------------------------------------------------------


def adapt(
    config: Mapping[str, Any], num_classes: int, size_px: Sequence[int] | None
) -> tuple[dict[str, Any], list[str]]:
    """The configuration for so many classes and that input size, without the network; and what was changed in it.

    Raises
    ------
    BadInput
        A network that is trained on more than boxes (masks, panoptic segmentation, tracking, text).
    """
    c = copy.deepcopy(dict(config))
    model, said = c["model"], []
    roi = model.get("roi_head")
    if isinstance(roi, dict) and roi.get("mask_head") and roi.get("type") in ("StandardRoIHead", "CascadeRoIHead"):
        roi["mask_head"] = roi["mask_roi_extractor"] = None
        said.append("the mask head is left out: it trains on boxes")
    for d in dicts(model):
        other = [k for k in ("mask_head", "semantic_head", "panoptic_head", "track_head", "language_model") if d.get(k)]
        if other:
            raise BadInput(
                f"this configuration trains a {other[0].replace('_', ' ')}; the mmdet backend trains on classes and"
                " boxes only"
            )
    heads = [d for k, d in _named(model) if "num_classes" in d and k != "backbone"]
    if not heads:
        raise BadInput(
            f"the model {model.get('type')!r} of this configuration has no num_classes; it is no detector that can"
            " learn other classes"
        )
    for d in heads:
        d["num_classes"] = num_classes
    for d in dicts(c):
        for key in ("init_cfg", "pretrained"):
            if "Pretrained" in str(d.get(key)) or (key == "pretrained" and isinstance(d.get(key), str)):
                d[key] = None
                said.append("pretrained weights are not fetched")
        if d.get("type") in ("SyncBN", "MMSyncBN"):
            d["type"] = "BN"
        if d.get("type") == "LoadAnnotations":
            d.clear()
            d.update(type="LoadAnnotations", with_bbox=True)
    if "pretrained weights are not fetched" in said:
        said += _thaw(model.get("backbone", {}))
    for loader in ("train_dataloader", "test_dataloader"):
        if loader in c:
            c[loader] = {"batch_size": c[loader].get("batch_size", 2), "dataset": _leaf(c[loader].get("dataset", {}))}
    if "train_dataloader" not in c:
        raise BadInput("this configuration has no train_dataloader; give the configuration of a whole training")
    c.setdefault("test_dataloader", {"batch_size": 1, "dataset": {"type": "VersionDetDataset", "pipeline": []}})
    if size_px is not None:
        said += _resize(c, tuple(size_px))
    return c, list(dict.fromkeys(said))


def _named(value: Any, key: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        yield key, value
        for k, v in value.items():
            yield from _named(v, k)
    elif isinstance(value, (list, tuple)):
        for v in value:
            yield from _named(v, key)


def _thaw(backbone: dict[str, Any]) -> list[str]:
    """Frozen layers and frozen batch statistics make sense on trained weights only."""
    said = []
    if backbone.get("frozen_stages", -1) >= 0:
        backbone["frozen_stages"] = -1
        said.append("its frozen stages are trained")
    if backbone.get("norm_eval"):
        backbone["norm_eval"] = False
        said.append("batch normalisation learns its statistics")
    norm = backbone.get("norm_cfg")
    if isinstance(norm, dict) and norm.get("requires_grad") is False:
        norm["requires_grad"] = True
    return said


def _leaf(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """A data set of the configuration, wrappers kept, its innermost one replaced by the data version."""
    if isinstance(dataset.get("dataset"), dict):
        return {**dataset, "dataset": _leaf(dataset["dataset"])}
    if dataset.get("datasets"):
        return _leaf(dataset["datasets"][0])
    return {"type": "VersionDetDataset", "pipeline": list(dataset.get("pipeline") or [])}


def _resize(config: dict[str, Any], size: tuple[int, ...]) -> list[str]:
    changed = 0
    for d in dicts(config):
        key = SIZED.get(str(d.get("type")))
        if key and d.get(key) is not None:
            d[key] = size
            changed += 1
        elif d.get("type") == "RandomChoiceResize":
            d["scales"], changed = [size], changed + 1
        elif d.get("type") == "RandomAffine" and d.get("border"):
            d["border"] = (-size[0] // 2, -size[1] // 2)
    batch = config["model"].get("data_preprocessor", {}).get("batch_augments")
    if batch:
        config["model"]["data_preprocessor"]["batch_augments"] = [
            b for b in batch if b.get("type") != "BatchSyncRandomResize"
        ] or None
    if not changed:
        raise BadInput("this configuration resizes no picture, so size_px cannot be set; leave size_px out")
    return [f"pictures of {size[0]} x {size[1]} px"]


# -- what it says of itself --------------------------------------------------------------------------------

ARCHITECTURES = {
    "FasterRCNN": "faster-rcnn",
    "RetinaNet": "retinanet",
    "CascadeRCNN": "cascade-rcnn",
    "DeformableDETR": "deformable-detr",
}


def metadata(config: Mapping[str, Any]) -> dict[str, Any]:
    """Architecture, backbone, neck, head, loss and input size: the nodes that models share, in the words of the other
    backends."""
    model = config["model"]
    body, neck = model.get("backbone", {}), model.get("neck") or {}
    neck = neck[0] if isinstance(neck, (list, tuple)) else neck
    kind = str(body.get("type", "none"))
    depth = body.get("depth") or (f"-{body['widen_factor']:g}" if "widen_factor" in body else "")
    heads = [
        str(d["type"])
        for k, d in _named(model)
        if k.endswith("_head") and "type" in d and d["type"] not in ("StandardRoIHead", "CascadeRoIHead")
    ]
    losses = [str(d["type"]) for k, d in _named(model) if k.startswith("loss") and "type" in d]
    channels = neck.get("out_channels")
    return {
        "architecture": ARCHITECTURES.get(model["type"], str(model["type"]).lower()),
        "backbone": f"{kind.lower()}{depth}",
        "neck": f"{neck['type']}{f'-{channels}' if channels else ''}" if neck.get("type") else "none",
        "head": " + ".join(dict.fromkeys(heads)) or str(model["type"]),
        "loss": " + ".join(dict.fromkeys(losses)) or "none",
        "size_px": list(input_size(config)),
    }


def input_size(config: Mapping[str, Any]) -> tuple[int, int]:
    """Width and height that the test pipeline brings pictures to."""
    for d in dicts(config["test_dataloader"]):
        key = SIZED.get(str(d.get("type")))
        if (
            key
            and isinstance(d.get(key), (list, tuple))
            and len(d[key]) == 2
            and all(isinstance(s, int) for s in d[key])
        ):
            return tuple(d[key])  # type: ignore[return-value]
    raise BadInput("the test pipeline of this configuration has no Resize with a fixed scale; add one")
