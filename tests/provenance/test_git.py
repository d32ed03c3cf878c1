"""The repository that a version came out of: what git says, and what it may not do to us."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from patience import until

from veml_lab.provenance import git
from veml_lab.provenance.git import LARGEST_DIFF, repository, top_of


def run(folder: Path, *words: str) -> str:
    quiet = {
        **os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
    }  # fmt: skip
    done = subprocess.run(["git", "-C", str(folder), *words], env=quiet, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repo(tmp_path, monkeypatch) -> Path:
    """A repository with one commit of ``train.py``."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    folder = tmp_path / "repo"
    folder.mkdir()
    run(folder, "init", "-q", "-b", "work")
    (folder / "train.py").write_text("lr = 0.1\nepochs = 3\n")
    run(folder, "add", ".")
    run(folder, "commit", "-q", "-m", "first")
    return folder


def fake_git(tmp_path, monkeypatch, text: str) -> Path:
    """A program of that name that comes first on the path; it notes its process in a file."""
    place = tmp_path / "bin"
    place.mkdir()
    file = place / "git"
    file.write_text(f'#!/bin/sh\necho $$ > "{tmp_path}/pid"\n{text}\n')
    file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "pid"


def living(group: int) -> list[str]:
    """The processes of a group that are more than a name in the table of the system."""
    found = []
    for said in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of = said.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(of) == group and state not in "ZX":
            found.append(said.parent.name)
    return found


def test_a_clean_repository_is_its_commit_and_branch(repo):
    found = repository(repo)
    assert (found.commit, found.branch, found.changed, found.diff, found.said) == (
        run(repo, "rev-parse", "HEAD"), "work", 0, None, ""
    )  # fmt: skip


def test_what_is_changed_comes_as_a_diff_that_git_can_apply(repo, tmp_path):
    (repo / "train.py").write_text("lr = 0.2\nepochs = 3\n")
    found = repository(repo)
    assert found.changed == 1 and "-lr = 0.1" in found.diff and "+lr = 0.2" in found.diff
    run(repo, "checkout", "-q", ".")
    (tmp_path / "a.diff").write_text(found.diff)
    run(repo, "apply", str(tmp_path / "a.diff"))
    assert (repo / "train.py").read_text() == "lr = 0.2\nepochs = 3\n"


def test_what_is_staged_counts_as_changed(repo):
    (repo / "more.py").write_text("x = 1\n")
    run(repo, "add", "more.py")
    assert "+x = 1" in repository(repo).diff


def test_before_the_first_commit_and_on_no_branch(tmp_path, repo):
    empty = tmp_path / "empty"
    empty.mkdir()
    run(empty, "init", "-q", "-b", "work")
    assert (repository(empty).commit, repository(empty).branch) == ("", "work")
    run(repo, "checkout", "-q", "--detach")
    assert (repository(repo).branch, len(repository(repo).commit)) == ("", 40)


def test_the_top_is_found_from_below_and_nothing_outside_of_a_repository(repo, tmp_path):
    inner = repo / "a" / "b"
    inner.mkdir(parents=True)
    assert top_of(inner) == repo and top_of(tmp_path) is None


def test_a_work_tree_beside_its_repository_has_marks_that_move(repo, tmp_path):
    tree = tmp_path / "tree"
    run(repo, "worktree", "add", "-q", str(tree), "-b", "other")
    assert top_of(tree) == tree and repository(tree).branch == "other"
    before = git.marks_of(tree)
    assert any(before)
    (tree / "train.py").write_text("lr = 0.3\n")
    run(tree, "commit", "-q", "-a", "-m", "second")
    assert git.marks_of(tree) != before


def test_without_git_there_is_a_word_and_no_error(repo, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert repository(repo).said == "git is not installed"


def test_a_git_that_hangs_is_ended_with_what_it_started(repo, monkeypatch, tmp_path):
    pid = fake_git(tmp_path, monkeypatch, "sleep 300 & sleep 300")
    found = repository(repo, limit_s=0.3)
    assert "did not answer within 0.3 s" in found.said and found.commit == ""
    group = int(pid.read_text())
    until(lambda: not living(group), "the program and what it started are gone")


def test_a_git_that_hangs_over_the_changes_leaves_the_commit(repo, monkeypatch, tmp_path):
    (repo / "train.py").write_text("lr = 0.2\n")
    commit = run(repo, "rev-parse", "HEAD")
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    fake_git(tmp_path, monkeypatch, f'case "$*" in *" diff "*) sleep 300;; *) exec {real} "$@";; esac')
    found = repository(repo, limit_s=1.0)
    assert (found.commit, found.changed, found.diff) == (commit, 1, None)
    assert "did not give the changes" in found.said


def test_a_git_that_asks_for_a_password_is_answered_by_nobody(repo, monkeypatch, tmp_path):
    fake_git(
        tmp_path,
        monkeypatch,
        'read answer || true\n[ -z "$answer" ] && [ "$GIT_TERMINAL_PROMPT" = 0 ] && echo "fatal: could not read'
        ' Username" >&2\nexit 128',
    )
    assert repository(repo).said == "git refused: could not read Username"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a repository to somebody else")
def test_the_repository_of_somebody_else_is_refused_in_the_words_of_git(repo):
    for path in (repo, *repo.rglob("*")):
        os.chown(path, 12345, 12345)
    found = repository(repo)
    assert "dubious ownership" in found.said and found.commit == "" and found.diff is None


def test_nothing_of_a_repositorys_configuration_is_started(repo, tmp_path):
    mark = tmp_path / "started"
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {mark}\n")
    evil.chmod(0o755)
    (repo / ".gitattributes").write_text("*.py diff=x\n")
    run(repo, "add", ".")
    run(repo, "commit", "-q", "-m", "attributes")
    for name in ("core.fsmonitor", "diff.external", "diff.x.textconv", "diff.x.command", "core.pager"):
        run(repo, "config", name, str(evil))
    (repo / "train.py").write_text("lr = 0.2\n")
    mark.unlink(missing_ok=True)
    assert "+lr = 0.2" in repository(repo).diff and not mark.exists()


def test_variables_that_point_git_elsewhere_are_left_out(repo, tmp_path, monkeypatch):
    other = tmp_path / "other"
    other.mkdir()
    run(other, "init", "-q", "-b", "elsewhere")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    assert repository(repo).branch == "work"


def test_more_changes_than_are_kept_are_said(repo):
    (repo / "train.py").write_text("".join(f"x{i} = {i}\n" for i in range(LARGEST_DIFF // 10)))
    found = repository(repo)
    assert found.diff is None and "more than 1 MB" in found.said and len(found.commit) == 40


def test_untracked_files_are_not_looked_for(repo, monkeypatch, tmp_path):
    """Thousands of them, and a log of what git was asked: nothing that would walk over them."""
    for k in range(20):
        (repo / f"data{k}").mkdir()
        for i in range(100):
            (repo / f"data{k}" / f"{i}.bin").write_bytes(b"x" * 100)
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    fake_git(tmp_path, monkeypatch, f'echo "$*" >> {tmp_path}/asked\nexec {real} "$@"')
    found = repository(repo)
    assert (found.changed, found.said) == (0, "")
    assert "--untracked-files=no" in (tmp_path / "asked").read_text()
