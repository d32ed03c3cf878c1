"""What widgets are given to draw: plain data made from versions and results.

Widgets draw and compute nothing; versions know nothing of widgets. This package stands between them and
registers itself with :mod:`veml_lab.versions.display` when the lab is imported. Widgets themselves
are imported only when something is really drawn.

``rows`` (lists and graphs), ``pictures`` (the image wall), ``plots`` (charts), ``errors`` (what was taken for
what), ``views`` (everything by name, for the panel, published pages and dashboards), ``actions`` (the line of
code for each thing that a panel offers), ``drawn`` (how objects draw themselves in a cell).
"""

from .drawn import register
from .fact_groups import fact_groups, groups_of, how_group
from .pictures import VersionPictures, thumbnail
from .plots import curves_of, driftplot_of, heatmap_of
from .version_rows import detail, elements, row, rows

__all__ = [
    "VersionPictures",
    "curves_of",
    "detail",
    "driftplot_of",
    "elements",
    "fact_groups",
    "groups_of",
    "heatmap_of",
    "how_group",
    "register",
    "row",
    "rows",
    "thumbnail",
]
