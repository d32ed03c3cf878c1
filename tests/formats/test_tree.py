"""Folders and archives: the same view of both, and every member that points out of them refused."""

import io
import os
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from veml_lab.errors import BadData, BadInput, MissingFile, VemlError
from veml_lab.sources.opening import open_tree
from veml_lab.sources.tree import MAX_MEMBER_BYTES

FILES = {"a/1.txt": b"one", "a/b/2.txt": b"two" * 1000, "z.txt": b""}


def pack(folder, path):
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
            for name in FILES:
                z.write(folder / name, name)
    else:
        with tarfile.open(path, f"w:{path.suffix[1:].replace('tar', '')}") as t:
            t.add(folder, arcname=".")
    return path


@pytest.fixture
def folder(tmp_path):
    for name, data in FILES.items():
        (tmp_path / "f" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "f" / name).write_bytes(data)
    (tmp_path / "f" / ".DS_Store").write_bytes(b"hidden")
    return tmp_path / "f"


@pytest.mark.parametrize("kind", ["s.tar", "s.tar.gz", "s.tar.bz2", "s.tar.xz", "s.zip"])
def test_an_archive_reads_like_its_folder(folder, tmp_path, kind):
    tree = open_tree(pack(folder, tmp_path / kind))
    assert set(tree.names()) == set(open_tree(folder).names()) == set(FILES)
    backwards = tree.names()[::-1]
    assert dict(tree.read_many(tree.names())) == FILES
    assert {n: tree.read(n) for n in backwards} == FILES
    assert tree.path("z.txt") is None and open_tree(folder).path("z.txt") == str(folder.resolve() / "z.txt")


def tar_with(path, name, type=tarfile.REGTYPE, **fields):
    with tarfile.open(path, "w") as t:
        info = tarfile.TarInfo(name)
        info.type, info.size = type, 3 if type == tarfile.REGTYPE else 0
        for key, value in fields.items():
            setattr(info, key, value)
        t.addfile(info, io.BytesIO(b"abc"))
    return path


@pytest.mark.parametrize("name", ["/etc/passwd", "../up.jpg", "a/../../up.jpg", "a\\..\\up.jpg", "C:/x.jpg"])
def test_a_member_name_that_points_out_is_refused_in_tar_and_zip(tmp_path, name):
    with pytest.raises(BadData, match="points out of the archive"):
        open_tree(tar_with(tmp_path / "t.tar", name))
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as z:
        z.writestr(zipfile.ZipInfo(name), b"abc")
    with pytest.raises(BadData, match="points out of the archive"):
        open_tree(tmp_path / "t.zip")


