"""The repository that a script or notebook lies in: commit, branch, and what is changed in it.

git is asked, never trusted with time: everything together has one second, untracked files are not looked for, nothing
is fetched, no hook, filter monitor, pager or password prompt is started. Whether there is a repository at all is seen
without it.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

LIMIT_S = 1.0
LARGEST_DIFF = 1_000_000  # bytes of text
_STATUS = ("status", "--porcelain=v2", "--branch", "--untracked-files=no", "--ignore-submodules=dirty")
_DIFF = ("diff", "HEAD", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=dirty")
# what a repository of somebody else could make git start, and what would wait for somebody or something
_SAFELY = (
    *("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.pager=cat"),
    *("-c", "protocol.allow=never", "-c", "credential.helper=", "-c", "color.ui=false"),
)
_ALONE = {
    "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_PAGER": "cat",
    "GIT_ASKPASS": "true", "SSH_ASKPASS": "true", "GCM_INTERACTIVE": "never", "LC_ALL": "C",
}  # fmt: skip
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_EXTERNAL_DIFF", "GIT_TRACE")


@dataclass(frozen=True)
class Repository:
    """A repository as it was.

    Attributes
    ----------
    folder
        Its top.
    commit, branch
        Full hash, "" before the first commit; "" of a branch where none is checked out.
    changed
        Tracked files that differ from the commit.
    diff
        What differs; None where nothing does or it was not kept.
    said
        Why something of this is missing; "" where nothing is.
    """

    folder: str
    commit: str = ""
    branch: str = ""
    changed: int = 0
    diff: str | None = None
    said: str = ""


class _Slow(Exception):
    """The time is over."""


class _Refused(Exception):
    """git ended with an error; its last words."""


def top_of(folder: Path) -> Path | None:
    """The top of the repository that a folder lies in; None where it lies in none."""
    for place in (folder, *folder.parents):
        with contextlib.suppress(OSError):
            if (place / ".git").exists():
                return place
    return None


def marks_of(top: Path) -> tuple[int, ...]:
    """Changes whenever something was committed, checked out or staged; a few looks at files."""
    found = []
    for name in ("HEAD", "index", "logs/HEAD"):
        try:
            found.append((_folder_of(top) / name).stat().st_mtime_ns)
        except OSError:
            found.append(0)
    return tuple(found)


def _folder_of(top: Path) -> Path:
    """The folder ``.git``, or where a file of that name says that it is (work trees, submodules)."""
    git = top / ".git"
    if git.is_file():
        said = git.read_text(errors="replace").partition("gitdir:")[2].strip()
        return top / said if said else git
    return git


def repository(top: Path, limit_s: float = LIMIT_S) -> Repository:
    """Ask git, for at most ``limit_s`` seconds; whatever goes wrong is said in the answer."""
    until = time.monotonic() + limit_s
    where = str(top)
    try:
        status, _ = _git(where, _STATUS, until, LARGEST_DIFF)
    except FileNotFoundError:
        return Repository(where, said="git is not installed")
    except _Slow:
        return Repository(where, said=f"git did not answer within {limit_s:g} s")
    except (_Refused, OSError) as e:
        return Repository(where, said=f"git refused: {e}")
    facts = dict(line[2:].split(" ", 1) for line in status.splitlines() if line.startswith("# ") and " " in line[2:])
    commit, branch = facts.get("branch.oid", ""), facts.get("branch.head", "")
    changed = sum(not line.startswith("#") for line in status.splitlines())
    commit, branch = "" if commit == "(initial)" else commit, "" if branch == "(detached)" else branch
    found = Repository(where, commit, branch, changed)
    if not changed or not commit:
        return found
    try:
        text, whole = _git(where, _DIFF, until, LARGEST_DIFF)
    except _Slow:
        return _and(found, said=f"git did not give the changes within {limit_s:g} s")
    except (_Refused, OSError) as e:
        return _and(found, said=f"git refused: {e}")
    if not whole:
        return _and(found, said=f"the changes are more than {LARGEST_DIFF / 1e6:g} MB of text and were not kept")
    return _and(found, diff=text)


def _and(found: Repository, *, diff: str | None = None, said: str = "") -> Repository:
    return Repository(found.folder, found.commit, found.branch, found.changed, diff, said)


def _git(top: str, words: tuple[str, ...], until: float, most: int) -> tuple[str, bool]:
    """What git prints, and whether that is all of it (``most`` bytes are read)."""
    environment = {k: v for k, v in os.environ.items() if k not in _ELSEWHERE} | _ALONE
    process = subprocess.Popen(
        ["git", *_SAFELY, "-C", top, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=True,  # so that what it starts ends with it
    )
    assert process.stdout is not None and process.stderr is not None
    parts: dict[int, list[bytes]] = {process.stdout.fileno(): [], process.stderr.fileno(): []}
    out, err = parts
    try:
        with selectors.DefaultSelector() as ready:
            for fd in parts:
                ready.register(fd, selectors.EVENT_READ)
            while ready.get_map():
                left = until - time.monotonic()
                if left <= 0:
                    raise _Slow
                for key, _ in ready.select(left):
                    read = os.read(key.fd, 1 << 16)
                    parts[key.fd].append(read)
                    if not read:
                        ready.unregister(key.fd)
                if sum(map(len, parts[out])) > most:
                    return "", False
        try:
            code = process.wait(max(0.01, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise _Slow from None
        if code:
            lines = b"".join(parts[err]).decode(errors="replace").strip().splitlines()
            raise _Refused(lines[0].removeprefix("fatal: ") if lines else f"it ended with {code}")
        return b"".join(parts[out]).decode(errors="replace"), True
    finally:
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stdout.close()
        process.stderr.close()
