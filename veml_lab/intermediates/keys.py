"""The key of a step: a hash of its operation, its inputs, its parameters and the code that computes it.

Equal keys mean equal results, so everything that a result depends on has to be in there. Of our own steps the code is
the version of the package and the text of the modules that compute it, with a number that is raised by hand where
neither shows a change.
"""

from __future__ import annotations

import functools
import hashlib
import json
import sys
import weakref
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput

if TYPE_CHECKING:
    import numpy as np

FORM = 1  # part of every key: raise it when keys or values change their form
CHUNK_BYTES = 8 << 20  # of an array, hashed by one thread
THREADS = 4
CONTENT = "__veml_content__"  # what an object of ours that is known by its content answers
_KNOWN: dict[int, tuple[weakref.ref, str]] = {}  # arrays over bytes that nobody can change


@dataclass(frozen=True)
class Step:
    """One step of a computation, before it is run.

    Attributes
    ----------
    operation
        What is done; costs are kept by it.
    inputs
        Content keys of what goes in.
    parameters
        Whatever else decides the result.
    code
        Names of the modules that compute it, or of whole packages; they are imported already.
    version
        Raised by hand when the result changes and neither the modules nor the package do.
    said
        The step in a few words, for people.
    """

    operation: str
    inputs: Sequence[str] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    code: Sequence[str] = ()
    version: int | str = 0
    said: str = ""

    @functools.cached_property
    def key(self) -> str:
        """32 hexadecimal digits."""
        parts = [self.operation, list(self.inputs), {k: content_of(v, k) for k, v in self.parameters.items()}]
        return key_of_step(parts, [code_of(m) for m in self.code], self.version)


