"""What a data version had as names of its own: each still works, and its warning says the new one."""

from __future__ import annotations

import numpy as np
import pytest

import veml_lab as veml
from veml_lab.versions import operations
from veml_lab.versions.comparison import compare
from veml_lab.versions.data import DataVersion
from veml_lab.versions.former_names import FORMER
from veml_lab.versions.samples import SampleSet, id_array
from veml_lab.versions.tables import flat_table

# old name -> (how it was used, what has to come out)
USED = {
    "trains_as": (lambda v: v.trains_as, lambda v: v.facts.trains_as),
    "layer": (lambda v: v.layer, lambda v: v.facts.layer),
    "about": (lambda v: v.about, lambda v: v.facts.about),
    "series": (lambda v: v.series, lambda v: v.facts.series),
    "preparation": (lambda v: v.preparation, lambda v: v.facts.preparation),
    "id_array": (lambda v: v.id_array().tolist(), lambda v: id_array(v).tolist()),
    "to_arrow": (lambda v: v.to_arrow(), flat_table),
    "annotation_table": (lambda v: v.annotation_table("class"), lambda v: v.annotations.table("class")),
    "class_labels": (lambda v: v.class_labels, lambda v: v.annotations.class_labels),
    "boxes": (lambda v: v.boxes, lambda v: v.annotations.boxes),
    "masks": (lambda v: v.masks, lambda v: v.annotations.masks),
    "keypoints": (lambda v: v.keypoints, lambda v: v.annotations.keypoints),
    "captions": (lambda v: v.captions, lambda v: v.annotations.captions),
    "target_values": (lambda v: v.target_values, lambda v: v.annotations.target_values),
    "target_names": (lambda v: v.target_names(), lambda v: v.annotations.target_names),
    "targets": (lambda v: v.targets().tolist(), lambda v: v.annotations.targets().tolist()),
    "image": (lambda v: v.image(3).tobytes(), lambda v: v.images[3].tobytes()),
    "image_bytes": (lambda v: v.image_bytes(3), lambda v: v.images.encoded(3)),
    "places": (lambda v: v.places(3), lambda v: v.images.places(3)),
    "locate": (lambda v: v.locate(), lambda v: None),
    "annotate": (lambda v: v.annotate.func.__name__, lambda v: "annotate"),
    "compare": (lambda v: v.compare(other(v)).to_dict(), lambda v: compare(v, other(v)).to_dict()),
    "add": (lambda v: v.add("a", other(v)), lambda v: operations.add(v, "a", other(v))),
    "update": (lambda v: v.update("b", other(v)), lambda v: operations.update(v, "b", other(v))),
    "intersect": (
        lambda v: v.intersect(other(v), name="c"),
        lambda v: operations.intersect(v, other(v), name="c"),
    ),
    "subtract": (lambda v: v.subtract(other(v), name="d"), lambda v: operations.subtract(v, other(v), name="d")),
    "diff": (lambda v: v.diff(other(v)), lambda v: operations.diff(v, other(v))),
    "select": (
        lambda v: v.select("e", [1, 2], operation="bad cases", inference="m"),
        lambda v: operations.select(v, "e", [1, 2], operation="bad cases", details={"inference": "m"}),
    ),
    "derive": (
        lambda v: v.derive("f", other(v).ids, {"operation": "by hand"}),
        lambda v: v.derived("f", other(v).ids, {"operation": "by hand"}),
    ),
    "derived": (lambda v: v.derived("nothing", v.ids, {}), lambda v: None),
    "import_report": (lambda v: v.import_report, lambda v: v.history.import_report),
    "replay": (lambda v: other(v).replay(), lambda v: other(v).ids),
    "tags": (lambda v: v.tags, lambda v: ()),
    "tag": (lambda v: (v.tag("gold"), v.history.tags)[1], lambda v: ("gold",)),
    "notes": (lambda v: v.notes, lambda v: []),
    "note": (lambda v: (v.note("looked at"), v.history.notes)[1], lambda v: ["looked at"]),
}


def other(version: DataVersion) -> DataVersion:
    """A tenth of a version, itself a version."""
    return version.sample("some", len(version) // 10)


@pytest.mark.parametrize("name", FORMER)
def test_an_old_name_says_the_new_one_and_gives_the_same(name, fresh, digits_lab):
    version = fresh(digits_lab)["digits"]
    old, new = USED[name]
    with pytest.warns(DeprecationWarning) as said:
        found = old(version)
    assert found == new(version)
    words = [str(w.message) for w in said if str(w.message).startswith(f"DataVersion.{name} is ")]
    assert words and words[0] == f"DataVersion.{name} is {FORMER[name][0]} now"
    assert said[0].filename == __file__  # where it was used, not where it is defined


def test_annotations_and_images_can_still_be_called(digits_lab):
    version = digits_lab.digits
    with pytest.warns(DeprecationWarning, match=r"annotations\.of_kind"):
        assert version.annotations("class") == version.annotations.of_kind("class")
    with pytest.warns(DeprecationWarning, match="iterate"):
        small = list(version.images((4, 3)))
    assert len(small) == len(version) == len(version.images) and {i.size for i in small} == {(4, 3)}
    assert np.asarray(next(iter(version.images))).shape == (16, 16, 3)


def test_a_data_version_has_at_most_thirty_public_names_and_none_is_an_old_one():
    public = {n for n in dir(veml.DataVersion) if not n.startswith("_")}
    assert len(public) <= 30
    assert not public & set(FORMER)


def test_a_name_that_never_was_is_an_error_as_usual_and_an_error_within_a_property_keeps_its_words(
    digits_lab, monkeypatch
):
    version = digits_lab.lab["digits"]
    with pytest.raises(AttributeError, match="no attribute 'boxs'"):
        _ = version.boxs

    def broken(self):
        raise AttributeError("deep within")

    monkeypatch.setattr(SampleSet, "role", property(broken))
    with pytest.raises(AttributeError, match="deep within"):
        _ = version.role


def test_what_was_read_of_a_version_stays_with_it_and_goes_with_it(fresh, digits_lab):
    """Namespaces are made at every look: they hold the version in no circle that only the collector would break."""
    import gc
    import weakref

    version = fresh(digits_lab)["digits"]
    labels = version.annotations.class_labels
    assert version.annotations.class_labels is labels and version.images.places is version.images.places
    gone = weakref.ref(version)
    gc.disable()
    try:
        del version
        assert gone() is None
    finally:
        gc.enable()
