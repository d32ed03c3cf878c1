"""Tables of the catalog, as numbered migrations that only ever add.

A table has one owner module, which alone writes it (kept by a test):

=============  =====================================  ==========================================
table          owner                                  holds
=============  =====================================  ==========================================
commit_log     catalog.database                       one row per commit; its UUID makes a retry known
migration      catalog.migrate                        which of the steps below this catalog has seen
node, edge     versions.graph                         the versions and what leads from one to another
id_block       versions.imports                       which import a range of sample IDs came from
sample         versions.imports                       one row a sample, insert-only, in ID order
sample_phash   versions.imports                       perceptual hashes, where an import was asked for them
ann_<kind>     versions.annotations                   annotations by layer: see catalog.annotations
layer          versions.layers                        annotation versions, each with the one it builds on
layer_ids      versions.layers                        which samples a layer answers for, and from where
version_ids    versions.imports                       the ID set of a data version, a roaring bitmap
node_event     versions.notes                         tags and notes: what is said about a frozen version later
metric         versions.training                      numbers of a training or inference version
result         versions.results                       similarity and drift results, by content key
bad_case       versions.cases                         faults of samples' truths, each once: see versions.cases
bad_occurrence versions.cases                         which inference version made one, or who reported it
bad_event      versions.cases                         what was said and done about a case, numbered a case
bad_run        versions.cases                         which samples an inference version was judged on
label_task     versions.label_tasks                   samples that went out for labelling: see versions.label_tasks
label_event    versions.label_tasks                   what was done with a task, numbered a task
label_answer   versions.label_tasks                   what one person said of one sample
=============  =====================================  ==========================================

No index on sample IDs: an import is one consecutive range, so zone maps find it, and an ART index
would double the file (measured, see DESIGN section 4).
"""

from __future__ import annotations

from .annotation_tables import TABLES

FORMAT_VERSION = 3

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
    2: [
        "ALTER TABLE ann_box ADD COLUMN instance INTEGER DEFAULT -1",
        *(t.ddl() for t in TABLES.values() if t.since == 2),
        "CREATE TABLE layer (id VARCHAR PRIMARY KEY, base VARCHAR, created TIMESTAMP, props JSON)",
        "CREATE TABLE layer_ids (layer VARCHAR, kind VARCHAR, via VARCHAR, n UBIGINT, ids BLOB)",
        "CREATE TABLE node_event (node VARCHAR, made TIMESTAMP, kind VARCHAR, value VARCHAR)",
        "CREATE TABLE sample_phash (id UBIGINT, phash UBIGINT)",
    ],
    3: [
        """CREATE TABLE bad_case (id VARCHAR PRIMARY KEY, sample UBIGINT, function VARCHAR, fault VARCHAR,
                                  truth VARCHAR, place JSON, description VARCHAR, grading VARCHAR, columns JSON,
                                  made TIMESTAMP)""",
        """CREATE TABLE bad_occurrence (id VARCHAR PRIMARY KEY, case_id VARCHAR, inference VARCHAR, version VARCHAR,
                                        source VARCHAR, seen TIMESTAMP, said VARCHAR, kind VARCHAR, cost DOUBLE,
                                        data VARCHAR, layer VARCHAR, made TIMESTAMP)""",
        """CREATE TABLE bad_event (case_id VARCHAR, number INTEGER, made TIMESTAMP, who VARCHAR, what VARCHAR,
                                   value VARCHAR, why VARCHAR, PRIMARY KEY (case_id, number))""",
        """CREATE TABLE bad_run (id VARCHAR PRIMARY KEY, inference VARCHAR, function VARCHAR, data VARCHAR,
                                 layer VARCHAR, n UBIGINT, bad UBIGINT, ids BLOB, made TIMESTAMP)""",
        """CREATE TABLE label_task (id VARCHAR PRIMARY KEY, name VARCHAR UNIQUE NOT NULL, data VARCHAR,
                                    said_by VARCHAR, layer VARCHAR, tool VARCHAR, blind BLOB, terms JSON,
                                    who VARCHAR, made TIMESTAMP)""",
        """CREATE TABLE label_event (task VARCHAR, number INTEGER, made TIMESTAMP, who VARCHAR, what VARCHAR,
                                     value JSON, PRIMARY KEY (task, number))""",
        """CREATE TABLE label_answer (id VARCHAR PRIMARY KEY, task VARCHAR, sample UBIGINT, annotator VARCHAR,
                                      number INTEGER, stamp VARCHAR, said JSON, made TIMESTAMP)""",
    ],
}
