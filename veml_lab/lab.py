"""A lab: one folder with every version of every lifecycle. ``veml_lab.open(path)`` gives it."""

from __future__ import annotations

import contextlib
import datetime as dt
import tomllib
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from . import __version__, faces
from .catalog import Catalog
from .catalog.catalog import DRAFT, check_format_version
from .catalog.schema import FORMAT_VERSION
from .errors import BadInput, DamagedLab, MissingFile, ReadOnlyLab
from .lineage import AnyVersion, Lineage, version_of
from .provenance.files import WATCH
from .sources.limited import limited
from .sources.source import Source
from .storage.border import public
from .storage.failures import in_words
from .storage.whole import write_whole
from .versions.data import DataVersion
from .versions.display import MimeBundle
from .versions.lab_cache import Cache
from .versions.moved import settle
from .versions.node import Kind, Node
from .versions.results import results_of
from .versions.store import VersionStore
from .versions.training import TrainingVersion
from .versions.where import set_executor

if TYPE_CHECKING:
    import numpy as np

    from .embeddings import Embedder
    from .lifecycle.cases import Case, Cases
    from .lifecycle.label_task_list import Tasks
    from .versions.inference import InferenceVersion
    from .versions.model import ModelVersion
    from .widgets._base import Drawing

_OPEN: list[weakref.ref[Lab]] = []


