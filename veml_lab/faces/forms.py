"""What is asked before something is computed: target, method, budget; what it costs and brings; the line.

A form only looks. Its line goes into a cell, where it can be seen, changed and repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import BadInput, UnknownName
from ..lifecycle.advice import Option, advise
from ..lifecycle.gain import transfer_history
from ..lifecycle.methods import methods
from ..lineage import version_of
from ..storage.words import duration
from ..versions.data import DataVersion
from ..versions.facts import DataFacts
from ..versions.node import Node
from ..versions.store import VersionStore
from ..versions.training import TrainingVersion
from .version_rows import is_bad_cases

MOST_CHOICES = 200  # the newest; a lab may have thousands of trainings
RANKED = ""  # the donor that the ranking chooses


@dataclass(frozen=True)
class Field:
    """One thing to choose: one of ``options`` (value, words), or a number from ``least`` to ``most``."""

    name: str
    label: str
    value: str | float
    options: list[tuple[str, str]] | None = None
    least: float = 0
    most: float = 0


@dataclass(frozen=True)
class Asked:
    """The version that a form is about, and what the notebook calls lab and package."""

    store: VersionStore
    node: Node
    lab: str = "lab"
    veml: str = "veml"

    @property
    def me(self) -> str:
        return self.of(self.node.name)

    def of(self, name: object) -> str:
        return f"{self.lab}[{name!r}]"


@dataclass(frozen=True)
class _Form:
    fields: Callable[[Asked], list[Field]]
    line: Callable[[Asked, dict[str, Any]], str]
    says: Callable[[Asked, dict[str, Any]], list[tuple[str, str]]]


def has_form(node: Node, action: str) -> bool:
    return (node.kind, action) in _FORMS


def line(asked: Asked, action: str) -> str | None:
    """The line with everything as it is proposed; None where there is nothing to choose from."""
    form = _FORMS[asked.node.kind, action]
    fields = form.fields(asked)
    if any(f.options == [] for f in fields):
        return None
    return form.line(asked, {f.name: f.value for f in fields})


def filled(asked: Asked, action: str, values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The form: its ``fields`` with what is chosen, what it ``says`` of cost and gain, and the ``code``.

    Raises
    ------
    UnknownName
        There is no such form of this version, or no such choice.
    BadInput
        A number is outside of its bounds, or there is nothing to choose from.
    """
    if not has_form(asked.node, action):
        known = [a for kind, a in _FORMS if kind == asked.node.kind]
        raise UnknownName.of("form", action, known)
    form = _FORMS[asked.node.kind, action]
    chosen, fields = {}, []
    for f in form.fields(asked):
        if f.options == []:
            raise BadInput(f"there is no {f.label} to choose from in this lab yet")
        value = _taken(f, (values or {}).get(f.name, f.value))
        chosen[f.name] = value
        fields.append({**asdict(f), "value": value})
    return {"fields": fields, "says": form.says(asked, chosen), "code": form.line(asked, chosen)}


def _taken(field: Field, value: Any) -> Any:
    if field.options is not None:
        if value not in [v for v, _ in field.options]:
            raise UnknownName.of(field.label, value, [v for v, _ in field.options])
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not field.least <= value <= field.most:
        raise BadInput(f"{field.label} is a number from {field.least:g} to {field.most:g}; got {value!r:.40}")
    return value


def _choice(name: str, label: str, nodes: list[Node], first: tuple[str, str] | None = None) -> Field:
    """Versions by name, the one that is proposed first."""
    options = [(n.name, n.name) for n in nodes[:MOST_CHOICES]]
    options = [first, *options] if first else options
    return Field(name, label, options[0][0] if options else "", options)


def _trainings(asked: Asked, data: DataVersion | None = None) -> list[Node]:
    """The newest first; those of the data's task where data is given."""
    task = data.facts.trains_as if data else None
    found = [version_of(asked.store, n) for n in asked.store.graph().of_kind("training")[::-1][: 5 * MOST_CHOICES]]
    return [t.node for t in found if isinstance(t, TrainingVersion) and task in (None, t.model.recipe["task"])]


def _tests(asked: Asked, task: str | None, but: str | None = None) -> list[Node]:
    """Data to go on with: test data first and the newest of it; what a model got wrong comes last, it is no target."""
    found = [n for n in asked.store.graph().of_kind("data")[::-1] if n.id != but and DataFacts.of(n).trains_as == task]
    return sorted(found, key=lambda n: (is_bad_cases(asked.store, n), DataFacts.of(n).role != "test"))


def _data(asked: Asked, name: str | None = None) -> DataVersion:
    node = asked.store.graph().find(name, "data") if name else asked.node
    found = version_of(asked.store, node)
    assert isinstance(found, DataVersion)
    return found


def _training(asked: Asked, name: str | None = None) -> TrainingVersion:
    node = asked.store.graph().find(name, "training") if name else asked.node
    found = version_of(asked.store, node)
    assert isinstance(found, TrainingVersion)
    return found


# -- rebuild: the data that has come, the method, how much of it may be labelled --


def _data_for(asked: Asked) -> Field:
    """Data of the training's own task, without what it is validated on."""
    training = _training(asked)
    return _choice("data", "data", _tests(asked, training.model.recipe["task"], training.plan.get("validation")))


