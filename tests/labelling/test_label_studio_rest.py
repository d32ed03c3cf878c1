"""Label Studio by its REST: what goes wrong between two machines, and where a token must not be."""

from __future__ import annotations

import json
import logging
import re
import traceback
from pathlib import Path

import label_servers
import pytest
from label_servers import PERSONAL, TOKEN

import veml_lab as veml
from veml_lab.errors import BadInput, ToolError
from veml_lab.labelling import label_studio
from veml_lab.labelling.secret import Secret, secret_of

RECORDED = Path(__file__).parent / "data" / "label_studio_1_23.json"


@pytest.fixture
def server():
    with label_servers.LabelStudio() as found:
        yield found


@pytest.fixture
def city(empty_lab):
    return empty_lab.add("city", veml.road_world("clear-city", 12, seed=1, test_share=0), progress=False)


@pytest.fixture
def token(monkeypatch):
    monkeypatch.setenv(label_studio.VARIABLE, TOKEN)


def sent_to(server, city, **more):
    return veml.label(city, using=city, to="label-studio", url=server.url, blind=0, name="night 3", **more)


def samples(server) -> list[int]:
    return sorted(t["data"]["veml_sample"] for t in server.tasks)


def accept_all(server, change=lambda k, result: result):
    for k, t in enumerate(server.tasks):
        (p,) = t["predictions"]
        server.annotate(t["id"], {"result": change(k, json.loads(json.dumps(p["result"])))})


def test_a_task_goes_out_and_comes_back(server, city, token):
    task = sent_to(server, city)
    n = sum(map(len, city.annotations.boxes.values()))
    (project,) = server.projects
    assert task.addresses == {"": f"{server.url}/projects/1"} and project["title"] == "night 3"
    assert samples(server) == list(city.ids)
    assert sum(len(p["result"]) for t in server.tasks for p in t["predictions"]) == n
    assert {p["model_version"] for t in server.tasks for p in t["predictions"]} == {"city"}
    names = {u["file"].partition("-")[2] for u in server.uploads}
    assert all(t["data"]["image"].startswith("/data/upload/1/") for t in server.tasks) and len(names) == 12
    for t in server.tasks:  # each task has the picture of its own sample
        assert f"veml-{t['data']['veml_sample']:06d}-{t['data']['veml_sha256'][:16]}" in t["data"]["image"]
    accept_all(server)
    assert task.pull().kept == n
    assert task.accept("labelled").annotations.boxes == city.annotations.boxes


def test_one_moved_by_ten_pixels_and_one_deleted(server, city, token):
    """The region keeps its ID, so that a small box that was moved away from itself is still the same."""

    def change(k, result):
        if k == 0:
            result[0]["value"]["x"] += 1000 / result[0]["original_width"]
        return result[1:] if k == 1 else result

    task = sent_to(server, city)
    n = sum(map(len, city.annotations.boxes.values()))
    accept_all(server, change)
    pulled = task.pull()
    assert (pulled.kept, pulled.changed, pulled.deleted, pulled.added) == (n - 2, 1, 1, 0)


def test_people_are_named_by_their_address_and_the_last_of_their_answers_holds(server, city, token):
    task = sent_to(server, city)
    accept_all(server)
    (t, *_) = server.tasks
    server.annotate(t["id"], {"result": []})  # the same person again
    server.annotate(t["id"], {"result": [], "completed_by": 9})
    task.pull()
    said = {(a.sample, a.annotator): a.said for a in veml_answers(task)}
    mine = t["data"]["veml_sample"]
    assert said[mine, "ann@example.com"]["regions"] == [] == said[mine, "user 9"]["regions"] and len(said) == 13
    assert len(task.accept("labelled", take="latest").annotations.boxes) == 11


def veml_answers(task):
    from veml_lab.versions.label_tasks import answer_rows

    return answer_rows(task.store, task.id)


def test_more_tasks_than_a_page_holds_come_page_by_page(server, city, token):
    server.page_most = 5
    task = sent_to(server, city)
    accept_all(server)
    assert task.pull().back == 12 and task.state().done == 12
    assert [b for m, p, b in server.asked if (m, p) == ("GET", "/api/tasks")] == [None] * (1 + 3 + 3)


