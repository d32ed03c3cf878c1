"""The running process: its script or cells, its command line, chosen variables, the machine.

Nothing is imported to find out: IPython is asked only where somebody has loaded it.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

LONGEST_SCRIPT = 1_000_000  # bytes of its text
MOST_WORDS, LONGEST_WORD = 400, 4_000  # of a command line
# What changes what a computation gives. Names are chosen one by one, so that none of a secret is among them.
VARIABLES = (
    "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "OMP_WAIT_POLICY", "KMP_DETERMINISTIC_REDUCTION", "MKL_CBWR", "CUDA_VISIBLE_DEVICES", "CUDA_LAUNCH_BLOCKING",
    "CUBLAS_WORKSPACE_CONFIG", "NVIDIA_TF32_OVERRIDE", "HIP_VISIBLE_DEVICES", "PYTORCH_CUDA_ALLOC_CONF",
    "PYTORCH_ENABLE_MPS_FALLBACK", "PYTHONHASHSEED", "PYTHONPATH", "SEED", "RANDOM_SEED", "GLOBAL_SEED",
    "PL_GLOBAL_SEED", "TZ", "CONDA_DEFAULT_ENV", "VIRTUAL_ENV", "SLURM_JOB_ID", "VEML_CATALOG", "VEML_LAB_LINKS",
)  # fmt: skip


def as_text(value: str) -> str:
    """A text that every encoding of Unicode takes: bytes that are none (an argument in another encoding) are spelt
    out.

    >>> as_text("caf\\udce9")
    'caf\\\\udce9'
    """
    return value.encode("utf-8", "backslashreplace").decode()


def folder() -> str:
    """The working directory; "" where it was removed."""
    try:
        return str(Path.cwd())
    except OSError:
        return ""


def cells() -> Sequence[str]:
    """What was run in this notebook or IPython so far, by its number; the first is none. Empty in a plain process."""
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython is not None and hasattr(ipython, "get_ipython") else None
    history = getattr(shell, "history_manager", None)
    found = getattr(history, "input_hist_raw", None)
    return found if isinstance(found, list) else ()


def in_kernel() -> bool:
    """Whether a Jupyter kernel runs here: its command line is that of the kernel and says nothing."""
    return "ipykernel" in sys.modules and bool(cells())


def notebook() -> str:
    """The path of the notebook as JupyterLab or VS Code says it; "" elsewhere."""
    if not cells():
        return ""
    ipython = sys.modules["IPython"]
    names = getattr(ipython.get_ipython(), "user_ns", {})
    said = names.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME") or ""
    return said if isinstance(said, str) else ""


def script() -> tuple[str, str | None, str]:
    """The script that runs: its path, its text, and why there is none of these.

    A program that is installed (``veml``, ``pytest``) is no script of the user's.
    """
    main = sys.modules.get("__main__")
    if cells():
        return "", None, ""
    file = getattr(main, "__file__", None)
    if file is None or file.startswith("<"):  # "<stdin>"
        given = [a for a in sys.orig_argv[1:] if a == "-c" or not a.startswith("-")]
        if "-c" in given[:1] or hasattr(sys, "ps1") or sys.flags.interactive:
            return "", None, ""
        return "", None, "the script was read from standard input, which cannot be read again"
    path = Path(file).absolute() if folder() else Path(file)
    if _is_installed(path):
        return "", None, ""
    try:
        size = path.stat().st_size
        if size > LONGEST_SCRIPT:
            return as_text(str(path)), None, f"the script is {size / 1e6:.1f} MB and was not kept"
        return as_text(str(path)), as_text(path.read_text(errors="surrogateescape")), ""
    except OSError as e:
        return as_text(str(path)), None, f"the script cannot be read: {e.strerror}"


def command() -> list[str]:
    """The command line as the system was given it, cut where it is endless; none in a kernel."""
    if in_kernel():
        return []
    words = [as_text(w) for w in sys.orig_argv[:MOST_WORDS]]
    cut = [w if len(w) <= LONGEST_WORD else f"{w[:LONGEST_WORD]}… ({len(w):,} characters)" for w in words]
    return cut + ([f"… ({len(sys.orig_argv) - MOST_WORDS:,} more)"] if len(sys.orig_argv) > MOST_WORDS else [])


def variables() -> dict[str, str]:
    """Those of :data:`VARIABLES` that are set."""
    return {name: as_text(os.environ[name]) for name in VARIABLES if name in os.environ}


def machine() -> dict[str, Any]:
    """Where it ran: name, system, Python, cores."""
    return {
        "name": as_text(platform.node()),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "cores": os.cpu_count() or 1,
    }


def _is_installed(path: Path) -> bool:
    homes = {sys.prefix, sys.base_prefix, str(Path(os.__file__).parent)}
    inside = any(path.is_relative_to(home) for home in homes)
    ours = path.is_relative_to(Path(__file__).resolve().parent.parent)
    return inside or ours or any(part in ("site-packages", "dist-packages") for part in path.parts)
