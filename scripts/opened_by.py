"""Open every export with the tool it is for, and note tool and version in docs/formats.md.

    python scripts/opened_by.py [--dry-run]

Runs what tests/wild/test_opened_by_their_tools.py runs, for the tools that are installed, and renews their rows of
the table; rows of tools that are not installed stay as they are. The tools do not go together with the lab's own pins,
so they live in an environment beside it that sees the lab's packages::

    python -m venv /tmp/tools
    echo "import site; site.addsitedir('$(python -c 'import site; print(site.getsitepackages()[0])')')" \\
        > /tmp/tools/lib/python3.11/site-packages/lab.pth
    /tmp/tools/bin/pip install --no-deps ultralytics ultralytics-thop polars polars-runtime-32 supervision pyDeprecate
    \\
        labelformat pydantic pydantic_core annotated-types typing-inspection pydantic-xml datumaro cachetools \\
        json-stream json-stream-rs-tokenizer lxml orjson ruamel.yaml label-studio-sdk nltk regex appdirs ujson \\
        xmljson jsf rstr Faker smart_open wrapt typeguard nanoid PyJWT webdataset braceexpand
    /tmp/tools/bin/python scripts/opened_by.py

scalabel opens nothing with pydantic 2: ``pip install --target /tmp/old 'pydantic<2'`` and put that first on PYTHONPATH.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import sys
import tempfile
import warnings
from itertools import takewhile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "formats.md"
HEAD = "| format | opened by | what |\n|---|---|---|\n"
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "wild")]


def opened() -> dict[tuple[str, str], tuple[str, list[str]]]:
    """(format, tool) -> (version, what it opened); an export that a tool reads otherwise raises."""
    from test_opened_by_their_tools import check
    from their_readers import READERS, why_not

    found: dict[tuple[str, str], tuple[str, list[str]]] = {}
    for reader in READERS:
        if why := why_not(reader):
            print(f"{reader.format}: {why}")
            continue
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            check(reader, Path(folder))
        version = importlib.metadata.version(reader.tool.replace("_", "-"))
        found.setdefault((reader.format, reader.tool), (version, []))[1].append(reader.made)
    return found


def table(old: list[str]) -> str:
    """The table with its rows renewed."""
    rows = {}
    for line in old:
        format, tool = (cell.strip() for cell in line.split("|")[1:3])
        rows[format.strip("`"), tool.split()[0]] = line
    for (format, tool), (version, made) in opened().items():
        rows[format, tool] = f"| `{format}` | {tool} {version} | {', '.join(dict.fromkeys(made))} |"
    return HEAD + "".join(f"{rows[k]}\n" for k in sorted(rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dry-run", action="store_true", help="print the table instead of writing it")
    args = parser.parse_args()
    before, rest = PAGE.read_text(encoding="utf-8").split(HEAD)
    lines = rest.splitlines(keepends=True)
    old = list(takewhile(lambda line: line.startswith("|"), lines))
    made = table([line.rstrip("\n") for line in old])
    if args.dry_run:
        print(made)
    else:
        PAGE.write_text(before + made + "".join(lines[len(old) :]), encoding="utf-8")


if __name__ == "__main__":
    main()
