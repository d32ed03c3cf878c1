"""How a source was asked for, as plain values that may be kept with its import: nothing secret is among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..provenance.secrets import MASK, is_secret, masked
from ..storage.plain_json import plain


def kept_call(call: Mapping[str, Any]) -> dict[str, Any]:
    """A call as it is kept: plain values, texts without secrets, and what is called like a secret left out.

    >>> kept_call({"path": "s3://me:hunter2@bucket", "options": {"token": "abc", "limit": 3, "sheet": None}})
    {'path': 's3://me:***@bucket', 'options': {'token': '***', 'limit': 3}}
    """
    return {k: _kept(k, v) for k, v in plain(call).items() if v is not None}


def _kept(name: str, value: Any) -> Any:
    if is_secret(name) and value:
        return MASK
    if isinstance(value, str):
        return masked(value)[0]
    if isinstance(value, dict):
        return {k: _kept(k, v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [_kept("", v) for v in value]
    return value
