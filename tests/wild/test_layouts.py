"""The same set in all layouts, encodings and notations comes back equal, or is refused by name.

A few dozen seeded variants a format in the suite; by hand ``VEML_LAYOUTS=2000 pytest tests/wild/test_layouts.py``.
"""

import os
import shutil
import tempfile
import warnings
from pathlib import Path

import layout_tables
import layouts
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from veml_lab.errors import VemlError
from veml_lab.formats import read

VARIANTS = int(os.environ.get("VEML_LAYOUTS", "25"))
FORMATS = {
    name: getattr(module, name)
    for module, names in (
        (layouts, "coco voc yolo kitti cvat label_studio bdd100k image_folder picture_table"),
        (layout_tables, "table huggingface sensors"),
    )
    for name in names.split()
}


def came_back(layout: layouts.Layout, format: str | None, root: Path):
    """What reading gives, or the error's text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            source = read(root / layout.path, format, **layout.options)
            assert source.format == layout.format, f"read as {source.format}"
            return (layout.told or layouts.told_of_pictures)(source)
    except VemlError as e:
        return f"refused: {e}"


@pytest.mark.parametrize("format", FORMATS)
def test_every_layout_comes_back_equal_or_is_refused_by_name(format):
    @settings(
        max_examples=VARIANTS, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(FORMATS[format](), st.sampled_from([None, format]))
    def check(layout, named):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder, "pets")
            for name, content in layout.files.items():
                at = root / name
                at.parent.mkdir(parents=True, exist_ok=True)
                at.write_bytes(content)
            found = came_back(layout, format if layout.named else named, root)
            if isinstance(found, str) and layout.may_refuse:
                assert len(found) > 30 and ("pets" in found or "encoding" in found), found
                return
            assert found == layout.expected, (
                f"format={named}, {layout.choices}\n{sorted(layout.files)}\ncame {found}\nwanted {layout.expected}"
            )

    check()


@pytest.mark.parametrize("packed", ["zip", "tar", "gztar"])
@pytest.mark.parametrize("format", ["coco", "voc", "yolo", "cvat", "image_folder"])
def test_a_layout_in_an_archive_comes_back_equal(format, packed, tmp_path):
    @settings(max_examples=max(3, VARIANTS // 40), deadline=None, derandomize=True, database=None)
    @given(FORMATS[format]())
    def check(layout):
        if layout.may_refuse:
            return
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder, "pets")
            for name, content in layout.files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_bytes(content)
            archive = Path(shutil.make_archive(str(Path(folder, "packed")), packed, root))
            assert came_back(layout, None, archive) == layout.expected, (layout.choices, sorted(layout.files))

    check()
