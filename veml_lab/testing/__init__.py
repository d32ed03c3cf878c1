"""What every implementation of a seam keeps, as suites that another package runs over its own.

A suite is a class of test methods; pytest runs those of a subclass that says what is under test::

    from veml_lab.testing import ExecutorSuite

    class TestAcme(ExecutorSuite):
        kind = "acme"

Nothing here needs more than pytest's ``tmp_path``. The suites of this package's own implementations are these.
"""

from __future__ import annotations

from .backends import BackendSuite
from .embedders import EmbedderSuite
from .executors import ExecutorSuite
from .formats import FormatSuite
from .label_tools import LabelToolSuite
from .learners import LearnerSuite
from .made import coloured
from .runtimes import RuntimeSuite

__all__ = [
    "BackendSuite",
    "EmbedderSuite",
    "ExecutorSuite",
    "FormatSuite",
    "LabelToolSuite",
    "LearnerSuite",
    "RuntimeSuite",
    "coloured",
]
