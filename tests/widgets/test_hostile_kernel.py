"""Hostile messages to every widget in a real kernel.

Whatever is sent, the kernel lives, runs nothing of it, shows nothing but the samples, says what was wrong in one short
message to that widget alone, and answers the next honest question.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import uuid
from pathlib import Path

import pytest
from patience import PATIENCE_S

pytest.importorskip("anywidget")
pytest.importorskip("ipykernel")
sys.path.insert(0, str(Path(__file__).resolve().parent))
import examples
import hostile

ROOT = Path(__file__).resolve().parents[2]
if not (ROOT / "veml_lab" / "static" / "lineage.js").is_file():
    pytest.skip("the front end is not built (scripts/build_frontend.sh)", allow_module_level=True)

from veml_lab import widgets  # noqa: E402
from veml_lab.errors import BadInput  # noqa: E402
from veml_lab.versions.notes import checked_note, checked_tag  # noqa: E402

REAL = "a wall of files"  # a wall on pictures of a lab beside the examples
QUESTIONS = {
    **examples.QUESTIONS,
    REAL: [  # its samples have no vectors: nothing is like anything
        {**q, **({"where": {}, "by": ""} if q["type"] == "find" else {}), **({"fact": "size"} if "fact" in q else {})}
        for q in examples.QUESTIONS["SampleBrowser"]
        if q["type"] != "like"
    ],
}
NAMES = [*widgets.__all__, REAL]
LONGEST = 2_000  # letters of an error: nobody gets ten megabytes back

SETUP = """
import hashlib, json, pathlib
import numpy as np
from PIL import Image
import examples
import veml_lab as veml
from veml_lab.faces.pictures import VersionPictures
from veml_lab.widgets import SampleBrowser

made = examples.made()
folder = pathlib.Path("pictures/cat")
folder.mkdir(parents=True)
for i in range(6):
    Image.fromarray(np.full((20, 20, 3), 40 * i, np.uint8)).save(folder / f"{i}.png")
