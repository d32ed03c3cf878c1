"""Every question and every change that the catalog understands, by name.

``READS`` take named parameters; ``:ids`` questions join against an Arrow table ``_ids(id)`` that the
caller passes as ``ids=`` (a literal IN list is ten times slower). ``WRITES`` take either named
parameters or an Arrow table of rows with the columns of the table.
"""

from __future__ import annotations

from .annotation_tables import TABLES

READS: dict[str, str] = {
    "nodes": "SELECT id, kind, name, created, props FROM node ORDER BY created, id",
    "edges": "SELECT src, dst, type, props FROM edge",
    "graph_size": "SELECT (SELECT count(*) FROM node) AS nodes, (SELECT count(*) FROM edge) AS edges",
    "graph_nodes": "SELECT rowid AS row, id, kind, name, created FROM node",
    "graph_edges": (
        """SELECT e.rowid AS row, s.rowid::INTEGER AS src, d.rowid::INTEGER AS dst, e.type
                      FROM edge e JOIN node s ON e.src = s.id JOIN node d ON e.dst = d.id"""
    ),
    "graph_tail": (
        """SELECT 0 AS is_edge, rowid AS row, id AS a, kind AS b, name AS c, created, props
                     FROM node WHERE rowid >= $node
                     UNION ALL SELECT 1, rowid, src, dst, type, NULL, props FROM edge WHERE rowid >= $edge
                     ORDER BY is_edge, row"""
    ),
    "graph_node_props": "SELECT rowid AS row, id AS key, props FROM node WHERE rowid BETWEEN $first AND $last",
    "graph_edge_props": "SELECT rowid AS row, src AS key, props FROM edge WHERE rowid BETWEEN $first AND $last",
    "version_ids": "SELECT ids FROM version_ids WHERE version = $version",
    "block_of_source": "SELECT start, n FROM id_block WHERE source = $source",
    "blocks": "SELECT start, n, source FROM id_block ORDER BY start",
    "samples": (
        """SELECT s.id, s.kind, s.uri, s.segment, s.row_no, s.path, s.width, s.height, s.role, s.columns
                  FROM sample s JOIN _ids USING (id) WHERE s.id BETWEEN $lo AND $hi ORDER BY s.id"""
    ),
    "samples_range": (
        """SELECT id, kind, uri, segment, row_no, path, width, height, role, columns
                        FROM sample WHERE id BETWEEN $lo AND $hi"""
    ),  # in the order of import, which sorts at no cost
    "samples_of_uri": "SELECT id, uri FROM sample WHERE uri = $uri OR path = $uri ORDER BY id",
    "in_place": "SELECT path FROM sample WHERE path IS NOT NULL",
    "sample": "SELECT id, uri, path, segment FROM sample WHERE id = $id",
    "versions_around": "SELECT version, ids FROM version_ids WHERE lo <= $hi AND hi >= $lo",
    "metrics_of": (
        "SELECT m.node, m.step, m.name, m.value FROM metric m JOIN _ids ON m.node = _ids.id ORDER BY m.node, m.step,"
        " m.name"
    ),
    "hashes": "SELECT s.id, s.sha256 FROM sample s JOIN _ids USING (id) WHERE s.id BETWEEN $lo AND $hi ORDER BY s.id",
    **{t.question: t.read_sql() for t in TABLES.values()},
    **{f"{t.question}_range": t.range_sql() for t in TABLES.values()},
    "stored_hashes": """SELECT id, sha256[1:8] AS head FROM sample WHERE segment IS NOT NULL""",
    "stored_places": (
        """SELECT s.id, s.sha256, s.segment, s.row_no FROM sample s JOIN _ids USING (id)
                        WHERE s.id BETWEEN $lo AND $hi ORDER BY s.id"""
    ),
    "phashes": "SELECT id, phash FROM sample_phash ORDER BY id",
    "layers": "SELECT id, base, created, props FROM layer ORDER BY created, id",
    "layer_ids": "SELECT kind, via, ids FROM layer_ids WHERE layer = $layer ORDER BY rowid",
    "events": "SELECT node, made, kind, value FROM node_event ORDER BY rowid",
    "metrics": "SELECT step, name, value FROM metric WHERE node = $node ORDER BY step, name",
    "result": "SELECT value FROM result WHERE key = $key",
    "results": "SELECT key, made, value FROM result WHERE kind = $kind ORDER BY made",
    "results_of_kinds": "SELECT kind, count(*) AS n FROM result GROUP BY kind ORDER BY kind",
    "result_events": "SELECT made, value FROM result WHERE kind = $kind ORDER BY rowid",
    # each from a row on, the last that is held included, so that a catalog that was replaced is noticed
    "cases": "SELECT rowid AS row, * FROM bad_case WHERE rowid >= $first ORDER BY rowid",
    "occurrences": "SELECT rowid AS row, * FROM bad_occurrence WHERE rowid >= $first ORDER BY rowid",
    "case_events": "SELECT rowid AS row, * FROM bad_event WHERE rowid >= $first ORDER BY rowid",
    "case_runs": "SELECT rowid AS row, * FROM bad_run WHERE rowid >= $first ORDER BY rowid",
    # of each sample the first in the lab with the same bytes
    "same_bytes": (
        """SELECT s.id, coalesce(min(t.id), s.id) AS first
                      FROM sample s JOIN _ids USING (id) LEFT JOIN sample t ON t.sha256 = s.sha256
                      WHERE s.id BETWEEN $lo AND $hi GROUP BY s.id ORDER BY s.id"""
    ),
    "sample_of_bytes": "SELECT min(id) AS first FROM sample WHERE sha256 = $sha256",
    "label_tasks": (
        "SELECT id, name, data, said_by, layer, tool, blind, terms, who, made FROM label_task ORDER BY rowid"
    ),
    "label_events": ("SELECT task, number, made, who, what, value FROM label_event WHERE task = $task ORDER BY number"),
    "label_answers": (
        "SELECT task, sample, annotator, number, stamp, said FROM label_answer WHERE task = $task ORDER BY rowid"
    ),
    "counts": (
        """SELECT (SELECT count(*) FROM node) AS nodes, (SELECT count(*) FROM edge) AS edges,
                        (SELECT count(*) FROM sample) AS samples, (SELECT count(*) FROM ann_box) AS boxes"""
    ),
}

