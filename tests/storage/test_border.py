"""The border of the public functions: what the system refuses comes out as ours, a fault of the program as itself."""

from __future__ import annotations

import errno
import functools
import inspect
import os
import pickle
from dataclasses import dataclass

import pytest

import veml_lab as veml
from veml_lab.errors import BadData, BadInput, FullDisk, LabError, MissingFile, NotAllowed, ReadOnlyLab, VemlError
from veml_lab.formats import FORMATS, WRITERS
from veml_lab.labelling.secret import keeps_secret
from veml_lab.storage.border import public, refused
from veml_lab.versions.data import DataVersion
from veml_lab.versions.version import Version

WITHIN = public(lambda: None).__code__
SECRET = keeps_secret(lambda: None).__code__


@public
def fails(e: BaseException, *, twice: int = 2) -> int:
    """Raise it."""
    raise e


@public
@dataclass(frozen=True)
class Holder:
    """All that a class can have."""

    error: Exception

    def method(self) -> None:
        raise self.error

    @property
    def seen(self) -> None:
        """A property."""
        raise self.error

    @functools.cached_property
    def kept(self) -> None:
        raise self.error

    @classmethod
    def of_class(cls, e: Exception) -> None:
        raise e

    @staticmethod
    def of_nobody(e: Exception) -> None:
        raise e

    def __getitem__(self, key: str) -> None:
        raise self.error

    def _private(self) -> None:
        raise self.error


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/somewhere/a.bin")
WAYS = {
    "method": lambda: Holder(FULL).method(),
    "property": lambda: Holder(FULL).seen,
    "cached property": lambda: Holder(FULL).kept,
    "class method": lambda: Holder.of_class(FULL),
    "static method": lambda: Holder.of_nobody(FULL),
    "item": lambda: Holder(FULL)["a"],
    "function": lambda: fails(FULL),
}


@pytest.mark.parametrize("way", WAYS)
def test_whatever_is_public_says_it_in_a_sentence_that_names_the_path(way):
    with pytest.raises(FullDisk, match=r"/somewhere/a\.bin") as caught:
        WAYS[way]()
    assert caught.value.__cause__ is FULL and "Errno" not in str(caught.value)


def test_what_is_private_is_left_to_its_callers():
    with pytest.raises(OSError) as caught:
        Holder(FULL)._private()
    assert caught.value is FULL


@pytest.mark.parametrize(
    "e", [ZeroDivisionError("x"), KeyError("a"), TypeError("b"), ValueError("c"), BadInput("ours")]
)
def test_a_fault_of_the_program_and_an_error_of_ours_stay_what_they_are(e):
    with pytest.raises(type(e)) as caught:
        fails(e)
    assert caught.value is e and caught.value.__cause__ is None


@pytest.mark.parametrize("e", [KeyboardInterrupt(), BrokenPipeError(errno.EPIPE, "x")])
def test_who_stops_it_is_not_answered_with_a_sentence(e):
    with pytest.raises(type(e)) as caught:
        fails(e)
    assert caught.value is e


NUMBERS = {
    errno.ENOSPC: FullDisk, errno.EACCES: NotAllowed, errno.EROFS: ReadOnlyLab, errno.EMFILE: LabError,
    errno.EIO: LabError, errno.ENOENT: MissingFile, errno.ENAMETOOLONG: BadInput,
}  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
def test_what_a_library_wrote_into_its_message_is_understood(number):
    import duckdb
    import safetensors

    words = os.strerror(number)
    for e in (
        duckdb.IOException(f'IO Error: Could not write file "/a/b": {words} [Errno {number}]'),
        safetensors.SafetensorError(f"Error while serializing: I/O error: {words} (os error {number})"),
        OSError(f"Unable to write (errno = {number}, error message = '{words}')"),
        OSError(number, words),
    ):
        assert type(refused(e)) is NUMBERS[number], e


def test_words_alone_are_understood_where_they_leave_no_doubt():
    import duckdb

    assert type(refused(duckdb.IOException("Could not write all bytes: No space left on device"))) is FullDisk
    assert type(refused(duckdb.FatalException("FATAL Error: fsync failed!"))) is LabError  # no damage: see the disk
    assert refused(duckdb.BinderException("no such column")) is None


def test_what_a_library_says_of_a_file_is_bad_data():
    said = refused(OSError("image file is truncated (3 bytes not processed)"))
    assert type(said) is BadData and "truncated" in str(said)


def test_a_nul_in_a_path_is_said(tmp_path):
    for verb in (veml.open, veml.check, lambda path: veml.backup(tmp_path, path)):
        with pytest.raises(VemlError, match="NUL"):
            verb(f"{tmp_path}/a\0b")


def test_help_types_and_pickle_see_the_function_itself():
    assert fails.__doc__ == "Raise it." and list(inspect.signature(fails).parameters) == ["e", "twice"]
    assert Holder.seen.__doc__ == "A property."
    assert pickle.loads(pickle.dumps(veml.read)) is veml.read
    assert inspect.signature(veml.open).parameters["read_only"].kind is inspect.Parameter.KEYWORD_ONLY


def bordered(thing: object) -> bool:
    if getattr(thing, "__code__", None) is SECRET:  # around the border, whose frames hold arguments too
        thing = thing.__wrapped__
    return getattr(thing, "__code__", None) is WITHIN


def test_every_public_function_is_within_the_border():
    functions = [n for n in veml.__all__ if inspect.isfunction(getattr(veml, n))]
    assert len(functions) > 30 and [n for n in functions if not bordered(getattr(veml, n))] == []
    ours = {n: f for n, f in FORMATS.items() if f.reader.startswith(".")}
    assert [n for n, f in ours.items() if not bordered(f.read())] == []
    assert [n for n in WRITERS if n in ours and not bordered(ours[n].write())] == []


def classes() -> list[type]:
    found = [veml.Lab]
    todo = [Version]
    while todo:
        below = todo.pop().__subclasses__()
        found += below
        todo += below
    return found


def test_every_public_method_of_a_lab_and_of_every_kind_of_version_is_within_the_border():
    assert DataVersion in classes() and len(classes()) >= 6
    for cls in classes():
        for name, value in vars(cls).items():
            if name.startswith("_") or name in getattr(cls, "__dataclass_fields__", {}):
                continue
            inner = {property: "fget", functools.cached_property: "func", classmethod: "__func__"}.get(type(value))
            function = getattr(value, inner) if inner else value
            assert bordered(function) or not callable(function), f"{cls.__name__}.{name}"
