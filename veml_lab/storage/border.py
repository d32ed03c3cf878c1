"""The border of the public functions: what the system refuses anywhere below comes out as one of our errors.

Rooms say a failure themselves where they know more than the system does (:func:`~.failures.in_words`). What they did
not think of, an OSError or an error of a library that writes and reads files by itself, is turned into a sentence
here, so that nobody has to catch two kinds. Faults of the program stay what they are, with their whole way.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..errors import BadInput, UnknownName, VemlError
from .failures import number_in, sentence

T = TypeVar("T")

# rooms of other packages whose errors carry what the system said as text alone
_LIBRARIES = ("duckdb", "_duckdb", "pyarrow", "safetensors", "safetensors_rust", "h5py", "onnx", "onnxruntime", "av")
_ASKED_BY_PYTHON = ("__getitem__", "__contains__", "__len__", "__iter__", "__call__", "__repr__", "_repr_mimebundle_")


def public(thing: T) -> T:
    """Put the border around a function, or around all public methods and properties of a class.

    >>> @public
    ... def size_of(path: str) -> int:
    ...     with open(path, "rb") as file:
    ...         return len(file.read())
    >>> size_of("/dev/null/here")
    Traceback (most recent call last):
    veml_lab.errors.BadInput: ...
    """
    if isinstance(thing, type):
        for name, value in list(vars(thing).items()):
            if not name.startswith("_") or name in _ASKED_BY_PYTHON:
                _put_around(thing, name, value)
        return thing
    return _bordered(thing)  # type: ignore[type-var]


def refused(e: Exception) -> VemlError | None:
    """The error of ours for one that a public function ends with; None for a fault of the program.

    >>> refused(ValueError("embedded null byte"))
    BadInput('a path holds a NUL character (\\\\0), which no file system takes; give another path')
    >>> refused(ZeroDivisionError())
    """
    if isinstance(e, VemlError | BrokenPipeError):  # nobody reads what is printed any more: no fault of a file
        return None
    if isinstance(e, OSError):
        return sentence(e, done="used")
    if isinstance(e, ValueError) and "embedded null" in str(e):
        return BadInput("a path holds a NUL character (\\0), which no file system takes; give another path")
    if type(e).__module__.partition(".")[0] in _LIBRARIES:
        number = number_in(str(e))
        return None if number is None else sentence(OSError(number, str(e)), done="used")
    return None


def _put_around(cls: type, name: str, value: Any) -> None:
    if inspect.isfunction(value):
        setattr(cls, name, _bordered(value))
    elif isinstance(value, staticmethod | classmethod):
        setattr(cls, name, type(value)(_bordered(value.__func__)))
    elif isinstance(value, property) and value.fget:
        setattr(cls, name, value.getter(_bordered(value.fget)))
    elif isinstance(value, functools.cached_property):
        value.func = _bordered(value.func)


F = TypeVar("F", bound=Callable[..., Any])


def _bordered(function: F) -> F:
    @functools.wraps(function)
    def within(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except TypeError as e:
            odd = _unknown_option(function, kwargs)
            if odd is None:
                raise
            raise odd from e
        except Exception as e:
            said = refused(e)
            if said is None:
                raise
            raise said from e

    return within  # type: ignore[return-value]


def _unknown_option(function: Callable[..., Any], given: Mapping[str, Any]) -> UnknownName | None:
    """The error for an option that a function does not have, with the nearest that it has; None for another fault."""
    parameters = inspect.signature(function).parameters.values()
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return None
    known = [p.name for p in parameters if p.kind is not p.POSITIONAL_ONLY and p.name not in ("self", "cls")]
    odd = next((k for k in given if k not in known), None)
    return None if odd is None else UnknownName.of(f"option of {function.__name__}", odd, known)
