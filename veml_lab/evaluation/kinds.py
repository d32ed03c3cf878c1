"""The words for what is wrong in a picture: TIDE's, one vocabulary for every face of the lab.

Source
------
Bolya et al., "TIDE: A General Toolbox for Identifying Object Detection Errors", 2020, section 2.
Otherwise here: a sample of a classification has the kinds ``right`` and ``class`` alone.
"""

from __future__ import annotations

KINDS = ("class", "location", "both", "duplicate", "background", "missed")
RIGHT = "right"
IGNORED = "ignored"  # a box on a region that nobody labelled one by one: neither right nor wrong
MEANING = {
    "class": "right place, wrong class",
    "location": "right class, box too loose (IoU 0.1 to 0.5)",
    "both": "wrong class and too loose",
    "duplicate": "a second box on an object that is found already",
    "background": "a box where nothing is",
    "missed": "an object without any box",
}
CODES = (*KINDS, RIGHT, IGNORED)
"""In arrays a kind is its place here."""
CODE = {kind: code for code, kind in enumerate(CODES)}

NOTHING = "(nothing)"  # row and column of the confusion matrix for boxes without an object, objects without a box
SCORE = 0.4  # what a detector is less sure of is neither drawn nor judged; metrics count all that it says
HIT, TOUCH = 0.5, 0.1  # IoU of a hit; IoU up to which there is nothing


def wrong_in_words(truth: str, said: str, kind: str = "") -> str:
    """What is wrong, as one says it; ``kind`` may be unknown, truth or what was said may be :data:`NOTHING`.

    >>> wrong_in_words("bus", "truck", "class"), wrong_in_words("bus", NOTHING, "missed")
    ('bus taken for truck', 'bus missed')
    >>> wrong_in_words(NOTHING, "bus", "background"), wrong_in_words("bus", "bus", "duplicate")
    ('bus where nothing is', 'bus found twice')
    >>> wrong_in_words("bus", "bus", "location"), wrong_in_words("bus", "car", "both")
    ('bus, box too loose', 'bus taken for car, box too loose')
    """
    if truth == NOTHING:
        return f"{said} where nothing is"
    if said == NOTHING:
        return f"{truth} missed"
    if kind == "duplicate":
        return f"{truth} found twice"
    loose = ", box too loose" if kind in ("location", "both") else ""
    return (truth if truth == said else f"{truth} taken for {said}") + loose
