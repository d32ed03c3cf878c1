"""The graph for other tools, read back by those tools."""

from __future__ import annotations

import json

import pytest

from veml_lab.errors import BadInput
from veml_lab.versions.facts import properties


def test_graphml_read_by_networkx_is_the_graph(life, tmp_path):
    import networkx as nx

    tree = life.lab.lineage()
    file = tree.write_graphml(tmp_path / "lab.graphml")
    g = nx.read_graphml(file, force_multigraph=True)
    assert {n: d["name"] for n, d in g.nodes(data=True)} == {n.id: n.name for n in tree.nodes}
    assert {n: json.loads(d["props"]) for n, d in g.nodes(data=True)} == {n.id: properties(n) for n in tree.nodes}
    ours = sorted((e.src, e.dst, e.type, json.dumps(dict(e.props), sort_keys=True)) for e in tree.edges)
    assert sorted((a, b, d["type"], d["props"]) for a, b, d in g.edges(data=True)) == ours


def test_a_name_with_angle_brackets_and_hidden_characters_survives_graphml(empty_lab, tmp_path):
    import networkx as nx

    empty_lab.store.add("model", 'a <b> & "c" ☃', {"recipe": {"note": "nul \x00, \ufffe and \x0b"}})
    g = nx.read_graphml(empty_lab.lineage().write_graphml(tmp_path / "x.graphml"))
    [(_, d)] = g.nodes(data=True)
    assert d["name"] == 'a <b> & "c" ☃' and json.loads(d["props"])["recipe"]["note"] == "nul \x00, \ufffe and \x0b"


def typed(event):
    """The event as an object of OpenLineage's own client, which checks types, times and IDs."""
    pytest.importorskip("openlineage.client", reason="pip install openlineage-python")
    from openlineage.client import event_v2 as v2
    from openlineage.client import facet_v2 as f

    known = {
        "version": f.dataset_version_dataset.DatasetVersionDatasetFacet,
        "datasetType": f.dataset_type_dataset.DatasetTypeDatasetFacet,
        "dataSource": f.datasource_dataset.DatasourceDatasetFacet,
        "documentation": f.documentation_dataset.DocumentationDatasetFacet,
        "outputStatistics": f.output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet,
        "jobType": f.job_type_job.JobTypeJobFacet,
        "processing_engine": f.processing_engine_run.ProcessingEngineRunFacet,
    }

    def facets(found):
        made = {}
        for name, values in found.items():
            assert values["_producer"].startswith("urn:veml-lab:")
            fields = {k: v for k, v in values.items() if not k.startswith("_")}
            if name == "veml":
                assert values["_schemaURL"].startswith("https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/")
            else:
                made[name] = known[name](**fields)
                assert values["_schemaURL"] == made[name]._get_schema()  # the published schema of that version
        return made

    def datasets(found, kind, extra):
        return [
            kind(d["namespace"], d["name"], facets=facets(d["facets"]), **{extra: facets(d.get(extra, {}))})
            for d in found
        ]

    run, job = event["run"], event["job"]
    return v2.RunEvent(
        eventType=v2.RunState[event["eventType"]],
        eventTime=event["eventTime"],
        producer=event["producer"],
        run=v2.Run(run["runId"], facets(run["facets"])),
        job=v2.Job(job["namespace"], job["name"], facets(job["facets"])),
        inputs=datasets(event["inputs"], v2.InputDataset, "inputFacets"),
        outputs=datasets(event["outputs"], v2.OutputDataset, "outputFacets"),
    )


def test_every_event_is_one_of_openlineages_own_and_they_say_the_whole_graph(life, tmp_path):
    tree = life.lab.lineage()
    lines = tree.write_openlineage(tmp_path / "lab.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    objects = [typed(e) for e in found]
    assert {o.schemaURL for o in objects} == {e["schemaURL"] for e in found}
    assert [e["eventType"] for e in found] == ["START", "COMPLETE"] * len(tree.nodes)
    names = {n.id: f"{n.kind}/{n.name}" for n in tree.nodes}
    ends = [e for e in found if e["eventType"] == "COMPLETE"]
    assert [e["outputs"][0]["name"] for e in ends] == list(names.values())
    said = {(i["name"], e["outputs"][0]["name"], i["inputFacets"]["veml"]["edge"]) for e in ends for i in e["inputs"]}
    assert said == {(names[e.src], names[e.dst], e.type) for e in tree.edges}
    of = {e["outputs"][0]["name"]: e for e in ends}
    assert of["data/digits"]["outputs"][0]["outputFacets"]["outputStatistics"]["rowCount"] == 80
    assert (
        of["data/mended"]["job"]["name"] == "data.merge" and of["training/second"]["job"]["name"] == "training.transfer"
    )
    assert of["training/second"]["run"]["facets"]["veml"]["plan"]["hyper"] == {"epochs": 2, "lr": 0.001}
    assert of["inference/next"]["outputs"][0]["facets"]["veml"]["properties"]["measured"]["agreement"] == 1.0
    start = next(e for e in found if e["run"]["runId"] == of["training/second"]["run"]["runId"])
    assert start["eventTime"] < of["training/second"]["eventTime"]  # a training took its time
    assert lines == tree.write_openlineage(tmp_path / "again.jsonl").read_text().splitlines()


def test_numbers_that_are_none_become_null(empty_lab, tmp_path):
    empty_lab.store.add("model", "m", {"recipe": {"loss": float("nan"), "deep": [{"x": float("inf")}]}})
    end = empty_lab.lineage().write_openlineage(tmp_path / "x.jsonl").read_text().splitlines()[1]
    recipe = json.loads(end, parse_constant=pytest.fail)["outputs"][0]["facets"]["veml"]["properties"]["recipe"]
    assert recipe == {"loss": None, "deep": [{"x": None}]}


def test_a_file_that_cannot_be_written_is_one_error_and_leaves_nothing(life, tmp_path):
    for write in (life.lab.lineage().write_graphml, life.lab.lineage().write_openlineage):
        with pytest.raises(BadInput, match="cannot be written"):
            write(tmp_path / "no" / "such" / "folder.xml")
        (tmp_path / "folder").mkdir(exist_ok=True)
        with pytest.raises(BadInput, match="cannot be written"):
            write(tmp_path / "folder")
    assert [p.name for p in tmp_path.rglob("*")] == ["folder"]
