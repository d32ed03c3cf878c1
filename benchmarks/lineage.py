"""How many lines cross in the lineage graph, and what folding leaves of it: five labs, before and after.

One run, one page: ``python benchmarks/lineage.py ROAD-LAB REAL-LAB --write docs/results/lineage.md``. The two folders
are what ``veml demo --road-world`` and ``veml demo`` make; the three others are generated. *Before* is the order by
medians alone, as it was; crossings are counted between neighbouring layers, way points of long edges included.
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path
from typing import Any

import veml_lab as veml
from veml_lab.widgets._graph_folds import folded
from veml_lab.widgets._graph_names import name_lines
from veml_lab.widgets._layered import layered

Graph = tuple[list[dict[str, Any]], list[dict[str, Any]]]


def node(i: str, kind: str) -> dict[str, Any]:
    return {"id": i, "kind": kind, "name": i}


def edge(a: str, b: str, type: str, operation: str = "") -> dict[str, Any]:
    return {"source": a, "target": b, "type": type, "operation": operation}


def a_lab(sets: int, runs: int, deployed: int, seed: int = 0) -> Graph:
    """Sets with parts, each trained on ``runs`` times; some runs start from one of another set, some are deployed."""
    rng = random.Random(seed)
    nodes, edges = [node("recipe", "model")], []
    for s in range(sets):
        nodes += [node(f"set {s}", "data"), node(f"set {s}-train", "data"), node(f"set {s}-test", "data")]
        edges += [edge(f"set {s}", f"set {s}-{r}", "derived_from", "split") for r in ("train", "test")]
        for r in range(runs):
            run = f"set {s} · run {r}"
            nodes.append(node(run, "training"))
            edges += [edge("recipe", run, "instance_of"), edge(f"set {s}-train", run, "trained_on")]
            edges += [edge(f"set {s}-test", run, "tested_on")]
            if s and rng.random() < 0.2:
                edges.append(edge(f"set {rng.randrange(s)} · run {rng.randrange(runs)}", run, "fine_tuned_from"))
            if r < deployed:
                nodes.append(node(f"{run} live", "inference"))
                edges.append(edge(run, f"{run} live", "deployed_as"))
    return nodes, edges


def crossed(graph: Graph, exchange: bool) -> int:
    nodes, edges = graph
    index = {n["id"]: i for i, n in enumerate(nodes)}
    return layered(len(nodes), [(index[e["source"]], index[e["target"]]) for e in edges], exchange=exchange).crossings


def row(name: str, graph: Graph) -> str:
    before, after = crossed(graph, False), crossed(graph, True)
    began = time.process_time()
    small = folded(*graph)
    spent = time.process_time() - began
    left = crossed(small, True)
    names = [n["name"] for n in small[0]]
    alike = len(set(names)) - len(set(map(tuple, name_lines(names))))
    saved = 1 - left / max(1, before)
    figures = (
        f"{len(graph[0]):,}",
        f"{before:,}",
        f"{after:,}",
        f"{len(small[0]):,}",
        f"{left:,}",
        f"{saved:.0%}",
        alike,
    )
    return " | ".join(("|", name, *map(str, figures), f"{1000 * spent:.0f} |")).replace("| |", "|", 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labs", nargs=2, type=Path)
    parser.add_argument("--write", type=Path)
    args = parser.parse_args()
    graphs: dict[str, Graph] = {}
    for what, folder in zip(("the demo, drawn road world", "the demo, real pictures"), args.labs, strict=True):
        found = veml.open(folder, read_only=True).elements()
        graphs[what] = found["nodes"], found["edges"]
    graphs |= {
        "generated: 4 sets, 8 runs each": a_lab(4, 8, 2),
        "generated: one search of 60 runs": a_lab(1, 60, 1),
        "generated: 1,000 versions": a_lab(40, 18, 4),
    }
    lines = [
        "# Crossings and folds of the lineage graph",
        "",
        "Made by `python benchmarks/lineage.py ROAD-LAB REAL-LAB --write docs/results/lineage.md` from two demos.",
        "Crossings are counted between neighbouring layers, way points of long edges included. *Saved* compares the",
        "graph folded and ordered anew with every version drawn as before.",
        "",
        "| lab | versions | crossings before | ordered anew | nodes folded | crossings folded | saved |"
        " names that look alike | folding and names, ms |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
        *(row(name, graph) for name, graph in graphs.items()),
    ]
    text = "\n".join(lines) + "\n"
    print(text)
    if args.write:
        args.write.write_text(text)


if __name__ == "__main__":
    main()
