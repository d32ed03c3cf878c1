"""The small faults that ``mutants.py`` plants in a Python file: what may be changed to what.

A fault is one of: a comparison turned or moved by its equality, + for - and * for /, `and` for `or`, a condition
negated, a number moved, True for False, a call statement or a keyword dropped, the first two arguments swapped, `min`
for `max`, a slice moved by one. Messages, annotations, docstrings, defaults of signatures and what a module does when
it is imported are left alone. So are ``strict=`` (an assertion) and ``progress=`` (a bar): no result depends on them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

SIGN = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
MOVED = {"<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"), "==": ("!=",), "!=": ("==",)}
OPERATORS = {ast.Add: ("+", "-"), ast.Sub: ("-", "+"), ast.Mult: ("*", "/"), ast.Div: ("/", "*")}
SWAPS = {"min": "max", "max": "min", "any": "all", "all": "any", "argmin": "argmax", "argmax": "argmin"}
# what only says something, and signals: the number of one is no fault to try on a machine that others use
WORDS = {"warn", "debug", "info", "warning", "append_line", "progress", "sentence", "isinstance", "getattr", "hasattr"}
WORDS |= {"kill", "killpg"}
SHOWN = {"strict", "progress"}


@dataclass(frozen=True)
class Fault:
    """One change of one place: characters ``start`` to ``end`` of the file become ``new``."""

    file: str
    line: int
    start: int
    end: int
    old: str
    new: str

    @property
    def key(self) -> str:
        return f"{self.file}:{self.line}:{self.start}:{self.new}"

    def planted(self, root: Path) -> str:
        text = (root / self.file).read_text()
        return text[: self.start] + self.new + text[self.end :]


def _left_alone(tree: ast.AST) -> set[int]:
    """Nodes that are words, types or shape and not behaviour."""
    left: set[int] = set()
    for node in ast.walk(tree):
        dropped: list[ast.AST] = []
        if isinstance(node, (ast.Raise, ast.JoinedStr, ast.Assert)):
            dropped.append(node)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            dropped += [node.args, *node.decorator_list]
            if node.name in ("__repr__", "__str__", "_repr_html_"):
                dropped.append(node)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in WORDS:
            dropped.append(node)
        if isinstance(node, ast.keyword) and node.arg in SHOWN:
            dropped.append(node.value)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            dropped.append(node)
        dropped += [said for name in ("annotation", "returns") if (said := getattr(node, name, None)) is not None]
        left |= {id(n) for one in dropped for n in ast.walk(one)}
    return left


def faults_of(file: Path, root: Path) -> Iterator[Fault]:
    """Every fault that can be planted in the functions of a file."""
    text = file.read_text()
    raw = text.encode()
    starts = [0]
    for line in raw.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    name = str(file.relative_to(root))
    tree = ast.parse(text)
    left_alone = _left_alone(tree)
    functions = (n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)))
    inside = {id(n) for f in functions for s in f.body for n in ast.walk(s)} - left_alone

    def at(line: int, column: int) -> int:
        return len(raw[: starts[line - 1] + column].decode())

    def span(node: ast.AST) -> tuple[int, int]:
        return at(node.lineno, node.col_offset), at(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    for node in ast.walk(tree):
        if id(node) not in inside:
            continue
        for start, end, new in _changes(node, span, text):
            if new != text[start:end]:
                yield Fault(name, node.lineno, start, end, text[start:end], new)  # type: ignore[attr-defined]


def _changes(node: ast.AST, span: Callable[[ast.AST], tuple[int, int]], text: str) -> Iterator[tuple[int, int, str]]:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SIGN and len(node.ops) == 1:
        start, end, sign = span(node.left)[1], span(node.comparators[0])[0], SIGN[type(node.ops[0])]
        if text[start:end].strip() == sign:
            for new in MOVED[sign]:
                yield start, end, text[start:end].replace(sign, new)
    elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        start, end = span(node.left)[1], span(node.right)[0]
        sign, other = OPERATORS[type(node.op)]
        words = any(isinstance(n, (ast.JoinedStr, ast.List)) or _is_text(n) for n in ast.walk(node))
        if text[start:end].strip() == sign and not words:
            yield start, end, text[start:end].replace(sign, other)
    elif isinstance(node, ast.BoolOp):
        start, end = span(node.values[0])[1], span(node.values[1])[0]
        word, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        if len(node.values) == 2 and text[start:end].strip() == word:
            yield start, end, text[start:end].replace(word, other)
    elif isinstance(node, (ast.If, ast.IfExp)) and not isinstance(node.test, ast.Compare):
        start, end = span(node.test)
        yield start, end, f"(not ({text[start:end]}))"
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield *span(node), str(not node.value)
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float) and abs(node.value) < 1e6:
        yield *span(node), repr(node.value + 1 if type(node.value) is int else node.value * 1.5 + 0.1)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield *span(node), "pass"
    elif isinstance(node, ast.Call):
        if len(node.args) == 2 and all(isinstance(a, (ast.Name, ast.Attribute)) for a in node.args):
            (a, b), (c, d) = span(node.args[0]), span(node.args[1])
            yield a, d, text[c:d] + text[b:c] + text[a:b]
        if node.keywords and node.args and node.keywords[-1].arg not in (None, *SHOWN):
            last = node.keywords[-2] if len(node.keywords) > 1 else max(node.args, key=lambda n: span(n)[1])
            yield span(last)[1], span(node.keywords[-1])[1], ""
    elif isinstance(node, ast.Slice):
        for edge in (node.lower, node.upper):
            if edge is not None and not isinstance(edge, ast.Constant):
                start, end = span(edge)
                yield start, end, f"({text[start:end]}) + 1"
    elif isinstance(node, ast.Name) and node.id in SWAPS:
        yield *span(node), SWAPS[node.id]
    elif isinstance(node, ast.Attribute) and node.attr in SWAPS:
        end = span(node)[1]
        yield end - len(node.attr), end, SWAPS[node.attr]


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))
