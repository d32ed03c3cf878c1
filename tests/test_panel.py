"""The panel's questions, in this process and against a real kernel over its comm."""

from __future__ import annotations

import ast
import json
import re
import shutil
import sys
import types
import uuid
from pathlib import Path

import pytest
from patience import PATIENCE_S, until

sys.path.insert(0, str(Path(__file__).parent / "ui"))
from fake_lab import FakeLab

from veml_lab import __version__, panel
from veml_lab.errors import BadInput, UnknownName
from veml_lab.versions import operations

JS = Path(__file__).parents[1] / "js" / "src"


def test_an_unknown_question_is_answered_with_the_names_of_the_known_ones():
    with pytest.raises(UnknownName, match="known: version, versions"):
        panel.answer("versionz", {}, [])


def test_without_a_lab_the_panel_gets_an_empty_list_and_the_rest_says_what_to_type():
    assert panel.answer("versions", {}, []) == {"lab": None, "labs": [], "rows": []}
    assert panel.answer("revision", {}, []) == {"revision": "", "running": 0}
    with pytest.raises(BadInput, match=re.escape("veml_lab.open(")):
        panel.answer("lineage", {}, [])


def test_the_lab_opened_last_answers_unless_another_is_named():
    old, new = FakeLab("old"), FakeLab("new", empty=True)
    assert panel.answer("versions", {}, [old, new])["lab"]["name"] == "new"
    named = panel.answer("versions", {"lab": str(old.path)}, [old, new])
    assert named["lab"]["name"] == "old" and len(named["rows"]) == len(old.rows())
    assert [x["name"] for x in named["labs"]] == ["old", "new"]


def test_a_lab_closed_since_gives_way_to_the_one_that_is_open():
    assert panel.answer("versions", {"lab": "/gone"}, [FakeLab()])["lab"]["name"] == "road-lab"
    with pytest.raises(UnknownName):
        panel.answer("lineage", {"lab": "/gone"}, [FakeLab()])


def test_details_are_asked_for_by_name_or_id_and_nothing_else():
    lab = FakeLab()
    assert panel.answer("version", {"version": "mnist"}, [lab])["samples"] == 1200
    assert panel.answer("version", {"version": "d-mnist"}, [lab])["name"] == "mnist"
    for bad in ({}, {"version": 3}, {"version": ""}):
        with pytest.raises(BadInput):
            panel.answer("version", bad, [lab])
    with pytest.raises(BadInput, match="params"):
        panel.answer("versions", ["mnist"], [lab])  # type: ignore[arg-type]


def test_both_sides_speak_the_same_version_of_the_protocol():
    said = (JS / "version.ts").read_text()
    assert f"PROTOCOL = {panel.PROTOCOL};" in said and f"VERSION = '{__version__}'" in said


def test_outside_of_a_kernel_nothing_is_registered():
    assert panel.register() is False


def test_a_dashboards_kernel_answers_no_panel(monkeypatch):
    class Kernel:
        kernel = object()

    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: Kernel()))
    registered = []
    monkeypatch.setattr(
        "comm.get_comm_manager", lambda: types.SimpleNamespace(register_target=lambda *a: registered.append(a))
    )
    monkeypatch.setattr(panel, "_registered_with", None)
    monkeypatch.setenv("VEML_DASHBOARD", "1")
    assert panel.register() is False and not registered
    monkeypatch.delenv("VEML_DASHBOARD")
    assert panel.register() is True and registered[0][0] == panel.TARGET


# --- views, actions, jobs of a real lab ---


