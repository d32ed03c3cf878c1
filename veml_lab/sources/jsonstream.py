"""JSON files of any size: the items of their lists one at a time, a few MiB of memory.

ijson is as quick as :mod:`json` and keeps a piece of the file where that keeps six times the file.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, Protocol

from ..errors import BadData
from .encodings import is_wide, utf8

_CHUNK = 1 << 18

# ijson keeps the path of every open bracket, which is quadratic in the depth; no annotation needs as many.
MAX_DEPTH = 100
# A quoted text, maybe one that goes on in the next piece, or a number that JSON does not have.
_WORDS = re.compile(rb'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|NaN|-?Infinity', re.DOTALL)
_ESCAPED = re.compile(rb"\\.", re.DOTALL)


# Half of a pair: Python's json takes it, no file and no database does. Captions that were cut have it.
_HALF = re.compile("[\ud800-\udfff]")
# A pair, a half, or any other escape in the bytes of a JSON text; and one that the end of a piece cuts.
_HEX = rb"[0-9a-fA-F]"
_ESCAPES = re.compile(
    rb"\\u[dD][89abAB]" + _HEX * 2 + rb"\\u[dD][c-fC-F]" + _HEX * 2 + rb"|(\\u[dD][89a-fA-F]" + _HEX * 2 + rb")|\\.",
    re.DOTALL,
)
_HALVES = re.compile(rb"\\u[dD][89a-fA-F]")
_CUT = re.compile(
    rb"(?<!\\)(?:\\\\)*\\(?:u" + _HEX + rb"{0,3}|u[dD][89abAB]" + _HEX * 2 + rb"(?:\\(?:u" + _HEX + rb"{0,3})?)?)?\Z"
)
_TAIL = 64  # far more than an escape: the backslashes before it are counted


class Readable(Protocol):
    """What is asked of a stream: a piece of a tree, an open file."""

    def read(self, n: int, /) -> bytes: ...


class Told(Protocol):
    """Who is told of signs of which there is only a half (:meth:`~veml_lab.sources.checks.Findings.halves`)."""

    def halves(self, where: str, n: int) -> None: ...


def items(stream: Readable, where: str, prefix: str, told: Told | None = None) -> Iterator[Any]:
    """Walk over the values at a prefix, in the order of the file; nothing if there are none.

    A pass for each list that is wanted is faster than one pass with ijson's coroutines.

    Parameters
    ----------
    stream
        Open for reading; read once, forward, to its end.
    where
        How an error names the file.
    prefix
        ijson's: ``"item"`` for the items of the outermost list, ``"images.item"`` for those of a list under a key.
    told
        Is told at the end of the file how many halves of a sign of two (a text that was cut) were replaced.

    Raises
    ------
    BadData
        For damaged or truncated JSON, text that is no UTF-8, a number that no 64 bits hold, more than ``MAX_DEPTH``
        brackets within brackets. NaN and Infinity are read as null.
    """
    import ijson

    try:
        yield from ijson.items(_Guarded(stream, where, told), prefix, use_float=True)
    except (ijson.JSONError, ValueError, RecursionError, OverflowError) as e:
        if isinstance(e, BadData):
            raise
        said = e.args[0].decode("utf-8", "replace") if e.args and isinstance(e.args[0], bytes) else str(e)
        if "invalid bytes in UTF8" in said:
            raise BadData(f"{where} is no UTF-8 text ({' '.join(said.split()):.160}); save it as UTF-8") from e
        raise BadData(f"{where} is damaged or no JSON ({' '.join(said.split()):.160}); fetch it again") from e


def parsed(text: str) -> Any:
    """The value of a whole JSON text; half of a sign of two (a text that was cut) becomes the sign for a damaged one.

    >>> parsed('["a\\\\ud83d"]')
    ['a\ufffd']

    Raises
    ------
    ValueError, RecursionError
        As :func:`json.loads`.
    """
    return counted(text)[0]


def counted(text: str) -> tuple[Any, int]:
    """As :func:`parsed`, and how many halves were replaced.

    >>> counted('["a\\\\ud83d", "\\\\ud83d\\\\ude00"]')
    (['a\ufffd', '😀'], 1)
    """
    value = json.loads(text)
    return whole(value) if "\\ud" in text.lower() else (value, 0)


def whole(value: Any) -> tuple[Any, int]:
    """The same with every half of a sign of two replaced, and how many: neither a table nor a file can keep one.

    Two halves that belong together, as YAML gives them, are one sign.
    """
    if isinstance(value, str):
        if not _HALF.search(value):
            return value, 0
        joined = value.encode("utf-16", errors="surrogatepass").decode("utf-16", errors="surrogatepass")
        return _HALF.subn("\ufffd", joined)
    if isinstance(value, list):
        parts = [whole(v) for v in value]
        return [v for v, _ in parts], sum(n for _, n in parts)
    if isinstance(value, dict):
        pairs = [(whole(k), whole(v)) for k, v in value.items()]
        return {k: v for (k, _), (v, _) in pairs}, sum(n + m for (_, n), (_, m) in pairs)
    return value, 0


def is_list(stream: Readable, where: str, key: str) -> bool:
    """Whether what stands under a key of the outermost object is a list, or nothing; looked up where no item came."""
    import ijson

    try:
        for prefix, event, _ in ijson.parse(_Guarded(stream, where), use_float=True):
            if prefix == key:
                return event in ("start_array", "null")
    except (ijson.JSONError, ValueError, RecursionError, OverflowError):
        return True  # damage is said by whoever reads it
    return True


def starts_with(stream: Readable) -> str:
    """The bracket with which a JSON text starts: ``"["``, ``"{"``, or ``""`` for another text."""
    head = utf8(stream.read(4096)).lstrip()[:1]
    return head.decode("latin-1") if head in (b"[", b"{") else ""


def top_keys(stream: Readable, where: str, most: int = 200_000) -> Iterator[str]:
    """The keys of the outermost object as they come; stops without a word at damage, or after ``most`` values."""
    import ijson

    try:
        for i, (prefix, event, value) in enumerate(ijson.parse(_Guarded(stream, where), use_float=True)):
            if event == "map_key" and not prefix:
                yield value
            if i > most:
                return
    except (ijson.JSONError, ValueError, RecursionError, OverflowError):
        return


class _Guarded:
    """The stream without its byte order mark, with every chunk checked before ijson sees it."""

    def __init__(self, stream: Readable, where: str, told: Told | None = None) -> None:
        self._stream, self._depth, self._first = stream, _Depth(where), True
        self._told, self._halves = told, 0
        self._decoder: codecs.IncrementalDecoder | None = None  # of a text in UTF-16

    def read(self, n: int = -1) -> bytes:
        if not n:
            return b""
        chunk = self._stream.read(_CHUNK)
        if self._first and is_wide(chunk):
            self._decoder = codecs.getincrementaldecoder("utf-16")()
        if self._decoder is not None:
            return self._checked(self._wide(self._decoder, chunk))
        if self._first and b"\0" in chunk[:4]:
            raise BadData(f"{self._depth.where} is no UTF-8 text (UTF-16 without its mark?); save it as UTF-8")
        if self._first and chunk.startswith(codecs.BOM_UTF8):
            chunk = chunk[len(codecs.BOM_UTF8) :]
        self._first = False
        for _ in range(len("Infinity")):  # such a word is not cut in two
            if chunk[-1:].isalpha() or chunk.endswith(b"-"):
                chunk += self._stream.read(1)
        while _CUT.search(chunk, max(0, len(chunk) - _TAIL)) and (more := self._stream.read(1)):  # nor an escape
            chunk += more
        return self._checked(chunk)

    def _wide(self, decoder: codecs.IncrementalDecoder, data: bytes) -> bytes:
        self._first = False
        text = decoder.decode(data, final=not data)
        while data and not text:  # the mark alone, half a sign: nothing read would be the end of the file
            data = self._stream.read(_CHUNK)
            text = decoder.decode(data, final=not data)
        for _ in range(len("Infinity")):
            if (text[-1:].isalpha() or text.endswith("-")) and (more := self._stream.read(2)):
                text += decoder.decode(more)
        coded = text.encode("utf-8")
        while _CUT.search(coded, max(0, len(coded) - _TAIL)) and (more := self._stream.read(2)):
            coded += decoder.decode(more).encode("utf-8")
        return coded

    def _checked(self, chunk: bytes) -> bytes:
        inside, rest = bool(self._depth.quoted), self._depth.rest
        self._depth.check(chunk)
        if b"NaN" in chunk or b"Infinity" in chunk:
            chunk = _without_nan(chunk, inside, rest)
        if _HALVES.search(chunk):
            chunk = _ESCAPES.sub(self._half, chunk)
        if not chunk and self._halves and self._told is not None:
            self._told.halves(self._depth.where, self._halves)
        return chunk

    def _half(self, escape: re.Match[bytes]) -> bytes:
        """Half of a sign as the sign for damage (ijson would give a question mark), any other escape as it is."""
        self._halves += escape[1] is not None
        return rb"\ufffd" if escape[1] is not None else escape[0]


def _without_nan(text: bytes, inside: bool, rest: bytes) -> bytes:
    """NaN and Infinity outside of quotes as null: Python's json writes them, and JSON does not have them.

    >>> _without_nan(b'[NaN, "NaN", -Infinity]', False, b"")
    b'[null, "NaN", null]'

    Parameters
    ----------
    inside
        Whether the text begins within quotes.
    rest
        A backslash at the end of the text before, if there is one.
    """
    ahead = (b'"' if inside else b"") + rest
    plain = _WORDS.sub(lambda m: m[0] if m[0][:1] == b'"' else b"null", ahead + text)
    return plain[len(ahead) :]


class _Depth:
    """Follows the brackets of a JSON text, chunk by chunk, and stops one that is nested too deeply."""

    def __init__(self, where: str) -> None:
        import numpy as np

        self.where, self.depth, self.quoted, self.rest = where, 0, 0, b""
        self.kind = np.zeros(256, np.int8)
        self.kind[list(b'"')] = 2
        self.kind[list(b"[{")], self.kind[list(b"]}")] = 1, -1

    def check(self, chunk: bytes) -> None:
        import numpy as np

        text = self.rest + chunk
        self.rest = b""
        if b"\\" in text:  # an escaped quote ends no string; a backslash may be cut off from what it escapes
            text = _ESCAPED.sub(b"", text)
            self.rest = b"\\" if text.endswith(b"\\") else b""
        kinds = self.kind[np.frombuffer(text, np.uint8)]
        kinds = kinds[kinds != 0]  # brackets and quotes alone, a few per cent of the text
        quotes = kinds == 2
        inside = (np.cumsum(quotes) + self.quoted) & 1
        steps = np.where(quotes | (inside == 1), 0, kinds)
        depths = self.depth + np.cumsum(steps)
        if len(depths):
            self.quoted, self.depth = int(inside[-1]), int(depths[-1])
            if depths.max() > MAX_DEPTH:
                raise BadData(f"{self.where} is nested deeper than {MAX_DEPTH} brackets; such JSON is not read")
