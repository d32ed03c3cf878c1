"""The catalog against the files: bytes of samples, blobs, embeddings, jobs."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ..catalog.segments import Segment
from ..catalog.snapshot import Snapshot
from ..errors import BadData, DamagedLab, LabError
from ..provenance.keeper import RECORD
from ..storage.failures import DAMAGED_ARRAY, sentence
from ..training import answers
from ..versions.moved import in_place_file
from .lab_files import FILLED_BLOCKS, keys_of_trainings, named_files, parsed, record_in
from .report import Finding

_AGAIN = "Restore it from a backup, or import the data again"
UNSEEN = "cannot be looked at"
_UNKNOWN = "Nothing says that it is damaged; check again when that is solved"
_ROWS = 4096
_MOST = 20
_HASHED = re.compile(r"([0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{64})(?=[-.])")  # what the name of a blob begins with


def parts(lab: Path, before: Mapping[str, str], *, deep: bool) -> list[Callable[[Snapshot], Iterator[Finding]]]:
    """The parts of the check that look at files; ``before``: states of the jobs before the catalog was copied."""
    return [
        lambda s: segments(lab, s, deep=deep),
        lambda s: in_place(lab, s, deep=deep),
        lambda s: named(lab, s, deep=deep),
        lambda s: embeddings(lab, s),
        lambda s: predictions(lab, s),
        lambda s: jobs(lab, s, before),
    ]


def segments(lab: Path, snapshot: Snapshot, *, deep: bool) -> Iterator[Finding]:
    """Every copied sample has its row in a segment that is whole."""
    sql = (
        "SELECT segment, max(row_no) AS last, count(*) AS n, any_value(uri) AS uri FROM sample WHERE segment IS NOT"
        " NULL GROUP BY 1 ORDER BY 1"
    )
    for r in snapshot.rows(sql).to_pylist():
        path = lab / "segments" / r["segment"]
        try:
            segment = Segment(path)
            if len(segment) <= r["last"]:
                raise DamagedLab(f"{path} has {len(segment)} rows, and row {r['last']} is asked for")
            if deep:
                yield from _hashes(snapshot, segment, r["segment"])
        except DamagedLab as e:
            kind = "truncated segment" if path.exists() else "missing segment"
            yield Finding(kind, f"{r['n']:,} samples (e.g. {r['uri']!r}) have lost their bytes: {e}", _AGAIN)
        except LabError as e:
            yield Finding(UNSEEN, str(e).rstrip("."), _UNKNOWN)
    sql = """SELECT count(*) AS n, min(id) AS lo, any_value(uri) AS uri FROM sample
             WHERE kind IN ('image', 'frame')
               AND ((segment IS NULL AND path IS NULL) OR (segment IS NOT NULL AND row_no IS NULL))
             HAVING count(*) > 0"""
    for r in snapshot.rows(sql).to_pylist():
        yield Finding(
            "samples without bytes", f"{r['n']:,} samples (e.g. {r['uri']!r}) say nowhere where their bytes lie", _AGAIN
        )


def _hashes(snapshot: Snapshot, segment: Segment, name: str) -> Iterator[Finding]:
    rows = snapshot.rows("SELECT row_no, uri, sha256 FROM sample WHERE segment = $name ORDER BY row_no", {"name": name})
    bad = 0
    for at in range(0, rows.num_rows, _ROWS):
        for r in rows.slice(at, _ROWS).to_pylist():
            try:
                same = hashlib.sha256(segment[r["row_no"]]).digest() == r["sha256"]
            except (OSError, ValueError, IndexError) as e:  # Arrow on a batch that makes no sense
                raise DamagedLab(f"{name} cannot be read at row {r['row_no']}: {e}") from e
            if not same:
                bad += 1
                if bad <= _MOST:
                    yield Finding(
                        "changed bytes", f"sample {r['uri']!r} in segment {name} is not what was imported", _AGAIN
                    )
    if bad > _MOST:
        yield Finding("changed bytes", f"and {bad - _MOST:,} more in segment {name}", _AGAIN)


def in_place(lab: Path, snapshot: Snapshot, *, deep: bool) -> Iterator[Finding]:
    """Pictures that stayed where they were are still there, or where the lab was told that they are now."""
    rows = snapshot.rows("SELECT path, uri, sha256 FROM sample WHERE path IS NOT NULL")
    gone = changed = 0
    for at in range(0, rows.num_rows, _ROWS):
        for r in rows.slice(at, _ROWS).to_pylist():
            path = in_place_file(lab, r["path"])
            refused = _refused(path)
            if refused is not None:
                yield refused
            elif not path.is_file():
                gone += 1
                if gone <= _MOST:
                    yield Finding(
                        "missing file",
                        f"{path} of sample {r['uri']!r}",
                        "Put it back, say where its folder is now (veml_lab.open(lab, moved={old: new})), or import"
                        " again with --copy",
                    )
            elif deep and _sha256(path) != r["sha256"]:
                changed += 1
                if changed <= _MOST:
                    yield Finding(
                        "changed bytes",
                        f"{path} is not what was imported as {r['uri']!r}",
                        "Put the old file back, or import it as a new version",
                    )
    for n, kind in ((gone, "missing file"), (changed, "changed bytes")):
        if n > _MOST:
            yield Finding(kind, f"and {n - _MOST:,} more that were imported without copying", _AGAIN)


def named(lab: Path, snapshot: Snapshot, *, deep: bool) -> Iterator[Finding]:
    """The files that versions and results name are there: checkpoints, exported models, weights, series."""
    looked: set[str] = set()
    sql = (
        "SELECT name AS who, kind, props AS v FROM node UNION ALL SELECT kind || ' ' || key, 'result', value FROM"
        " result WHERE kind = 'setting'"
    )
    for r in snapshot.rows(sql).to_pylist():
        value = parsed(r["v"])
        series = value.get("series") if isinstance(value, dict) else None
        blobs = (
            [f"blobs/{series[k]}" for k in ("values", "adjacency", "times") if series.get(k)]
            if isinstance(series, dict)
            else []
        )
        for name in [*named_files(value), *blobs]:
            yield from _named(lab, name, f"which {r['who']!r} needs", looked, deep=deep)


def _named(lab: Path, name: str, why: str, looked: set[str], *, deep: bool) -> Iterator[Finding]:
    """One file that something names, and what it names itself: a record of how versions were made names others."""
    ahead = [(name, why)]
    while ahead:
        name, why = ahead.pop()
        path, records = lab / name, name.endswith(RECORD)
        if records and name in looked:  # shared by many versions: said once
            continue
        refused = _refused(path)
        if refused is not None:
            yield refused
        elif not path.is_file():
            yield Finding(
                "missing blob" if name.startswith("blobs/") else "missing file",
                f"{path}, {why}",
                "Restore it from a backup, or make that version again",
            )
        elif deep and name not in looked and name.startswith("blobs/"):
            digest = _HASHED.match(path.name)
            if digest and not _sha256(path).hex().startswith(digest[1]):
                yield Finding(
                    "changed bytes",
                    f"{path} is not what its name says",
                    "Restore it from a backup, or make it again",
                )
        looked.add(name)
        if records:
            inner = record_in(path)
            ahead += [(n, f"of the record {path.name}, {why}") for n in named_files(inner) if n not in looked]


def embeddings(lab: Path, snapshot: Snapshot) -> Iterator[Finding]:
    """Embeddings fit the imports that they are of; they can always be made again."""
    import numpy as np

    blocks = {r["start"]: r["n"] for r in snapshot.rows(FILLED_BLOCKS).to_pylist()}
    for path in sorted((lab / "embeddings").glob("*/*.npy")):
        if not path.stem.isdigit() or int(path.stem) not in blocks:
            continue  # a leftover, listed as such
        try:
            rows = np.load(path, mmap_mode="r", allow_pickle=False).shape[0]
            marks = path.with_suffix(".done").stat().st_size
        except PermissionError as e:
            yield Finding(UNSEEN, str(sentence(e, path, "read")).rstrip("."), _UNKNOWN)
            continue
        except DAMAGED_ARRAY as e:
            yield Finding(
                "damaged embeddings",
                f"{path} cannot be read ({e})",
                "Remove it and its .done file; it is made again when it is asked for",
            )
            continue
        if not rows == marks == blocks[int(path.stem)]:
            yield Finding(
                "damaged embeddings",
                f"{path} has {rows} rows and {marks} marks for an import of {blocks[int(path.stem)]}",
                "Remove it and its .done file; it is made again when it is asked for",
            )


def predictions(lab: Path, snapshot: Snapshot) -> Iterator[Finding]:
    """What networks said is of samples of the import that its file names; it can always be made again."""
    blocks = {r["start"]: r["n"] for r in snapshot.rows(FILLED_BLOCKS).to_pylist()}
    again = "Remove it; what is missing is computed again when it is asked for"
    home = lab / answers.FOLDER
    for folder in sorted(home.iterdir()) if home.is_dir() and not home.is_symlink() else ():
        for start, path in answers.Answers(folder).files():
            if start not in blocks:
                continue  # a leftover, listed as such
            try:
                ids = answers.read_file(path)["id"].to_numpy()
            except FileNotFoundError:
                continue  # folded into another meanwhile
            except BadData as e:
                yield Finding("damaged predictions", str(e), again)
                continue
            except LabError as e:
                yield Finding(UNSEEN, str(e).rstrip("."), _UNKNOWN)
                continue
            if len(ids) and not start <= ids.min() <= ids.max() < start + blocks[start]:
                yield Finding("damaged predictions", f"{path} holds samples of another import", again)


def jobs(lab: Path, snapshot: Snapshot, before: Mapping[str, str]) -> Iterator[Finding]:
    """Jobs train versions that there are, and one that is done has its training version.

    Only those that were there before the catalog was copied, and in the state of then, can be held against the copy:
    others go on meanwhile.
    """
    known = {r["id"] for r in snapshot.rows("SELECT id FROM node").to_pylist()}
    trained = keys_of_trainings(snapshot)
    for folder, state in ((lab / "jobs" / name, state) for name, state in before.items()):
        try:
            plan = json.loads((folder / "plan.json").read_text())
            wanted = [plan[k] for k in ("model", "data", "validation", "init") if plan.get(k)]
        except FileNotFoundError:
            continue  # killed before it began; nothing of it is known
        except OSError as e:
            yield Finding(UNSEEN, str(sentence(e, folder / "plan.json", "read")).rstrip("."), _UNKNOWN)
            continue
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as e:
            yield Finding(
                "damaged job", f"{folder / 'plan.json'} cannot be read ({e!r})", "Remove the folder and train again"
            )
            continue
        missing = [str(w) for w in wanted if w not in known]
        if missing:
            yield Finding(
                "job of an unknown version",
                f"{folder} needs {', '.join(missing)}",
                "Remove the folder, or restore the catalog that it belongs to",
            )
        if state == "done" and folder.name not in trained:
            yield Finding(
                "job without its training",
                f"{folder} is done, and no training version has come of it",
                "Run it again; it goes on where it was",
            )


def _refused(path: Path) -> Finding | None:
    """A finding where the system does not let us look at a file, which says nothing of what is in it."""
    try:
        path.stat()
        if not os.access(path, os.R_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as e:
        return Finding(UNSEEN, str(sentence(e, path, "read")).rstrip("."), _UNKNOWN)
    return None


def _sha256(path: Path) -> bytes:
    with path.open("rb") as f:
        return hashlib.file_digest(f, "sha256").digest()
