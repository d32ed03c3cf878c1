"""Here everything is worth keeping, however fast it was: what is kept depends on no machine. Tests of the price set it
back."""

import pytest

from veml_lab.intermediates import costs, functions


@pytest.fixture(autouse=True)
def worth(monkeypatch):
    """Sets what a step has to take, in times of reading it."""

    def worth(times):
        for module in (costs, functions):
            monkeypatch.setattr(module, "WORTH", times)
        monkeypatch.setattr(costs, "SPARED", 0.0)

    worth(0.0)
    return worth
