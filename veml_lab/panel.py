"""Kernel side of the JupyterLab panel: named questions about the open labs, over one comm.

The browser sends ``{"id", "question", "params"}`` and always gets ``{"id", "result"}`` or ``{"id", "error"}``.
JupyterLab puts the comm on a kernel subshell, so that questions are answered while a cell runs; they are
therefore asked on another thread than the cells. A dashboard's kernel does not register this at all.

Questions
---------
hello
    Version of the package and of this protocol.
open
    Open the lab in the folder ``params["path"]`` (a tab of JupyterLab on a lab with a kernel of its own).
labs
    The open labs: name, path, revision; the most recent last.
versions, version, lineage, revision, results, jobs, actions
    Of one lab: its rows, one version with its details, the graph, a string that changes with every version, what
    was found out, the training jobs, and what can be done with a version as lines of code.
    ``params["lab"]`` is a path as ``labs`` gives it; without it the most recently opened lab is meant.
cases
    The most pressing bad cases that pass ``params["where"]`` (function, status, week, text), and what can be chosen.
form
    What is asked before an action computes: its fields, cost and gain, and the line, for ``params["values"]``.
job
    Stop or resume a training job: ``{"key", "what"}``.
view, view_message, view_close
    A drawing by its name (:mod:`veml_lab.faces.views`) with its state, one message to it, its end. What a view
    can change (keep a choice as a version) it offers only where the lab is writable.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import __version__
from .errors import BadInput, UnknownName, VemlError

if TYPE_CHECKING:
    from .lab import Lab
    from .widgets._base import Drawing

TARGET = "veml"
PROTOCOL = 2
MOST_LETTERS = 2_000  # of a name or a path in a question, and of an error
MOST_VIEWS = 40  # open tabs; the one that was asked least recently is let go, and made anew when it asks again

_log = logging.getLogger(__name__)
_registered_with: Any = None
_kept: dict[str, Lab] = {}  # labs that a tab has opened: nothing else holds them
_views: OrderedDict[str, Drawing] = OrderedDict()
_views_lock = threading.Lock()


@dataclass(frozen=True)
class Reply:
    """A result with binary parts: pictures and points travel beside the JSON."""

    result: Any
    buffers: list[bytes]


def register() -> bool:
    """Answer the panel's questions from this kernel; does nothing outside of one, in a dashboard, or the second time.

    Returns
    -------
    bool
        Whether this process is a kernel, and so answers.
    """
    global _registered_with
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None or getattr(shell, "kernel", None) is None or os.environ.get("VEML_DASHBOARD"):
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


def answer(question: str, params: dict[str, Any] | None = None, labs: Iterable[Lab] | None = None) -> Any:
    """Answer one named question; JSON in, JSON out (or a :class:`Reply`).

    Raises
    ------
    UnknownName
        No such question, lab or version.
    """
    if not isinstance(question, str) or question not in _QUESTIONS:
        raise UnknownName.of("question", question, _QUESTIONS)
    if params is not None and not isinstance(params, dict):
        raise BadInput(f"params of {question!r} is an object; got {type(params).__name__}")
    return _QUESTIONS[question](list(_open_labs() if labs is None else labs), params or {})


def _open_labs() -> list[Lab]:
    # Never imported for the panel's sake: then no lab is open. While a cell imports it on the main thread, this
    # one (a subshell's) sees the module half made.
    ask = getattr(sys.modules.get(f"{__package__}.lab"), "open_labs", None)
    return list(ask()) if ask is not None else []


def _info(lab: Lab) -> dict[str, str]:
    return {"name": str(lab.name), "path": str(lab.path), "revision": str(lab.revision())}


def _which(labs: list[Lab], params: dict[str, Any]) -> Lab:
    wanted = params.get("lab")
    if wanted is None:
        if not labs:
            raise BadInput('no lab is open in this kernel; open one with: lab = veml_lab.open("my-lab")')
        return labs[-1]
    for lab in reversed(labs):
        if str(lab.path) == wanted:
            return lab
    raise UnknownName.of("open lab", wanted, [str(lab.path) for lab in labs])


def _text(params: dict[str, Any], key: str, what: str) -> str:
    value = params.get(key)
    if not isinstance(value, str) or not value:
        raise BadInput(f"this question needs params {{{key!r}: {what}}}")
    if len(value) > MOST_LETTERS or "\0" in value or any("\ud800" <= c <= "\udfff" for c in value):
        raise BadInput(f"{what} is a line of at most {MOST_LETTERS} letters; {key!r} is not")
    return value


def _hello(_labs: list[Lab], _params: dict[str, Any]) -> dict[str, Any]:
    return {"version": __version__, "protocol": PROTOCOL}


def _open(_labs: list[Lab], params: dict[str, Any]) -> dict[str, str]:
    from .lab import open as open_lab

    lab = open_lab(_text(params, "path", "the folder of a lab"), create=False)
    lab = _kept.setdefault(str(lab.path), lab)
    return _info(lab)


def _labs(labs: list[Lab], _params: dict[str, Any]) -> list[dict[str, str]]:
    return [_info(lab) for lab in {str(lab.path): lab for lab in labs}.values()]


def _versions(labs: list[Lab], params: dict[str, Any]) -> dict[str, Any]:
    if not labs:
        return {"lab": None, "labs": [], "rows": []}
    known = {str(lab.path) for lab in labs}
    # a lab that was closed since the panel asked last is no error: the most recent takes its place
    lab = _which(labs, params if params.get("lab") in known else {})
    kind = params.get("kind")
    return {"lab": _info(lab), "labs": _labs(labs, {}), "rows": lab.rows(kind)}


def _version(labs: list[Lab], params: dict[str, Any]) -> dict[str, Any]:
    lab, asked = _which(labs, params), _text(params, "version", "a name or an ID")
    return {**lab.detail(asked), "groups": lab.facts(asked)}


def _lineage(labs: list[Lab], params: dict[str, Any]) -> dict[str, Any]:
    from .widgets._graph_folds import dress

    found = _which(labs, params).elements(params.get("focus"))
    return {**found, "dress": dress(found["nodes"], found["edges"])}


def _revision(labs: list[Lab], params: dict[str, Any]) -> dict[str, Any]:
    if not labs:
        return {"revision": "", "running": 0}
    known = {str(lab.path) for lab in labs}
    lab = _which(labs, params if params.get("lab") in known else {})
    return {"revision": str(lab.revision()), "running": sum(j["state"] in ("running", "starting") for j in _look(lab))}


def _look(lab: Lab) -> list[dict[str, Any]]:
    from .faces.views import LabJobs

    return LabJobs(lab.store).look()


def _results(labs: list[Lab], params: dict[str, Any]) -> dict[str, Any]:
    from .faces.views import results

    return results(_which(labs, params).store)


def _jobs(labs: list[Lab], params: dict[str, Any]) -> list[dict[str, Any]]:
    return _look(_which(labs, params))


def _job(labs: list[Lab], params: dict[str, Any]) -> dict[str, Any]:
    from .faces.pictures import is_writable
    from .faces.views import LabJobs

    lab, what = _which(labs, params), params.get("what")
    if what not in ("stop", "resume"):
        raise BadInput(f"a job is stopped or resumed; got {what!r:.40}")
    if not is_writable(lab.store):
        raise BadInput(f"{lab.name!r} is open read-only: its jobs can only be watched")
    jobs = LabJobs(lab.store)
    said = getattr(jobs, what)(_text(params, "key", "of a job"))
    return {"message": said, "jobs": jobs.look()}


def _cases(labs: list[Lab], params: dict[str, Any]) -> dict[str, Any]:
    from .faces.cases import board

    where = params.get("where") or {}
    if not isinstance(where, dict):
        raise BadInput(f"'where' is an object: a text for each filter; got {type(where).__name__}")
    return board(_which(labs, params).store, where)


def _actions(labs: list[Lab], params: dict[str, Any]) -> dict[str, Any]:
    from .faces.actions import actions, lab_actions

    lab = _which(labs, params)
    names = {"lab": _called(lab), "veml": _called(sys.modules[__package__ or "veml_lab"])}
    said = {k: v or d for (k, v), d in zip(names.items(), ("lab", "veml"), strict=True)}
    if params.get("version"):
        found = actions(lab.store, lab.store.graph().find(_text(params, "version", "a name or an ID")), **said)
    else:
        found = lab_actions(lab.data, **said)
    # what a cell needs before the line where the notebook has not named them yet
    before = [] if names["veml"] else ["import veml_lab as veml"]
    before += [] if names["lab"] else [f"lab = {said['veml']}.open({str(lab.path)!r})"]
    return {"before": "\n".join(before), "actions": found}


def _form(labs: list[Lab], params: dict[str, Any]) -> dict[str, Any]:
    from .faces.forms import Asked, filled

    lab, values = _which(labs, params), params.get("values")
    if values is not None and not isinstance(values, dict):
        raise BadInput(f"values of a form are an object; got {type(values).__name__}")
    node = lab.store.graph().find(_text(params, "version", "a name or an ID"))
    called = {"lab": _called(lab) or "lab", "veml": _called(sys.modules[__package__ or "veml_lab"]) or "veml"}
    return filled(Asked(lab.store, node, **called), _text(params, "action", "its name"), values)


def _called(thing: Any) -> str:
    """What the notebook calls an object; empty where it has no name there."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    names = dict(getattr(shell, "user_ns", {}) or {})
    same = [
        n
        for n, v in names.items()
        if not n.startswith("_")
        and (v is thing or (hasattr(thing, "path") and type(v) is type(thing) and v.path == thing.path))
    ]
    return min(same, key=len) if same else ""


