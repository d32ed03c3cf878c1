"""Texts with a byte order mark: UTF-16, as PowerShell and Excel write it, and UTF-8 with a mark, as plain UTF-8.

What is neither is not read as annotations, since nobody says what its signs are; it is looked into, so that nobody
takes the pictures beside it for pictures without annotations.
"""

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


def foreign(data: bytes) -> bool:
    """True for the first bytes of a text that is neither UTF-8 nor UTF-16 with its mark.

    A sign that the end cuts is none; zeros are those of UTF-16 without a mark.

    >>> foreign("Grüß".encode("latin-1")), foreign("Grüß".encode()[:-1]), foreign("ab".encode("utf-16-le"))
    (True, False, True)
    """
    if is_wide(data):
        return False
    try:
        return "\0" in codecs.getincrementaldecoder("utf-8-sig")().decode(data)
    except UnicodeDecodeError:
        return True


def legible(data: bytes) -> str:
    """The first bytes of a text, to be looked into: what is no UTF-8 as Latin-1, which leaves its ASCII as it is.

    >>> legible("Grüß".encode("latin-1")), legible("Grüß".encode("utf-16-be")), legible("Grüß".encode()[:-1])
    ('Grüß', 'Grüß', 'Grü')
    """
    data = utf8(data)
    if not foreign(data):
        return data.decode("utf-8", errors="ignore")
    if b"\0" in data:
        big = data[0::2].count(0) > data[1::2].count(0)
        return data.decode("utf-16-be" if big else "utf-16-le", errors="ignore")
    return data.decode("cp1252", errors="ignore")