WRITES: dict[str, str] = {
    "add_node": "INSERT INTO node VALUES ($id, $kind, $name, $created, $props)",
    "add_edge": "INSERT INTO edge VALUES ($src, $dst, $type, $props)",
    "add_nodes": "INSERT INTO node BY NAME SELECT * FROM _rows",
    "add_edges": "INSERT INTO edge BY NAME SELECT * FROM _rows",
    "reserve_ids": "INSERT INTO id_block SELECT coalesce(max(start + n), 0), $n, $source FROM id_block",
    "add_samples": "INSERT INTO sample SELECT * FROM _rows",
    **{t.write: t.write_sql() for t in TABLES.values()},
    "add_phashes": "INSERT INTO sample_phash SELECT * FROM _rows",
    "add_layer": "INSERT INTO layer VALUES ($id, $base, $created, $props)",
    "add_layer_ids": "INSERT INTO layer_ids VALUES ($layer, $kind, $via, $n, $ids)",
    "add_event": "INSERT INTO node_event VALUES ($node, $made, $kind, $value)",
    "add_version_ids": "INSERT INTO version_ids VALUES ($version, $n, $lo, $hi, $ids)",
    "add_metrics": "INSERT INTO metric SELECT * FROM _rows",
    "add_cases": "INSERT OR IGNORE INTO bad_case BY NAME SELECT * FROM _rows",
    "add_occurrences": "INSERT OR IGNORE INTO bad_occurrence BY NAME SELECT * FROM _rows",
    "add_case_events": "INSERT INTO bad_event BY NAME SELECT * FROM _rows",
    "add_case_run": (
        "INSERT OR IGNORE INTO bad_run VALUES ($id, $inference, $function, $data, $layer, $n, $bad, $ids, $made)"
    ),
    "add_label_task": (
        "INSERT INTO label_task VALUES ($id, $name, $data, $said_by, $layer, $tool, $blind, $terms, $who, $made)"
    ),
    "add_label_event": "INSERT INTO label_event VALUES ($task, $number, $made, $who, $what, $value)",
    "add_label_answers": "INSERT OR IGNORE INTO label_answer BY NAME SELECT * FROM _rows",
    "put_result": "INSERT OR REPLACE INTO result VALUES ($key, $kind, $made, $value)",
}
