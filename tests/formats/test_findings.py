"""What is left out is told once for each walk, the same each time; strict stops at that very thing."""

import itertools
import warnings

import pytest

from veml_lab.errors import BadData
from veml_lab.formats import read


def mutated(request, format: str):
    """A set of two pictures or rows of which one annotation cannot be used."""
    if format == "table":
        folder = request.getfixturevalue("tmp_path") / "table"
        folder.mkdir()
        (folder / "a.csv").write_text("x,label\n1,a\n2\n3,b\n")
        return folder
    folder = request.getfixturevalue(f"{format}_folder")
    file, old, new = {
        "voc": ("Annotations/a.xml", "<xmax>12</xmax>", "<xmax>1200</xmax>"),
        "coco": ("annotations/instances_train.json", "[2, 3, 10, 7]", "[2, 3, 1000, 7]"),
    }[format]
    text = (folder / file).read_text()
    assert text.count(old) == 1
    (folder / file).write_text(text.replace(old, new))
    return folder


@pytest.mark.parametrize("format", ["voc", "coco", "table"])
def test_one_bad_annotation_is_one_finding_in_every_walk_and_strict_raises_it(request, format):
    folder = mutated(request, format)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source = read(folder, format)
        walks = [(len(list(source.records())), source.findings()) for _ in range(2)]
        list(itertools.islice(source.records(), 1))  # a walk that breaks off adds nothing
        assert source.findings() == walks[0][1]
    assert walks[0] == walks[1] and walks[0][0] == 2 and len(walks[0][1]) == 1
    with pytest.raises(BadData) as e:
        list(read(folder, format, strict=True).records())
    assert str(e.value).startswith(walks[0][1][0])
