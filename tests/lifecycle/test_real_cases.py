"""Bad cases on the real sets: four networks deployed one after the other, exact duplicates, copies encoded again."""

from __future__ import annotations

import hashlib
import io
from itertools import islice

import numpy as np
import pytest
from labs import REAL
from PIL import Image
from planted import deployed, encoded, pictures

import veml_lab as veml
from veml_lab.evaluation.prediction import Prediction
from veml_lab.lifecycle.badcases import cases_of
from veml_lab.lifecycle.case_report import checked, report_sightings
from veml_lab.sources.source import Source
from veml_lab.versions.near import SAME, small_grey

pytestmark = pytest.mark.real
CIFAR = REAL / "cifar10" / "cifar10_jpeg.tar.xz"
NETS = {20: "resnet20-12fca82f.th", 32: "resnet32-d509ac18.th", 44: "resnet44-014dd654.th", 56: "resnet56-4bfd9763.th"}


def cifar(n: int) -> Source:
    """The first n test pictures of CIFAR-10."""
    import dataclasses

    source = veml.read(CIFAR)
    first = list(islice((r for r in source.records() if r.role == "test"), n))
    return dataclasses.replace(source, records=lambda: iter(first), total=n, fingerprint=f"cifar {n}")


def network(depth: int):
    """The ResNet of CIFAR-10 with option-A shortcuts, with its published weights."""
    import torch
    from torch import nn
    from torch.nn import functional as f

    class Block(nn.Module):
        def __init__(self, inside: int, outside: int) -> None:
            super().__init__()
            self.stride, self.more = 1 if inside == outside else 2, outside - inside
            self.conv1 = nn.Conv2d(inside, outside, 3, self.stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(outside)
            self.conv2 = nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(outside)

        def forward(self, x):
            y = self.bn2(self.conv2(f.relu(self.bn1(self.conv1(x)))))
            x = x[:, :, :: self.stride, :: self.stride]
            return f.relu(y + f.pad(x, (0, 0, 0, 0, self.more // 2, self.more // 2)))

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
            n, widths = (depth - 2) // 6, (16, 16, 32, 64)
            for stage in (1, 2, 3):
                blocks = [Block(widths[stage - 1] if i == 0 else widths[stage], widths[stage]) for i in range(n)]
                setattr(self, f"layer{stage}", nn.Sequential(*blocks))
            self.linear = nn.Linear(64, 10)

        def forward(self, x):
            x = f.relu(self.bn1(self.conv1(x)))
            return self.linear(self.layer3(self.layer2(self.layer1(x))).mean((2, 3)))

    kept = torch.load(REAL / "weights" / NETS[depth], map_location="cpu", weights_only=True)["state_dict"]
    net = Net().eval()
    net.load_state_dict({k.removeprefix("module."): v for k, v in kept.items()})
    return net


def predicted(depth: int, data) -> Prediction:
    import torch

    x = np.stack([np.asarray(image) for image in data.images]).astype(np.float32) / 255
    x = (x - (0.485, 0.456, 0.406)) / np.array((0.229, 0.224, 0.225))
    with torch.inference_mode():
        said = network(depth)(torch.from_numpy(x.transpose(0, 3, 1, 2)).float()).softmax(1).numpy()
    return Prediction(data.classes, probabilities=said)


def test_four_networks_deployed_one_after_the_other(empty_lab):
    """New, seen before, solved, regressed of ResNet-20, -32, -44, -56 on 1,000 pictures equal sets of what is wrong."""
    lab = empty_lab
    data = lab.add("cifar", cifar(1000), progress=False)
    names, truth = data.samples["uri"].to_pylist(), data.annotations.targets()
    before, counts = None, []
    opened: set[str] = set()
    solved: set[str] = set()
    for depth in NETS:
        prediction = predicted(depth, data)
        wrong = {names[i] for i in np.flatnonzero(prediction.probabilities.argmax(1) != truth)}
        me = deployed(lab, f"resnet{depth}", data)
        if before is not None:
            lab.store.link(before.id, me.id, "replaces")
        for _ in range(2):  # running each twice changes nothing
            said = cases_of(me, data, prediction).report("objects")
            uris = {c.id: c.uri for c in lab.cases()}
            got = {part: {uris[c] for c in getattr(said, part)} for part in ("cases", "seen", "regressed", "solved")}
            assert got["cases"] == wrong and got["regressed"] == wrong & solved
            assert got["solved"] == opened - wrong
            if not _:
                assert {uris[c] for c in said.new} == wrong - opened - solved and got["seen"] == wrong & opened
                counts.append([len(said.new), len(said.seen), len(said.solved), len(said.regressed)])
            else:
                assert not said.new
        solved, opened, before = (solved | (opened - wrong)) - wrong, wrong, me
    assert {c.uri for c in lab.cases("status = 'solved'")} == solved and counts[3][3] > 0
    assert len(lab.cases()) == len(opened | solved) == sum(c[0] for c in counts)


def test_the_exact_duplicates_of_dawn_are_one_case_each(empty_lab):
    """DAWN fog holds 18 groups of pictures with the same bytes: reported under one truth, each group is one case."""
    lab = empty_lab
    data = lab.add("fog", veml.read(REAL / "dawn_fog" / "dawn_fog.tar.xz"), progress=False)
    digests = [hashlib.sha256(data.images.encoded(p)).digest() for p in range(len(data))]
    first = [int(data.ids[digests.index(d)]) for d in digests]
    groups = {f for f in first if first.count(f) > 1}
    assert len(groups) == 18
    sightings = [checked(i, "nothing", "fog", "weather") for i in map(int, data.ids)]
    report_sightings(lab.store, sightings, "all")
    assert len(lab.cases()) == len(set(first)) == len(data) - sum(first.count(f) - 1 for f in groups)
    assert set(lab.cases().table["sample"].to_pylist()) == set(first)


def test_copies_that_were_encoded_again_land_in_one_case(empty_lab):
    """100 pictures at JPEG quality 70 and 0.8 of their size: at least 95 are found again, and of 10,000 random pairs at
    most 1 % are offered."""
    lab = empty_lab
    data = lab.add("cifar", cifar(400), progress=False)
    labels = data.annotations.class_labels
    copies, truths = {}, {}
    for i in range(100):
        image = data.images[i]
        copies[f"copy{i}.jpg"] = encoded(image.resize((26, 26)), 70)
        truths[f"copy{i}.jpg"] = labels[data.ids[i]]
    again = lab.add("copies", pictures("copies", copies, truths), progress=False)
    given = [checked(int(data.ids[i]), "none", labels[data.ids[i]], "objects") for i in range(400)]
    given += [checked(int(again.ids[i]), "none", truths[f"copy{i}.jpg"], "objects") for i in range(100)]
    report_sightings(lab.store, given, "all")
    pairs = lab.cases().duplicates()
    found = {tuple(sorted(p.uris)) for p in pairs}
    uris = data.samples["uri"].to_pylist()
    assert sum(tuple(sorted((uris[i], f"copy{i}.jpg"))) in found for i in range(100)) >= 95
    pairs.merge()
    roots = {c.uri: c.merged_into or c.id for c in lab.cases("frequency >= 0")}
    assert sum(roots[uris[i]] == roots[f"copy{i}.jpg"] for i in range(100)) >= 95
    rng, offered = np.random.default_rng(0), 0
    looks = np.stack([small_grey(data.images.encoded(i)) for i in range(400)])
    for _ in range(10_000):
        a, b = rng.choice(400, 2, replace=False)
        offered += looks[a] @ looks[b] >= SAME
    assert offered <= 100
    assert Image.open(io.BytesIO(copies["copy0.jpg"])).size == (26, 26)
