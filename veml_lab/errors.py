"""Every error that VeML-Lab raises on purpose.

::

    VemlError                  one clear line; the command line prints it and exits with 2
    +-- BadInput               what was given cannot be used (also a ValueError)
    |   +-- UnknownName        no version, measure, format ... of that name (also a KeyError)
    |   +-- NameTaken          versions are frozen: a name is given once
    |   +-- BadData            a file or an array is damaged: truncated, NaN, wrong shape
    |   +-- MissingFile        a file or folder that is not there (also a FileNotFoundError)
    |   +-- MissingLabels      the method needs labels that these samples do not have
    |       +-- LabelsWanted   the same, with the data version that should be labelled
    +-- LabError               the lab itself
    |   +-- NewerLab           made by a newer VeML-Lab; this one refuses to write into it
    |   +-- ReadOnlyLab        opened read-only, or on a read-only file system
    |   +-- FullDisk           no room; nothing half-written is left (also an OSError)
    |   +-- NotAllowed         a permission is missing, or a link leads out (also an OSError)
    |   +-- BusyLab            another process holds it; the message names it
    |   +-- DamagedLab         something inside the lab is proven to be missing or torn
    +-- ToolError              a labelling tool refused what was asked, or cannot be reached
    +-- JobError               a training job failed, was stopped, or cannot be resumed
    +-- MissingExtra           an optional package is not installed (also an ImportError)
    +-- BrokenPlugIn           what another package adds cannot be used (also an ImportError)

A message says what was asked, what came, and what to do.
"""

from __future__ import annotations

import difflib
import functools
import os
import sys
import traceback
import warnings
from collections.abc import Iterable
from pathlib import Path

MOST_LETTERS = 400  # of an unknown name that a message repeats
_PACKAGE = str(Path(__file__).parent) + os.sep


class VemlError(Exception):
    """Base of every deliberate error: what was asked, what came, what to do, in one line.

    Examples
    --------
    >>> try:
    ...     veml.read("nowhere")
    ... except VemlError as e:
    ...     print(e)
    there is no file or folder 'nowhere'; check the path
    """

    def __str__(self) -> str:  # KeyError would print the repr of its argument
        return " ".join(str(a) for a in self.args)

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: the line of the cell and the message; with ``%xmode Verbose`` the whole way down to
        us."""
        from IPython import get_ipython

        shell = get_ipython()
        if shell is not None and shell.InteractiveTB.mode == "Verbose":
            return shell.InteractiveTB.structured_traceback(type(self), self, self.__traceback__)
        frames = traceback.extract_tb(self.__traceback__)
        theirs = [f for f in frames if not f.filename.startswith(_PACKAGE) and f.line]
        # the first of these are IPython's own, which run the cell; the last before us is the line that called in
        called = [f"line {f.lineno}: {f.line.strip()}" for f in theirs[-1:] if f.line]
        return [*called, f"{type(self).__name__}: {self}"]


class BadInput(VemlError, ValueError):
    """What was given cannot be used.

    Examples
    --------
    >>> raise BadInput("k is 0; it must be at least 1")
    Traceback (most recent call last):
    veml_lab.errors.BadInput: k is 0; it must be at least 1
    """


class UnknownName(BadInput, KeyError):
    """No such name; the message lists the known ones, the nearest first.

    Examples
    --------
    >>> raise UnknownName.of("measure", "enrgy", ["mean", "energy"])
    Traceback (most recent call last):
    veml_lab.errors.UnknownName: there is no measure 'enrgy'; known: energy, mean
    """

    @classmethod
    def of(cls, what: str, name: object, known: Iterable[str], do: str = "") -> UnknownName:
        """Build the message: ``what`` is the noun, ``known`` the names there are, ``do`` a last hint."""
        names, asked = list(known), str(name)
        if len(asked) > MOST_LETTERS:  # a page may ask for anything; nobody reads ten megabytes of it
            asked = f"{asked[:MOST_LETTERS]}…"
        near = difflib.get_close_matches(asked, names, n=3, cutoff=0.5)
        shown = near + [n for n in names if n not in near]
        listed = ", ".join(shown[:12]) + (f" ... ({len(names)} in all)" if len(names) > 12 else "")
        text = f"there is no {what} {asked!r}; known: {listed or 'none yet'}"
        return cls(f"{text}. {do}" if do else text)


class NameTaken(BadInput):
    """Versions are frozen: a name is given once."""


class BadData(BadInput):
    """A file or an array is damaged: truncated, NaN, wrong shape."""


class MissingFile(BadInput, FileNotFoundError):
    """A file or folder that is not there."""


class MissingLabels(BadInput):
    """The method needs labels that these samples do not have."""


class LabelsWanted(MissingLabels):
    """The method chose samples that have no label yet; ``request`` is the data version of them."""

    def __init__(self, message: str, *, request: object) -> None:
        super().__init__(message)
        self.request = request

    def __reduce__(self) -> tuple:  # it comes back from another process with its request
        return functools.partial(type(self), request=self.request), self.args


class LabError(VemlError):
    """Something about the lab itself."""


class NewerLab(LabError):
    """The lab was made by a newer VeML-Lab."""


class ReadOnlyLab(LabError):
    """The lab is open read-only."""


class FullDisk(LabError, OSError):
    """There is no room on a disk; nothing half-written is left, and nothing that was committed is lost."""


class NotAllowed(LabError, OSError):
    """A permission is missing, or a link leads to where nothing of the lab belongs; nothing is damaged."""


class BusyLab(LabError):
    """Another process holds the lab or one of its files."""


class DamagedLab(LabError):
    """Something inside the lab is proven to be missing or torn."""


class ToolError(VemlError):
    """A labelling tool refused what was asked, or cannot be reached; what it has already stays there."""


class JobError(VemlError):
    """A training job failed, was stopped, or cannot be resumed."""


class MissingExtra(VemlError, ImportError):
    """An optional package is not installed; the message names its pip line.

    Examples
    --------
    >>> from veml_lab._optional import need
    >>> need("no_such_package", extra="mmdet")
    Traceback (most recent call last):
    veml_lab.errors.MissingExtra: ...
    """


class BrokenPlugIn(VemlError, ImportError):
    """What another package adds cannot be loaded, lacks something, or has the name of another."""


def warn(text: str) -> None:
    """Warn in the name of the line outside this package that called in: people look for it in their own cell."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame, level = frame.f_back, level + 1
    warnings.warn(text, stacklevel=level)