def _view(labs: list[Lab], params: dict[str, Any]) -> Reply:
    from .widgets._base import alone

    lab = _which(labs, params)
    asked = params.get("params")
    _no_heavy_look(lab, params.get("view"), asked)
    with alone():
        drawing = _make_view(lab, _text(params, "view", "its name"), asked if isinstance(asked, dict) else {})
    key = _text(params, "key", "the tab's own")
    with _views_lock:
        _views[key] = drawing
        _views.move_to_end(key)
        while len(_views) > MOST_VIEWS:
            _views.popitem(last=False)
    state, paths, buffers = drawing.packed()
    return Reply(
        {"widget": type(drawing).__name__, "state": state, "paths": paths, "title": drawing.describe()}, buffers
    )


def _no_heavy_look(lab: Lab, name: Any, params: Any) -> None:
    """Refuse a map whose vectors would have to be computed first: a look never computes."""
    if name != "map" or not isinstance(params, dict):
        return
    from .faces.views import unembedded

    lacking = unembedded(lab, params)
    if lacking:
        raise BadInput(
            f"{lacking!r} has samples without a vector, and a look computes none; in a cell, with progress and a way to"
            f" stop it: lab.view('map', version={lacking!r})"
        )


def _make_view(lab: Lab, name: str, params: dict[str, Any]) -> Drawing:
    from .faces.views import view

    return view(lab, name, params)


