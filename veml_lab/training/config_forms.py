"""Configurations of other tools as plain nested values, recognised by their shape: none of them is imported.

Mappings are read item by item (OmegaConf and Hydra: with their interpolations resolved), ml_collections' ConfigDict
by its ``to_dict``, a Fiddle ``Config`` by the arguments that were set, a dataclass by its fields.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import BadData, BadInput
from ..storage.failures import in_words
from ..storage.toml_text import read_toml
from .config_schema import FIELDS, hypers

FILES = (".toml", ".yaml", ".yml", ".json")


def plain_of(value: Any, at: str = "the config") -> Any:
    """A value of any of these forms as mappings, lists, numbers, texts, truth values and None.

    >>> plain_of({"hyper": {"augment": ("flip",)}})
    {'hyper': {'augment': ['flip']}}
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, Mapping):
        return {str(k): plain_of(value[k], str(k)) for k in value}
    if hasattr(value, "__fn_or_cls__") and hasattr(value, "__arguments__"):  # fiddle.Config and its relatives
        return plain_of(value.__arguments__, at)
    if callable(getattr(value, "to_dict", None)):
        return plain_of(value.to_dict(), at)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain_of(getattr(value, f.name), f.name) for f in dataclasses.fields(value)}
    if hasattr(value, "tolist"):  # NumPy's numbers and arrays
        return plain_of(value.tolist(), at)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain_of(v, at) for v in value]
    for kind in (bool, int, float, str):  # their subclasses: enumerations of texts or numbers
        if isinstance(value, kind):
            return kind.__call__(value) if kind is not str else str.__str__(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise BadInput(
        f"{at} holds a {type(value).__name__}, {value!r:.60}; a config holds numbers, texts, truth values, lists and"
        " mappings of them"
    )


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by dotted paths as nested ones; keys further inside are left as they are, dots and all.

    >>> nested({"hyper.lr": 0.01, "hyper": {"epochs": 3}})
    {'hyper': {'lr': 0.01, 'epochs': 3}}
    """
    found: dict[str, Any] = {}
    for path, value in values.items():
        first, *inner = path.split(".") if path.partition(".")[0] in FIELDS else [path]
        for part in reversed(inner):
            value = {part: value}
        found = joined(found, {first: value})
    return found


def joined(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Nested values with others in their place; a mapping joins the one that is there."""
    found = dict(values)
    for key, value in changes.items():
        there = found.get(key)
        both = isinstance(there, Mapping) and isinstance(value, Mapping)
        found[key] = joined(there, value) if both else value  # type: ignore[arg-type]
    return found


def read_config(path: Path) -> dict[str, Any]:
    """The nested values of a TOML, YAML or JSON file.

    Raises
    ------
    BadData
        It cannot be read as such; the message has the line.
    """
    kind = path.suffix.lower()
    if kind not in FILES:
        raise BadInput(
            f"a config is a file {', '.join(FILES)}, or a mapping; got {str(path)!r} (of a training by its name:"
            " veml.config(lab[NAME]))"
        )
    if kind == ".toml":
        return read_toml(path)
    with in_words(path, "read"):
        data = path.read_bytes()
    try:
        values = json.loads(data) if kind == ".json" else _yaml(data)
    except (ValueError, RecursionError) as e:  # of JSON, of YAML, of text that is no UTF-8
        said = " ".join(str(e).split())
        raise BadData(f"{path} is no {'JSON' if kind == '.json' else 'YAML'}: {said}") from None
    if not isinstance(values, dict):
        raise BadData(f"{path} holds a {type(values).__name__}; a config is a mapping")
    return plain_of(values)


def _yaml(data: bytes) -> Any:
    import yaml

    try:
        values = yaml.safe_load(data)
    except yaml.YAMLError as e:
        raise ValueError(e) from None
    hyper = values.get("hyper") if isinstance(values, dict) else None
    if isinstance(hyper, dict):  # 1e-3 without a dot is a text to YAML 1.1
        known = hypers(None)
        for name, value in hyper.items():
            if isinstance(value, str) and name in known and known[name].kind in (int, float):
                hyper[name] = known[name].parse(value)
    return values
