"""Values as files: an array as ``.npy``, a table as an Arrow file, plain values as JSON, a mixture as ``.npz``.

What comes out is what went in, bit for bit and type for type, or it is not written. Nothing is ever unpickled, so a
file that a stranger put there can be wrong, and can do nothing.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import BadInput
from ..storage.failures import DAMAGED_ARRAY

if TYPE_CHECKING:
    import numpy as np

ENDINGS = (".npy", ".arrow", ".json", ".npz")
DAMAGED = (*DAMAGED_ARRAY, UnicodeDecodeError, BadInput)
_PLAIN = (bool, int, float, str)


def to_bytes(value: Any) -> tuple[str, bytes | memoryview]:
    """The ending of the file and what it holds.

    Raises
    ------
    BadInput
        The value is of a kind that does not come back as it was.

    Examples
    --------
    >>> to_bytes({"k": [1, 2.5]})
    ('.json', b'{"dict": [["k", {"list": [1, 2.5]}]]}')
    """
    import numpy as np

    if type(value) is np.ndarray and not value.dtype.hasobject:
        return ".npy", _npy(value)
    if _is_table(value):
        import pyarrow as pa

        sink = pa.BufferOutputStream()
        with pa.ipc.new_file(sink, value.schema) as writer:
            writer.write_table(value)
        return ".arrow", memoryview(sink.getvalue())
    arrays: list[np.ndarray] = []
    tree = json.dumps(_packed(value, arrays))
    if not arrays:
        return ".json", tree.encode()
    out = io.BytesIO()
    named: dict[str, Any] = {f"a{i}": a for i, a in enumerate(arrays)}
    np.savez(out, tree=np.frombuffer(tree.encode(), np.uint8), **named)
    return ".npz", out.getbuffer()


def from_bytes(ending: str, data: bytes) -> Any:
    """The value of a file; one of :data:`DAMAGED` where it is none of ours."""
    import numpy as np

    if ending == ".npy":
        return np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    if ending == ".arrow":
        import pyarrow as pa

        try:
            return pa.ipc.open_file(pa.py_buffer(data)).read_all()
        except pa.ArrowException as e:
            raise BadInput(f"no Arrow file: {e}") from e
    if ending == ".json":
        return _unpacked(json.loads(data), lambda i: [][i])
    with np.load(io.BytesIO(data), allow_pickle=False) as held:
        return _unpacked(json.loads(bytes(held["tree"])), lambda i: held[f"a{i}"])


def settled(value: Any) -> Any:
    """The value as it comes back from a file: arrays in one piece of memory, so that what is computed from a result
    found and from a result just made goes through the same additions."""
    import numpy as np

    if type(value) is np.ndarray:
        return value if value.flags.forc else np.ascontiguousarray(value)
    if type(value) in (list, tuple):
        return type(value)(settled(v) for v in value)
    if type(value) is dict:
        return {k: settled(v) for k, v in value.items()}
    return value


def _npy(value: np.ndarray) -> memoryview:
    import numpy as np

    out = io.BytesIO()
    np.lib.format.write_array(out, value, allow_pickle=False)
    return out.getbuffer()


def _packed(value: Any, arrays: list[np.ndarray]) -> Any:
    import numpy as np

    kind = type(value)
    if value is None or kind in _PLAIN:
        return value
    if kind in (list, tuple):
        return {kind.__name__: [_packed(v, arrays) for v in value]}
    if kind is dict:
        return {"dict": [[_packed(k, arrays), _packed(v, arrays)] for k, v in value.items()]}
    if kind is bytes:
        arrays.append(np.frombuffer(value, np.uint8))
        return {"bytes": len(arrays) - 1}
    if kind is np.ndarray and not value.dtype.hasobject:
        arrays.append(value)
        return {"array": len(arrays) - 1}
    if isinstance(value, np.generic) and not value.dtype.hasobject and value.dtype.names is None:
        arrays.append(np.asarray(value))
        return {"number": len(arrays) - 1}
    raise BadInput(
        f"a result of the type {kind.__module__}.{kind.__name__} would not come back from a file as it was, so it is"
        " not kept; give back an array, an Arrow table, or plain values (numbers, text, lists, tuples, dicts) of them"
    )


def _unpacked(tree: Any, array: Callable[[int], np.ndarray]) -> Any:
    if not isinstance(tree, dict):
        if isinstance(tree, list):
            raise BadInput("a bare list is none of our values")
        return tree
    ((kind, held),) = tree.items()
    if kind == "list":
        return [_unpacked(v, array) for v in held]
    if kind == "tuple":
        return tuple(_unpacked(v, array) for v in held)
    if kind == "dict":
        return {_unpacked(k, array): _unpacked(v, array) for k, v in held}
    if kind == "bytes":
        return array(held).tobytes()
    if kind == "array":
        return array(held)
    if kind == "number":
        return array(held)[()]
    raise BadInput(f"{kind!r} is none of our kinds of value")


def _is_table(value: Any) -> bool:
    import sys

    arrow = sys.modules.get("pyarrow")
    return arrow is not None and type(value) is arrow.Table
