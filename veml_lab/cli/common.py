"""What every verb needs: the lab, and how a version is printed."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from ..errors import BadInput

if TYPE_CHECKING:
    from ..lab import Lab
    from ..lineage import AnyVersion


def open_lab(args: argparse.Namespace, *, create: bool = False, read_only: bool = False) -> Lab:
    """The lab of the command line."""
    from ..lab import open

    return open(args.lab, create=create, read_only=read_only)


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
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise BadInput(f"an option is written as NAME=VALUE, got {text!r}")
    try:
        return key, json.loads(value)
    except json.JSONDecodeError:
        return key, value
