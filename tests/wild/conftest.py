"""Small sets as people have them, written from scratch into a folder of the test."""

import json

import pytest
from wild_files import picture

import veml_lab as veml


@pytest.fixture
def lab(tmp_path):
    """An empty lab of the test's own."""
    return veml.open(tmp_path / "lab")


@pytest.fixture
def folder_of(tmp_path):
    """``folder_of({"images/a.jpg": None, "labels/a.txt": "0 ..."})``: pictures for None, else text, bytes or JSON."""

    def make(files, name: str = "set"):
        root = tmp_path / name
        for i, (path, content) in enumerate(files.items()):
            at = root / path
            at.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                at.write_bytes(picture(i, format="PNG" if path.lower().endswith("png") else "JPEG"))
            elif isinstance(content, bytes):
                at.write_bytes(content)
            else:
                at.write_text(content if isinstance(content, str) else json.dumps(content))
        return root

    return make
