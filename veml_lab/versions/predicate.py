"""Checked predicates: a condition over columns, parsed by DuckDB, walked node by node, run on a closed table.

Only comparisons, AND/OR/NOT, IN, BETWEEN, LIKE, IS NULL, literals, known columns and a handful of
harmless functions pass. The table that it runs on lives in a connection of its own without any
access to files or settings, so that even a hole in the check would reach nothing.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..errors import BadInput, UnknownName
from .quantified import check_size, quantifiers
from .samples import SampleSet
from .tables import flat_annotations, flat_table

if TYPE_CHECKING:
    import pyarrow as pa
    from pyroaring import BitMap64


_CLASSES_OK = {
    "COMPARISON",
    "CONJUNCTION",
    "CONSTANT",
    "COLUMN_REF",
    "OPERATOR",
    "FUNCTION",
    "BETWEEN",
    "CAST",
    "STAR_NOT",
}
_FUNCTIONS_OK = {
    "~~", "!~~", "~~*", "!~~*", "like_escape", "lower", "upper", "length", "abs", "round", "list_contains", "len",
    "starts_with", "contains", "+", "-", "*", "/", "%",
}  # fmt: skip


def select(version: SampleSet, where: str) -> BitMap64:
    """IDs of the samples of ``version`` for which ``where`` holds.

    Parameters
    ----------
    where
        A condition over sample columns; ``contains class 'car'``; and over annotations: ``any box (label = 'car' AND
        area > 900)``, ``no mask (...)``, ``count keypoints (seen >= 3) > 1``. See :mod:`.tables` for the columns.

    Raises
    ------
    BadInput
        The condition does not parse, or uses something that is not allowed.
    UnknownName
        A column that the version does not have.
    """
    import pyarrow as pa
    from pyroaring import BitMap64

    condition, counted = quantifiers(where)
    table = flat_table(version)
    for q in counted:
        if q.column in table.column_names:
            raise BadInput(
                f"{version.name!r} has a column {q.column!r}, which a condition over annotations needs for itself"
            )
        counts = Counter(_rows(flat_annotations(version, q.kind), q.condition, where))
        table = table.append_column(q.column, pa.array([counts.get(i, 0) for i in table["id"].to_pylist()], pa.int64()))
    return BitMap64(_rows(table, condition, where))


def _rows(table: pa.Table, condition: str, where: str) -> list[int]:
    """The ``id`` of every row of a table for which a checked condition holds."""
    import duckdb

    with duckdb.connect(":memory:", config={"enable_external_access": False}) as con:
        con.register("_table", table)
        con.execute("CREATE TABLE samples AS SELECT * FROM _table")
        con.unregister("_table")
        con.execute(
            "SET max_expression_depth = 200"
        )  # what is nested deeper is no condition, and we walk it by recursion
        con.execute("SET lock_configuration = true")
        # DuckDB's own names: of two that differ in case alone it renames the second
        known = [d[0] for d in con.execute("SELECT * FROM samples LIMIT 0").description]
        _check(con, condition, where, known)
        try:
            return [r[0] for r in con.execute(f"SELECT id FROM samples WHERE ({condition}\n)").fetchall()]
        except duckdb.Error as e:
            raise BadInput(f"the condition {_shown(where)} cannot be evaluated: {str(e).splitlines()[0]}") from None


def _check(con: Any, condition: str, where: str, columns: list[str]) -> None:
    import duckdb

    # bare, it must not close a bracket that is ours; in brackets, nothing can follow it
    for text in (f"SELECT 1 FROM samples WHERE {condition}", f"SELECT 1 FROM samples WHERE ({condition}\n)"):
        try:
            tree = json.loads(con.execute("SELECT json_serialize_sql(?)", [text]).fetchone()[0])
        except duckdb.Error as e:
            raise BadInput(f"the condition {_shown(where)} cannot be read: {str(e).splitlines()[0]}") from None
        if not tree.get("error") and len(tree.get("statements", [])) == 1:
            continue
        reason = tree.get("error_message", "it is more than one statement")
        raise BadInput(
            f"the condition {_shown(where)} does not parse: {reason}. Write for example: width > 640 AND label = 'car'"
        )
    query = tree["statements"][0]["node"]
    extra = [k for k in ("group_expressions", "having", "sample", "qualify") if query.get(k)]
    if (
        query.get("type") != "SELECT_NODE"
        or query["from_table"].get("type") != "BASE_TABLE"
        or extra
        or query.get("modifiers")
    ):
        raise BadInput(f"the condition {_shown(where)} is more than a condition; give only what would follow WHERE")
    if query.get("cte_map", {}).get("map"):
        raise BadInput(f"the condition {_shown(where)} holds a query of its own, which is not allowed")
    _walk(query["where_clause"], where, columns)


def _shown(where: str) -> str:
    """A condition as a message quotes it: one of thousands of characters would hide what is said of it."""
    return repr(where if len(where) <= 300 else f"{where[:200]} ... {where[-60:]}")


def _walk(node: Any, where: str, columns: list[str]) -> None:
    if isinstance(node, list):
        for n in node:
            _walk(n, where, columns)
        return
    if not isinstance(node, dict):
        return
    kind = node.get("class")
    if kind is not None:
        if kind not in _CLASSES_OK:
            raise BadInput(f"the condition {_shown(where)} uses {kind.lower()}, which is not allowed in a filter")
        if kind == "COLUMN_REF":
            name = node["column_names"][-1]
            if name not in columns:
                raise UnknownName.of("column", name, columns)
        if kind == "FUNCTION" and node["function_name"].lower() not in _FUNCTIONS_OK:
            raise BadInput(
                f"the condition {_shown(where)} calls {node['function_name']}(), which is not allowed in a filter"
            )
        if kind == "CONSTANT":
            return
    for value in node.values():
        _walk(value, where, columns)


def unknown_classes(where: str, classes: Sequence[str]) -> list[str]:
    """Classes that a condition names and a version does not have: why nothing was found.

    >>> unknown_classes("contains class 'cow' AND label = 'dog'", ("cat", "dog"))
    ['cow']
    """
    named = re.findall(r"\b(?:class|label\s*=)\s*'((?:[^']|'')*)'", where, re.IGNORECASE)
    return [n for n in named if n.replace("''", "'") not in classes]


def matching(table: pa.Table, where: str) -> list[int]:
    """The ``id`` of every row of any table, of versions for example, for which a condition holds, checked as in
    :func:`select`."""
    check_size(where)
    return _rows(table, where, where)
