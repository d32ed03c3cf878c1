"""Situations of public threads and public sets, rebuilt small: ``situations.json`` has their files and what comes.

Each has a ``name``, the ``tool`` in whose threads or pages it is met, its ``files`` (null for a picture, a text, what
JSON holds, or bytes in base64), the verdict at ``first`` sight, and that of ``now`` with what it ``says``:

- ``right``: what comes back is what a person means; ``says`` is all of it
- ``said``: it is refused, or the import stops, or it is a finding, by name; ``says`` is a part of the sentence
- ``wrong``: something else comes back, and nothing is said
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from wild_files import picture

from veml_lab.errors import VemlError
from veml_lab.formats import read

SITUATIONS: list[dict[str, Any]] = (
    json.loads(FILE.read_text()) if (FILE := Path(__file__).with_name("situations.json")).exists() else []
)


def put(situation: dict[str, Any], folder: Path) -> Path:
    """Write the files of a situation into a folder."""
    root = folder / "set"
    for i, (name, content) in enumerate(situation["files"].items()):
        at = root / name
        at.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            at.write_bytes(picture(i, format="PNG" if name.lower().endswith("png") else "JPEG"))
        elif isinstance(content, str):
            at.write_text(content)
        elif "base64" in content:
            at.write_bytes(base64.b64decode(content["base64"]))
        else:
            at.write_text(json.dumps(content["json"]))
    return root


def came(situation: dict[str, Any], folder: Path) -> tuple[str, str]:
    """What comes of a situation: ``("said", the sentence)``, or ``("right", all that was read)`` if it is right."""
    root = put(situation, folder)
    try:
        source = read(root)
        records = [_told(r) for r in source.records()]
    except VemlError as e:
        return "said", str(e).replace(str(root), "")[:120]
    stops = [str(x) for x in source.unread() if x.stops]
    said = [*stops, *(line.replace(str(root), "") for line in source.findings())]
    if said:
        return "said", said[0][:120]
    return "right", f"{source.format}, {source.task}, {list(source.classes)}: {'; '.join(records)}"


def _told(r: Any) -> str:
    boxes = [f"{b.label} {b.x:.4g} {b.y:.4g} {b.w:.4g} {b.h:.4g}" for b in r.boxes]
    masks = [f"mask {m.label}" for m in r.masks]
    return " ".join([r.uri, r.role, r.label or "", *boxes, *masks, *([str(dict(r.columns))] if r.columns else [])])
