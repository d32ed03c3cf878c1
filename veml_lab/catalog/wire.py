"""What goes over the socket: a frame is a length, a JSON head, and byte parts that the head counts.

Bytes, times and Arrow tables travel as parts or tagged values; there is no pickle. An error crosses as
the name of its class in :mod:`veml_lab.errors` and its message, and is raised as itself on the other side.
"""

from __future__ import annotations

import datetime as dt
import json
import socket
import struct
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import errors
from ..errors import BadInput, LabError, VemlError

if TYPE_CHECKING:
    import pyarrow as pa

PROTOCOL = 1
INLINE = 1 << 20  # bytes; what is larger goes through a file (measured: 40 MB take 0.5 ms to map, 480 ms to send)
LONGEST_HEAD = 64 << 20
LONGEST_PART = 1 << 33
_LENGTH = struct.Struct("<I")


def send(sock: socket.socket, head: Mapping[str, Any], parts: Sequence[Any] = ()) -> None:
    """Send one frame."""
    views = [memoryview(p).cast("B") for p in parts]
    text = json.dumps({**head, "parts": [len(v) for v in views]}).encode()
    small = b"".join([_LENGTH.pack(len(text)), text, *(v for v in views if len(v) <= INLINE and len(views) == 1)])
    sock.sendall(small)
    for v in views:
        if len(v) > INLINE or len(views) > 1:
            sock.sendall(v)


def receive(sock: socket.socket) -> tuple[dict[str, Any], list[bytearray]]:
    """Receive one frame.

    Raises
    ------
    EOFError
        The other side has gone.
    BadInput
        What came is no frame.
    """
    (length,) = _LENGTH.unpack(_exactly(sock, _LENGTH.size))
    if length > LONGEST_HEAD:
        raise BadInput(f"a frame of {length} bytes is none of ours")
    try:
        head = json.loads(bytes(_exactly(sock, length)))
        sizes = head.pop("parts")
        if not isinstance(sizes, list) or any(not isinstance(n, int) or not 0 <= n <= LONGEST_PART for n in sizes):
            raise ValueError(sizes)
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        raise BadInput("a frame without a readable head is none of ours") from None
    return head, [_exactly(sock, n) for n in sizes]


def _exactly(sock: socket.socket, n: int) -> bytearray:
    data = bytearray(min(n, 1 << 24))
    got = 0
    while got < n:
        if got == len(data):  # grow with what really comes, not with what was announced
            data.extend(bytes(min(n - got, 1 << 24)))
        with memoryview(data) as view:
            k = sock.recv_into(view[got:])
        if not k:
            raise EOFError
        got += k
    return data


# -- values ----------------------------------------------------------------------------------------------


def pack(params: Mapping[str, Any], parts: list[Any]) -> dict[str, Any]:
    """Plain parameters (see :func:`veml_lab.catalog.changes.plain`) as JSON values; bytes are appended to ``parts``."""
    return {k: _pack(v, parts) for k, v in params.items()}


def _pack(v: Any, parts: list[Any]) -> Any:
    if isinstance(v, bytes):
        parts.append(v)
        return {"part": len(parts) - 1}
    if isinstance(v, dt.datetime):
        return {"time": v.isoformat()}
    if isinstance(v, list):
        return {"list": [_pack(x, parts) for x in v]}
    return v


def unpack(params: Mapping[str, Any], parts: Sequence[bytearray]) -> dict[str, Any]:
    """The parameters that :func:`pack` made a message of."""
    return {k: _unpack(v, parts) for k, v in params.items()}


def _unpack(v: Any, parts: Sequence[bytearray]) -> Any:
    if not isinstance(v, dict):
        return v
    if "part" in v:
        return bytes(parts[v["part"]])
    if "time" in v:
        return dt.datetime.fromisoformat(v["time"])
    return [_unpack(x, parts) for x in v["list"]]


def table_bytes(table: pa.Table) -> pa.Buffer:
    """A table as an Arrow IPC stream."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def table_of(data: bytearray) -> pa.Table:
    """The table of an Arrow IPC stream."""
    import pyarrow as pa

    try:
        return pa.ipc.open_stream(pa.py_buffer(data)).read_all()
    except pa.ArrowInvalid as e:
        raise BadInput(f"what came is no Arrow table: {e}") from None


# -- errors ----------------------------------------------------------------------------------------------


def error_head(e: BaseException, *, again: bool = False) -> dict[str, Any]:
    """The head that carries an error; ``again`` tells the client to ask the next owner once more."""
    known = [c.__name__ for c in type(e).__mro__ if getattr(errors, c.__name__, None) is c]
    if known:
        return {"error": known[0], "message": str(e), "again": again}
    return {"error": "LabError", "message": f"the lab's owner process failed: {type(e).__name__}: {e}", "again": again}


def error_of(head: Mapping[str, Any]) -> VemlError:
    """The error that a head carries."""
    kind = getattr(errors, str(head.get("error")), LabError)
    return (
        kind(str(head.get("message")))
        if isinstance(kind, type) and issubclass(kind, VemlError)
        else LabError(str(head.get("message")))
    )
