"""CVAT by its REST, against a server written from its API that cvat-sdk, CVAT's own client, understands as well."""

from __future__ import annotations

import label_servers
import pytest
from label_servers import TOKEN

import veml_lab as veml
from veml_lab.errors import ToolError
from veml_lab.labelling import cvat


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv(cvat.VARIABLE, TOKEN)
    with label_servers.Cvat() as found:
        yield found


@pytest.fixture
def city(empty_lab):
    return empty_lab.add("city", veml.road_world("clear-city", 12, seed=1, test_share=0), progress=False)


def sent_to(server, city, **more):
    return veml.label(city, using=city, to="cvat", url=server.url, **{"blind": 0, "name": "night 3", **more})


def complete(server, *jobs):
    for j in server.jobs:
        if not jobs or j["id"] in jobs:
            j["state"] = "completed"


def test_a_task_goes_out_and_comes_back_and_only_what_was_completed_counts(server, city, monkeypatch):
    monkeypatch.setattr(cvat, "SEGMENT", 5)
    monkeypatch.setattr(cvat, "AT_ONCE", 5)
    monkeypatch.setattr(cvat, "PAGE", 2)  # of three jobs and four labels
    server.page_most = 2
    task = sent_to(server, city)
    n = sum(map(len, city.annotations.boxes.values()))
    assert task.addresses == {"": f"{server.url}/tasks/1"} and len(server.said[1]["shapes"]) == n
    assert [label["name"] for label in server.labels] == list(city.classes)
    assert [j["stop_frame"] - j["start_frame"] + 1 for j in server.jobs] == [5, 5, 2]
    assert task.pull().back == 0  # nobody has completed anything: no pre-label is kept
    complete(server, 2)
    assert task.pull().back == 5 == task.state().done
    complete(server)
    pulled = task.pull()
    assert (pulled.back, pulled.kept, pulled.changed, pulled.deleted) == (12, n, 0, 0)
    assert task.accept("labelled").annotations.boxes == city.annotations.boxes


def test_a_server_that_goes_away_while_pictures_go_up_gets_each_once(server, city, monkeypatch):
    monkeypatch.setattr(cvat, "AT_ONCE", 5)
    server.gone_after = 1
    with pytest.raises(ToolError, match="does not answer"):
        sent_to(server, city)
    assert len(server.frames[1]) == 5 and server.tasks[0]["size"] == 0
    server.gone_after = None
    task = sent_to(server, city)
    assert len(server.tasks) == 1 and len(server.frames[1]) == 12 and task.sent
    shapes = len(server.said[1]["shapes"])
    task.send()
    assert len(server.tasks) == 1 and len(server.said[1]["shapes"]) == shapes


@pytest.mark.parametrize("begun", ["shapes", "a job"])
def test_work_that_has_begun_is_never_written_over(server, city, begun):
    task = sent_to(server, city)
    server.said[1]["shapes"] = server.said[1]["shapes"][:1] if begun == "shapes" else []
    if begun == "a job":
        server.jobs[0]["state"] = "in progress"  # and everything was deleted
    kept = list(server.said[1]["shapes"])
    task.send()
    assert server.said[1]["shapes"] == kept


def test_what_would_label_wrongly_is_not_taken_and_a_deleted_frame_is_skipped(server, city):
    task = sent_to(server, city)
    shapes = server.said[1]["shapes"]

    def first(k):
        return next(s for s in shapes if s["frame"] == k)

    first(0)["rotation"] = 12.0
    first(1)["type"] = "polygon"
    first(2)["label_id"] = 9999
    x, y, _, bottom = first(3)["points"]
    first(3)["points"] = [x, y, x, bottom]
    server.deleted[1] = [4]
    server.said[1]["tracks"].append({"frame": 10, "label_id": 100, "shapes": []})
    complete(server)
    pulled = task.pull()
    said = repr(pulled)
    assert "turned by 12" in said and "polygon" in said and "'?', which the task" in said and "a track runs" in said
    assert (pulled.back, pulled.skipped, len(pulled.unusable), len(pulled.left_out)) == (6, 1, 5, 1)


def test_the_one_who_has_the_job_is_the_annotator(server, city):
    task = sent_to(server, city)
    server.jobs[0]["assignee"] = {"id": 2, "username": "bo"}
    complete(server)
    task.pull()
    from veml_lab.versions.label_tasks import answer_rows

    assert {a.annotator for a in answer_rows(task.store, task.id)} == {"bo"}


def test_401_names_the_variable(server, city, monkeypatch):
    monkeypatch.setenv(cvat.VARIABLE, "f" * 39)
    with pytest.raises(ToolError, match=f"set the environment variable {cvat.VARIABLE}") as e:
        sent_to(server, city)
    assert "f" * 39 not in str(e.value)
    assert server.headers[-1]["Authorization"] == "Bearer " + "f" * 39
    monkeypatch.setenv(cvat.VARIABLE, TOKEN)
    sent_to(server, city)
    assert server.headers[-1]["Authorization"] == f"Token {TOKEN}"  # a legacy key


def test_cvats_own_client_reads_what_we_sent_and_what_it_writes_comes_back(server, city):
    """The client is not ours: cvat-sdk lists the task, takes it apart, moves a box, deletes one, completes the job."""
    cvat_sdk = pytest.importorskip("cvat_sdk", reason="pip install cvat-sdk==2.80.0 (it changes no other package)")
    from cvat_sdk import models
    from cvat_sdk.core.client import AccessTokenCredentials

    task = sent_to(server, city)
    n = sum(map(len, city.annotations.boxes.values()))
    with cvat_sdk.Client(server.url) as client:
        client.login(AccessTokenCredentials(TOKEN))
        (theirs,) = client.tasks.list()
        assert theirs.size == 12 and theirs.name.startswith("night 3 [veml-task t-")
        names = [f.name for f in theirs.get_frames_info()]
        assert sorted(names) == names and all(name.startswith("veml-") for name in names)
        assert [label.name for label in theirs.get_labels()] == list(city.classes)
        said = theirs.get_annotations()
        assert len(said.shapes) == n and {str(s.type) for s in said.shapes} == {"rectangle"}
        shapes = []
        for k, s in enumerate(said.shapes[1:]):
            points = list(s.points)
            if k == 0:
                points[0] += 2
                points[2] += 2
            shapes.append(
                models.LabeledShapeRequest(type="rectangle", frame=s.frame, label_id=s.label_id, points=points)
            )
        theirs.set_annotations(models.LabeledDataRequest(shapes=shapes, tags=[], tracks=[]))
        (job,) = theirs.get_jobs()
        job.update({"state": "completed"})
    pulled = task.pull()
    assert (pulled.back, pulled.kept, pulled.changed, pulled.deleted, pulled.added) == (12, n - 2, 1, 1, 0)
