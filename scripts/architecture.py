#!/usr/bin/env python
"""Draw the rooms of veml_lab and their imports: docs/images/architecture.svg, and the table in docs/architecture.md.

    python scripts/architecture.py            # write both
    python scripts/architecture.py --check    # exit 1 where the table is stale

Rows are the layers of pyproject.toml; an arrow is an import between two rooms. Drawn is the transitive reduction: an
arrow is left out where a longer way through other rooms says the same.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from dataclasses import dataclass
from html import escape
from pathlib import Path

import grimp
import networkx as nx

ROOT = Path(__file__).resolve().parents[1]
PAGE, PICTURE = ROOT / "docs" / "architecture.md", ROOT / "docs" / "images" / "architecture.svg"
BEGIN, END = "<!-- rooms: made by scripts/architecture.py -->", "<!-- end of rooms -->"
WIDTH, ROW, BOX_H, TOP = 860, 62, 38, 16


@dataclass(frozen=True)
class Room:
    """One room: a package, or a module of the top level."""

    name: str
    row: int  # 0 is the lowest
    files: int
    lines: int
    about: str  # the first sentence of its docstring


def rows_of_layers() -> list[list[str]]:
    """The layers of pyproject.toml, the lowest first."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    return [[name.strip() for name in re.split(r"[|:]", layer)] for layer in reversed(contract["layers"])]


def rooms() -> dict[str, Room]:
    """All rooms by name, read from the files."""
    found = {}
    for row, names in enumerate(rows_of_layers()):
        for name in names:
            place = ROOT / "veml_lab" / name
            files = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
            head = (place / "__init__.py" if place.is_dir() else files[0]).read_text()
            doc = re.match(r'\s*"""(.*?)(?:\.\s|\.?"""|\n\n)', head, re.DOTALL)
            about = re.sub(r":\w+:`~?([^`]+)`|``([^`]+)``", r"\1\2", " ".join(doc.group(1).split())) if doc else ""
            found[name] = Room(name, row, len(files), sum(f.read_text().count("\n") for f in files), about)
    return found


def imports(names: set[str]) -> nx.DiGraph:
    """Which room imports which; ``n`` of an edge counts the importing pairs of modules."""
    modules = grimp.build_graph("veml_lab", cache_dir=None)
    graph = nx.DiGraph()
    graph.add_nodes_from(names)
    for module in modules.modules:
        for other in modules.find_modules_directly_imported_by(module):
            a, b = (m.split(".")[1] if "." in m else "" for m in (module, other))
            if a != b and a in names and b in names:
                graph.add_edge(a, b, n=graph.get_edge_data(a, b, {"n": 0})["n"] + 1)
    return graph


def table(found: dict[str, Room], graph: nx.DiGraph) -> str:
    """The rooms as a table, the highest first."""
    lines = ["| row | room | what lives there | imports |", "| ---: | --- | --- | --- |"]
    for room in sorted(found.values(), key=lambda r: (-r.row, r.name)):
        below = ", ".join(f"`{n}`" for n in sorted(graph.successors(room.name)))
        lines.append(f"| {room.row} | `{room.name}` | {room.about} | {below or 'nothing'} |")
    return "\n".join(lines)


def picture(found: dict[str, Room], graph: nx.DiGraph) -> str:
    """The drawing, in the colours of a light page."""
    height = TOP * 2 + ROW * (max(r.row for r in found.values()) + 1)
    places: dict[str, tuple[float, float, float]] = {}
    for row in range(max(r.row for r in found.values()) + 1):
        here = sorted((r for r in found.values() if r.row == row), key=lambda r: r.name)
        # a room alone stands to the left or to the right in turn, so that arrows past it can be told apart
        step = WIDTH / (len(here) + 1)
        for k, room in enumerate(here):
            shift = (-150, 0, 150, 0)[row % 4] if len(here) == 1 else 0
            wide = max(104, 46 + 7.4 * len(room.name)) + min(60, room.lines / 120)
            places[room.name] = (step * (k + 1) + shift, height - TOP - ROW * row - ROW / 2, wide)
    shapes = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" font-family="sans-serif">',
        "<title>The rooms of veml_lab, the highest row on top; arrows point from a room to what it imports</title>",
        (
            '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
            '<path d="M0 0 8 4 0 8z" fill="#7a8594"/></marker></defs>'
        ),
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    for a, b in sorted(nx.transitive_reduction(graph).edges):
        (x0, y0, _), (x1, y1, _) = places[a], places[b]
        start, end = y0 + BOX_H / 2, y1 - BOX_H / 2 - 1
        bend = (end - start) / 2
        shapes.append(
            f'<path d="M{x0:.0f} {start:.0f}C{x0:.0f} {start + bend:.0f} {x1:.0f} {end - bend:.0f} {x1:.0f} {end:.0f}"'
            ' fill="none" stroke="#7a8594" stroke-opacity=".75" marker-end="url(#a)"/>'
        )
    for name, (x, y, wide) in places.items():
        room = found[name]
        shapes.append(
            f'<g><title>{escape(room.about)}</title><rect x="{x - wide / 2:.0f}" y="{y - BOX_H / 2:.0f}"'
            f' width="{wide:.0f}" height="{BOX_H}" rx="6" fill="#eef3fb" stroke="#4a6fa5"/><text x="{x:.0f}"'
            f' y="{y - 2:.0f}" text-anchor="middle" font-size="14" fill="#16202e">{name}</text><text x="{x:.0f}"'
            f' y="{y + 13:.0f}" text-anchor="middle" font-size="10" fill="#4a5666">{room.files}'
            f" file{'s'[: room.files > 1]}, {room.lines:,} lines</text></g>"
        )
    return "\n".join([*shapes, "</svg>\n"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where the table is stale")
    options = parser.parse_args()
    found = rooms()
    graph = imports(set(found))
    text = PAGE.read_text()
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    fresh = f"{text[:start]}\n{table(found, graph)}\n{text[end:]}"
    if options.check:
        if fresh != text:
            sys.exit("docs/architecture.md is stale; run: python scripts/architecture.py")
        return
    PAGE.write_text(fresh)
    PICTURE.write_text(picture(found, graph))


if __name__ == "__main__":
    main()
