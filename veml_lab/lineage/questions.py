"""Questions by name: what went into a version, what came of it, how it was made.

They cover the questions that the documentation of SageMaker's lineage lists (``docs/lineage.md`` has the table).
A question that follows edges is one row of :data:`QUESTIONS`; the others are functions of :mod:`.impact`,
:mod:`.samples` and :mod:`.changes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..errors import BadInput, UnknownName
from ..versions.any_version import version_of
from ..versions.facts import TrainingFacts, properties
from ..versions.graph import Graph
from ..versions.node import EDGE_TYPES, MEASURED, Kind, Node
from ..versions.store import VersionStore
from .answers import Answer, Found
from .reach import reach_from, reach_of_all, shortest_paths


@dataclass(frozen=True)
class Question:
    """A question about one version that is answered by following edges.

    Attributes
    ----------
    text
        In words; ``{}`` stands for the version.
    back
        Against the edges (what went in) or along them (what came of it).
    kind
        Kind of the versions in the answer; None for all.
    direct
        Types of single edges; empty: any number of edges of any type.
    of
        Kinds of version that it can be asked about.
    """

    text: str
    back: bool
    kind: Kind | None = None
    direct: tuple[str, ...] = ()
    of: tuple[Kind, ...] = ("data", "model", "training", "inference")


QUESTIONS: dict[str, Question] = {
    "ancestors": Question("What led to {}?", True),
    "descendants": Question("What came of {}?", False),
    "data": Question("Which data went into {}?", True, "data"),
    "derived-data": Question("Which data were made from {}?", False, "data"),
    "trainings": Question("Which trainings went into {}?", True, "training"),
    "later-trainings": Question("Which trainings came of {}?", False, "training"),
    "models": Question("Which models came of {}?", False, "model"),
    "deployments": Question("Which deployed models came of {}?", False, "inference"),
    "earlier-deployments": Question("Which deployed models led to {}?", True, "inference"),
    "deployed": Question(
        "Which deployed models were exported from {}?", False, "inference", ("deployed_as",), ("training",)
    ),
    "fine-tuned": Question(
        "Which trainings started from {} or rebuilt it?",
        False,
        "training",
        ("fine_tuned_from", "rebuilt_from"),
        ("training",),
    ),
    "trained-on": Question("Which data was {} trained on?", True, "data", ("trained_on", "adapted_to"), ("training",)),
    "tested-on": Question("Which data was {} measured on?", True, "data", ("tested_on",), ("training", "inference")),
    "tests": Question("What was measured on {}?", False, None, ("tested_on",), ("data",)),
    "bad-cases": Question("Which bad cases of {} were kept?", False, "data", ("bad_cases_of",), ("inference",)),
    "transfers": Question("Which recipes were transferred from {}?", False, "model", ("transferred_from",), ("model",)),
}


def ask(store: VersionStore, question: str, about: str | Node) -> Answer:
    """Answer one of :func:`questions` about a version.

    A model version is a recipe, which nothing went into: what went into it is what went into its trainings. What is
    reached only because something was measured on it says so, since no weight depends on it.

    Parameters
    ----------
    about
        Name or ID.

    Raises
    ------
    UnknownName
        No such question, or no such version.
    BadInput
        The question cannot be asked about that kind of version.
    """
    if question in OTHERS:
        return OTHERS[question][1](store, about)
    asked = QUESTIONS.get(question)
    if asked is None:
        raise UnknownName.of(
            "question", question, [*QUESTIONS, *OTHERS], "List them with: veml lineage LAB --questions"
        )
    graph = store.graph()
    at = graph.position(about)
    node = graph.node(at)
    if node.kind not in asked.of:
        raise BadInput(
            f"{question!r} is asked about versions of kind {' or '.join(asked.of)}; {node.name!r} is of kind"
            f" {node.kind}"
        )
    found = _direct(graph, at, asked) if asked.direct else _reached(graph, at, node.kind, asked)
    keep = None if asked.kind is None else set(graph.positions(asked.kind).tolist())
    chosen = {p: why for p, why in found.items() if p != at and (keep is None or p in keep)}
    return answer(store, graph, asked.text.format(repr(node.name)), chosen)


def answer(store: VersionStore, graph: Graph, question: str, why: dict[int, str], **facts: object) -> Answer:
    """An answer of positions with their reasons, in the order in which the versions were made."""
    order = sorted(why)
    return Answer(
        question,
        tuple(Found(version_of(store, n), why[p]) for p, n in zip(order, graph.nodes_at(order), strict=True)),
        facts,
    )


def _direct(graph: Graph, at: int, asked: Question) -> dict[int, str]:
    start, rows = graph.incidence(back=asked.back)
    around = rows[start[at] : start[at + 1]]
    ends = graph.ends[0 if asked.back else 1][around]
    edges = zip(ends.tolist(), graph.edges_at(around), strict=True)
    return {p: _operation(e.type, e.props.get("operation")) for p, e in edges if e.type in asked.direct}


def _reached(graph: Graph, at: int, kind: str, asked: Question) -> dict[int, str]:
    starts = [at]
    if kind == "model" and asked.back:
        trainings = set(graph.positions("training").tolist())
        starts += [p for p in reach_from(graph, at, back=False, without=MEASURED).tolist() if p in trainings]
    learned = set(reach_of_all(graph, starts, back=asked.back, without=MEASURED).tolist()) | set(starts)
    every = reach_of_all(graph, starts, back=asked.back).tolist()
    return {p: "" if p in learned else "measured only" for p in [*every, *starts]}


def _operation(edge_type: str, operation: str | None) -> str:
    return f"{edge_type}: {operation}" if operation else edge_type


# -- two versions, operations ---------------------------------------------------------------------------


def paths(store: VersionStore, start: str, end: str, *, most: int = 100) -> list[list[Node]]:
    """All shortest chains of versions along the edges from one to another, in either direction; empty where there is
    none."""
    graph = store.graph()
    a, b = graph.position(start), graph.position(end)
    found = shortest_paths(graph, a, b, most=most) or [way[::-1] for way in shortest_paths(graph, b, a, most=most)]
    return [graph.nodes_at(way) for way in found]


def relations(store: VersionStore, start: str, end: str) -> Answer:
    """How two versions are related: every version on a way between them and the shortest ways, or what both come
    from."""
    graph = store.graph()
    a, b = graph.position(start), graph.position(end)
    text = f"How are {graph.node(a).name!r} and {graph.node(b).name!r} related?"
    if a == b:
        return answer(store, graph, text, {a: "the same version"})
    for first, last in ((a, b), (b, a)):
        between = set(reach_from(graph, first, back=False).tolist()) & set(reach_from(graph, last, back=True).tolist())
        ways = shortest_paths(graph, first, last)
        if ways:
            on_the_way = between | {first, last}
            why = {p: "on a shortest way" if any(p in w for w in ways) else "on a longer way" for p in on_the_way}
            said = [" → ".join(n.name for n in graph.nodes_at(way)) for way in ways]
            return answer(store, graph, text, why, steps=len(ways[0]) - 1, paths=said)
    origin = common_origin(store, [start, end])
    return Answer(
        f"{text} By what both come from:" if origin.found else f"{text} Not at all:", origin.found, origin.facts
    )


def common_origin(store: VersionStore, names: Iterable[str]) -> Answer:
    """What versions all come from: their nearest common ancestors, those that lead to no other common ancestor."""
    import numpy as np

    graph = store.graph()
    starts = [graph.position(n) for n in names]
    if len(set(starts)) < 2:
        raise BadInput("a common origin is asked of two or more different versions")
    shared = np.ones(len(graph), bool)
    for at in starts:
        reached = np.zeros(len(graph), bool)
        reached[reach_from(graph, at, back=True)] = reached[at] = True
        shared &= reached
    src, dst = graph.ends
    nearest = shared.copy()
    nearest[src[shared[src] & shared[dst]]] = False
    text = f"What do {', '.join(repr(graph.node(p).name) for p in starts)} have in common?"
    why = dict.fromkeys(np.flatnonzero(nearest).tolist(), "")
    return answer(store, graph, text, why, **{"common ancestors": int(shared.sum())})


def made_by(store: VersionStore, operation: str) -> Answer:
    """The versions that an operation made: ``"filter"``, ``"merge"``, ``"split"``, ``"onnx"``, or a type of edge."""
    import numpy as np

    graph = store.graph()
    text = f"What was made by {operation!r}?"
    dst = graph.ends[1]
    if operation in EDGE_TYPES:
        rows = graph.edges_of_type([operation])
        return answer(store, graph, text, dict.fromkeys(dst[rows].tolist(), operation))
    known: set[str] = set()
    why: dict[int, str] = {}
    for part in np.array_split(np.arange(len(dst)), max(1, len(dst) // 65536)):
        for p, e in zip(dst[part].tolist(), graph.edges_at(part), strict=True):
            done = e.props.get("operation")
            if done == operation:
                why[p] = f"{e.type}: from {graph.nodes[e.src].name}"
            elif done:
                known.add(str(done))
    if not why:
        raise UnknownName.of("operation in this lab", operation, sorted(known | set(EDGE_TYPES)))
    return answer(store, graph, text, why)


def how_made(store: VersionStore, about: str | Node) -> Answer:
    """How a version was made: its direct parents with the operation, its plan, environment and source."""
    graph = store.graph()
    at = graph.position(about)
    node, said = graph.node(at), properties(graph.node(at))
    start, rows = graph.incidence(back=True)
    into = rows[start[at] : start[at + 1]]
    why = {
        int(p): _operation(e.type, e.props.get("operation"))
        for p, e in zip(graph.ends[0][into], graph.edges_at(into), strict=True)
    }
    facts: dict[str, object] = {"created": node.created.isoformat(timespec="seconds")}
    for key in ("plan", "environment", "source", "configuration", "recipe"):
        if said.get(key):
            facts[key] = dict(said[key])
    if node.kind == "training":
        facts["job"] = TrainingFacts.of(node).checkpoint.rsplit("/", 1)[0]
    operations = [dict(e.props) for e in graph.edges_at(into) if e.props.get("operation")]
    if operations:
        facts["operation"] = operations[0]
    return answer(store, graph, f"How was {node.name!r} made?", why, **facts)


def uses(store: VersionStore, about: str | Node) -> Answer:
    """What was done with a version: the operations that used it, and what each made."""
    graph = store.graph()
    at = graph.position(about)
    start, rows = graph.incidence(back=False)
    out = rows[start[at] : start[at + 1]]
    why = {
        int(p): _operation(e.type, e.props.get("operation"))
        for p, e in zip(graph.ends[1][out], graph.edges_at(out), strict=True)
    }
    return answer(store, graph, f"What was done with {graph.node(at).name!r}?", why)


OTHERS: dict[str, tuple[str, Callable[[VersionStore, str | Node], Answer]]] = {
    "how-made": ("How was {} made?", how_made),
    "uses": ("What was done with {}?", uses),
}


def questions() -> dict[str, str]:
    """Names of the questions that :func:`ask` answers, with their words."""
    return {**{name: q.text for name, q in QUESTIONS.items()}, **{name: text for name, (text, _) in OTHERS.items()}}
