"""A lab in memory with the methods that panel and dashboards call; `install` makes it the open one."""

from __future__ import annotations

import sys
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
            "id": n["id"], "kind": n["kind"], "name": n["name"], "created": n["created"],
            "summary": n["detail"]["summary"], "metric": metric, "metric_name": "accuracy" if metric else None,
        }  # fmt: skip

    def detail(self, name):
        for n in self.nodes:
            if name in (n["id"], n["name"]):
                return {"id": n["id"], "name": n["name"], "kind": n["kind"], "created": n["created"], **n["detail"]}
        raise UnknownName.of("version", name, [n["name"] for n in self.nodes])

    def elements(self, focus=None):
        return {"nodes": self.nodes, "edges": self.edges}

    def add(self, name, *, quietly=False):
        """Make a data version; `quietly` as another process would, without an event."""
        node = {"id": f"x-{name}", "kind": "data", "name": name, "created": "2026-11-20T12:00:00", "detail": {"summary": "made just now"}}
        self.nodes = [*self.nodes, node]
        if not quietly:
            for listener in self.listeners:
                listener("version", self._row(node))

    def similarity_latest(self):
        return examples.heatmap() if self.nodes else None

    def drift_latest(self):
        return [examples.drift()] if self.nodes else []

    def curves(self):
        return examples.curves() if self.nodes else {}

    def browse_source(self, name):
        return examples.Wall(1200)


def install(*labs):
    """Make these the open labs of this process."""
    module = types.ModuleType("veml_lab.lab")
    module.open_labs = lambda: list(labs)
    sys.modules["veml_lab.lab"] = module
    return labs[-1] if labs else None
