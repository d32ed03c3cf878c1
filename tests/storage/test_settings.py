"""Every variable of the environment that we read: nonsense in it is one sentence that names it, and changes nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import veml_lab as veml
from veml_lab.errors import BadInput
from veml_lab.storage.locks import patience_s

PACKAGE = Path(veml.__file__).parent
NONSENSE = {
    "VEML_CATALOG": ("postgres", "Owner", "1"),
    "VEML_LAB_LINKS": ("yes", "2", "-1"),
    "VEML_LOCK_TIMEOUT_S": ("abc", "-1", "nan", "inf", "1e999", "10 s", "[]"),
    "VEML_OWNER_IDLE_S": ("abc", "-1", "nan", "inf", "1e999", "10 s", "[]"),
}
# we set them for processes of our own: any value counts as set; the path of a lab; a name, any text is one
OURS = {"VEML_DASHBOARD", "VEML_LAB", "VEML_USER"}


def test_every_variable_in_the_code_is_asked_with_nonsense():
    named = {n for p in PACKAGE.rglob("*.py") for n in re.findall(r"VEML_[A-Z][A-Z_]*\b", p.read_text())}
    assert named == set(NONSENSE) | OURS


@pytest.mark.parametrize("name, said", [(n, v) for n, values in NONSENSE.items() for v in values])
def test_nonsense_is_one_sentence_and_no_version_is_made(name, said, tmp_path, monkeypatch):
    veml.open(tmp_path / "lab").store.catalog.close()
    monkeypatch.setenv(name, said)
    with pytest.raises(BadInput, match=re.escape(f"{name} is {said!r}")) as caught:
        veml.open(tmp_path / "lab").store.add("model", "m", {})
    assert "\n" not in str(caught.value)
    monkeypatch.delenv(name)
    assert veml.open(tmp_path / "lab").versions() == []


def test_nothing_and_blanks_are_the_usual(monkeypatch):
    for said in ("", "  "):
        monkeypatch.setenv("VEML_LOCK_TIMEOUT_S", said)
        assert patience_s() == 120.0


def test_the_command_line_says_it_in_one_line(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "veml_lab.cli", "tag", str(tmp_path / "lab"), "m", "seen"],
        env={"PYTHONPATH": str(PACKAGE.parent), "VEML_LOCK_TIMEOUT_S": "soon", "PATH": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and "Traceback" not in done.stderr
