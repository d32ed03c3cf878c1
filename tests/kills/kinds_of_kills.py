"""What is killed in the catalog: commits, notes, imports, derivations; and the list of all kinds."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import kinds_beside as beside
import pyarrow as pa
from killing import Kind, Tell
from kinds_shared import bare, endless, one_import, opened, pictures, rows, sound, there, wholly_read

import veml_lab as veml
from veml_lab.catalog import Change
from veml_lab.versions import results

# -- commits, notes --------------------------------------------------------------------------------------


def commits(place: Path, tell: Tell, tag: str, rng: random.Random) -> None:
    """A version, three metrics and an edge to itself in one commit; a result that is replaced."""
    store = opened(place).store
    for i, _ in endless(rng):
        node = f"m-{tag}-{i}"
        metrics = pa.table(
            {
                "node": [node] * 3,
                "step": pa.array(range(3), pa.int32()),
                "name": ["loss"] * 3,
                "value": [1.0, 2.0, 3.0],
            }
        )
        changes = [Change("add_metrics", rows=metrics)]
        store.add("model", f"{tag}-{i}", {}, [(node, "instance_of", {})], changes=changes, node_id=node)
        tell(f"node\t{node}")
        if i % 3 == 0:
            results.put_result(store, f"k-{tag}", "kills", {"value": i, "more": "x" * 20_000})
            tell(f"result\tk-{tag}\t{i}")


def look_at_commits(place: Path, told: list[str], faults: list[str]) -> None:
    lab = opened(place)
    graph = lab.store.graph()
    nodes = [n.id for n in graph.of_kind("model")]
    metrics = Counter(lab.store.catalog.read("metrics_of", ids=pa.array(nodes, pa.string()))["node"].to_pylist())
    faults += [f"LOST: the commit of {node}" for (node,) in rows(told, "node") if node not in set(nodes)]
    if len(nodes) != len(set(nodes)):
        faults.append("a version is there twice")
    for node in nodes:
        if len(graph.into[node]) != 1 or metrics[node] != 3:
            faults.append(f"half of the commit of {node}")
    for key, value in dict(rows(told, "result")).items():
        found = results.get_result(lab.store, key)
        if found is None or found["value"] < int(value):
            faults.append(f"LOST: the result {key} = {value}, there is {found and found['value']}")


def notes(place: Path, tell: Tell, tag: str, rng: random.Random) -> None:
    history = opened(place)["digits"].history
    for i, _ in endless(rng):
        history.note(f"note {tag} {i}")
        tell(f"note\tnote {tag} {i}")
        history.tag(f"{tag} {i}")
        tell(f"tag\t{tag} {i}")
        if i % 2:
            history.tag(f"{tag} {i}", remove=True)
            tell(f"untag\t{tag} {i}")


def look_at_notes(place: Path, told: list[str], faults: list[str]) -> None:
    history = opened(place)["digits"].history
    said, stored = [n for (n,) in rows(told, "note")], history.notes
    if [n for n in stored if n in set(said)] != said:
        faults.append(f"LOST: notes, or their order: {set(said) - set(stored)}")
    gone = {t for (t,) in rows(told, "untag")}
    faults += [f"LOST: that the tag {t} was taken off" for t in gone & set(history.tags)]
    odd = {t for (t,) in rows(told, "tag") if int(t.split()[-1]) % 2}  # of these the removal may not have been told
    faults += [f"LOST: the tag {t}" for (t,) in rows(told, "tag") if t not in gone | odd | set(history.tags)]


# -- imports, derivations --------------------------------------------------------------------------------


def imports(place: Path, tell: Tell, tag: str, rng: random.Random) -> None:
    lab = opened(place)
    for i, n in endless(rng):
        kept = n % 3 > 0
        source = veml.read_idx(place / "digits") if n % 2 else veml.read_image_folder(place / "folder")
        made = lab.add(f"{tag}-{i}", source, copy=kept or None, near_duplicates=n % 5 == 0, progress=False)
        tell(f"data\t{made.name}\t{len(made)}")


def look_at_imports(place: Path, told: list[str], faults: list[str]) -> None:
    lab = opened(place)
    there(lab, told, faults)
    wholly_read(lab, faults)


def derivations(place: Path, tell: Tell, tag: str, rng: random.Random) -> None:
    data = opened(place)["digits"]
    for i, n in endless(rng):
        name = f"{tag}-{i}"
        if i % 5 == 0:
            made = data.split(name, f"{name}b", share=0.5, seed=n)
        elif i % 5 == 1:
            made = (data.filter(name, "label = '1'"),)
        elif i % 5 == 2:
            ids = list(data.ids)
            made = (data.correct(name, {ids[n % len(ids)]: {"class": "2"}, ids[0]: {"class": "1"}}, note="by hand"),)
        elif i % 5 == 3:
            made = (data.merge(data.sample(f"{name}s", 5, seed=n), name=name),)
        else:
            made = (data.sample(name, 7, seed=n, stratified=True),)
        for version in made:
            tell(f"data\t{version.name}\t{len(version)}")


def look_at_derivations(place: Path, told: list[str], faults: list[str]) -> None:
    lab = opened(place)
    there(lab, told, faults)
    wholly_read(lab, faults)
    names = {v.name for v in lab.versions("data")}
    faults += [f"half of the split {n!r}" for n in names if f"{n}b" not in names and f"{n}:0" in names]
    for version in lab.versions("data")[-4:]:
        if lab.store.graph().into[version.id] and set(version.history.replay()) != set(version.ids):
            faults.append(f"{version.name}: run again, its operation gives other samples")


KINDS = {
    k.name: k
    for k in (
        Kind("commits", bare, commits, sound(look_at_commits)),
        Kind("commits, owner", bare, commits, sound(look_at_commits), longest_s=1.0, moments=("owner",)),
        Kind("tags and notes", one_import, notes, sound(look_at_notes)),
        Kind("imports", pictures, imports, sound(look_at_imports), 0.8, 300, rounds=10),
        Kind("imports, owner", pictures, imports, sound(look_at_imports), 1.0, rounds=8, moments=("owner",)),
        Kind("derivations", one_import, derivations, sound(look_at_derivations), 0.6, 200),
        Kind(
            "embeddings and core sets",
            beside.prepare_embeddings,
            beside.embeddings,
            sound(beside.look_at_embeddings),
            0.8,
            150,
        ),
        Kind("exports", beside.prepare_exports, beside.exports, sound(beside.look_at_exports), 0.4, 200, rounds=10),
        Kind("backups", one_import, beside.backups, sound(beside.look_at_backups), 0.5, 300),
        Kind("vacuums", one_import, beside.vacuums, sound(look_at_imports), 1.0, 400, rounds=8),
        Kind(
            "trainings",
            beside.prepare_training,
            beside.trainings,
            sound(beside.look_at_trainings),
            1.5,
            120,
            warmed=0,
            looks=0.1,
        ),
        Kind(
            "rebuildings",
            beside.prepare_rebuilding,
            beside.rebuildings,
            sound(beside.look_at_trainings),
            4.0,
            400,
            warmed=0.3,
        ),
        Kind(
            "migrations",
            beside.prepare_migration,
            beside.migrations,
            sound(beside.look_at_migrations),
            0.4,
            90,
            rounds=2,
            warmed=0.1,
        ),
        Kind("published pages", beside.prepare_pages, beside.pages, sound(beside.look_at_pages), 4.0, 300, warmed=0.5),
    )
}
