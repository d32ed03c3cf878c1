"""The panel's questions, in this process and against a real kernel over its comm."""

from __future__ import annotations

import re
import sys
import time
import uuid
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "ui"))
from fake_lab import FakeLab

from veml_lab import __version__, panel
from veml_lab.errors import BadInput, UnknownName

JS = Path(__file__).parents[1] / "js" / "src"


def test_an_unknown_question_is_answered_with_the_names_of_the_known_ones():
    with pytest.raises(UnknownName, match="known: version, versions"):
        panel.answer("versionz", {}, [])


def test_without_a_lab_the_panel_gets_an_empty_list_and_the_rest_says_what_to_type():
    assert panel.answer("versions", {}, []) == {"lab": None, "labs": [], "rows": []}
    assert panel.answer("revision", {}, []) == {"revision": ""}
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

    def wait(self, wanted, timeout=15):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            m = self.kc.get_iopub_msg(timeout=timeout)
            if m["msg_type"] in ("comm_msg", "comm_close") and m["content"]["comm_id"] == self.id and wanted(m):
                return m
        raise TimeoutError

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
    reply = kernel.execute_interactive(code, timeout=60, output_hook=lambda _: None)
    assert reply["content"]["status"] == "ok", reply["content"]


def test_a_kernel_without_the_package_closes_the_comm_and_one_with_it_answers_while_a_cell_runs(kernel):
    assert Client(kernel).wait(lambda m: True)["msg_type"] == "comm_close"
    here = str(Path(__file__).parent / "ui")
    run(kernel, f"import sys; sys.path.insert(0, {here!r}); import fake_lab; lab = fake_lab.install(fake_lab.FakeLab())")
    run(kernel, "import veml_lab.panel; assert veml_lab.panel.register() and veml_lab.panel.register()")
    kernel.control_channel.send(kernel.session.msg("create_subshell_request", {}))
    subshell = kernel.get_control_msg(timeout=10)["content"]["subshell_id"]

    kernel.execute("import time; time.sleep(6)")
    time.sleep(0.5)
    began = time.monotonic()
    client = Client(kernel, subshell)
    assert client.event("hello")["protocol"] == panel.PROTOCOL
    assert len(client.ask("versions")["result"]["rows"]) == 16
    assert {n["kind"] for n in client.ask("lineage")["result"]["nodes"]} >= {"data", "model", "training", "inference"}
    assert time.monotonic() - began < 4  # the cell has still more than a second to sleep

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
