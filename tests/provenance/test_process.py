"""What is kept of a process: of a script, a command line, a notebook; and what is not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from labs import ROOT
from patience import PATIENCE_S

from veml_lab.provenance import packages
from veml_lab.provenance.record import Record, key_of_text, record

MAKE = "import veml_lab as veml; lab = veml.open('lab'); lab.store.add('model', 'm', {})"
SECRET = "Zk3vQ9wX7pL2mT8rY5"


def run(folder: Path, *words: str | bytes, stdin: str = "", env: dict[str, str] | None = None) -> str:
    """A Python process of its own in a folder."""
    there = {**os.environ, "PYTHONPATH": str(ROOT), "VEML_CATALOG": "inprocess", **(env or {})}
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env=there, input=stdin.encode(), capture_output=True, timeout=PATIENCE_S
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout.decode()


def kept(lab: Path, name: str = "m") -> Record:
    """The record of a version, read from the files."""
    import veml_lab as veml

    node = veml.open(lab, read_only=True)[name].node
    return record(lab, node.props["provenance"])


def everything(lab: Path) -> str:
    """All that lies in the lab's records."""
    return "\n".join(p.read_text() for p in sorted((lab / "blobs").iterdir()))


def test_a_script_is_kept_with_its_text_and_its_command_line(tmp_path):
    file = tmp_path / "train.py"
    file.write_text(f"{MAKE}\nlr = 0.1  # grüß\n")
    run(tmp_path, "train.py", "--lr", "0.1")
    found = kept(tmp_path / "lab")
    assert found.text("script") == file.read_text() and found.facts["script"] == str(file)
    assert found.facts["command"][1:] == ["train.py", "--lr", "0.1"] and found.facts["folder"] == str(tmp_path)
    assert found.cells == () and found.files == () and "before" not in found.facts


def test_every_installed_distribution_is_kept_once(tmp_path):
    from importlib.metadata import distributions

    (tmp_path / "train.py").write_text(f"{MAKE}\nlab.store.add('model', 'n', {{}})\n")
    run(tmp_path, "train.py")
    listed = packages.from_text(kept(tmp_path / "lab").text("packages"))
    # of the environment: a package may have put others of its own on this process's path
    places = [p for p in sys.path if Path(p).name == "site-packages"]
    expected = {d.metadata["Name"].lower().replace("_", "-").replace(".", "-") for d in distributions(path=places)}
    assert set(listed) >= expected - {"veml-lab"} and len(listed) > 50
    assert listed["numpy"] == __import__("numpy").__version__
    assert len(list((tmp_path / "lab" / "blobs").glob("*.packages.txt"))) == 1
    assert kept(tmp_path / "lab", "n").path == kept(tmp_path / "lab").path


def test_secrets_of_script_command_and_addresses_are_not_written(tmp_path):
    (tmp_path / "train.py").write_text(f'{MAKE}\nimport os\nos.environ["X_TOKEN"] = "{SECRET}"\n')
    run(tmp_path, "train.py", "--password", SECRET, f"https://me:{SECRET}@host/x", env={"HF_TOKEN": SECRET})
    text = everything(tmp_path / "lab")
    assert SECRET not in text and "X_TOKEN" in text and kept(tmp_path / "lab").masked == 3


def test_only_chosen_variables_are_kept(tmp_path):
    run(tmp_path, "-c", MAKE, env={"OMP_NUM_THREADS": "3", "PYTHONHASHSEED": "7", "MY_NOTE": "nobody asked"})
    said = kept(tmp_path / "lab").facts["variables"]
    assert said["OMP_NUM_THREADS"] == "3" and said["PYTHONHASHSEED"] == "7"
    assert "nobody asked" not in everything(tmp_path / "lab")


def test_a_command_given_as_text_is_kept_as_it_was(tmp_path):
    run(tmp_path, "-c", MAKE)
    assert kept(tmp_path / "lab").facts["command"][1:] == ["-c", MAKE]


def test_a_script_from_standard_input_is_said_to_be_unknown(tmp_path):
    for n, words in enumerate([(), ("-",)]):
        run(tmp_path, *words, stdin=MAKE.replace("'lab'", f"'lab{n}'"))
        facts = kept(tmp_path / f"lab{n}").facts
        assert "standard input" in facts["script_said"] and "script" not in facts


def test_arguments_that_are_no_text_are_spelt_out(tmp_path):
    (tmp_path / "train.py").write_text(MAKE)
    run(tmp_path, "train.py", b"caf\xe9")
    assert kept(tmp_path / "lab").facts["command"][-1] == "caf\\udce9"


