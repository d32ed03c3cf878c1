"""The labelling tools by name: ours, and those of other packages."""

from __future__ import annotations

from collections.abc import Callable

from .. import _plugins
from ..errors import BadInput, UnknownName
from .tool import LabelTool, Options

HERE = "here"


def _files(options: Options) -> LabelTool:
    from .files import Files

    return Files(options)


def _label_studio(options: Options) -> LabelTool:
    from .label_studio import LabelStudio

    return LabelStudio(options)


def _cvat(options: Options) -> LabelTool:
    from .cvat import Cvat

    return Cvat(options)


OURS: dict[str, Callable[[Options], LabelTool]] = {"files": _files, "label-studio": _label_studio, "cvat": _cvat}
ON_A_SERVER = ("label-studio", "cvat")


def tool_named(name: str) -> Callable[[Options], LabelTool]:
    """What opens the tool of that name, of ours or of another package."""
    if name == HERE:
        raise BadInput(
            "labelling in the notebook (to='here') is not in this version of VeML-Lab yet; send the task to files"
            " (to='tasks/'), to a Label Studio (to='label-studio', url=...) or to a CVAT (to='cvat', url=...)"
        )
    found = OURS.get(name) or _plugins.load("label_tools", name, OURS)
    if found is None:
        raise UnknownName.of(
            "labelling tool",
            name,
            [*OURS, *_plugins.plug_ins("label_tools", OURS)],
            "A folder is written with a slash: 'tasks/'",
        )
    return found
