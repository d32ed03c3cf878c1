"""A version's lineage written as a script: the operations with their parameters, from the imports to the version.

What is written is what the graph says, so a version that was made by clicking in the panel, or in a notebook that is
gone, has a script as well. Samples that were chosen elsewhere (a core set, bad cases, by hand) are named by their
places in the version that they were chosen from; corrections are written out. The script says at its end whether the
same came out: of imports the fingerprint of what was read, of data versions the number of samples, of trainings the
SHA-256 of the checkpoint.
"""

from __future__ import annotations

import dataclasses
import hashlib
import keyword
import math
import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import DamagedLab
from ..storage.strangers import inside
from .any_version import AnyVersion
from .data import DataVersion
from .facts import DataFacts, InferenceFacts, TrainingFacts, recipe_of
from .needs import needs
from .node import Node
from .samples import id_array
from .store import VersionStore

THREADS = (
    "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "CUBLAS_WORKSPACE_CONFIG", "NVIDIA_TF32_OVERRIDE",
    "PYTHONHASHSEED", "KMP_DETERMINISTIC_REDUCTION", "MKL_CBWR",
)  # fmt: skip
# what reads a source, by the name that an import keeps: a lab of a stranger names nothing else
FUNCTIONS = {"read": "veml.read", "road_world": "veml.road_world", "corrupted": "veml.corrupted", "limited": "limited"}
_HEAD = '''"""{title}

Written by VeML-Lab from the lineage of the version. {made}
Run it with the folder of a new lab: python {file} LAB
"""

import hashlib
import os
import sys
from dataclasses import replace
from pathlib import Path
{variables}
import veml_lab as veml
{imports}
lab = veml.open(sys.argv[1] if len(sys.argv) > 1 else "again-lab")
differs = []


def same(what, then, now):
    if then == now:
        print(f"the same: {{what}}")
    else:
        print(f"DIFFERENT: {{what}} ({{then}}, now {{now}})")
        differs.append(what)


def sha256(file):
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()


def places(text):
    """Places of samples, written as "0-3,7"."""
    ends = [part.partition("-") for part in text.split(",")]
    return [i for first, _, last in ends for i in range(int(first), int(last or first) + 1)]


'''
_IMPORTS = {
    "limited": "sources.limited", "add_model": "versions.model", "add": "versions.operations",
    "intersect": "versions.operations", "select": "versions.operations", "subtract": "versions.operations",
    "update": "versions.operations", "id_array": "versions.samples",
}  # fmt: skip
_TAIL = """
sys.exit(f"not the same: {', '.join(differs)}" if differs else 0)
"""


def script_of(
    version: AnyVersion,
    *,
    made: str = "",
    variables: Mapping[str, str] = {},
    folder: str = "",
    file: str = "again.py",
) -> str:
    """The script that makes a version again, with all that it needs.

    Parameters
    ----------
    made
        A sentence on how it was made, for its head.
    variables
        Environment variables of then; those that decide how numbers are rounded are set.
    folder
        The working directory of then.

    Raises
    ------
    DamagedLab
        The lineage names what is not there.
    """
    try:
        return _Script(version.store, folder).write(version, made, variables, file)
    except (KeyError, TypeError, IndexError, AttributeError) as e:
        raise DamagedLab(
            f"the lineage of {version.name!r} cannot be written as a script, something in it is missing ({e!r}); see:"
            f" veml check {version.store.folder}"
        ) from e


