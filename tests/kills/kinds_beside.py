"""What is killed beside the catalog: embeddings, exports, backups, vacuums, trainings, migrations, pages."""

from __future__ import annotations

import itertools
import json
import random
import shutil
import tarfile
import warnings
from pathlib import Path

import numpy as np
from killing import Tell
from kinds_shared import OLD, OLD_NAMES, PLAN, embedder, endless, one_import, opened, rows, there, tree
from labs import TINY, write_digits

import veml_lab as veml
from veml_lab.embeddings import embed
from veml_lab.upkeep import backup, check, vacuum
from veml_lab.versions import results

# -- files beside the catalog ----------------------------------------------------------------------------


def prepare_embeddings(place: Path) -> None:
    one_import(place)
    lab = opened(place)
    np.save(place / "vectors.npy", embed(lab["digits"], embedder(), progress=False))
    for left in (lab.path / "embeddings").rglob("*"):
        if left.is_file():
            left.unlink()
    lab.add("again", veml.read_idx(place / "digits"), progress=False)


def embeddings(place: Path, tell: Tell, tag: str, rng: random.Random) -> None:
    lab, made = opened(place), embedder()
    for i, n in endless(rng):
        version = lab["digits"].sample(f"{tag}-{i}", 6, seed=n)
        embed(version, made, progress=False)
        tell(f"vectors\t{version.name}")
        table = veml.similarity([version, lab["again"]], k=4, embedder=made, progress=False)
        tell(f"similarity\t{version.name}\t{table.measures['energy'][0][1]:.6f}")


def look_at_embeddings(place: Path, told: list[str], faults: list[str]) -> None:
    from veml_lab.embeddings.vectors import missing_count

    lab, made = opened(place), embedder()
    whole = np.load(place / "vectors.npy")
    ids = list(lab["digits"].ids)
    for (name,) in rows(told, "vectors"):
        if missing_count(lab[name], made):
            faults.append(f"LOST: vectors of {name}")
    for (name,) in rows(told, "vectors")[-3:]:
        expected = whole[[ids.index(i) for i in lab[name].ids]]
        if not np.allclose(embed(lab[name], made, progress=False), expected, atol=1e-5):
            faults.append(f"the vectors of {name} are not those of its samples")
    kept = len(lab.store.catalog.read("results", kind="similarity").to_pylist())
    if kept < len(rows(told, "similarity")):
        faults.append(f"LOST: similarities, {kept} of {len(rows(told, 'similarity'))}")
    for name, value in rows(told, "similarity")[-2:]:
        table = veml.similarity([lab[name], lab["again"]], k=4, embedder=made, progress=False)
        if abs(float(table.measures["energy"][0][1]) - float(value)) > 1e-4:
            faults.append(f"the similarity of {name} was {value} and is {table.measures}")


def prepare_exports(place: Path) -> None:
    one_import(place)
    for name in ("idx", "image_folder"):
        opened(place)["digits"].export(place / f"reference-{name}", name)


def exports(place: Path, tell: Tell, tag: str, rng: random.Random) -> None:
    data = opened(place)["digits"]
    for i, n in endless(rng):
        kind = "idx" if n % 2 else "image_folder"
        data.export(place / "out" / f"{kind}~{tag}-{i}", kind)
        tell(f"export\t{kind}~{tag}-{i}")


def look_at_exports(place: Path, told: list[str], faults: list[str]) -> None:
    out = place / "out"
    faults += [f"LOST: the export {name}" for (name,) in rows(told, "export") if not (out / name).is_dir()]
    for folder in out.glob("[!.]*"):  # those that nobody heard of as well
        kind = folder.name.rsplit("~")[0]
        if tree(folder) != tree(place / f"reference-{kind}"):
            faults.append(f"the export {folder.name} is not whole")
    if wrong := [p.name for p in out.glob(".*") if ".partial-" not in p.name]:
        faults.append(f"an export left {wrong}")


