"""A lab from a stranger: whatever its catalog and its files say, nothing outside of it is shown, written or run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import warnings

import duckdb
import numpy as np
import pytest
from patience import until
from PIL import Image

import veml_lab as veml
from veml_lab.cli import main
from veml_lab.dashboards.publish import publish
from veml_lab.errors import BadInput, DamagedLab, VemlError
from veml_lab.upkeep import check, sql, vacuum

SECRET = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ\n"


@pytest.fixture
def pictures(tmp_path):
    """Six pictures in two class folders, imported where they are."""
    for c in ("cat", "dog"):
        for i in range(3):
            (tmp_path / "set" / c).mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full((20, 20, 3), 40 * i + 20, np.uint8)).save(tmp_path / "set" / c / f"{i}.png")
    return tmp_path / "set"


@pytest.fixture
def secret(tmp_path):
    file = tmp_path / "id_ed25519"
    file.write_text(SECRET)
    return file


def tampered(lab, statement: str) -> None:
    """Change the catalog behind our back, as a stranger would."""
    from veml_lab.catalog.client import exclusively

    lab.store.catalog.close()
    with exclusively(lab.path), duckdb.connect(str(lab.path / "catalog.duckdb")) as con:
        con.execute(statement)


def holds(folder, text: str) -> list[str]:
    return [str(p) for p in folder.rglob("*") if p.is_file() and text.encode() in p.read_bytes()]


def test_a_sample_that_points_at_a_secret_is_not_shown_exported_or_published(tmp_path, pictures, secret):
    lab = veml.open(tmp_path / "lab")
    lab.add("pets", veml.read(pictures), copy=False, progress=False)
    tampered(lab, f"UPDATE sample SET path = '{secret}'")
    lab = veml.open(tmp_path / "lab")
    pets = lab["pets"]
    for show in (lambda: pets.image(0), lambda: pets.image_bytes(0) if hasattr(pets, "image_bytes") else pets.image(0)):
        with pytest.raises(VemlError) as said:
            show()
        assert "OPENSSH" not in str(said.value)
    for format in ("image_folder", "huggingface", "croissant"):
        target = tmp_path / f"out-{format}"
        try:
            lab["pets"].export(target, format=format) if hasattr(pets, "export") else None
        except VemlError as e:
            assert "OPENSSH" not in str(e)
        assert not target.exists() or not holds(target, "OPENSSH PRIVATE KEY")
    site = tmp_path / "site"
    try:
        publish(lab, site, pictures=6)
    except VemlError as e:
        assert "OPENSSH" not in str(e)
    assert not site.exists() or not holds(site, "OPENSSH PRIVATE KEY")
    wall = lab.browse_source("pets")
    for name in ("thumbnails", "thumbnail", "picture"):
        read = getattr(wall, name, None)
        if read is not None:
            with pytest.raises((VemlError, TypeError)) as said:
                read(0)
            assert "OPENSSH" not in str(said.value)


@pytest.mark.parametrize("name", ["../id_ed25519", "/etc/hostname", "blobs/../../id_ed25519"])
@pytest.mark.parametrize("what", ["checkpoint", "file", "segment"])
def test_a_name_in_the_catalog_that_leads_out_is_damage(fresh, digits_lab, secret, what, name):
    lab = fresh(digits_lab)
    if what == "segment":
        tampered(lab, f"UPDATE sample SET segment = '../{name}'")
        ask = lambda lab: lab["digits"].image(0)  # noqa: E731
    else:
        kind = "training" if what == "checkpoint" else "inference"
        tampered(
            lab,
            f"UPDATE node SET props = json_merge_patch(props, json_object('{what}', '{name}')) WHERE kind = '{kind}'",
        )
        ask = lambda lab: getattr(lab.versions(kind)[0], what)  # noqa: E731
    with pytest.raises(DamagedLab, match="outside"):
        ask(veml.open(lab.path))


def test_a_hostile_catalog_cannot_make_the_upkeep_read_files(tmp_path, secret):
    """A view of a secret file, put where a table is asked for; compacting and asking run with all doors shut."""
    lab = veml.open(tmp_path / "lab")
    lab.store.add("model", "m", {})
    tampered(lab, f"CREATE VIEW leak AS SELECT * FROM read_text('{secret}')")
    with pytest.raises(VemlError) as said:
        sql(lab.path, "SELECT * FROM leak")
    assert "OPENSSH" not in str(said.value)
    try:
        vacuum(lab.path, grace_s=0)
    except VemlError as e:
        assert "OPENSSH" not in str(e)
    assert not holds(lab.path, "OPENSSH PRIVATE KEY")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('{secret}')", "SELECT * FROM read_text('{secret}')", "SELECT * FROM '{secret}'",
        "COPY node TO '{out}'", "COPY (SELECT 1) TO '{out}'", "ATTACH '{out}' AS x", "EXPORT DATABASE '{out}'",
        "INSTALL httpfs", "LOAD httpfs", "SET enable_external_access = true", "RESET lock_configuration",
        "PRAGMA enable_external_access", "CREATE TABLE t AS SELECT 1", "DELETE FROM node", "DROP TABLE node",
        "CREATE MACRO f() AS TABLE SELECT * FROM read_text('{secret}')", "SELECT 1; DELETE FROM node", "CHECKPOINT",
        "SELECT * FROM glob('/etc/*')", "SELECT getenv('HOME')", "CALL pragma_version()", "VACUUM", "USE memory",
    ],
)  # fmt: skip
def test_sql_reads_and_does_no_more(tmp_path, secret, query):
    lab = veml.open(tmp_path / "lab")
    lab.store.add("model", "m", {})
    out = tmp_path / "out"
    tables = "SELECT string_agg(table_name ORDER BY 1) AS t FROM duckdb_tables()"
    before = sql(lab.path, tables).to_dict()
    try:
        answer = repr(sql(lab.path, query.format(secret=secret, out=out)))
    except VemlError as e:
        answer = str(e)
    assert "OPENSSH" not in answer and "/etc/passwd" not in answer
    assert not out.exists() and before == sql(lab.path, tables).to_dict()
    assert [v.name for v in lab.versions()] == ["m"]


DAMAGE = ["", "null", "5", "[]", '"x"', "{", "[" * 100_000, "\0\0", '{"state": 7}', '{"name": "x"}', "{}"]


@pytest.mark.parametrize("text", DAMAGE)
@pytest.mark.parametrize("name", ["plan.json", "status.json", "log.jsonl", "again.json"])
def test_damaged_job_files_are_said_and_the_others_are_listed(fresh, digits_lab, name, text, capsys):
    lab = fresh(digits_lab)
    folder = next((lab.path / "jobs").iterdir())
    shutil.copytree(folder, folder.with_name("f" * len(folder.name)))
    (folder / name).write_text(text)
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        status = main(["jobs", str(lab.path)])
    out = capsys.readouterr()
    assert status in (0, 2) and "Traceback" not in out.out + out.err
    assert check(lab.path).exit_code in (0, 1)
    if name == "plan.json" and text in ("null", "5", "{"):
        assert any(f.kind == "damaged job" for f in check(lab.path).wrong)


@pytest.mark.parametrize("ending", [".npy", ".done"])
def test_damaged_embeddings_are_found_and_made_again_when_removed(fresh, digits_lab, ending):
    """Eighty mutations of the header and the marks: an error of ours or the right vectors, nothing else."""
    from veml_lab.embeddings import embed

    lab = fresh(digits_lab)
    (file,) = [p for p in (lab.path / "embeddings").glob(f"*/0{ending}")][:1]
    whole = file.read_bytes()
    right = embed(lab["digits"], lab.embedder, progress=False)
    rng = np.random.default_rng(0)
    for i in range(80):
        data = bytearray(whole)
        if i % 4 == 3:
            data = data[: int(rng.integers(0, min(len(data), 200)))]
        else:
            for _ in range(1 + i % 3):
                data[int(rng.integers(0, min(len(data), 128)))] = int(rng.integers(0, 256))
        file.write_bytes(bytes(data))
        try:
            found = embed(veml.open(lab.path)["digits"], lab.embedder, progress=False)
            assert found.shape == right.shape
        except VemlError:
            pass
        check(lab.path)
        file.write_bytes(whole)
    file.unlink()
    again = embed(veml.open(lab.path)["digits"], lab.embedder, progress=False)
    assert np.allclose(again, right, atol=1e-5)


def test_git_inside_a_lab_disturbs_nothing_and_is_not_disturbed(tmp_path):
    """Somebody keeps a lab in git: its folder is hidden, and is nobody's leftover; a checkout brings an old file
    back."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed")
    lab = veml.open(tmp_path / "lab")
    lab.store.add("model", "m0", {})
    from veml_lab.catalog.client import OwnerClient
    from veml_lab.storage.locks import is_held

    def run(*words):
        subprocess.run(
            [git, "-c", "user.name=x", "-c", "user.email=x@example.org", *words],
            cwd=lab.path,
            check=True,
            capture_output=True,
        )

    def folded():
        lab.store.catalog.close()
        OwnerClient(lab.path, start=False).retire()
        until(lambda: not is_held(lab.path), "the owner ends")  # it has answered, and goes a moment later

    run("init", "-q")
    folded()
    run("add", "-A")
    run("commit", "-qm", "one")
    lab = veml.open(lab.path)
    lab.store.add("model", "m1", {})
    vacuum(lab.path, grace_s=0)
    folded()
    assert subprocess.run([git, "fsck"], cwd=lab.path, capture_output=True).returncode == 0
    run("add", "-A")
    run("commit", "-qm", "two")
    run("checkout", "-q", "HEAD~1")
    lab = veml.open(lab.path)
    assert [v.name for v in lab.versions()] == ["m0"]
    assert check(lab.path).clean
    lab.store.add("model", "m2", {})
    assert [v.name for v in lab.versions()] == ["m0", "m2"]


