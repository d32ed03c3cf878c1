"""The suite of labelling tools over ours: a folder in each of its forms, and servers."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import label_servers
import pytest

from veml_lab.formats.cvat import read_cvat
from veml_lab.formats.documents import read_documents
from veml_lab.labelling.cvat import Cvat
from veml_lab.labelling.files import Files
from veml_lab.labelling.label_studio import LabelStudio
from veml_lab.labelling.label_studio_tasks import results
from veml_lab.labelling.said import Region, Said
from veml_lab.labelling.secret import Secret
from veml_lab.labelling.tool import Options
from veml_lab.testing import LabelToolSuite


def said_of(result) -> Said:
    """A ``result`` list of Label Studio, read by itself."""
    regions, label = [], None
    for r in result:
        v = r["value"]
        if r["type"] == "choices":
            (label,) = v["choices"]
        else:
            w, h = r["original_width"] / 100, r["original_height"] / 100
            regions.append(Region(v["rectanglelabels"][0], v["x"] * w, v["y"] * h, v["width"] * w, v["height"] * h))
    return Said(label, tuple(regions))


class TestFilesOfLabelStudio(LabelToolSuite):
    def tool(self, folder):
        return Files(Options(str(folder / "tasks")))

    def tasks(self, address):
        return json.loads((Path(address) / "tasks.json").read_text())

    def before(self, tool, address, job):
        return {
            t["data"]["veml_sample"]: said_of(t["predictions"][0]["result"])
            for t in self.tasks(address)
            if "predictions" in t
        }

    def people(self, tool, address, job, said):
        tasks = [t for t in self.tasks(address) if t["data"]["veml_sample"] in said]
        for t in tasks:
            given = said[t["data"]["veml_sample"]]
            result = results(job.by_sample[t["data"]["veml_sample"]], given or Said())
            t["annotations"] = [{"result": result, "was_cancelled": given is None, "completed_by": {"email": "a@b"}}]
        (Path(address) / "back" / "export.json").write_text(json.dumps(tasks))


class _FilesOfAFormat(LabelToolSuite):
    """People work on what went out: the document, or CVAT's XML, read here by the formats' own readers."""

    skips = False
    form: str

    def tool(self, folder):
        return Files(Options(str(folder / "tasks"), form=self.form))

    def records(self, address):
        read = read_cvat if self.form == "cvat" else read_documents
        return {int(Path(r.uri).name.split("-")[1]): r for r in read(address).records()}

    def before(self, tool, address, job):
        return {
            i: Said(r.label, tuple(Region(b.label, b.x, b.y, b.w, b.h) for b in r.boxes))
            for i, r in self.records(address).items()
            if r.label or r.boxes
        }


class TestFilesOfCvat(_FilesOfAFormat):
    form = "cvat"

    def people(self, tool, address, job, said):
        tree = ElementTree.parse(Path(address) / "annotations.xml")
        for image in tree.getroot().findall("image"):
            sample = int(image.get("name").split("-")[1])
            if sample not in said:
                tree.getroot().remove(image)
                continue
            for shape in list(image):
                image.remove(shape)
            if said[sample].label:
                ElementTree.SubElement(image, "tag", label=said[sample].label)
            for r in said[sample].regions:
                x, y, right, bottom = map(repr, r.corners)
                ElementTree.SubElement(image, "box", label=r.label, xtl=x, ytl=y, xbr=right, ybr=bottom)
        tree.write(Path(address) / "back" / "annotations.xml")


class TestFilesOfDocuments(_FilesOfAFormat):
    form = "json"

    def people(self, tool, address, job, said):
        rows = json.loads((Path(address) / "documents.json").read_text())["documents"]
        kept = []
        for row in rows:
            if row["veml_sample"] not in said:
                continue
            given = said[row["veml_sample"]]
            boxes = {"boxes": [{"label": r.label, "box": [r.x, r.y, r.w, r.h]} for r in given.regions]}
            kept.append({**row, "annotation": given.label or boxes})
        (Path(address) / "back" / "documents.json").write_text(json.dumps({"documents": kept}))


class TestLabelStudio(LabelToolSuite):
    @pytest.fixture(autouse=True)
    def served(self):
        with label_servers.LabelStudio() as server:
            self.server = server
            yield

    def tool(self, folder):
        return LabelStudio(Options(self.server.url, Secret(label_servers.TOKEN)))

    def tasks(self, address):
        return [t for t in self.server.tasks if t["project"] == int(address.rpartition("/")[2])]

    def before(self, tool, address, job):
        assert all(len(t["predictions"]) <= 1 for t in self.tasks(address))
        return {t["data"]["veml_sample"]: said_of(p["result"]) for t in self.tasks(address) for p in t["predictions"]}

    def people(self, tool, address, job, said):
        for t in self.tasks(address):
            sample = t["data"]["veml_sample"]
            if sample in said:
                result = results(job.by_sample[sample], said[sample] or Said())
                self.server.annotate(t["id"], {"result": result, "was_cancelled": said[sample] is None})


class TestCvat(LabelToolSuite):
    """A deleted frame is a skipped one; only what somebody has completed is an answer."""

    @pytest.fixture(autouse=True)
    def served(self):
        with label_servers.Cvat() as server:
            self.server = server
            yield

    def tool(self, folder):
        return Cvat(Options(self.server.url, Secret(label_servers.TOKEN)))

    def held(self, address):
        """Number of the task, sample of each frame, name of each label."""
        task = int(address.rpartition("/")[2])
        samples = [int(name.split("-")[1]) for name in sorted(self.server.frames[task])]
        return task, samples, {row["id"]: row["name"] for row in self.server.labels if row["task_id"] == task}

    def before(self, tool, address, job):
        task, samples, names = self.held(address)
        said, found = self.server.said[task], {}
        for k, sample in enumerate(samples):
            tags = [names[t["label_id"]] for t in said["tags"] if t["frame"] == k]
            shapes = [s for s in said["shapes"] if s["frame"] == k]
            if tags or shapes:
                boxes = [(names[s["label_id"]], *s["points"]) for s in shapes]
                regions = tuple(Region(c, x, y, right - x, bottom - y) for c, x, y, right, bottom in boxes)
                found[sample] = Said(tags[0] if tags else None, regions)
        return found

    def people(self, tool, address, job, said):
        task, samples, names = self.held(address)
        ids = {name: i for i, name in names.items()}
        held = self.server.said[task]
        held["tags"], held["shapes"] = [], []
        for k, sample in enumerate(samples):
            given = said.get(sample)
            if given is None:
                self.server.deleted[task].append(k)
                continue
            if given.label:
                held["tags"].append({"frame": k, "label_id": ids[given.label]})
            for r in given.regions:
                shape = {"type": "rectangle", "points": list(r.corners), "rotation": 0.0}
                held["shapes"].append({"frame": k, "label_id": ids[r.label], **shape})
        for j in self.server.jobs:
            if j["task_id"] == task:
                j["state"] = "completed"