@public
class Lab:
    """Every version of the lifecycles that live in one folder; see :func:`open`.

    Attributes
    ----------
    path
        The folder.
    listeners
        Called as ``listener(event, row)`` after each version that this process makes; ``row`` as in :meth:`rows`.

    Examples
    --------
    >>> [v.name for v in lab.versions("training")][0]
    'city detector'
    >>> lab["city"] == city and "city" in lab                    # by name; Tab completes names in a notebook
    True
    """

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self.path, self.read_only = path, read_only
        self.store = VersionStore(path, Catalog(path, read_only=read_only))
        self._rows: dict[str, dict[str, Any]] = {}  # by ID; versions are frozen, so only new ones are asked for
        self.listeners: list[Callable[[str, dict[str, Any]], None]] = []
        self.store.listeners.append(self._tell)

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    def __fspath__(self) -> str:
        return str(self.path)  # so that what takes a lab's folder takes the lab

    # -- versions ----------------------------------------------------------------------------------

    def add(
        self,
        name: str,
        source: Source,
        *,
        copy: bool | None = None,
        limit: int | None = None,
        seed: int = 0,
        strict: bool = False,
        near_duplicates: str | bool = False,
        unread: Literal["stop", "allow"] = "stop",
        progress: bool = True,
    ) -> DataVersion:
        """Import a source as the data version ``name``; train and test parts become versions of their own.

        ``limit`` imports a seeded part of at most that many samples of each role. Importing the same
        source under the same name again gives the version that is there. ``strict`` stops where something
        would be skipped; ``near_duplicates`` (True, "report" or "skip") looks for pictures that look the same;
        ``unread="allow"`` goes on where files that look like annotations are not read by the source's format;
        what was found is in the version's ``import_report``.
        """
        from .versions.imports import import_source

        if self.read_only:
            raise ReadOnlyLab(
                f"{self.path} is open read-only; open it with veml_lab.open({str(self.path)!r}) to import"
            )
        if limit is not None:
            source = limited(source, limit, seed=seed)
        return DataVersion(
            self.store,
            import_source(
                self.store,
                name,
                source,
                copy=copy,
                strict=strict,
                near_duplicates=near_duplicates,
                unread=unread,
                progress=progress,
            ),
        )

    @overload
    def get(self, name_or_id: str, kind: Literal["data"]) -> DataVersion: ...
    @overload
    def get(self, name_or_id: str, kind: Literal["model"]) -> ModelVersion: ...
    @overload
    def get(self, name_or_id: str, kind: Literal["training"]) -> TrainingVersion: ...
    @overload
    def get(self, name_or_id: str, kind: Literal["inference"]) -> InferenceVersion: ...
    @overload
    def get(self, name_or_id: str, kind: Kind | None = None) -> AnyVersion: ...
    def get(self, name_or_id: str, kind: Kind | None = None) -> AnyVersion:
        """A version of any kind by its name or ID."""
        return version_of(self.store, self.store.graph().find(name_or_id, kind))

    def __getitem__(self, name: str) -> AnyVersion:
        return self.get(name)

    def _ipython_key_completions_(self) -> list[str]:
        """The names that ``lab["<Tab>`` offers."""
        return sorted(self.store.graph().by_name)

    def __contains__(self, name: object) -> bool:
        return name in self.store.graph().by_name

    @property
    def data(self) -> list[DataVersion]:
        """The imported data sets (their derived versions are found by :meth:`versions`)."""
        from .versions.parts import data_sets

        return data_sets(self.store)

    def versions(self, kind: Kind | None = None) -> list[AnyVersion]:
        """All versions, or those of one kind, in the order in which they were made."""
        return [version_of(self.store, n) for n in self.store.graph().of_kind(kind)]

    @property
    def tasks(self) -> Tasks:
        """The labelling tasks, the oldest first; ``lab.tasks["name"]`` is one (see :func:`veml_lab.label`)."""
        from .lifecycle.label_task_list import Tasks

        return Tasks(self.store)

    def lineage(self, focus: AnyVersion | str | None = None, *, direction: str = "both") -> Lineage:
        """The graph around a version, or of the whole lab; draws itself in a notebook."""
        node = None
        if focus is not None:
            node = self.store.graph().find(focus) if isinstance(focus, str) else focus.node
        return Lineage(self.store, node, direction=direction)

    # -- bad cases ---------------------------------------------------------------------------------

    def cases(self, where: str | None = None, *, text: str = "", like: Case | str | None = None) -> Cases:
        """The bad cases that were reported, the most pressing first; all of them, or a selection.

        Parameters
        ----------
        where
            A condition over what is known of a case, checked as that of a filter: ``"function = 'pedestrians' AND
            status = 'new'"``, ``"frequency > 2 AND list_contains(tags, 'night')"``. Its columns are those of
            ``lab.cases().table``. Without one, cases that were merged into others are left out.
        text
            Words that all occur in a case: in its sample's name, truth, description, tags ...
        like
            Order by likeness to this case, in the lab's embedding.
        """
        from .lifecycle.cases import cases_of

        return cases_of(self.store, where, text=text, like=like)

    def report_case(
        self,
        sample: str | int | Path,
        *,
        said: str,
        truth: str,
        function: str,
        source: str = "customer",
        seen: str | dt.date | None = None,
        version: str = "",
        description: str = "",
        grading: Literal["model", "system"] = "system",
        columns: Mapping[str, str] | None = None,
        new_function: bool = False,
    ) -> Case:
        """Keep what somebody saw: this sample is ``truth``, and the system said something else.

        Parameters
        ----------
        sample
            uri or ID of a sample of the lab, or a picture's file, which comes into the lab where it is not there.
        function
            What of the system it is a fault of; a name that is nearly a known one is refused.
        source
            Who reports it; with the day it tells occurrences apart, so that the same report twice changes nothing.
        seen
            The day or time (UTC), as ``"2026-11-20"``; default: now.
        version
            What the system was: name or ID of an inference version, or any text.
        grading
            Whether the model is at fault, or the system around it.
        columns
            Further columns, as text.
        new_function
            The function is meant as it is written, however near it is to a known one.

        Raises
        ------
        UnknownName
            The sample is neither in the lab nor a file, or the function looks misspelt.
        BadInput
            Truth and result are the same, the day is in the future, a text is too long.
        """
        from .lifecycle.case_report import report_case

        return report_case(
            self.store, str(sample) if isinstance(sample, Path) else sample, said=said, truth=truth, function=function,
            source=source, seen=seen, version=version, description=description, grading=grading, columns=columns,
            new_function=new_function,
        )  # fmt: skip

    # -- embeddings --------------------------------------------------------------------------------

    @property
    def embedder(self) -> Embedder:
        """What samples are embedded with: the lab's own choice, kept with it (see :meth:`use_embedder`)."""
        from .embeddings.choice import choice_of

        return choice_of(self.store).usual()

    def embedder_of(self, version: AnyVersion, *, progress: bool = True) -> Embedder:
        """What embeds a data version, or the training data of another version.

        Windows of sensors have an autoencoder of their own for each set of sensors: trained on the training part when
        it is first asked for, kept in the lab, found again by its content. Table rows are standardised by the
        training part. Everything else has the lab's :attr:`embedder`.
        """
        from .embeddings.choice import choice_of

        return choice_of(self.store).of(version, progress=progress)

    def use_executor(self, kind: str, workers: int | None = None) -> None:
        """Choose where this lab's work runs: reading samples for embeddings, core sets, trials, rounds of a race.

        ``"inline"``, ``"threads"``, ``"processes"`` or one of another package (entry point ``veml_lab.executors``),
        with so many workers (default: one a core). Kept with the lab; ``executor=`` says otherwise for a single call.

        Examples
        --------
        >>> lab.use_executor("threads", 2)
        """
        set_executor(self.store, kind, workers)

    def use_embedder(
        self,
        network: str | Embedder = "mobilenet_v2",
        *,
        weights: str | Path = "auto",
        folders: Sequence[Path] = (),
        size_px: int | None = None,
        training: TrainingVersion | str | None = None,
    ) -> Embedder:
        """Choose what embeds this lab's samples: a network, a training of this lab, an embedder of your own, or the
        name of one that another package adds (entry point ``veml_lab.embedders``).

        Weights of a network are copied into the lab, a training's checkpoint is there already; a function of
        your own has to be given again in each process. Vectors of different embedders are kept apart, so
        nothing that was computed before gets lost.
        """
        from .embeddings.choice import choice_of

        return choice_of(self.store).use(network, weights=weights, folders=folders, size_px=size_px, training=training)

    def watch_files(self, *, on: bool = True) -> None:
        """Keep with each version from now on which files this process read before it, those in the lab apart.

        They are in ``version.how().files``, and ``lineage().came_of(file=...)`` finds what came of one. Heard is what
        Python opens, not what Arrow, DuckDB or HDF5 open by themselves; up to 10,000 files. The line ``watch_files =
        true`` in the lab's ``lab.toml`` asks for it in every process.

        Examples
        --------
        >>> lab.watch_files(on=False)
        """
        if on:
            WATCH.start()
        else:
            WATCH.stop()

    # -- what panels and pages ask -----------------------------------------------------------------

    def revision(self) -> str:
        """Changes with every commit of any process."""
        return self.store.catalog.revision()

    def rows(self, kind: Kind | None = None) -> list[dict[str, Any]]:
        """One dict a version: id, kind, name, created, summary, metric, metric_name, direction."""
        return faces.rows(self.store, kind, self._rows)

    def detail(self, name_or_id: str) -> dict[str, Any]:
        """What there is to know about one version, flat."""
        return faces.detail(self.store, self.store.graph().find(name_or_id))

    def facts(self, name_or_id: str) -> list[dict[str, Any]]:
        """The same in groups, as words with their units: ``[{"title": ..., "facts": [[name, words], ...]}, ...]``."""
        version = self.get(name_or_id)
        return [*faces.groups_of(version), faces.how_group(version)]

    def elements(self, focus: str | None = None) -> dict[str, Any]:
        """Nodes and edges for the lineage graph."""
        found = self.lineage(focus)
        return faces.elements(self.store, found.nodes, found.edges)

    def similarity_latest(self) -> dict[str, Any] | None:
        """Keywords of a heat map of the last similarity, or None."""
        from .lifecycle.similarity import RESULT_KIND, from_dict

        found = results_of(self.store, RESULT_KIND)
        return faces.heatmap_of(from_dict(self.store, found[-1][1])) if found else None

    def drift_latest(self, most: int = 4) -> list[dict[str, Any]]:
        """Keywords of drift plots of the last reports, the newest first."""
        from .lifecycle.drift import RESULT_KIND, stored_drift

        found = results_of(self.store, RESULT_KIND)[::-1][:most]
        return [faces.driftplot_of(stored_drift(self.store, value)) for _, value in found]

    def curves(self, most: int = 8) -> dict[str, dict[str, np.ndarray]]:
        """Metrics and losses of the last trainings, steps and values (n, 2), for the curves."""
        return faces.curves_of(self.versions("training")[-most:])  # type: ignore[arg-type]

    def browse_source(self, name: str) -> faces.VersionPictures:
        """A data version as the sample browser reads it."""
        version = self.get(name, "data")
        assert isinstance(version, DataVersion)
        return faces.VersionPictures(version)

    def view(
        self,
        name: str,
        *,
        version: str | None = None,
        versions: Sequence[str] = (),
        against: Sequence[str] = (),
        focus: str | None = None,
        number: int | None = None,
        where: Mapping[str, Any] | None = None,
        training: str | None = None,
    ) -> Drawing:
        """A widget by the name of its view; what the panel shows as tabs.

        Parameters
        ----------
        name
            ``"runs"``, ``"curves"``, ``"compare"``, ``"map"``, ``"browse"``, ``"statistics"``, ``"errors"``,
            ``"lineage"``, ``"models"``, ``"similarity"``, ``"drift"``, ``"stream"``, ``"jobs"``.
        version
            Name or ID of the version to ``"browse"``, to count (``"statistics"``), to ``"map"``, or of the training
            whose ``"errors"`` are meant.
        versions
            Those to ``"compare"``, to ``"map"`` together, or whose ``"curves"`` are meant (default: the last).
        against
            Other data versions to ``"browse"`` beside it.
        focus
            The version whose ``"lineage"`` is meant; default: all of the lab.
        number
            Of a ``"similarity"``, a ``"drift"`` report or a ``"stream"``, the oldest is 0; default: the newest.
        where
            Which samples to ``"browse"``: a condition for each fact, as
            ``{"class": "car", "speed": {"from": 3, "to": 7}, "file": {"has": "night"}}``.
        training
            Whose prediction of its validation data to ``"browse"`` with it; ``where`` can ask for ``"error"`` and
            ``"confused"`` (truth and prediction) then.
        """
        from .faces.views import view

        given: dict[str, Any] = {
            "version": version,
            "versions": list(versions),
            "against": list(against),
            "focus": focus,
        }
        given |= {"where": dict(where) if where else None, "training": training}
        params = {k: v for k, v in {**given, "number": number}.items() if v not in (None, [])}
        return view(self, name, params)

    @property
    def cache(self) -> Cache:
        """The intermediates that the lab keeps, within its budget, and what else is found by key; draws itself."""
        return Cache(self.store)

    # -- itself ------------------------------------------------------------------------------------

    def _tell(self, _event: str, node: Node) -> None:
        for listener in list(self.listeners):
            listener("version", faces.row(self.store, node))

    def __repr__(self) -> str:
        graph = self.store.graph()
        lines = [f"<lab {self.name!r}{', read-only' if self.read_only else ''}: {len(graph.nodes)} versions>"]
        for r in self.rows():
            lines.append(f"  {r['kind']:<10} {r['name']:<40} {r['summary']}")
        if not graph.nodes:
            lines.append('  empty; bring data in with lab.add("name", veml_lab.read("path"))')
        return "\n".join(lines)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> MimeBundle:
        return self.lineage()._repr_mimebundle_() if self.store.graph().nodes else {"text/plain": repr(self)}


