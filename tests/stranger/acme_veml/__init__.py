"""One of each seam of VeML-Lab; what is heavy is imported where it is used."""

from concurrent.futures import ThreadPoolExecutor

from veml_lab.evaluation.metric import ACCURACY
from veml_lab.formats.registry import Format
from veml_lab.lifecycle.active import Learner
from veml_lab.training import Declaration, Hyper

BACKEND = Declaration(
    name="acme",
    engine="acme_veml.backend:AcmeBackend",
    about="the class whose mean colour is nearest",
    metrics={"classification": (ACCURACY,)},
    monitors={"classification": ()},
    hyper=(
        Hyper("epochs", int, 1, "passes; one is enough", low=1),
        Hyper("sharpness", float, 40.0, "how sure a small distance makes it", low=0, above=True),
    ),
)

FORMAT = Format(
    "acme-lines",
    reader="acme_veml.lines:read_lines",
    writer="acme_veml.lines:write_lines",
    evidence="acme_veml.lines:evidence",
    looks_like="pictures.acme: a line of JSON for each picture",
)


class AcmePool(ThreadPoolExecutor):
    """An executor of its own; this one happens to be threads."""


class ColourEmbedder:
    """The mean colour of a picture."""

    fingerprint, dim = "acme-colour-1", 3

    def embed(self, version, positions):
        import numpy as np

        return np.stack([np.asarray(version.images[p], np.float32).mean((0, 1)) / 255 for p in positions])


class AcmeRuntime:
    """Runs ONNX files node by node in NumPy."""

    def __init__(self, file):
        from onnx.reference import ReferenceEvaluator

        from veml_lab.errors import BadData

        try:
            self._model = ReferenceEvaluator(str(file))
        except Exception as e:
            raise BadData(f"{file} is no ONNX model: {e}") from e
        self.inputs = tuple(self._model.input_names)

    def run(self, inputs):
        return dict(zip(self._model.output_names, self._model.run(None, dict(inputs)), strict=True))


LEARNER = Learner("the last ones of the pool", lambda pool, n: list(range(len(pool.unlabelled)))[-n:])
