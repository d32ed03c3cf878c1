"""What speaks for tables, series, videos and the fixed layouts of known sets."""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import VemlError
from ..sources.clues import LOOKED_INTO, Clues, Evidence, common_folder, spread
from ..sources.tree import Tree
from . import cifar as cifar_files
from . import documents as document_files
from . import idx as idx_files
from . import sensors as sensor_files
from . import table_files
from . import video as video_files
from .sensors_mat import readings_in

_SHARD = re.compile(r"-\d{5}-of-\d{5}(-[0-9a-f]+)?\.(parquet|arrow)$")
_MAT_BYTES = 1 << 28
_PACKED_BYTES = 1 << 26  # a table in an archive is read whole
_METADATA = ("metadata.jsonl", "metadata.csv", "metadata.parquet")


def _named(clues: Clues, pattern: re.Pattern[str], why: str, confidence: float) -> Evidence | None:
    found = [n for n in clues.names if pattern.fullmatch(n.rpartition("/")[2])]
    return Evidence(confidence, why.format(found[0]), common_folder(found)) if found else None


def idx(clues: Clues) -> Evidence | None:
    """Names of the MNIST family."""
    return _named(clues, idx_files.NAME, "{} is named as MNIST's files", 0.98)


def cifar(clues: Clues) -> Evidence | None:
    """Names of CIFAR's binary version."""
    return _named(clues, cifar_files.NAME, "{} is named as CIFAR's files", 0.97)


def documents(clues: Clues) -> Evidence | None:
    """documents.csv and the like."""
    return _named(clues, document_files.NAME, "{} lists pictures with path, md5 and annotation", 0.98)


def sensors(clues: Clues) -> Evidence | None:
    """Names that are those of known sets of readings, or arrays in MATLAB files where there are no pictures."""
    found = _named(clues, sensor_files.NAME, "{} is named as a set of readings over time", 0.96)
    if found is not None or clues.pictures:
        return found
    mats = [n for n in clues.ending(".mat") if clues.tree.size(n) <= _MAT_BYTES]
    for name in spread(mats, LOOKED_INTO):
        if shape := readings_in(clues.tree.read(name)):
            return Evidence(0.9, f"{name} holds {shape}, as readings over time do", common_folder(mats))
    return None


def huggingface(clues: Clues) -> Evidence | None:
    """What save_to_disk wrote, shards, or pictures with their metadata."""
    saved = clues.called("state.json")
    if saved and clues.called("dataset_info.json"):
        return Evidence(0.98, f"{saved[0]} and dataset_info.json, as save_to_disk writes them", common_folder(saved))
    described = clues.called(*_METADATA) if clues.pictures else []
    if described and _names_files(clues, described[0]):
        return Evidence(0.96, f"{described[0]} says of each picture what it is", common_folder(described))
    shards = [n for n in clues.ending(".parquet", ".arrow") if _SHARD.search(n)]
    if shards:
        return Evidence(0.9, f"{shards[0]} is a shard of a split, as the hub has them", common_folder(shards))
    tables = clues.ending(".parquet")
    for name in spread(tables, 3):
        if _holds_pictures(clues.tree, name):
            return Evidence(0.9, f"{name} has a column of pictures, as the hub has them", common_folder(tables))
    return None


def _holds_pictures(tree: Tree, name: str) -> bool:
    """Whether a Parquet file has a column of pictures; only the end of a plain file is read."""
    from .hf_features import is_picture
    from .table_files import ParquetTable

    at = tree.path(name)
    if at is None and tree.size(name) > _PACKED_BYTES:
        return False
    try:
        types = ParquetTable(tree, name, Path(at) if at else None).types()
    except VemlError:
        return False
    return any(map(is_picture, types.values()))


def _names_files(clues: Clues, name: str) -> bool:
    """Whether a metadata file has the column file_name; that of Parquet is believed."""
    if name.endswith(".jsonl"):
        return any(k.endswith("file_name") or k == "image" for k in clues.first_line(name))
    if name.endswith(".csv"):
        return any("file_name" in c or c.strip('"') == "image" for c in (clues.lines(name) or [""])[0].split(","))
    return True


def picture_table(clues: Clues) -> Evidence | None:
    """A table that gives the pictures their classes, where folders do not."""
    from .picture_table import names_its_pictures

    if not clues.pictures or not names_its_pictures(clues.tree):
        return None
    return Evidence(0.85, "a table names the pictures beside it and gives each a class")


def video(clues: Clues) -> Evidence | None:
    """Files that end like a video."""
    found = [n for n in clues.names if video_files.is_video(n)]
    return Evidence(0.2, f"{found[0]} is a video", common_folder(found)) if found else None


def table(clues: Clues) -> Evidence | None:
    """Files that end like a table."""
    found = [n for n in clues.names if table_files.is_table(n)]
    return Evidence(0.1, f"{found[0]} is a table", common_folder(found)) if found else None
