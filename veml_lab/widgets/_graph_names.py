"""Names of versions in the two lines that a card has: what they share is shortened once, what tells them apart stays.

The one owner of this: the browser draws these lines, and so does the picture without script.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

LINE = 21  # letters of a card's line, in bold
STEM = 25  # of the smaller line over it
_LEAST = 4  # letters of a beginning that is worth a line
_BETWEEN = " ·,:;_/|-"  # what joins a beginning to what follows


def name_lines(names: Sequence[str]) -> list[list[str]]:
    """Each name in one line, or in two: its beginning, shared with others, and what it alone says.

    A beginning is a whole number of words that some other name has too. Where it is too long for its line it is cut in
    the middle, and in the same way for every name that has it. Two different names never give the same lines.
    O(n log n) in the names, for their length.

    >>> name_lines(["city", "city in rain, seen from a moving bus", "city in rain, seen from a bridge"])
    [['city'], ['city in rain, seen from a', 'moving bus'], ['city in rain, seen from a', 'bridge']]
    """
    different = sorted(set(names))
    shown: dict[str, tuple[str, ...]] = {n: (n,) for n in different if len(n) <= LINE}
    used = set(shown.values())
    parted = {n: _parted(different, i) for i, n in enumerate(different) if n not in shown}
    stems: dict[str, str] = {"": ""}
    for stem in sorted({s for s, _ in parted.values() if s}):
        stems[stem] = next(c for c in _cuts(stem, STEM, middle=True) if c not in stems.values())
    for name, (stem, rest) in parted.items():
        if stem:
            shown[name] = next(two for c in _cuts(rest, LINE) if (two := (stems[stem], c)) not in used)
        else:
            shown[name] = next(two for two in _wraps(name) if two not in used)
        used.add(shown[name])
    return [list(shown[n]) for n in names]


def _parted(names: Sequence[str], i: int) -> tuple[str, str]:
    """The beginning that a name shares with a neighbour in the sorted list, and what is left of the name."""
    name, best = names[i], 0
    for other in (*names[max(0, i - 1) : i], *names[i + 1 : i + 2]):
        shared = _shared(name, other)
        if shared >= _LEAST and name[shared:].strip(_BETWEEN):
            best = max(best, shared)
    if not best:
        return "", name
    stem, rest = name[:best].rstrip(_BETWEEN), name[best:].lstrip(_BETWEEN)
    while len(stem) > STEM and " " in stem:  # the other line has room for its last words
        shorter = stem[: stem.rindex(" ")].rstrip(_BETWEEN)
        if not shorter or len(more := name[len(shorter) :].lstrip(_BETWEEN)) > LINE:
            break
        stem, rest = shorter, more
    return stem, rest


def _shared(a: str, b: str) -> int:
    """Letters at the beginning of both, whole words: `20 epochs` and `2 epochs` part before the 2."""
    n, least = 0, min(len(a), len(b))
    while n < least and a[n] == b[n]:
        n += 1
    while n and not (_ends(a, n) and _ends(b, n)):
        n -= 1
    return n


def _ends(text: str, at: int) -> bool:
    """Whether no word goes on over this place."""
    return at >= len(text) or not (_in_word(text[at - 1]) and _in_word(text[at]))


def _in_word(letter: str) -> bool:
    return letter.isalnum() or letter == "."


def _cuts(text: str, letters: int, *, middle: bool = False) -> Iterator[str]:
    """Ways to write a text in so many letters, the best first: whole, its end cut off (not with ``middle``), its middle
    cut out, counted."""
    if len(text) <= letters:
        yield text
    if not middle:
        yield text[: letters - 1].rstrip() + "…"
    yield from sorted({_middle(text, head, letters) for head in range(letters - 1)}, key=lambda c: _ugly(c, letters))
    for number in range(2, 1_000_000):
        end = f"… ({number})"
        yield text[: letters - len(end)].rstrip() + end


def _middle(text: str, head: int, letters: int) -> str:
    """A text without its middle; a word is left out rather than cut where that costs few letters."""
    start = len(text) - (letters - 1 - head)
    word = next((i for i in range(start, min(start + letters // 3, len(text))) if _ends(text, i)), start)
    return f"{text[:head].rstrip(_BETWEEN)}…{text[word:].lstrip(_BETWEEN)}"


def _ugly(cut: str, letters: int) -> tuple[int, str]:
    """How far a cut is from one that begins with a third of the letters and uses them all."""
    head = cut.index("…")
    return abs(head - letters // 3) + 2 * (letters - len(cut)), cut


def _wraps(name: str) -> Iterator[tuple[str, str]]:
    """A name that shares no beginning, over two lines: broken between words where that is possible."""
    at = max(
        (i for i in range(LINE // 2, LINE + 1) if not _in_word(name[i - 1]) or not _in_word(name[i])), default=LINE
    )
    for rest in _cuts(name[at:].strip(), LINE):
        yield name[:at].strip(), rest
