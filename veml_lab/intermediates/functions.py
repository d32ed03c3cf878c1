"""Functions that a user writes, kept as our own steps are: by their source, what they call, and their arguments.

What a function reads besides its arguments decides its result as well. Constants that cannot change are part of the
key; of functions and classes that it calls, the source is. A list, a dict or an object in a global or a closure can
change between two calls without a trace, so such a function is run every time, and that is said.
"""

from __future__ import annotations

import dis
import functools
import hashlib
import inspect
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Sequence
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from ..errors import BadInput, UnknownName, warn
from .asking import Unmade, asking, due, found
from .costs import FEWEST, WORTH
from .keys import content_of, key_of_step, listed
from .shelf import MISSING, Shelf
from .values import settled, to_bytes

CHECKED_UP_TO_S = 1.0  # a function whose first call took less is called once more, to see whether it says the same
_CONSTANT = (type(None), bool, int, float, complex, str, bytes)
_INSTALLED = tuple(sysconfig.get_paths()[p] for p in ("stdlib", "platstdlib", "purelib", "platlib"))


class Refused(Exception):
    """Why results of a function are not kept."""


class Reused:
    """A function whose results are kept; called as the function itself is.

    Attributes
    ----------
    function
        As it was given.
    refused
        Why nothing is kept of it; empty where it is.
    """

    def __init__(self, shelf: Shelf, function: Callable[..., Any], version: int | str, ignore: Sequence[str]) -> None:
        functools.update_wrapper(self, function)
        self.function, self.refused = function, ""
        self._shelf, self._version, self._ignore = shelf, version, tuple(ignore)
        self._signature = _signature(function)
        self._hashing_s = 0.0
        if self._signature is not None:
            odd = [n for n in ignore if n not in self._signature.parameters]
            if odd:
                raise UnknownName.of(f"argument of {name_of(function)}", odd[0], list(self._signature.parameters))
        try:
            identity(function, version)  # what can be told beforehand is said before anything is run
        except Refused as e:
            self._refuse(str(e))

    @property
    def operation(self) -> str:
        """By which its costs are kept."""
        return f"{getattr(self.function, '__module__', '')}.{name_of(self.function)}"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The function's result: found, or computed and kept."""
        costs = self._shelf.costs
        cheap = costs.times(self.operation) >= FEWEST and not self._pays()
        if (self.refused or cheap) and asking() is None:
            return self.function(*args, **kwargs)
        began = time.perf_counter()
        try:
            key = self._key(args, kwargs)
        except Refused as e:
            self._refuse(str(e))
            key = ""
        self._hashing_s = time.perf_counter() - began
        said = f"{name_of(self.function)}(...)"
        if asking() is not None:
            entry = self._shelf.find(key) if key else None
            if entry is None:
                due(said, costs.expected(self.operation))
                return Unmade(said)
            found(said, entry.seconds)
        value = self._shelf.get(key) if key else MISSING
        return self._made(key, said, args, kwargs) if value is MISSING else value

    def _made(self, key: str, said: str, args: tuple, kwargs: dict[str, Any]) -> Any:
        began = time.perf_counter()
        value = self.function(*args, **kwargs)
        seconds = time.perf_counter() - began
        self._shelf.costs.note(self.operation, seconds)
        if not key or self.refused:
            return value
        value = settled(value)
        try:
            if self._shelf.costs.times(self.operation) == 1 and seconds < CHECKED_UP_TO_S:
                self._check(key, value, args, kwargs)
            self._shelf.put(key, value, operation=self.operation, seconds=seconds, said=said)
        except (BadInput, Refused) as e:
            self._refuse(str(e))
        return value

    def _check(self, key: str, value: Any, args: tuple, kwargs: dict[str, Any]) -> None:
        """Call it once more: the same arguments have to give the same result, and to be what they were."""
        before = to_bytes(value)
        if self._key(args, kwargs) != key:
            raise Refused("it changes its arguments, and a result that is found would leave them as they are")
        if to_bytes(settled(self.function(*args, **kwargs))) != before:
            raise Refused(
                "two calls with the same arguments gave different results: it depends on something else, such as random"
                " numbers, the time or a file. Pass a seed, or what it reads, as an argument"
            )

    def _key(self, args: tuple, kwargs: dict[str, Any]) -> str:
        given: dict[str, Any] = {}
        if self._signature is not None:
            bound = self._signature.bind(*args, **kwargs)
            bound.apply_defaults()
            given = {k: v for k, v in bound.arguments.items() if k not in self._ignore}
        else:
            given = {str(i): a for i, a in enumerate(args)} | kwargs
        parts = {k: content_of(v, k) for k, v in given.items()}
        return key_of_step([self.operation, parts], identity(self.function, self._version), self._version)

    def _pays(self) -> bool:
        expected = self._shelf.costs.expected(self.operation) or 0.0
        return expected >= WORTH * (self._shelf.costs.reading_s(0) + self._hashing_s)

    def _refuse(self, why: str) -> None:
        if not self.refused:
            self.refused = why
            warn(f"results of {name_of(self.function)} are not kept: {why}")

    def __repr__(self) -> str:
        state = f"not kept: {self.refused}" if self.refused else "results are kept"
        return f"<{name_of(self.function)}{self._signature or '(...)'}: {state}>"


