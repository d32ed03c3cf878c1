"""A lab in memory with the methods that the panel calls; `install` makes it the open one.

Its versions are made up; what was found out (results, jobs) is that of a real, empty store.
"""

from __future__ import annotations

import functools
import sys
import tempfile
import types
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "widgets"))
import examples

from veml_lab.errors import UnknownName


class FakeLab:
    def __init__(self, name="road-lab", *, empty=False):
        self.name, self.path = name, Path("/tmp") / name
        self.listeners = []
        made = {"nodes": [], "edges": []} if empty else examples.lineage()
        self.nodes, self.edges = made["nodes"], made["edges"]

    def revision(self):
        return str(len(self.nodes))

    def rows(self, kind=None):
        return [self._row(n) for n in self.nodes if n["kind"] != "metadata" and kind in (None, n["kind"])]

    @staticmethod
    def _row(n):
        metric = n["detail"].get("accuracy")
        return {
            "id": n["id"],
            "kind": n["kind"],
            "name": n["name"],
            "created": n["created"],
            "summary": n["detail"]["summary"],
            "metric": metric,
            "metric_name": "accuracy" if metric else None,
        }

    def detail(self, name):
        for n in self.nodes:
            if name in (n["id"], n["name"]):
                return {"id": n["id"], "name": n["name"], "kind": n["kind"], "created": n["created"], **n["detail"]}
        raise UnknownName.of("version", name, [n["name"] for n in self.nodes])

    def facts(self, name):
        said = {k: v for k, v in self.detail(name).items() if k not in ("id", "name", "kind", "created", "summary")}
        return [{"title": "Contents", "facts": [[k, str(v)] for k, v in said.items()]}]

    def elements(self, focus=None):
        return {"nodes": self.nodes, "edges": self.edges}

    def add(self, name, *, quietly=False):
        """Make a data version; `quietly` as another process would, without an event."""
        node = {
            "id": f"x-{name}",
            "kind": "data",
            "name": name,
            "created": "2026-11-20T12:00:00",
            "detail": {"summary": "made just now"},
        }
        self.nodes = [*self.nodes, node]
        if not quietly:
            for listener in self.listeners:
                listener("version", self._row(node))

    @functools.cached_property
    def store(self):
        from veml_lab.catalog import Catalog
        from veml_lab.versions.store import VersionStore

        folder = Path(tempfile.mkdtemp(prefix="fake-lab-"))
        return VersionStore(folder, Catalog(folder))

    @property
    def data(self):
        return []


def install(*labs):
    """Make these the open labs of this process."""
    module = types.ModuleType("veml_lab.lab")
    module.open_labs = lambda: list(labs)
    sys.modules["veml_lab.lab"] = module
    return labs[-1] if labs else None
