"""The graph for other tools: networkx in memory, GraphML as a file."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import LabError

if TYPE_CHECKING:
    import networkx as nx

    from .neighbourhood import Lineage


def networkx_of(lineage: Lineage) -> nx.MultiDiGraph:
    """Nodes carry name, kind, created; edges carry type and operation."""
    import networkx as nx

    g = nx.MultiDiGraph()
    g.add_nodes_from((n.id, {"name": n.name, "kind": n.kind, "created": n.created.isoformat()}) for n in lineage.nodes)
    g.add_edges_from(
        (e.src, e.dst, {"type": e.type, "operation": str(e.props.get("operation", ""))}) for e in lineage.edges
    )
    return g


def write_graphml(lineage: Lineage, path: str | Path) -> Path:
    """Write a GraphML file; props of nodes and edges go along as JSON texts.

    Raises
    ------
    LabError
        The file cannot be written.
    """
    import networkx as nx

    g = networkx_of(lineage)
    for n in lineage.nodes:
        g.nodes[n.id]["props"] = json.dumps(
            dict(n.props), sort_keys=True
        )  # ASCII: XML has no place for some characters
    seen: dict[tuple[str, str], int] = {}
    for e in lineage.edges:
        number = seen.get((e.src, e.dst), 0)  # networkx numbers parallel edges as they come
        seen[e.src, e.dst] = number + 1
        g.edges[e.src, e.dst, number]["props"] = json.dumps(dict(e.props), sort_keys=True)
    return whole_file(path, "\n".join(nx.generate_graphml(g)) + "\n")


def whole_file(path: str | Path, text: str) -> Path:
    """Write a text file beside its name and rename it: all of it or nothing."""
    file = Path(path).expanduser()
    temp = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        temp.write_text(text, encoding="utf-8")
        temp.replace(file)
    except OSError as e:
        with contextlib.suppress(OSError):
            temp.unlink()
        raise LabError(f"{file} cannot be written: {e.strerror or e}; choose another file") from None
    return file


def plain(value: Any) -> Any:
    """A value of the catalog's JSON without NaN and infinity, which other tools refuse."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return None if isinstance(value, float) and value - value != 0 else value
