"""The lab's memory: a DuckDB catalog of versions, and immutable files beside it.

Everything above speaks to it through two verbs, ``read(question, ...)`` and ``commit(changes)``, where
questions and changes are names out of :mod:`veml_lab.catalog.statements`. No SQL text crosses that
line, so it is the same whether an owner process or this one has the file open.
"""

from .catalog import Catalog
from .changes import Change

__all__ = ["Catalog", "Change"]
