"""What the samples of a wall can be filtered and sorted by; each fact is counted when it is first asked for."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import BadInput, UnknownName
from ..evaluation.judgement import Judgement, judge
from ..evaluation.kinds import KINDS, RIGHT
from ..lifecycle.drift import RESULT_KIND as DRIFT
from ..versions import sample_notes
from ..versions.column_names import FIXED, own_names
from ..versions.data import DataVersion
from ..versions.results import results_of
from ..versions.samples import id_array
from ..versions.tables import flat_table, free_columns
from ..versions.truth import truth_of
from .marks import table_of
from .selection import Between, Condition, Confused, Has, Ids
from .version_rows import is_bad_cases

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from ..evaluation.prediction import Prediction
    from ..versions.data import DataVersion

MOST_VALUES = 30  # a capture column with more values is no choice
MOST_ROWS = 100_000  # samples whose capture columns are all read when a wall opens
MOST_SETS = 100_000  # distinct sets of columns that are read where there are more samples
HEAD = 2_000  # samples of a long version that say which columns are numbers
BARS = 20  # of a histogram
CLASSED = ("class", "box", "mask", "keypoints")
NUMBERS = ("size", "width", "height", "objects", "largest object", "score", "cost", "drift distance")
# the wall's own; a column of the data that is called so is class_
FACTS = ("class", "error", "bad case", "tag", "confused", "id", "file", *NUMBERS)


class Pictured(Protocol):
    """The samples of a wall: :class:`~veml_lab.faces.pictures.VersionPictures`."""

    version: DataVersion
    prediction: Prediction | None
    positions: Sequence[int]
    costs: Mapping[int, float] | None

    def __len__(self) -> int: ...


class Facts:
    """The facts of a wall's samples.

    Attributes
    ----------
    filters
        Values to choose from, by fact.
    numbers, texts
        Facts that a range, and facts that a part of a text can be asked of.
    orders
        Facts to sort by.
    """

    def __init__(self, pictures: Pictured) -> None:
        v = pictures.version
        self.pictures = pictures
        self.filters: dict[str, list[str]] = {"class": list(v.classes)} if len(v.classes) > 1 else {}
        self.numbers: list[str] = ["size"]
        if v.task in ("detection", "segmentation", "keypoints"):
            self.numbers += ["objects", "largest object"]
        if self.is_judged:
            self.numbers.append("score")
            self.filters["error"] = [k for k in (*KINDS, RIGHT) if self.judged.of_kind(k).any()]
        if pictures.costs is not None or self.is_judged:
            self.numbers.append("cost")
        if self._drift is not None:
            self.numbers.append("drift distance")
        if self._bad_ids:
            self.filters["bad case"] = ["yes", "no"]
        self.filters |= self.tags()
        kinds = self._kinds
        self.filters |= {name: sorted({x for x in words if x}) for name, words in self._choices.items()}
        self.numbers += [name for name, kind in kinds.items() if kind == "number"]
        self.texts = ["file", *(name for name, kind in kinds.items() if kind == "text")]
        self.orders = [*self.numbers, *self.texts]

    def tags(self) -> dict[str, list[str]]:
        """The choice of tags, where any of these samples carries one."""
        v = self.pictures.version
        found = sorted(t for t, ids in sample_notes.tags(v.store).items() if not ids.isdisjoint(v.ids))
        return {"tag": found} if found else {}

    def knows(self, fact: str) -> bool:
        """Whether samples can be found by a fact."""
        return fact in (*self.filters, *self.numbers, *self.texts, "class")

    def find(self, where: Mapping[str, Condition], by: str, descending: bool) -> np.ndarray:
        """Places that pass every condition, sorted; equal ones keep their order, those without a value come last."""
        import numpy as np

        found = np.flatnonzero(self.passing(where))
        if by:
            values = self.values(by)[found]
            found = found[np.argsort(-values if descending else values, kind="stable")]  # NaN goes last either way
        return found.astype(np.uint32)

    def passing(self, where: Mapping[str, Condition]) -> np.ndarray:
        """(places,) whether a sample passes every condition."""
        import numpy as np

        keep = np.ones(len(self.pictures), bool)
        for fact, condition in where.items():
            keep &= self._passes(fact, condition)
        return keep

    def spread(self, fact: str) -> tuple[list[float], list[int]]:
        """The histogram of a number over the wall: edges (bars + 1,) and counts (bars,); nothing without a value."""
        import numpy as np

        values = self.values(fact)
        values = values[np.isfinite(values)]
        if not len(values):
            return [], []
        counts, edges = np.histogram(values, BARS)
        return edges.tolist(), counts.tolist()

    def values(self, by: str) -> np.ndarray:
        """One number for each place, NaN for none; of a text its rank."""
        import numpy as np
        import pyarrow.compute as pc

        if by in self.texts:
            rank = pc.rank(self._text(by), tiebreaker="dense")
            return np.where(self._text(by).is_null(), np.nan, rank.to_numpy().astype(float))
        if by not in self.numbers and by not in ("width", "height"):
            raise UnknownName.of("order", by, self.orders)
        p, v, places = self.pictures, self.pictures.version, self._places
        if by in ("width", "height"):
            return v.samples[by].to_numpy().astype(float)[places]
        if by == "size":
            return self.values("width") * self.values("height")
        if by == "objects":
            _, of = table_of(v, "box")
            ids = id_array(v)[places]
            return (np.searchsorted(of, ids, side="right") - np.searchsorted(of, ids)).astype(float)
        if by == "largest object":
            table, of = table_of(v, "box")
            area = table["w"].to_numpy() * table["h"].to_numpy() if len(of) else np.empty(0)
            largest = np.full(len(v), np.nan)
            np.fmax.at(largest, np.searchsorted(id_array(v), of), area)
            return largest[places]
        if by == "score":
            q = p.prediction
            assert q is not None
            if q.probabilities is not None:
                return q.probabilities.max(1).astype(float)[places]
            assert q.detections is not None
            return np.array([float(d["scores"].max()) if len(d["scores"]) else np.nan for d in q.detections])[places]
        if by == "cost":
            if p.costs is None:
                return self.judged.costs[places]
            return np.array([p.costs.get(int(x), np.nan) for x in places])
        if by == "drift distance" and self._drift is not None:
            return self._drift[places]
        return _floats(self._column(by))[places]

    @functools.cached_property
    def judged(self) -> Judgement:
        """What is wrong in each sample of the version."""
        prediction = self.pictures.prediction
        if prediction is None or not self.is_judged:
            raise BadInput(
                f"nothing is predicted of {self.pictures.version.name!r} here; say of which 'training', in whose"
                " validation data these samples lie"
            )
        return judge(prediction, truth_of(self.pictures.version, prediction))

    @property
    def is_judged(self) -> bool:
        """Whether there is a prediction whose errors have kinds."""
        q = self.pictures.prediction
        return q is not None and (q.probabilities is not None or q.detections is not None)

    @functools.cached_property
    def _places(self) -> np.ndarray:
        import numpy as np

        return np.asarray(self.pictures.positions, dtype=np.int64)

    def _passes(self, fact: str, c: Condition) -> np.ndarray:
        import numpy as np
        import pyarrow.compute as pc

        v, places = self.pictures.version, self._places
        ids = id_array(v)[places]
        if isinstance(c, Confused):
            return self.judged.in_cell(c.truth, c.said)[places]
        if isinstance(c, Ids):
            return np.isin(ids, np.array(c.ids, dtype=np.uint64))
        if isinstance(c, Between) and not c.of_text:
            values = self.values(fact)
            with np.errstate(invalid="ignore"):
                keep = ~np.isnan(values) if c.low is None else values >= c.low
                return keep if c.high is None else keep & (values < c.high if c.open else values <= c.high)
        if isinstance(c, Has):
            held = pc.match_substring(self._text(fact), c.text, ignore_case=True)
            return held.fill_null(False).to_numpy(False)
        if isinstance(c, Between):
            words, keep = self._text(fact), np.ones(len(places), bool)
            for bound, compare in ((c.low, pc.greater_equal), (c.high, pc.less if c.open else pc.less_equal)):
                if bound is not None:
                    keep &= compare(words, bound).fill_null(False).to_numpy(False)
            return keep
        if fact == "class":
            if c.value not in v.classes:
                raise UnknownName.of("class", c.value, v.classes)
            return np.isin(ids, self._with_class(c.value))
        if fact == "error":
            return self.judged.of_kind(c.value)[places]
        if fact == "bad case":
            return np.isin(ids, np.array(self._bad_ids, dtype=np.uint64)) == (c.value == "yes")
        if fact == "tag":
            tagged = sample_notes.tags(v.store)
            if c.value not in tagged:
                raise UnknownName.of("tag", c.value, tagged)
            return np.isin(ids, np.array(tagged[c.value].to_array(), dtype=np.uint64))
        return self._words(fact) == c.value

    def _with_class(self, name: str) -> np.ndarray:
        """IDs of the version's samples that hold a class; one with several objects of it comes several times."""
        import numpy as np

        held: list[np.ndarray] = []
        for kind in CLASSED:
            table, of = table_of(self.pictures.version, kind)
            if len(of):
                held.append(of[np.array(table["label"].to_pylist(), dtype=object) == name])
        return np.concatenate(held) if held else np.empty(0, np.uint64)

    def _words(self, fact: str) -> np.ndarray:
        """(places,) the value of a column as a word, "" where there is none."""
        if fact in self._choices:
            return self._choices[fact][self._places]
        return _words(self._text(fact))

    def _text(self, fact: str) -> pa.Array:
        """(places,) a column as text, null where there is none."""
        import pyarrow as pa

        if fact in self._choices and len(self.pictures.version) > MOST_ROWS:
            words = self._choices[fact][self._places]
            return pa.array(words, pa.string(), mask=words == "")
        column = self.pictures.version.samples["uri"] if fact == "file" else self._column(fact)
        if not pa.types.is_string(column.type):
            column = pa.chunked_array([pa.array(_words(column), pa.string())])
        return column.take(pa.array(self._places)).combine_chunks()

    def _column(self, name: str) -> pa.ChunkedArray:
        """A capture column of every sample of the version."""
        if name not in self._kinds and name not in self._choices:
            raise UnknownName.of("fact", name, [*self.filters, *self.orders])
        return self._columns[name]

    @functools.cached_property
    def _columns(self) -> dict[str, pa.ChunkedArray]:
        """All capture columns and targets by the name that they have beside the wall's own facts."""
        table = flat_table(self.pictures.version)
        shown = own_names([c for c in table.column_names if c not in FIXED], FACTS)
        return {called: table[name] for name, called in shown.items()}

    @functools.cached_property
    def _kinds(self) -> dict[str, str]:
        """Of each capture column that is no mere choice: number or text; of a long version by its first samples."""
        v = self.pictures.version
        if len(v) <= MOST_ROWS:
            columns: Mapping[str, Any] = self._columns
        else:
            head = free_columns(v.samples["columns"].slice(0, HEAD))
            columns = {called: head[name] for name, called in own_names(head, FACTS).items()}
        found = {name: _kind(column) for name, column in columns.items()}
        return {name: kind for name, kind in found.items() if kind == "number" or (kind and name not in self._choices)}

    @functools.cached_property
    def _choices(self) -> dict[str, np.ndarray]:
        """Capture columns with few values, (n,) each, as words."""
        v = self.pictures.version
        if len(v) > MOST_ROWS:
            return _few_values(v)
        words = {name: _words(column) for name, column in self._columns.items()}
        return {name: w for name, w in words.items() if 1 < len(set(w)) <= MOST_VALUES}

    @functools.cached_property
    def _drift(self) -> np.ndarray | None:
        """Distance of each sample to what the model knows, from the last report on this version."""
        import numpy as np

        v = self.pictures.version
        for _, value in results_of(v.store, DRIFT)[::-1]:
            near = value.get("report", {}).get("nearest")
            if value.get("test") == v.name and near and len(near) == len(v):
                return np.asarray(near, dtype=float)
        return None

    @functools.cached_property
    def _bad_ids(self) -> list[int]:
        """Samples of this version that are kept as bad cases somewhere."""
        v = self.pictures.version
        found: set[int] = set()
        for node in v.store.graph().of_kind("data"):
            if is_bad_cases(v.store, node):
                found |= set(DataVersion(v.store, node).ids & v.ids)
        return sorted(found)