_FUNCTIONS = (FunctionType, type, Reused, functools.partial)


def name_of(function: Callable[..., Any]) -> str:
    """What people call it."""
    inner = function.func if isinstance(function, functools.partial) else function
    return str(getattr(inner, "__qualname__", type(inner).__name__)).removeprefix("<locals>.")


def identity(function: Callable[..., Any], version: int | str = 0) -> list[str]:
    """Hashes of all the code that a function runs, and of the constants that it reads.

    Of installed packages, names and versions stand for the code.

    Raises
    ------
    BadInput
        There is no source, or it is no function.
    Refused
        It reads what can change without a trace.
    """
    return sorted(set(_parts(function, version, set())))


def _parts(function: Any, version: int | str, seen: set[int]) -> Iterator[str]:
    """One text for each piece of code that runs, and for each constant that it reads."""
    if id(function) in seen:
        return
    seen.add(id(function))
    if isinstance(function, Reused):
        yield from _parts(function.function, version, seen)
    elif isinstance(function, functools.partial):
        yield _told([function.args, dict(sorted(function.keywords.items()))], name_of(function))
        yield from _parts(function.func, version, seen)
    elif isinstance(function, MethodType):
        yield _told(function.__self__, f"the object of {function.__name__}")
        yield from _parts(function.__func__, version, seen)
    elif isinstance(function, type):
        yield from _parts_of_class(function, version, seen)
    elif isinstance(function, FunctionType) and not _installed(function.__globals__.get("__name__", "")):
        yield _source(function.__code__, function.__qualname__, version)
        yield _told([function.__defaults__, function.__kwdefaults__], f"a default of {function.__qualname__}")
        for name, value in _read_by(function):
            yield from _of_read(function, name, value, version, seen)
    elif isinstance(function, FunctionType) or _is_code_alone(function) or hasattr(function, "__wrapped__"):
        yield _of_installed(function)
        if hasattr(function, "__wrapped__"):  # a decorator of a package around a function of the user
            yield from _parts(function.__wrapped__, version, seen)
    else:
        raise BadInput(
            f"{name_of(function)} is an object that is called, of the type {type(function).__name__}, or a method that"
            " knows one, so what it says depends on what it holds; give a function that makes the object and calls it"
        )


def _parts_of_class(cls: type, version: int | str, seen: set[int]) -> Iterator[str]:
    if _installed(cls.__module__):
        yield _of_installed(cls)
        return
    try:
        yield f"{cls.__qualname__} {hashlib.sha256(inspect.getsource(cls).encode()).hexdigest()[:20]}"
    except (OSError, TypeError):
        raise BadInput(
            f"there is no source of the class {cls.__qualname__}, so nothing says when it changes; define it in a file"
            " or a notebook cell"
        ) from None
    for value in vars(cls).values():
        inner = getattr(value, "__func__", getattr(value, "fget", value))
        if isinstance(inner, FunctionType):
            yield from _parts(inner, version, seen)
    for base in cls.__bases__:
        yield from _parts(base, version, seen)


def _of_read(f: FunctionType, name: str, value: Any, version: int | str, seen: set[int]) -> Iterator[str]:
    """What a function reads from outside of itself, as a part of its identity."""
    if isinstance(value, ModuleType):
        yield f"{name} {value.__name__} {_version_of(value.__name__)}"
    elif _never_changes(value):
        yield f"{name} {content_of(value, name)}"
    elif (
        isinstance(value, FunctionType | type | Reused | functools.partial)
        or _is_code_alone(value)
        or (callable(value) and hasattr(value, "__wrapped__"))
    ):
        yield from _parts(value, version, seen)
    else:
        raise Refused(
            f"{f.__qualname__} reads {name!r}, {_a(type(value).__name__)} that stands outside of it and can change"
            f" between two calls. Pass it as an argument"
        )


