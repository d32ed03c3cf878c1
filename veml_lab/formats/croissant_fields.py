"""What a Croissant description says, read from its JSON-LD: files, record sets, and where each field comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import BadData, UnknownName

_PREFIX = re.compile(r"^(cr|sc|ml|rai|https?://schema\.org/|http://mlcommons\.org/croissant/):?")


def short(name: Any) -> str:
    """A name of the vocabulary without its prefix.

    >>> short("cr:FileSet"), short("https://schema.org/Text")
    ('FileSet', 'Text')
    """
    return _PREFIX.sub("", str(name))


@dataclass(frozen=True, slots=True)
class Resource:
    """A file (``FileObject``) or files by pattern (``FileSet``)."""

    id: str
    many: bool
    url: str = ""
    encoding: str = ""
    sha256: str = ""
    inside: str = ""
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where values come from: a column of a table, a property of files, another field."""

    resource: str = ""
    column: str = ""
    property: str = ""
    field: str = ""
    regex: str = ""
    path: str = ""

    def apply(self, value: Any) -> Any:
        """The value after the transformations: a path into a dict, the first group of a pattern."""
        for key in self.path.split(".") if self.path else ():
            value = (
                [v.get(key) if isinstance(v, dict) else None for v in value]
                if isinstance(value, list)
                else value.get(key)
                if isinstance(value, dict)
                else None
            )
        if self.regex and isinstance(value, str):
            m = re.match(self.regex, value)
            if m:
                value = next((g for g in m.groups() if g is not None), m[0])
        return value


@dataclass(frozen=True, slots=True)
class Field:
    """A leaf of a record."""

    id: str
    name: str
    kinds: frozenset[str]
    origin: Origin
    references: Origin | None = None
    array: bool = False


@dataclass(frozen=True, slots=True)
class RecordSet:
    """Fields, or rows that are written in the description itself."""

    id: str
    fields: tuple[Field, ...]
    data: tuple[Mapping[str, Any], ...] = ()
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Description:
    """A whole description."""

    name: str
    resources: Mapping[str, Resource]
    records: Mapping[str, RecordSet] = field(default_factory=dict)

    def choose(self, wanted: str | None, where: str) -> RecordSet:
        """The record set of that name; without one, the only one that has a picture, or is no enumeration."""
        if wanted is not None:
            for r in self.records.values():
                if wanted in (r.id, r.id.rpartition("/")[2]):
                    return r
            raise UnknownName.of(f"record set in {where}", wanted, self.records)
        sets = [r for r in self.records.values() if r.fields and not r.data and not r.kinds & {"Split", "Enumeration"}]
        pictures = [r for r in sets if any("ImageObject" in f.kinds for f in r.fields)]
        found = pictures or sets
        if len(found) != 1:
            raise UnknownName.of(
                f"single record set in {where}", "", [r.id for r in found or self.records.values()], "Say record_set="
            )
        return found[0]


def described(content: Any, where: str) -> Description:
    """Parse a description.

    Raises
    ------
    BadData
        If it is no Croissant of version 1, or something in it is of the wrong kind.
    """
    if not isinstance(content, dict):
        raise BadData(f"{where} is no JSON object; a Croissant description is one")
    top = _short_keys(content)
    version = " ".join(str(v) for v in _list(top.get("dct:conformsTo", top.get("conformsTo"))))
    if "croissant/1." not in version:
        raise BadData(f"{where} says that it conforms to {version or 'nothing'!r:.120}; read are Croissant 1.0 and 1.1")
    try:
        resources = {r.id: r for r in map(_resource, _list(top.get("distribution")))}
        records = {r.id: r for r in map(_record_set, _list(top.get("recordSet")))}
    except (TypeError, AttributeError, KeyError, ValueError, RecursionError, re.error) as e:
        raise BadData(f"{where} is no well-formed Croissant description ({type(e).__name__}: {e!s:.120})") from e
    return Description(_text(top.get("name")), resources, records)


def _short_keys(row: Mapping[str, Any]) -> dict[str, Any]:
    return {k if k.startswith(("@", "dct:")) else short(k): v for k, v in row.items()}


def _list(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    if isinstance(value, dict):  # {"en": "name"}, or {"@value": "name"}
        value = next(iter(value.values()), "")
    return value if isinstance(value, str) else ""


def _id(value: Any) -> str:
    """The id that a reference means, as ``{"@id": "x"}`` or plain text."""
    if isinstance(value, dict):
        value = value.get("@id")
    return value if isinstance(value, str) else ""


def _resource(raw: Any) -> Resource:
    row = _short_keys(raw)
    kind = {short(k) for k in _list(row.get("@type"))}
    return Resource(
        id=_id(row) or _text(row.get("name")),
        many="FileSet" in kind,
        url=_text(row.get("contentUrl")),
        encoding=" ".join(_text(e) for e in _list(row.get("encodingFormat"))),
        sha256=_text(row.get("sha256")).lower(),
        inside=next((_id(c) for c in _list(row.get("containedIn"))), ""),
        includes=tuple(_text(g) for g in _list(row.get("includes"))),
        excludes=tuple(_text(g) for g in _list(row.get("excludes"))),
    )


def _record_set(raw: Any) -> RecordSet:
    row = _short_keys(raw)
    fields = tuple(leaf for f in _list(row.get("field")) for leaf in _fields(f))
    data = tuple(d for d in _list(row.get("data")) if isinstance(d, dict))
    return RecordSet(
        _id(row) or _text(row.get("name")), fields, data, frozenset(short(k) for k in _list(row.get("dataType")))
    )


def _fields(raw: Any, above: Origin | None = None, *, array: bool = False) -> Iterator[Field]:
    row = _short_keys(raw)
    own = _origin(row.get("source"), above)
    many = array or bool(row.get("isArray") or row.get("repeated"))
    inner = _list(row.get("subField"))
    if inner:
        for sub in inner:
            yield from _fields(sub, own, array=many)
        return
    key = _id(row) or _text(row.get("name"))
    name = _text(row.get("name")) or key
    kinds = frozenset(short(k) for k in _list(row.get("dataType")))
    references = _origin(row["references"], None) if row.get("references") else None
    yield Field(key, name.rpartition("/")[2], kinds, own, references, many)


def _origin(raw: Any, above: Origin | None) -> Origin:
    if raw is None:
        return above or Origin()
    if isinstance(raw, str):
        return Origin(field=raw)
    row = _short_keys(raw)
    extract = _short_keys(row["extract"]) if isinstance(row.get("extract"), dict) else {}
    regex = path = ""
    for t in _list(row.get("transform")):
        step = _short_keys(t)
        regex = _text(step.get("regex")) or regex
        path = _text(step.get("jsonPath") or step.get("jsonQuery")) or path
        others = set(step) - {"regex", "jsonPath", "jsonQuery", "@type", "@id"}
        if others:
            raise ValueError(f"the transformation {sorted(others)[0]!r} is not supported")
    if regex:
        re.compile(regex)
    return Origin(
        resource=_id(row.get("fileObject")) or _id(row.get("fileSet")) or _id(row.get("distribution")),
        column=_text(extract.get("column")),
        property=short(extract.get("fileProperty") or ""),
        field=_id(row.get("field")) or (_id(row) if "@id" in row else ""),
        regex=regex,
        path=path.removeprefix("$.").removeprefix("$").replace("[*]", "").strip("."),
    )
