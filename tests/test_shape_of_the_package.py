"""The shape that the package promises: light, small at the top, in layers, one owner a table."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
from labs import ROOT
from patience import PATIENCE_S

import veml_lab
from veml_lab.catalog.annotation_tables import TABLES
from veml_lab.catalog.schema import MIGRATIONS
from veml_lab.catalog.statements import WRITES

PACKAGE = ROOT / "veml_lab"
HEAVY = (
    "torch",
    "torchvision",
    "plotly",
    "duckdb",
    "ray",
    "pandas",
    "pyarrow",
    "numpy",
    "scipy",
    "sklearn",
    "anywidget",
    "optuna",
    "onnxruntime",
)

# Which module alone may ask for a write: the table of veml_lab/catalog/schema.py.
OWNERS = {
    "node": "versions/store.py", "edge": "versions/store.py",  # kept as the graph of versions/graph.py
    "id_block": "versions/imports.py", "sample": "versions/imports.py", "sample_phash": "versions/imports.py",
    "version_ids": "versions/imports.py", "layer": "versions/layers.py", "layer_ids": "versions/layers.py",
    "node_event": "versions/notes.py", "metric": "versions/training.py", "result": "versions/results.py",
    **dict.fromkeys(("bad_case", "bad_occurrence", "bad_event", "bad_run"), "versions/cases.py"),
    **dict.fromkeys(("label_task", "label_event", "label_answer"), "versions/label_tasks.py"),
    **{t.table: "versions/annotations.py" for t in TABLES.values()},
}  # fmt: skip


def run(*words: str) -> str:
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_importing_the_package_loads_nothing_heavy():
    loaded = run("-c", "import sys, veml_lab; print(*sys.modules)").split()
    assert "veml_lab" in loaded
    assert not set(HEAVY) & set(loaded)


@pytest.mark.parametrize(
    ("code", "most"),
    [("import veml_lab", 30), ("from veml_lab.cli import make_parser; make_parser().format_help()", 100)],
    ids=["import", "veml --help"],
)
def test_a_start_loads_few_modules(code, most):
    """A fifth of a second is 200 of them and more; a clock would say how busy this machine is."""
    added = int(run("-c", f"import sys; before = len(sys.modules); {code}; print(len(sys.modules) - before)"))
    assert added <= most


def test_the_command_line_answers_help_without_loading_anything_heavy():
    loaded = run(
        "-c", "import sys\nfrom veml_lab.cli import make_parser\nmake_parser().format_help()\nprint(*sys.modules)"
    ).split()
    assert not set(HEAVY) & set(loaded)


@pytest.mark.parametrize("name", [n for n in veml_lab.__all__ if n != "__version__"])
def test_every_public_name_resolves_and_is_documented(name):
    thing = getattr(veml_lab, name)
    assert callable(thing)
    assert inspect.getdoc(thing)


def test_there_are_at_most_sixty_public_names_and_they_are_listed():
    assert len(veml_lab.__all__) == len(set(veml_lab.__all__)) <= 60
    assert dir(veml_lab) == sorted(veml_lab.__all__)


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(AttributeError, match="similarity"):
        _ = veml_lab.similarty


def test_verbs_stay_verbs_when_the_packages_of_their_names_are_imported():
    """Importing veml_lab.serving.onnx binds the package veml_lab.deploy over the verb, unless it is kept from it."""
    code = (
        "import veml_lab as v, veml_lab.serving.onnx, veml_lab.tuning.study, veml_lab.lab\nprint(v.deploy.__name__,"
        " v.search.__name__, callable(v.open))"
    )
    assert run("-c", code) == "deploy search True\n"


# What depends on another argument, and is refused with the known names: hyper-parameters of the model's backend,
# options of a format.
OPEN = {
    ("plan", "hyper"),
    ("look", "options"),
    ("read", "options"),
    ("write", "options"),
    ("DataVersion.export", "options"),
}
FUNCTIONS = [n for n in veml_lab.__all__ if inspect.isfunction(getattr(veml_lab, n))]
CLASSES = [n for n in veml_lab.__all__ if inspect.isclass(getattr(veml_lab, n))]


def methods(cls: type) -> dict[str, object]:
    """Public methods and properties by their qualified name, those that it inherits from us included."""
    found = {}
    for name in dir(cls):
        thing = inspect.getattr_static(cls, name)
        function = getattr(thing, "fget", None) or getattr(thing, "func", None) or getattr(thing, "__func__", thing)
        if not name.startswith("_") and inspect.isfunction(function) and function.__module__.startswith("veml_lab"):
            found[f"{cls.__name__}.{name}"] = function
    return found


PUBLIC = {n: getattr(veml_lab, n) for n in FUNCTIONS}
for _name in CLASSES:
    PUBLIC.update(methods(getattr(veml_lab, _name)))


def test_a_public_function_shows_its_parameters():
    """Shift+Tab and ``help`` show names, types and defaults; what is forwarded shows nothing."""
    assert len(FUNCTIONS) > 20 and "DataVersion.filter" in PUBLIC and "Lab.add" in PUBLIC
    found = set()
    for name, thing in PUBLIC.items():
        for p in inspect.signature(thing).parameters.values():
            if p.kind is p.VAR_KEYWORD:
                found.add((name, p.name))
            assert p.name in ("self", "cls") or p.annotation is not p.empty, f"{name}({p.name}) has no type"
    assert found == OPEN


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_function_says_what_it_returns(name):
    returns = inspect.signature(PUBLIC[name]).return_annotation
    assert returns is not inspect.Signature.empty
    assert not re.match(r"(typing\.)?Any\b", str(returns)), f"{name} returns Any"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_is_the_real_one(name):
    """Its own name, in the room where it lives: nothing of the top is a forwarder."""
    function = getattr(veml_lab, name)
    assert function.__name__ == name and function.__module__.startswith(f"veml_lab.{veml_lab._HOME[name]}")


def test_the_layers_hold():
    script = Path(sys.executable).with_name("lint-imports")
    if not script.exists():
        pytest.skip("import-linter is not installed (pip install veml-lab[check])")
    done = subprocess.run([str(script), "--no-cache"], capture_output=True, text=True, cwd=ROOT, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stdout[-3000:]


def tables() -> set[str]:
    made = [re.search(r"CREATE TABLE (\w+)", sql) for sqls in MIGRATIONS.values() for sql in sqls]
    return {m.group(1) for m in made if m}


def test_at_most_ten_files_import_each_other():
    """Imports inside of functions and for types alone count too: who reads the one has to read the other."""
    import networkx as nx

    graph = nx.DiGraph()
    names = {
        ".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p for p in PACKAGE.rglob("*.py")
    }
    for module, path in names.items():
        home = module if path.name == "__init__.py" else module.rpartition(".")[0]
        for n in ast.walk(ast.parse(path.read_text())):
            if isinstance(n, ast.ImportFrom) and n.level:
                up = home.split(".")
                base = ".".join([*up[: len(up) - n.level + 1], *filter(None, [n.module])])
                asked = {f"{base}.{a.name}" if f"{base}.{a.name}" in names else base for a in n.names}
                graph.add_edges_from((module, other) for other in asked if other in names and other != module)
    circles = [sorted(c) for c in nx.strongly_connected_components(graph) if len(c) > 1]
    assert sum(map(len, circles)) <= 10 and graph.number_of_edges() > 1000, circles


def test_every_table_is_in_the_list_of_owners():
    assert tables() == set(OWNERS) | {"commit_log"}


@pytest.mark.parametrize("change", sorted(WRITES))
def test_a_change_of_the_catalog_is_asked_for_by_its_owner_alone(change):
    """Read from the syntax tree: who names the change in a ``Change(...)``; a name that is put together counts for
    annotations."""
    import ast

    annotation = change in {t.write for t in TABLES.values()}
    table = re.search(r"INTO (\w+)", WRITES[change]).group(1)
    named = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Change"):
                continue
            if (annotation and getattr(node.args[0], "attr", "") == "write") or getattr(
                node.args[0], "value", ""
            ) == change:
                named.add(str(path.relative_to(PACKAGE)))
    assert named == {OWNERS[table]}


def test_no_module_but_the_catalog_and_the_closed_filter_opens_duckdb():
    import ast

    opens = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import) and any(a.name == "duckdb" for a in node.names):
                opens.add(str(path.relative_to(PACKAGE)))
    assert opens == {"catalog/database.py", "versions/predicate.py"}


def test_what_a_node_says_is_read_in_versions_alone():
    """Elsewhere its typed facts are asked (veml_lab/versions/facts.py); edges carry an operation and are named so."""
    import ast

    edges = {"e", "edge", "t"}  # t: the edge of a test in lifecycle/model_results.py
    found = []
    for path in PACKAGE.rglob("*.py"):
        if path.is_relative_to(PACKAGE / "versions") or path.is_relative_to(PACKAGE / "roads"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr == "props" and ast.unparse(node.value) not in edges:
                found.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    assert found == []


def test_every_module_says_what_it_is():
    import ast

    silent = [
        p.relative_to(PACKAGE).as_posix()
        for p in PACKAGE.rglob("*.py")
        if not ast.get_docstring(ast.parse(p.read_text()))
    ]
    assert silent == []
