"""``veml backup``: the copy opens, is complete, and is of one moment although others write."""

from __future__ import annotations

import io
import json
import shutil
import tarfile

import pytest
from patience import until

import veml_lab as veml
from veml_lab.cli import main
from veml_lab.errors import BadInput, LabError, MissingFile
from veml_lab.upkeep import backup, check, vacuum
from veml_lab.upkeep.backup import _Exactly
from veml_lab.versions.cache_files import wait
from veml_lab.versions.tables import flat_table

WRITE = """
import sys, veml_lab as veml
from veml_lab.versions.tables import flat_table
lab = veml.open(sys.argv[1])
print("begin", flush=True)
for i in range(100000):
    lab.add(f"digits-{i}", veml.read_idx(sys.argv[2]), progress=False)
    lab[f"digits-{i}"].sample(f"part-{i}", 10, seed=i)
"""


def unpacked(path, tmp_path):
    if path.suffix != ".tar":
        return path
    with tarfile.open(path) as tar:
        tar.extractall(tmp_path / "unpacked", filter="data")
    return tmp_path / "unpacked"


@pytest.mark.parametrize("name", ["copy", "copy.tar"])
def test_a_backup_is_the_same_lab(digits_lab, tmp_path, name, capsys):
    assert main(["backup", str(digits_lab.path), str(tmp_path / name), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["files"] > 5 and said["bytes"] > 10_000
    folder = unpacked(tmp_path / name, tmp_path)
    copy = veml.open(folder)
    assert [v.name for v in copy.versions()] == [v.name for v in digits_lab.lab.versions()]
    assert copy["first"].checkpoint.read_bytes() == digits_lab.training.checkpoint.read_bytes()
    assert copy["in production"].file.read_bytes() == digits_lab.inference.file.read_bytes()
    assert copy["digits"].images.encoded(79) == digits_lab.digits.images.encoded(79)
    assert check(folder, deep=True).findings == ()
    copy["digits"].sample("only in the copy", 5)
    assert "only in the copy" not in digits_lab.lab


@pytest.mark.parametrize("name", ["copy", "copy.tar"])
def test_a_backup_while_others_write_is_of_one_moment(tmp_path, digits, python, name, monkeypatch):
    monkeypatch.setenv("VEML_CATALOG", "owner")
    writer = python(WRITE, tmp_path / "lab", digits)
    assert writer.stdout.readline() == "begin\n"
    lab = veml.open(tmp_path / "lab")
    until(lambda: len(lab.versions()) >= 8 or writer.poll() is not None, "eight versions")
    assert writer.poll() is None, writer.stderr.read()
    before = len(lab.versions())
    backup(lab.path, tmp_path / name)
    assert writer.poll() is None, writer.stderr.read()
    writer.kill()
    folder = unpacked(tmp_path / name, tmp_path)
    report = check(folder, deep=True)
    assert report.clean, report
    copy = veml.open(folder)
    assert len(copy.versions()) >= before
    assert all(len(v) for v in copy.versions("data"))
    assert all(v.images[0].size == (16, 16) for v in copy.data)


def test_what_cannot_be_a_target_is_refused_and_a_failed_backup_leaves_nothing(digits_lab, tmp_path, monkeypatch):
    (tmp_path / "there").mkdir()
    for target, words in ((tmp_path / "there", "exists"), (digits_lab.path / "inside", "inside the lab")):
        with pytest.raises(BadInput, match=words):
            backup(digits_lab.path, target)
    with pytest.raises(MissingFile, match="no lab"):
        backup(tmp_path / "nothing", tmp_path / "copy")
    real = shutil.copyfile

    def full(a, b, **k):
        if "jobs" in str(b):
            raise OSError(28, "No space left on device")
        return real(a, b, **k)

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(LabError, match="No space left"):
        backup(digits_lab.path, tmp_path / "copy")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["there"]


def test_the_cache_is_not_in_a_backup_and_a_damaged_one_is_no_finding(fresh, digits_lab, tmp_path):
    lab = fresh(digits_lab)
    expected = flat_table(lab["digits"])
    wait()
    cache = lab.path / "cache"
    cache.mkdir(exist_ok=True)
    for file in cache.iterdir():
        file.write_bytes(file.read_bytes()[:50])
    (cache / "strange.arrow").write_bytes(b"x")
    (cache / ".half.arrow.99999999.1.part").write_bytes(b"x")
    assert check(lab.path).clean
    backup(lab.path, tmp_path / "copy")
    assert not (tmp_path / "copy" / "cache").exists()
    vacuum(lab.path, grace_s=0)
    assert not list(cache.glob("*.part")) and (cache / "strange.arrow").exists()
    for folder in (lab.path, tmp_path / "copy"):
        assert flat_table(veml.open(folder)["digits"]).equals(expected)


@pytest.mark.parametrize("holds, size", [(b"abcdef", 6), (b"abcdefgh", 6), (b"abc", 6), (b"", 0)])
def test_a_file_that_grows_or_shrinks_meanwhile_is_read_as_long_as_it_was(holds, size):
    """By any steps, none among them: as many bytes as were said, zeros for what is gone."""
    expected = holds[:size].ljust(size, b"\0")
    assert _Exactly(io.BytesIO(holds), size).read() == expected
    for step in (1, 4, 6, 100):
        file, parts = _Exactly(io.BytesIO(holds), size), []
        assert file.read(0) == b""
        while part := file.read(step):
            parts.append(part)
        assert b"".join(parts) == expected and all(len(p) == step for p in parts[:-1])
        assert file.read() == b"" == file.read(3)
