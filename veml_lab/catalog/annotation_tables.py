"""The tables of annotations: one declaration a kind, from which DDL, questions and changes follow.

How a kind comes out of a record and goes back into one is said in :mod:`veml_lab.versions.annotations`. A new
kind is one entry in each of the two, and a migration that makes its table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AnnotationTable:
    """One kind of annotation as a table ``ann_<kind>``.

    Attributes
    ----------
    kind
        Its name (``"box"``).
    columns
        DuckDB types by name, after ``sample_id`` and ``layer``, which every such table begins with.
    since
        The migration that made the table.
    later
        The migration that added a column, for columns that came later than their table.
    """

    kind: str
    columns: Mapping[str, str]
    since: int
    later: Mapping[str, int]

    @property
    def table(self) -> str:
        return f"ann_{self.kind}"

    @property
    def question(self) -> str:
        """Name of the question that gives the rows of one layer."""
        return f"ann_{self.kind}"

    @property
    def write(self) -> str:
        """Name of the change that adds rows."""
        return f"add_ann_{self.kind}"

    def ddl(self) -> str:
        """``CREATE TABLE`` as of the migration that made it."""
        columns = ", ".join(f"{c} {t}" for c, t in self.columns.items() if c not in self.later)
        return f"CREATE TABLE {self.table} (sample_id UBIGINT, layer VARCHAR, {columns})"

    def read_sql(self) -> str:
        """Rows of the samples ``_ids`` in one layer, in ID order, and within a sample in the order of import."""
        columns = ", ".join(f"a.{c}" for c in self.columns)
        return (
            f"SELECT a.sample_id AS id, {columns} FROM {self.table} a JOIN _ids ON a.sample_id = _ids.id "
            "WHERE a.layer = $layer AND a.sample_id BETWEEN $lo AND $hi ORDER BY a.sample_id, a.rowid"
        )

    def range_sql(self) -> str:
        """As :meth:`read_sql`, of all samples from ``$lo`` to ``$hi``, in the order of import."""
        columns = ", ".join(f"a.{c}" for c in self.columns)
        return (
            f"SELECT a.sample_id AS id, {columns} FROM {self.table} a WHERE a.layer = $layer AND a.sample_id BETWEEN"
            " $lo AND $hi"
        )

    def write_sql(self) -> str:
        """Adds rows by the names of their columns."""
        return f"INSERT INTO {self.table} BY NAME SELECT * FROM _rows"


TABLES: dict[str, AnnotationTable] = {
    t.kind: t
    for t in (
        AnnotationTable("class", {"label": "VARCHAR"}, 1, {}),
        AnnotationTable(
            "box",
            {
                "label": "VARCHAR",
                "x": "FLOAT",
                "y": "FLOAT",
                "w": "FLOAT",
                "h": "FLOAT",
                "attributes": "JSON",
                "instance": "INTEGER",
            },
            1,
            {"instance": 2},
        ),
        # polygons in pixels, or COCO's compressed run lengths with their height and width
        AnnotationTable(
            "mask",
            {
                "label": "VARCHAR",
                "polygons": "DOUBLE[][]",
                "rle": "VARCHAR",
                "rle_h": "INTEGER",
                "rle_w": "INTEGER",
                "attributes": "JSON",
                "instance": "INTEGER",
            },
            2,
            {},
        ),
        # x, y, visible, x, y, visible ... in one list
        AnnotationTable(
            "keypoints", {"label": "VARCHAR", "points": "DOUBLE[]", "attributes": "JSON", "instance": "INTEGER"}, 2, {}
        ),
        AnnotationTable("caption", {"text": "VARCHAR", "attributes": "JSON"}, 2, {}),
        AnnotationTable("target", {"name": "VARCHAR", "value": "DOUBLE"}, 2, {}),
    )
}
