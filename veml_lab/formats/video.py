"""Video files as frames: every n-th, by time, or where the scene changes. PyAV (FFmpeg) decodes."""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from .._optional import need
from ..errors import BadData, BadInput, MissingFile
from ..sources.checks import Findings
from ..sources.detection import text_of
from ..sources.images import MAX_PIXELS
from ..sources.opening import open_tree
from ..sources.source import Record, Source
from ..sources.tree import Tree, fingerprint
from ..sources.unread import unread_of
from ..storage.border import public
from .document_rows import cell_of

ENDINGS = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg")
# Only containers that hold the pictures themselves: a playlist would make FFmpeg open other files and addresses.
_OPTIONS = {
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo",
    "protocol_whitelist": "",
}
_ENCODED = {"jpeg": "JPEG", "png": "PNG"}
# A head's number of frames may be off by a few (edit lists, frames that are never shown).
_SLACK = 0.02


def is_video(name: str) -> bool:
    """True for a file name that ends like a video we read.

    >>> is_video("a.MP4"), is_video("a.gif")
    (True, False)
    """
    return name.lower().endswith(ENDINGS)


@public
def read_video(
    path: str | os.PathLike[str],
    *,
    every: int | None = None,
    seconds: float | None = None,
    scene: float | None = None,
    image: str = "jpeg",
    quality: int = 92,
    columns: Mapping[str, Any] | None = None,
    strict: bool = False,
) -> Source:
    """Read frames of one video, or of all videos in a folder or archive.

    Decodes each video once from its beginning, one frame in memory at a time. One of ``every``, ``seconds`` and
    ``scene`` says which frames are kept; without any, one a second.

    Parameters
    ----------
    path : path
        ``.mp4``, ``.m4v``, ``.mov``, ``.mkv``, ``.webm``, ``.avi``, ``.mpg``, ``.mpeg``; a folder or archive of such.
        A table ``videos.csv`` beside them (first column ``video``) gives each video's capture columns.
    every : int, optional
        Keep the frames 0, n, 2n ...
    seconds : float, optional
        Keep the first frame at or after 0, s, 2s ... seconds.
    scene : float, optional
        Keep the first frame and each whose score of a scene change is above this, in (0, 1); 0.3 to 0.4 find
        cuts. The score is FFmpeg's (filter ``select``, variable ``scene``).
    image : str
        How frames are stored: ``"jpeg"`` or ``"png"`` (lossless, about five times larger).
    quality : int
        Of JPEG, 1 to 95.
    columns : mapping, optional
        Capture columns of every frame, for example ``{"camera": "front", "place": "Ulm"}``.
    strict : bool
        Raise at a damaged place or video; otherwise the frames that can be decoded are kept and the damage is reported.

    Returns
    -------
    Source
        Records of the kind ``"frame"`` with the columns ``video``, ``frame`` (its number from 0) and ``time_s``.

    Raises
    ------
    MissingFile
        If there is no video.
    BadData
        If no video can be opened; with ``strict``, for a damaged or truncated video, one without pictures, one whose
        pictures are too large.
    MissingExtra
        Without PyAV.

    Source
    ------
    https://ffmpeg.org/ffmpeg-filters.html#select_002c-aselect (scene score).
    """
    need("av", extra="video", why="it decodes videos")
    given = [k for k, v in (("every", every), ("seconds", seconds), ("scene", scene)) if v is not None]
    if len(given) > 1:
        raise BadInput(f"say which frames to keep by one of every=, seconds=, scene=; got {' and '.join(given)}")
    _check(every, seconds, scene, image, quality)
    tree, names, stamp = _videos(path)
    about = _captured(tree)
    findings = Findings(path, strict=strict)
    if stamp is tree:
        findings.of_tree(tree)
    frames: dict[str, int] = {}
    for n in names:
        with findings.part():
            frames[n] = _frames(tree, n)
    if not frames:
        raise BadData(findings.lines[0])
    last = findings

    def records() -> Iterator[Record]:
        nonlocal last
        last = told = findings.copy()
        for n in frames:
            keep = _keep(every, 1.0 if not given else seconds, scene)
            more = {**(columns or {}), **about.get(n, about.get(n.rpartition("/")[2], {}))}
            with told.part():
                for number, time_s, picture in _decode(tree, n, keep, told):
                    data = _encode(picture, _ENCODED[image], quality)
                    row = {**more, "video": n, "frame": number, "time_s": round(time_s, 6)}
                    yield Record(f"{n}#{number}", data, picture.width, picture.height, columns=row, kind="frame")
        told.tell()

    options = {
        "every": every,
        "seconds": seconds,
        "scene": scene,
        "image": image,
        "quality": quality,
        "columns": dict(columns or {}),
        "strict": strict,
    }
    tree.take(frames)
    return Source(
        format="video",
        root=str(path),
        task="none",
        classes=(),
        records=records,
        total=sum(-(-f // every) for f in frames.values()) if every and all(frames.values()) else None,
        fingerprint=fingerprint("video", stamp, options),
        note=Path(path).name,
        unread=lambda: unread_of(tree) if stamp is tree else [],
        findings=lambda: last.report(),
    )


def _check(every: int | None, seconds: float | None, scene: float | None, image: str, quality: int) -> None:
    if every is not None and every < 1:
        raise BadInput(f"every must be at least 1 (all frames), got {every}")
    if seconds is not None and not (math.isfinite(seconds) and seconds > 0):
        raise BadInput(f"seconds must be more than 0, got {seconds}")
    if scene is not None and not 0 < scene < 1:
        raise BadInput(f"scene must lie between 0 and 1 (0.3 finds cuts), got {scene}")
    if image not in _ENCODED or not 1 <= quality <= 95:
        raise BadInput(f"image is jpeg (quality 1 to 95) or png, got {image!r} and quality {quality}")


def _videos(path: str | os.PathLike[str]) -> tuple[Tree, list[str], Any]:
    p = Path(path)
    if "://" not in str(path) and p.is_file() and is_video(p.name):
        s = p.stat()
        return open_tree(p.parent), [p.name], [p.name, s.st_size, s.st_mtime_ns]
    tree = open_tree(path)
    names = [n for n in tree.names() if is_video(n)]
    if not names:
        raise MissingFile(f"{path} holds no video; looked for {', '.join(ENDINGS)}")
    return tree, names, tree


def _captured(tree: Tree) -> dict[str, dict[str, Any]]:
    """Capture columns by video, from ``videos.csv``."""
    if "videos.csv" not in tree:
        return {}
    where = tree.where("videos.csv")
    out: dict[str, dict[str, Any]] = {}
    try:
        rows = csv.reader(io.StringIO(text_of(tree.read("videos.csv"), where)), strict=True)
        head = next(rows, [])
        if not head or head[0].strip().lower() != "video":
            raise BadData(f"{where} does not start with a column called video; its first column names the file")
        for row in rows:
            if row:
                out[row[0]] = {k: v for k, t in zip(head[1:], row[1:]) if (v := cell_of(t)) is not None}
    except csv.Error as e:
        raise BadData(f"{where} is a damaged table ({e})") from e
    return out


def _trouble() -> tuple[type[BaseException], ...]:
    import av

    return (av.FFmpegError, ValueError, OverflowError, MemoryError, IndexError, OSError)


class _Video:
    """A container, open; what goes wrong in it is one BadData with its name."""

    def __init__(self, tree: Tree, name: str) -> None:
        import av

        self.where = tree.where(name)
        path = tree.path(name)
        self.file: IO[bytes] = Path(path).open("rb") if path is not None else io.BytesIO(tree.read(name))  # noqa: SIM115 - closed below
        try:
            # a file object, not a path: FFmpeg reads "concat:a|b" in a path as an order
            self.container: Any = av.open(self.file, options=_OPTIONS)
            found = self.container.streams.video
        except _trouble() as e:
            self.file.close()
            raise self.damaged(e) from e
        if not found:
            self.close()
            raise BadData(f"{self.where} has no pictures, only {[s.type for s in self.container.streams]}")
        self.stream = found[0]
        if self.stream.codec_context is None:
            self.close()
            raise BadData(f"{self.where} is encoded in a way that this FFmpeg does not know; convert it to H.264")
        try:
            self.check_size(self.stream.codec_context.width, self.stream.codec_context.height)
        except BaseException:
            self.close()
            raise

    def check_size(self, width: int, height: int) -> None:
        if width * height > MAX_PIXELS or width < 1 or height < 1:
            raise BadData(
                f"{self.where} says that its pictures are {width:,} x {height:,} pixels; 1 to {MAX_PIXELS:,} are"
                " decoded"
            )

    def damaged(self, e: BaseException) -> BadData:
        said = getattr(e, "strerror", None) or str(e)
        return BadData(f"{self.where} is damaged, truncated or no video of its kind ({said:.120}); fetch it again")

    def close(self) -> None:
        self.container.close()
        self.file.close()


def _frames(tree: Tree, name: str) -> int:
    """How many frames the head says there are, 0 where it does not."""
    v = _Video(tree, name)
    try:
        return max(0, v.stream.frames)
    finally:
        v.close()


# Asks of a frame, its number and its time whether it is kept.
Keep = Callable[[Any, int, float, Any], bool]


def _keep(every: int | None, seconds: float | None, scene: float | None) -> Keep:
    if every is not None:
        return lambda frame, number, time_s, stream: number % every == 0
    if scene is not None:
        return _SceneChange(scene)
    assert seconds is not None
    due = [0.0]

    def by_time(frame: Any, number: int, time_s: float, stream: Any) -> bool:
        if time_s < due[0] - 1e-6:
            return False
        due[0] = (math.floor((time_s + 1e-6) / seconds) + 1) * seconds
        return True

    return by_time


class _SceneChange:
    """FFmpeg's own score, by its filter: a frame that is pushed comes out again if it is kept."""

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self.graph: Any = None

    def __call__(self, frame: Any, number: int, time_s: float, stream: Any) -> bool:
        import av

        if self.graph is None:
            self.graph = g = av.filter.Graph()
            source = g.add_buffer(
                width=frame.width, height=frame.height, format=frame.format, time_base=stream.time_base
            )
            select, sink = g.add("select", f"eq(n,0)+gt(scene,{self.threshold})"), g.add("buffersink")
            source.link_to(select)
            select.link_to(sink)
            g.configure()
        self.graph.push(frame)
        try:
            self.graph.pull()
            return True
        except (av.BlockingIOError, av.EOFError):
            return False


def _decode(tree: Tree, name: str, keep: Keep, findings: Findings) -> Iterator[tuple[int, float, Any]]:
    """Walk over (number, time in seconds from the first frame, picture) of the frames to keep."""
    v = _Video(tree, name)
    number, start, bad = 0, None, 0
    rate = float(v.stream.average_rate or 25)
    try:
        packets = v.container.demux(v.stream)
        while True:
            frames: list[Any] = []
            try:
                packet = next(packets, None)
                if packet is None:
                    break
                frames = list(packet.decode())
            except _trouble() as e:
                findings.bad(v.where, f"is damaged after frame {number} ({getattr(e, 'strerror', None) or e!s:.120})")
                bad += 1
                if bad > 100:  # a container that fails without going on would fail for ever
                    break
                continue
            for frame in frames:
                v.check_size(frame.width, frame.height)
                if frame.is_corrupt:
                    findings.bad(v.where, f"is damaged in frame {number}, which is shown as well as it can be decoded")
                t = frame.time if frame.time is not None else number / rate
                start = t if start is None else start
                if keep(frame, number, t - start, v.stream):
                    picture = None
                    with findings.part():
                        picture = _upright(frame, v)
                    if picture is not None:
                        yield number, t - start, picture
                number += 1
        if v.stream.frames and number < v.stream.frames * (1 - _SLACK) - 2:
            findings.bad(v.where, f"ends after {number:,} of {v.stream.frames:,} frames; it is truncated")
        if not number:
            raise BadData(f"{v.where} has no frame that can be decoded; fetch it again")
    finally:
        v.close()


def _upright(frame: Any, v: _Video) -> Any:
    """The picture as a player shows it: cameras that are held upright only note the turn."""
    try:
        picture = frame.to_image()
    except _trouble() as e:
        raise v.damaged(e) from e
    turn = getattr(frame, "rotation", 0) % 360
    return picture.rotate(turn, expand=True) if turn in (90, 180, 270) else picture


def _encode(picture: Any, kind: str, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **({"quality": quality} if kind == "JPEG" else {}))
    return out.getvalue()
