"""Every question and every change that the catalog understands, by name.

``READS`` take named parameters; ``:ids`` questions join against an Arrow table ``_ids(id)`` that the
caller passes as ``ids=`` (a literal IN list is ten times slower). ``WRITES`` take either named
parameters or an Arrow table of rows with the columns of the table.
"""

from __future__ import annotations

READS: dict[str, str] = {
    "nodes": "SELECT id, kind, name, created, props FROM node ORDER BY created, id",
    "edges": "SELECT src, dst, type, props FROM edge",
    "version_ids": "SELECT ids FROM version_ids WHERE version = $version",
    "block_of_source": "SELECT start, n FROM id_block WHERE source = $source",
    "blocks": "SELECT start, n, source FROM id_block ORDER BY start",
    "samples": """SELECT s.id, s.kind, s.uri, s.segment, s.row_no, s.path, s.width, s.height, s.role, s.columns
                  FROM sample s JOIN _ids USING (id) WHERE s.id BETWEEN $lo AND $hi ORDER BY s.id""",
    "hashes": "SELECT s.id, s.sha256 FROM sample s JOIN _ids USING (id) WHERE s.id BETWEEN $lo AND $hi ORDER BY s.id",
    "classes": """SELECT a.sample_id AS id, a.label FROM ann_class a JOIN _ids ON a.sample_id = _ids.id
                  WHERE a.layer = $layer AND a.sample_id BETWEEN $lo AND $hi ORDER BY a.sample_id""",
    "boxes": """SELECT a.sample_id AS id, a.label, a.x, a.y, a.w, a.h, a.attributes
                FROM ann_box a JOIN _ids ON a.sample_id = _ids.id
                WHERE a.layer = $layer AND a.sample_id BETWEEN $lo AND $hi ORDER BY a.sample_id, a.rowid""",
    "metrics": "SELECT step, name, value FROM metric WHERE node = $node ORDER BY step, name",
    "result": "SELECT value FROM result WHERE key = $key",
    "results": "SELECT key, made, value FROM result WHERE kind = $kind ORDER BY made",
    "counts": """SELECT (SELECT count(*) FROM node) AS nodes, (SELECT count(*) FROM edge) AS edges,
                        (SELECT count(*) FROM sample) AS samples, (SELECT count(*) FROM ann_box) AS boxes""",
}

WRITES: dict[str, str] = {
    "add_node": "INSERT INTO node VALUES ($id, $kind, $name, $created, $props)",
    "add_edge": "INSERT INTO edge VALUES ($src, $dst, $type, $props)",
    "reserve_ids": "INSERT INTO id_block SELECT coalesce(max(start + n), 0), $n, $source FROM id_block",
    "add_samples": "INSERT INTO sample SELECT * FROM _rows",
    "add_classes": "INSERT INTO ann_class SELECT * FROM _rows",
    "add_boxes": "INSERT INTO ann_box SELECT * FROM _rows",
    "add_version_ids": "INSERT INTO version_ids VALUES ($version, $n, $lo, $hi, $ids)",
    "add_metrics": "INSERT INTO metric SELECT * FROM _rows",
    "put_result": "INSERT OR REPLACE INTO result VALUES ($key, $kind, $made, $value)",
}
