"""Data versions: bring in, look at, cut, combine, correct, write out."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadData, BadInput, MissingFile
from .common import format_options, open_lab, option_of, row_of, unused

if TYPE_CHECKING:
    from ..lab import Lab
    from ..versions.data import DataVersion


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """Add this room's verbs to the parser."""

    def new(p: argparse.ArgumentParser, *, data: str = "data version") -> None:
        p.add_argument("data", metavar="DATA", help=data)
        p.add_argument("name", metavar="NAME", help="name of the new version")

    p = verb("add", _add, "import a data set as a data version")
    p.add_argument("name", metavar="NAME", help="name of the data version")
    _source_options(p)
    p.add_argument("--limit", type=int, metavar="N", help="import a seeded part of at most N samples of each role")
    p.add_argument(
        "--to", metavar="DATA", help="add the samples to this data version: NAME is this version and the new samples"
    )

    p = verb(
        "update", _update, "make a data version in which newer samples of the same name take the place of older ones"
    )
    new(p, data="data version to update")
    _source_options(p)
    p.add_argument("--known-only", action="store_true", help="leave out samples whose name DATA does not have")

    p = verb("versions", _versions, "list the versions of a lab")
    p.add_argument("--kind", choices=("data", "model", "training", "inference"), help="one kind only")
    p.add_argument("--tag", metavar="TAG", help="those that carry this tag")

    p = verb("stats", _stats, "count classes, sizes, brightness, columns, gaps and duplicates of a data version")
    p.add_argument("data", metavar="DATA", help="data version")

    p = verb("report", _report, "say what an import stored, knew already and skipped, with reasons")
    p.add_argument("data", metavar="DATA", help="imported data version")

    p = verb("filter", _filter, "make a data version of the samples for which a condition holds")
    new(p, data="data version to filter")
    p.add_argument(
        "where", metavar="WHERE", help="condition, e.g. \"weather = 'fog' AND any box (label = 'car' AND area > 900)\""
    )

    p = verb("merge", _merge, "make a data version of all samples of several")
    p.add_argument("name", metavar="NAME", help="name of the new version")
    p.add_argument("data", metavar="DATA", nargs="+", help="data versions")

    for name, help in (
        ("intersect", "of the samples that are in both"),
        ("subtract", "of the samples of the first that are not in the second"),
    ):
        p = verb(name, _combine, f"make a data version {help}")
        p.add_argument("data", metavar="DATA", help="data version")
        p.add_argument("other", metavar="OTHER", help="second data version")
        p.add_argument("name", metavar="NAME", help="name of the new version")

    p = verb("diff", _diff, "count the samples that two data versions share and do not share")
    p.add_argument("data", metavar="DATA", help="data version")
    p.add_argument("other", metavar="OTHER", help="second data version")

    p = verb(
        "delta", _delta, "show what a data version adds, removes and corrects against the versions it was made from"
    )
    p.add_argument("data", metavar="VERSION", help="data version")

    p = verb("compare", _compare, "put two data versions side by side")
    p.add_argument("data", metavar="DATA", help="data version")
    p.add_argument("other", metavar="OTHER", help="second data version")

    p = verb("sample", _sample, "make a data version of a random part")
    new(p)
    p.add_argument("n", metavar="N", type=int, help="number of samples")
    p.add_argument("--stratified", action="store_true", help="keep the shares of the classes")
    p.add_argument("--seed", type=int, default=0)

    p = verb("split", _split, "make data versions of disjoint parts")
    p.add_argument("data", metavar="DATA", help="data version to split")
    p.add_argument("names", metavar="NAME", nargs="+", help="names of the parts")
    p.add_argument(
        "--share",
        type=float,
        metavar="S",
        nargs="+",
        default=[0.8],
        help="share of each part, or of the first of two (default: 0.8)",
    )
    p.add_argument("--by", metavar="COLUMN", help="column whose groups stay together, such as video")
    p.add_argument("--stratified", action="store_true", help="every part has the classes in the same shares")
    p.add_argument(
        "--roles",
        metavar="ROLE",
        nargs="+",
        choices=("train", "test", "none"),
        default=[],
        help="train, test or none for each part",
    )
    p.add_argument("--seed", type=int, default=0)

    p = verb("prepare", _prepare, "make a data version that is resized, normalised, imputed or scaled on reading")
    new(p)
    p.add_argument("--like", metavar="DATA", help="take over the preparation of this data version")
    p.add_argument("--resize", type=int, nargs=2, metavar=("W", "H"), help="pictures: size in pixels")
    p.add_argument(
        "--normalise", choices=("fit", "imagenet"), help="pictures: by the means of training pictures, or by ImageNet's"
    )
    p.add_argument("--impute", metavar="HOW", help="table rows: mean, median or a number for missing numbers")
    p.add_argument("--scale", choices=("standard", "minmax"), help="table rows and sensor windows")
    p.add_argument("--columns", nargs="+", metavar="C", help="table rows: the columns that become features")

    p = verb("annotate", _annotate, "make a data version with corrected annotations")
    new(p, data="data version to correct")
    p.add_argument(
        "file",
        metavar="FILE",
        help=(
            "corrections as JSON ({name: {kind: annotations}}), or a data set with samples of the same names (--format)"
        ),
    )
    p.add_argument("--format", metavar="F", help="FILE is a data set of this format")
    p.add_argument("--kinds", nargs="+", metavar="KIND", help="kinds of annotation to take from a data set")
    p.add_argument("--note", default="", help="why, for people")

    p = verb("tag", _tag, "put a tag on a version, take it off, or list its tags")
    p.add_argument("version", metavar="VERSION", help="version of any kind")
    p.add_argument("tag", metavar="TAG", nargs="?", help="tag; without it the tags are listed")
    p.add_argument("--remove", action="store_true", help="take it off")

    p = verb("note", _note, "write a note to a version, or list its notes")
    p.add_argument("version", metavar="VERSION", help="version of any kind")
    p.add_argument("text", metavar="TEXT", nargs="?", help="the note; without it the notes are listed")

    p = verb("replay", _replay, "run the operation that made a data version again and compare")
    p.add_argument("data", metavar="DATA", help="data version")

    p = verb("export", _export, "write a data version into a new folder, or with --html the pages of the whole lab")
    p.add_argument("data", metavar="DATA", nargs="?", help="data version")
    p.add_argument("path", metavar="PATH", nargs="?", help="folder that is not there yet")
    p.add_argument(
        "--html",
        metavar="DIR",
        nargs="?",
        const="",
        help="the lab's pages as plain files for any web server, as veml publish LAB DIR (default: LAB-html here)",
    )
    p.add_argument(
        "--format",
        metavar="F",
        help="format that can be written, such as coco, voc, yolo, kitti, cvat, image_folder, table",
    )
    p.add_argument("--lossy", action="store_true", help="leave out what the format cannot hold instead of refusing")