@public
def open(path: str | Path, *, read_only: bool = False, create: bool = True, moved: Mapping[str, str] = {}) -> Lab:
    """Open the lab in a folder; a new or empty folder becomes one.

    A lab that was moved or copied says so once, with the pictures that it does not find now.

    Parameters
    ----------
    read_only
        Write nothing; works on a read-only mount. What a dashboard uses.
    create
        Make the lab where there is none.
    moved
        Old folder -> new folder of pictures that were imported without copying; kept with the lab.

    Raises
    ------
    BadInput
        The folder holds other things, or ``moved`` names a folder that is not there.
    NewerLab
        A newer VeML-Lab made it.
    MissingFile
        There is no lab and none may be made.

    Examples
    --------
    >>> veml.open("another-lab")
    <lab 'another-lab': 0 versions>
      empty; bring data in with lab.add("name", veml_lab.read("path"))
    """
    folder = Path(path).expanduser().resolve()
    marker = folder / "lab.toml"
    with in_words(marker, "read"):
        there = marker.exists()
    if there:
        _check_marker(marker)
        if not (folder / "catalog.duckdb").exists():
            raise DamagedLab(f"the lab {folder} has lost its catalog.duckdb; restore it from a backup")
    elif read_only or not create:
        raise MissingFile(
            f"there is no lab in {folder}; make one by importing data: veml add {folder.name} NAME PATH, by veml demo"
            f" --out {folder.name}, or by veml_lab.open(...)"
        )
    else:
        _make(folder, marker)
    faces.register()
    lab = Lab(folder, read_only=read_only)
    settle(lab.store, moved)
    _OPEN[:] = [r for r in _OPEN if r() is not None]
    _OPEN.append(weakref.ref(lab))
    return lab


