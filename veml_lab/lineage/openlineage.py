"""The graph as OpenLineage events, so that catalogs such as Marquez, DataHub or OpenMetadata show it.

Every version is a dataset and its making is a run: two events, START with what went in and COMPLETE with the version
as well. Names are stable (``runId`` is made from the version's ID), so a file that is sent twice says the same.
Standard facets carry what OpenLineage has a word for (version, type, source, row count, engine); the facet ``veml``
carries the rest of a version: its kind and properties, and on an input the type of the edge with its operation.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .. import __version__
from ..storage.plain_json import plain
from ..storage.whole import write_whole
from ..versions.facts import DataFacts, TrainingFacts, properties
from ..versions.node import Edge, Node
from .exchange import Part

PRODUCER = f"urn:veml-lab:{__version__}"
SPEC = "https://openlineage.io/spec"
EVENT = f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
FACETS = {  # version of the published schema of each standard facet that is used
    "DatasetVersionDatasetFacet": "1-0-1", "DatasetTypeDatasetFacet": "1-0-1", "DatasourceDatasetFacet": "1-0-1",
    "DocumentationDatasetFacet": "1-1-0", "OutputStatisticsOutputDatasetFacet": "1-0-2", "JobTypeJobFacet": "2-0-4",
    "ProcessingEngineRunFacet": "1-1-1",
}  # fmt: skip
TYPES = {
    "data": ("TABLE", None),
    "model": ("MODEL", "RECIPE"),
    "training": ("MODEL", "CHECKPOINT"),
    "inference": ("MODEL", "DEPLOYED"),
}
_RUNS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:veml-lab:runs")


def events(lab: str, lineage: Part, how: Mapping[str, Any] = {}) -> Iterator[dict[str, Any]]:
    """The events of all versions of a lineage, in the order in which the versions were made; ``lab`` is its name,
    ``how`` says how versions were made, by their ID, where that shall go along."""
    namespace = f"veml://{lab}"
    nodes = {n.id: n for n in lineage.nodes}
    into: dict[str, list[Edge]] = {i: [] for i in nodes}
    for e in lineage.edges:
        into[e.dst].append(e)
    for node in lineage.nodes:
        yield from _making(namespace, node, [(e, nodes[e.src]) for e in into[node.id]], how.get(node.id))


def write_events(lab: str, lineage: Part, path: str | Path, how: Mapping[str, Any] = {}) -> Path:
    """Write the events to a file, one JSON object a line.

    Raises
    ------
    LabError
        The file cannot be written.
    """
    return write_whole(
        Path(path).expanduser(), "".join(json.dumps(e, allow_nan=False) + "\n" for e in events(lab, lineage, how))
    )


def _making(
    namespace: str, node: Node, into: list[tuple[Edge, Node]], how: Mapping[str, Any] | None
) -> Iterator[dict[str, Any]]:
    operation = next((str(e.props["operation"]) for e, _ in into if e.props.get("operation")), None)
    if node.kind == "data":
        operation = operation or "import"
    elif node.kind == "training":
        operation = str(TrainingFacts.of(node).method)
    plan = TrainingFacts.of(node).plan if node.kind == "training" else {}
    seconds = float(TrainingFacts.of(node).numbers.get("seconds", 0.0)) if node.kind == "training" else 0.0
    start = node.created - dt.timedelta(seconds=seconds)
    event = {
        "producer": PRODUCER,
        "schemaURL": EVENT,
        "run": {
            "runId": str(uuid.uuid5(_RUNS, node.id)),
            "facets": {
                "processing_engine": _facet("ProcessingEngineRunFacet", name="VeML-Lab", version=__version__),
                **({"veml": _own("RunFacet", plan=plan)} if plan else {}),
                **({"veml_how": _own("RunFacet", **how)} if how else {}),
            },
        },
        "job": {
            "namespace": namespace,
            "name": f"{node.kind}.{operation}" if operation else node.kind,
            "facets": {
                "jobType": _facet(
                    "JobTypeJobFacet", processingType="BATCH", integration="VEML", jobType=node.kind.upper()
                )
            },
        },
        "inputs": [
            {
                **_dataset(namespace, n),
                "inputFacets": {"veml": _own("InputDatasetFacet", edge=e.type, properties=dict(e.props))},
            }
            for e, n in into
        ],
    }
    yield {"eventType": "START", "eventTime": f"{start.isoformat(timespec='microseconds')}Z", **event, "outputs": []}
    output = _dataset(namespace, node)
    if node.kind == "data" and DataFacts.of(node).n is not None:
        output["outputFacets"] = {
            "outputStatistics": _facet("OutputStatisticsOutputDatasetFacet", rowCount=DataFacts.of(node).n)
        }
    output["facets"]["veml"] = _own("DatasetFacet", kind=node.kind, name=node.name, properties=properties(node))
    yield {
        "eventType": "COMPLETE",
        "eventTime": f"{node.created.isoformat(timespec='microseconds')}Z",
        **event,
        "outputs": [output],
    }


def _dataset(namespace: str, node: Node) -> dict[str, Any]:
    """A version as OpenLineage names a dataset, with the standard facets."""
    big, small = TYPES[node.kind]
    facets = {
        "version": _facet("DatasetVersionDatasetFacet", datasetVersion=node.id),
        "datasetType": _facet("DatasetTypeDatasetFacet", datasetType=big, **({"subType": small} if small else {})),
    }
    facts = DataFacts.of(node) if node.kind == "data" else None
    if facts and facts.note:
        facets["documentation"] = _facet("DocumentationDatasetFacet", description=facts.note)
    source = (facts.source or {}).get("root") if facts else None
    if source:
        uri = (
            Path(source).as_uri()
            if Path(source).is_absolute()
            else f"urn:veml-lab:source:{uuid.uuid5(_RUNS, str(source))}"
        )
        facets["dataSource"] = _facet("DatasourceDatasetFacet", name=str(source), uri=uri)
    return {"namespace": namespace, "name": f"{node.kind}/{node.name}", "facets": facets}


def _facet(name: str, /, **values: Any) -> dict[str, Any]:
    return {
        "_producer": PRODUCER,
        "_schemaURL": f"{SPEC}/facets/{FACETS[name]}/{name}.json#/$defs/{name}",
        **plain(values),
    }


def _own(base: str, /, **values: Mapping[str, Any] | str) -> dict[str, Any]:
    """A facet of ours: of the base type, which allows further properties."""
    return {"_producer": PRODUCER, "_schemaURL": f"{SPEC}/2-0-2/OpenLineage.json#/$defs/{base}", **plain(values)}
