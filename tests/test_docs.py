"""What is written is run: examples in docstrings, README commands and names, links."""

from __future__ import annotations

import ast
import doctest
import importlib
import re
import shlex
from pathlib import Path

import pytest

import veml_lab
from veml_lab.cli import make_parser

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
WITH_EXAMPLES = sorted(
    str(p.relative_to(ROOT)).removesuffix(".py").replace("/", ".")
    for p in (ROOT / "veml_lab").rglob("*.py")
    if re.search(r"^\s*>>> ", p.read_text(), re.MULTILINE)
)


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_the_examples_of_a_docstring_give_what_they_say(module):
    result = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0


def test_the_first_python_of_the_readme_stands_before_line_thirty():
    assert README[: README.index("```python")].count("\n") < 30


def test_every_public_name_that_the_readme_uses_exists():
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL).group(1)
    used = {n.attr for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Attribute) and getattr(n.value, "id", "") == "veml"}
    assert used, "the README's Python uses no public name"
    missing = [n for n in used if not hasattr(veml_lab, n)]
    assert not missing


def test_every_veml_command_of_the_readme_is_understood():
    lines = [line.split("#")[0].strip() for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()]
    commands = [part for line in lines for part in re.split(r"\s;\s", line) if part.startswith("veml ")]
    assert len(commands) >= 6
    for command in commands:
        make_parser().parse_args(shlex.split(command)[1:])  # exits where it does not parse


def test_every_make_command_of_the_readme_is_a_target():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^make ([a-z-]+)", README, re.MULTILINE)) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_to_files_that_are_there(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"
