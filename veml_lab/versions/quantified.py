"""The part of a condition that speaks of annotations: ``any box (...)``, ``no mask (...)``, ``count box (...) > 3``.

It is cut out of the text of the condition - outside of quotes and comments - before SQL sees it; what stands in
its brackets is a condition of its own, checked in the same way, over the table of that kind of annotation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import BadInput
from .annotations import ANNOTATION_KINDS

_START = re.compile(rf"(any|no|count)\s+({'|'.join(ANNOTATION_KINDS)})\s*\(", re.IGNORECASE)
_CLASS = re.compile(r"(?:contains|has)\s+class\s+('(?:[^']|'')*')", re.IGNORECASE)
# what is no code: texts, quoted names, comments
_SKIP = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/""", re.DOTALL)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Quantifier:
    """One of them: ``column`` stands for its count of matching annotations in what is left of the condition."""

    column: str
    kind: str
    condition: str


LONGEST = 100_000  # characters of a condition; a list of ten thousand IDs has fewer
DEEPEST = 50  # brackets within brackets
_SHORTER = "filter twice, or intersect two versions"


def check_size(
    where: str, what: str = "condition", example: str = "width > 640 AND label = 'car'", shorter: str = _SHORTER
) -> None:
    """Refuse a text that is too long or too deep to be a person's: parsers below recurse on it.

    Parameters
    ----------
    what, example, shorter
        How a message names it, shows one, and says what to do instead.

    Raises
    ------
    BadInput
        It has more than 100,000 characters, or brackets within brackets deeper than 50.
    """
    if not isinstance(where, str):
        raise BadInput(f"a {what} is a text, got {type(where).__name__}; for example: {example}")
    if len(where) > LONGEST:
        raise BadInput(
            f"the {what} {where[:60]!r} ... has {len(where):,} characters, and at most {LONGEST:,} are read; {shorter}"
        )
    depth = deepest = 0
    for sign in where:
        depth += (sign == "(") - (sign == ")")
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise BadInput(
            f"the {what} {where[:60]!r} ... has {deepest} brackets within brackets, and at most {DEEPEST} are read;"
            " simplify it"
        )


def quantifiers(where: str) -> tuple[str, list[Quantifier]]:
    """Cut them out.

    Returns
    -------
    str
        The condition with ``(_qK > 0)``, ``(_qK = 0)`` or ``_qK`` in their places.
    list of Quantifier
        What to count for the columns ``_qK``.

    Examples
    --------
    >>> quantifiers("width > 640 AND any box (label = 'car' AND area > 900)")[0]
    'width > 640 AND (_q0 > 0)'
    """
    check_size(where)
    found: list[Quantifier] = []
    out: list[str] = []
    at = 0
    while at < len(where):
        if m := _SKIP.match(where, at):
            out.append(m.group())
            at = m.end()
        elif m := _CLASS.match(where, at):
            out.append(f"list_contains(labels, {m.group(1)})")
            at = m.end()
        elif m := _START.match(where, at):
            end = _closing(where, m.end())
            column = f"_q{len(found)}"
            found.append(Quantifier(column, m.group(2).lower(), where[m.end() : end - 1].strip() or "true"))
            out.append({"any": f"({column} > 0)", "no": f"({column} = 0)", "count": column}[m.group(1).lower()])
            at = end
        elif m := _WORD.match(where, at):
            out.append(m.group())
            at = m.end()
        else:
            out.append(where[at])
            at += 1
    return "".join(out), found


def _closing(where: str, at: int) -> int:
    """Where the bracket ends that opened just before ``at``."""
    depth = 1
    while at < len(where):
        if m := _SKIP.match(where, at):
            at = m.end()
            continue
        depth += {"(": 1, ")": -1}.get(where[at], 0)
        at += 1
        if depth == 0:
            return at
    raise BadInput(f"the condition {where!r} opens a bracket that it does not close")
