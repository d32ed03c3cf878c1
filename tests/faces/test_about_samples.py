"""One sample and those like it: tags and notes that no version notices, neighbours, and a keep that is taken back."""

from __future__ import annotations

import datetime as dt
import io

import numpy as np
import pytest
from PIL import Image

from veml_lab.embeddings.stored import read, stored
from veml_lab.errors import BadInput, ReadOnlyLab, UnknownName
from veml_lab.faces import VersionPictures
from veml_lab.versions import results, sample_notes
from veml_lab.versions.data import DataVersion
from veml_lab.widgets import SampleBrowser


def test_a_tag_belongs_to_the_sample_in_every_version_and_changes_none(digits_lab, fresh):
    lab = fresh(digits_lab)
    train, whole = lab["digits-train"], lab["digits"]
    before = {v.name: (v.key, v.node.props, len(v)) for v in (train, whole)}
    wall = VersionPictures(train, [7, 3, 12], writable=True)
    assert "tag" not in wall.filters
    assert wall.tag("blurred", [0, 2]) == "'blurred' given to 2 of 2 samples"
    assert wall.filters["tag"] == ["blurred"] and wall.find({"tag": "blurred"}, "", False).tolist() == [0, 2]
    wall.tag("blurred", [0], remove=True)
    wall.tag("odd", [1])
    assert VersionPictures(whole).filters["tag"] == ["blurred", "odd"]
    tagged = VersionPictures(whole).find({"tag": "blurred"}, "", False).tolist()
    assert [whole.ids[p] for p in tagged] == [train.ids[12]]
    assert "tag" not in VersionPictures(lab["bright"]).filters
    assert sample_notes.tags_of(lab.store, train.ids[3]) == ("odd",)
    again = {v.name: (v.key, v.node.props, len(v)) for v in (DataVersion(lab.store, x.node) for x in (train, whole))}
    assert again == before and not train.history.tags
    with pytest.raises(UnknownName):
        wall.find({"tag": "none such"}, "", False)


@pytest.mark.parametrize("tag", ["", " x", "x" * 61, "a\nb", "\ud800", "\u202e"])
def test_what_is_no_tag_is_refused_and_nothing_is_kept(digits_lab, fresh, tag):
    lab = fresh(digits_lab)
    with pytest.raises(BadInput):
        VersionPictures(lab["digits"], writable=True).tag(tag, [0])
    assert sample_notes.tags(lab.store) == {}


def test_a_tag_that_was_taken_off_stays_off_whatever_the_clock_does(digits_lab, fresh, monkeypatch):
    """Times as a machine has them whose clock is set back by an hour between two clicks."""
    lab = fresh(digits_lab)
    sample = lab["digits"].ids[0]
    for hour, remove in ((12, False), (11, True), (10, False), (9, True)):
        monkeypatch.setattr(results, "now", lambda hour=hour: dt.datetime(2026, 1, 1, hour))
        sample_notes.tag(lab.store, [sample], "odd", remove=remove)
        assert sample_notes.tags_of(lab.store, sample) == (() if remove else ("odd",))
        sample_notes.note(lab.store, sample, f"at {hour}")
    assert [n.text for n in sample_notes.notes_of(lab.store, sample)] == ["at 12", "at 11", "at 10", "at 9"]


def test_a_read_only_lab_takes_neither_tags_nor_notes(digits_lab):
    lab = digits_lab.lab
    wall = VersionPictures(lab["digits"])
    for write in (lambda: wall.tag("odd", [0]), lambda: wall.note(0, "seen")):
        with pytest.raises(ReadOnlyLab):
            write()
    shown = SampleBrowser(wall)
    for asked in ({"type": "tag", "tag": "odd", "positions": [0]}, {"type": "note", "position": 0, "text": "x"}):
        assert "unknown question" in shown.answered(asked)[0]["message"]


