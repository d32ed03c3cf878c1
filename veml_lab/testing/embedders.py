"""What every embedder keeps: one finite vector a sample, whatever the batch, under a fingerprint that names them."""

from __future__ import annotations

import re
from pathlib import Path

from ..embeddings import Embedder, embed
from ..lab import open as open_lab
from ..versions.data import DataVersion
from .made import coloured


class EmbedderSuite:
    """``make()`` gives it; ``data(folder)`` a data version that it embeds (default: small pictures)."""

    tolerance = 1e-4

    def make(self) -> Embedder:
        """A new one, as a new process would make it."""
        raise NotImplementedError

    def data(self, folder: Path) -> DataVersion:
        """At least six samples."""
        return open_lab(folder / "lab").add("coloured", coloured(12), progress=False)

    def test_a_sample_is_one_finite_vector(self, tmp_path: Path) -> None:
        import numpy as np

        embedder, data = self.make(), self.data(tmp_path)
        found = embedder.embed(data, [0, 1, 2])
        assert found.shape == (3, embedder.dim) and found.dtype == np.float32 and np.isfinite(found).all()
        assert np.ptp(found, axis=0).max() > 0, "different samples have different vectors"

    def test_a_vector_does_not_depend_on_the_others_of_its_batch(self, tmp_path: Path) -> None:
        import numpy as np

        embedder, data = self.make(), self.data(tmp_path)
        together = embedder.embed(data, [5, 0, 3])
        alone = np.concatenate([embedder.embed(data, [i]) for i in (5, 0, 3)])
        np.testing.assert_allclose(together, alone, atol=self.tolerance)

    def test_a_new_one_has_the_same_fingerprint_and_the_same_vectors(self, tmp_path: Path) -> None:
        import numpy as np

        one, other, data = self.make(), self.make(), self.data(tmp_path)
        assert one.fingerprint == other.fingerprint and one.dim == other.dim
        np.testing.assert_allclose(one.embed(data, [1, 4]), other.embed(data, [1, 4]), atol=self.tolerance)

    def test_its_fingerprint_is_the_name_of_a_folder(self) -> None:
        assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,199}", self.make().fingerprint)

    def test_its_vectors_are_kept_in_the_lab_and_computed_once(self, tmp_path: Path) -> None:
        import numpy as np

        embedder, data = self.make(), self.data(tmp_path)
        first = embed(data, embedder, progress=False)
        assert first.shape == (len(data), embedder.dim)
        np.testing.assert_allclose(first[:2], embedder.embed(data, [0, 1]), atol=self.tolerance)

        class Spent:
            fingerprint, dim = embedder.fingerprint, embedder.dim

            def embed(self, version: DataVersion, positions: list[int]) -> np.ndarray:
                raise AssertionError("it was embedded a second time")

        np.testing.assert_array_equal(embed(data, Spent(), progress=False), first)
