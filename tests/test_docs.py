"""What is written is run: examples in docstrings, README commands and names, links."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import re
import shlex
import warnings
from pathlib import Path

import pytest

import veml_lab
from veml_lab.cli import make_parser

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
ABOVE = ("README", "CHANGELOG", "CONTRIBUTING", "SECURITY")
PAGES = [*(ROOT / f"{n}.md" for n in ABOVE), *sorted((ROOT / "docs").rglob("*.md"))]
WITH_EXAMPLES = sorted(
    str(p.relative_to(ROOT)).removesuffix(".py").replace("/", ".")
    for p in (ROOT / "veml_lab").rglob("*.py")
    if re.search(r"^\s*>>> ", p.read_text(), re.MULTILINE)
)


FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.fixture(scope="module")
def first_page(tmp_path_factory):
    """What ``help(veml_lab)`` makes, in a folder of its own: the examples of all functions go on from there."""
    globs: dict[str, object] = {}
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # random features are announced, lossy formats say what they lose
        patch.chdir(tmp_path_factory.mktemp("first-page"))
        example = doctest.DocTestParser().get_doctest(
            veml_lab.__doc__, globs, "help(veml_lab)", "veml_lab/__init__.py", 1
        )
        runner = doctest.DocTestRunner(optionflags=FLAGS)
        assert runner.run(example, clear_globs=False).failed == 0
        yield example.globs


class Finder(doctest.DocTestFinder):
    """Finds the examples of functions that a decorator wraps, too."""

    def _from_module(self, module, object):
        return super()._from_module(module, inspect.unwrap(object) if callable(object) else object)


@pytest.mark.parametrize("module", [m for m in WITH_EXAMPLES if m != "veml_lab.__init__"])
def test_the_examples_of_a_docstring_give_what_they_say(module, first_page):
    home = importlib.import_module(module)
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    for example in Finder().find(home, extraglobs={**first_page, **vars(home)}):
        runner.run(example)
    result = runner.summarize()
    assert (result.failed, result.attempted) == (0, examples_of(home))


def examples_of(home) -> int:
    """How many lines of examples stand in the docstrings of a module, by its text; those to be skipped are not
    counted."""
    nodes = [n for n in ast.walk(ast.parse(inspect.getsource(home))) if isinstance(n, _WITH_DOCSTRINGS)]
    texts = [ast.get_docstring(n, clean=False) or "" for n in nodes]
    examples = [e for t in texts for e in doctest.DocTestParser().get_examples(t)]
    return sum(not e.options.get(doctest.SKIP) for e in examples)


_WITH_DOCSTRINGS = (ast.Module, ast.ClassDef, ast.FunctionDef)


def test_the_first_page_of_help_names_every_public_name():
    assert [n for n in veml_lab.__all__ if n != "__version__" and not re.search(rf"\b{n}\b", veml_lab.__doc__)] == []


@pytest.mark.parametrize("name", [n for n in veml_lab.__all__ if n != "__version__"])
def test_every_public_name_has_an_example(name):
    assert ">>> " in (inspect.getdoc(getattr(veml_lab, name)) or "")


def test_the_first_python_of_the_readme_stands_before_line_thirty():
    assert README[: README.index("```python")].count("\n") < 30


GUIDES = [p for p in PAGES if p.parent.name == "docs" and "```" in p.read_text()]


@pytest.mark.parametrize("page", GUIDES, ids=lambda p: p.name)
def test_the_blocks_of_a_guide_are_commands_that_are_understood_and_python_of_names_that_exist(page):
    """The README's are run: tests/test_readme_run.py."""
    text = page.read_text()
    lines = [
        n.split("#")[0].strip()
        for b in re.findall(r"```(?:sh|bash)\n(.*?)```", text, re.DOTALL)
        for n in b.splitlines()
    ]
    for command in (part for line in lines for part in re.split(r"\s;\s", line) if part.startswith("veml ")):
        make_parser().parse_args(shlex.split(command)[1:])  # exits where it does not parse
    for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        used = {n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Attribute)}
        names = {n.attr for n in used if getattr(n.value, "id", "") == "veml"}
        assert [n for n in sorted(names) if not hasattr(veml_lab, n)] == []


RESULTS = [p for p in PAGES if p.parent.name == "results" and p.name != "index.md"]


@pytest.mark.parametrize("page", RESULTS, ids=lambda p: p.name)
def test_every_page_of_results_names_the_command_that_makes_it(page):
    (script,) = set(re.findall(r"^Made by `python (\S+\.py)[^`]*`", page.read_text(), re.MULTILINE))
    assert page.stem.partition("_")[0] in (ROOT / script).read_text()


def test_every_make_command_of_the_readme_is_a_target():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^make ([a-z-]+)", README, re.MULTILINE)) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_to_files_that_are_there(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


RICH = (
    "lab",
    "city",
    "detector",
    "run",
    "deployed",
    "similarity",
    "near",
    "transfer",
    "report",
    "statistics",
    "advice",
    "race",
    "lineage",
    "worst",
)


@pytest.fixture(scope="module")
def shown(first_page):
    """One of everything that a cell can end with, out of the lab of the first page."""
    import veml_lab as veml

    lab, city, town, run = (first_page[n] for n in ("lab", "city", "town", "run"))
    near = veml.most_similar(town, [city], progress=False)
    plan = veml.transfer(run, town, validation=city)
    return first_page | {
        "similarity": veml.similarity([city, town], progress=False),
        "near": near,
        "transfer": plan,
        "report": veml.drift(city, town, progress=False),
        "statistics": city.statistics(),
        "advice": veml.advise(run, town),
        "lineage": lab.lineage(),
        "race": veml.race([plan], epochs=1, keep=0.5, progress=False),
        "worst": veml.bad_cases(first_page["deployed"], town, progress=False),
    }


@pytest.mark.parametrize("name", RICH)
def test_what_a_cell_ends_with_has_a_plain_text_and_a_picture_or_table_without_script(name, shown):
    """GitHub and nbconvert show the HTML of a saved notebook, a terminal the text."""
    from IPython.core.formatters import DisplayFormatter

    bundle, _ = DisplayFormatter().format(shown[name])
    assert not re.search(r"<[\w.]+ object at 0x", bundle["text/plain"]) and len(bundle["text/plain"]) > 20
    html = bundle["text/html"]
    assert "<script" not in html and re.search("<(svg|img|table|details)", html), html[:300]
