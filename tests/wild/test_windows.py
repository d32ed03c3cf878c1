"""Deep pictures and DICOM through a declared window: one picture of 8 bits for every face."""

import io

import numpy as np
import pytest
from PIL import Image
from wild_files import coco_of, picture

import veml_lab as veml
from veml_lab.errors import BadInput, UnknownName
from veml_lab.formats import read
from veml_lab.sources.windows import Window

pydicom = pytest.importorskip("pydicom")

RAMP = np.arange(64 * 48, dtype=np.uint16).reshape(48, 64)


def saved(values: np.ndarray, kind: str = "PNG", **more) -> bytes:
    out = io.BytesIO()
    Image.fromarray(values).save(out, kind, **more)
    return out.getvalue()


def dicom(values: np.ndarray, kind: str = "MONOCHROME2", *, bits: int = 16, frames: int = 1, **more) -> bytes:
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = SecondaryCaptureImageStorage, "1.2.3"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds = FileDataset(None, {}, file_meta=meta, preamble=bytes(128))
    ds.SOPClassUID, ds.SOPInstanceUID = SecondaryCaptureImageStorage, "1.2.3"
    ds.Rows, ds.Columns = values.shape[-3:-1] if kind == "RGB" else values.shape[-2:]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 3 if kind == "RGB" else 1, kind
    if kind == "RGB":
        ds.PlanarConfiguration = 0
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = values.dtype.itemsize * 8, bits, bits - 1
    ds.PixelRepresentation = int(values.dtype.kind == "i")
    if frames > 1:
        ds.NumberOfFrames = frames
    for key, value in more.items():
        setattr(ds, key, value)
    ds.PixelData = values.tobytes()
    out = io.BytesIO()
    ds.save_as(out, enforce_file_format=True)
    return out.getvalue()


def shown(folder_of, data: bytes, window, name: str = "a.dcm") -> np.ndarray:
    (r,) = read(folder_of({f"x/{name}": data}, name), "pictures", window=window).records()
    assert (r.width, r.height) == Image.open(io.BytesIO(r.image)).size and r.path is None
    return np.asarray(Image.open(io.BytesIO(r.image)))


def test_black_at_low_and_white_at_high(folder_of):
    found = shown(folder_of, saved(RAMP), (100, 355), "a.png")
    assert (found == np.clip(RAMP.astype(int) - 100, 0, 255)).all()


DEEP = {
    "floats": (RAMP.astype(np.float32) - 50.5, "TIFF", {}, False),
    "whole numbers of 32 bits": (RAMP.astype(np.int32) * 7 - 400, "TIFF", {}, False),
    "white at the smallest": (RAMP, "TIFF", {"tiffinfo": {262: 0}}, True),
}


@pytest.mark.parametrize("case", DEEP)
def test_numbers_that_were_refused_are_read_through_a_window(folder_of, case):
    values, kind, more, inverted = DEEP[case]
    found = shown(folder_of, saved(values, kind, **more), "-200,3000", "a.tif").astype(float)
    want = np.clip((values.astype(float) + 200) / 3200, 0, 1) * 255
    assert np.abs(found - (255 - want if inverted else want)).max() <= 0.5


def test_a_deep_picture_lies_upright(folder_of):
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(RAMP, exif=exif)
    assert (shown(folder_of, data, (0, 3071), "a.png") == np.rot90(shown_flat(RAMP), -1)).all()


def shown_flat(values: np.ndarray) -> np.ndarray:
    return np.round(values / 3071 * 255).astype(np.uint8)


def test_what_is_no_deep_picture_stays_byte_for_byte(folder_of):
    data = {f"x/{n}": picture(1, format=k) for n, k in (("a.jpg", "JPEG"), ("b.png", "PNG"))}
    found = [r.image for r in read(folder_of(data), "pictures", window=(0, 100)).records()]
    assert found == list(data.values())


OWN = {
    "linear": dict(WindowCenter=600, WindowWidth=1000),
    "exact": dict(WindowCenter=600, WindowWidth=1000, VOILUTFunction="LINEAR_EXACT"),
    "sigmoid": dict(WindowCenter=600, WindowWidth=1000, VOILUTFunction="SIGMOID"),
    "in Hounsfield units": dict(WindowCenter=40, WindowWidth=400, RescaleSlope=2, RescaleIntercept=-1024),
    "the first of two": dict(WindowCenter=[600, 40], WindowWidth=[1000, 80]),
}


@pytest.mark.parametrize("kind", ["MONOCHROME2", "MONOCHROME1"])
@pytest.mark.parametrize("case", OWN)
def test_a_dicom_file_is_shown_as_pydicom_shows_it(folder_of, case, kind):
    from pydicom.pixels import apply_modality_lut, apply_windowing

    values = RAMP[:, :48].copy()
    data = dicom(values, kind, bits=12, **OWN[case])
    ds = pydicom.dcmread(io.BytesIO(data))
    theirs = apply_windowing(apply_modality_lut(ds.pixel_array, ds), ds).astype(float)
    # pydicom's black and white are the ends of what 12 bits can be
    slope, intercept = float(ds.get("RescaleSlope", 1)), float(ds.get("RescaleIntercept", 0))
    want = (theirs - intercept) / (slope * 4095) * 255
    found = shown(folder_of, data, "file").astype(float)
    assert np.abs((255 - found if kind == "MONOCHROME1" else found) - want).max() <= 0.51


