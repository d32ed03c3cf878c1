"""Tables of a data version, kept as Arrow files that are mapped into memory when they are asked for again.

A version is frozen: its sample IDs and the annotation layer that it reads never change. So the answer to "which
samples, which boxes" is found in the catalog once, and after that is a file under the lab's ``cache/`` that opens
in a millisecond whatever the version's size and however many versions there are. The folder holds nothing that
cannot be made again: delete it at any time.

A lab that is open read-only, or whose folder cannot be written, uses the files that are there and makes none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .files import FOLDER, LARGEST_BYTES, keep, mapped
from .store import VersionStore, key_of

if TYPE_CHECKING:
    import pyarrow as pa

FORM = 1  # part of every name: raise it when what is kept changes its form
SMALLEST_ROWS = 1000  # below, the catalog answers as fast as a file is opened


def kept(store: VersionStore, make: Callable[[], pa.Table], *what: str) -> pa.Table:
    """The table that ``make`` gives, from the cache where it has been made before.

    Parameters
    ----------
    make
        Reads the table; asked when there is no file of it, or a damaged one.
    what
        Texts that together determine the table for ever, such as a version's ID and a question.
    """
    file = store.folder / FOLDER / f"{key_of(FORM, *what)}.arrow"
    table = mapped(file)
    if table is not None:
        return table
    table = make()
    if not store.catalog.read_only and len(table) >= SMALLEST_ROWS and table.nbytes <= LARGEST_BYTES:
        keep({file: table})
    return table


def in_id_order(table: pa.Table) -> pa.Table:
    """Rows by their ``id``, those of one ID in the order in which they are.

    Imports get ascending IDs and are stored one after the other, so rows come out of the catalog in this order
    unless an import overtook another: looking costs a hundredth of sorting in the query.
    """
    import numpy as np
    import pyarrow as pa

    i = table["id"].to_numpy()
    return table if (i[1:] >= i[:-1]).all() else table.take(pa.array(np.argsort(i, kind="stable")))