def test_every_view_of_a_real_lab_answers_with_a_state_of_plain_json(digits_lab, empty_lab):
    from veml_lab.faces.views import VIEWS

    train, needs = digits_lab.lab["digits-train"], {"browse", "statistics", "map"}
    for name in VIEWS:
        params = (
            {"version": train.id}
            if name in needs
            else {"version": digits_lab.training.id}
            if name == "errors"
            else {"versions": ["digits-train", "bright-train"]}
            if name == "compare"
            else {}
        )
        if name in ("similarity", "drift", "stream"):
            with pytest.raises(BadInput, match="make one with"):
                panel.answer("view", {"view": name, "key": name}, [empty_lab])
            continue
        if name.startswith("cases"):  # of a lab that has some: tests/faces/test_cases_drawn.py
            with pytest.raises(BadInput, match="report some"):
                panel.answer("view", {"view": name, "key": name}, [digits_lab.lab])
            continue
        said = panel.answer("view", {"view": name, "key": name, "params": params}, [digits_lab.lab])
        json.dumps(said.result, allow_nan=False)
        assert len(said.result["paths"]) == len(said.buffers)
    wall = panel.answer(
        "view_message", {"key": "browse", "content": {"type": "get", "request": 3, "positions": [0, 5]}}, []
    )
    assert wall.result["request"] == 3 and [b[:2] for b in wall.buffers] == [b"\xff\xd8"] * 2
    assert panel.answer("view_message", {"key": "browse", "content": "nonsense"}, []).result["type"] == "error"
    assert panel.answer("view_close", {"key": "browse"}, []) is True
    with pytest.raises(UnknownName, match="open it again"):
        panel.answer("view_message", {"key": "browse", "content": {}}, [])
    for bad in (
        {"view": "shell", "key": "x"},
        {"view": "browse", "key": "x", "params": {"version": "../etc"}},
        {"view": "browse"},
    ):
        with pytest.raises(BadInput):
            panel.answer("view", bad, [digits_lab.lab])


def test_the_lines_of_the_actions_run_as_they_stand(digits_lab, fresh):
    lab = fresh(digits_lab)
    import veml_lab as veml

    for kind in ("data", "model", "training", "inference"):
        version = lab.versions(kind)[-1]
        for action in panel.answer("actions", {"version": version.id}, [lab])["actions"]:
            compile(action["code"], action["id"], "eval")
            if action["view"]:
                drawn = eval(action["code"], {"lab": lab, "veml": veml})  # what a user would run
                assert drawn is not None, action
                panel.answer("view", {"view": action["view"], "key": "k", "params": action["params"]}, [lab])


def test_a_map_without_vectors_is_a_line_and_no_look(digits_lab, fresh):
    lab = fresh(digits_lab)
    digits = lab["digits-train"]
    shutil.rmtree(lab.path / "embeddings", ignore_errors=True)

    def offered():
        found = panel.answer("actions", {"version": digits.id}, [lab])["actions"]
        return next(a for a in found if a["id"] == "map")

    assert offered()["view"] == "" and "view('map'" in offered()["code"]
    for params in ({"version": digits.id}, {"versions": [digits.id]}):
        with pytest.raises(BadInput, match="a look computes none"):
            panel.answer("view", {"view": "map", "key": "k", "params": params}, [lab])
    assert not list((lab.path / "embeddings").glob("*/*.npy"))  # nothing was computed
    lab.view("map", version="digits-train")  # what the line does
    assert offered()["view"] == "map"
    panel.answer("view", {"view": "map", "key": "k", "params": {"version": digits.id}}, [lab])


def test_a_name_with_quotes_stays_a_name_in_the_line(digits_lab, fresh):
    lab = fresh(digits_lab)
    evil = "x'] ; import os ; lab['"
    operations.select(lab["digits"], evil, [0])
    code = next(a["code"] for a in panel.answer("actions", {"version": evil}, [lab])["actions"] if a["id"] == "browse")
    assert ast.literal_eval(ast.parse(code, mode="eval").body.func.value.slice) == evil


def test_a_lab_is_opened_by_its_folder_and_never_made_by_looking(digits_lab, tmp_path):
    assert panel.answer("open", {"path": str(digits_lab.path)}, [])["path"] == str(digits_lab.path)
    with pytest.raises(BadInput):
        panel.answer("open", {"path": str(tmp_path / "none")}, [])
    assert not (tmp_path / "none").exists()
    with pytest.raises(BadInput):
        panel.answer("open", {"path": 3}, [])