@pytest.mark.parametrize("type", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_are_odd_and_never_read(tmp_path, type):
    with pytest.raises(BadData, match=r"no plain file: .*x\.jpg is a .*only plain files"):
        open_tree(tar_with(tmp_path / "t.tar", "x.jpg", type, linkname="/etc/passwd"))
    with tarfile.open(tmp_path / "t.tar", "a") as tar:
        tar.addfile(tarfile.TarInfo("y.txt"), io.BytesIO())
    tree = open_tree(tmp_path / "t.tar")
    assert tree.names() == ("y.txt",) and list(tree.odd) == ["x.jpg"]
    with pytest.raises(MissingFile):
        tree.read("x.jpg")


def test_a_link_in_a_zip_is_odd_and_never_read(tmp_path):
    info = zipfile.ZipInfo("x.jpg")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as z:
        z.writestr(info, "/etc/passwd")
        z.writestr("y.txt", "y")
    tree = open_tree(tmp_path / "t.zip")
    assert tree.names() == ("y.txt",) and "link or device" in tree.odd["x.jpg"]


def test_a_name_that_is_there_twice_is_refused(tmp_path):
    with tarfile.open(tmp_path / "t.tar", "w") as t:
        for _ in range(2):
            t.addfile(tarfile.TarInfo("x.txt"), io.BytesIO())
    with pytest.raises(BadData, match="twice"):
        open_tree(tmp_path / "t.tar")


def test_links_out_of_a_folder_are_odd_and_links_within_are_read(folder, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    (folder / "in.txt").symlink_to(folder / "a" / "1.txt")
    assert open_tree(folder).read("in.txt") == b"one"
    (folder / "out.txt").symlink_to(tmp_path / "secret")
    tree = open_tree(folder)
    assert "out.txt" not in tree and tree.odd["out.txt"].startswith(f"is a link to '{tmp_path}/secret'")
    with pytest.raises(MissingFile):
        tree.read("out.txt")


def test_a_link_to_a_folder_cannot_make_a_loop(folder):
    (folder / "a" / "again").symlink_to(folder)
    (folder / "self").symlink_to(folder / "self")
    (folder / "gone").symlink_to(folder / "nothing")
    before = open_tree(folder)
    assert "links to folders are not followed" in before.odd["a/again"] and "in a circle" in before.odd["self"]
    assert "a file that is not there" in before.odd["gone"] and len(before.odd) == 3
    assert not any("again" in n for n in before.names())


def test_a_pipe_in_a_folder_does_not_hang(folder):
    os.mkfifo(folder / "pipe.jpg")
    assert "pipe, socket or device" in open_tree(folder).odd["pipe.jpg"]


def test_names_that_cannot_be_noted_are_odd(folder):
    (folder / "a\\b.jpg").write_bytes(b"")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.jpg")).write_bytes(b"")
    odd = open_tree(folder).odd
    assert len(odd) == 2 and all("rename it" in why and name.isascii() for name, why in odd.items())


def test_a_folder_of_nothing_but_links_says_why_there_is_nothing(folder, tmp_path):
    (tmp_path / "farm").mkdir()
    (tmp_path / "farm" / "1.jpg").symlink_to(folder / "a" / "1.txt")
    with pytest.raises(BadData, match=r"1 entries and no plain file: .*1\.jpg is a link"):
        open_tree(tmp_path / "farm")


@pytest.mark.parametrize("kind", ["s.tar", "s.tar.gz", "s.tar.xz", "s.zip"])
def test_an_archive_cut_anywhere_is_one_clear_error(folder, tmp_path, kind):
    whole = pack(folder, tmp_path / kind).read_bytes()
    for share in (0.1, 0.5, 0.8):
        (tmp_path / kind).write_bytes(whole[: int(len(whole) * share)])
        try:
            tree = open_tree(tmp_path / kind)
            got = dict(tree.read_many(tree.names()))
        except VemlError as e:
            assert kind in str(e)
        else:
            # a plain tar that is cut between two members looks like a shorter tar
            assert kind == "s.tar" and got.items() <= FILES.items()


def test_a_member_that_says_it_is_huge_is_refused_unread(tmp_path):
    path = tar_with(tmp_path / "t.tar", "x.jpg")
    head = bytearray(path.read_bytes())
    head[124:136] = b"%011o\0" % (MAX_MEMBER_BYTES + 1)
    head[148:156] = b"        "
    head[148:156] = b"%06o\0 " % sum(head[:512])
    path.write_bytes(bytes(head))
    with pytest.raises(BadData):
        open_tree(path).read("x.jpg")


def test_folders_that_cannot_be_walked_are_said(tmp_path, folder):
    (tmp_path / "deep" / ("d/" * 200)).mkdir(parents=True)
    with pytest.raises(BadData, match="deeper than"):
        open_tree(tmp_path / "deep")


def test_a_folder_without_permission_is_named(folder, monkeypatch):
    def denied(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", denied)
    with pytest.raises(BadData, match="cannot be listed: Permission denied"):
        open_tree(folder)


def test_what_is_not_there_or_no_archive_is_said(tmp_path):
    with pytest.raises(MissingFile, match="check the path"):
        open_tree(tmp_path / "no")
    (tmp_path / "x.rar").write_bytes(b"x")
    with pytest.raises(BadInput, match=r"\.tar\.xz"):
        open_tree(tmp_path / "x.rar")
    (tmp_path / "x.zip").write_bytes(b"not a zip")
    with pytest.raises(BadData, match="damaged"):
        open_tree(tmp_path / "x.zip")


@pytest.mark.parametrize("kept", [16 << 20, 5])
def test_many_small_files_of_a_packed_tar_are_looked_into_by_one_pass(tmp_path, monkeypatch, kept):
    """Each of forty looks unpacked everything that lies before; what finds no room is still read."""
    from veml_lab.sources import archives as module

    monkeypatch.setattr(module, "KEPT_BYTES", kept)
    texts = {f"labels/{i:02d}.txt": f"{i} 0.5\n".encode() for i in range(40)}
    with tarfile.open(tmp_path / "s.tar.xz", "w:xz") as t:
        for name, data in [*texts.items(), ("images/0.png", b"\x89PNG")]:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    tree, passes, stream = open_tree(tmp_path / "s.tar.xz"), [], module.TarTree._stream
    monkeypatch.setattr(module.TarTree, "_stream", lambda self: passes.append(1) or stream(self))
    for name in reversed(texts):
        with tree.open(name) as piece:
            assert piece.read(1000) == texts[name]
    assert len(passes) == (1 if kept > 5 else 41)


@pytest.mark.parametrize("kind", ["folder", "s.tar", "s.zip"])
def test_a_file_object_of_a_tree_reads_it_all_and_closes_what_it_reads_from(folder, tmp_path, monkeypatch, kind):
    from veml_lab.sources.piece_file import open_file

    tree = open_tree(folder if kind == "folder" else pack(folder, tmp_path / kind))
    pieces, opened = [], tree.open
    monkeypatch.setattr(tree, "open", lambda name: pieces.append(opened(name)) or pieces[-1])
    with open_file(tree, "a/b/2.txt") as file:
        assert file.read() == FILES["a/b/2.txt"]
    assert pieces[0]._stream.closed
