"""Which embedder a lab uses: its own choice, kept in its catalog, and what belongs to one set of sensors or table rows.

The choice belongs to the :class:`~veml_lab.versions.store.VersionStore`, so whoever holds a version of a lab has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import _plugins
from ..errors import BadInput, BrokenPlugIn, ReadOnlyLab, UnknownName
from ..storage.strangers import inside
from ..storage.whole import copy_whole
from ..versions.data import DataVersion
from ..versions.inference import InferenceVersion
from ..versions.model import ModelVersion
from ..versions.parts import check_one_kind, train_part
from ..versions.results import get_result, put_result
from ..versions.store import VersionStore
from ..versions.training import TrainingVersion

if TYPE_CHECKING:
    from .embedder import Embedder

SETTING = "setting:embedder"


class EmbedderChoice:
    """What the samples of one lab are embedded with; :func:`choice_of` gives it."""

    def __init__(self, store: VersionStore) -> None:
        self.store = store
        self._usual: Embedder | None = None
        self._setting: Mapping[str, Any] | None = None  # what `_usual` was made from
        self._of_data: dict[str, Embedder] = {}  # by the content of the training data

    def usual(self) -> Embedder:
        """What pictures are embedded with: the network, training or function that was chosen last, by any process.

        Raises
        ------
        BadInput
            A function of somebody's own was chosen, in another process.
        ReadOnlyLab
            Nothing was chosen yet, and the lab is open read-only.
        """
        kept = get_result(self.store, SETTING)
        if self._usual is not None and kept == self._setting:
            return self._usual
        if kept is None:
            if self.store.catalog.read_only:
                raise ReadOnlyLab(f"{self.store.folder} has no embedder yet and is open read-only")
            return self.use()
        if "own" in kept:
            raise BadInput(
                f"this lab is embedded by {kept['own']}, a function of your own: give it again with"
                " lab.use_embedder(own_embedder(...))"
            )
        self._usual, self._setting = self._made(kept), kept
        return self._usual

    def _made(self, setting: Mapping[str, Any]) -> Embedder:
        from . import torchvision_embedder

        if "training" in setting:
            return self._of_training(setting["training"])
        if "plug_in" in setting:
            return embedder_named(setting["plug_in"])
        weights = setting["weights"]
        if weights != "random":
            weights = str(inside(self.store.folder, weights))
        return torchvision_embedder(setting["network"], weights=weights, size_px=setting["size_px"])

    def of(
        self, version: DataVersion | ModelVersion | TrainingVersion | InferenceVersion, *, progress: bool = True
    ) -> Embedder:
        """What embeds a data version, or the training data of another version.

        Windows of sensors have an autoencoder of their own for each set of sensors: trained on the training part when
        it is first asked for, kept in the lab, found again by its content. Table rows are standardised by the
        training part. Everything else has the :meth:`usual` one.
        """
        from . import row_embedder, window_embedder

        if isinstance(version, InferenceVersion):
            version = version.training
        data = version.data if isinstance(version, TrainingVersion) else version
        if not isinstance(data, DataVersion) or data.facts.nature == "pictures":
            return self.usual()
        train, store = train_part(data), self.store
        if train.key not in self._of_data:
            if data.facts.nature == "table rows":
                self._of_data[train.key] = row_embedder(train)
            else:
                self._of_data[train.key] = window_embedder(
                    train, folder=store.folder / "blobs", train=not store.catalog.read_only, progress=progress
                )
        return self._of_data[train.key]

    def use(
        self,
        network: str | Embedder = "mobilenet_v2",
        *,
        weights: str | Path = "auto",
        folders: Sequence[Path] = (),
        size_px: int | None = None,
        training: TrainingVersion | str | None = None,
    ) -> Embedder:
        """Choose; see :meth:`veml_lab.lab.Lab.use_embedder`."""
        if self.store.catalog.read_only:
            raise ReadOnlyLab(f"{self.store.folder} is open read-only; choose its embedder in a writable lab")
        chosen: Embedder
        setting: dict[str, Any]
        if training is not None:
            node = self.store.graph().find(training, "training") if isinstance(training, str) else training.node
            chosen, setting = self._of_training(node.id), {"training": node.id}
        elif not isinstance(network, str):
            chosen, setting = network, {"own": network.fingerprint}
        elif _plugged(network):
            chosen, setting = embedder_named(network), {"plug_in": network}
        else:
            chosen, setting = self._network(network, weights, folders, size_px)
        put_result(self.store, SETTING, "setting", setting)
        self._usual, self._setting = chosen, setting
        return chosen

    def _network(
        self, network: str, weights: str | Path, folders: Sequence[Path], size_px: int | None
    ) -> tuple[Embedder, dict[str, Any]]:
        """A network's embedder and how it is found again; its weights are copied into the lab."""
        from ..training.weight_files import file_hash, find_weights, hub_weights
        from . import torchvision_embedder

        found: Path | None = None
        if weights == "auto":
            found = find_weights(network, *folders) or hub_weights(network)
        elif weights != "random":
            found = Path(weights)
        # random features see colour and texture, which survive a smaller image; trained ones want their own size
        size = size_px or (224 if found else 96)
        embedder = torchvision_embedder(network, weights=str(found) if found else weights, size_px=size)
        kept = "random"
        if found is not None:
            folder = self.store.folder
            (folder / "blobs").mkdir(exist_ok=True)
            blob = folder / "blobs" / f"{file_hash(found)}-{found.name}"
            if not blob.exists():
                copy_whole(found, blob)
            kept = str(blob.relative_to(folder))
        return embedder, {"network": network, "weights": kept, "size_px": size}

    def _of_training(self, node_id: str) -> Embedder:
        """The features of a classification training of this lab."""
        from .of_training import training_embedder

        return training_embedder(TrainingVersion(self.store, self.store.graph().find(node_id, "training")))


