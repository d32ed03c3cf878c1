"""What somebody who sees a page may send to its kernel: envelopes, questions and states that no front end of ours
writes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import examples

BIG = "x" * 10_000_000
DEEP: Any = "deep"
for _ in range(400):
    DEEP = [DEEP]
CANARY = "canary-of-a-hostile-message"
CODE = f"__import__('pathlib').Path('{CANARY}').touch()"

# values of the wrong type, size or meaning for any field
VALUES: list[Any] = [
    None, True, False, 0, -1, -(2**63), 2**63, 10**400, 1.5, -1e308, float("nan"), float("inf"),
    "", "../../etc/passwd", "/etc/passwd", "file:///etc/passwd", "uri' OR 1=1; DROP TABLE sample; --",
    "<img src=x onerror=alert(1)>", CODE, "{0.__class__}", "%s%n", "\x00", "\u202e\x1b[31m", "\ud800",
    BIG, DEEP, [], {}, [None], [[]], [{}], [-1], [10**9], [2**70], [True], [0.5], [float("nan")], ["0"], [[0]],
    ["../../etc/passwd"], list(range(200_001)), {"type": "get"}, {"__class__": "x"}, {"class": ["car"]},
    {"class": DEEP}, {CODE: CODE},
]  # fmt: skip

# what stands where the message's content, or a whole envelope, should
NO_OBJECTS: list[Any] = [None, True, 7, float("nan"), "get", CODE, BIG, [], [{"type": "get"}], DEEP]
KINDS = sorted({q["type"] for questions in examples.QUESTIONS.values() for q in questions})


def contents(mine: list[dict[str, Any]]) -> Iterator[Any]:
    """Custom messages to a widget that answers these questions; hardly one is well formed."""
    yield from NO_OBJECTS
    for value in [*VALUES, "__class__", "answer", "close", "exec", "eval", "sql", "save_state", "_source"]:
        if value not in KINDS:
            yield {"type": value}
    yield {"type": "exec", "code": CODE, "path": "/etc/passwd", "sql": "SELECT 1", "request": 1}
    for kind in KINDS:  # the questions of other widgets are none of this one's
        if kind not in {q["type"] for q in mine}:
            yield {"type": kind}
    for question in mine:
        for field in [f for f in question if f != "type"]:
            yield {k: v for k, v in question.items() if k != field}
            yield from ({**question, field: value} for value in VALUES)


def envelopes() -> Iterator[Any]:
    """Messages that ipywidgets' own protocol does not know."""
    yield from (o for o in NO_OBJECTS if o is not BIG)
    for method in VALUES:
        yield {"method": method}
    yield from ({"method": "update", "state": state} for state in NO_OBJECTS if state is not BIG)
    yield {"method": "update"}
    yield {"method": "custom"}
    for paths in ([["selected"]], [[]], [["a", "b", "c"]], [[0]], "x", 7, [None], [[None]], DEEP):
        yield {"method": "update", "state": {}, "buffer_paths": paths}


def panel_questions() -> Iterator[Any]:
    """What may come on the panel's comm."""
    from veml_lab.panel import _QUESTIONS

    yield from (o for o in NO_OBJECTS if not isinstance(o, dict))
    for value in VALUES:
        yield {"question": value, "id": 1}
        yield {"question": "hello", "params": [value], "id": 1}
        yield {"question": "open", "params": {"path": value}, "id": 1}
    for question in sorted(set(_QUESTIONS) - {"hello", "labs", "open"}):
        for field in ("lab", "version", "view", "key", "what"):
            yield from ({"question": question, "params": {field: value}, "id": value} for value in VALUES[:24])


def states(cls: type) -> Iterator[dict[str, Any]]:
    """Changes of state: of traits that are the kernel's to set, and wrong values for those that are the page's."""
    foreign = ["_esm", "_css", "_view_module", "_model_module", "comm", "keys", "layout", "no such trait"]
    theirs = [n for n in cls.own_traits() if n in cls._from_browser]
    yield from ({name: value} for name, value in itertools.product(theirs, VALUES))
    ours = [n for n in cls.own_traits() if n not in theirs] + foreign
    yield from (
        {name: value}
        for name, value in itertools.product(ours, [None, True, -1, CODE, "", [], [CODE], {}, {CODE: CODE}])
    )