def _source_options(p: argparse.ArgumentParser) -> None:
    p.add_argument("path", metavar="PATH", help="file, folder or archive; or road:CONDITION for the drawn road world")
    p.add_argument("--format", metavar="F", help="format; default: found out by looking")
    p.add_argument(
        "--option",
        metavar="K=V",
        action="append",
        default=[],
        help="option of the format, such as window=12; can be repeated",
    )
    p.add_argument(
        "--copy", action="store_true", help="copy plain files into the lab instead of leaving them where they are"
    )
    p.add_argument("--strict", action="store_true", help="stop where something would be skipped")
    p.add_argument(
        "--boxes",
        choices=("clip", "keep", "drop"),
        help="boxes over the border of their picture: cut them there (default), keep them as they are, leave them out",
    )
    p.add_argument(
        "--unread",
        choices=("stop", "allow"),
        default="stop",
        help="files that look like annotations and that the format does not read: stop (default), or go on without",
    )
    p.add_argument("--near-duplicates", choices=("report", "skip"), help="look for pictures that look the same")


def _source(args: argparse.Namespace) -> Any:
    from .. import formats

    road = args.path.startswith("road:")
    format, options = format_options(args.path, "road_world" if road else args.format, args.option)
    if args.boxes is not None:
        options["boxes"] = args.boxes
    if road:
        unused(args, "the drawn road world is no file", "format", "copy")
        n = getattr(args, "limit", None) or 200
        return formats.read(args.path.removeprefix("road:"), "road_world", **{"n": n, **options})
    return formats.read(args.path, format=format, **options)


def _say_format(source: Any, args: argparse.Namespace) -> None:
    """Say as what a data set was read: a format that was found out by looking can be another than was meant."""
    if args.format is None and not args.json:
        print(f"read as {source.format}: {source.note}", file=sys.stderr)
        for left in source.unread()[:10]:
            print(f"not read: {left}", file=sys.stderr)
        if source.format == "table" and (time := _time_column(args.path)):
            print(
                f"it has a column {time!r}: to forecast readings over time, add it with --format sensors --option"
                " window=12 --option horizon=12",
                file=sys.stderr,
            )


