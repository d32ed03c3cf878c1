"""``--option K=V``: the declared type of the option says what V means, so that a column called null can be named."""

import json

import pytest

from veml_lab.cli import main
from veml_lab.errors import BadInput
from veml_lab.formats import FORMATS, read
from veml_lab.formats.options import typed

COLUMNS = ["null", "true", "1", "1e5", '"x"', "{}", "NaN", "-0", "[]"]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_of_any_name_can_be_the_class(tmp_path, column, capsys):
    cell = '"' + column.replace('"', '""') + '"'
    (tmp_path / "t.csv").write_text(f"n,{cell}\n1,a\n2,b\n")
    main(["look", str(tmp_path / "t.csv"), "--json", "--option", f"label={column}"])
    assert json.loads(capsys.readouterr().out)["classes"] == ["a", "b"]
    main(["add", str(tmp_path / "lab"), "s", str(tmp_path / "t.csv"), "--option",
         f"label={column}", "--json"])  # fmt: skip
    assert "2 classes" in capsys.readouterr().out


def test_every_declared_type_is_understood():
    assert typed("table", {"label": "null", "strict": "true", "targets": '["a", "1e5"]', "classes": "x,y"}) == {
        "label": "null", "strict": True, "targets": ["a", "1e5"], "classes": ["x", "y"],
    }  # fmt: skip
    assert typed("table", {"classes": "[0, null, true]"}) == {"classes": ["0", "null", "true"]}
    assert typed("table", {"types": '{"zip": "str"}', "targets": "[x"}) == {"types": {"zip": "str"}, "targets": "[x"}
    assert typed("sensors", {"window": "6", "graph": "null"}) == {"window": 6, "graph": "null"}
    assert typed("video", {"every": "null", "scene": "0.3", "seconds": "2"}) == {
        "every": None, "scene": 0.3, "seconds": 2,
    }  # fmt: skip
    assert typed("voc", {"boxes": "1", "classes": "null"}) == {"boxes": "1", "classes": None}


@pytest.mark.parametrize(
    ("format", "option", "text", "said"),
    [
        ("sensors", "window", "many", "a whole number"),
        ("sensors", "window", "1.5", "a whole number"),
        ("sensors", "window", "true", "a whole number"),
        ("table", "strict", "1", "true or false"),
        ("video", "scene", "high", "a number"),
        ("table", "types", "x", "an object"),
    ],
)
def test_a_text_of_another_type_says_what_is_wanted(format, option, text, said):
    with pytest.raises(BadInput, match=f"the option {option} is {said}.*, got {text!r}"):
        typed(format, {option: text})


def test_every_option_of_every_reader_has_a_type_that_a_text_can_say():
    import inspect

    from veml_lab.formats.options import _WANTED, _outermost

    for name, f in FORMATS.items():
        for p in list(inspect.signature(f.read()).parameters.values())[1:]:
            kinds = [k.strip().partition("[")[0] for k in _outermost(p.annotation)]
            assert all(k in {*_WANTED, "str", "None", "tuple", "Literal"} or "PathLike" in k for k in kinds), (name, p)


def test_a_name_of_a_class_in_yaml_that_is_half_a_sign_is_kept_as_the_sign_for_damage(folder_of, tmp_path):
    import veml_lab as veml

    files = {"images/a.jpg": None, "labels/a.txt": "0 .5 .5 .1 .1\n", "data.yaml": 'names: ["a\\ud800b"]\n'}
    lab = veml.open(tmp_path / "lab")
    assert lab.add("s", read(folder_of(files)), progress=False).classes == ("a\ufffdb",)
