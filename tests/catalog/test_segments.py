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


def test_damaged_offsets_are_damage_and_do_not_kill_the_process(tmp_path):
    """Arrow trusts the offsets of a batch and reads past its end: a segmentation fault, once."""
    import subprocess
    import sys

    from veml_lab.catalog.segments import SegmentWriter

    writer = SegmentWriter(tmp_path, "0123456789abcdef01234567")
    for i in range(20):
        writer.append(bytes(range(i)))
    writer.close()
    file = tmp_path / writer.name
    data = bytearray(file.read_bytes())
    at = data.index((190).to_bytes(8, "little"))  # where the last row ends: 0 + 1 + ... + 19
    data[at : at + 8] = (1 << 60).to_bytes(8, "little")
    file.write_bytes(bytes(data))
    code = (
        "import sys\nfrom pathlib import Path\nfrom veml_lab.catalog.segments import Segment\n"
        "from veml_lab.errors import DamagedLab\n"
        "try: Segment(Path(sys.argv[1]))[19]\nexcept DamagedLab: print('said')"
    )
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True)
    assert done.stdout.strip() == "said", (done.returncode, done.stderr)
