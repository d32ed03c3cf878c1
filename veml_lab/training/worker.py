"""The process of a detached job: ``python -m veml_lab.training.worker LAB KEY``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ..catalog import Catalog
from ..errors import VemlError
from ..versions.store import VersionStore
from .backend import Plan
from .jobs import Job, run


def main(folder: str, key: str) -> int:
    """Run the job of a key; its status says how it went."""
    path = Path(folder)
    store = VersionStore(path, Catalog(path))
    plan = Plan(**json.loads((path / "jobs" / key / "plan.json").read_text()))
    try:
        run(Job(store, key, plan), progress=False)
    except VemlError as e:
        print(e, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
