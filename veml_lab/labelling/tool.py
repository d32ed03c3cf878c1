"""The seam of labelling tools: send pictures, fetch what was said of them, ask how far it is.

A tool gets a :class:`Job`: what one person, or everybody together, has to label. Samples are known by the lab's own IDs
and by the digest of their bytes, which the tool has to carry with each picture and to bring back; file names and order
mean nothing. Another package adds one by an entry point ``veml_lab.label_tools``: a function that takes
:class:`Options` and gives a :class:`LabelTool`; :class:`veml_lab.testing.LabelToolSuite` says what it keeps.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ..sources.writing import ending
from .said import Kind, Said
from .secret import Secret


@dataclass(frozen=True)
class Item:
    """One sample that goes out.

    Attributes
    ----------
    before
        The pre-labels; None: it goes out without.
    image
        Gives the encoded picture.
    """

    sample: int
    sha256: str
    uri: str
    width: int
    height: int
    image: Callable[[], bytes] = field(repr=False)
    before: Said | None = None
    score: float = 0.0

    @property
    def stem(self) -> str:
        """The sample's ID and digest as the name of a file, for tools that carry nothing else."""
        return f"veml-{self.sample:06d}-{self.sha256[:16]}"

    def file(self, image: bytes) -> str:
        """The name of its file."""
        return self.stem + ending(image, self.uri)


@dataclass(frozen=True)
class Job:
    """What a tool is asked to have labelled.

    Attributes
    ----------
    task
        ID of the task, with the annotator's number where several have a share each; unique over all labs.
    annotator
        Whose share it is; "" where anybody may take any sample.
    model
        Who made the pre-labels.
    """

    task: str
    name: str
    annotator: str
    kind: Kind
    classes: tuple[str, ...]
    model: str
    items: tuple[Item, ...] = field(repr=False)

    @functools.cached_property
    def by_sample(self) -> Mapping[int, Item]:
        """The items by their sample's ID."""
        return {i.sample: i for i in self.items}

    @property
    def title(self) -> str:
        return f"{self.name} · {self.annotator}" if self.annotator else self.name


@dataclass(frozen=True)
class Answer:
    """What one person said of one picture, as the tool gives it back.

    Attributes
    ----------
    task
        The task that the picture says it belongs to; "" where it says none.
    sample, sha256
        The sample that it says it is, and its digest (or the beginning of it); None where it says none.
    said
        None: skipped, which is no answer.
    stamp
        When it was last changed, as a text that sorts; "" where the tool does not say.
    odd
        What was left out of it, in words.
    unusable
        Why it cannot be taken at all; "" where it can.
    where
        Where it stands in the tool, for messages.
    """

    task: str
    sample: int | None
    sha256: str
    annotator: str
    said: Said | None
    stamp: str = ""
    odd: tuple[str, ...] = ()
    unusable: str = ""
    where: str = ""


@dataclass(frozen=True)
class State:
    """How far a job is: pictures in the tool, with an answer, and skipped."""

    sent: int
    done: int
    skipped: int = 0


class LabelTool(Protocol):
    """Where people label."""

    def send(self, job: Job) -> str:
        """Send what is not there yet; where it is from now on. Sent again, nothing is there twice."""
        ...

    def fetch(self, address: str, job: Job) -> Iterable[Answer]:
        """Everything that was said until now, of foreign pictures too."""
        ...

    def state(self, address: str, job: Job) -> State:
        """How far it is."""
        ...


@dataclass(frozen=True)
class Options:
    """What a tool is opened with: a folder or a URL, the secret to show it, and the form of files."""

    where: str
    token: Secret | None = None
    form: str = "label-studio"
