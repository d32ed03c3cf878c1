"""Half of a sign of two (a caption that was cut) is replaced, counted and told, in every reader of JSON and YAML."""

import io
import json
import warnings

import pytest
from sets_of_every_format import SETS
from wild_files import coco_of, picture

from veml_lab.errors import BadInput
from veml_lab.formats import read
from veml_lab.sources.checks import Findings
from veml_lab.sources.jsonstream import counted, items, whole

HALF, SIGN = "\ud83d", "\U0001f600"


def halved_set(format: str) -> tuple[dict, int]:
    """The small set of a format with a half behind each class ``cat`` of its JSON and YAML, and how many there are."""
    out, n = {}, 0
    for name, content in SETS[format](("train", "val", "test")).items():
        if isinstance(content, dict | list):
            content = json.dumps(content)
        if isinstance(content, str) and name.endswith((".json", ".jsonl", ".yaml")) and name != "meta.json":
            n += content.count('"cat"')
            content = content.replace('"cat"', '"cat\\ud83d"')
        out[name] = content
    return out, n


def told(source) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        labels = [(r.label, [b.label for b in (*r.boxes, *r.masks)]) for r in source.records()]
    assert "?" not in repr((labels, source.classes)) and HALF not in repr(labels)
    assert "cat\ufffd" in repr((labels, source.classes))
    return [line for line in source.findings() if "half sign" in line]


FORMATS = [f for f in SETS if halved_set(f)[1] and f != "croissant"]


def test_most_formats_of_json_are_tried():
    assert {"bdd100k", "coco", "fiftyone", "huggingface", "labelme", "label_studio", "supervisely", "via"} < set(
        FORMATS
    )


@pytest.mark.parametrize("format", FORMATS)
def test_a_half_sign_in_a_class_is_a_finding_with_its_count_and_strict_stops(format, folder_of):
    files, n = halved_set(format)
    root = folder_of(files)
    counts = [int(line.partition(" has ")[2].split()[0]) for line in told(read(root, format))]
    assert sum(counts) == n
    with pytest.raises(BadInput, match="half sign"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        list(read(root, format, strict=True).records())


def test_yaml_joins_the_halves_that_belong_together(folder_of):
    files = {"images/a.jpg": None, "labels/a.txt": "0 0.5 0.5 0.2 0.2\n"}
    both = files | {"data.yaml": 'names: ["cat\\ud83d\\ude00"]\n'}
    source = read(folder_of(both))
    assert source.classes == ("cat" + SIGN,) and source.findings() == []
    alone = files | {"data.yaml": 'names: ["cat\\ud83d", "\\ude00", "dog"]\n'}
    source = read(folder_of(alone, "alone"))
    assert source.classes == ("cat\ufffd", "\ufffd", "dog") and "data.yaml: has 2 half signs" in source.findings()[0]
    with pytest.raises(BadInput, match=r"data\.yaml: has 2 half signs"):
        read(folder_of(alone, "strict"), strict=True)


def test_a_file_that_is_read_several_times_is_told_once(folder_of):
    files = {"images/a.jpg": None, "all.json": json.dumps(coco_of("a.jpg", label="cat" + HALF))}
    source = read(folder_of(files))
    (line,) = told(source)
    assert "all.json: has 1 half sign (" in line


def test_a_description_of_the_whole_set_with_a_half_sign_is_an_error(folder_of):
    files = SETS["supervisely"](("train", "val", "test"))
    files["meta.json"] = json.dumps(files["meta.json"]).replace('"cat"', '"cat\\ud83d"')
    with pytest.raises(BadInput, match=r"meta\.json has 1 half signs .*; write them whole"):
        read(folder_of(files))


class Piecewise(io.BytesIO):
    """A stream that gives a given number of bytes at a time, as a slow disk may."""

    def __init__(self, data: bytes, step: int) -> None:
        super().__init__(data)
        self._step = step

    def read(self, n: int = -1) -> bytes:
        return super().read(min(n, self._step) if n >= 0 else self._step)


CASES = {
    '["a\\ud83d"]': (["a\ufffd"], 1),
    '["\\ud83d\\ude00", "\\ude00\\ud83d"]': ([SIGN, "\ufffd\ufffd"], 2),
    '["\\ud83d\\ud83d\\ude00"]': (["\ufffd" + SIGN], 1),
    '["\\\\ud83d"]': (["\\ud83d"], 0),
    '["\\\\\\ud83d"]': (["\\\ufffd"], 1),
    '["\\\\\\\\ud83d"]': (["\\\\ud83d"], 0),
    '["\\ud55c\\uD7A3\\uDBFF\\uDFFF"]': (["\ud55c\ud7a3\U0010ffff"], 0),
    '["\\uDC00x\\uD800"]': (["\ufffdx\ufffd"], 2),
    '["\\ud83d\\n\\ude00"]': (["\ufffd\n\ufffd"], 2),
    '["\\ud83d\\\\ude00"]': (["\ufffd\\ude00"], 1),
    '{"\\ud83d": [NaN, "\\ud83d"]}': ({"\ufffd": [None, "\ufffd"]}, 2),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("step", [2, 3, 5, 7, 11, 13, 1000])
@pytest.mark.parametrize("text", CASES)
def test_halves_are_found_wherever_a_file_is_cut_into_pieces(text, step, encoding):
    expected, n = CASES[text]
    findings = Findings("x", strict=False)
    found = list(items(Piecewise(text.encode(encoding), step), "x.json", "", findings))
    assert found == [expected]
    assert findings.count == bool(n) and (not n or f"has {n} half" in findings.lines[0])


@pytest.mark.parametrize("text", [t for t in CASES if "NaN" not in t])
def test_texts_that_are_read_whole_agree(text):
    assert counted(text) == CASES[text]
    assert whole(json.loads(text)) == CASES[text]


@pytest.mark.parametrize("name", ["documents.json", "documents.jsonl"])
def test_documents_tell_it_by_line(name, folder_of):
    import hashlib

    row = {"path": "a.png", "md5": hashlib.md5(picture(0)).hexdigest(), "annotation": "cat" + HALF}
    text = json.dumps([row]) if name.endswith("json") else json.dumps(row) + "\n"
    root = folder_of({name: text})
    (root / "a.png").write_bytes(picture(0))
    (line,) = told(read(root))
    assert name in line and "has 1 half sign (" in line


def test_quoted_texts_in_cells_stay_as_they_stand():
    from veml_lab.formats.document_rows import cell_of
    from veml_lab.sources.plain import value_of

    assert value_of('"a\\ud83d"') == '"a\\ud83d"' and cell_of('"a\\ud83d"') == '"a\\ud83d"'
    assert value_of('"a\\ud83d\\ude00"') == "a" + SIGN


def test_shards_tell_it(tmp_path):
    import tarfile

    with tarfile.open(tmp_path / "a.tar", "w") as out:
        for name, data in (("1.jpg", picture(1, format="JPEG")), ("1.json", b'{"note": "a\\ud83d"}')):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            out.addfile(entry, io.BytesIO(data))
    source = read(tmp_path / "a.tar", "webdataset")
    with pytest.warns(UserWarning, match="has 1 half sign"):
        (record,) = source.records()
    assert record.columns == {"note": "a\ufffd"}
