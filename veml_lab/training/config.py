"""A plan as a configuration: nested, frozen, checked, with where every value came from; from and to TOML."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import BadInput, UnknownName
from ..storage.border import public
from ..storage.toml_text import to_toml
from ..storage.whole import write_whole
from ..versions.facts import recipe_of
from ..versions.settings import ABSENT, UNRECORDED, USER, USUAL, Origin, differing, flat, named, noted, origin_at
from ..versions.store import HoldsStore, VersionStore
from ..versions.training import TrainingVersion
from .backend import Plan
from .config_explained import ConfigDiff, Explained, Origins
from .config_forms import joined, nested, plain_of, read_config
from .config_schema import FIELDS, check, unknown
from .jobs import by_id, check_hyper
from .registry import declaration

_NEEDED = ("name", "model", "data")
_UNSET: Any = object()


class Settings(Mapping[str, Any]):
    """Nested settings that are read by attribute or by dotted path, and never change."""

    def __init__(self, values: Mapping[str, Any], path: str = "", backend: str | None = None) -> None:
        self.__dict__.update(_values=values, _path=path, _backend=backend)

    def __getitem__(self, path: str) -> Any:
        value: Any = self._values
        for part in [path] if path in self._values else str(path).split("."):
            if not isinstance(value, Mapping) or part not in value:
                raise unknown(f"{self._path}{path}", self._backend)
            value = value[part]
        within = f"{self._path}{path}."
        return Settings(value, within, self._backend) if isinstance(value, Mapping) else copy.deepcopy(value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # what copy, pickle and IPython ask for
            raise AttributeError(name)
        try:
            return self[name]
        except UnknownName as e:
            raise AttributeError(str(e)) from None

    def __setattr__(self, name: str, value: Any) -> None:
        path = f"{self._path}{name}"
        raise AttributeError(f"a config is frozen; config.replace({path!r}, {value!r:.60}) gives one with that value")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a config is frozen")

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(k for k in self._values if k.isidentifier())]

    def _ipython_key_completions_(self) -> list[str]:
        return list(flat(self._values))

    def __repr__(self) -> str:
        return repr(dict(self._values))


@public
class Config(Settings):
    """The settings of a training, as :func:`config` gives them: nested, frozen and checked.

    ``cfg.hyper.lr`` and ``cfg["hyper.lr"]`` read a value; what the plan leaves to its backend is there with its
    default. Versions stand by their names. Two are equal where they ask for the same.

    Examples
    --------
    >>> cfg = veml.config(run)
    >>> cfg.hyper.lr, cfg["hyper.batch_size"], cfg.model
    (0.002, 8, 'detector')
    """

    def __init__(
        self,
        given: Mapping[str, Any],
        origins: Mapping[str, Any],
        *,
        filled: Mapping[str, Any] = {},
        store: VersionStore | None = None,
    ) -> None:
        recipe = _recipe_of(given, store)
        backend = recipe.get("backend") if given.get("backend") is None else given["backend"]
        check(given, backend)
        given = {f: v for f, v in given.items() if f in _NEEDED or v != FIELDS[f].default}
        if store is not None:
            given = named(given, store.graph())
        if backend and "backend" not in given:
            given["backend"], origins = backend, {**origins, "backend": Origin("model", given["model"]).to_dict()}
        hyper = {**filled, **given.get("hyper", {})}
        if backend:
            declared = declaration(backend)
            hyper = declared.watching({**plain_of(declared.defaults()), **hyper}, recipe.get("task", ""))
        usual = {name: h.default for name, h in FIELDS.items() if name in given or name not in (*_NEEDED, "backend")}
        values = {**usual, **given, "hyper": hyper}
        super().__init__({f: values[f] for f in FIELDS if f in values}, "", backend)
        self.__dict__.update(_given=given, _origins=origins, _filled=filled, _store=store)

    def replace(self, path: str | Mapping[str, Any], value: Any = _UNSET, *, said: str = "") -> Config:
        """One with another value, or with several: ``replace("hyper.lr", 0.01)``, ``replace({"seed": 1, ...})``.

        Parameters
        ----------
        path
            Dotted, or a mapping: from dotted paths to values, nested, or a configuration of another tool. A mapping
            for a section is joined with what is there.
        said
            Where it was said, for :meth:`explain`.

        Raises
        ------
        UnknownName
            There is no such setting, version or choice; the nearest comes first.
        BadInput
            A value of another type, or outside its range.

        Examples
        --------
        >>> veml.config(run).replace("hyper.lr", 0.01).explain("hyper.lr")
        config of 'city detector'
          hyper
            lr  0.01  <- you; was 0.002 (you)
        """
        if isinstance(path, str) == (value is _UNSET):
            raise BadInput("replace takes a dotted path and its value, or one mapping of them")
        changes = nested({path: plain_of(value)} if isinstance(path, str) else _mapping(path))
        of_model = self._store is not None and "model" in changes  # whose backend is meant, unless another one is said
        given = joined({k: v for k, v in self._given.items() if k != "backend" or not of_model}, changes)
        made = Config(given, {}, store=self._store)  # what is left open is filled in as of today, when it is trained
        origins = {p: self._origin(p).to_dict() for p in flat(self._values)}
        made.__dict__["_origins"] = noted(origins, self._values, made._values, Origin("user", said))
        return made

    def origin(self, path: str) -> Origin:
        """Where the value at a dotted path came from."""
        self[path]
        return self._origin(path)

    def _origin(self, path: str) -> Origin:
        field, _, rest = path.partition(".")
        if field == "hyper" and rest and rest.split(".")[0] not in self._given.get("hyper", {}):
            unsure = not self._filled and not self._origins  # of an early lab, or of one that was never trained
            return Origin("default", f"{self._backend}{' today' if unsure else ''}")
        found = origin_at(self._origins, path)
        if found is not None:
            return found
        usual = self._values[field] == FIELDS[field].default
        return USUAL if usual and self._origins else UNRECORDED

    def explain(self, path: str | None = None) -> Origins:
        """Where every value came from - backend's default, donor, user, search trial ... - and what it was before.

        Parameters
        ----------
        path
            Of one setting or of a section; default: all of them.

        Examples
        --------
        >>> veml.config(run).explain("hyper.batch_size").rows[0].origin.by
        'user'
        """
        paths = flat(self._values)
        if path is not None:
            self[path]
            paths = {p: v for p, v in paths.items() if p == path or p.startswith(f"{path}.")}
        rows = tuple(Explained(p, v, self._origin(p)) for p, v in paths.items())
        return Origins(self._title, rows)

    def diff(self, other: Config | Plan | TrainingVersion | Mapping[str, Any] | str | Path) -> ConfigDiff:
        """The settings in which this one and another differ, what both leave to their backends included.

        Examples
        --------
        >>> cfg = veml.config(run)
        >>> cfg.diff(cfg.replace({"hyper.epochs": 3, "seed": 1})).values
        {'seed': (0, 1), 'hyper.epochs': (1, 3)}
        """
        there = other if isinstance(other, Config) else config(other)
        if there._store is None and there._values.get("model") == self._values.get("model"):
            there = there._in(self._store)
        found = differing(self._values, there._values)
        rows = tuple((self._explained(p, a), there._explained(p, b)) for p, (a, b) in found.items())
        return ConfigDiff(self._name, there._name, rows)

    def build(self, lab: HoldsStore | None = None) -> Plan:
        """The plan, checked; ``veml.train`` runs it.

        Parameters
        ----------
        lab
            Where its versions are; default: the lab that it came from. Without one versions are looked up by
            ``veml.train(plan, lab)``.

        Examples
        --------
        >>> veml.config(plan).build() == plan
        True
        """
        store = self._store if lab is None else lab.store
        if store is not None and store is not self._store:
            return self._in(store).build()
        missing = [f for f in (*_NEEDED, "backend") if self._values.get(f) is None]
        if missing:
            raise BadInput(f"the config says no {' and no '.join(missing)}; config.replace({missing[0]!r}, ...) does")
        origins = {p: self._origin(p).to_dict() for p in flat(self._given)} if self._origins else {}
        plan = Plan(**self.to_dict(), origins=origins, store=store)
        if store is not None:
            plan = by_id(store, plan)
            check_hyper(plan, recipe_of(store.graph().find(plan.model))["task"])
        return plan

    def toml(self) -> str:
        """As TOML: what is asked, where it came from as remarks, and the backend's defaults to be uncommented."""
        paths = flat(self._values)
        asked = {"hyper": {}, **self._given}
        unset = {p: v for p, v in paths.items() if p.startswith("hyper.") and p not in flat(asked)}
        return to_toml(asked, remarks={p: self._origin(p).short for p in paths}, unset=unset) + "\n"

    def save(self, path: str | Path) -> Path:
        """Write it as a TOML file, which ``veml.config(path)`` and ``veml train LAB --config`` read.

        Examples
        --------
        >>> path = veml.config(plan).save("plan.toml")
        >>> veml.config(path, lab) == veml.config(plan)
        True
        """
        return write_whole(Path(path).expanduser(), self.toml())

    def to_dict(self) -> dict[str, Any]:
        """What is asked, as plain nested values; without what is left to the backend."""
        return copy.deepcopy(self._given)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Config) and self._given == other._given

    def __hash__(self) -> int:
        return hash((self._given.get("name"), self._given.get("model"), self._given.get("data")))

    def __repr__(self) -> str:
        return repr(self._in_use())

    def _repr_html_(self) -> str:
        return self._in_use()._repr_html_()

    def _in(self, store: VersionStore | None) -> Config:
        """The same with its versions looked up there."""
        return Config(self._given, self._origins, filled=self._filled, store=store)

    @property
    def _name(self) -> str:
        return str(self._given.get("name", "config"))

    @property
    def _title(self) -> str:
        return f"config of {self._name!r}" if "name" in self._given else "config"

    def _in_use(self) -> Origins:
        """Without the fields of a plan that say nothing."""
        return Origins(self._title, tuple(r for r in self.explain() if "." in r.path or r.value not in (None, {})))

    def _explained(self, path: str, value: Any) -> Explained:
        return Explained(path, value, self._origin(path) if path in flat(self._values) else ABSENT)


