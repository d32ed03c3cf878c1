"""Tables as HTML: whatever a text holds, it stays a text."""

from __future__ import annotations

from html.parser import HTMLParser

from veml_lab._html import Markup, Section, table

EVIL = '<script>alert(1)</script>"&'


class Cells(HTMLParser):
    """The cells of a table as a browser reads them, a list a row."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: list[str] = []
        self.inside = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data


def test_a_browser_reads_every_text_as_it_was_given():
    html = table([EVIL, "b"], [[EVIL, 2], Section(EVIL), [None, "x"]], above=EVIL, below=EVIL, caption=EVIL, label=EVIL)
    read = Cells(html)
    assert "script" not in read.tags
    assert read.rows == [[EVIL, "b"], [EVIL, "2"], [EVIL], ["None", "x"]]
    assert html.count("<tr") == 4 and 'colspan="2"' in html


def test_only_what_was_made_here_goes_in_as_markup():
    assert "<b>1</b>" in table(["a"], [[Markup("<b>1</b>")]]) and "<b>1</b>" not in table(["a"], [["<b>1</b>"]])


def test_strong_rows_and_headings_of_rows():
    html = table((), [["a", 1], ["b", 2]], strong=[1], headed=True)
    assert [tag for tag in Cells(html).tags if tag in ("th", "td")] == ["th", "td", "th", "td"]
    assert html.count("<th") == 2 and html.index("font-weight:600") > html.index(">a<") and "<thead" not in html
