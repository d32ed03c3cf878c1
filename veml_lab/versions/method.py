"""How a training came about, as a value: what was asked, not the sentence that people read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_WORDS = {"full": "full training", "transfer": "transfer learning"}
# labs that were made before methods were values keep these sentences in their plans; nothing else is read out of words
_FORMER = {words: name for name, words in _WORDS.items()}
_FORMER_WITH_NAME = (("active learning (", "active"), ("domain adaptation (", ""))


@dataclass(frozen=True)
class Method:
    """The method of a plan.

    Attributes
    ----------
    name
        ``"scratch"``, ``"transfer"``; of a rebuilding ``"full"``, ``"transfer"``, ``"active"`` or the name of an
        adaptation; ``"reproduction"``.
    learner
        Of ``"active"``: who chose what was labelled.
    rebuilds
        Whether it rebuilds an earlier training.

    Examples
    --------
    >>> Method.of({"method": "active", "learner": "typiclust", "rebuilt_from": "t-1"})
    Method(name='active', learner='typiclust', rebuilds=True)
    >>> str(_)
    'active learning (typiclust)'
    """

    name: str
    learner: str = ""
    rebuilds: bool = False

    @classmethod
    def of(cls, plan: Mapping[str, Any]) -> Method:
        """The method of a plan as it is kept."""
        name, learner = str(plan.get("method", "scratch")), str(plan.get("learner") or "")
        rebuilds = bool(plan.get("rebuilt_from"))
        for begins, means in _FORMER_WITH_NAME:
            if name.startswith(begins):
                within = name.removeprefix(begins).rstrip(")")
                return cls(means, within, rebuilds) if means else cls(within, "", rebuilds)
        return cls(_FORMER.get(name, name), learner, rebuilds)

    def __str__(self) -> str:
        """In words."""
        if not self.rebuilds or self.name in ("scratch", "reproduction"):
            return self.name
        if self.name == "active":
            return f"active learning ({self.learner})"
        return _WORDS.get(self.name, f"domain adaptation ({self.name})")
