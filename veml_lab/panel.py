"""Kernel side of the JupyterLab panel: named questions about the open labs, over one comm.

The browser sends ``{"id", "question", "params"}`` and always gets ``{"id", "result"}`` or ``{"id", "error"}``.
All questions only read. JupyterLab puts the comm on a kernel subshell, so that they are answered while a
cell runs; they are therefore asked on another thread than the cells.

Questions
---------
hello
    Version of the package and of this protocol.
labs
    The open labs: name, path, revision; the most recent last.
versions, version, lineage, revision
    Of one lab: its rows, one version with its details, the graph, a string that changes with every version.
    ``params["lab"]`` is a path as ``labs`` gives it; without it the most recently opened lab is meant.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable
from typing import Any

from . import __version__
from .errors import BadInput, UnknownName

TARGET = "veml"
PROTOCOL = 1

_log = logging.getLogger(__name__)
_registered_with: Any = None


def register() -> bool:
    """Answer the panel's questions from this kernel; does nothing outside of one, or the second time.

    Returns
    -------
    bool
        Whether this process is a kernel, and so answers.
    """
    global _registered_with
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None or getattr(shell, "kernel", None) is None:
        return False
    from comm import get_comm_manager

    manager = get_comm_manager()
    if _registered_with is not manager:
        manager.register_target(TARGET, _opened)
        _registered_with = manager
    return True


def load_ipython_extension(_shell: Any = None) -> None:
    """``%load_ext veml_lab.panel``."""
    register()


def answer(question: str, params: dict[str, Any] | None = None, labs: Iterable[Any] | None = None) -> Any:
    """Answer one named question; JSON in, JSON out.

    Raises
    ------
    UnknownName
        No such question, lab or version.
    """
    if question not in _QUESTIONS:
        raise UnknownName.of("question", question, _QUESTIONS)
    if params is not None and not isinstance(params, dict):
        raise BadInput(f"params of {question!r} is an object; got {type(params).__name__}")
    return _QUESTIONS[question](list(_open_labs() if labs is None else labs), params or {})


def _open_labs() -> list[Any]:
    # Never imported for the panel's sake: then no lab is open. While a cell imports it on the main thread, this
    # one (a subshell's) sees the module half made.
    ask = getattr(sys.modules.get(f"{__package__}.lab"), "open_labs", None)
    return list(ask()) if ask is not None else []


def _info(lab: Any) -> dict[str, str]:
    return {"name": str(lab.name), "path": str(lab.path), "revision": str(lab.revision())}


def _which(labs: list[Any], params: dict[str, Any]) -> Any:
    wanted = params.get("lab")
    if wanted is None:
        if not labs:
            raise BadInput('no lab is open in this kernel; open one with: lab = veml_lab.open("my-lab")')
        return labs[-1]
    for lab in reversed(labs):
        if str(lab.path) == wanted:
            return lab
    raise UnknownName.of("open lab", wanted, [str(lab.path) for lab in labs])


def _hello(_labs: list[Any], _params: dict[str, Any]) -> dict[str, Any]:
    return {"version": __version__, "protocol": PROTOCOL}


def _labs(labs: list[Any], _params: dict[str, Any]) -> list[dict[str, str]]:
    return [_info(lab) for lab in labs]


def _versions(labs: list[Any], params: dict[str, Any]) -> dict[str, Any]:
    if not labs:
        return {"lab": None, "labs": [], "rows": []}
    known = {str(lab.path) for lab in labs}
    # a lab that was closed since the panel asked last is no error: the most recent takes its place
    lab = _which(labs, params if params.get("lab") in known else {})
    kind = params.get("kind")
    return {"lab": _info(lab), "labs": _labs(labs, {}), "rows": lab.rows(kind)}


def _version(labs: list[Any], params: dict[str, Any]) -> dict[str, Any]:
    wanted = params.get("version")
    if not isinstance(wanted, str) or not wanted:
        raise BadInput("'version' needs params {'version': a name or an ID}")
    return _which(labs, params).detail(wanted)


def _lineage(labs: list[Any], params: dict[str, Any]) -> dict[str, Any]:
    return _which(labs, params).elements(params.get("focus"))


def _revision(labs: list[Any], params: dict[str, Any]) -> dict[str, str]:
    if not labs:
        return {"revision": ""}
    known = {str(lab.path) for lab in labs}
    return {"revision": str(_which(labs, params if params.get("lab") in known else {}).revision())}


_QUESTIONS: dict[str, Callable[[list[Any], dict[str, Any]], Any]] = {
    "hello": _hello,
    "labs": _labs,
    "versions": _versions,
    "version": _version,
    "lineage": _lineage,
    "revision": _revision,
}


def _opened(comm: Any, _message: dict[str, Any]) -> None:
    """A panel opened its comm: say hello, then answer what it asks."""

    @comm.on_msg
    def _asked(message: dict[str, Any]) -> None:
        asked = message["content"]["data"]
        asked = asked if isinstance(asked, dict) else {}
        number = asked.get("id")
        try:
            _listen()
            comm.send({"id": number, "result": answer(asked.get("question", ""), asked.get("params"))})
        except Exception as e:  # the browser is always answered; what we did not mean to raise is logged too
            if not isinstance(e, BadInput):
                _log.exception("the panel asked %r", asked.get("question"))
            comm.send({"id": number, "error": {"name": type(e).__name__, "message": str(e)}})

    comm.send({"event": "hello", **_hello([], {})})


def _listen() -> None:
    """Hear of new versions of every open lab, once a lab."""
    for lab in _open_labs():
        if _tell not in lab.listeners:
            lab.listeners.append(_tell)


def _tell(event: str, row: dict[str, Any]) -> None:
    """Push an event to every open panel."""
    from comm import get_comm_manager

    for comm in list(get_comm_manager().comms.values()):
        if comm.target_name == TARGET:
            comm.send({"event": event, "row": row})
