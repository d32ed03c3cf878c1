"""Serve one lab as a read-only page.

Voila runs standalone, so a visitor reaches no kernel, contents or terminal API and can run no code; what the
page's widgets answer is all there is. The notebook is served from a folder of its own in which nothing else
lies, without sources and tracebacks, and behind a token.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import LabError, MissingFile
from ..storage.border import public

_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Dashboard:
    """A running dashboard; a context manager that stops it."""

    url: str
    """With the token, as a browser takes it."""
    token: str
    port: int
    process: subprocess.Popen[bytes] = field(repr=False)
    folder: Path = field(repr=False)

    def stop(self) -> None:
        """End the server and its kernels."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Dashboard:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@public
def dashboard(
    lab: str | os.PathLike[str],
    *,
    port: int = 0,
    host: str = "127.0.0.1",
    token: str | None = None,
    theme: str = "light",
    preheat: bool = True,
    notebook: str | os.PathLike[str] | None = None,
    log: str | os.PathLike[str] | None = None,
    timeout_s: float = 60,
) -> Dashboard:
    """Serve the read-only page of a lab; comes back when the server answers.

    Parameters
    ----------
    lab : Lab or path
        The lab, or its folder.
    port : int
        0 takes a free one.
    host : str
        The address to listen on; only this machine unless changed.
    token : str, optional
        A visitor's password in the address; made up unless given, ``""`` for none.
    theme : {"light", "dark"}
    preheat : bool
        Keep one kernel ready with the pages built, so that a visitor waits for no start; costs its memory.
    notebook : path, optional
        A notebook of your own instead of the overview; it finds the lab's path in ``VEML_LAB``.
    log : path, optional
        Where the server's output goes; the same place as ours unless given.
    timeout_s : float
        How long the server may take to answer.

    Raises
    ------
    MissingFile
        There is no such lab or notebook.
    LabError
        The server ended, or did not answer in time.

    Examples
    --------
    >>> with veml.dashboard(lab) as page:                             # doctest: +SKIP
    ...     print(page.url)
    """
    home = Path(lab).expanduser().resolve()
    if not home.is_dir():
        raise MissingFile(
            f"there is no lab at {home}; make one with: veml demo --out {home.name}, or veml_lab.open(...)"
        )
    source = Path(notebook) if notebook is not None else _HERE / "overview.ipynb"
    if not source.is_file():
        raise MissingFile(f"there is no notebook at {source}")
    port = port or _free_port(host)
    token = secrets.token_urlsafe(24) if token is None else token
    folder = Path(tempfile.mkdtemp(prefix="veml-dashboard-"))
    shutil.copy(source, folder / "overview.ipynb")
    config = folder / "config"
    config.mkdir(mode=0o700)
    (config / "voila.json").write_text(
        json.dumps(_config(folder, host, port, token, theme, preheat))
    )  # not in argv: ps shows that
    environment = {
        **os.environ,
        "VEML_LAB": str(home),
        "VEML_DASHBOARD": "1",
        "JUPYTER_PATH": os.pathsep.join(filter(None, [str(_HERE / "share"), os.environ.get("JUPYTER_PATH")])),
    }
    checkout = str(_HERE.parents[1])
    if checkout not in sysconfig.get_paths().values():  # a checkout that is not installed: the kernel runs elsewhere
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [checkout, os.environ.get("PYTHONPATH")]))
    command = [
        sys.executable,
        "-m",
        "voila",
        str(folder / "overview.ipynb"),
        "--no-browser",
        f"--Voila.config_file_paths={config}",
    ]
    with Path(log).open("ab") if log is not None else nullcontext() as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, cwd=folder)
    query = f"?token={token}" if token else ""
    served = Dashboard(f"http://{host}:{port}/{query}", token, port, process, folder)
    try:
        _wait(served, host, timeout_s)
    except BaseException:
        served.stop()
        raise
    return served


def serve(
    lab: str | os.PathLike[str],
    *,
    port: int = 0,
    host: str = "127.0.0.1",
    token: str | None = None,
    theme: str = "light",
    preheat: bool = True,
    open_browser: bool = False,
) -> int:
    """Serve a lab until interrupted; prints the address. See :func:`dashboard` for the parameters.

    Returns
    -------
    int
        Exit status: 0 after Ctrl-C.
    """
    with dashboard(lab, port=port, host=host, token=token, theme=theme, preheat=preheat) as served:
        print(f"Dashboard of {Path(lab).name}, read-only: {served.url}\nStop with Ctrl-C.", flush=True)
        if open_browser:
            import webbrowser

            webbrowser.open(served.url)
        try:
            return served.process.wait()
        except KeyboardInterrupt:
            return 0


def _config(folder: Path, host: str, port: int, token: str, theme: str, preheat: bool) -> dict[str, dict[str, object]]:
    return {
        "Voila": {
            "ip": host,
            "port": port,
            "port_retries": 0,
            "root_dir": str(folder),
            "token": token,
            "open_browser": False,
        },
        "VoilaConfiguration": {
            "template": "veml",
            "theme": theme,
            "strip_sources": True,
            "show_tracebacks": False,
            "allow_template_override": "NO",
            "allow_theme_override": "NOTEBOOK",
            "extension_denylist": ["veml-lab"],
            "file_allowlist": ["(?!)"],  # matches nothing: no file of the folder is given out
            "preheat_kernel": preheat,
            "default_pool_size": 1,
            "multi_kernel_manager_class": "veml_lab.dashboards.kernels.VisitorKernels",
        },
        "MappingKernelManager": {"cull_idle_timeout": 900, "cull_interval": 60, "cull_connected": False},
    }


def _free_port(host: str) -> int:
    with socket.socket() as s:
        s.bind((host, 0))
        return s.getsockname()[1]


def _wait(dashboard: Dashboard, host: str, timeout_s: float) -> None:
    """Until the server answers anything at all: the page itself would start a kernel."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if dashboard.process.poll() is not None:
            raise LabError(
                f"the dashboard's server ended with status {dashboard.process.returncode}; its output says why"
            )
        try:
            urllib.request.urlopen(f"http://{host}:{dashboard.port}/voila/static/voila.js", timeout=2).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise LabError(f"the dashboard's server did not answer in {timeout_s:g} s")