@pytest.mark.parametrize("done", [False, True], ids=["before the import", "after it, without an answer"])
def test_a_server_that_goes_away_while_sending_gets_each_sample_once(server, city, token, monkeypatch, done):
    monkeypatch.setattr(label_studio, "AT_ONCE", 5)
    server.gone_after, server.done = 1, done
    with pytest.raises(ToolError, match="does not answer"):
        sent_to(server, city)
    assert len(server.tasks) == (10 if done else 5)
    (task,) = veml.open(city.store.folder).tasks
    assert not task.sent and "not sent whole" in repr(task)
    server.gone_after = None
    again = sent_to(server, city)
    assert again.id == task.id and again.sent and samples(server) == list(city.ids) and len(server.projects) == 1
    again.send()
    assert samples(server) == list(city.ids) and len(server.projects) == 1


def test_a_server_that_is_not_there_is_said(server, city, token):
    server.__exit__()
    with pytest.raises(ToolError, match=r"Label Studio at http://127.0.0.1:\d+ does not answer"):
        sent_to(server, city)
    server.__enter__()  # at the same address
    assert sent_to(server, city).sent and samples(server) == list(city.ids)


@pytest.mark.parametrize("given", [None, "not-the-right-token-1234567890"])
def test_401_names_the_variable_to_set_and_never_the_token(server, city, monkeypatch, given):
    monkeypatch.delenv(label_studio.VARIABLE, raising=False)
    with pytest.raises(ToolError, match=f"set the environment variable {label_studio.VARIABLE}") as e:
        sent_to(server, city, token=given)
    assert "401" in str(e.value) and (given is None or given not in str(e.value))


def shown(error: BaseException) -> str:
    """The whole traceback with the variables of every frame, as a notebook's verbose mode shows it."""
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


@pytest.mark.parametrize("how", ["argument", "variable"])
@pytest.mark.parametrize("what", ["401", "gone", "bad request", "sent on"])
def test_a_token_is_in_no_traceback_whatever_goes_wrong(server, city, monkeypatch, caplog, how, what):
    caplog.set_level(logging.DEBUG)
    secret = {"argument": {"token": TOKEN}, "variable": {}}[how]
    if how == "variable":
        monkeypatch.setenv(label_studio.VARIABLE, TOKEN)
    if what == "401":
        server.token = "another"
    if what == "gone":
        server.gone_after = 0
    if what == "sent on":
        server.sends_on_to = "http://127.0.0.1:9"
    if what == "bad request":
        monkeypatch.setattr(label_studio, "TITLE", 200)  # longer than the server takes
    with pytest.raises(ToolError) as e:
        veml.label(city, to="label-studio", url=server.url, name="n" * 60, **secret)
    del secret
    # this frame holds what the test gave; every frame of ours is asked
    ours = re.split(r'(?m)^  File "', shown(e.value))
    assert not any(TOKEN in frame for frame in ours if "veml_lab" in frame.splitlines()[0])
    assert TOKEN not in str(e.value) and TOKEN not in repr(e.value) and TOKEN not in caplog.text


def test_a_token_is_nowhere_in_the_lab_and_in_no_output(server, city, capfd, caplog):
    caplog.set_level(logging.DEBUG)
    task = sent_to(server, city, token=TOKEN)
    accept_all(server)
    print(task, task.pull(token=TOKEN), task.state(token=TOKEN), task.to_dict(), task.accept("labelled"))
    store = city.store
    veml.check(store.folder)
    store.catalog.read("nodes")
    kept = [p for p in store.folder.rglob("*") if p.is_file()]
    assert any("catalog" in p.name for p in kept)
    assert [p for p in kept if TOKEN.encode() in p.read_bytes()] == []
    out = capfd.readouterr()
    assert TOKEN not in out.out + out.err + caplog.text
    assert sum(h.get("Authorization") == f"Token {TOKEN}" for h in server.headers) == len(server.headers)


def test_a_secret_shows_itself_to_nobody():
    import pickle

    one = Secret(TOKEN)
    assert TOKEN not in f"{one} {one!r}" and one.reveal() == TOKEN
    with pytest.raises(TypeError, match="not written anywhere"):
        pickle.dumps(one)
    with pytest.raises(BadInput) as e:
        secret_of("two words", "VARIABLE")
    assert "two words" not in str(e.value) and "two words" not in shown(e.value).rpartition("secret.py")[2]
    assert secret_of(f" {TOKEN}\n", "VARIABLE").reveal() == TOKEN and secret_of("", "VARIABLE") is None


def test_a_token_goes_to_its_own_server_alone(server, city, token):
    with label_servers.LabelStudio(token=None) as stranger:
        server.sends_on_to = stranger.url
        with pytest.raises(ToolError, match="sends on to"):
            sent_to(server, city)
        assert stranger.asked == []


