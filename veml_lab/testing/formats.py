"""What every format keeps: read after write is the same, found by its files, all or nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..formats import read, write
from ..formats.registry import Formats
from ..formats.sniff import format_of
from ..sources.source import Record, Source
from .made import coloured, refusal


class FormatSuite:
    """``name`` names it; ``source()`` is something that it holds (default: labelled pictures)."""

    name: str
    tolerance_px = 0.5

    def source(self) -> Source:
        """What is written and read back."""
        return coloured(6)

    def test_it_is_declared_in_one_line(self) -> None:
        declared = Formats()[self.name]
        assert declared.name == self.name and declared.looks_like and "\n" not in declared.looks_like

    def test_what_is_read_is_what_was_written(self, tmp_path: Path) -> None:
        source = self.source()
        write(source, tmp_path / "set", self.name)
        back = read(tmp_path / "set", self.name)
        assert back.task == source.task and set(back.classes) == set(source.classes)
        first, again = (sorted(map(self.facts, s.records()), key=repr) for s in (source, back))
        assert len(first) == len(again)
        for a, b in zip(first, again, strict=True):
            assert a == b

    def facts(self, record: Record) -> Any:
        """What has to come back of a sample: pixels' size, label, boxes in steps of ``tolerance_px``."""
        boxes = sorted((b.label, *(round(v / self.tolerance_px) for v in (b.x, b.y, b.w, b.h))) for b in record.boxes)
        return record.width, record.height, record.label, boxes

    def test_it_is_found_by_its_files(self, tmp_path: Path) -> None:
        if Formats()[self.name].evidence is None:
            return  # it is only read when it is named
        write(self.source(), tmp_path / "set", self.name)
        assert format_of(tmp_path / "set") == self.name

    def test_reading_again_gives_the_same_in_the_same_order(self, tmp_path: Path) -> None:
        write(self.source(), tmp_path / "set", self.name)
        first, again = read(tmp_path / "set", self.name), read(tmp_path / "set", self.name)
        assert first.fingerprint == again.fingerprint
        assert [r.uri for r in first.records()] == [r.uri for r in again.records()] == [r.uri for r in first.records()]

    def test_a_folder_that_holds_something_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "set").mkdir()
        (tmp_path / "set" / "mine.txt").write_text("mine")
        refusal(lambda: write(self.source(), tmp_path / "set", self.name))
        assert [p.name for p in (tmp_path / "set").iterdir()] == ["mine.txt"]

    def test_an_option_that_it_does_not_have_is_refused(self, tmp_path: Path) -> None:
        assert "nonsense" in str(refusal(lambda: write(self.source(), tmp_path / "set", self.name, nonsense=1)))
        assert not (tmp_path / "set").exists()
