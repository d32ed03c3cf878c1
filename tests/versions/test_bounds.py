"""The very bounds: a number that is just large enough, a name that just fits, a point that is just not seen."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from kinds import picture, source

from veml_lab.errors import BadInput
from veml_lab.sources.source import Box, Keypoints, Record
from veml_lab.versions.derivations import _split
from veml_lab.versions.near import NearDuplicates
from veml_lab.versions.store import LONGEST, check_name, fitting
from veml_lab.versions.tables import flat_annotations


def test_boxes_are_small_below_32_pixels_squared_and_large_from_96_on(empty_lab):
    sides = [(32, 31.9), (32, 32), (96, 95.9), (96, 96), (16, 64), (64, 16), (95, 97)]
    boxes = tuple(Box("car", 1, 1, w, h) for w, h in sides)
    made = source([Record("a.png", picture(0, 128, 128), 128, 128, boxes=boxes)], "detection", ["car"])
    s = empty_lab.add("sizes", made, progress=False).statistics()
    assert s.box_area == {"small": 1, "medium": 5, "large": 1}
    assert s.box_size == (np.median([w for w, _ in sides]), np.median([h for _, h in sides]))


def test_the_tables_of_annotations_say_area_share_and_what_is_seen(empty_lab):
    seen = ((0, 1, 2), (0, 0, 0), (2, 2, 1))  # 0: not labelled, 1: hidden, 2: seen
    record = Record(
        "a.png",
        picture(0),
        40,
        30,
        boxes=(Box("cat", 0, 0, 40, 30), Box("cat", 1, 1, 4, 5)),
        keypoints=tuple(Keypoints("cat", tuple((5.0, 6.0, v) for v in each), None) for each in seen),
    )
    version = empty_lab.add("one", source([record], "detection", ["cat"]), progress=False)
    boxes = flat_annotations(version, "box")
    assert boxes["area"].to_pylist() == [1200, 20] and boxes["share"].to_pylist() == [1, 20 / 1200]
    assert flat_annotations(version, "keypoints")["seen"].to_pylist() == [2, 0, 3]


@pytest.mark.parametrize("distinct", [(), ("a", 1)])
def test_a_name_that_fits_stays_and_a_longer_one_is_cut_and_told_apart(distinct):
    tag = len(fitting("", *distinct))
    assert tag == (9 if distinct else 0)
    for length in (1, LONGEST - tag - 1, LONGEST - tag):
        assert fitting("n" * length, *distinct)[:length] == "n" * length
        assert len(fitting("n" * length, *distinct)) == length + tag
    cut, other = fitting("n" * (LONGEST - tag + 1), *distinct), fitting("n" * (LONGEST - tag + 1) + "m", *distinct)
    assert len(cut) == LONGEST and "n…" in cut and cut.count("n") == LONGEST - 10
    assert (cut != other) or distinct
    check_name(cut)
    assert fitting("x" * 100 + " " * 50 + "y")[100] == "…"  # no space before the dots


def test_a_name_has_at_most_as_many_characters_as_names_may_have():
    check_name("n" * LONGEST)
    for bad in ("n" * (LONGEST + 1), "", " n", "n ", "a\nb", "a\tb", "\x00", 3, None):
        with pytest.raises(BadInput, match=f"1 to {LONGEST} characters"):
            check_name(bad)


def test_of_pictures_that_are_as_near_the_first_is_named_and_bits_are_counted(empty_lab):
    """Hashes of our own: three bits apart is near, four is not, and of two that are as near the older one is told."""
    near = NearDuplicates(empty_lab.store, "report")
    base = 0x0123_4567_89AB_CDEF
    near._keep(base, 0)
    near._keep(base ^ 0b11, 1)
    near._keep(base ^ (0b111 << 60), 2)
    assert near._nearest(base) == (0, 0) and near._nearest(base ^ 0b1) == (1, 0)
    assert near._nearest(base ^ 0b11) == (0, 1) and near._nearest(base ^ 0b10011) == (1, 1)
    assert near._nearest(base ^ 0b111 << 32) == (3, 0)
    assert near._nearest(base ^ (1 | 1 << 16 | 1 << 32 | 1 << 48)) is None
    assert near._nearest(base ^ 0b1111 << 32) is None


def test_a_split_by_groups_of_an_early_lab_is_made_again_as_it_was(empty_lab):
    """Groups in a shuffled order go to the first part while their middle lies within its share."""
    sizes = {"fog": 5, "rain": 1, "snow": 3, "sun": 8, "wind": 2}
    records = [
        Record(f"{w}/{i}", b"", 0, 0, "train", kind="row", columns={"weather": w})
        for w, n in sizes.items()
        for i in range(n)
    ]
    version = empty_lab.add("weather", source(records), progress=False)
    weather = version.to_pandas()["weather"].to_numpy()
    ids = np.array(version.ids.to_array())
    for seed, share in itertools.product(range(5), (0.2, 0.5, 0.75)):
        order = [np.flatnonzero(weather == w).tolist() for w in sorted(sizes)]
        np.random.default_rng(seed).shuffle(order)
        taken: list[int] = []
        for group in order:
            middle = len(taken) + len(group) / 2
            if middle <= share * 19:
                taken += group
        for part, expected in (("first", taken), ("second", sorted(set(range(19)) - set(taken)))):
            found = _split([version], {"share": share, "by": "weather", "seed": seed, "part": part})
            assert sorted(found) == sorted(ids[expected].tolist())


def test_boxes_of_a_sample_without_a_size_have_an_area_and_no_share(empty_lab):
    record = Record("r", b"", 0, 0, kind="row", columns={"a": 1}, boxes=(Box("cat", 0, 0, 4, 5),))
    version = empty_lab.add("sizeless", source([record], "detection", ["cat"]), progress=False)
    boxes = flat_annotations(version, "box")
    assert boxes["area"].to_pylist() == [20] and boxes["share"].to_pylist() == [0]
