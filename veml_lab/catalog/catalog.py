"""The catalog as everything above knows it: two verbs, by name, whichever engine stands behind them.

A writable lab is asked through its owner process, which is started when it is needed
(:mod:`veml_lab.catalog.owner`); a lab that is open read-only, and every lab where ``VEML_CATALOG=inprocess``
is set or the platform has no unix sockets, by short connections of this process
(:mod:`veml_lab.catalog.inprocess`), which ask the owner where one runs.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..errors import BadInput, DamagedLab, ReadOnlyLab, UnknownName
from ..intermediates.asking import halt
from ..storage.strangers import refuse_links
from . import revision as _revision
from .changes import Change, now, plain
from .client import OwnerClient
from .database import DRAFT, create
from .inprocess import InProcess
from .migrate import check_format_version
from .statements import READS, WRITES

if TYPE_CHECKING:
    import pyarrow as pa

ENGINE_VARIABLE = "VEML_CATALOG"
__all__ = ["DRAFT", "Catalog", "Change", "check_format_version", "now"]


class Catalog:
    """Reads and commits by name.

    Parameters
    ----------
    folder
        The lab's folder; ``catalog.duckdb`` lies in it.
    read_only
        Write nothing, and read without access to anything outside the catalog: what a dashboard gets.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self.folder = folder
        self.file = folder / "catalog.duckdb"
        self.read_only = read_only
        refuse_links(folder)
        if not self.file.exists():
            if read_only:
                raise DamagedLab(f"{folder} has no catalog.duckdb: is it a lab? Make one with veml_lab.open(path)")
            create(folder)
        self._engine: OwnerClient | InProcess
        if read_only or engine() == "inprocess":
            self._engine = InProcess(folder, read_only=read_only)
        else:
            self._engine = OwnerClient(folder)

    def read(self, question: str, *, ids: pa.Array | None = None, **params: Any) -> pa.Table:
        """Answer a named question with an Arrow table.

        Raises
        ------
        UnknownName
            There is no such question.
        DamagedLab
            The catalog is missing or damaged where the answer would lie.
        """
        if question not in READS:
            raise UnknownName.of("question of the catalog", question, READS)
        return cast("pa.Table", self._engine.read(question, {k: plain(v) for k, v in params.items()}, ids))

    def commit(self, changes: Sequence[Change], *, tx: uuid.UUID | None = None) -> int:
        """Do all changes or none, durably; a ``tx`` that was committed before is recognised.

        Returns
        -------
        int
            The sequence number of the commit.

        Raises
        ------
        ReadOnlyLab
            The lab is open read-only.
        UnknownName
            There is no such change.
        BadInput
            A duplicate, or values that the table does not take.
        LabError
            The disk is full; nothing of the commit was kept.
        """
        halt("a change of the lab")
        if self.read_only:
            raise ReadOnlyLab(f"{self.folder} is open read-only; open it with veml_lab.open(path) to change it")
        for c in changes:
            if c.name not in WRITES:
                raise UnknownName.of("change of the catalog", c.name, WRITES)
        clean = [replace(c, params={k: plain(v) for k, v in c.params.items()}) for c in changes]
        return cast(int, self._engine.commit(clean, tx or uuid.uuid4()))

    def revision(self) -> str:
        """A string that changes with every commit of any process; costs a few ``stat`` calls and no query."""
        return _revision.revision(self.file)

    def close(self) -> None:
        """Let go of connections and copies; the next question opens them again."""
        self._engine.close()


def engine() -> str:
    """``"owner"`` or ``"inprocess"``: what a writable lab is asked through.

    Raises
    ------
    BadInput
        ``VEML_CATALOG`` is set to something else.
    """
    asked = os.environ.get(ENGINE_VARIABLE, "owner")
    if asked not in ("owner", "inprocess"):
        raise BadInput(f"{ENGINE_VARIABLE} is {asked!r}; set it to owner or inprocess")
    return asked if hasattr(socket, "AF_UNIX") else "inprocess"
