"""Look after a lab: find what is wrong, keep a copy, remove what nobody needs, ask its catalog in SQL.

All of it works on a frozen copy of the catalog (:mod:`veml_lab.catalog.snapshot`), so others go on
reading and writing meanwhile; only compacting the catalog keeps them waiting for a moment.
"""

from .backup import Backup, backup
from .check import check
from .report import Finding, Report
from .sql import Rows, sql
from .vacuum import Vacuumed, vacuum

__all__ = ["Backup", "Finding", "Report", "Rows", "Vacuumed", "backup", "check", "sql", "vacuum"]
