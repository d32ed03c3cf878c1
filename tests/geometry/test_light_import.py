"""Importing the geometry loads nothing heavy."""

import subprocess
import sys


def test_geometry_imports_no_torch_numba_pot_or_scipy():
    code = """
import sys
from veml_lab.geometry import coresets, coverage, measures, projection, ranking, similarity
from veml_lab.geometry import clusters, greedy, lazy, points, selection, twosample, wasserstein
print(sorted({'torch', 'numba', 'ot', 'scipy', 'sklearn'} & set(sys.modules)))
"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
