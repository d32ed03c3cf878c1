"""Four errors, four sentences: a full disk, no permission, a held file, damage; "restore" is said of none of the
first."""

from __future__ import annotations

import builtins
import errno
import io
import os

import pytest

from veml_lab.errors import BusyLab, FullDisk, LabError, MissingFile, NotAllowed, ReadOnlyLab, VemlError
from veml_lab.storage.failures import in_words, need_room, sentence

KINDS = {
    "ENOSPC": FullDisk, "EDQUOT": FullDisk, "EFBIG": FullDisk, "EACCES": NotAllowed, "EPERM": NotAllowed,
    "ELOOP": NotAllowed, "EROFS": ReadOnlyLab, "EBUSY": BusyLab, "ETXTBSY": BusyLab, "ENOENT": MissingFile,
}  # fmt: skip


@pytest.mark.parametrize("number", sorted(errno.errorcode))
def test_every_number_has_a_sentence_without_a_number_and_without_bad_advice(number, tmp_path):
    said = sentence(OSError(number, os.strerror(number)), tmp_path / "a")
    assert isinstance(said, VemlError) and str(tmp_path / "a") in str(said)
    assert "Errno" not in str(said) and "restore" not in str(said).lower()


@pytest.mark.parametrize("name", KINDS)
def test_the_kinds_are_told_apart(name, tmp_path):
    number = getattr(errno, name)
    said = sentence(OSError(number, os.strerror(number)), tmp_path / "a")
    assert type(said) is KINDS[name]


def test_an_error_of_ours_passes_and_a_program_error_too(tmp_path):
    with pytest.raises(LabError, match="mine"), in_words(tmp_path):
        raise LabError("mine")
    with pytest.raises(ZeroDivisionError), in_words(tmp_path):
        raise ZeroDivisionError


def test_the_file_that_failed_is_named_and_not_its_draft(tmp_path):
    other = OSError(errno.EACCES, "no", str(tmp_path / "other"))
    assert str(tmp_path / "other") in str(sentence(other, tmp_path / "a"))
    draft = OSError(errno.EACCES, "no", str(tmp_path / ".a.123.part"))
    assert str(tmp_path / "a") in str(sentence(draft, tmp_path / "a")) and "part" not in str(
        sentence(draft, tmp_path / "a")
    )


def test_room_is_asked_for_before_anything_is_begun(tmp_path):
    need_room(tmp_path, 0, "nothing")
    with pytest.raises(FullDisk, match=r"a copy needs .* nothing was begun"):
        need_room(tmp_path, 1 << 60, "a copy")


def test_a_full_disk_is_an_oserror_too(tmp_path):
    with pytest.raises(OSError) as caught, in_words(tmp_path):
        raise OSError(errno.ENOSPC, "x")
    assert caught.value.errno == errno.ENOSPC


@pytest.mark.parametrize("number", [errno.EMFILE, errno.EIO, errno.EACCES])
def test_what_the_system_refuses_is_no_damage_of_a_file(number, tmp_path, monkeypatch):
    """Nobody is told to fetch again, or to remove, what could not be opened today."""
    import pathlib

    from labs import write_digits

    from veml_lab.formats import read_idx
    from veml_lab.training.weight_files import load_state

    digits = write_digits(tmp_path / "digits")
    weights = tmp_path / "a.pth"
    weights.write_bytes(b"x")

    real = builtins.open

    def fails(file, *args, **keywords):
        if str(file).startswith(str(tmp_path)):
            raise OSError(number, os.strerror(number), str(file))
        return real(file, *args, **keywords)

    with monkeypatch.context() as m:
        m.setattr(builtins, "open", fails)
        m.setattr(pathlib.Path, "open", fails)
        for read in (lambda: read_idx(digits), lambda: load_state(weights)):
            with pytest.raises(VemlError) as said:
                read()
            assert "fetch" not in str(said.value) and "usable" not in str(said.value), said.value
    assert len(list(read_idx(digits).records())) == 80


@pytest.mark.parametrize(("number", "stops"), [(errno.EMFILE, True), (errno.EIO, True), (errno.EACCES, False)])
def test_what_any_file_would_meet_stops_a_reading_and_loses_no_picture(number, stops, tmp_path, monkeypatch):
    from veml_lab.errors import BadData
    from veml_lab.sources.opening import open_tree

    (tmp_path / "a.txt").write_text("a")
    tree = open_tree(tmp_path)

    def fails(file, *_args, **_keywords):
        raise OSError(number, os.strerror(number), str(file))

    for read in (tree.read, tree.open):
        with monkeypatch.context() as m, pytest.raises(VemlError) as said:
            m.setattr(io, "FileIO", fails)  # what a tree opens its files with
            read("a.txt")
        assert isinstance(said.value, BadData) is not stops and "a.txt" in str(said.value)
