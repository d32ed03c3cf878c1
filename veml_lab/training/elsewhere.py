"""Make a training again somewhere else, by the script that its lineage writes, and say what is different there."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from ..catalog import Catalog
from ..errors import DamagedLab, JobError, MissingFile
from ..provenance.git import repository
from ..provenance.packages import as_text, from_text, installed
from ..provenance.secrets import masked
from ..versions.store import VersionStore
from ..versions.training import TrainingVersion

LINES = 6  # of what a script that failed said last


def elsewhere(training: TrainingVersion, folder: Path) -> TrainingVersion:
    """Everything that led to a training, and the training, in a new lab; in a process of its own.

    Raises
    ------
    JobError
        The script ended before the training was there; with its last words.
    """
    with tempfile.TemporaryDirectory(prefix="veml-again-") as place:
        script = training.how().script(Path(place) / "again.py")
        done = subprocess.run(
            [sys.executable, str(script), str(folder.resolve())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    if (folder / "catalog.duckdb").exists():
        store = VersionStore(folder.resolve(), Catalog(folder.resolve()))
        node = store.graph().by_name.get(training.name)
        if node is not None:
            return TrainingVersion(store, node)
    said = " | ".join(done.stdout.strip().splitlines()[-LINES:])
    raise JobError(
        f"{training.name!r} was not made again in {folder}: its script ended with {done.returncode}: {said}. Look at it"
        f" with: veml how LAB {training.name!r} --script again.py"
    )


def what_differs(training: TrainingVersion) -> dict[str, tuple[str | None, str | None]]:
    """What is different now from what was kept with a training: packages, and the code where it still lies."""
    try:
        how = training.how()
    except (MissingFile, DamagedLab) as e:
        return {"what was kept of it": (None, str(e))}
    if how.kept is None:
        return {}
    then, now = how.packages, from_text(as_text(installed().items()))
    names = sorted(n for n in {*then, *now} if then.get(n) != now.get(n))
    found: dict[str, tuple[str | None, str | None]] = {f"package {n}": (then.get(n), now.get(n)) for n in names}
    top = Path(how.git.get("folder", ""))
    if how.git.get("commit") and (top / ".git").exists():
        repo = repository(top)
        if repo.commit and repo.commit != how.git["commit"]:
            found[f"commit of {top}"] = how.git["commit"], repo.commit
        changes = masked(repo.diff)[0] if repo.diff else ""
        if repo.commit and not repo.said and changes != how.diff:
            found[f"changes in {top}"] = _lines(how.diff), _lines(changes)
    file = Path(how.script_file)
    if how.script_text and file.is_file():
        text = masked(file.read_text(errors="surrogateescape"))[0]
        if text.encode("utf-8", "backslashreplace").decode() != how.script_text:
            found[f"script {file}"] = _lines(how.script_text), _lines(text)
    return found


def _lines(text: str) -> str:
    return f"{text.count(chr(10))} lines"
