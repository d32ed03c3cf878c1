"""Video: numbers and times of the kept frames against the frames that were encoded; damage is one error."""

import io
import struct
import tarfile
import warnings

import numpy as np
import pytest
from patience import PATIENCE_S
from PIL import Image

from veml_lab.errors import BadData, BadInput, MissingFile, VemlError
from veml_lab.formats import read, read_video

av = pytest.importorskip("av")
COLOURS = ((200, 30, 30), (30, 200, 30), (20, 30, 200))
CUTS = (0, 20, 35)  # where a scene starts


def scene_of(i: int) -> int:
    return max(k for k, at in enumerate(CUTS) if i >= at)


def make(path, n: int = 50, codec: str = "mpeg4", rate: int = 10, size: tuple[int, int] = (64, 48), **options) -> None:
    """A video of three scenes; a white bar moves one pixel a frame."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for i in range(n):
            pixels = np.full((size[1], size[0], 3), COLOURS[scene_of(i)], np.uint8)
            pixels[:, i % size[0]] = 255
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")):
                out.mux(packet)
        for packet in stream.encode():
            out.mux(packet)


@pytest.fixture
def video(tmp_path):
    make(tmp_path / "a.mp4")
    return tmp_path / "a.mp4"


def colour(r) -> int:
    pixels = np.asarray(Image.open(io.BytesIO(r.image))).astype(int)
    return int(np.argmin([np.abs(np.median(pixels, (0, 1)) - c).sum() for c in COLOURS]))


def test_every_nth_frame_has_its_number_time_and_picture(video):
    source = read(video, every=7)
    records = list(source.records())
    assert [r.columns["frame"] for r in records] == list(range(0, 50, 7)) and source.total == len(records)
    assert [r.columns["time_s"] for r in records] == pytest.approx([i / 10 for i in range(0, 50, 7)])
    assert [colour(r) for r in records] == [scene_of(i) for i in range(0, 50, 7)]
    assert {(r.kind, r.width, r.height, r.columns["video"]) for r in records} == {("frame", 64, 48, "a.mp4")}
    assert [r.uri for r in records][:2] == ["a.mp4#0", "a.mp4#7"]


def test_by_time_the_first_frame_at_or_after_each_step_is_kept(video):
    assert [r.columns["frame"] for r in read_video(video, seconds=0.75).records()] == [0, 8, 15, 23, 30, 38, 45]
    assert [r.columns["frame"] for r in read_video(video).records()] == [0, 10, 20, 30, 40]


def test_scene_changes_are_the_frames_after_the_cuts(video):
    assert [r.columns["frame"] for r in read_video(video, scene=0.1).records()] == list(CUTS)


def test_png_keeps_the_decoded_pixels(video):
    import itertools

    with av.open(str(video)) as c:
        want = [f.to_ndarray(format="rgb24") for f in itertools.islice(c.decode(video=0), 3)]
    for r, pixels in zip(read_video(video, every=1, image="png").records(), want):
        np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(r.image))), pixels)
        assert r.image.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mkv", "mpeg4"), ("a.avi", "mpeg4"), ("a.webm", "libvpx"), ("a.mpg", "mpeg2video")]
)
def test_other_containers_give_the_same_scenes(tmp_path, name, codec):
    make(tmp_path / name, codec=codec, rate=25)
    records = list(read_video(tmp_path / name, every=10).records())
    assert [(r.columns["frame"], colour(r)) for r in records] == [(i, scene_of(i)) for i in range(0, 50, 10)]


def test_a_folder_and_an_archive_of_videos_with_capture_columns(tmp_path):
    folder = tmp_path / "drive"
    (folder / "front").mkdir(parents=True)
    make(folder / "front" / "a.mp4", 12)
    make(folder / "b.mkv", 12)
    (folder / "videos.csv").write_text("video,weather,lane\nfront/a.mp4,fog,2\nb.mkv,sun,\n")
    with tarfile.open(tmp_path / "drive.tar", "w") as t:
        t.add(folder, arcname=".")
    for path in (folder, tmp_path / "drive.tar"):
        rows = [(r.uri, r.columns) for r in read(path, format="video", every=6, columns={"place": "Ulm"}).records()]
        assert [u for u, _ in rows] == ["b.mkv#0", "b.mkv#6", "front/a.mp4#0", "front/a.mp4#6"]
        assert rows[0][1] | {"frame": 0} == {
            "place": "Ulm",
            "weather": "sun",
            "video": "b.mkv",
            "frame": 0,
            "time_s": 0.0,
        }
        assert rows[3][1]["weather"] == "fog" and rows[3][1]["lane"] == 2 and rows[3][1]["place"] == "Ulm"


def test_a_turn_that_the_camera_noted_is_made(video):
    """The matrix of the track's head, written by hand: shown turned by 90 degrees clockwise."""
    data = bytearray(video.read_bytes())
    at = data.index(b"tkhd") + 4
    matrix = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 64 << 16, 0, 1 << 30)
    data[at + 40 : at + 76] = matrix
    upright = next(read_video(video, every=1, image="png").records())
    video.write_bytes(data)
    turned = next(read_video(video, every=1, image="png").records())
    assert (turned.width, turned.height) == (48, 64)
    a, b = (np.asarray(Image.open(io.BytesIO(r.image))) for r in (upright, turned))
    np.testing.assert_array_equal(b, np.rot90(a, -1))


