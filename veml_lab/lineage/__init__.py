"""Questions to the graph of versions: what led to one, what came of it, what depends on it, what changed between two.

:class:`Lineage` is the graph around a version; :func:`ask` answers questions by name (``veml lineage --question``);
:mod:`~veml_lab.lineage.exchange` and :mod:`~veml_lab.lineage.openlineage` hand the graph to other tools.
"""

from ..versions.any_version import AnyVersion, version_of
from .answers import Answer, Found
from .differences import Changes, changed
from .impact import Impact, impact
from .made_from import came_of
from .neighbourhood import Lineage
from .questions import ask, common_origin, how_made, made_by, paths, questions, relations, uses
from .reach import reach
from .samples import held_by, later_seen, seen_by, using_file

__all__ = [
    "Answer",
    "AnyVersion",
    "Changes",
    "Found",
    "Impact",
    "Lineage",
    "ask",
    "came_of",
    "changed",
    "common_origin",
    "held_by",
    "how_made",
    "impact",
    "later_seen",
    "made_by",
    "paths",
    "questions",
    "reach",
    "relations",
    "seen_by",
    "uses",
    "using_file",
    "version_of",
]