lab = veml.open("lab")
version = lab.add("pets", veml.read("pictures"), progress=False)
made["a wall of files"] = SampleBrowser(VersionPictures(version, writable=True))
made_first = {n: {k: v for k, v in w.get_state().items() if k in w._from_browser} for n, w in made.items()}
import veml_lab.panel
veml_lab.panel.register()
print(json.dumps({name: widget.comm.comm_id for name, widget in made.items()}))
"""


def is_event(data):
    """What panels are told unasked: a version was made."""
    return isinstance(data, dict) and data.get("event") == "version"


class Kernel:
    """A kernel with every widget, and what it says on its open channel."""

    def __init__(self, manager, client, folder):
        self.manager, self.client, self.folder = manager, client, folder
        client.session.pack = lambda o: json.dumps(o, default=str).encode()  # NaN too, as a hostile page can
        self.comms = json.loads(self.run(SETUP))

    def run(self, code):
        """What a cell prints."""
        said = []
        message = self.client.execute(code, allow_stdin=False)
        for m in self.until_idle([message]):
            assert m["msg_type"] != "error", "\n".join(m["content"]["traceback"])
            if m["msg_type"] == "stream" and m["content"]["name"] == "stdout":
                said.append(m["content"]["text"])
        return "".join(said)

    def until_idle(self, parents, silent_s=PATIENCE_S):
        """Everything that is said until all these messages are dealt with."""
        waiting, heard, silent, look_s = set(parents), [], 0, 1
        while waiting:
            assert self.manager.is_alive(), "the kernel died"
            try:
                m = self.client.get_iopub_msg(timeout=look_s)
            except queue.Empty:
                silent += look_s
                assert silent < silent_s, f"{len(waiting)} messages are not dealt with"
                continue
            heard.append(m)
            if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle":
                waiting.discard(m["parent_header"].get("msg_id"))
        return heard

    def send(self, comm, data, kind="comm_msg", **content):
        message = self.client.session.msg(kind, {"comm_id": comm, "data": data, **content})
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def ask(self, name, contents, *, raw=False, at_once=40):
        """What each message was answered with: the messages to that widget, and those to others."""
        contents, answers = list(contents), []
        for first in range(0, len(contents), at_once):
            ids = [
                self.send(self.comms[name], c if raw else {"method": "custom", "content": c})
                for c in contents[first : first + at_once]
            ]
            heard = self.until_idle(ids)
            for number in ids:
                mine = [m for m in heard if m["parent_header"].get("msg_id") == number]
                errors = [m for m in mine if m["msg_type"] in ("error", "stream")]
                assert not errors, f"a raw traceback: {errors[0]['content']}"
                sent = [m for m in mine if m["msg_type"] == "comm_msg" and not is_event(m["content"]["data"])]
                assert {m["content"]["comm_id"] for m in sent} <= {self.comms[name]}
                answers.append([m for m in sent if m["content"]["data"].get("method") != "echo_update"])
        return answers

    def honest(self, name):
        """The widget answers its honest questions, or none where it has none."""
        for question in QUESTIONS.get(name, []):
            question = {**question, "request": 7}
            if question["type"] == "save":
                question["name"] = f"kept {uuid.uuid4().hex}"
            ((answer,),) = self.ask(name, [question])
            said = answer["content"]["data"]["content"]
            assert said["type"] != "error", said
            assert said["request"] == 7


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    from jupyter_client.manager import start_new_kernel

    folder = tmp_path_factory.mktemp("kernel") / "work"
    folder.mkdir()
    paths = [str(ROOT), str(ROOT / "tests" / "widgets"), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "IPYTHONDIR": str(folder.parent)}
    environment.pop("VEML_DASHBOARD", None)
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(folder), env=environment)
    try:
        yield Kernel(manager, client, folder)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.fixture(autouse=True)
def nothing_has_happened(kernel, request):
    """After every test: nothing of it was run, nothing written beside the lab, and the widgets answer."""
    yield
    assert kernel.run("print(1)").strip() == "1"
    assert sorted(p.name for p in kernel.folder.iterdir()) == ["lab", "pictures"]
    assert [p.name for p in kernel.folder.parent.iterdir() if hostile.CANARY in p.name] == []
    asked = request.node.callspec.params.get("name") if hasattr(request.node, "callspec") else None
    for name in [asked] if asked else NAMES:
        kernel.honest(name)


def error_of(answers, said):
    """The one error that a message was answered with."""
    assert len(answers) == 1, f"{len(answers)} answers to {said!r:.120}"
    content = answers[0]["content"]["data"]["content"]
    assert content["type"] == "error", f"{said!r:.120} was answered with {content!r:.200}"
    json.dumps(content, allow_nan=False)
    assert isinstance(content["request"], int) and len(content["message"]) <= LONGEST
    assert not answers[0]["buffers"] and "root:" not in content["message"]
    assert "Traceback" not in content["message"] and "object has no attribute" not in content["message"]
    return content


LENGTH = {"SampleBrowser": 600, REAL: 6, "EmbeddingMap": 3000}


def passes(check, value):
    try:
        check(value)
    except BadInput:
        return False
    return True


def fine(name, question):
    """Whether a question is in order all the same: a name, for one, may be any words."""
    if not isinstance(question, dict) or question.get("type") not in [q["type"] for q in QUESTIONS.get(name, [])]:
        return False
    number = lambda v: isinstance(v, int | float) and not isinstance(v, bool) and abs(v) < float("inf")  # noqa: E731
    places = lambda v: isinstance(v, list) and all(type(p) is int and 0 <= p < LENGTH[name] for p in v)  # noqa: E731
    side = lambda v, most: type(v) is int and 16 <= v <= most  # noqa: E731
    get = question.get
    match question["type"]:
        case "get":
            return places(get("positions")) and len(get("positions")) <= 400
        case "one":
            return places([get("position")]) and side(get("size_px", 64), 4096)
        case "picture":
            return places([get("index")]) and side(get("size_px", 64), 512)
        case "find":
            sorts = get("by", "") in ("", "size", None) and get("descending", False) in (True, False)
            return sorts and type(get("descending", False)) is bool and get("where", {}) in ({}, None, {"class": "car"})
        case "save":
            chosen = get("positions", get("indices"))
            named = isinstance(get("name"), str) and 0 < len(get("name").strip()) <= 200
            return named and places(chosen) and bool(chosen) and get("what", "data version") == "data version"
        case "charts":
            return number(get("from")) and number(get("to")) and get("from") < get("to")
        case "spread":
            return get("fact") == ("size" if name == REAL else "speed")
        case "like":
            return places([get("position")]) and get("where", {}) == {}
        case "about":
            return places([get("position")])
        case "tag":
            named = passes(checked_tag, get("tag")) and type(get("remove", False)) is bool
            return named and places(get("positions")) and bool(get("positions"))
        case "note":
            return places([get("position")]) and passes(checked_note, get("text"))
        case "beside":
            return isinstance(get("content"), dict)  # then it is the wall that answers, if one is open
        case "look":
            return True
    return False


@pytest.mark.parametrize("name", NAMES)
def test_a_question_that_is_not_well_formed_is_answered_with_one_error(kernel, name):
    asked = list(hostile.contents(QUESTIONS.get(name, [])))
    for question, answers in zip(asked, kernel.ask(name, asked), strict=True):
        if fine(name, question):
            assert len([a for a in answers if a["content"]["data"]["method"] == "custom"]) == 1
        else:
            error_of(answers, question)


@pytest.mark.parametrize("name", NAMES)
def test_an_envelope_that_is_no_message_of_a_widget_is_answered_with_one_error(kernel, name):
    asked = list(hostile.envelopes())
    for envelope, answers in zip(asked, kernel.ask(name, asked, raw=True), strict=True):
        error_of(answers, envelope)


@pytest.mark.parametrize("name", NAMES)
def test_a_state_that_is_not_the_page_s_to_set_changes_nothing(kernel, name):
    what = "SampleBrowser" if name == REAL else name
    sent = [{"method": "update", "state": s} for s in hostile.states(getattr(widgets, what))]
    look = f"w = made[{name!r}]; print(hashlib.sha1(repr((w.static_html(), w.packed())).encode()).hexdigest())"
    kernel.run("w = None")
    before = kernel.run(look)
    for message, answers in zip(sent, kernel.ask(name, sent, raw=True), strict=True):
        if answers:
            error_of(answers, message)
    # what the page may set it may set to what is there to be chosen: nothing of that stays in the way
    assert kernel.run(f"made[{name!r}].set_state(made_first[{name!r}]); {look}") == before


@pytest.mark.parametrize("name", NAMES)
def test_a_flood_is_answered_message_by_message(kernel, name):
    flood = [{"type": "get", "positions": [-1], "request": i} for i in range(400)]
    answers = kernel.ask(name, flood, at_once=400)
    assert [error_of(a, "a flood")["request"] for a in answers] == list(range(400))


@pytest.mark.parametrize("depth", [900, 100_000])
def test_nesting_deeper_than_a_stack_ends_nothing(kernel, depth):
    pack, deep = kernel.client.session.pack, b"[" * depth + b"]" * depth
    kernel.client.session.pack = lambda o: pack(o).replace(b'"DEEP"', deep)
    try:
        for name in NAMES:
            kernel.send(kernel.comms[name], {"method": "custom", "content": "DEEP"})
            kernel.send(kernel.comms[name], "DEEP")
    finally:
        kernel.client.session.pack = pack


def test_unknown_comms_and_targets_reach_no_widget(kernel):
    ids = [kernel.send("nobody", {"method": "custom", "content": {"type": "get"}})]
    for target in ("jupyter.widget", "jupyter.widget.control", "veml", "os.system", "veml_lab.cli.main", hostile.CODE):
        for n, data in enumerate([*hostile.NO_OBJECTS[:4], {}, {"state": {"_model_module": "os"}}]):
            ids.append(kernel.send(f"{target} {n}", data, "comm_open", target_name=target))
    heard = kernel.until_idle(ids)
    assert not [m for m in heard if m["msg_type"] == "comm_msg" and m["content"]["comm_id"] in kernel.comms.values()]


def test_the_panel_s_comm_answers_each_message_once_and_in_short(kernel):
    kernel.until_idle([kernel.send("panel", {}, "comm_open", target_name="veml")])
    kernel.comms["the panel"] = "panel"
    try:
        asked = list(hostile.panel_questions())
        for question, answers in zip(asked, kernel.ask("the panel", asked, raw=True), strict=True):
            assert len(answers) == 1, f"{question!r:.120}: {len(answers)} answers"
            said = answers[0]["content"]["data"]
            json.dumps(said, allow_nan=False)
            if "error" in said:
                words = said["error"]["message"]
                assert len(words) <= LONGEST and "object has no attribute" not in words and "unhashable" not in words
            else:
                # a version that an earlier message kept under such a name is shown
                known = question["question"] == "version" and said["result"]["name"] == question["params"]["version"]
                assert known or question["question"] in (
                    "versions",
                    "revision",
                    "lineage",
                    "results",
                    "jobs",
                    "actions",
                    "cases",
                    "view_close",
                )
    finally:
        del kernel.comms["the panel"]