def open_labs() -> list[Lab]:
    """The labs that this process has open, the most recent last; what the panel shows."""
    return [lab for r in _OPEN if (lab := r()) is not None]


def _check_marker(marker: Path) -> None:
    try:
        with in_words(marker, "read"):
            text = tomllib.loads(marker.read_text())
        found = int(text["format_version"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as e:
        raise DamagedLab(
            f"{marker} is damaged ({e}); it should hold the line: format_version = {FORMAT_VERSION}"
        ) from e
    check_format_version(found, marker.parent)


def _make(folder: Path, marker: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise BadInput(f"{folder} is a file; give a folder for the lab")
    # a killed start leaves these, and is taken up again
    ours = ("catalog.duckdb", DRAFT, ".lab.toml")
    if folder.exists() and not all(p.name.startswith(ours) for p in folder.iterdir()):
        raise BadInput(f"{folder} holds other files and is no lab; give a new or empty folder")
    new = not folder.exists()
    try:
        with in_words(folder, "made"):
            folder.mkdir(parents=True, exist_ok=True)
            Catalog(folder)  # before the marker: where that is, the lab is complete
            made = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
            write_whole(
                marker,
                f'format_version = {FORMAT_VERSION}\ncreated = "{made}"\nmade_with = "veml-lab {__version__}"\n',
            )
    except BaseException:
        if new:
            with contextlib.suppress(OSError):  # another process makes the same lab: what it wrote stays
                folder.rmdir()
        raise
