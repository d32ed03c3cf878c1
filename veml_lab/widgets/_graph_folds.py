"""Which versions of a lineage stand together as one node: the parts of a set, the siblings of a search or a rebuild."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from ._graph_names import name_lines

FEWEST = 3  # siblings that are worth a node of their own
_OFTEN = " ·,:;_/|-"


def folds(nodes: Sequence[Mapping[str, Any]], edges: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The groups, each with the ``id`` of its node, its ``kind``, ``name`` and ``members``; no version is in two.

    A set holds its parts (what was derived from it alone, by a split): its node is the set's own. Siblings are versions
    of one kind that were made in the same way from the same things, and of which the same kinds of thing came: three
    and more of them. What led on to something of its own (the one that was deployed) stays apart. O(n + m).
    """
    plain = [n for n in nodes if n["kind"] != "metadata"]
    index = {n["id"]: i for i, n in enumerate(plain)}
    into: list[list[tuple[int, str, str]]] = [[] for _ in plain]
    out: list[list[tuple[int, str]]] = [[] for _ in plain]
    for e in edges:
        a, b = index.get(e["source"], -1), index.get(e["target"], -1)
        if a >= 0 and b >= 0 and a != b:
            into[b].append((a, str(e.get("type") or ""), str(e.get("operation") or "")))
            out[a].append((b, str(e.get("type") or "")))
    home = _parts_of_sets(plain, into)
    order = _order(into, out)
    siblings = _alike(plain, into, out, home, order)
    parts: dict[int, list[int]] = defaultdict(list)
    for i, h in enumerate(home):
        parts[h].append(i)
    taken, alike = {str(n["name"]) for n in nodes}, {h for group in siblings for h in group}
    found = [
        {
            "id": plain[h]["id"],
            "kind": plain[h]["kind"],
            "name": plain[h]["name"],
            "members": [plain[i]["id"] for i in m],
        }
        for h, m in parts.items()
        if len(m) > 1 and h not in alike
    ]
    for group in siblings:
        name = _together([str(plain[i]["name"]) for i in group], taken)
        taken.add(name)
        ids = [plain[i]["id"] for h in group for i in parts[h]]
        found.append({"id": f"fold:{ids[0]}", "kind": plain[group[0]]["kind"], "name": name, "members": ids})
    return found


def dress(nodes: Sequence[Mapping[str, Any]], edges: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What a drawing of the graph is told: ``lines`` of each node's name, and ``folds`` with lines of their own."""
    found = folds(nodes, edges)
    lines = name_lines([*(str(n["name"]) for n in nodes), *(f["name"] for f in found)])
    return {
        "lines": lines[: len(nodes)],
        "folds": [{**f, "lines": own} for f, own in zip(found, lines[len(nodes) :], strict=True)],
    }


def folded(
    nodes: Sequence[Mapping[str, Any]], edges: Sequence[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The graph with every fold as one node, which has ``lines`` and ``members``: what a still picture shows."""
    said = dress(nodes, edges)
    standing = {m: f for f in said["folds"] for m in f["members"]}
    out: dict[str, dict[str, Any]] = {}
    for node, lines in zip(nodes, said["lines"], strict=True):
        fold = standing.get(node["id"])
        if fold is None or fold["id"] == node["id"]:
            out[node["id"]] = {**node, "lines": lines, **({"members": fold["members"]} if fold else {})}
        elif fold["id"].startswith("fold:"):
            last = str(node.get("created", ""))
            out[fold["id"]] = {**fold, "created": max(last, str(out.get(fold["id"], {}).get("created", "")))}
    home = {m: f["id"] for m, f in standing.items()}
    kept: dict[tuple[str, str, str], dict[str, Any]] = {}
    for e in edges:
        a, b = home.get(e["source"], e["source"]), home.get(e["target"], e["target"])
        if a != b:
            kept.setdefault((a, b, str(e.get("type") or "")), {**e, "source": a, "target": b})
    return list(out.values()), list(kept.values())


def _parts_of_sets(nodes: Sequence[Mapping[str, Any]], into: Sequence[list[tuple[int, str, str]]]) -> list[int]:
    """Of each node the set that it is a part of, or itself."""
    home = list(range(len(nodes)))
    for i, (node, came) in enumerate(zip(nodes, into, strict=True)):
        if node["kind"] == "data" and len(came) == 1 and came[0][1:] == ("derived_from", "split"):
            home[i] = came[0][0]
    # a part of a part stays a node of its own set: chains end where the next is no part
    return [h if home[h] == h else i for i, h in enumerate(home)]


def _order(into: Sequence[list[Any]], out: Sequence[list[Any]]) -> list[int]:
    """What comes from nothing first; nodes of a cycle are left out."""
    waiting = [len(came) for came in into]
    order = [i for i, n in enumerate(waiting) if not n]
    for i in order:  # grows while it is read
        for b, *_ in out[i]:
            waiting[b] -= 1
            if not waiting[b]:
                order.append(b)
    return order


def _alike(
    nodes: Sequence[Mapping[str, Any]],
    into: Sequence[list[tuple[int, str, str]]],
    out: Sequence[list[tuple[int, str]]],
    home: Sequence[int],
    order: Sequence[int],
) -> list[list[int]]:
    """Groups of nodes that were made alike and led to things alike."""
    numbers: dict[Any, int] = {}
    made: dict[int, int] = {}  # node -> how it was made
    led: dict[int, int] = {}  # node -> what came of it
    for i in order:
        came = sorted({(made.get(home[a], -1), made.get(a, -1), how, by) for a, how, by in into[i]})
        key = ("made", nodes[i]["kind"], tuple(came)) if came else ("root", i)
        made[i] = numbers.setdefault(key, len(numbers))
    for i in reversed(order):
        came_of = sorted({(made.get(b, -1), led.get(b, -1), how) for b, how in out[i]})
        led[i] = numbers.setdefault(("led", tuple(came_of)), len(numbers))
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i in order:
        if into[i] and home[i] == i:
            groups[made[i], led[i]].append(i)
    return [sorted(g) for g in groups.values() if len(g) >= FEWEST]


def _together(names: Sequence[str], taken: set[str]) -> str:
    """What siblings are called: the words that all of them begin with, and how many they are."""
    first, last, n = min(names), max(names), 0
    while n < min(len(first), len(last)) and first[n] == last[n]:
        n += 1
    while (
        n
        and first[n - 1].isalnum()
        and ((n < len(first) and first[n].isalnum()) or (n < len(last) and last[n].isalnum()))
    ):
        n -= 1
    shared = first[:n].rstrip(_OFTEN)
    name = f"{shared} × {len(names)}" if shared else f"{names[0]} … × {len(names)}"
    return next(
        c
        for c in (name, *(f"{names[0]} … × {len(names)}{' ' * (k > 0)}{k or ''}" for k in range(len(taken) + 2)))
        if c not in taken
    )