def test_a_window_that_is_said_is_in_the_units_of_the_file(folder_of):
    values = (np.arange(48 * 48) - 1000).astype(np.int16).reshape(48, 48)
    data = dicom(values, WindowCenter=0, WindowWidth=2, RescaleSlope=2, RescaleIntercept=10)
    want = np.clip((values * 2.0 + 10 + 160) / 400, 0, 1) * 255
    assert np.abs(shown(folder_of, data, "-160,240") - want).max() <= 0.5


def test_colours_of_dicom_stay_and_of_several_frames_the_first_is_said(folder_of):
    rgb = np.random.default_rng(1).integers(0, 255, (10, 12, 3), np.uint8)
    assert (shown(folder_of, dicom(rgb, "RGB", bits=8), "file") == rgb).all()
    many = dicom(np.stack([RAMP, RAMP + 9]), frames=2)
    with pytest.warns(UserWarning, match=r"of 1 DICOM files with several frames only the first is read: x/b.dcm"):
        assert (shown(folder_of, many, (0, 255), "b.dcm") == np.clip(RAMP, 0, 255)).all()


def test_without_a_window_a_dicom_file_is_refused_with_the_way_out(folder_of):
    root = folder_of({"x/a.dcm": dicom(RAMP), "x/b.jpg": None})
    source = read(root, "pictures")
    assert [r.uri for r in source.records()] == ["x/b.jpg"]
    assert "a.dcm is a DICOM file" in source.findings()[0] and "window=LOW,HIGH" in source.findings()[0]


@pytest.mark.parametrize("said", ["auto", "1", (5, 5), (9, 1), "a,b", None, (0, float("nan")), [1, 2, 3]])
def test_a_window_is_two_numbers_or_that_of_the_file(said):
    with pytest.raises(BadInput, match="window=LOW,HIGH"):
        Window.of(said)


def test_bad_dicom_files_stop_nothing(folder_of):
    whole, good = dicom(RAMP), dicom(RAMP, WindowCenter=600, WindowWidth=1000)
    deflated = whole.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99")
    jpeg = whole.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.4.80")
    files = {"x/none.dcm": whole, "x/cut.dcm": good[:900], "x/deflated.dcm": deflated, "x/jpegls.dcm": jpeg,
             "x/width.dcm": dicom(RAMP, WindowCenter=600, WindowWidth=0), "x/deep.png": saved(RAMP),
             "x/mark.dcm": bytes(128) + b"DICM", "x/ok.dcm": good}  # fmt: skip
    source = read(folder_of(files), "pictures", window="file")
    assert [r.uri for r in source.records()] == ["x/ok.dcm"] and len(source.findings()) == 7
    said = "\n".join(source.findings())
    for word in ("none.dcm has no window of its own", "deflated", "width.dcm has no window", "only DICOM files have"):
        assert word in said, word


def test_annotations_and_class_folders_go_with_the_window_and_other_formats_say_that_they_do_not(folder_of):
    folder = folder_of({"images/a.png": saved(RAMP), "a.json": coco_of("a.png")})
    source = read(folder, window=(0, 3071))
    (r,) = source.records()
    assert source.format == "coco" and source.about["window"] == "0,3071" and len(r.boxes) == 1
    assert (np.asarray(Image.open(io.BytesIO(r.image))) == shown_flat(RAMP)).all()
    assert source.fingerprint not in {read(folder).fingerprint, read(folder, window=(0, 99)).fingerprint}
    table = folder_of({"t.csv": "a,b\n1,2\n"}, "table")
    with pytest.raises(BadInput, match="window= has no effect"):
        list(read(table / "t.csv", "table", window=(0, 1)).records())
    with pytest.raises(UnknownName, match="windw"):
        read(folder, windw=(0, 1))


def test_every_face_of_a_lab_sees_the_same_picture(folder_of, tmp_path):
    """Import, decode, training tensors and export: equal to the window by hand."""
    root = folder_of({f"{c}/{i}.dcm": dicom(RAMP + 100 * i, bits=12) for i, c in enumerate(("cat", "dog"))})
    lab = veml.open(tmp_path / "lab")
    v = lab.add("scans", read(root, window="100,2000"), progress=False)
    want = [np.round(np.clip((RAMP + 100.0 * i - 100) / 1900, 0, 1) * 255) for i in range(2)]
    for i, image in enumerate(v.images):
        assert (np.asarray(image)[..., 0] == want[i]).all()
        assert (v.to_torch()[i][0].numpy() == want[i]).all()
    assert v.facts.about["window"] == "100,2000"
    v.export(tmp_path / "out", "image_folder")
    files = sorted((tmp_path / "out").rglob("*.png"))
    assert [(np.asarray(Image.open(f)) == w).all() for f, w in zip(files, want)] == [True, True]