def backups(place: Path, tell: Tell, tag: str, rng: random.Random) -> None:
    lab = opened(place)
    for i, n in endless(rng):
        lab["digits"].sample(f"{tag}-{i}", 3, seed=i)
        name = f"b-{tag}-{i}{'.tar' if n % 2 else ''}"
        backup(lab.path, place / "copies" / name)
        tell(f"backup\t{name}\t{tag}-{i}")


def look_at_backups(place: Path, told: list[str], faults: list[str]) -> None:
    copies = place / "copies"
    expected = {name: version for name, version in rows(told, "backup")}
    faults += [f"LOST: the backup {name}" for name in expected if not (copies / name).exists()]
    for n, copy in enumerate(sorted(copies.glob("[!.]*"), key=lambda p: p.stat().st_mtime)[-4:]):
        folder = copy
        if copy.suffix == ".tar":
            folder = place / f".unpacked-{n}"
            with tarfile.open(copy) as tar:
                tar.extractall(folder, filter="data")
        faults += [f"the backup {copy.name}: {f}" for f in check(folder, deep=True).wrong]
        lab = veml.open(folder, read_only=True)
        if expected.get(copy.name, "digits") not in lab:
            faults.append(f"LOST: the version {expected[copy.name]} in the backup {copy.name}")
    for folder in place.glob(".unpacked-*"):
        shutil.rmtree(folder)


def vacuums(place: Path, tell: Tell, tag: str, rng: random.Random) -> None:
    """Litter, room in the catalog, an import, a vacuum that compacts."""
    lab = opened(place)
    for i, _ in endless(rng):
        (lab.path / "staging").mkdir(exist_ok=True)
        (lab.path / "segments" / f"{rng.randrange(16**24):024x}.arrow").write_bytes(b"of an import that never ended")
        (lab.path / "staging" / f"rows-999999999-{i:08x}.arrow").write_bytes(b"of a killed process")
        if i % 2 == 0:
            for k in range(3):
                big = {"value": rng.randrange(1 << 30), "more": [rng.random() for _ in range(20_000)]}
                results.put_result(lab.store, f"big-{k}", "kills", big)
        made = lab.add(f"{tag}-{i}", veml.read_idx(place / "digits"), progress=False)
        tell(f"data\t{made.name}\t{len(made)}")
        vacuum(lab.path, grace_s=0)
        tell("vacuum")


# -- trainings, rebuildings ------------------------------------------------------------------------------


def _trained(lab: veml.Lab) -> veml.TrainingVersion:
    return veml.train(veml.plan(lab["tiny"], lab["digits"], name="run", **PLAN), lab, progress=False)


def _numbers(training: veml.TrainingVersion) -> tuple[list[tuple[int, str]], np.ndarray, dict[str, np.ndarray]]:
    from safetensors.numpy import load_file

    log = [r for r in training.log() if r["name"] != "images/s"]
    return (
        [(r["step"], r["name"]) for r in log],
        np.array([r["value"] for r in log], dtype=float),
        load_file(training.checkpoint),
    )


def prepare_training(place: Path) -> None:
    one_import(place)
    lab = opened(place)
    veml.model(lab["digits"], TINY, name="tiny")
    backup(lab.path, place / "undisturbed")
    _trained(veml.open(place / "undisturbed"))


def trainings(place: Path, tell: Tell, tag: str, rng: random.Random) -> None:
    _trained(opened(place))
    tell("trained\trun")


def _same(mine: veml.TrainingVersion, theirs: veml.TrainingVersion, faults: list[str]) -> None:
    (steps, values, weights), (steps_, values_, weights_) = _numbers(mine), _numbers(theirs)
    if steps != steps_:
        faults.append(f"{mine.name}: other steps than an undisturbed training, {len(steps)} and {len(steps_)}")
    elif not np.allclose(values, values_, rtol=1e-3, atol=1e-5, equal_nan=True):
        faults.append(f"{mine.name}: other losses than an undisturbed training")
    if weights.keys() != weights_.keys() or not all(
        np.allclose(weights[k], weights_[k], rtol=1e-3, atol=1e-4) for k in weights
    ):
        faults.append(f"{mine.name}: other weights than an undisturbed training")


