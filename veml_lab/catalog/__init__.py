"""The lab's memory: a DuckDB catalog of versions, and immutable files beside it.

Everything above speaks to it through two verbs, ``read(question, ...)`` and ``commit(changes)``, where
questions and changes are names out of :mod:`veml_lab.catalog.statements`. No SQL text crosses that
line, so an owner process can take the place of :class:`~veml_lab.catalog.store.Catalog` later without
a change anywhere else.
"""

from .store import Catalog, Change

__all__ = ["Catalog", "Change"]