def _kind(column: pa.ChunkedArray) -> str:
    """``"number"``, ``"text"``, or "" for a column with one value, or with values of another kind."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pc.count_distinct(column).as_py() < 2:
        return ""
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return "number"
    return "text" if pa.types.is_string(column.type) or pa.types.is_large_string(column.type) else ""


def _floats(column: pa.ChunkedArray) -> np.ndarray:
    """(n,) NaN where there is no number."""
    import pyarrow as pa

    return column.cast(pa.float64(), safe=False).to_numpy()


def _words(column: pa.ChunkedArray) -> np.ndarray:
    """(n,) values as words, "" where there is none."""
    import numpy as np

    return np.array(["" if x is None or x != x else str(x) for x in column.to_pylist()], dtype=object)


def _few_values(version: DataVersion) -> dict[str, np.ndarray]:
    """Capture columns with few values of a long version, shape (n,) each, as words, "" where there is none.

    Each distinct set of columns is read once; where nearly every sample has a set of its own (a time, a
    position) that would take minutes, and there are no such filters.
    """
    import numpy as np
    import pyarrow.compute as pc

    coded = version.samples["columns"].combine_chunks()
    if pc.count_distinct(coded.slice(0, 2 * MOST_SETS)).as_py() > MOST_SETS:
        return {}  # known from the head alone
    coded = coded.dictionary_encode()
    if len(coded.dictionary) > MOST_SETS:
        return {}
    sets = [json.loads(x) if x else {} for x in coded.dictionary.to_pylist()]
    at = coded.indices.fill_null(len(sets)).to_numpy(zero_copy_only=False)
    sets.append({})
    out = {}
    shown = own_names(dict.fromkeys(k for one in sets for k in one), FACTS)
    for name, called in shown.items():
        words = np.array(["" if (x := one.get(name)) is None or x != x else str(x) for one in sets], dtype=object)
        if 1 < len(set(words[np.unique(at)])) <= MOST_VALUES:
            out[called] = words[at]
    return out