def test_a_script_in_another_encoding_is_spelt_out(tmp_path):
    (tmp_path / "train.py").write_bytes(b"# coding: latin-1\n# caf\xe9\n" + MAKE.encode())
    run(tmp_path, "train.py")
    assert "caf\\udce9" in kept(tmp_path / "lab").text("script")


def test_a_working_directory_that_was_removed_stops_nothing(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    (gone / "train.py").write_text(
        f"import os, shutil, veml_lab as veml\nlab = veml.open({str(tmp_path / 'lab')!r})\n"
        "shutil.rmtree(os.getcwd())\nlab.store.add('model', 'm', {})"
    )
    run(gone, "train.py")
    facts = kept(tmp_path / "lab").facts
    assert facts["folder_said"] == "the working directory was removed" and "folder" not in facts


def test_nothing_is_imported_to_find_out(tmp_path):
    said = run(tmp_path, "-c", MAKE + "; import sys; print('IPython' in sys.modules, 'ipykernel' in sys.modules)")
    assert said.split() == ["False", "False"]


def test_an_installed_program_is_no_script(tmp_path, digits):
    run(tmp_path, "-m", "veml_lab.cli", "add", "lab", "m", str(digits))
    found = kept(tmp_path / "lab")
    assert found.text("script") == "" and "script" not in found.facts
    assert found.facts["command"][1:] == ["-m", "veml_lab.cli", "add", "lab", "m", str(digits)]


NOTEBOOK = """
import json
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for cell in json.loads(open('cells.json').read()):
    shell.run_cell(cell, store_history=True)
"""


def notebook(folder: Path, *cells: str, **env: str) -> None:
    """Cells in a real IPython, with its history."""
    pytest.importorskip("IPython")
    home = {"IPYTHONDIR": str(folder / "ipython"), **env}
    (folder / "cells.json").write_text(json.dumps(["import veml_lab as veml; lab = veml.open('lab')", *cells]))
    run(folder, "-c", NOTEBOOK, env=home)


def test_the_cells_of_a_notebook_are_kept_in_order_up_to_the_one_that_runs(tmp_path):
    notebook(
        tmp_path, "x = 1", "lab.store.add('model', 'm', {})", "y = 2\ny + 1", "%time z = 3", "raise ValueError",
        "lab.store.add('model', 'n', {})", "never = 'seen'", JPY_SESSION_NAME="/home/me/a.ipynb",
    )  # fmt: skip
    first, second = kept(tmp_path / "lab"), kept(tmp_path / "lab", "n")
    assert [c.number for c in first.cells] == [1, 2, 3] and first.cells[1].text == "x = 1"
    assert [c.text for c in second.cells][3:] == [
        "y = 2\ny + 1", "%time z = 3", "raise ValueError", "lab.store.add('model', 'n', {})"
    ]  # fmt: skip
    assert [c.number for c in second.new] == [4, 5, 6, 7]
    assert second.cells[1].key == first.cells[1].key == key_of_text("x = 1 \n")
    assert second.facts["notebook"] == "/home/me/a.ipynb" and second.text("script") == ""
    assert second.facts["before"] == first.path
    assert "never" not in everything(tmp_path / "lab")


def test_a_cell_is_written_once_however_many_versions_follow(tmp_path):
    notebook(tmp_path, "mark = 'once and only once'", *[f"lab.store.add('model', 'm{i}', {{}})" for i in range(5)])
    assert everything(tmp_path / "lab").count("once and only once") == 1
    assert len(kept(tmp_path / "lab", "m4").cells) == 7


def test_two_versions_of_one_cell_share_a_record(tmp_path):
    notebook(tmp_path, "lab.store.add('model', 'm', {}); lab.store.add('model', 'n', {})")
    assert kept(tmp_path / "lab").path == kept(tmp_path / "lab", "n").path


def test_tokens_in_cells_are_filtered_before_they_are_written(tmp_path):
    notebook(
        tmp_path, f"%env HF_TOKEN={SECRET}", f"import os; os.environ['X_TOKEN'] = '{SECRET}'",
        f"password = '{SECRET}'", "lab.store.add('model', 'm', {})",
    )  # fmt: skip
    assert SECRET not in everything(tmp_path / "lab")
    assert kept(tmp_path / "lab").masked == 3


def test_a_history_that_was_thrown_away_begins_anew(tmp_path):
    notebook(
        tmp_path, "x = 1", "lab.store.add('model', 'm', {})", "get_ipython().history_manager.reset()",
        "a = 1", "b = 2", "c = 3", "lab.store.add('model', 'n', {})",
    )  # fmt: skip
    assert [c.text for c in kept(tmp_path / "lab", "n").cells][-4:-1] == ["a = 1", "b = 2", "c = 3"]
    assert "x = 1" not in [c.text for c in kept(tmp_path / "lab", "n").cells]
    assert kept(tmp_path / "lab", "n").cells[-1].text == "lab.store.add('model', 'n', {})"


def test_the_repository_of_the_script_counts_before_that_of_the_folder(tmp_path, monkeypatch):
    from test_git import run as git

    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for name in ("code", "elsewhere"):
        (tmp_path / name).mkdir()
        git(tmp_path / name, "init", "-q", "-b", name)
    file = tmp_path / "code" / "train.py"
    file.write_text(MAKE)
    git(tmp_path / "code", "add", ".")
    git(tmp_path / "code", "commit", "-q", "-m", "first")
    file.write_text(MAKE + f"\npassword = '{SECRET}'\n")
    run(tmp_path / "elsewhere", str(file))
    found = kept(tmp_path / "elsewhere" / "lab")
    assert found.facts["git"]["branch"] == "code" and found.facts["git"]["changed"] == 1
    # the line without an end was taken away and came back with one
    assert found.facts["git"]["lines"] == 3 and "+password = '***'" in found.text("diff")
    assert SECRET not in everything(tmp_path / "elsewhere" / "lab")


def test_what_is_edited_while_a_notebook_runs_is_seen(tmp_path, monkeypatch):
    """git is asked again when it is due; here at once, since its last answer took no time."""
    from test_git import run as git

    from veml_lab.provenance import process

    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    git(tmp_path, "init", "-q", "-b", "work")
    (tmp_path / "a.py").write_text("x = 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    clock = [0.0]
    monkeypatch.setattr(process.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(process, "repository", lambda top: asked.append(top) or real(top))
    from veml_lab.provenance.git import repository as real

    asked: list[Path] = []
    repo = process._Git()
    assert repo.now(str(tmp_path)).changed == 0 and repo.now(str(tmp_path)).changed == 0 and len(asked) == 1
    (tmp_path / "a.py").write_text("x = 2\n")
    assert repo.now(str(tmp_path)).changed == 0  # not due yet, and git has noted nothing
    clock[0] += 2
    assert repo.now(str(tmp_path)).changed == 1 and len(asked) == 2
    git(tmp_path, "commit", "-q", "-a", "-m", "second")
    assert repo.now(str(tmp_path)).changed == 0 and len(asked) == 3  # seen at once, by git's own files


def test_a_slow_repository_waits_for_its_turn(tmp_path, monkeypatch):
    from veml_lab.provenance import process
    from veml_lab.provenance.git import Repository

    (tmp_path / ".git").mkdir()
    clock, asked = [0.0], []

    def slow(top):
        asked.append(top)
        clock[0] += 1.0
        return Repository(str(top), said="slow")

    monkeypatch.setattr(process.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(process, "repository", slow)
    repo = process._Git()
    for i in range(99):
        repo.now(str(tmp_path))
        (tmp_path / ".git" / "HEAD").write_text(str(i))  # busy all the time
        os.utime(tmp_path / ".git" / "HEAD", ns=(i, i))
        clock[0] += 1.0
    assert len(asked) == 1
    clock[0] += 2
    repo.now(str(tmp_path))
    assert len(asked) == 2


def test_a_list_of_packages_reads_back(tmp_path):
    text = packages.as_text([("a", "1.0"), ("b", "2 @ file:///x")])
    assert text == "a==1.0\nb @ file:///x\n" and packages.from_text(text) == {"a": "1.0", "b": "file:///x"}


def test_an_editable_distribution_has_its_address_and_of_two_the_first_counts(tmp_path, monkeypatch):
    one, two = tmp_path / "one", tmp_path / "two"
    for place, version in ((one, "1.5"), (two, "9.9")):
        (place / f"My_Pack.age-{version}.dist-info").mkdir(parents=True)
    (two / "old-0.1-py3.11.egg-info").mkdir()
    said = {"url": f"https://me:{SECRET}@host/x", "vcs_info": {"commit_id": "abc"}}
    (one / "My_Pack.age-1.5.dist-info" / "direct_url.json").write_text(json.dumps(said))
    monkeypatch.setattr(sys, "path", [str(one), str(two), str(tmp_path / "none")])
    assert packages.installed() == {"my-pack-age": "1.5 @ https://me:***@host/x#abc", "old": "0.1"}