def _rebuild_fields(asked: Asked) -> list[Field]:
    return [
        _data_for(asked),
        Field("method", "method", "active", [(m, f"{m}: {about}") for m, about in methods().items()]),
        Field("budget", "budget", 0.3, least=0.01, most=1_000_000),
    ]


def _rebuild_line(asked: Asked, v: dict[str, Any]) -> str:
    budget = f", budget={v['budget']:g}" if v["method"] == "active" else ""
    return f"{asked.veml}.rebuild({asked.me}, {asked.of(v['data'])}, method={v['method']!r}{budget})"


def _rebuild_says(asked: Asked, v: dict[str, Any]) -> list[tuple[str, str]]:
    advice = advise(_training(asked), _data(asked, v["data"]), budget=v["budget"])
    option = next((o for o in advice.options if o.method == v["method"]), None)
    if option is None:
        return [("not for this training", "the method cannot be applied to its network or its data")]
    return [*_cost(option), ("advice", f"{advice.method}: {advice.reason}")]


def _cost(option: Option) -> list[tuple[str, str]]:
    ready = "" if option.ready or not option.labels else "; they are not all there"
    brought = (
        f"{option.gain}, in this lab so far" if option.gain else "not known: nothing of the kind was measured here"
    )
    return [
        ("labels needed", f"{option.labels:,}{ready}" if option.labels else "none"),
        ("time", "not known" if option.seconds is None else f"about {duration(option.seconds)}"),
        ("expected gain", brought),
    ]


# -- transfer: whose lifecycle --


def _transfer_line(asked: Asked, v: dict[str, Any]) -> str:
    donor = asked.of(v["donor"]) if v["donor"] else f"{asked.veml}.most_similar({asked.me})"
    return f"{asked.veml}.train({asked.veml}.transfer({donor}, to={asked.me}))"


def _transfer_says(asked: Asked, v: dict[str, Any]) -> list[tuple[str, str]]:
    gain = transfer_history(asked.store)
    said = [
        ("expected gain over scratch", str(gain) if gain else "not known: no transfer has one from scratch beside it")
    ]
    if not v["donor"]:
        return [("time", "that of the ranking, then of its best donor's training"), *said]
    donor = _training(asked, v["donor"])
    seconds = donor.seconds * len(_data(asked)) / max(1, len(donor.data)) if donor.seconds else None
    return [("time", f"about {duration(seconds)}" if seconds else "not known"), *said]


# -- what only compares or looks at what a model says --


def _compared(asked: Asked, name: str) -> list[tuple[str, str]]:
    return [("looks at", f"{len(_data(asked, name)):,} samples; those without a vector are embedded first")]


def _ranking_says(asked: Asked, _v: dict[str, Any]) -> list[tuple[str, str]]:
    others = len(asked.store.graph().of_kind("data")) - 1
    return [("compares with", f"{others:,} data versions; samples without a vector are embedded first")]


def _tested(asked: Asked) -> list[Field]:
    graph = asked.store.graph()
    data = [graph.nodes[e.src] for e in graph.into[asked.node.id] if e.type == "tested_on" and e.src in graph.nodes]
    return [_choice("data", "data", data[::-1])]


_FORMS: dict[tuple[str, str], _Form] = {
    ("training", "rebuild"): _Form(_rebuild_fields, _rebuild_line, _rebuild_says),
    ("data", "transfer"): _Form(
        lambda a: [_choice("donor", "donor", _trainings(a, _data(a)), (RANKED, "the most similar"))],
        _transfer_line,
        _transfer_says,
    ),
    ("data", "most_similar"): _Form(
        lambda _: [Field("measure", "measure", "energy", [(m, m) for m in ("energy", "mean")])],
        lambda a, v: (
            f"{a.veml}.most_similar({a.me})"
            if v["measure"] == "energy"
            else f"{a.veml}.most_similar({a.me}, measure={v['measure']!r})"
        ),
        _ranking_says,
    ),
    ("data", "drift"): _Form(
        lambda a: [_choice("reference", "training", _trainings(a))],
        lambda a, v: f"{a.veml}.drift({a.of(v['reference'])}, {a.me})",
        lambda a, _: _compared(a, a.node.name),
    ),
    ("training", "drift"): _Form(
        lambda a: [_data_for(a)],
        lambda a, v: f"{a.veml}.drift({a.me}, {a.of(v['data'])})",
        lambda a, v: _compared(a, v["data"]),
    ),
    ("training", "deploy"): _Form(
        lambda _: [Field("check", "samples that are compared", 32, least=1, most=10_000)],
        lambda a, v: f"{a.veml}.deploy({a.me}" + ("" if v["check"] == 32 else f", check={int(v['check'])}") + ")",
        lambda _, v: [("compares", f"its answers with the training's on {int(v['check']):,} samples")],
    ),
    ("inference", "bad_cases"): _Form(
        _tested,
        lambda a, v: f"{a.veml}.bad_cases({a.me}, {a.of(v['data'])})",
        lambda a, v: [("runs over", f"{len(_data(a, v['data'])):,} samples")],
    ),
}