def test_jobs_are_listed_with_their_state_and_only_known_ones_are_stopped(digits_lab, monkeypatch):
    jobs = panel.answer("jobs", {}, [digits_lab.lab])
    assert [j["state"] for j in jobs] == ["done"] and jobs[0]["name"] == "first"
    assert panel.answer("revision", {}, [digits_lab.lab])["running"] == 0
    for bad in ({"what": "delete", "key": jobs[0]["key"]}, {"what": "stop", "key": "../../etc"}, {"what": "stop"}):
        with pytest.raises(BadInput):
            panel.answer("job", bad, [digits_lab.lab])
    monkeypatch.setenv("VEML_DASHBOARD", "1")
    with pytest.raises(BadInput, match="only be watched"):
        panel.answer("job", {"what": "stop", "key": jobs[0]["key"]}, [digits_lab.lab])


# --- a real kernel ---


class Client:
    """One comm to the kernel, as the browser has it."""

    def __init__(self, kc, subshell=None):
        self.kc, self.subshell, self.id, self.n = kc, subshell, uuid.uuid4().hex, 0
        self._send("comm_open", {"comm_id": self.id, "target_name": panel.TARGET, "data": {}})

    def _send(self, kind, content):
        message = self.kc.session.msg(kind, content)
        if self.subshell:
            message["header"]["subshell_id"] = self.subshell
        self.kc.shell_channel.send(message)

    def wait(self, wanted):
        while True:
            m = self.kc.get_iopub_msg(timeout=PATIENCE_S)
            if m["msg_type"] in ("comm_msg", "comm_close") and m["content"]["comm_id"] == self.id and wanted(m):
                return m

    def event(self, name):
        return self.wait(lambda m: m["content"]["data"].get("event") == name)["content"]["data"]

    def ask(self, question, **params):
        self.n += 1
        self._send("comm_msg", {"comm_id": self.id, "data": {"id": self.n, "question": question, "params": params}})
        return self.wait(lambda m: m["content"]["data"].get("id") == self.n)["content"]["data"]


@pytest.fixture(scope="module")
def kernel():
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel()
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def run(kernel, code):
    reply = kernel.execute_interactive(code, timeout=PATIENCE_S, output_hook=lambda _: None)
    assert reply["content"]["status"] == "ok", reply["content"]


def test_a_kernel_without_the_package_closes_the_comm_and_one_with_it_answers_while_a_cell_runs(kernel, tmp_path):
    assert Client(kernel).wait(lambda m: True)["msg_type"] == "comm_close"
    here = str(Path(__file__).parent / "ui")
    run(
        kernel, f"import sys; sys.path.insert(0, {here!r}); import fake_lab; lab = fake_lab.install(fake_lab.FakeLab())"
    )
    run(kernel, "import veml_lab.panel; assert veml_lab.panel.register() and veml_lab.panel.register()")
    kernel.control_channel.send(kernel.session.msg("create_subshell_request", {}))
    subshell = kernel.get_control_msg(timeout=PATIENCE_S)["content"]["subshell_id"]

    runs, go = tmp_path / "runs", tmp_path / "go"
    cell = kernel.execute(
        "import pathlib, time\n"
        f"pathlib.Path({str(runs)!r}).touch()\n"
        f"while not pathlib.Path({str(go)!r}).exists(): time.sleep(0.02)"
    )
    until(runs.exists, "the cell runs")
    client = Client(kernel, subshell)
    assert client.event("hello")["protocol"] == panel.PROTOCOL
    assert len(client.ask("versions")["result"]["rows"]) == 16
    assert {n["kind"] for n in client.ask("lineage")["result"]["nodes"]} >= {"data", "model", "training", "inference"}
    go.touch()  # the cell ends now, and not before
    assert kernel.get_shell_msg(timeout=PATIENCE_S)["parent_header"]["msg_id"] == cell

    wrong = client.ask("drop table")
    assert wrong["error"]["name"] == "UnknownName" and "versions" in wrong["error"]["message"]
    assert "error" in client.ask("version", version="nothing like it")


def test_a_new_version_is_pushed_to_every_open_panel(kernel):
    client = Client(kernel)
    client.event("hello")
    before = client.ask("revision")["result"]["revision"]
    kernel.execute("lab.add('night')")
    assert client.event("version")["row"]["name"] == "night"
    assert client.ask("revision")["result"]["revision"] != before