def look_at_trainings(place: Path, told: list[str], faults: list[str]) -> None:
    lab = opened(place)
    for (name,) in rows(told, "trained"):
        if name not in lab:
            faults.append(f"LOST: the training {name}")
    for training in lab.versions("training"):
        _same(training, veml.open(place / "undisturbed")[training.name], faults)


def prepare_rebuilding(place: Path) -> None:
    prepare_training(place)
    write_digits(place / "bright", 16, 8, seed=1, shade=90)
    lab = opened(place)
    _trained(lab)
    lab.add("bright", veml.read_idx(place / "bright"), progress=False)
    lab.use_embedder("squeezenet1_1", weights="random", size_px=32)
    shutil.rmtree(place / "undisturbed")
    backup(lab.path, place / "undisturbed")
    _rebuilt(veml.open(place / "undisturbed"))


def _rebuilt(lab: veml.Lab, tell: Tell = lambda _line: None) -> None:
    for method in ("full", "active", "adabn"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = veml.rebuild(
                lab["run"], lab["bright"], method=method, name=f"by {method}", hyper={"epochs": 1}, progress=False
            )
        tell(f"trained\t{made.name}")


def rebuildings(place: Path, tell: Tell, tag: str, rng: random.Random) -> None:
    _rebuilt(opened(place), tell)


# -- migrations, pages -----------------------------------------------------------------------------------


def prepare_migration(place: Path) -> None:
    with tarfile.open(OLD) as tar:
        tar.extractall(place / "unpacked", filter="data")
    next((place / "unpacked").iterdir()).rename(place / "lab")


def migrations(place: Path, tell: Tell, tag: str, rng: random.Random) -> None:
    warnings.filterwarnings("ignore", ".*was brought from version")
    data = opened(place)["digits"]
    for i, _ in endless(rng):
        tell(f"data\t{data.sample(f'{tag}-{i}', 5, seed=i).name}\t5")


def look_at_migrations(place: Path, told: list[str], faults: list[str]) -> None:
    lab = opened(place)
    there(lab, told, faults)
    names = [v.name for v in lab.versions()]
    if names[: len(OLD_NAMES)] != OLD_NAMES:
        faults.append(f"LOST: old versions, there are {names}")
        return
    old = lab["digits"], lab["ones"], lab["city"]
    if [len(v) for v in old[:2]] != [18, 6] or sum(len(b) for b in old[2].annotations.boxes.values()) != 12:
        faults.append("LOST: samples or boxes of the old lab")
    if lab.store.catalog.read("result", key="k")["value"].to_pylist() != ['{"value": 1}']:
        faults.append("LOST: a result of the old lab")
    if not list((lab.path / "backups").glob("catalog-v1-*.duckdb")):
        faults.append("LOST: the old catalog, which is kept as a backup")


def prepare_pages(place: Path) -> None:
    one_import(place)
    pages(place, lambda _line: None, "reference", None)


def pages(place: Path, tell: Tell, tag: str, rng: random.Random | None) -> None:
    """The same folder again and again, and new ones."""
    from veml_lab.dashboards.publish import publish

    lab = veml.open(place / "lab", read_only=True)
    for i in itertools.count() if rng else range(1):
        publish(lab, place / "out" / (tag if tag == "reference" or i % 4 == 3 else "site"), pictures=4)
        tell(f"site\t{tag if i % 4 == 3 else 'site'}")


def look_at_pages(place: Path, told: list[str], faults: list[str]) -> None:
    out = place / "out"
    wanted = tree(out / "reference")
    for (name,) in {tuple(r) for r in rows(told, "site")}:
        if not (out / name / "index.html").exists():
            faults.append(f"LOST: the pages in {name}")
    for folder in out.glob("[!.]*"):
        found = tree(folder)
        if found.keys() != wanted.keys() or not json.loads((folder / "site.json").read_text())["views"]:
            faults.append(f"the pages in {folder.name} are not whole: {found.keys() ^ wanted.keys()}")