def test_a_personal_token_is_exchanged_and_again_when_it_has_run_out(server, city):
    server.token = PERSONAL
    task = sent_to(server, city, token=PERSONAL)
    assert samples(server) == list(city.ids)
    server.access = "access-2"  # the first has run out
    assert task.state(token=PERSONAL).sent == 12
    assert not any(PERSONAL in str(h) for h in server.headers)
    with pytest.raises(ToolError, match=label_studio.VARIABLE) as e:
        task.state(token=PERSONAL[:-1] + "x")
    assert PERSONAL[:-1] not in str(e.value)
    server.__exit__()  # gone while a token is exchanged
    with pytest.raises(ToolError, match="does not answer") as e:
        task.state(token=PERSONAL)
    ours = re.split(r'(?m)^  File "', shown(e.value))
    assert not any(PERSONAL in frame for frame in ours if "veml_lab" in frame.splitlines()[0])
    server.__enter__()


def test_a_thousand_pictures_are_too_many_for_one_project(server, city, token, monkeypatch):
    monkeypatch.setattr(label_studio, "MOST", 12)
    with pytest.raises(BadInput, match="make tasks of n=11"):
        sent_to(server, city)


def test_foreign_tasks_of_the_project_are_left_alone(server, city, token):
    task = sent_to(server, city)
    server.take(1, {"data": {"image": "/data/upload/1/cat.png"}})
    server.annotate(13, {"result": []})
    for t in server.tasks[:12]:
        server.annotate(t["id"], {"result": []})
    pulled = task.pull()
    assert (pulled.back, pulled.foreign, pulled.unknown) == (12, 1, ()) and task.state().sent == 12


def calls(said) -> list[dict]:
    """Those of a recorded exchange in which JSON was answered."""
    return [s for s in said if s["answered"] is not None]


def test_the_server_of_these_tests_answers_what_the_recorded_one_did(server, city, token):
    """Each call that we make was made to 1.23.2, which answered all that ours answers, in the same types; and we say
    nothing that we did not say to it."""
    recorded: dict[tuple, list] = {}
    for s in calls(json.loads(RECORDED.read_text())):
        recorded.setdefault(_call(s["method"], s["path"]), []).append(s)
    task = sent_to(server, city)
    accept_all(server)
    task.pull()
    ours = [a for a in server.asked if a[1] != "/api/tasks/1/annotations"]
    assert {_call(m, p) for m, p, _ in ours} <= set(recorded)
    known = {json.dumps(shape(s["asked"]), sort_keys=True) for ss in recorded.values() for s in ss if s["asked"]}
    for method, path, body in ours:
        if isinstance(body, dict) and body and isinstance(next(iter(body.values())), tuple):
            continue  # pictures
        if body is not None:
            assert json.dumps(shape(body), sort_keys=True) in known, (method, path)
    for name, said in recorded.items():
        for theirs in (s for s in said if s["asked"] is None and s["status"] == 200):
            path, _, query = theirs["path"].partition("?")
            asked = dict(q.split("=") for q in query.split("&") if q)
            asked |= {k: v for k, v in {"ids": "[1]", "project": 1}.items() if k in asked}
            headers = {"Authorization": f"Token {TOKEN}"}
            status, answered = server.reply("GET", re.sub(r"\d+", "1", path), asked, None, headers)
            assert status == 200
            within(shape(answered), shape(theirs["answered"]), str(name))


def _call(method: str, path: str) -> tuple[str, str]:
    return method, re.sub(r"\d+", "N", path.partition("?")[0])


def shape(value):
    """What a value is made of, without its contents: keys and types, one element for a list."""
    if isinstance(value, dict):
        return {k: shape(v) for k, v in value.items()}
    if isinstance(value, list):
        return [shape(v) for v in value[:1]]
    return type(value).__name__


def within(ours, theirs, at=""):
    """Everything that our server answers, the real one answers too, of the same type."""
    if isinstance(ours, dict):
        assert isinstance(theirs, dict), at
        for k, v in ours.items():
            assert k in theirs, f"{at}/{k}"
            within(v, theirs[k], f"{at}/{k}")
    elif isinstance(ours, list):
        assert isinstance(theirs, list), at
        for a, b in zip(ours, theirs, strict=False):
            within(a, b, at)
    else:
        assert ours == theirs or theirs == "NoneType" or {ours, theirs} == {"int", "float"}, f"{at}: {ours}, {theirs}"
