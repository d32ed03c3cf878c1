"""The first line of a table is a line of names, or the table is refused by name."""

import pytest

from veml_lab.errors import BadData
from veml_lab.sources.header import check_header, padded

FINE = {
    "names": "a,b\n1,2\n3,4\n",
    "years": "country,2019,2020\nItaly,1.5,2.5\nSpain,3.5,4.5\n",
    "rising wavelengths": "400.5,401.0,label\n0.1,0.2,oil\n0.4,0.5,fat\n",
    "falling wavelengths": "401.0,400.5,label\n0.1,0.2,oil\n0.4,0.5,fat\n",
    "one wavelength": "label,400.5\noil,0.1\nfat,0.2\n",
    "one number near what is below": "label,1.5\noil,1.2\nfat,1.9\n",
    "numbers above words": "1.5,0.5\nx,y\nz,w\n",
    "one row of words above one of numbers": "a,b\nx,y\n1,2\n",
    "words among numbers": "a,b\nx,1\n2,2\n3,3\n",
    "a line alone": "5.1,3.5,1.4\n",
    "a column of sentences": "text\nhello you\nbye\n",
    "sentences of other lengths": "my text\nhello you there\nbye now\n",
    "one sentence": "my text\nhello you\n",
    "a name of blanks": "a,,\n1,,\n2,,\n",
    "an empty first name": ",b\n0,x\n1,y\n",
    "Excel's own line": "sep=;\na;b\n1;2\n",
    "rows of another length": "a,b\n1,2,3\n",
    "a column of years named otherwise": "year,n\n2019,1\n2020,2\n",
}
REFUSED = {
    "values": ("5.1,3.5,x\n4.9,3.0,y\n7.0,3.2,z\n", "looks like a row of values"),
    "a value that is there again": ("39,clerk\n50,clerk\n38,baker\n", "looks like a row of values"),
    "words that are there again": ("spam,win\nham,hello\nspam,now\n", "looks like a row of values"),
    "a picture": ("a.jpg,cat\nb.jpg,dog\n", "looks like a row of values"),
    "a title": ("Report,,\nname,age,city\nAnn,3,Rome\n", "names one of its 3 columns: a title"),
    "units": ("time,temp\ns,C\n0,1.5\n1,2.5\n", "units above numbers"),
    "blanks": ("a b c\n1 2 3\n4 5 6\n", "say delimiter=' '"),
}


@pytest.mark.parametrize("what", FINE)
def test_names_are_names(what):
    check_header(FINE[what], ";" if what.startswith("Excel") else ",", "t.csv")


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_line_of_names_is_refused(what):
    text, said = REFUSED[what]
    with pytest.raises(BadData, match=said):
        check_header(text, ",", "t.csv")


def test_a_table_that_says_its_types_is_believed(tmp_path):
    from veml_lab.formats import read

    (tmp_path / "t.csv").write_text("1.5,0.5,x\n4.9,3.0,y\n7.0,3.2,z\n")
    with pytest.raises(BadData, match="looks like a row of values"):
        read(tmp_path / "t.csv")
    source = read(tmp_path / "t.csv", types={"1.5": "float"})
    assert [r.columns["x"] for r in source.records()] == ["y", "z"]


@pytest.mark.parametrize(
    "text, found",
    [("a, b\n1, 2\n", True), ("a, b\n1,2\n", False), ("a\n1\n", False), ("a, b\n", False), ("a,b, c\n1,2, 3\n", False)],
)
def test_cells_behind_blanks(text, found):
    assert padded(text, ",") is found
