"""Run a command again when a signal ended it: ``python -m veml_lab.execute.again FOLDER TIMES COMMAND ...``.

For work that can go on where it was: a process that the kernel killed for memory, or that a library crashed. Who ends
it with SIGTERM or Ctrl-C means it, and an error of its own would only come again; then nothing is started. While this
process lives it holds a lock on ``FOLDER/again.json``, which says what happened; a file ``FOLDER/stop`` ends it too.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ..storage.locks import is_held, lock_open

FILE = "again.json"
MEANT = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
PAUSE_S = 1.0  # before the second start; doubled each time, for a machine that is out of memory


def run(folder: Path, times: int, command: Sequence[str]) -> int:
    """Run the command, and after a crash up to ``times`` times more; its last exit status, negative for a signal."""
    with (folder / FILE).open("w") as note:
        lock_open(note.fileno(), exclusive=True, wait=True, name=folder)
        for again in range(times + 1):
            child = subprocess.Popen(command)
            signal.signal(signal.SIGTERM, lambda *_, child=child: child.terminate())
            code = child.wait()
            if code >= 0 or -code in MEANT or again == times or (folder / "stop").exists():
                return code
            note.seek(0)
            note.truncate()
            note.write(json.dumps({"signal": signal.Signals(-code).name, "again": again + 1, "of": times}))
            note.flush()
            time.sleep(PAUSE_S * 2**again)
            if (folder / "stop").exists():
                return code
    raise AssertionError("the last run returns")


def watched(folder: Path) -> dict[str, int | str] | None:
    """What happened to a command that is kept alive, empty at first; None where nobody keeps it."""
    try:
        if not is_held(folder / FILE, exclusive=False):
            return None  # its process is gone, and the lock with it
        text = (folder / FILE).read_bytes()
    except FileNotFoundError:
        return None
    return json.loads(text) if text.endswith(b"}") else {}


if __name__ == "__main__":
    status = run(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
    sys.exit(status if status >= 0 else 128 - status)
