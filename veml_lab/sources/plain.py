"""Values of attributes and columns as text and back, for formats that hold text only.

>>> values = [1, 1.5, True, "fog", "12", [1, "a"], ""]
>>> [value_of(text_of_value(v)) for v in values] == values
True
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from ..errors import BadInput
from .jsonstream import counted

_INT = re.compile(r"[+-]?\d{1,18}")
# What XML 1.0 and a line of text cannot hold.
_UNSPOKEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def value_of(text: str) -> Any:
    """A whole number, a number, true or false, a JSON list, object or quoted text; else the text itself.

    A number is one only if it is written in the same way again: 007, 1.10 and 1e5 are texts.
    """
    if text in ("true", "false"):
        return text == "true"
    if _INT.fullmatch(text):
        return int(text) if str(int(text)) == text else text
    if text[:1] in '"[{' or text == "null":
        try:
            value, halves = counted(text)
        except (ValueError, RecursionError):
            return text
        return text if halves else value  # as it stands: nothing of it is replaced
    if "_" not in text:  # float() would take 1_0
        try:
            x = float(text)
        except ValueError:
            return text
        return x if math.isfinite(x) and json.dumps(x) == text else text
    return text


def name_of(key: str) -> str:
    """The name of an attribute, if a text format can hold it; BadInput otherwise."""
    if not key or key != key.strip() or not key.isprintable():
        raise BadInput(
            f"the attribute name {key!r} is empty, or has blanks around it or signs that no text file holds; rename it"
        )
    return key


def text_of_value(value: Any) -> str:
    """The text that :func:`value_of` reads as the same value.

    Raises
    ------
    BadInput
        For a value that is no JSON (NaN, an object).
    """
    if isinstance(value, str):
        plain = value_of(value) == value and isinstance(value_of(value), str) and value == value.strip()
        if plain and value and not _UNSPOKEN.search(value):
            return value
        return json.dumps(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise BadInput(f"the value {value!r} cannot be written; leave the attribute out instead")
    try:
        return json.dumps(value, ensure_ascii=True, allow_nan=False)
    except (TypeError, ValueError) as e:
        raise BadInput(f"the value {value!r:.80} cannot be written as text ({e})") from e
