"""Texts with a byte order mark: UTF-16, as PowerShell and Excel write it, and UTF-8 with a mark, as plain UTF-8."""

from __future__ import annotations

import codecs

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def is_wide(data: bytes) -> bool:
    """True for bytes that begin with the mark of UTF-16."""
    return data.startswith(_WIDE) and not data.startswith(codecs.BOM_UTF32_LE)


def utf8(data: bytes) -> bytes:
    """The same text in UTF-8 without a mark; half a sign at the end is left out, other bytes stay as they are.

    >>> utf8("a".encode("utf-16")), utf8("a".encode("utf-8-sig")), utf8(b"a")
    (b'a', b'a', b'a')
    """
    if is_wide(data):
        return data.decode("utf-16", errors="ignore").encode("utf-8", errors="replace")
    return data.removeprefix(codecs.BOM_UTF8)
