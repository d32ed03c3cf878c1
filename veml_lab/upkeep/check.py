"""``veml check LAB``: find and name every inconsistency of a lab; changes nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ..catalog.migrate import check_format_version
from ..catalog.snapshot import Snapshot
from ..errors import DamagedLab, MissingFile
from ..storage.border import public
from ..storage.failures import in_words
from ..storage.strangers import refuse_links
from . import inside, outside
from .lab_files import leftovers, states_of_jobs
from .report import Finding, Report

_RESTORE = "Restore it from a backup"


@public
def check(lab: str | os.PathLike[str], *, deep: bool = False) -> Report:
    """Look for everything that does not fit together in a lab.

    The catalog against itself (edges, ID blocks, ID sets, annotations, metrics, layers), the catalog against the
    files (segments, blobs, pictures that stayed where they were, embeddings, jobs), and what killed processes left.
    Works on a frozen copy of the catalog, in one pass, with memory for the ID sets and one segment.

    Parameters
    ----------
    lab
        The lab, or its folder.
    deep
        Read every byte, and compare its hash with the one that was taken when it came in.

    Returns
    -------
    Report
        ``clean`` where nothing is wrong. Leftovers are listed, and are not wrong.

    Raises
    ------
    MissingFile
        There is no lab.
    FullDisk, NotAllowed, BusyLab
        It cannot be looked at; that says nothing of what is in it.

    Examples
    --------
    >>> veml.check(lab)
    /.../road-lab: clean (... versions, ... samples, ... edges; ... s)
    """
    folder, began = Path(lab).expanduser().resolve(), time.perf_counter()
    if not (folder / "lab.toml").exists() and not (folder / "catalog.duckdb").exists():
        raise MissingFile(f"there is no lab in {folder}; give the folder of one")
    refuse_links(folder)
    found = list(_marker(folder))
    counts: dict[str, int] = {}
    jobs = states_of_jobs(folder)
    try:
        with Snapshot(folder) as snapshot:
            found += [Finding("repaired log", text, _RESTORE + " if those commits matter") for text in snapshot.said]
            for part in (*inside.PARTS, *outside.parts(folder, jobs, deep=deep)):
                found += _guarded(folder, part, snapshot)
            found += _guarded(folder, lambda s: _left(folder, s), snapshot)
            counts = snapshot.rows(
                "SELECT (SELECT count(*) FROM node) AS versions, (SELECT count(*) FROM sample) AS samples, (SELECT"
                " count(*) FROM edge) AS edges"
            ).to_pylist()[0]
    except DamagedLab as e:  # a full disk, a missing permission, a lock are no findings: they are raised
        found.append(_damage(folder, e, None))
    for kept in sorted((folder / "damaged").glob("*")):
        found.append(
            Finding(
                "kept for you",
                f"{kept} was cut off a damaged log",
                "Remove it when you are sure that nothing is missing",
                True,
            )
        )
    return Report(str(folder), tuple(found), counts, round(time.perf_counter() - began, 3))


def _guarded(folder: Path, part: Callable[[Snapshot], Iterator[Finding]], snapshot: Snapshot) -> list[Finding]:
    """One part of the check; a damaged table is a finding, and the other parts go on."""
    found: list[Finding] = []
    try:
        found.extend(part(snapshot))
    except DamagedLab as e:
        found.append(_damage(folder, e, snapshot))
    return found


def _damage(folder: Path, e: DamagedLab, snapshot: Snapshot | None) -> Finding:
    """Proven damage of the catalog, and what can be read all the same."""
    return Finding("catalog", str(e).rstrip("."), f"{_RESTORE}. {_readable(folder, snapshot)}")


def _readable(folder: Path, snapshot: Snapshot | None) -> str:
    """What of a lab with a damaged catalog can be read: its tables, its files, older copies."""
    said = []
    if snapshot is not None:
        whole, torn = [], []
        for table in snapshot.rows("SELECT table_name FROM duckdb_tables() ORDER BY 1").column(0).to_pylist():
            try:
                snapshot.rows(f'SELECT * FROM "{table}"')
                whole.append(table)
            except DamagedLab:
                torn.append(table)
        said.append(f"the tables {', '.join(whole) or '(none)'}" + (f" but not {', '.join(torn)}" if torn else ""))
    for name, pattern in (("segments", "*.arrow"), ("blobs", "[!.]*")):
        n = sum(1 for _ in (folder / name).glob(pattern))
        if n:
            said.append(f"{n} files in {name}/")
    copies = sorted((folder / "backups").glob("catalog-v*.duckdb"), key=lambda p: p.stat().st_mtime)
    if copies:
        said.append(f"an older catalog, {copies[-1]}")
    return f"Readable are {'; '.join(said)}" if said else "Nothing else of it can be read"


def _marker(folder: Path) -> Iterator[Finding]:
    import tomllib

    marker = folder / "lab.toml"
    try:
        with in_words(marker, "read"):
            version = int(tomllib.loads(marker.read_text())["format_version"])
    except FileNotFoundError:
        yield Finding("marker", f"{marker} is missing", "Restore it; it holds the line: format_version = N")
        return
    except (KeyError, TypeError, ValueError) as e:
        yield Finding("marker", f"{marker} cannot be read ({e})", "Restore it; it holds the line: format_version = N")
        return
    check_format_version(version, folder)  # a newer lab is not looked at


def _left(folder: Path, snapshot: Snapshot) -> Iterator[Finding]:
    for left in leftovers(folder, snapshot):
        if not left.in_use:
            yield Finding(
                "leftover",
                f"{left.path} ({left.size / 1e6:.1f} MB): {left.why}",
                f"veml vacuum {folder} removes it",
                True,
            )
    for r in snapshot.rows(
        "SELECT b.start, b.n FROM id_block b WHERE b.n > 0 AND NOT EXISTS (SELECT 1 FROM sample s WHERE s.id >= b.start"
        " AND s.id < b.start + b.n) ORDER BY 1"
    ).to_pylist():
        yield Finding(
            "unused IDs",
            f"{r['n']:,} sample IDs from {r['start']} were reserved by an import that never ended",
            "Nothing has to be done",
            True,
        )
