"""Whose types a name means, among the registries of OpenMMLab."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator


@contextlib.contextmanager
def scope() -> Iterator[None]:
    """Names of types are looked up among mmdet's."""
    from mmengine.registry import DefaultScope

    with DefaultScope.overwrite_default_scope("mmdet"):
        yield
