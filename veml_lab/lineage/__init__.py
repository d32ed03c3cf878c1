"""Questions to the graph of versions: what led to one, what came of it, what depends on it, what changed between two.

:class:`Lineage` is the graph around a version; :data:`QUESTIONS` are asked by name (``veml lineage --question``);
:mod:`~veml_lab.lineage.exchange` and :mod:`~veml_lab.lineage.openlineage` hand it to other tools.
"""

from .search import reach
from .tree import AnyVersion, Lineage, version_of

__all__ = ["AnyVersion", "Lineage", "reach", "version_of"]
