"""The template that translators work from holds every word of the sources, and is the one in the repository."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path

import pytest
from labs import ROOT

pytest.importorskip("babel")
sys.path.insert(0, str(ROOT / "scripts"))
import messages
from babel.messages import pofile
from babel.messages.extract import extract

# what a drawing puts on the page itself: a text child, or an attribute that is read out
BARE = re.compile(
    r"""(?:\btitle|'aria-label'|placeholder):\s*(?:'[A-Za-z][^']*'|`[^`]*[a-z]{3}[^`]*`)"""
    r"""|textContent = '[A-Za-z]|(?:\}, |>)'[A-Z][a-z]+[^']*'\)"""
)


def bare_words(line: str) -> list[str]:
    """Words that are written past the translator; what stands in ${...} of a template is looked at for itself."""
    inner = re.compile(r"\$\{[^{}]*\}")
    while inner.search(line):
        line = inner.sub("", line)
    return [x for x in BARE.findall(line) if "SVG" not in x and "PNG" not in x]


def sources():
    return sorted(p for p in (ROOT / "js" / "src").rglob("*.ts*") if p.parent.name != "site")


def test_the_template_in_the_repository_is_that_of_the_sources():
    assert messages.TEMPLATE.read_text() == messages.text(messages.template()), "run: python scripts/messages.py"


def test_every_word_that_is_asked_of_the_translator_stands_in_the_template():
    template = pofile.read_po(io.BytesIO(messages.TEMPLATE.read_bytes()))
    known = {m.id[0] if isinstance(m.id, tuple) else m.id for m in template}
    asked = set()  # as Babel's own reader of JavaScript sees them; it passes over those within template strings
    for path in sources():
        with path.open("rb") as file:
            for _, said, _, _ in extract(
                "javascript",
                file,
                {"trans.__": None, "trans._n": (1, 2), "this.trans.__": None, "N_": None},
                options={"jsx": "true"},
            ):
                asked.add((path.name, said[0] if isinstance(said, tuple) else said))
    assert len(asked) > 150
    assert not {x for x in asked if x[1] not in known}
    for said in (
        "Browse",
        "Look for versions that other processes made",
        "VeML-Lab",
        "missed",
        "stopped",
        "At %1.",
    ):
        assert said in known
    assert template.get("%1 job").pluralizable


def test_no_text_is_asked_for_both_with_and_without_a_plural():
    asked = [said for path in sources() for said in messages.of_script(path)]
    assert not {x for x in asked if isinstance(x, str)} & {x[0] for x in asked if isinstance(x, tuple)}


def test_a_text_that_is_put_together_before_the_translator_sees_it_is_refused(tmp_path):
    (tmp_path / "x.ts").write_text("trans.__(`${n} samples`)")
    with pytest.raises(ValueError, match=r"x\.ts: trans\.__ needs a text"):
        list(messages.of_script(tmp_path / "x.ts"))


def test_the_look_for_bare_words_finds_them():
    assert (
        bare_words("h('p', {}, 'Nothing differs.')")
        and bare_words("'aria-label': `Sample ${i}`")
        and bare_words("el.textContent = 'Done'")
    )
    assert not bare_words("h('p', {}, trans.__('Nothing differs.'))") and not bare_words(
        "title: `${names[i]}: ${number(v)}`"
    )


@pytest.mark.parametrize("path", sources(), ids=lambda p: p.name)
def test_no_drawing_writes_words_past_the_translator(path: Path):
    assert not [line.strip() for line in path.read_text().splitlines() if bare_words(line)]


def test_a_translated_catalogue_becomes_the_json_that_jupyterlab_reads(tmp_path, capsys):
    po = tmp_path / "veml_lab.po"
    po.write_text(
        'msgid ""\nmsgstr ""\n"Language: de\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n"Content-Type:'
        ' text/plain; charset=utf-8\\n"\n\nmsgid "%1 job"\nmsgid_plural "%1 jobs"\nmsgstr[0] "%1 Auftrag"\nmsgstr[1]'
        ' "%1 Aufträge"\n\nmsgctxt "schema"\nmsgid "VeML-Lab"\nmsgstr "VeML-Labor"\n\nmsgid "Close"\nmsgstr ""\n'
    )
    assert messages.main(["--json", str(po)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found[""]["language"] == "de" and "nplurals=2" in found[""]["plural_forms"]
    assert (
        found["%1 job"] == ["%1 Auftrag", "%1 Aufträge"]
        and found["schema\u0004VeML-Lab"] == ["VeML-Labor"]
        and "Close" not in found
    )
