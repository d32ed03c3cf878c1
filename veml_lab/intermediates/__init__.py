"""Intermediates: what was computed once is kept under a key of everything that it depends on, priced, and found again.

- :mod:`~veml_lab.intermediates.keys`: the key of a step, from its operation, inputs, parameters and code
- :mod:`~veml_lab.intermediates.values`: arrays, tables and plain values as files, never as pickles
- :mod:`~veml_lab.intermediates.shelf`: the entries under a lab's ``cache/``, within its budget
- :mod:`~veml_lab.intermediates.costs`: what an operation takes, and whether it is worth keeping
- :mod:`~veml_lab.intermediates.steps`: one step: found, or computed and kept
- :mod:`~veml_lab.intermediates.asking`: what a call would reuse and compute, said before it runs
- :mod:`~veml_lab.intermediates.functions`: the same for functions that a user writes
"""