def _is_code_alone(thing: Any) -> bool:
    """Whether it is written in C and holds nothing: a function of a module, no method of an object."""
    if isinstance(thing, BuiltinFunctionType):
        return thing.__self__ is None or isinstance(thing.__self__, ModuleType | type)
    return type(thing).__name__ in ("ufunc", "_ArrayFunctionDispatcher") and type(thing).__module__.startswith("numpy")


def _told(value: Any, name: str) -> str:
    try:
        return content_of(value, name)
    except BadInput as e:
        raise Refused(str(e)) from e


def _read_by(f: FunctionType) -> Iterator[tuple[str, Any]]:
    """Names from outside that its code reads, with what they are now."""
    loaded, stored, free = _names(f.__code__)
    stored += sorted(set(free) & set(f.__code__.co_freevars))
    if stored:
        raise Refused(
            f"{f.__qualname__} changes {listed(stored)}, which stands outside of it; give back what it computes instead"
        )
    cells = dict(zip(f.__code__.co_freevars, f.__closure__ or (), strict=True))
    for name, cell in cells.items():
        try:
            held = cell.cell_contents
        except ValueError:  # it is not bound yet: a function that calls itself before it is finished
            continue
        if held is not f:
            yield name, held
    builtins = sys.modules["builtins"]
    for name in loaded:
        if name in f.__globals__:
            yield name, f.__globals__[name]
        elif not hasattr(builtins, name):
            raise Refused(f"{f.__qualname__} reads {name!r}, which is defined nowhere yet")


@functools.lru_cache(4096)
def _names(code: CodeType) -> tuple[list[str], list[str], list[str]]:
    """The globals that code loads and stores and the names of closures that it stores, with those of the functions
    inside of it."""
    loaded: set[str] = set()
    stored: set[str] = set()
    free: set[str] = set()
    for i in dis.get_instructions(code):
        if i.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            loaded.add(str(i.argval))
        elif i.opname in ("STORE_GLOBAL", "DELETE_GLOBAL"):
            stored.add(str(i.argval))
        elif i.opname in ("STORE_DEREF", "DELETE_DEREF") and i.argval in code.co_freevars:
            free.add(str(i.argval))
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            for mine, theirs in zip((loaded, stored, free), _names(inner), strict=True):
                mine.update(theirs)
    return sorted(loaded), sorted(stored), sorted(free)


@functools.lru_cache(4096)
def _source(code: CodeType, name: str, version: int | str) -> str:
    """A hash of the source and of what was compiled of it: of two lambdas in one line, the line alone is the same."""
    try:
        text = inspect.getsource(code)
    except (OSError, TypeError):
        if version in (0, ""):
            raise BadInput(
                f"there is no source of {name!r}: it was typed into a shell, or made by exec or eval, so nothing says"
                ' when it changes. Define it with def in a file or a notebook cell, or give version="1" and raise that'
                " whenever you change it"
            ) from None
        return f"{name} {version}"
    return hashlib.sha256(f"{text}{_compiled(code)}".encode()).hexdigest()[:20]


def _compiled(code: CodeType) -> str:
    inner = [_compiled(c) if isinstance(c, CodeType) else "..." if c is ... else content_of(c) for c in code.co_consts]
    return f"{code.co_code.hex()} {code.co_names} {inner}"


def _of_installed(thing: Any) -> str:
    module = getattr(thing, "__module__", None) or type(thing).__module__
    return f"{module}.{getattr(thing, '__qualname__', type(thing).__qualname__)} {_version_of(module)}"


def _installed(module: str) -> bool:
    """Whether a module belongs to Python or to an installed package, whose version stands for its code."""
    top = str(module).partition(".")[0]
    if top in ("__main__", ""):
        return False
    if top in sys.stdlib_module_names or top == __name__.partition(".")[0]:
        return True
    file = getattr(sys.modules.get(str(module)) or sys.modules.get(top), "__file__", None)
    return file is not None and file.startswith(_INSTALLED)


@functools.lru_cache(1024)
def _version_of(module: str) -> str:
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names:
        return f"python {sys.version_info.major}.{sys.version_info.minor}"
    return str(getattr(sys.modules.get(top), "__version__", ""))


def _never_changes(value: Any) -> bool:
    if isinstance(value, tuple | frozenset):
        return all(_never_changes(v) for v in value)
    return type(value) in _CONSTANT


def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    if not callable(function):
        raise BadInput(f"only a function's results can be kept, got {function!r}")
    if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
        raise BadInput(
            f"{name_of(function)} gives {'a generator' if inspect.isgeneratorfunction(function) else 'a coroutine'},"
            " which can be read once only; give a function that returns its values, such as list(...) of them"
        )
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):  # written in C, without one
        return None


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