TWO_USERS = """
import os, sys
import veml_lab as veml
from veml_lab.cli import main
from veml_lab.dashboards.publish import publish
warm = veml.open(sys.argv[1])
warm.store.add("model", "w" + str(os.getpid()), {})
warm.versions()
warm.store.catalog.close()
os.umask(0o002)
os.setgroups([65534]); os.setgid(65534); os.setuid(int(sys.argv[2]))
lab = veml.open(sys.argv[3])
lab.store.add("model", sys.argv[4], {})
print(len(lab.versions()))
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become two users")
def test_two_users_write_one_lab_in_turn(shared_place, monkeypatch):
    """A shared folder of a group: each finds what the other committed, and nothing is lost."""
    monkeypatch.setenv("VEML_CATALOG", "inprocess")
    veml.open(shared_place / "warm")
    lab = veml.open(shared_place / "lab")
    for p in (lab.path, *lab.path.rglob("*")):
        os.chown(p, 65534, 65534)
        p.chmod(0o2775 if p.is_dir() else 0o664)
    for turn in range(4):
        done = subprocess.run(
            [sys.executable, "-c", TWO_USERS, shared_place / "warm", str(60001 + turn % 2), lab.path, f"m{turn}"],
            capture_output=True, text=True, env={**os.environ, "HOME": "/nonexistent"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        assert int(done.stdout) == turn + 1
    assert [v.name for v in veml.open(lab.path).versions()] == [f"m{i}" for i in range(4)]
    assert check(lab.path).clean


@pytest.mark.parametrize(
    "where",
    [
        "(" * 60 + "width > 1" + ")" * 60,
        "width > 1 AND " * 8000 + "width > 1",
        "NOT " * 2400 + "width > 1",
        "-" * 9000 + "1 > 0",
        7,
    ],
)
def test_a_condition_that_is_too_long_or_too_deep_is_refused(digits_lab, where):
    with pytest.raises(BadInput):
        digits_lab.lab["digits"].filter("never", where)


def test_tags_are_in_the_order_in_which_they_were_given_whatever_the_clock_says(tmp_path, monkeypatch):
    import datetime as dt

    from veml_lab.versions import notes

    lab = veml.open(tmp_path / "lab")
    node = lab.store.add("model", "m", {})
    notes.add_tag(lab.store, node.id, "best")
    monkeypatch.setattr(notes, "now", lambda: dt.datetime(2001, 1, 1))  # the clock jumps back
    notes.remove_tag(lab.store, node.id, "best")
    assert notes.tags(lab.store, node.id) == ()
    notes.add_tag(lab.store, node.id, "kept")
    assert notes.tags(lab.store, node.id) == ("kept",)


def test_rows_ask_for_the_difference(tmp_path, monkeypatch):
    """What is asked of the catalog is counted: n rows once, then as many as were added."""
    from veml_lab.faces import version_rows

    asked = []
    real = version_rows.row
    monkeypatch.setattr(version_rows, "row", lambda store, node: asked.append(node.id) or real(store, node))
    lab = veml.open(tmp_path / "lab")
    recipe = {"recipe": {"task": "classification", "architecture": "resnet", "num_classes": 2}}
    for i in range(30):
        lab.store.add("model", f"m{i}", recipe)
    assert len(lab.rows()) == 30 and len(asked) == 30
    assert lab.rows() == [real(lab.store, n) for n in lab.store.graph().of_kind()] and len(asked) == 30
    lab.store.add("model", "new", recipe)
    changed = lab.rows()
    assert changed[-1]["name"] == "new" and len(asked) == 31
    changed[0]["name"] = "mine"  # a caller's own
    assert lab.rows("model")[0]["name"] == "m0" and lab.rows("data") == [] and len(asked) == 31


def test_a_link_to_itself_is_said(tmp_path):
    (tmp_path / "set" / "cat").mkdir(parents=True)
    (tmp_path / "set" / "cat" / "a.png").symlink_to("a.png")
    with pytest.raises(VemlError, match="circle"):
        list(veml.read(tmp_path / "set").records())


def test_a_damaged_header_of_an_array_and_a_damaged_name_in_a_zip_are_errors_of_ours(tmp_path, pictures):
    import struct
    import zipfile

    text = b"{'descr': '<f4', 'fortran_order': False, 'shape': (48, "
    (tmp_path / "s").mkdir()
    with zipfile.ZipFile(tmp_path / "s" / "speed.npz", "w") as z:
        z.writestr("speed.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + b"\x00" * 64)
    with pytest.raises(VemlError, match=r"speed\.npz"):
        list(veml.read(tmp_path / "s", format="sensors").records())
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as z:
        for i, p in enumerate(sorted(pictures.rglob("*.png"))):
            z.writestr(f"{p.parent.name}/é{i}.png", p.read_bytes())
    data = bytearray((tmp_path / "a.zip").read_bytes())
    data[data.index("cat/é0.png".encode()) + 4] = 0xFF
    (tmp_path / "a.zip").write_bytes(bytes(data))
    lab = veml.open(tmp_path / "lab")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        assert len(lab.add("pets", veml.read(tmp_path / "a.zip"), progress=False)) == 5
    assert any("cat/é0.png" in str(w.message) for w in seen)
    assert json.dumps(lab.rows())
