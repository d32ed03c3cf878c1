"""Write the template of all words that a reader of JupyterLab sees: ``veml_lab/locale/veml_lab.pot``.

A language pack (a package of its own, as JupyterLab's are) translates it: ``locale/<lang>/LC_MESSAGES/veml_lab.po``,
and from that ``veml_lab.json``. ``python scripts/messages.py`` writes the template, ``--check`` says whether it is
up to date, ``--json FILE.po`` gives the JSON that JupyterLab reads.

The words come from where they stand: calls of ``trans.__`` and ``trans._n`` in ``js/src``, titles of the settings,
labels of the actions, and the few words that the kernel sends and the page translates.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages import Catalog, pofile
from babel.messages.extract import extract

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "veml_lab" / "locale" / "veml_lab.pot"
DOMAIN = "veml_lab"
_TEXT = r"""(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")"""
# Babel's reader of JavaScript passes over calls within template strings; ours have plain texts as arguments, so that
# this finds them all
_CALL = re.compile(rf"\b(?:trans\.(__|_n)|(N_))\(\s*(?:{_TEXT}(?:\s*,\s*{_TEXT})?|(`))")


def of_script(path: Path) -> Iterator[str | tuple[str, str]]:
    """The messages that a TypeScript file asks for; a pair where there is a plural.

    Raises
    ------
    ValueError
        A text that is put together before the translator sees it.
    """
    for call, mark, a1, a2, b1, b2, template_ in _CALL.findall(path.read_text()):
        name = f"trans.{call}" if call else mark
        if template_ or (call == "_n" and not (b1 or b2)):
            raise ValueError(
                f"{path.name}: {name} needs a text as it stands in the template, with %1 for what is put in"
            )
        said, many = (re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], x) for x in (a1 or a2, b1 or b2))
        yield (said, many) if call == "_n" else said


def template() -> Catalog:
    """All messages, each with the files that say it."""
    found = Catalog(project="veml-lab", version="0", charset="utf-8", domain=DOMAIN)
    for path in sorted((ROOT / "js" / "src").rglob("*.ts*")):
        for said in of_script(path):
            _add(found, said, path)
    actions = ROOT / "veml_lab" / "faces" / "actions.py"
    with actions.open("rb") as file:
        for _, said, _, _ in extract("python", file, {"Action": (2,)}):
            _add(found, said, actions)
    schema = ROOT / "js" / "schema" / "plugin.json"
    for context, said in _of_schema(json.loads(schema.read_text())):
        found.add(said, locations=[(_name(schema), None)], context=context)
    for said, path in _of_kernel():
        found.add(said, locations=[(path, None)])
    return found


def _add(found: Catalog, said: Any, path: Path) -> None:
    found.add(said, locations=[(_name(path), None)])


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _of_schema(schema: dict[str, Any]) -> list[tuple[str, str]]:
    """What jupyterlab_server translates of a settings schema, with its contexts."""
    from jupyterlab_server.translation_utils import DEFAULT_SCHEMA_SELECTORS

    out: list[tuple[str, str]] = []

    def walk(value: Any, path: str) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(inner, f"{path}/{key}")
        elif isinstance(value, list):
            for i, inner in enumerate(value):
                walk(inner, f"{path}/{i}")
        elif isinstance(value, str):
            out.extend(
                (context, value)
                for pattern, context in DEFAULT_SCHEMA_SELECTORS.items()
                if re.fullmatch(pattern, path[1:])
            )

    walk(schema, "")
    return out


def _of_kernel() -> list[tuple[str, str]]:
    """Words that come as data and are few: kinds, states, what a wall filters and sorts by."""
    from veml_lab.evaluation.kinds import KINDS as ERRORS
    from veml_lab.evaluation.kinds import RIGHT
    from veml_lab.faces.pictures import SAVES
    from veml_lab.versions.node import VERSION_KINDS

    states = ("new", "starting", "running", "done", "stopped", "failed", "killed")
    wall = ("class", "error", "bad case", "size", "objects", "largest object", "score", "cost", "drift distance")
    words = {
        "veml_lab/versions/graph.py": (*VERSION_KINDS, "metadata"),
        "veml_lab/evaluation/kinds.py": (*ERRORS, RIGHT),
        "veml_lab/faces/pictures.py": (*SAVES, *wall),
        "veml_lab/training/jobs.py": states,
        "veml_lab/faces/plots.py": ("paper", "calibrated"),
    }
    return [(said, path) for path, several in words.items() for said in several]


def text(catalog: Catalog) -> str:
    """The template as a file; the day it was made is left out, so that the same sources give the same file."""
    out = io.BytesIO()
    pofile.write_po(out, catalog, width=120, sort_output=True, include_lineno=False, omit_header=False)
    lines = [
        x
        for x in out.getvalue().decode().splitlines()
        if not re.match(
            r'"(POT-Creation-Date|PO-Revision-Date|Generated-By|Report-Msgid-Bugs-To|Last-Translator|Language-Team):', x
        )
    ]
    head = "# Written by scripts/messages.py: do not edit."
    start = next(i for i, x in enumerate(lines) if x.startswith(("#, fuzzy", "msgid")))
    return "\n".join([head, *lines[start:]]) + "\n"


def as_json(po: Catalog, version: str = "0") -> dict[str, Any]:
    """A translated catalogue as JupyterLab reads it: ``{"": {...}, "context\\u0004message": [text, plural ...]}``."""
    out: dict[str, Any] = {
        "": {"domain": DOMAIN, "language": str(po.locale), "plural_forms": po.plural_forms, "version": version}
    }
    for m in po:
        if not m.id or not m.string:
            continue
        ident = m.id[0] if isinstance(m.id, (tuple, list)) else m.id
        said = list(m.string) if isinstance(m.string, (tuple, list)) else [m.string]
        out[f"{m.context}\u0004{ident}" if m.context else ident] = said
    return out


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--check", action="store_true", help="change nothing; 1 where the template is out of date")
    parser.add_argument("--json", type=Path, metavar="FILE.po", help="print the JSON of a translated catalogue")
    args = parser.parse_args(argv)
    if args.json:
        with args.json.open("rb") as file:
            print(json.dumps(as_json(pofile.read_po(file)), ensure_ascii=False, indent=1))
        return 0
    made = text(template())
    if args.check:
        same = TEMPLATE.is_file() and TEMPLATE.read_text() == made
        print(
            "up to date" if same else f"{TEMPLATE.relative_to(ROOT)} is out of date; run: python scripts/messages.py",
            file=sys.stdout if same else sys.stderr,
        )
        return 0 if same else 1
    TEMPLATE.parent.mkdir(exist_ok=True)
    TEMPLATE.write_text(made)
    print(f"{TEMPLATE.relative_to(ROOT)}: {len(template())} messages")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
