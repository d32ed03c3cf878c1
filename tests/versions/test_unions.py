"""A union of versions whose formats say different things keeps what all say, or is refused by name."""

import io

import numpy as np
import pytest
from PIL import Image

import veml_lab as veml
from veml_lab.errors import BadInput
from veml_lab.sources.source import Keypoints, Record, Source
from veml_lab.versions import operations


def deep(seed: int) -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 4000, (24, 32), np.uint16)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def folders(tmp_path):
    """Two folders of deep pictures."""
    for k, name in enumerate(("one", "two")):
        (tmp_path / name).mkdir()
        for i in range(2):
            (tmp_path / name / f"{i}.png").write_bytes(deep(10 * k + i))
    return tmp_path / "one", tmp_path / "two"


@pytest.fixture
def lab(tmp_path):
    return veml.open(tmp_path / "lab")


def read(folder, window=None):
    return veml.read(folder, "pictures", **({"window": window} if window else {}))


UNIONS = {
    "merge": lambda v, o: v.merge(o, name="both"),
    "add": lambda v, o: operations.add(v, "both", o),
    "update": lambda v, o: operations.update(v, "both", o),
}


@pytest.mark.parametrize("how", UNIONS)
@pytest.mark.parametrize("windows", [((0, 1000), (0, 4000)), ((0, 1000), None), (None, (0, 1000))])
def test_two_windows_are_refused_by_name(windows, how, folders, lab):
    a, b = (lab.add(n, read(f, w), progress=False) for n, f, w in zip("ab", folders, windows))
    with pytest.raises(BadInput, match=r"'a' shows its pictures .*, 'b' shows .* read both with the same window="):
        UNIONS[how](a, b)
    assert "both" not in [v.name for v in lab.data]


@pytest.mark.parametrize("how", ["add", "update"])
def test_what_would_be_refused_is_not_even_imported(how, folders, lab):
    a = lab.add("a", read(folders[0], (0, 1000)), progress=False)
    with pytest.raises(BadInput, match=r"through the window 0,1000, .*two' shows its pictures as they are"):
        UNIONS[how](a, read(folders[1]))
    assert [v.name for v in lab.data] == ["a"]


@pytest.mark.parametrize("how", UNIONS)
def test_one_window_is_that_of_the_union(how, folders, lab):
    a, b = (lab.add(n, read(f, (0, 1000)), progress=False) for n, f in zip("ab", folders))
    assert UNIONS[how](a, b).facts.about["window"] == "0,1000"


def posed(name: str, label: str, points: tuple[str, ...]) -> Source:
    def records():
        triples = tuple((float(3 * i + 1), 5.0, 2) for i in range(len(points)))
        yield Record(f"{name}.png", deep(len(name) + len(points)), 32, 24, "", keypoints=(Keypoints(label, triples),))

    about = {"keypoints": {label: {"names": list(points), "skeleton": []}}, "supercategory": {label: name}}
    return Source("made", name, "keypoints", (label,), records, 1, f"{name}{label}{points}", about=about)


def test_names_of_points_of_other_classes_are_kept_and_of_the_same_class_have_to_agree(lab):
    man = lab.add("man", posed("man", "person", ("head", "hand")), progress=False)
    dog = lab.add("dog", posed("dog", "dog", ("nose",)), progress=False)
    same = lab.add("woman", posed("woman", "person", ("head", "hand")), progress=False)
    other = lab.add("child", posed("child", "person", ("hand", "head")), progress=False)
    both = man.merge(dog, name="both")
    assert {k: v["names"] for k, v in both.facts.about["keypoints"].items()} == {
        "person": ["head", "hand"],
        "dog": ["nose"],
    }
    assert both.facts.about["supercategory"] == {"person": "man", "dog": "dog"}
    assert man.merge(same, name="people").facts.about["supercategory"] == {"person": "man"}
    with pytest.raises(BadInput, match=r"'man' and 'child' name the points of 'person' differently"):
        man.merge(other, name="wrong")


def test_stuff_of_both_is_stuff_of_the_union():
    from veml_lab.versions.about import about_of_union

    said = about_of_union([("a", {"stuff": ["sky", "road"]}), ("b", {"stuff": ["road", "sea"], "coarse": ["x"]})])
    assert said == {"stuff": ["sky", "road", "sea"], "coarse": ["x"]}