def _view_message(_labs: list[Lab], params: dict[str, Any]) -> Reply:
    key = _text(params, "key", "of an open view")
    with _views_lock:
        drawing = _views.get(key)
        if drawing is not None:
            _views.move_to_end(key)
    if drawing is None:
        raise UnknownName("this view is not open in the kernel any more; open it again")
    content, buffers = drawing.answered(params.get("content"))
    return Reply(content, buffers)


def _view_close(_labs: list[Lab], params: dict[str, Any]) -> bool:
    with _views_lock:
        return _views.pop(_text(params, "key", "of an open view"), None) is not None


_QUESTIONS: dict[str, Callable[[list[Lab], dict[str, Any]], Any]] = {
    "hello": _hello,
    "open": _open,
    "labs": _labs,
    "versions": _versions,
    "version": _version,
    "lineage": _lineage,
    "revision": _revision,
    "results": _results,
    "jobs": _jobs,
    "job": _job,
    "cases": _cases,
    "actions": _actions,
    "form": _form,
    "view": _view,
    "view_message": _view_message,
    "view_close": _view_close,
}


def _opened(comm: Any, _message: dict[str, Any]) -> None:
    """A panel opened its comm: say hello, then answer what it asks."""

    @comm.on_msg
    def _asked(message: dict[str, Any]) -> None:
        asked = message["content"]["data"]
        asked = asked if isinstance(asked, dict) else {}
        number = asked["id"] if type(asked.get("id")) is int else None  # it goes back: NaN would not be read there
        try:
            _listen()
            said = answer(asked.get("question", ""), asked.get("params"))
            result, buffers = (said.result, said.buffers) if isinstance(said, Reply) else (said, [])
            comm.send({"id": number, "result": result}, buffers=buffers)
        except Exception as e:  # the browser is always answered; what we did not mean to raise is logged too
            if not isinstance(e, VemlError):
                _log.exception("the panel asked %.60r", asked.get("question"))
            comm.send({"id": number, "error": {"name": type(e).__name__, "message": str(e)[:MOST_LETTERS]}})

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