def key_of_step(parts: Any, code: Sequence[str], version: int | str) -> str:
    """The key of JSON-able parts computed by such code."""
    from .. import __version__

    text = json.dumps([FORM, parts, __version__, list(code), version], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@functools.cache
def code_of(module: str) -> str:
    """The hash of a module's source text, or of all modules of a package, as it was when this process first asked."""
    found = sys.modules[module]
    inner = sorted(p for folder in getattr(found, "__path__", ()) for p in Path(folder).rglob("*.py"))
    file = getattr(found, "__file__", None)
    files = inner or ([Path(file)] if file else [])
    return hashlib.sha256(b"".join(p.read_bytes() for p in files)).hexdigest()[:20] if files else module


def content_of(value: Any, name: str = "the value") -> str:
    """A hash of what a value holds: equal for equal values, whatever object or process they are in.

    Arrays are hashed at the speed of SHA-256 over several threads. An array over bytes that cannot change (a ``bytes``
    object, a buffer of Arrow) is hashed once and known by its identity; every other one is hashed each time, since
    somebody may have written into it.

    Raises
    ------
    BadInput
        Its content cannot be told.

    Examples
    --------
    >>> content_of([1, 2.5, {"a": None}]) == content_of([1, 2.5, {"a": None}])
    True
    >>> content_of(1) == content_of(True) or content_of(1) == content_of(1.0)
    False
    """
    own = getattr(type(value), CONTENT, None)
    if own is not None:
        return f"content {own(value)}"
    kind = type(value).__name__
    if value is None or isinstance(value, bool | int | float | complex | str):
        return f"{kind} {value!r}" if isinstance(value, str) and len(value) < 64 else f"{kind} {_sha(repr(value))}"
    if isinstance(value, bytes | bytearray):
        return f"bytes {_sha(value)}"
    if isinstance(value, list | tuple):
        return f"{kind} {_sha(*(content_of(v, name) for v in value))}"
    if isinstance(value, dict):
        return f"{kind} {_sha(*(content_of(x, name) for pair in value.items() for x in pair))}"
    if isinstance(value, set | frozenset):
        return f"{kind} {_sha(*sorted(content_of(v, name) for v in value))}"
    if isinstance(value, Path):
        return f"path {_sha(str(value))}"
    if isinstance(value, Enum):
        return f"{kind}.{value.name}"
    if is_dataclass(value) and not isinstance(value, type):
        held = (content_of(getattr(value, f.name), f"{name}.{f.name}") for f in fields(value))
        return f"{type(value).__module__}.{kind} {_sha(*held)}"
    found = _of_arrays(value, name)
    if found is not None:
        return found
    raise BadInput(
        f"{name} is of the type {type(value).__module__}.{kind}, whose content cannot be told, so nothing computed from"
        " it can be found again. Pass an array, a table, a version, or plain values (numbers, text, lists, dicts), and"
        f" make the {kind} inside the function; or, if it does not change the result, name it in ignore=[{name!r}]"
    )


def _of_arrays(value: Any, name: str) -> str | None:
    numpy, arrow, pandas, torch = (sys.modules.get(m) for m in ("numpy", "pyarrow", "pandas", "torch"))
    if numpy is not None and isinstance(value, numpy.ndarray | numpy.generic):
        return content_of_array(numpy.asarray(value), name)
    if arrow is not None and isinstance(value, arrow.Table | arrow.RecordBatch):
        table = value.combine_chunks() if isinstance(value, arrow.Table) else arrow.Table.from_batches([value])
        sink = arrow.BufferOutputStream()
        with arrow.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return f"table {_sha_of_buffer(memoryview(sink.getvalue()))}"
    if pandas is not None and isinstance(value, pandas.DataFrame | pandas.Series | pandas.Index):
        frame = value if isinstance(value, pandas.DataFrame) else value.to_frame()
        parts = [
            content_of([list(frame.columns), list(frame.index.names)], name),
            content_of_array(frame.index.to_numpy(), name),
        ]
        columns = [frame.iloc[:, i] for i in range(frame.shape[1])]
        parts += [f"{c.dtype} {content_of_array(c.to_numpy(), name)}" for c in columns]
        return f"{type(value).__name__} {_sha(*parts)}"
    if torch is not None and isinstance(value, torch.Tensor):
        return f"tensor {value.dtype} {content_of_array(value.detach().cpu().contiguous().view(-1).numpy(), name)}" + (
            f" {list(value.shape)}"
        )
    return None


def content_of_array(a: np.ndarray, name: str = "the array") -> str:
    """The hash of an array's type, shape and numbers."""
    head = f"array {a.dtype.str} {list(a.shape)}"
    if a.dtype.hasobject:
        return f"{head} {_sha(*(content_of(v, name) for v in a.ravel().tolist()))}"
    if a.dtype.names:
        head += f" {a.dtype.descr}"
    known = _KNOWN.get(id(a))
    if known is not None and known[0]() is a:
        return known[1]
    import numpy as np

    flat = np.ascontiguousarray(a).reshape(-1)
    found = f"{head} {_sha_of_buffer(flat.view(np.uint8).data if flat.size else memoryview(b''))}"
    if _nobody_can_change(a):
        _KNOWN[id(a)] = weakref.ref(a, functools.partial(_forget, id(a))), found
    return found


def _forget(at: int, _: object) -> None:
    _KNOWN.pop(at, None)


def _nobody_can_change(a: np.ndarray) -> bool:
    """Whether the bytes under an array belong to an object that never changes: then its hash holds as long as it."""
    base: Any = a  # one over a bytes object can never be made writable
    while isinstance(base, sys.modules["numpy"].ndarray):
        base = base.base
    if isinstance(base, memoryview):
        base = base.obj
    return isinstance(base, bytes)


def _sha(*parts: str | bytes | bytearray) -> str:
    found = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        found.update(len(data).to_bytes(8, "little"))
        found.update(data)
    return found.hexdigest()[:32]


def _sha_of_buffer(data: memoryview) -> str:
    """Of chunks and then of their hashes: large arrays by several threads, which hashlib lets run side by side."""
    chunks = [data[i : i + CHUNK_BYTES] for i in range(0, len(data), CHUNK_BYTES)]
    if len(chunks) < 2:
        return hashlib.sha256(data).hexdigest()[:32]
    with ThreadPoolExecutor(THREADS) as pool:  # no choice: it only hashes
        return _sha(*pool.map(_digest, chunks))


def _digest(chunk: memoryview) -> bytes:
    return hashlib.sha256(chunk).digest()


def listed(names: Iterable[str]) -> str:
    """Names in one sentence.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last
