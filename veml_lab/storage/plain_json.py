"""Values as JSON has them: no NaN, no NumPy, no bytes, so that every reader of JSON takes them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any


def plain(value: Any) -> Any:
    """A nested value of JSON's own types.

    NaN and infinity become None, NumPy's arrays lists and its scalars Python's, keys text, tuples and sets lists,
    bytes hexadecimal text, everything else (times, decimals, paths) its text.

    >>> plain({1: (float("nan"), b"ab")})
    {'1': [None, '6162']}
    """
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return str.__str__(value)  # also of an enum of texts, whose own says its name
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(v) for v in value), key=str)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if hasattr(value, "tolist"):  # NumPy's arrays and scalars, torch's tensors
        return plain(value.tolist())
    return str(value)


def text_of(value: Any, *, sort_keys: bool = False, indent: int | None = None) -> str:
    """JSON text of a value; it is cleaned only where it has to be.

    >>> text_of({"ä": float("inf")})
    '{"ä": null}'
    """
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=sort_keys, indent=indent)
    except (TypeError, ValueError):
        return json.dumps(plain(value), ensure_ascii=False, allow_nan=False, sort_keys=sort_keys, indent=indent)