def _time_column(path: str) -> str | None:
    """The column of a CSV that is a time by its name, or None."""
    from ..formats.sensors_tables import TIME_NAMES

    file = Path(path)
    if not file.is_file() or file.suffix.lower() != ".csv":
        return None
    with file.open(encoding="utf-8", errors="replace") as lines:
        names = [c.strip().strip('"') for c in lines.readline(100_000).replace(";", ",").split(",")]
    return next((c for c in names if c.lower() in TIME_NAMES and len(c) > 1), None)


def _import_options(args: argparse.Namespace) -> dict[str, Any]:
    return {
        "copy": True if args.copy else None,
        "strict": args.strict,
        "near_duplicates": args.near_duplicates or False,
        "unread": args.unread,
        "progress": args.progress,
    }


def _data(lab: Lab, name: str) -> DataVersion:
    return lab.get(name, "data")


def _add(args: argparse.Namespace) -> Any:
    from ..versions import operations

    source = _source(args)
    limit = None if args.path.startswith("road:") else args.limit
    lab = open_lab(args, create=True)
    if args.to is None:
        version = lab.add(args.name, source, limit=limit, **_import_options(args))
    else:
        from ..sources.limited import limited

        version = operations.add(
            _data(lab, args.to), args.name, limited(source, limit) if limit else source, **_import_options(args)
        )
    _say_format(source, args)
    return row_of(lab, version, args)


def _update(args: argparse.Namespace) -> Any:
    from ..versions import operations

    source = _source(args)
    lab = open_lab(args)
    version = operations.update(
        _data(lab, args.data), args.name, source, new="ignore" if args.known_only else "add", **_import_options(args)
    )
    _say_format(source, args)
    return row_of(lab, version, args)


def _versions(args: argparse.Namespace) -> Any:
    lab = open_lab(args, read_only=True)
    rows = lab.rows(args.kind)
    if args.tag is not None:
        from ..versions.notes import tagged

        wanted = set(tagged(lab.store, args.tag))
        rows = [r for r in rows if r["id"] in wanted]
    if args.json:
        return rows
    if not rows:
        return (
            "no versions yet; import data with: veml add LAB NAME PATH"
            if args.tag is None
            else f"no version carries the tag {args.tag!r}"
        )
    return "\n".join(f"{r['kind']:<10} {r['name']:<44} {r['summary']}" for r in rows)


def _stats(args: argparse.Namespace) -> Any:
    return _data(open_lab(args, read_only=True), args.data).statistics()


def _report(args: argparse.Namespace) -> Any:
    version = _data(open_lab(args, read_only=True), args.data)
    report = version.history.import_report
    if report is None:
        raise BadInput(f"{version.name!r} has no import report: an operation made it, or an older VeML-Lab imported it")
    return dict(report) if args.json else report


def _filter(args: argparse.Namespace) -> Any:
    lab = open_lab(args)
    return row_of(lab, _data(lab, args.data).filter(args.name, args.where), args)


def _merge(args: argparse.Namespace) -> Any:
    lab = open_lab(args)
    first, *others = [_data(lab, d) for d in args.data]
    if not others:
        raise BadInput("merge takes two or more data versions")
    return row_of(lab, first.merge(*others, name=args.name), args)


def _combine(args: argparse.Namespace) -> Any:
    from ..versions import operations

    lab = open_lab(args)
    operation = {"intersect": operations.intersect, "subtract": operations.subtract}[args.verb]
    return row_of(lab, operation(_data(lab, args.data), _data(lab, args.other), name=args.name), args)


def _delta(args: argparse.Namespace) -> Any:
    return _data(open_lab(args, read_only=True), args.data).delta()


def _diff(args: argparse.Namespace) -> Any:
    from ..versions import operations

    lab = open_lab(args, read_only=True)
    a, b = _data(lab, args.data), _data(lab, args.other)
    found = {k: len(ids) for k, ids in operations.diff(a, b).items()}
    if args.json:
        return found
    return (
        f"only in {a.name}: {found['only_here']:,}\nonly in {b.name}: {found['only_there']:,}\nin both:"
        f" {found['both']:,}"
    )


def _compare(args: argparse.Namespace) -> Any:
    from ..versions.comparison import compare

    lab = open_lab(args, read_only=True)
    return compare(_data(lab, args.data), _data(lab, args.other))


