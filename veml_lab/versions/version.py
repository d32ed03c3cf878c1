"""What all four kinds of version have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import display
from .graph import Node
from .store import VersionStore


@dataclass(frozen=True, eq=False)
class Version:
    """A node of the lineage graph with the lab that it lives in; two are equal if they are the same node."""

    store: VersionStore
    node: Node

    @property
    def id(self) -> str:
        return self.node.id

    @property
    def name(self) -> str:
        return self.node.name

    def summary(self) -> str:
        """One line."""
        raise NotImplementedError

    def __hash__(self) -> int:
        return hash(self.id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and other.id == self.id

    def __repr__(self) -> str:
        return f"<{self.node.kind} version {self.name!r}: {self.summary()}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return display.draw("version", self)
