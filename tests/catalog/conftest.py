"""Both engines of the catalog under one roof, and processes that are not left behind."""

from __future__ import annotations

import pytest
from processes import end_owner

from veml_lab.catalog import Catalog


@pytest.fixture(autouse=True)
def _owners_stay(monkeypatch):
    """An owner goes when its test ends it, not in the middle of one that the machine has no time for."""
    monkeypatch.setenv("VEML_OWNER_IDLE_S", "600")


@pytest.fixture(params=["owner", "inprocess"])
def engine(request, monkeypatch):
    """The name of the engine that a writable catalog uses in this test."""
    monkeypatch.setenv("VEML_CATALOG", request.param)
    return request.param


@pytest.fixture
def catalog(tmp_path, engine):
    """A new catalog; its owner ends with the test."""
    folder = tmp_path / "lab"
    folder.mkdir()
    made = Catalog(folder)
    yield made
    made.close()
    end_owner(folder)


@pytest.fixture
def owned(tmp_path, monkeypatch):
    """A new catalog behind an owner process."""
    monkeypatch.setenv("VEML_CATALOG", "owner")
    folder = tmp_path / "lab"
    folder.mkdir()
    made = Catalog(folder)
    yield made
    made.close()
    end_owner(folder)
