"""Segments: the bytes of copied samples."""

from __future__ import annotations

import pytest

from veml_lab.catalog.segments import ROWS_PER_BATCH, Segment, SegmentWriter
from veml_lab.errors import DamagedLab


def test_a_segment_gives_back_every_row_across_batches(tmp_path):
    rows = [bytes([i % 256]) * (i % 7) for i in range(2 * ROWS_PER_BATCH + 3)]
    writer = SegmentWriter(tmp_path, "s")
    assert [writer.append(r) for r in rows] == list(range(len(rows)))
    assert not (tmp_path / "s.arrow").exists()  # nobody sees it before it is whole
    writer.close()
    segment = Segment(tmp_path / "s.arrow")
    assert [segment[i] for i in range(len(rows))] == rows
    assert [p.name for p in tmp_path.iterdir()] == ["s.arrow"]


def test_an_aborted_segment_leaves_nothing(tmp_path):
    writer = SegmentWriter(tmp_path, "s")
    writer.append(b"x")
    writer.abort()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("left", [0, 3, 200, -1])
def test_a_truncated_segment_is_said(tmp_path, left):
    writer = SegmentWriter(tmp_path, "s")
    for _ in range(100):
        writer.append(b"pixels" * 10)
    writer.close()
    file = tmp_path / "s.arrow"
    file.write_bytes(file.read_bytes()[:left])
    with pytest.raises(DamagedLab, match=r"s\.arrow"):
        Segment(file)


def test_a_missing_segment_is_said(tmp_path):
    with pytest.raises(DamagedLab, match="missing"):
        Segment(tmp_path / "s.arrow")
