"""What every verb needs: the lab, and how a version is printed."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput

if TYPE_CHECKING:
    from ..lab import Lab
    from ..lineage import AnyVersion


def open_lab(args: argparse.Namespace, *, create: bool = False, read_only: bool = False) -> Lab:
    """The lab of the command line."""
    from ..lab import open

    return open(args.lab, create=create, read_only=read_only)


def settle_moved(args: argparse.Namespace) -> None:
    """Keep with the lab where the folders of ``--moved OLD=NEW`` are now: whatever the verb does, it finds them."""
    from ..lab import open

    open(args.lab, create=False, moved=dict(map(_moved, args.moved)))


def unused(args: argparse.Namespace, why: str, *names: str) -> None:
    """Refuse options that would change nothing: who gives one thinks that it does."""
    for name in names:
        if getattr(args, name) not in (None, False, []):
            raise BadInput(f"--{name.replace('_', '-')} would change nothing here: {why}. Leave it out")


def row_of(lab: Lab, version: AnyVersion, args: argparse.Namespace) -> Any:
    """A version as one row of JSON, or its repr."""
    from .. import faces

    return faces.row(lab.store, version.node) if args.json else version


def option_of(text: str) -> tuple[str, Any]:
    """``K=V``: V is JSON where it can be read as such, else a text."""
    key, value = _option(text)
    try:
        return key, json.loads(value)
    except json.JSONDecodeError:
        return key, value


def _moved(text: str) -> tuple[str, str]:
    """``OLD=NEW``; where a name has such a sign too, NEW is what is a folder."""
    cuts = [i for i, c in enumerate(text) if c == "="]
    cut = next((i for i in cuts if Path(text[i + 1 :]).is_dir()), cuts[0] if cuts else -1)
    if cut < 1 or not text[cut + 1 :]:
        raise BadInput(f"--moved is written as OLD=NEW, two folders, got {text!r}")
    return text[:cut], text[cut + 1 :]


def _option(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise BadInput(f"an option is written as NAME=VALUE, got {text!r}")
    return key, value


def format_options(path: str, format: str | None, said: Sequence[str]) -> tuple[str | None, dict[str, Any]]:
    """The format, where its options have to be known, and their values by their declared types."""
    if not said:
        return format, {}
    from ..formats.options import typed
    from ..formats.sniff import format_of

    format = format or format_of(path)
    return format, typed(format, dict(map(_option, said)))