def test_a_cut_off_video_is_one_error_or_what_is_left_with_a_report(tmp_path):
    make(tmp_path / "a.mkv", 400, g="5")
    data = (tmp_path / "a.mkv").read_bytes()
    make(tmp_path / "b.mp4", 400, g="5")
    whole = (tmp_path / "b.mp4").read_bytes()
    (tmp_path / "b.mp4").write_bytes(whole[: len(whole) // 2])  # the index is at the end of an mp4
    with pytest.raises(BadData, match=r"b\.mp4 is damaged, truncated"):
        read_video(tmp_path / "b.mp4")
    rng, refused = np.random.default_rng(0), 0
    for _ in range(5):
        broken = bytearray(data)
        for at in rng.integers(len(data) // 10, len(data), 60):
            broken[at] ^= 0xFF
        (tmp_path / "c.mkv").write_bytes(broken)
        try:
            list(read_video(tmp_path / "c.mkv", every=50, strict=True).records())
        except BadData as e:
            assert "c.mkv" in str(e)
            refused += 1
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            loose = read_video(tmp_path / "c.mkv", every=50)
            assert list(loose.records()) and loose.findings()
    assert refused == 5


@pytest.mark.timeout(PATIENCE_S)
def test_mutated_videos_are_read_or_refused_and_nothing_else(tmp_path):
    make(tmp_path / "a.mp4", 30)
    whole, rng, refused = (tmp_path / "a.mp4").read_bytes(), np.random.default_rng(1), 0
    for _ in range(60):
        b = bytearray(whole)
        for at in rng.integers(0, len(b), 4):
            b[at] = int(rng.integers(256))
        (tmp_path / "a.mp4").write_bytes(bytes(b[: int(rng.integers(len(b) // 2, len(b) + 1))]))
        try:
            for r in read_video(tmp_path / "a.mp4", every=5).records():
                assert r.width > 0
        except VemlError as e:
            assert "a.mp4" in str(e)
            refused += 1
    assert refused > 20


def test_pictures_of_absurd_size_are_refused_before_they_are_decoded(tmp_path):
    make(tmp_path / "a.avi", 3, codec="rawvideo")
    data = bytearray((tmp_path / "a.avi").read_bytes())
    at = data.index(b"strf") + 8
    struct.pack_into("<ii", data, at + 4, 12_000, 12_000)  # BITMAPINFOHEADER: width, height
    (tmp_path / "a.avi").write_bytes(data)
    with pytest.raises(BadData, match="12,000 x 12,000 pixels"):
        read_video(tmp_path / "a.avi")


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{0}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{0}'\n",
    ],
)
def test_a_playlist_that_names_other_files_is_not_followed(video, text):
    for end in ("mp4", "mkv"):
        (video.parent / f"evil.{end}").write_text(text.format(video))
        with pytest.raises(BadData, match="damaged, truncated or no video"):
            list(read_video(video.parent / f"evil.{end}").records())


def test_a_sound_file_has_no_pictures(tmp_path):
    with av.open(str(tmp_path / "a.mkv"), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with pytest.raises(BadData, match="has no pictures"):
        read_video(tmp_path / "a.mkv")


def test_options_that_contradict_or_make_no_sense_are_refused(video, tmp_path):
    for options in ({"every": 2, "seconds": 1}, {"every": 0}, {"seconds": -1.0}, {"scene": 2.0}, {"image": "gif"}):
        with pytest.raises(BadInput):
            read_video(video, **options)
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingFile, match=r"holds no video; looked for \.mp4"):
        read_video(tmp_path / "empty")


def test_the_choice_of_frames_changes_the_fingerprint(video):
    prints = [
        read_video(video, **o).fingerprint
        for o in ({}, {"every": 2}, {"every": 3}, {"seconds": 2}, {"scene": 0.3}, {"image": "png"})
    ]
    assert len(set(prints)) == len(prints) and read_video(video).fingerprint == prints[0]
