"""Labelling tools: what goes out to one and what comes back, behind one seam of three verbs.

:mod:`.tool` is the seam; :mod:`.files`, :mod:`.label_studio` and :mod:`.cvat` are the tools that are here. What people
did with the pre-labels is counted in :mod:`.comparison`, whether they agree in :mod:`.agreement`. Nothing here knows
of a lab: :mod:`veml_lab.lifecycle.labelling` makes tasks of its samples.
"""

from __future__ import annotations
