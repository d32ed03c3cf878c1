"""What all four kinds of version have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ..storage.border import public
from . import display
from .node import Node
from .store import VersionStore

if TYPE_CHECKING:
    from .how import How


@dataclass(frozen=True, eq=False)
class Version:
    """A node of the lineage graph with the lab that it lives in; two are equal if they are the same node."""

    store: VersionStore
    node: Node

    _moved: ClassVar[Mapping[str, str]] = {}  # a method that is a function of a higher room now -> how it is called

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        public(cls)

    if not TYPE_CHECKING:  # to a type checker an unknown name stays one

        def __getattr__(self, name: str) -> Any:
            if name in self._moved:
                raise AttributeError(f"{type(self).__name__}.{name} is a function now: {self._moved[name]}")
            return object.__getattribute__(self, name)  # the usual error, or the one that a property of ours raised

    @property
    def id(self) -> str:
        return self.node.id

    @property
    def name(self) -> str:
        return self.node.name

    def __veml_content__(self) -> str:
        """What it holds, for the key of a step that takes it; frozen, so its ID says that."""
        return self.id

    def summary(self) -> str:
        """One line."""
        raise NotImplementedError

    def how(self) -> How:
        """How it was made: repository, cells or script, packages, machine, command; it draws itself and writes a
        script that makes the version again."""
        from .how import how_made

        return how_made(self)

    def __hash__(self) -> int:
        return hash(self.id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and other.id == self.id

    def __repr__(self) -> str:
        return f"<{self.node.kind} version {self.name!r}: {self.summary()}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> display.MimeBundle:
        return display.bundle("version", self)
