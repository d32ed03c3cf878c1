"""All installed distributions, by the names of their folders: no metadata is opened but that of editable ones."""

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from .secrets import masked

_ENDINGS = (".dist-info", ".egg-info")


def marks() -> tuple[tuple[str, int], ...]:
    """Changes when something was installed or removed, or the search path did."""
    found = []
    for place in dict.fromkeys(sys.path):
        with contextlib.suppress(OSError):
            found.append((place, Path(place or ".").stat().st_mtime_ns))
    return tuple(found)


def installed() -> dict[str, str]:
    """Version of each distribution that an import can find, by its normalised name, in order of the names.

    Of two with one name the first on the search path counts, as for an import. An editable or otherwise direct one has
    its address behind its version (``1.0 @ file:///...``).
    """
    found: dict[str, str] = {}
    for place in dict.fromkeys(sys.path):
        try:
            entries = sorted(p.name for p in Path(place or ".").iterdir())
        except OSError:  # a zip file, a folder that is gone
            continue
        for entry in entries:
            if entry.endswith(_ENDINGS):
                name, _, version = entry.rpartition(".")[0].partition("-")
                if not version:  # an egg-info without a version in its name
                    version = _from_metadata(Path(place, entry))
                version = re.sub(r"-py\d.*$", "", version)
                found.setdefault(_normal(name), version + _address(Path(place, entry)))
    return dict(sorted(found.items()))


def as_text(packages: Iterable[tuple[str, str]]) -> str:
    """One a line, as ``pip freeze`` writes them."""
    return "".join(
        f"{name} @ {version.split(' @ ', 1)[1]}\n" if " @ " in version else f"{name}=={version}\n"
        for name, version in packages
    )


def from_text(text: str) -> dict[str, str]:
    """The other way round; an address stands for the version.

    >>> from_text("numpy==2.0\\nmine @ file:///home/me/mine\\n")
    {'numpy': '2.0', 'mine': 'file:///home/me/mine'}
    """
    found = {}
    for line in text.splitlines():
        name, sign, version = line.partition(" @ " if " @ " in line else "==")
        if sign:
            found[name] = version
    return found


def version_of(name: str, packages: dict[str, str]) -> str | None:
    """The version alone of one of them."""
    found = packages.get(_normal(name))
    return None if found is None else found.partition(" @ ")[0]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _address(folder: Path) -> str:
    try:
        said = json.loads((folder / "direct_url.json").read_text(errors="replace"))
        commit = said.get("vcs_info", {}).get("commit_id", "")
        return f" @ {masked(str(said['url']))[0]}{'#' + commit if commit else ''}"
    except (OSError, ValueError, KeyError, AttributeError):
        return ""


def _from_metadata(folder: Path) -> str:
    try:
        text = (folder / "PKG-INFO").read_text(errors="replace")
    except OSError:
        return ""
    found = re.search(r"(?m)^Version: (.+)$", text)
    return found[1].strip() if found else ""