def _sample(args: argparse.Namespace) -> Any:
    lab = open_lab(args)
    return row_of(
        lab, _data(lab, args.data).sample(args.name, args.n, seed=args.seed, stratified=args.stratified), args
    )


def _split(args: argparse.Namespace) -> Any:
    lab = open_lab(args)
    share = args.share[0] if len(args.share) == 1 else args.share
    roles = ["" if r == "none" else r for r in args.roles]
    parts = _data(lab, args.data).split(
        *args.names, share=share, by=args.by, stratified=args.stratified, roles=roles, seed=args.seed
    )
    rows = [row_of(lab, part, args) for part in parts]
    return rows if args.json else "\n".join(map(repr, rows))


def _prepare(args: argparse.Namespace) -> Any:
    lab = open_lab(args)
    version = _data(lab, args.data)
    options: dict[str, Any] = {
        k: getattr(args, k) for k in ("resize", "scale", "columns") if getattr(args, k) is not None
    }
    if args.normalise is not None:
        options["normalise"] = True if args.normalise == "fit" else args.normalise
    if args.impute is not None:
        options["impute"] = option_of(f"impute={args.impute}")[1]
    like = _data(lab, args.like) if args.like is not None else None
    return row_of(lab, version.prepare(args.name, like=like, **options), args)


def _annotate(args: argparse.Namespace) -> Any:
    from ..versions.corrections import annotate

    lab = open_lab(args)
    version = _data(lab, args.data)
    if args.format is not None:
        from .. import formats

        made = annotate(
            version, args.name, formats.read(args.file, format=args.format), kinds=args.kinds, note=args.note
        )
    else:
        unused(args, "a file of corrections says the kinds itself; with --format FILE is a data set", "kinds")
        try:
            corrections = json.loads(Path(args.file).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise MissingFile(
                f"{args.file} is not there; give a JSON file of corrections, or a data set with --format"
            ) from None
        except (OSError, ValueError, RecursionError) as e:
            raise BadData(f"{args.file} cannot be read as JSON: {e}; for a data set give its --format") from e
        made = version.correct(args.name, corrections, note=args.note)
    return row_of(lab, made, args)


def _tag(args: argparse.Namespace) -> Any:
    from ..versions import notes

    if args.tag is None:
        unused(args, "say which tag: veml tag LAB VERSION TAG --remove", "remove")
    lab = open_lab(args, read_only=args.tag is None)
    node = lab.get(args.version).id
    if args.tag is not None:
        (notes.remove_tag if args.remove else notes.add_tag)(lab.store, node, args.tag)
    found = notes.tags(lab.store, node)
    return list(found) if args.json else "\n".join(found) or "no tags"


def _note(args: argparse.Namespace) -> Any:
    from ..versions import notes

    lab = open_lab(args, read_only=args.text is None)
    node = lab.get(args.version).id
    if args.text is not None:
        notes.add_note(lab.store, node, args.text)
    found = [e for e in notes.events(lab.store, node) if e.kind == "note"]
    if args.json:
        return [{"made": e.made.isoformat(timespec="seconds"), "text": e.value} for e in found]
    return "\n".join(f"{e.made:%Y-%m-%d %H:%M}  {e.value}" for e in found) or "no notes"


def _replay(args: argparse.Namespace) -> Any:
    version = _data(open_lab(args, read_only=True), args.data)
    again = version.history.replay()
    found = {"samples": len(version), "replayed": len(again), "identical": again == version.ids}
    return (
        found
        if args.json
        else (
            f"{version.name}: {len(version):,} samples, replayed {len(again):,}:"
            f" {'identical' if found['identical'] else 'DIFFERENT'}"
        )
    )


def _export(args: argparse.Namespace) -> Any:
    if args.html is not None:
        from .serve import published

        if args.data or args.format:
            raise BadInput(
                "--html writes the pages of the whole lab: give no data version or format (veml export LAB --html DIR)"
            )
        unused(args, "pages leave nothing out", "lossy")
        return published(args, args.html or f"{Path(args.lab).expanduser().resolve().name}-html")
    if not (args.data and args.path and args.format):
        raise BadInput(
            "give the data version, the new folder and its format: veml export LAB DATA PATH --format coco; or the"
            " whole lab as pages: veml export LAB --html DIR"
        )
    version = _data(open_lab(args, read_only=True), args.data)
    version.export(args.path, args.format, **({"lossy": True} if args.lossy else {}))
    found = {"path": str(Path(args.path).resolve()), "format": args.format, "samples": len(version)}
    return found if args.json else f"{len(version):,} samples written to {found['path']} as {args.format}"
