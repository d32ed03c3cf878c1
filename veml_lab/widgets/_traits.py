"""Write the TypeScript types of the widgets' traits from their Python declarations.

``python -m veml_lab.widgets._traits`` rewrites ``js/src/traits.ts``; a test fails when that file is stale.
"""

from __future__ import annotations

from pathlib import Path

import traitlets as t

from .. import widgets

_HEAD = """/** Written by `python -m veml_lab.widgets._traits` from the Python declarations: do not edit. */
import type { ChartEvent, ChartSpec } from './drawing/chart';
import type { LinkedTable, Selection } from './drawing/beside';
import type { JobState } from './drawing/jobs';
import type { Dress } from './drawing/graph';
import type { GraphEdge, GraphNode } from './drawing/layout';
import type { DriftLook } from './drawing/looks';
import type { SetLines } from './drawing/tree';
"""


def typescript() -> str:
    """The interfaces of all widgets, one a widget."""
    out = [_HEAD]
    for name in widgets.__all__:
        cls = getattr(widgets, name)
        fields = "\n".join(f"  {k}: {_type(v)};" for k, v in cls.own_traits().items())
        out.append(f"export interface {name}Traits {{\n{fields}\n}}\n")
    return "\n".join(out)


def _type(trait: t.TraitType) -> str:
    said = trait.metadata.get("ts")
    if said:
        return said
    if isinstance(trait, t.List):
        return f"{_type(trait._trait)}[]" if trait._trait else "unknown[]"
    plain = {t.Unicode: "string", t.Bool: "boolean", t.Int: "number", t.Float: "number"}
    word = next((v for k, v in plain.items() if isinstance(trait, k)), "unknown")
    return f"{word} | null" if trait.allow_none else word


if __name__ == "__main__":
    (Path(__file__).parents[2] / "js" / "src" / "traits.ts").write_text(typescript())
