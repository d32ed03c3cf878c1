"""Nested plain values as TOML and back, all of them: also None and remarks, which writers of TOML leave out.

TOML has no None: it is written as the text ``"@none"``, and a text that begins with ``@`` gets another one before it.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import BadData, BadInput
from .failures import in_words

NONE = "@none"
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def to_toml(values: Mapping[str, Any], *, remarks: Mapping[str, str] = {}, unset: Mapping[str, Any] = {}) -> str:
    """TOML text of nested values.

    Parameters
    ----------
    remarks
        By dotted path: what stands behind the value, as a comment.
    unset
        By dotted path: values that are not among these, written as comments to be uncommented.

    Examples
    --------
    >>> print(to_toml({"seed": 3, "hyper": {"lr": 0.01, "clip": None}}, remarks={"seed": "you"}, unset={"hyper.k": 2}))
    seed = 3  # you
    <BLANKLINE>
    [hyper]
    lr = 0.01
    clip = "@none"
    # k = 2
    """
    return "\n".join(_table(values, (), remarks, unset))


def read_toml(path: Path) -> dict[str, Any]:
    """What a TOML file holds.

    Raises
    ------
    BadData
        It is no TOML; the message has the line.
    """
    with in_words(path, "read"):
        data = path.read_bytes()
    try:
        return _read(tomllib.loads(data.decode("utf-8-sig")))
    except UnicodeDecodeError as e:
        line = data.count(b"\n", 0, e.start) + 1
        raise BadData(f"{path} is no TOML: line {line} is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as e:
        raise BadData(f"{path} is no TOML: {e}") from None
    except RecursionError:
        raise BadData(f"{path} cannot be read: its values are nested too deeply") from None


def _table(
    values: Mapping[str, Any], at: tuple[str, ...], remarks: Mapping[str, str], unset: Mapping[str, Any]
) -> Iterator[str]:
    """The lines of a table: its own values first, then the tables in it."""
    inner = {k: v for k, v in values.items() if isinstance(v, Mapping)}
    for key, value in values.items():
        if key not in inner:
            yield _line(key, value, remarks.get(".".join((*at, key)), ""))
    for path, value in unset.items():
        *around, key = path.split(".")
        if tuple(around) == at:
            yield "# " + _line(key, value, remarks.get(path, ""))
    for key, value in inner.items():
        remark = _remark(remarks.get(".".join((*at, key)), "") if not value else "")
        yield from ("", f"[{'.'.join(map(_key, (*at, key)))}]{remark}")
        yield from _table(value, (*at, key), remarks, unset)


def _line(key: str, value: Any, remark: str) -> str:
    return f"{_key(key)} = {_value(value)}{_remark(remark)}"


def _remark(remark: str) -> str:
    said = "".join(c if c.isprintable() else " " for c in remark)
    return f"  # {said}" if said else ""


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadInput(f"half a character (a lone surrogate) cannot be written to a file: {value!r:.60}") from None
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # JSON's escapes are TOML's


def _value(value: Any) -> str:
    if value is None:
        return _text(NONE)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return _text("@" + value if value.startswith("@") else value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + "}"
    return "[" + ", ".join(map(_value, value)) + "]"


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _read(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_read(v) for v in value]
    if value == NONE:
        return None
    return value[1:] if isinstance(value, str) and value.startswith("@@") else value
