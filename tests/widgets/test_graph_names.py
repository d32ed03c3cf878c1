"""Names of versions in a card's two lines: told apart, shortened once."""

from __future__ import annotations

import random

import pytest

from veml_lab.widgets._graph_names import LINE, STEM, name_lines

RUNS = [f"suburb from city · {m} · {e} epochs" for m in ("ssdlite", "retinanet") for e in (2, 20)]
DEMO = [
    "overcast-suburb",
    "overcast-suburb from clear-city",
    *(f"overcast-suburb from clear-city · active {p}% on suburb-in-fog-pool" for p in (11, 30, 50)),
    "overcast-suburb from clear-city · full on suburb-in-fog-pool",
    "overcast-suburb-train + suburb-in-fog-pool · typiclust 6",
    "overcast-suburb-train + suburb-in-fog-pool · typiclust 28",
]
WORDS = [
    "fog",
    "suburb",
    "train",
    "test",
    "from",
    "on",
    "a",
    "fifteen-letters",
    "resnet10.v2",
    "·",
    "+",
    "|",
    "%",
    "é",
    "…",
]


def made_up(seed: int, n: int = 60) -> list[str]:
    rng = random.Random(seed)
    return [rng.choice([" ", "-", "_", ""]).join(rng.choices(WORDS, k=rng.randint(1, 9))) for _ in range(n)]


@pytest.mark.parametrize(
    "names", [RUNS, DEMO, *map(made_up, range(30)), ["x" * 40 + c for c in "abc"], ["", " ", "\n"]]
)
def test_two_names_never_look_the_same_and_every_line_has_its_room(names):
    said = dict(zip(names, map(tuple, name_lines(names)), strict=True))
    assert len(set(said.values())) == len(set(names)), said
    for name, lines in said.items():
        assert 1 <= len(lines) <= 2 and len(lines[-1]) <= LINE and len(lines[0]) <= (STEM if len(lines) > 1 else LINE)
        if len(name) <= LINE:
            assert lines == (name,)


@pytest.mark.parametrize("seed", range(30))
def test_lines_without_a_cut_say_the_whole_name(seed):
    names = made_up(seed)
    letters = lambda text: [c for c in text if c not in " ·,:;_/|-"]  # noqa: E731
    for name, lines in zip(names, name_lines(names), strict=True):
        if "…" not in "".join(lines):
            assert letters("".join(lines)) == letters(name)


def test_a_beginning_is_shortened_in_one_way_and_the_end_is_what_tells():
    said = dict(zip(DEMO, name_lines(DEMO), strict=True))
    assert len({said[n][0] for n in DEMO[2:5]}) == 1
    assert said[DEMO[0]] == ["overcast-suburb"]
    assert said[DEMO[1]] == ["overcast-suburb", "from clear-city"]
    assert [said[n][1] for n in DEMO[-2:]] == ["typiclust 6", "typiclust 28"]
    assert len({said[n][0] for n in DEMO[-2:]}) == 1
    assert said[DEMO[5]][1].startswith("full on suburb")


def test_a_word_is_never_parted():
    assert name_lines(["a long name of 2 epochs", "a long name of 20 epochs"]) == [
        ["a long name of", "2 epochs"],
        ["a long name of", "20 epochs"],
    ]


def test_a_long_name_that_shares_nothing_breaks_between_words():
    assert name_lines(["everything that came from the old camera", "city"])[0] == [
        "everything that came",
        "from the old camera",
    ]


def test_a_beginning_of_a_few_letters_is_no_line_of_its_own():
    short, long = ([f"{b} {c} and more words follow here" for c in ("one", "two")] for b in ("ab", "abcd"))
    assert name_lines(short) == [["ab one and more words", "follow here"], ["ab two and more words", "follow here"]]
    assert [stem for stem, _ in name_lines(long)] == ["abcd", "abcd"]
