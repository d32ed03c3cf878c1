"""What can be done with a version, each as the line of code that does it: a click can be repeated in a cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from ..embeddings.stored import stored
from ..lineage import version_of
from ..training.kept_errors import has_errors, kept_errors
from ..versions.node import Node
from ..versions.store import VersionStore
from .forms import Asked, line

if TYPE_CHECKING:
    from ..versions.data import DataVersion

TRANSFER_LINE = (  # of one donor's lifecycle, in the ranking of the heat map
    "veml.train(veml.transfer({donor}, to={target}))"
)


@dataclass(frozen=True)
class Action:
    """One thing to do.

    Attributes
    ----------
    id
        As the verb: ``browse``, ``train`` ...
    label
        What the button says.
    code
        One line of Python that does it; ``lab`` and ``veml`` as the notebook calls them.
    view, params
        The view that shows the same without a cell; empty where the line computes or writes.
    form
        Whether there is something to choose first (:mod:`veml_lab.faces.forms`).
    """

    id: str
    label: str
    code: str
    view: str = ""
    params: dict[str, Any] | None = None
    form: bool = False


def actions(store: VersionStore, node: Node, *, lab: str = "lab", veml: str = "veml") -> list[dict[str, Any]]:
    """The actions on one version, the ones that only look first.

    Parameters
    ----------
    lab, veml
        What the notebook calls the lab and the package.
    """
    me = f"{lab}[{node.name!r}]"
    one = {"version": node.id}
    asked = Asked(store, node, lab, veml)
    look = Action("lineage", "Lineage", f"{lab}.lineage({node.name!r})", "lineage", {"focus": node.id})
    if node.kind == "data":
        found = [
            Action("browse", "Browse", f"{me}.browse()", "browse", one),
            Action("statistics", "Statistics", f"{lab}.view('statistics', version={node.name!r})", "statistics", one),
            _map(version_of(store, node), f"{lab}.view('map', version={node.name!r})", one),
            look,
            *_asked(asked, ("most_similar", "Most similar"), ("transfer", "Transfer and train"), ("drift", "Drift")),
        ]
    elif node.kind == "training":
        training = version_of(store, node)
        found = [
            Action(
                "curves", "Curves", f"{lab}.view('curves', versions=[{node.name!r}])", "curves", {"versions": [node.id]}
            ),
            *_errors(training, f"{lab}.view('errors', version={node.name!r})", one),
            Action("runs", "All trainings", f"{lab}.view('runs')", "runs", {}),
            look,
            *_asked(asked, ("deploy", "Deploy"), ("drift", "Drift"), ("rebuild", "Rebuild")),
        ]
    elif node.kind == "model":
        found = [Action("models", "Model graph", f"{lab}.view('models')", "models", {}), look]
        others = [n for n in store.graph().of_kind("model") if n.id != node.id]
        if others:
            found.insert(
                0,
                Action(
                    "compare",
                    "Compare",
                    f"{lab}.view('compare', versions=[{node.name!r}, {others[-1].name!r}])",
                    "compare",
                    {"versions": [node.id, others[-1].id]},
                ),
            )
    else:
        found = [look]
        data = [e.src for e in store.graph().into[node.id] if e.type == "tested_on"]
        names = [store.graph().nodes[i].name for i in data if i in store.graph().nodes]
        if names:
            found += _asked(asked, ("bad_cases", "Bad cases"))
            found.append(Action("confusion", "Confusion", f"{veml}.bad_cases({me}, {lab}[{names[-1]!r}]).confusion()"))
    return [asdict(a) for a in found]


def _asked(asked: Asked, *named: tuple[str, str]) -> list[Action]:
    """Actions with a form, each with the line that it proposes; those that have nothing to choose from are left out."""
    lines = [(action, label, line(asked, action)) for action, label in named]
    return [Action(action, label, code, form=True) for action, label, code in lines if code is not None]


def _map(version: Any, line: str, one: dict[str, Any]) -> Action:
    """A tab where every sample has its vector, else a line: a look never computes."""
    there = stored(version) is not None
    return Action("map", "Map", line, "map" if there else "", one if there else None)


def _errors(training: Any, line: str, one: dict[str, Any]) -> list[Action]:
    """Confusion matrix and kinds of error: a tab where they are kept, else a line, since the network has to run
    first."""
    if not has_errors(training):
        return []
    kept = kept_errors(training) is not None
    return [Action("errors", "Errors", line, "errors" if kept else "", one if kept else None)]


# whole labels, for the panel translates them as such
_COMPARE = {
    "pictures": Action("similarity pictures", "Compare the sets of pictures", ""),
    "table rows": Action("similarity tables", "Compare the tables", ""),
    "sensor readings": Action("similarity sensors", "Compare the sensor readings", ""),
}


def lab_actions(data: Sequence[DataVersion], *, lab: str = "lab", veml: str = "veml") -> list[dict[str, Any]]:
    """What can be done with the lab as a whole.

    Parameters
    ----------
    data
        Its data versions. Only versions of one kind can be compared: where there are several kinds, each that has
        two versions or more gets a line of its own, which names them.
    """
    found = [Action("add", "Add data", f'{lab}.add("name", {veml}.read("path/to/data"))')]
    kinds: dict[str, list[str]] = {}
    for version in data:
        kinds.setdefault(version.facts.nature, []).append(version.name)
    if len(kinds) == 1 and len(data) > 1:
        found.append(Action("similarity", "Compare the data sets", f"{veml}.similarity({lab}.data)"))
    elif len(kinds) > 1:
        for kind, names in kinds.items():
            if len(names) > 1:
                found.append(replace(_COMPARE[kind], code=f"{veml}.similarity([{lab}[n] for n in {names}])"))
    return [asdict(a) for a in found]
