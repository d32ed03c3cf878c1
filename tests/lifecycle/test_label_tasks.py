"""Labelling tasks as a lab keeps them: out as files, back by our own IDs, accepted as a version."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from labs import TINY_DETECTOR

import veml_lab as veml
from veml_lab.errors import BadData, BadInput, MissingFile, NameTaken, UnknownName
from veml_lab.lineage import Lineage
from veml_lab.sources.source import Source
from veml_lab.upkeep import check


@pytest.fixture
def city(empty_lab):
    return empty_lab.add("city", veml.road_world("clear-city", 12, seed=1, test_share=0), progress=False)


@pytest.fixture
def lab(city, empty_lab):
    return empty_lab


def sent(task, who="") -> list[dict]:
    return json.loads((Path(task.addresses[who]) / "tasks.json").read_text())


def back(task, tasks, who="", name="export.json") -> None:
    (Path(task.addresses[who]) / "back" / name).write_text(json.dumps(tasks))


def answered(task, who="", *, stamp="2026-01-01T00:00:00Z", change=lambda i, results: results) -> list[dict]:
    """The tasks as Label Studio exports them, everything accepted but for what ``change`` makes of it."""
    found = []
    for i, t in enumerate(sent(task, who)):
        (said,) = t.pop("predictions", [{"result": []}])
        annotation = {"result": change(i, said["result"]), "was_cancelled": False, "updated_at": stamp}
        found.append({**t, "id": 100 + i, "annotations": [annotation]})
    return found


def boxes(version):
    return {i: [(b.label, b.x, b.y, b.w, b.h) for b in bs] for i, bs in version.annotations.of_kind("box").items()}


def test_what_goes_out_comes_back_as_it_was_and_is_accepted_once(city, lab, tmp_path):
    task = veml.label(city, using=city, to=tmp_path / "tasks", blind=0, name="night 3")
    n = sum(map(len, boxes(city).values()))
    assert sum(len(t["predictions"][0]["result"]) for t in sent(task)) == n and n > 20
    assert {len(t["predictions"]) for t in sent(task)} == {1}  # of several, Label Studio shows one
    back(task, answered(task))
    pulled = task.pull()
    assert (pulled.back, pulled.new, pulled.kept) == (12, 12, n)
    assert (pulled.changed, pulled.deleted, pulled.added, pulled.emptied, pulled.skipped) == (0, 0, 0, 0, 0)
    assert task.pull().new == 0  # again: nothing
    labelled = task.accept("city, labelled")
    assert boxes(labelled) == boxes(city) and labelled.ids == city.ids and labelled.facts.layer != city.facts.layer
    assert task.accept("city, labelled") == labelled and task.accepted == ["city, labelled"]
    edges = {(e.type, e.src) for e in lab.store.graph().into[labelled.id]}
    assert edges == {("derived_from", city.id), ("labelled_by", city.id)}
    assert check(lab.path, deep=True).clean
    assert isinstance(lab.lineage(labelled), Lineage)


def test_the_configuration_names_what_predictions_name(city, tmp_path):
    task = veml.label(city, using=city, to=tmp_path / "tasks", blind=0)
    config = ElementTree.parse(Path(task.addresses[""]) / "config.xml").getroot()
    tags = {e.get("name"): e for e in config}
    for t in sent(task):
        assert set(t["predictions"][0]) == {"model_version", "score", "result"}
        assert t["predictions"][0]["model_version"] == "city"
        for r in t["predictions"][0]["result"]:
            assert tags[r["from_name"]].get("toName") == r["to_name"] and r["to_name"] in tags
            assert tags[r["to_name"]].get("value") == "$image" and "image" in t["data"]
    assert [e.get("value") for e in tags["box"]] == list(city.classes)  # one list, in one order


def test_one_moved_and_one_deleted_are_one_changed_and_one_deleted(city, tmp_path):
    def change(i, results):
        if i == 0:
            results[0]["value"]["x"] += 10 * 100 / results[0]["original_width"]
        return results[1:] if i == 1 else results

    task = veml.label(city, using=city, to=tmp_path / "tasks", blind=0)
    n = sum(map(len, boxes(city).values()))
    back(task, answered(task, change=change))
    pulled = task.pull()
    assert (pulled.kept, pulled.changed, pulled.deleted, pulled.added) == (n - 2, 1, 1, 0)
    first, second = list(city.ids)[:2]
    now, was = boxes(task.accept("labelled")), boxes(city)
    assert now[second] == was[second][1:]
    assert now[first][0][1] == pytest.approx(was[first][0][1] + 10, abs=1e-5) and now[first][1:] == was[first][1:]
    assert {i: b for i, b in now.items() if i not in (first, second)} == {
        i: b for i, b in was.items() if i not in (first, second)
    }


def test_an_empty_answer_is_no_object_and_a_skipped_one_is_no_answer(city, tmp_path):
    task = veml.label(city, using=city, to=tmp_path / "tasks", blind=0)
    tasks = answered(task, change=lambda i, results: [] if i == 0 else results)
    tasks[1]["annotations"][0]["was_cancelled"] = True
    tasks[2]["annotations"] = []
    back(task, tasks)
    pulled = task.pull()
    assert (pulled.back, pulled.emptied, pulled.skipped) == (10, 1, 1)
    labelled = task.accept("labelled")
    ids = list(city.ids)
    assert set(labelled.ids) == set(ids) - {ids[1], ids[2]} and ids[0] not in boxes(labelled)
    state = task.state()
    assert (state.sent, state.done, state.skipped) == (12, 10, 1)


def test_samples_are_known_by_our_id_and_digest_whatever_their_order_and_names(city, tmp_path):
    task = veml.label(city, using=city, to=tmp_path / "tasks", blind=0)
    tasks = answered(task)[::-1]
    for i, t in enumerate(tasks):
        t["data"] |= {"image": f"/data/upload/7/other-{i % 3}.jpg", "name": "mine.jpg"}
    back(task, tasks)
    task.pull()
    assert boxes(task.accept("labelled")) == boxes(city)


def test_unknown_samples_are_named_and_not_imported_and_foreign_ones_are_counted(city, tmp_path):
    task = veml.label(city, using=city, to=tmp_path / "tasks", blind=0)
    tasks = answered(task)
    tasks[0]["data"]["veml_sample"] = 10**6
    tasks[1]["data"]["veml_sha256"] = "0" * 64  # another picture in its place
    tasks[2]["data"]["veml_sha256"] = ""
    tasks[3]["data"]["veml_task"] = "t-of-another-lab"
    del tasks[4]["data"]["veml_task"]
    back(task, tasks)
    pulled = task.pull()
    assert (pulled.back, len(pulled.unknown), pulled.foreign) == (7, 3, 2)
    assert "1000000" in pulled.unknown[0] and "unknown, not imported" in repr(pulled)
    assert len(task.accept("labelled")) == 7


def test_what_would_label_wrongly_is_named_and_not_taken_until_it_is_mended(city, tmp_path):
    def change(i, results):
        if i == 0:
            results[0]["value"]["rectanglelabels"] = ["tram"]
        if i == 1:
            results[0]["value"]["rotation"] = 15
        if i == 2:
            results[0]["value"]["width"] = 0
        if i == 3:
            results[0]["original_width"] = 17
        return results

    task = veml.label(city, using=city, to=tmp_path / "tasks", blind=0)
    back(task, answered(task, change=change))
    pulled = task.pull()
    assert pulled.back == 9 and len(pulled.unusable) == 3 and len(pulled.left_out) == 1
    said = repr(pulled)
    assert "'tram', which the task does not have" in said and "turned by 15 degrees" in said and "0 x" in said
    back(task, answered(task))
    assert task.pull().back == 12


def test_a_task_that_was_edited_after_it_was_accepted_says_so(city, lab, tmp_path):
    task = veml.label(city, using=city, to=tmp_path / "tasks", blind=0)
    back(task, answered(task))
    task.pull()
    first = task.accept("labelled")
    assert task.pull().after_accept == ()
    back(task, answered(task, stamp="2026-01-02", change=lambda i, results: [] if i == 5 else results))
    pulled = task.pull()
    uri = city.samples["uri"].to_pylist()[5]
    assert pulled.after_accept == (uri,) and "edited after 'labelled' was accepted" in repr(pulled)
    assert "1 sample edited since" in repr(task)
    with pytest.raises(NameTaken):
        task.accept("labelled")
    second = task.accept("labelled again")
    assert len(boxes(second)) == len(boxes(first)) - 1
    # taken back in the tool: the older words are said again, and hold
    back(task, answered(task, stamp="2026-01-03"))
    assert task.pull().new == 1 and boxes(task.accept("as at first")) == boxes(first)


def test_two_who_disagree_are_both_kept_and_accept_asks_whose_word_holds(city, lab, tmp_path):
    task = veml.label(city, using=city, to=tmp_path / "t", blind=0, annotators=["ann", "bo"], each=2, name="two")
    assert set(task.addresses) == {"ann", "bo"} and len(sent(task, "ann")) == len(sent(task, "bo")) == 12
    back(task, answered(task, "ann"), "ann")
    back(task, answered(task, "bo", stamp="2026-01-02", change=lambda i, r: r[:1] if i == 0 else r), "bo")
    task.pull()
    (both,) = task.agreement
    n, less = sum(map(len, boxes(city).values())), len(boxes(city)[next(iter(city.ids))]) - 1
    assert (both.one, both.other, both.samples, both.measure) == ("ann", "bo", 12, "F1")
    assert both.value == pytest.approx(2 * (n - less) / (2 * n - less)) and less > 0
    uri = city.samples["uri"].to_pylist()[0]
    with pytest.raises(BadInput, match=f"1 sample was answered differently: {uri}"):
        task.accept("labelled")
    assert "labelled" not in lab
    first = next(iter(city.ids))
    assert len(boxes(task.accept("latest", take="latest"))[first]) == 1
    assert len(boxes(task.accept("majority", take="majority"))[first]) == 1
    assert len(boxes(task.accept("both", take="both"))[first]) == less + 1
    with pytest.raises(BadInput, match="take is 'majority'"):
        task.accept("x", take="all")


def test_samples_are_dealt_among_annotators_each_to_as_many_as_asked(city, tmp_path):
    task = veml.label(city, to=tmp_path / "t", annotators=["ann", "bo", "cy"], each=2, name="dealt")
    ids = {who: {t["data"]["veml_sample"] for t in sent(task, who)} for who in ("ann", "bo", "cy")}
    assert {len(v) for v in ids.values()} == {8}
    assert all(sum(i in v for v in ids.values()) == 2 for i in city.ids)
    assert task.states()["bo"].sent == 8 and task.state().sent == 24


def test_some_go_out_blind_and_the_difference_is_said(city, tmp_path):
    """People keep all they see; blind they draw nothing of what the model says: +100 points."""
    task = veml.label(city, using=city, to=tmp_path / "tasks", blind=0.25, seed=3)
    unseen = {t["data"]["veml_sample"] for t in sent(task) if "predictions" not in t}
    assert unseen == set(task.blind) and len(unseen) == 3
    back(task, answered(task))
    pulled = task.pull()
    was = boxes(city)
    hidden = sum(len(was.get(i, ())) for i in unseen)
    assert pulled.kept == sum(map(len, was.values())) - hidden and pulled.emptied == 0
    bias = task.bias
    assert bias.difference == 1.0 and bias.blind.predicted == hidden and (bias.n_shown, bias.n_blind) == (9, 3)
    assert "+100.0 points" in repr(bias)
    again = veml.label(city, using=city, to=tmp_path / "more", blind=0.25, seed=3, name="again")
    assert again.blind == task.blind  # seeded
    other = veml.label(city, using=city, to=tmp_path / "most", blind=0.25, seed=4, name="other")
    assert other.blind != task.blind


def test_kept_is_counted_by_class_and_estimates_the_precision(city, tmp_path):
    cars = sum(b[0] == "car" for bs in boxes(city).values() for b in bs)
    task = veml.label(city, using=city, to=tmp_path / "tasks", blind=0)
    back(task, answered(task, change=lambda i, rs: [r for r in rs if r["value"]["rectanglelabels"] != ["car"]]))
    task.pull()
    assert task.kept["car"].deleted == cars and task.kept["car"].share_confirmed == 0
    assert all(c.share_confirmed == 1 for name, c in task.kept.classes.items() if name != "car")
    assert "0.0%" in repr(task.kept) and "<table" in task.kept._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize("form", ["csv", "json", "xml", "cvat"])
def test_documents_and_cvats_xml_go_out_and_come_back(city, lab, tmp_path, form):
    task = veml.label(city, using=city, to=tmp_path / "tasks", blind=0, form=form, name=form)
    folder = Path(task.addresses[""])
    file = folder / ("annotations.xml" if form == "cvat" else f"documents.{form}")
    pictures = list((folder / ("images" if form == "cvat" else "files")).iterdir())
    assert len(pictures) == 12
    if form == "csv":
        with file.open(newline="") as f:
            rows = list(csv.DictReader(f))
        assert {"path", "md5", "annotation", "veml_sample", "veml_sha256"} <= set(rows[0])
    assert task.pull().back == 0  # what went out is no answer
    (folder / "back" / file.name).write_bytes(file.read_bytes())
    pulled = task.pull()
    n = sum(map(len, boxes(city).values()))
    assert (pulled.back, pulled.kept, pulled.changed, pulled.deleted) == (12, n, 0, 0)
    assert boxes(task.accept(f"{form}, labelled")) == boxes(city)


def test_a_file_by_its_name_is_pulled_from_where_it_lies(city, tmp_path):
    task = veml.label(city, using=city, to=tmp_path / "tasks", blind=0)
    file = tmp_path / "export.json"
    file.write_text(json.dumps(answered(task)))
    assert task.pull(file).back == 12
    with pytest.raises(MissingFile, match=r"nowhere\.json"):
        task.pull(tmp_path / "nowhere.json")
    file.write_text("[{")
    with pytest.raises(BadData, match=r"export\.json is no JSON"):
        task.pull(file)


def test_classes_go_out_from_a_deployed_model_and_come_back(fresh, digits_lab, tmp_path):
    lab = fresh(digits_lab)
    pool, deployed = lab["digits-test"], lab["in production"]
    task = veml.label(pool, using=deployed, to=tmp_path / "tasks", n=10, blind=0, name="digits out")
    assert len(task) == 10 == len(sent(task)) and task.data.ids <= pool.ids and task.said_by == deployed
    said = {t["data"]["veml_sample"]: t["predictions"][0]["result"][0]["value"]["choices"][0] for t in sent(task)}
    from veml_lab.serving.predict import predict

    p = predict(deployed, task.data, progress=False)
    assert list(said.values()) == [p.classes[k] for k in p.probabilities.argmax(1)]

    def change(i, results):
        if i == 0:
            results[0]["value"]["choices"] = ["2" if results[0]["value"]["choices"] != ["2"] else "1"]
        return [] if i == 1 else results

    back(task, answered(task, change=change))
    pulled = task.pull()
    assert (pulled.kept, pulled.changed, pulled.deleted, pulled.emptied) == (8, 1, 1, 1)
    labelled = task.accept("digits, labelled")
    assert len(labelled) == 9  # a picture without a class has no label
    assert ("labelled_by", deployed.id) in {(e.type, e.src) for e in lab.store.graph().into[labelled.id]}
    first = sent(task)[0]["data"]["veml_sample"]
    assert labelled.annotations.class_labels[first] != said[first]
    with pytest.raises(BadInput, match="a picture has one class"):
        task.accept("x", take="both")


def test_samples_of_which_the_model_is_least_sure_go_first(fresh, digits_lab, tmp_path):
    from veml_lab.lifecycle.active import uncertainty
    from veml_lab.serving.predict import predict

    lab = fresh(digits_lab)
    pool, deployed = lab["digits-test"], lab["in production"]
    unsure = uncertainty(predict(deployed, pool, progress=False), "margin")
    task = veml.label(pool, using=deployed, to=tmp_path / "tasks", n=4, choose="margin", name="unsure")
    assert list(task.data.ids) == sorted(list(pool.ids)[k] for k in (-unsure).argsort(kind="stable")[:4])


def test_a_pool_without_any_labels_becomes_a_detection_set(fresh, road_lab, tmp_path):
    lab = fresh(road_lab)
    drawn = veml.road_world("clear-city", 6, seed=2, test_share=0)
    records = [replace(r, boxes=()) for r in drawn.records()]
    pool = lab.add("bare", Source("x", "bare", "none", (), lambda: iter(records), 6, "bare"), progress=False)
    with pytest.raises(BadInput, match="labelling tasks are for"):
        veml.label(pool, to=tmp_path / "tasks")
    model = veml.model(lab["city"], TINY_DETECTOR, name="small detector")
    run = veml.train(veml.plan(model, lab["city"], name="run", epochs=1, batch_size=8, lr=2e-3), lab, progress=False)
    deployed = veml.deploy(run, name="deployed", check=2)
    task = veml.label(pool, using=deployed, to=tmp_path / "tasks", blind=0, least_score=0.0, name="t")
    assert task.kind == "box" and set(task.classes) == set(deployed.classes)
    results = [t["predictions"][0] for t in sent(task)]
    assert {p["model_version"] for p in results} == {deployed.name} and any(p["result"] for p in results)
    assert all(0 <= p["score"] <= 1 for p in results) and max(p["score"] for p in results) > 0
    back(task, answered(task))
    assert task.pull().kept == sum(len(p["result"]) for p in results)
    labelled = task.accept("bare, labelled")
    assert labelled.task == "detection" and boxes(labelled)
    assert check(lab.path).clean


def test_the_same_call_gives_the_same_task_and_another_of_its_name_is_refused(city, lab, tmp_path):
    task = veml.label(city, using=city, to=tmp_path / "tasks", n=5, name="one")
    again = veml.label(city, using=city, to=tmp_path / "tasks", n=5, name="one")
    assert again.id == task.id and len(lab.tasks) == 1 and lab.tasks["one"].id == task.id
    with pytest.raises(NameTaken):
        veml.label(city, using=city, to=tmp_path / "tasks", n=6, name="one")
    with pytest.raises(UnknownName, match="known: one"):
        lab.tasks["onne"]
    assert "<table" in task._repr_mimebundle_()["text/html"] and "one" in repr(lab.tasks)
    assert veml.open(lab.path, read_only=True).tasks["one"].addresses == task.addresses


def test_a_task_whose_folder_is_taken_is_kept_and_goes_out_later(city, lab, tmp_path):
    (tmp_path / "tasks" / "one").mkdir(parents=True)
    with pytest.raises(BadInput, match="belongs to something else"):
        veml.label(city, to=tmp_path / "tasks", name="one")
    (task,) = lab.tasks
    assert not task.sent and "not sent whole" in repr(task)
    with pytest.raises(BadInput, match="did not go out whole"):
        task.pull()
    (tmp_path / "tasks" / "one").rmdir()
    assert veml.label(city, to=tmp_path / "tasks", name="one").id == task.id and lab.tasks["one"].sent


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"to": "here"}, "not in this version of VeML-Lab yet"),
        ({"to": "tasks"}, "A folder is written with a slash"),
        ({"to": "label-studio"}, "wants the server's address"),
        ({"to": "http://localhost:8080"}, "goes into url="),
        ({"to": "label-studio", "url": "http://me:secret@localhost"}, "would be kept in the lab"),
        ({"to": "label-studio", "url": "localhost:8080"}, "http://HOST:PORT"),
        ({"form": "xls"}, "have the form"),
        ({"blind": 0.9}, "blind is the share"),
        ({"n": 13}, "cannot send 13"),
        ({"choose": "margin"}, "with a deployed model"),
        ({"annotators": ["ann", "ann"]}, "different names"),
        ({"annotators": ["ann"], "each": 2}, "1 ... 1 of the annotators"),
        ({"classes": []}, "names that a tool can show"),
        ({"classes": ["car"]}, "not among classes; add it"),
    ],
)
def test_what_cannot_be_asked_for_is_said_before_anything_is_made(city, lab, tmp_path, options, why):
    with pytest.raises(BadInput, match=why):
        veml.label(city, **{"using": city, "to": tmp_path / "tasks", "name": "x", **options})
    assert list(lab.tasks) == [] and not (tmp_path / "tasks").exists()


def test_nothing_is_accepted_before_something_is_back(city, tmp_path):
    task = veml.label(city, to=tmp_path / "tasks")
    assert task.pull().back == 0
    with pytest.raises(BadInput, match="nothing came back"):
        task.accept("x")