def test_all_that_is_known_of_a_sample_is_told(digits_lab, fresh):
    lab = fresh(digits_lab)
    train = lab["digits-train"]
    wall = VersionPictures(train, [5, 9], writable=True)
    wall.note(1, " look <b>again</b> ")
    wall.tag("odd", [1])
    told = wall.about(1)
    assert told["facts"]["id"] == train.ids[9] and told["facts"]["file"] == train.samples["uri"][9].as_py()
    assert (told["width"], told["height"]) == (16, 16) and told["tags"] == ["odd"]
    assert [n["text"] for n in told["notes"]] == ["look <b>again</b>"]
    assert told["versions"] == [
        n.name for n in lab.store.graph().of_kind("data") if train.ids[9] in DataVersion(lab.store, n).ids
    ]
    assert VersionPictures(train).about(5)["notes"] == [] and VersionPictures(train).about(5)["tags"] == []


def test_what_is_like_a_picture_lies_nearest_by_its_vector(digits_lab):
    version = digits_lab.lab["digits-train"]
    vectors = read(version, stored(version), np.arange(len(version)))
    order = list(np.random.default_rng(2).permutation(len(version))[:40])
    wall = VersionPictures(version, [int(p) for p in order])
    assert wall.nearest
    for position in (0, 17):
        far = {k: float(np.linalg.norm(vectors[p] - vectors[order[position]])) for k, p in enumerate(order)}
        found = wall.like(position, {}).tolist()
        assert sorted(found) == list(range(40)) and found[0] == position
        assert [far[k] for k in found] == pytest.approx(sorted(far.values()))
        label = version.classes[0]
        among = wall.find({"class": label}, "", False).tolist()
        assert sorted(wall.like(position, {"class": label}).tolist()) == among


def test_a_look_computes_no_vectors(digits_lab, fresh, monkeypatch):
    lab = fresh(digits_lab)
    monkeypatch.setattr("veml_lab.faces.pictures.stored", lambda _v: None)
    monkeypatch.setattr("veml_lab.faces.about.stored", lambda _v: None)
    wall = VersionPictures(lab["digits"])
    assert not wall.nearest and not SampleBrowser(wall).nearest
    with pytest.raises(BadInput, match=r"lab\.view\('map', version='digits'\)"):
        wall.like(0, {})


def test_what_was_kept_last_is_taken_back_once_and_only_while_nothing_was_made_of_it(digits_lab, fresh):
    lab = fresh(digits_lab)
    wall = VersionPictures(lab["digits"], writable=True)
    with pytest.raises(BadInput, match="nothing was kept"):
        wall.undo()
    wall.save("data version", "mistake", [1, 2])
    kept = lab["mistake"]
    assert "mistake" in [r["name"] for r in lab.rows("data")]
    assert "is taken back" in wall.undo()
    assert "mistake" not in [r["name"] for r in lab.rows("data")]
    assert "mistake" not in wall.about(1)["versions"]
    assert kept.history.tags == ("withdrawn",) and list(lab["mistake"].ids) == [kept.ids[0], kept.ids[1]]
    with pytest.raises(BadInput, match="nothing was kept"):
        wall.undo()
    wall.save("data version", "used", [3, 4, 5])
    lab["used"].sample("of it", 2)
    with pytest.raises(BadInput, match="'used' cannot be taken back: of it was made of it"):
        wall.undo()
    assert "used" in [r["name"] for r in lab.rows("data")]


def test_tiles_are_no_larger_than_their_pictures(digits_lab):
    wall = VersionPictures(digits_lab.lab["digits"])
    small, large = (Image.open(io.BytesIO(wall.thumbnails([0], size)[0])) for size in (8, 512))
    assert max(small.size) == 8 and large.size == (16, 16)
    shown = SampleBrowser(wall)
    assert shown.answered({"type": "get", "positions": [0], "size_px": 256})[0]["type"] == "samples"
    for size in (257, "256", 256.0, None, True):
        assert shown.answered({"type": "get", "positions": [0], "size_px": size})[0]["type"] == "error"
