"""Table rows of a lab: standardised by a training part, compared in its space, or across where columns differ."""

from __future__ import annotations

import numpy as np
import pytest

import veml_lab as veml
from veml_lab.embeddings import embed, row_embedder
from veml_lab.errors import BadInput
from veml_lab.lifecycle.across import MEASURE


def write(path, shift=0.0, seed=0, extra="", n=90):
    """Two numbers and a colour; ``shift`` moves the first number, ``extra`` names a column more."""
    rng = np.random.default_rng(seed)
    lines = [",".join(["x", "y", "colour", *([extra] if extra else [])])]
    for _ in range(n):
        cells = [f"{rng.normal(shift, 1):.4f}", f"{rng.normal(0, 5):.4f}", str(rng.choice(["red", "blue"]))]
        lines.append(",".join([*cells, *([f"{rng.normal():.4f}"] if extra else [])]))
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def lab(empty_lab, tmp_path):
    for name, file in {
        "here": write(tmp_path / "here.csv"),
        "again": write(tmp_path / "again.csv", seed=1),
        "moved": write(tmp_path / "moved.csv", shift=2, seed=2),
    }.items():
        empty_lab.add(name, veml.read(file), progress=False)
    return empty_lab


def test_rows_are_standardised_by_the_version_that_was_learnt_from(lab):
    e = row_embedder(lab["here"])
    found = embed(lab["moved"], e, progress=False)
    here, moved = (lab[n].to_pandas() for n in ("here", "moved"))
    expected = ((moved[["x", "y"]] - here[["x", "y"]].mean()) / here[["x", "y"]].std(ddof=0)).to_numpy()
    at = [i for i, c in enumerate(e.columns) if c in ("x", "y")]
    assert e.columns == ("x", "y", "colour") and e.dim == 4
    np.testing.assert_allclose(found[:, at], expected, rtol=1e-4, atol=1e-5)
    assert row_embedder(lab["moved"]).fingerprint != e.fingerprint == row_embedder(lab["here"]).fingerprint


def test_tables_of_the_same_columns_are_compared_and_tested_in_one_space(lab):
    table = veml.similarity(lab.data, progress=False)
    assert set(table.closest_pair("energy")) == set(table.closest_pair("mean")) == {"here", "again"}
    ranking = veml.most_similar(lab["here"], progress=False)
    assert [d.data.name for d in ranking] == ["again", "moved"]
    assert veml.drift(lab["here"], lab["moved"], progress=False).drifted
    assert not veml.drift(lab["here"], lab["again"], progress=False).drifted


def test_tables_of_other_columns_are_compared_across(lab, tmp_path):
    lab.add("wider", veml.read(write(tmp_path / "wider.csv", extra="z")), progress=False)
    found = veml.similarity([lab["here"], lab["moved"], lab["wider"]], k=30, progress=False)
    assert set(found.measures) == {MEASURE} and set(found.closest_pair()) == {"here", "moved"}
    with pytest.raises(BadInput, match="lacks the column 'z'"):
        veml.drift(lab["wider"], lab["here"], progress=False)
    assert not veml.drift(lab["here"], lab["wider"], progress=False).drifted  # a column more is no hindrance


def test_an_autoencoder_embeds_rows_too(lab):
    e = row_embedder(lab["here"], autoencoder=True, dim=2)
    vectors = embed(lab["again"], e, progress=False)
    assert vectors.shape == (90, 2) and "autoencoder" in repr(e)
    np.testing.assert_array_equal(
        vectors, embed(lab["again"], row_embedder(lab["here"], autoencoder=True, dim=2), progress=False)
    )
    assert veml.drift(lab["here"], lab["moved"], embedder=e, progress=False).drifted


def test_pictures_and_rows_are_not_compared(lab, digits, fresh, digits_lab):
    pictures = fresh(digits_lab)
    pictures.add("rows", veml.read(lab.path.parent / "here.csv"), progress=False)
    for ask in (
        lambda: veml.drift(pictures["digits"], pictures["rows"]),
        lambda: veml.drift(pictures["rows"], pictures["digits"]),
        lambda: veml.similarity([pictures["digits"], pictures["rows"]]),
        lambda: veml.most_similar(pictures["rows"], [pictures["digits"]]),
    ):
        with pytest.raises(BadInput, match=r"holds pictures.*holds table rows|holds table rows.*holds pictures"):
            ask()
    with pytest.raises(BadInput, match="no table rows"):
        row_embedder(pictures["digits"])
