"""Options of a reader as they are written on the command line: the declared type says what a text means."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import Any

from ..errors import BadInput
from . import FORMATS

_WANTED = {
    "int": (int, "a whole number"), "float": (float, "a number"), "bool": (bool, "true or false"),
    "Sequence": (list, 'a list such as ["a", "b"], or a,b'), "Mapping": (dict, 'an object such as {"a": "b"}'),
}  # fmt: skip


def typed(format: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """The values of options by their texts: ``label=null`` is the column called null, ``window=12`` a number.

    An option that the format does not have keeps its text; :func:`veml_lab.read` names the known ones.

    Raises
    ------
    BadInput
        If a text is none of the option's type.

    >>> typed("table", {"label": "null", "targets": "1e5", "strict": "true"})
    {'label': 'null', 'targets': '1e5', 'strict': True}
    """
    if format not in FORMATS:
        return dict(texts)
    declared = inspect.signature(FORMATS[format].read()).parameters
    return {k: _value(k, text, declared[k]) if k in declared else text for k, text in texts.items()}


def _value(name: str, text: str, declared: inspect.Parameter) -> Any:
    kinds = [k.strip() for k in _outermost(declared.annotation)]
    try:
        meant = json.loads(text)
    except (ValueError, RecursionError):
        meant = text
    if any(k == "str" or "PathLike" in k or k.startswith("Literal") for k in kinds):
        listed = isinstance(meant, list) and any(k.startswith("Sequence") for k in kinds)
        return _texts(meant) if listed else text
    if "None" in kinds and text in ("null", "None", ""):
        return None
    known = [(k, *_WANTED[k.partition("[")[0]]) for k in kinds if k.partition("[")[0] in _WANTED]
    if not known:
        return meant
    for kind, of, _ in known:
        if of is list:
            of_text = "str" in kind
            if isinstance(meant, list):
                return _texts(meant) if of_text else meant
            if of_text:
                return [part.strip() for part in text.split(",")]
        elif isinstance(meant, bool) == (of is bool) and isinstance(meant, (int, float) if of is float else of):
            return meant
    raise BadInput(f"the option {name} is {' or '.join(said for *_, said in known)}, got {text!r}")


def _outermost(annotation: object) -> list[str]:
    """The alternatives of an annotation as it is written: ``Mapping[str, int | str] | None`` has two."""
    said = annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))
    parts, depth = [""], 0
    for sign in said:
        depth += (sign == "[") - (sign == "]")
        if sign == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def _texts(values: list[Any]) -> list[str]:
    return [v if isinstance(v, str) else json.dumps(v) for v in values]