class _Script:
    """The lines of one script, and the names of its variables."""

    def __init__(self, store: VersionStore, folder: str) -> None:
        self.folder = folder
        self.store, self.graph = store, store.graph()
        self.names: dict[str, str] = {}  # ID -> variable
        self.taken = {"lab", "veml", "os", "sys", "hashlib", "replace", "Path", "places", "same", "sha256", "differs"}
        self.taken |= set(_IMPORTS)

    def write(self, version: AnyVersion, made: str, variables: Mapping[str, str], file: str) -> str:
        wanted, ahead = {version.id}, [version.id]
        while ahead:
            new = [i for i in needs(self.graph, self.graph.nodes[ahead.pop()]) if i not in wanted]
            wanted.update(new)
            ahead += new
        nodes = sorted((self.graph.nodes[i] for i in wanted), key=lambda n: self.graph.position(n))
        title = f"Make the {version.node.kind} version {version.name!r} of the lab {self.store.folder.name!r} again."
        set_ = [f"os.environ.setdefault({k!r}, {v!r})" for k, v in variables.items() if k in THREADS]
        lines = ["", *set_, ""] if set_ else [""]
        body = "\n".join(line for node in nodes if node.id not in self.names for line in self._lines(node))
        used = [f"from veml_lab.{home} import {name}\n" for name, home in _IMPORTS.items() if _calls(name, body)]
        head = _HEAD.format(
            title=_in_text(title), made=_in_text(made), file=file, variables="\n".join(lines), imports="".join(used)
        )
        return f"{head}{body}\n{_TAIL}"

    def _lines(self, node: Node) -> list[str]:
        how = {"data": self._data, "model": self._model, "training": self._training, "inference": self._inference}
        return how[node.kind](node)

    def variable(self, node: Node) -> str:
        """A name for a version that Python takes and nobody has."""
        if node.id not in self.names:
            word = re.sub(r"\W+", "_", node.name.lower(), flags=re.ASCII).strip("_") or node.kind
            word = f"v_{word}" if word[0].isdigit() or keyword.iskeyword(word) else word
            found, n = word, 2
            while found in self.taken:
                found, n = f"{word}_{n}", n + 1
            self.taken.add(found)
            self.names[node.id] = found
        return self.names[node.id]

    def code(self, value: Any) -> str:
        """A plain value as Python; the ID of a version is that of its variable."""
        if isinstance(value, str) and value in self.names:
            return f"{self.names[value]}.id"
        if isinstance(value, float) and not math.isfinite(value):
            return f'float("{value}")'
        if isinstance(value, Mapping):
            return "{" + ", ".join(f"{self.code(k)}: {self.code(v)}" for k, v in value.items()) + "}"
        if isinstance(value, list | tuple):
            return "[" + ", ".join(map(self.code, value)) + "]"
        return repr(value)

    def options(self, given: Mapping[str, Any]) -> str:
        """Keyword arguments, with a comma before them."""
        if all(k.isidentifier() for k in given):
            return "".join(f", {k}={self.code(v)}" for k, v in given.items())
        return f", **{self.code(given)}" if given else ""

    # -- one kind each -----------------------------------------------------------------------------

    def _data(self, node: Node) -> list[str]:
        source = DataFacts.of(node).source
        into = [e for e in self.graph.into[node.id] if e.type == "derived_from"]
        if source is not None and not into:
            return self._import(node, source)
        operation = dict(into[0].props) if into else {}
        parents = [self.graph.nodes[i] for i in operation.get("parents", [e.src for e in into])]
        if operation.get("by") == "role":
            return [f"{self.variable(node)} = lab[{node.name!r}]"]
        name, first = operation.get("operation"), self.names[parents[0].id]
        if name == "split" and "part" in operation and "shares" in operation:
            return self._split(node, first, operation)
        return [f"{self.variable(node)} = {self._derived(node, name, first, parents, operation)}", self._count(node)]

    def _derived(
        self, node: Node, name: str | None, first: str, parents: Sequence[Node], operation: Mapping[str, Any]
    ) -> str:
        others = [self.names[p.id] for p in parents[1:]]
        plain: dict[str, Callable[[], str]] = {
            "filter": lambda: f"{first}.filter({node.name!r}, {self.code(operation['where'])})",
            "merge": lambda: f"{first}.merge({''.join(f'{o}, ' for o in others)}name={node.name!r})",
            "add": lambda: f"add({first}, {node.name!r}, {others[0]})",
            "update": lambda: (
                f"update({first}, {node.name!r}, {others[0]}, new={self.code(operation.get('new', 'add'))})"
            ),
            "intersect": lambda: f"intersect({first}, {others[0]}, name={node.name!r})",
            "subtract": lambda: f"subtract({first}, {others[0]}, name={node.name!r})",
            "sample": lambda: (
                f"{first}.sample({node.name!r}"
                + self.options({k: operation[k] for k in ("n", "seed", "stratified")})
                + ")"
            ),
            "prepare": lambda: f"{first}.prepare({node.name!r}{self._asked(operation.get('asked', {}))})",
            "correct": lambda: self._corrected(node, first, parents[0], operation),
            "annotate": lambda: self._corrected(node, first, parents[0], operation),
        }
        if name in plain and "chosen" not in operation:
            return plain[name]()
        details = {k: v for k, v in operation.items() if k not in ("operation", "chosen", "parents")}
        return (
            f"select({first}, {node.name!r}, places({_ranges(self._places(node, parents[0]))!r}),"
            f" operation={self.code(name)}, details={self.code(details)})"
        )

    def _asked(self, asked: Mapping[str, Any]) -> str:
        if "like" in asked:
            return f", like={self.names[asked['like']]}"
        return self.options(asked)

    def _import(self, node: Node, source: Mapping[str, Any]) -> list[str]:
        call, name = source.get("call"), self.variable(node)
        options = self.options(source.get("options", {}))
        lines = []
        if not call:
            lines.append("# how it was read is not known: say the options of reading here, if there were any")
            call = {"function": "read", "path": source.get("root", ""), "format": source.get("format")}
        lines.append(f"{name} = lab.add({node.name!r}, {self._reading(call)}{options}, progress=False)")
        lines.append(
            f"same({'what was read as ' + node.name!r}, {self.code(source.get('fingerprint'))},"
            f" {name}.facts.source['fingerprint'])"
        )
        return [*lines, self._count(node)]

    def _reading(self, call: Mapping[str, Any]) -> str:
        """The expression that reads a source again."""
        rest = {k: v for k, v in call.items() if k not in ("function", "of", "path", "options")}
        options = self.options({**rest, **call.get("options", {})})
        function = FUNCTIONS.get(call["function"])
        if function is None:
            raise DamagedLab(f"an import of {self.store.folder} was read by {call['function']!r}, which reads nothing")
        return f"{function}({self._reading(call['of']) if 'of' in call else self._path(call['path'])}{options})"

    def _path(self, path: Any) -> str:
        """Where something was read: a relative path from the folder of then."""
        there = isinstance(path, str) and self.folder and "://" not in path and not os.path.lexists(path)
        return self.code(str(Path(self.folder, path)) if there and Path(self.folder, path).exists() else path)

    def _split(self, node: Node, first: str, operation: Mapping[str, Any]) -> list[str]:
        parts = self._parts(operation, node)
        names = [p.name for p in parts]
        roles = [DataFacts.of(p).role for p in parts]
        given = {"share": operation["shares"], "seed": operation["seed"]}
        given |= {k: operation[k] for k in ("by", "stratified") if operation.get(k)}
        if roles != [DataFacts.of(self.graph.nodes[operation["parents"][0]]).role] * len(parts):
            given["roles"] = roles
        variables = [self.variable(p) for p in parts]
        called = f"{first}.split({', '.join(map(repr, names))}{self.options(given)})"
        return [f"{', '.join(variables)} = {called}", *map(self._count, parts)]

    def _parts(self, operation: Mapping[str, Any], node: Node) -> list[Node]:
        """All parts of the split that made a version, in order."""
        like = {k: v for k, v in operation.items() if k != "part"}
        found: dict[int, Node] = {}
        for e in self.graph.out[operation["parents"][0]]:
            said = dict(e.props)
            if said.get("operation") == "split" and {k: v for k, v in said.items() if k != "part"} == like:
                found.setdefault(said["part"], self.graph.nodes[e.dst])
        found[operation["part"]] = node
        return [found[k] for k in sorted(found)]

    def _corrected(self, node: Node, first: str, parent: Node, operation: Mapping[str, Any]) -> str:
        before, after = DataVersion(self.store, parent), DataVersion(self.store, node)
        uris, ids = before.samples["uri"].to_pylist(), id_array(before).tolist()
        said: dict[int, dict[str, Any]] = {}
        for kind in operation.get("changed", {}):
            had, has = before.annotations.of_kind(kind), after.annotations.of_kind(kind)
            for at, i in enumerate(ids):
                if had.get(i, []) != has.get(i, []):
                    said.setdefault(at, {})[kind] = _as_given(kind, has.get(i, []))
        once = len(set(uris)) == len(uris)
        rows = [
            f"    {repr(uris[at]) if once and not uris[at].isdigit() else f'int(id_array({first})[{at}])'}:"
            f" {self.code(kinds)},"
            for at, kinds in said.items()
        ]
        note = f", note={self.code(operation['note'])}" if operation.get("note") else ""
        return f"{first}.correct({node.name!r}, {{\n" + "\n".join(rows) + f"\n}}{note})"

    def _model(self, node: Node) -> list[str]:
        came = next((e for e in self.graph.into[node.id] if e.type == "transferred_from"), None)
        more = ""
        if came is not None:
            more = (
                f", transferred_from={self.names[came.src]}, changed={self.code(dict(came.props).get('changed', {}))}"
            )
        recipe = ",\n".join(f"    {k!r}: {self.code(v)}" for k, v in recipe_of(node).items())
        return [f"{self.variable(node)} = add_model(lab.store, {node.name!r}, {{\n{recipe},\n}}{more})"]

    def _training(self, node: Node) -> list[str]:
        facts = TrainingFacts.of(node)
        plan = dict(facts.plan)
        name = self.variable(node)
        model, data = self.names[plan["model"]], self.names[plan["data"]]
        checked = plan.get("validation")
        usual: dict[str, Any] = {
            "init": None,
            "rebuilt_from": None,
            "method": "scratch",
            "learner": None,
            "labels": None,
        }
        usual |= {"deployment": {}, "backend": recipe_of(self.graph.nodes[plan["model"]]).get("backend")}
        other = {k: plan[k] for k, v in usual.items() if k in plan and plan[k] != v}
        # the plan names its versions itself: veml.plan would look for their train and test parts
        exact = {"data": plan["data"], "validation": checked, **other, "hyper": dict(plan["hyper"])}
        lines = [
            f"plan = veml.plan({model}, {data}, name={node.name!r}, seed={self.code(plan['seed'])})",
            f"plan = replace(plan{self.options(exact)})",
            f"{name} = veml.train(plan, lab, progress=False)",
        ]
        file = inside(self.store.folder, facts.checkpoint)
        if file.is_file():
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            lines.append(f"same({'the checkpoint of ' + node.name!r}, {digest!r}, sha256({name}.checkpoint))")
        else:
            lines.append(f"print({'no checkpoint of ' + node.name + ' is left to compare with'!r})")
        return lines

    def _inference(self, node: Node) -> list[str]:
        facts = InferenceFacts.of(node)
        tested = next((e.src for e in self.graph.into[node.id] if e.props.get("operation") == "parity"), None)
        given: dict[str, Any] = {"name": node.name, "check": facts.measured.get("samples", 32)}
        given |= {"runtime": facts.configuration["runtime"]} if facts.configuration.get("runtime") else {}
        samples = f", samples={self.names[tested]}" if tested else ""
        form = facts.configuration.get("format", "onnx")
        name = self.variable(node)
        called = f"veml.deploy({self.names[facts.training]}, {form!r}{self.options(given)}{samples})"
        agreement = facts.measured.get("agreement")
        what = "the agreement of " + node.name
        return [f"{name} = {called}", f"same({what!r}, {self.code(agreement)}, {name}.measured['agreement'])"]

    def _count(self, node: Node) -> str:
        n = DataFacts.of(node).n
        return f"same({'the number of samples of ' + node.name!r}, {self.code(n)}, len({self.variable(node)}))"

    def _places(self, node: Node, parent: Node) -> list[int]:
        import numpy as np

        inner = id_array(DataVersion(self.store, node))
        places: list[int] = np.searchsorted(id_array(DataVersion(self.store, parent)), inner).tolist()
        return places


def _as_given(kind: str, things: Sequence[Any]) -> Any:
    """Annotations of a sample as a correction gives them."""
    if not things:
        return None
    if kind == "class":
        return things[0]
    if kind == "target":
        return {t.name: t.value for t in things}
    return [dataclasses.asdict(t) for t in things]


def _ranges(places: Sequence[int]) -> str:
    """Ascending places as text.

    >>> _ranges([0, 1, 2, 5, 7, 8])
    '0-2,5,7-8'
    """
    out: list[list[int]] = []
    for p in places:
        if out and p == out[-1][1] + 1:
            out[-1][1] = p
        else:
            out.append([p, p])
    return ",".join(f"{a}-{b}" if a != b else str(a) for a, b in out)


def _calls(name: str, body: str) -> bool:
    return re.search(rf"(?<![\w.]){name}\(", body) is not None


def _in_text(text: str) -> str:
    """Text for a docstring."""
    return text.replace("\\", "\\\\").replace('"""', "'''")
