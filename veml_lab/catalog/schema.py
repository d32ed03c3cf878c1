"""Tables of the catalog, as numbered migrations that only ever add.

A table has one owner module, which alone writes it (kept by a test):

=============  =====================================  ==========================================
table          owner                                  holds
=============  =====================================  ==========================================
commit_log     catalog.store                          one row per commit; its UUID makes a retry known
node, edge     versions.graph                         the versions and what leads from one to another
id_block       versions.imports                       which import a range of sample IDs came from
sample         versions.imports                       one row a sample, insert-only, in ID order
ann_class      versions.imports                       class annotations, by layer
ann_box        versions.imports                       box annotations, by layer (pixels)
version_ids    versions.data                          the ID set of a data version, a roaring bitmap
metric         versions.training                      numbers of a training or inference version
result         versions.results                       similarity and drift results, by content key
=============  =====================================  ==========================================

No index on sample IDs: an import is one consecutive range, so zone maps find it, and an ART index
would double the file (measured, see DESIGN section 4).
"""

from __future__ import annotations

FORMAT_VERSION = 1

MIGRATIONS: dict[int, list[str]] = {
    1: [
        "CREATE TABLE commit_log (seq BIGINT PRIMARY KEY, tx UUID UNIQUE, made TIMESTAMP)",
        """CREATE TABLE node (id VARCHAR PRIMARY KEY, kind VARCHAR NOT NULL, name VARCHAR UNIQUE NOT NULL,
                              created TIMESTAMP NOT NULL, props JSON NOT NULL)""",
        "CREATE TABLE edge (src VARCHAR, dst VARCHAR, type VARCHAR, props JSON)",
        "CREATE TABLE id_block (start UBIGINT, n UBIGINT, source VARCHAR)",
        """CREATE TABLE sample (id UBIGINT, kind VARCHAR, uri VARCHAR, sha256 BLOB, segment VARCHAR, row_no UINTEGER,
                                path VARCHAR, width USMALLINT, height USMALLINT, role VARCHAR, columns JSON)""",
        "CREATE TABLE ann_class (sample_id UBIGINT, layer VARCHAR, label VARCHAR)",
        """CREATE TABLE ann_box (sample_id UBIGINT, layer VARCHAR, label VARCHAR,
                                 x FLOAT, y FLOAT, w FLOAT, h FLOAT, attributes JSON)""",
        "CREATE TABLE version_ids (version VARCHAR PRIMARY KEY, n UBIGINT, lo UBIGINT, hi UBIGINT, ids BLOB)",
        "CREATE TABLE metric (node VARCHAR, step INTEGER, name VARCHAR, value DOUBLE)",
        "CREATE TABLE result (key VARCHAR PRIMARY KEY, kind VARCHAR, made TIMESTAMP, value JSON)",
    ],
}
