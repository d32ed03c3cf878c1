"""The suites of VeML-Lab over what acme-veml adds; its own continuous integration would run this file."""

from veml_lab.embeddings.choice import embedder_named
from veml_lab.testing import (
    BackendSuite,
    EmbedderSuite,
    ExecutorSuite,
    FormatSuite,
    LearnerSuite,
    RuntimeSuite,
)


class TestBackend(BackendSuite):
    name = "acme"
    hyper = {}
    epochs = 1
    learns = None


class TestEmbedder(EmbedderSuite):
    def make(self):
        return embedder_named("acme-colour")


class TestExecutor(ExecutorSuite):
    kind = "acme-pool"


class TestFormat(FormatSuite):
    name = "acme-lines"


class TestLearner(LearnerSuite):
    name = "acme-last"


class TestRuntime(RuntimeSuite):
    name = "acme-numpy"
