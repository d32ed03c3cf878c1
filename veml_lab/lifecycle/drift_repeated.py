"""Drift asked more than once: every version against every other, and test versions one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..embeddings.choice import embedder_of
from ..errors import BadInput
from ..geometry.coverage import spend
from ..storage.border import public
from ..versions import display
from ..versions.data import DataVersion
from ..versions.inference import InferenceVersion
from ..versions.parts import train_part
from ..versions.results import get_result, put_result
from ..versions.store import VersionStore, key_of
from ..versions.training import TrainingVersion
from .drift import Drift, drift, learned_from, report_key, stored_drift

if TYPE_CHECKING:
    from ..embeddings import Embedder

STREAM_KIND = "drift stream"


@dataclass(frozen=True)
class DriftPairs:
    """Which data version covers which: the paper's table 9, with the calibrated verdict beside it.

    Attributes
    ----------
    names
        The versions; in every table the row is the training and the column the test version.
    reports
        A :class:`Drift` for each (train, test); none on the diagonal.
    """

    names: tuple[str, ...]
    reports: dict[tuple[str, str], Drift] = field(repr=False)

    def __getitem__(self, pair: tuple[str, str]) -> Drift:
        return self.reports[pair]

    def to_dict(self) -> dict[str, Any]:
        """What ``veml drift --pairs --json`` prints."""
        return {"names": list(self.names), "pairs": [r.to_dict() for r in self.reports.values()]}

    def __repr__(self) -> str:
        width = max(18, *(len(n) + 2 for n in self.names))
        head = ["train \\ test".ljust(width) + "radius".rjust(8) + "".join(n.rjust(width) for n in self.names)]
        blocks: list[list[str]] = [[], []]
        for train in self.names:
            rows = ["", ""]
            for test in self.names:
                found = self.reports.get((train, test))
                if found is None:
                    rows = [r + "".rjust(width) for r in rows]
                    continue
                r = found.report
                cells = [
                    f"{r.distance:.4g} {'>' if r.paper_drifted else '<='} Δ {_sign(r.paper_drifted)}",
                    f"p {r.p_value:.2g} {_sign(r.drifted)}",
                ]
                rows = [old + c.rjust(width) for old, c in zip(rows, cells, strict=True)]
            radius = next((f"{self.reports[train, t].report.radius:.4g}" for t in self.names if t != train), "")
            blocks[0].append(train.ljust(width) + radius.rjust(8) + rows[0])
            blocks[1].append(train.ljust(width) + "".rjust(8) + rows[1])
        any_report = next(iter(self.reports.values())).report
        level = f"{any_report.level:.0%}"
        return "\n".join(
            [
                (
                    f"Paper's covering rule, k={any_report.paper_k}: (+) the training version does not cover"
                    " the test version"
                ),
                *head,
                *blocks[0],
                "",
                f"Calibrated, level {level} for each pair",
                *head,
                *blocks[1],
            ]
        )


def _sign(drifted: bool) -> str:
    return "(+)" if drifted else "(-)"


@public
def drift_pairs(
    versions: Sequence[DataVersion],
    *,
    embedder: Embedder | None = None,
    k: int = 50,
    seed: int = 0,
    level: float = 0.05,
    progress: bool = True,
) -> DriftPairs:
    """Test every data version against every other, both ways.

    Parameters
    ----------
    versions
        Two or more; 40 samples or more each.
    embedder, k, seed, level
        As of :func:`drift`; each pair's report is kept in the lab like any other.

    Source
    ------
    VeML, section V.B, table 9.

    Examples
    --------
    >>> veml.drift_pairs([city, town]).names
    ('city', 'town')
    """
    versions = list(dict.fromkeys(versions))
    if len(versions) < 2:
        raise BadInput(f"a table of drift takes two or more data versions, got {len(versions)}")
    embedder = embedder or embedder_of(versions[0], progress=progress)
    found = {}
    for a in versions:
        for b in versions:
            if a != b:
                # an import stands for its train part on both sides
                found[a.name, b.name] = drift(
                    a, train_part(b), embedder=embedder, k=k, seed=seed, level=level, progress=progress
                )
    return DriftPairs(tuple(v.name for v in versions), found)


@dataclass(frozen=True)
class DriftStream:
    """Test versions one after the other, at a level that holds for all of them together.

    Attributes
    ----------
    reports
        In order; each ``level`` is the share that this look may spend.
    level
        Chance of any false alarm in the whole stream, however long it gets.
    """

    reports: tuple[Drift, ...]
    level: float

    def first(self) -> Drift | None:
        """The first test version that drifted, or None."""
        return next((r for r in self.reports if r.drifted), None)

    def plot(self) -> display.Drawing:
        """Every look with its verdicts, behind a slider."""
        return display.drawing("drift stream", self)

    def to_dict(self) -> dict[str, Any]:
        """What ``veml drift LAB REFERENCE TEST TEST ... --json`` prints."""
        first = self.first()
        return {
            "level": self.level,
            "first": first.test if first else None,
            "looks": [r.to_dict() for r in self.reports],
        }

    def __repr__(self) -> str:
        width = max(4, *(len(r.test) for r in self.reports))
        lines = [
            f"{len(self.reports)} looks at data after {self.reports[0].train}, level {self.level:g} for all of"
            " them together"
        ]
        for i, r in enumerate(self.reports, 1):
            verdict = f"drift, {r.report.severity}" if r.drifted else "no drift"
            lines.append(f"  {i:>3}  {r.test.ljust(width)}  p {r.p_value:.2g} at {r.report.level:.2g}  {verdict}")
        return "\n".join(lines)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> display.MimeBundle:
        return display.bundle("drift stream", self)


@public
def drift_stream(
    reference: DataVersion | TrainingVersion | InferenceVersion,
    tests: Sequence[DataVersion],
    *,
    embedder: Embedder | None = None,
    k: int = 50,
    seed: int = 0,
    level: float = 0.05,
    progress: bool = True,
) -> DriftStream:
    """Test one version after the other without raising more false alarms for looking often.

    Look i is tested at 6 / (pi i)^2 of ``level``: the shares sum to ``level`` however many looks there will be,
    and the looks need not be independent, which they are not, since all share their training data.
    A longer stream only adds looks: what was said before stays said. The stream is kept in the lab as its reports are.

    Parameters
    ----------
    reference, embedder, k, seed
        As of :func:`drift`.
    tests
        Data versions in the order in which they came.
    level
        Accepted chance of any false alarm over the whole stream.

    Examples
    --------
    >>> days = [lab.add(f"day {i}", veml.road_world("clear-city", 24, seed=20 + i)) for i in (1, 2)]
    >>> [look.test for look in veml.drift_stream(city, days).reports]
    ['day 1', 'day 2']
    """
    tests = list(tests)
    if not tests:
        raise BadInput("a stream of test versions takes one or more, got none")
    embedder = embedder or embedder_of(reference, progress=progress)
    found = [
        drift(reference, t, embedder=embedder, k=k, seed=seed, level=spend(level, i), progress=progress)
        for i, t in enumerate(tests, 1)
    ]
    train = train_part(learned_from(reference))
    looks = [report_key(train, t, embedder, k, seed, spend(level, i)) for i, t in enumerate(tests, 1)]
    key, store = key_of(STREAM_KIND, looks, level), tests[0].store
    if get_result(store, key) is None:
        put_result(
            store,
            key,
            STREAM_KIND,
            {"train": train.name, "tests": [r.test for r in found], "level": level, "looks": looks},
        )
    return DriftStream(tuple(found), level)


def stored_stream(store: VersionStore, value: dict[str, Any]) -> DriftStream:
    """A stream as it was kept, nothing computed again.

    Raises
    ------
    BadInput
        A report of it is gone.
    """
    reports = [get_result(store, key) for key in value["looks"]]
    if None in reports:
        raise BadInput(
            f"a report of the stream after {value['train']!r} is not in the lab any more; look again with: veml"
            f" drift LAB {value['train']} TEST TEST ..."
        )
    return DriftStream(tuple(stored_drift(store, r) for r in reports if r is not None), value["level"])
