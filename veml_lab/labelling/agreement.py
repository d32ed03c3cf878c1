"""Whether people agree, and one answer out of those of several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..evaluation.kinds import HIT
from .comparison import alike, paired
from .said import Region, Said


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two people on the samples that both answered.

    Attributes
    ----------
    value
        Cohen's kappa of classes; of boxes F1, a box being found by the other at an overlap of half and the same class.
    """

    one: str
    other: str
    samples: int
    measure: str
    value: float


def agreement(one: str, other: str, a: Mapping[int, Said], b: Mapping[int, Said], kind: str) -> Agreement | None:
    """How far two people agree; None where no sample was answered by both."""
    both = sorted(a.keys() & b.keys())
    if not both:
        return None
    pairs = [(a[i], b[i]) for i in both]
    value = kappa([(x.label, y.label) for x, y in pairs]) if kind == "class" else f1(pairs)
    return Agreement(one, other, len(both), "kappa" if kind == "class" else "F1", value)


def kappa(pairs: Sequence[tuple[str | None, str | None]]) -> float:
    """Cohen's kappa: agreement beyond chance; 1 where both always said one and the same class.

    Source
    ------
    J. Cohen, A coefficient of agreement for nominal scales, 1960: ``(po - pe) / (1 - pe)``.

    Examples
    --------
    >>> kappa([("a", "a"), ("a", "b"), ("b", "b"), ("b", "b")])
    0.5
    """
    n = len(pairs)
    observed = sum(x == y for x, y in pairs) / n
    first, second = Counter(x for x, _ in pairs), Counter(y for _, y in pairs)
    chance = sum(first[c] * second[c] for c in first) / n**2
    return 1.0 if chance == 1 else (observed - chance) / (1 - chance)


def f1(pairs: Sequence[tuple[Said, Said]]) -> float:
    """Twice the boxes that both drew, over all that were drawn; 1 where nobody drew any."""
    drawn = sum(len(x.regions) + len(y.regions) for x, y in pairs)
    both = sum(len(paired(x.regions, y.regions, HIT)) for x, y in pairs)
    return 2 * both / drawn if drawn else 1.0


def majority(said: Sequence[Said]) -> Said | None:
    """What more than half of the people said; None where no class has more than the others.

    An object is taken where more than half drew it, as the last of them did.
    """
    if any(s.label is not None for s in said):
        first, *rest = Counter(s.label for s in said).most_common(2)
        return None if rest and rest[0][1] == first[1] else Said(first[0])
    return Said(regions=tuple(g[-1] for g in _groups(said) if 2 * len(g) > len(said)))


def both(said: Sequence[Said]) -> Said:
    """Every object that anybody drew, once."""
    return Said(regions=tuple(g[-1] for g in _groups(said)))


def agree(said: Sequence[Said]) -> bool:
    """Whether all said the same."""
    return all(alike(said[0], s) for s in said[1:])


def _groups(said: Sequence[Said]) -> list[list[Region]]:
    """The boxes that mean one object, of each person at most one."""
    groups: list[list[Region]] = []
    for s in said:
        pairs = paired([g[-1] for g in groups], s.regions, HIT)
        for i, j in pairs:
            groups[i].append(s.regions[j])
        groups += [[r] for j, r in enumerate(s.regions) if j not in {j for _, j in pairs}]
    return groups