def _plugged(name: str) -> bool:
    """Whether another package adds an embedder of that name; the name of a network stays the network's."""
    if name not in _plugins.plug_ins("embedders"):
        return False
    from torchvision.models import list_models

    return name in _plugins.plug_ins("embedders", list_models())


def embedder_named(name: str) -> Embedder:
    """The embedder that another package adds under that name: its entry point gives a callable that makes it."""
    make = _plugins.load("embedders", name)
    if make is None:
        raise UnknownName.of("embedder of another package", name, _plugins.plug_ins("embedders"), "Install its package")
    made = make()
    missing = [n for n in ("fingerprint", "dim", "embed") if not hasattr(made, n)]
    if missing:
        raise BrokenPlugIn(f"the embedder {name!r} of another package has no {', '.join(missing)}")
    return made


def choice_of(store: VersionStore) -> EmbedderChoice:
    """The choice of the lab that a store belongs to; one object as long as the store lives."""
    return store.companion(EmbedderChoice)


def embedder_of(
    version: DataVersion | ModelVersion | TrainingVersion | InferenceVersion, *, progress: bool = True
) -> Embedder:
    """What the lab of a version embeds it with; see :meth:`EmbedderChoice.of`."""
    return choice_of(version.store).of(version, progress=progress)


def embedders_of(versions: Sequence[DataVersion], *, progress: bool = True) -> Embedder | Mapping[str, Embedder]:
    """What embeds several versions that are to be compared: one for all, or one each by name where sensors or columns
    differ.

    Raises
    ------
    BadInput
        The samples of the versions are of different kinds.
    """
    from .row_vectors import row_columns

    check_one_kind(versions)
    first = versions[0]
    if first.facts.nature == "pictures":
        return choice_of(first.store).usual()
    if first.facts.nature == "table rows" and len({row_columns(v) for v in versions}) == 1:
        return embedder_of(first, progress=progress)
    return {v.name: embedder_of(v, progress=progress) for v in versions}
