"""Video files as frames."""

from __future__ import annotations

ENDINGS = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg")


def is_video(name: str) -> bool:
    """True for a file name that ends like a video we read.

    >>> is_video("a.MP4"), is_video("a.gif")
    (True, False)
    """
    return name.lower().endswith(ENDINGS)
