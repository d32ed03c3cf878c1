"""A call of every public verb of a small lab: those without needed parameters by themselves, the others from a table.

A new public method, function or command without a call here fails the walk by its name.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import veml_lab as veml
from veml_lab import upkeep
from veml_lab.cli import make_parser
from veml_lab.dashboards.publish import publish

TINY = {"architecture": "resnet10", "width": 8, "size_px": [16, 16]}
Call = Callable[[Any, Path], Any]  # of a lab, opened a moment ago, and a folder for what is written outside of it

METHODS: dict[str, Call] = {
    "Lab.add": lambda lab, out: lab.add("more", veml.read(out.parent / "source"), copy=True, progress=False),
    "Lab.browse_source": lambda lab, out: lab.browse_source("digits"),
    "Lab.detail": lambda lab, out: lab.detail("first"),
    "Lab.facts": lambda lab, out: lab.facts("first"),
    "Lab.embedder_of": lambda lab, out: lab.embedder_of(lab["digits"], progress=False),
    "Lab.get": lambda lab, out: lab.get("digits"),
    "Lab.use_executor": lambda lab, out: lab.use_executor("inline"),
    "Lab.use_embedder": lambda lab, out: lab.use_embedder("squeezenet1_1", weights="random", size_px=40),
    "Lab.watch_files": lambda lab, out: lab.watch_files(on=False),
    "Lab.view": lambda lab, out: lab.view("runs"),
    "Lab.report_case": lambda lab, out: lab.report_case(1, said="7", truth="1", function="digits"),
    "DataVersion.correct": lambda lab, out: lab["digits"].correct("mended", {lab["digits"].ids[0]: {"class": "1"}}),
    "DataVersion.export": lambda lab, out: lab["digits"].export(out / "set", "image_folder"),
    "DataVersion.filter": lambda lab, out: lab["digits"].filter("ones", "label = '1'"),
    "DataVersion.merge": lambda lab, out: lab["digits"].merge(lab["bright"], name="both"),
    "DataVersion.prepare": lambda lab, out: lab["digits"].prepare("prepared", resize=(8, 8)),
    "DataVersion.sample": lambda lab, out: lab["digits"].sample("some", 5),
    "DataVersion.split": lambda lab, out: lab["digits"].split("a", "b"),
    "ModelVersion.compare": lambda lab, out: lab["tiny"].compare(lab["tiny"]),
}


def _slow(n: int) -> list[int]:
    return [sum(range(n * 10**6))]


FUNCTIONS: dict[str, Call] = {
    "open": lambda lab, out: veml.open(out / "new lab"),
    "look": lambda lab, out: veml.look(out.parent / "source"),
    "read": lambda lab, out: [*veml.read(out.parent / "source").records()],
    "read_idx": lambda lab, out: [*veml.read_idx(out.parent / "source").records()],
    "write": lambda lab, out: veml.write(veml.read(out.parent / "source"), out / "set", "image_folder"),
    "corrupted": lambda lab, out: veml.corrupted(veml.read(out.parent / "source"), "fog", severity=1),
    "road_world": lambda lab, out: veml.road_world("clear-city", 2),
    "similarity": lambda lab, out: veml.similarity([lab["digits"], lab["bright"]]),
    "most_similar": lambda lab, out: veml.most_similar(lab["digits"]),
    "core_set": lambda lab, out: veml.core_set(lab["digits"], 5),
    "linear_head": lambda lab, out: veml.linear_head(lab["digits"]),
    "worth": lambda lab, out: veml.worth(lab["first"], lab["bright"]),
    "model": lambda lab, out: veml.model(lab["digits"], TINY, name="other"),
    "plan": lambda lab, out: veml.plan(lab["tiny"], lab["digits"], name="next", epochs=1),
    "config": lambda lab, out: veml.config(veml.config(lab["first"]).save(out / "plan.toml"), lab).build(),
    "drift": lambda lab, out: veml.drift(lab["digits"], lab["bright"]),
    "advise": lambda lab, out: veml.advise(lab["first"], lab["bright"]),
    "analyse": lambda lab, out: veml.analyse(lab["first"]),
    "batch": lambda lab, out: veml.batch(lab["first"], 1, 1),
    "seen": lambda lab, out: veml.seen(lab["first"]),
    "activations": lambda lab, out: veml.activations(lab["first"], min(lab["first"].data.ids)),
    "predict": lambda lab, out: veml.predict(lab["first"], lab["bright"]),
    "bad_cases": lambda lab, out: veml.bad_cases(lab["in production"], lab["bright"]),
    "label": lambda lab, out: veml.label(lab["digits"], to=out / "tasks", n=5, name="out").state(),
    "check": lambda lab, out: veml.check(lab.path),
    "backup": lambda lab, out: veml.backup(lab.path, out / "copy"),
    "vacuum": lambda lab, out: veml.vacuum(lab.path, grace_s=0),
    "sql": lambda lab, out: upkeep.sql(lab.path, "SELECT name FROM node"),
    "publish": lambda lab, out: publish(lab, out / "pages", pictures=2),
    "reuse": lambda lab, out: veml.reuse(lab, _slow)(3),
    "explain": lambda lab, out: veml.explain(lambda: veml.drift(lab["digits"], lab["bright"])),
    "train": lambda lab, out: veml.train(
        veml.plan(lab["tiny"], lab["digits"], name="second", epochs=1, batch_size=60, seed=3), lab, progress=False
    ),
    "deploy": lambda lab, out: veml.deploy(lab["first"], name="deployed again"),
}
COMMANDS: dict[str, str] = {
    "publish": "{lab} {out}/pages --pictures 1", "look": "{source}", "add": "{lab} more {source} --copy",
    "versions": "{lab}", "stats": "{lab} digits", "report": "{lab} digits",
    "filter": "{lab} digits ones \"label = '1'\"",
    "merge": "{lab} both digits bright", "intersect": "{lab} digits digits-train i",
    "subtract": "{lab} digits digits-train s",
    "diff": "{lab} digits bright", "delta": "{lab} digits-train",
    "compare": "{lab} digits bright", "sample": "{lab} digits some 5",
    "split": "{lab} digits a b", "prepare": "{lab} digits p --resize 8 8", "tag": "{lab} tiny good",
    "note": "{lab} tiny remark", "export": "{lab} digits {out}/set --format image_folder",
    "embedder": "{lab}", "drift": "{lab} digits bright", "advise": "{lab} first bright",
    "cases": "{lab} --statistics", "badcases": "{lab} \"in production\" bright",
    "lineage": "{lab} first", "how": "{lab} first", "path": "{lab} digits first",
    "origin": "{lab} digits bright", "impact": "{lab} digits", "seen-by": "{lab} 1",
    "config": "{lab} first --toml",
    "changed": "{lab} tiny tiny", "check": "{lab}", "backup": "{lab} {out}/copy.tar", "vacuum": "{lab}",
    "sql": "{lab} \"SELECT 1\"", "cache": "{lab} --clear", "backends": "",
    "jobs": "{lab}", "errors": "{lab} first", "models": "{lab}",
    "batch": "{lab} first --epoch 1 --step 1", "seen": "{lab} first",
    "similar": "{lab} digits",
    "label": "{lab} digits --to {out}/tasks -n 5",
}  # fmt: skip
# what runs other processes for long, or none of the file system of a lab; each with its reason
LEFT_OUT: dict[str, str] = {
    "rebuilds": "asks what rebuildings left, of which the lab has none", "command rebuilds": "the same",
    "command replay": "wants a derived version; derives, as filter does",
    "command made-from": "finds nothing in a lab whose versions came of no commit",
    "command uses-file": "asks the graph in memory, as impact does",
    "read_image_folder": "read, by another reader", "read_coco": "the same", "read_voc": "the same",
    "read_kitti": "the same", "read_yolo": "the same",
    "transfer": "train from a donor", "race": "several trainings", "search": "several trainings",
    "rebuild": "a training", "reproduce": "a training", "drift_pairs": "drift, again and again",
    "drift_stream": "drift, again and again", "dashboard": "a server that stays",
    "command lab": "replaces the process by JupyterLab", "command dashboard": "a server that stays",
    "command demo": "a lifecycle of minutes", "command update": "add, then an edge",
    "command annotate": "wants a file of annotations", "command train": "train", "command transfer": "train",
    "command race": "several trainings", "command rebuild": "a training", "command deploy": "deploy",
    "command reproduce": "a training",
    "command label-pull": "wants a task; reads files, as add does", "command label-accept": "wants a task; derives",
}  # fmt: skip
KINDS = {
    "Lab": lambda lab: lab, "DataVersion": lambda lab: lab["digits"], "ModelVersion": lambda lab: lab["tiny"],
    "TrainingVersion": lambda lab: lab["first"], "InferenceVersion": lambda lab: lab["in production"],
}  # fmt: skip


def _commands() -> list[str]:
    (verbs,) = (a.choices for a in make_parser()._actions if isinstance(a.choices, dict))
    return list(verbs)


def _needed(function: Callable) -> bool:
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return any(p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters)


def methods() -> Iterator[tuple[str, Call | None]]:
    """Every public method and property of a lab and of the kinds of version; None where the table lacks a call."""
    for kind, of in KINDS.items():
        cls = getattr(veml, kind)
        for name in sorted(n for n in dir(cls) if not n.startswith("_")):
            full, value = f"{kind}.{name}", inspect.getattr_static(cls, name)
            if full in METHODS:
                yield full, METHODS[full]
            elif not inspect.isfunction(value):
                yield full, lambda lab, out, of=of, name=name: getattr(of(lab), name)
            else:
                yield full, None if _needed(value) else lambda lab, out, of=of, name=name: getattr(of(lab), name)()


def functions() -> Iterator[tuple[str, Call | None]]:
    """Every public function of the package, and two of rooms."""
    for name in sorted({n for n in veml.__all__ if inspect.isfunction(getattr(veml, n))} | set(FUNCTIONS)):
        if name not in LEFT_OUT:
            yield name, FUNCTIONS.get(name)


def commands() -> Iterator[tuple[str, str | None]]:
    """Every command with its words."""
    for name in _commands():
        if f"command {name}" not in LEFT_OUT:
            yield f"command {name}", COMMANDS.get(name)