@public
def config(
    what: Config | Plan | TrainingVersion | Mapping[str, Any] | str | Path | Any, lab: HoldsStore | None = None
) -> Config:
    """The settings of a plan or a training as one nested, frozen, checked value with where each came from.

    Parameters
    ----------
    what
        A :func:`plan`, a training version, a file (``.toml``, ``.yaml``, ``.json``), a mapping (nested, or by dotted
        paths), or a configuration of ml_collections, Fiddle, OmegaConf or Hydra whose names are those of a plan.
    lab
        Where the versions are that a file or a mapping names.

    Returns
    -------
    Config
        ``cfg.hyper.lr`` reads, :meth:`~Config.replace` gives another one, :meth:`~Config.build` the plan;
        :meth:`~Config.explain`, :meth:`~Config.diff`, :meth:`~Config.save`.

    Raises
    ------
    UnknownName
        A setting, a backend or a version that there is not; the nearest comes first.
    BadInput
        A value of another type or outside its range.
    BadData
        A file that is no TOML, YAML or JSON; the message has the line.

    Source
    ------
    The names are those of ml_collections (a frozen ConfigDict with dotted access) and Fiddle (``build``, ``diff``);
    that every value knows where it came from is neither's.

    Examples
    --------
    >>> cfg = veml.config(plan)
    >>> longer = cfg.replace({"name": "longer", "hyper.epochs": 4})
    >>> longer.diff(cfg)
    2 settings of 'longer' and 'city detector' differ:
      name          longer → city detector  (you → you)
      hyper.epochs  4      → 1              (you → you)
    >>> longer.build().hyper["epochs"]
    4
    """
    if isinstance(what, Config):
        return what if lab is None else what._in(lab.store)
    store = None if lab is None else lab.store
    if isinstance(what, Plan):
        plan = what.stated()
        return Config(plain_of(plan.to_dict()), plan.origins, store=store or what.store)
    if isinstance(what, TrainingVersion):
        facts = what.facts
        return Config(facts.plan, facts.origins, filled=facts.hyper, store=what.store)
    by = USER
    if isinstance(what, str | Path):
        path = Path(what).expanduser()
        what, by = read_config(path), Origin("file", path.name)
    given = nested(_mapping(what))
    return Config(given, {p: by.to_dict() for p in flat(given)}, store=store)


def _mapping(what: Any) -> dict[str, Any]:
    ours = type(what).__module__.startswith(f"{__package__.partition('.')[0]}.")  # a transfer, a data version ...
    found = None if ours and not isinstance(what, Settings) else plain_of(what)
    if not isinstance(found, dict):
        raise BadInput(
            "a config is made of a plan, a training version, a TOML file or a mapping; got"
            f" {type(what).__name__} {' '.join(repr(what).split()):.60}"
        )
    return found


def _recipe_of(given: Mapping[str, Any], store: VersionStore | None) -> Mapping[str, Any]:
    """The recipe of the model that is named, where it can be looked up."""
    if store is None or not isinstance(given.get("model"), str):
        return {}
    return recipe_of(store.graph().find(given["model"], "model"))
