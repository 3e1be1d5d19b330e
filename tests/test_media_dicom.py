"""DICOM pictures: values, windows and colours as the standard says, and files that mean harm."""

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi_lut
from pydicom.pixels.utils import pixel_array
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, JPEGBaseline8Bit, RLELossless

from medmat_explorer.errors import ImageRefusedError
from medmat_explorer.media import ImageFacts, Picture, Window, guard, inspect_image, open_image, open_picture, render
from medmat_explorer.media.browser_values import browser_values
from tests.picture_folder import ct_ramp, dicom_bytes, dicom_sample, stack

RAMP = np.arange(0, 4096, 64, dtype=np.uint16).reshape(4, 16)


def opened(folder: Path, data: bytes, frame: int | None = None, name: str = "a.dcm") -> Picture:
    (folder / name).write_bytes(data)
    return open_picture(Path(name), folder, frame)


def refused(folder: Path, data: bytes, frame: int | None = None) -> ImageRefusedError:
    with pytest.raises(ImageRefusedError) as refusal:
        opened(folder, data, frame)
    return refusal.value


def shades(picture: Picture, *window: float, invert: bool = False) -> list[int]:
    return np.asarray(render(picture, Window(*window) if window else None, invert)).ravel().tolist()


def changed(data: bytes, **words: Any) -> bytes:
    dataset, stream = dcmread(BytesIO(data)), BytesIO()
    for word, value in words.items():
        setattr(dataset, word, value)
    dataset.save_as(stream)
    return stream.getvalue()


def linear(values: Any, centre: float, width: float) -> list[int]:
    """The standard's formula, word for word (PS3.3 C.11.2.1.2.1), rounded half up."""
    found = []
    for x in np.asarray(values).ravel().tolist():
        if x <= centre - 0.5 - (width - 1) / 2:
            y = 0.0
        elif x > centre - 0.5 + (width - 1) / 2:
            y = 255.0
        else:
            y = ((x - (centre - 0.5)) / (width - 1) + 0.5) * 255
        found.append(int(y + 0.5))
    return found


def test_hounsfield_units_and_the_headers_window(tmp_path: Path) -> None:
    picture = opened(tmp_path, ct_ramp())
    values = [-1000 + 32 * i for i in range(64)]
    assert (picture.unit, picture.low, picture.high) == ("HU", -1000, 1016)
    assert (picture.pixels[0] * picture.slope + picture.intercept).tolist() == values
    assert picture.window == Window(-160, 239)
    assert shades(picture)[:64] == linear(values, 40, 400)
    assert shades(picture, -1350, 149)[:64] == linear(values, -600, 1500)
    sent = browser_values(picture)
    assert (sent.offset + sent.step * sent.numbers[0].astype(float)).tolist() == values


def test_slope_intercept_and_their_signs(tmp_path: Path) -> None:
    picture = opened(tmp_path, dicom_bytes(RAMP, RescaleSlope="-0.5", RescaleIntercept="10"))
    assert (picture.low, picture.high) == (10 - 0.5 * 4032, 10)
    assert shades(picture)[0] == 255
    assert shades(picture)[-1] == 0
    sent = browser_values(picture)
    assert (sent.offset + sent.step * sent.numbers.astype(float)).tolist() == (10 - 0.5 * RAMP).tolist()


def test_small_values_of_monochrome1_are_bright(tmp_path: Path) -> None:
    window = {"WindowCenter": 2048, "WindowWidth": 4096}
    two = opened(tmp_path, dicom_bytes(RAMP, **window))
    one = opened(tmp_path, dicom_bytes(RAMP, PhotometricInterpretation="MONOCHROME1", **window))
    assert shades(one) == [255 - shade for shade in shades(two)]
    assert shades(one, invert=True) == shades(two)
    assert open_image(Path("a.dcm"), tmp_path).getpixel((0, 0)) == (255, 255, 255)


def test_of_several_windows_the_first_is_used(tmp_path: Path) -> None:
    data = dicom_bytes(RAMP, WindowCenter=["1000", "40"], WindowWidth=["201", "400"])
    assert opened(tmp_path, data).window == Window(899.5, 1099.5)


def test_an_exact_window_and_one_without_sense(tmp_path: Path) -> None:
    exact = dicom_bytes(RAMP, WindowCenter=1000, WindowWidth=200, VOILUTFunction="LINEAR_EXACT")
    assert opened(tmp_path, exact).window == Window(900, 1100)
    senseless = dicom_bytes(RAMP, WindowCenter=1000, WindowWidth=0)
    assert opened(tmp_path, senseless).window == Window(0, 4032)


def test_a_sigmoid_window_is_the_standards_curve(tmp_path: Path) -> None:
    words = {"WindowCenter": 2000, "WindowWidth": 1000, "VOILUTFunction": "SIGMOID", "BitsStored": 12, "HighBit": 11}
    picture = opened(tmp_path, dicom_bytes(RAMP, **words))
    wanted = 255 / (1 + np.exp(-4 * (RAMP.astype(float) - 2000) / 1000))
    assert np.abs(np.asarray(render(picture)) - wanted).max() <= 1


def test_a_table_of_values_of_interest_is_followed(tmp_path: Path) -> None:
    table = Dataset()
    table.LUTDescriptor = [4096, 0, 16]
    table.LUTData = (65535 * (np.arange(4096) / 4095) ** 0.5).astype("<u2").tobytes()
    data = dicom_bytes(RAMP, VOILUTSequence=[table], BitsStored=12, HighBit=11)
    picture = opened(tmp_path, data)
    wanted = apply_voi_lut(RAMP, dcmread(BytesIO(data))) / 257
    assert picture.window == Window(0, 4095)
    assert np.abs(np.asarray(render(picture)) - wanted).max() <= 6  # the first steps of a root are steep
    assert np.abs(np.asarray(render(picture)) - wanted).mean() < 1


def test_a_modalitys_table_gives_the_values(tmp_path: Path) -> None:
    table = Dataset()
    table.LUTDescriptor = [4096, 0, 16]
    table.LUTData = (np.arange(4096)[::-1] * 3).astype("<u2").tobytes()
    table.ModalityLUTType = "OD"
    data = dicom_bytes(RAMP, ModalityLUTSequence=[table], RescaleIntercept=None)
    picture = opened(tmp_path, data)
    assert picture.pixels.tolist() == apply_modality_lut(RAMP, dcmread(BytesIO(data))).tolist()
    assert (picture.low, picture.high) == (3 * (4095 - 4032), 3 * 4095)


def test_padding_is_left_out_of_the_range(tmp_path: Path) -> None:
    pixels = RAMP.astype(np.int16)
    pixels[0] = -2000
    assert opened(tmp_path, dicom_bytes(pixels, PixelPaddingValue=-2000)).window == Window(1024, 4032)


def test_an_enhanced_file_gives_each_frame_its_own_scale_and_window(tmp_path: Path) -> None:
    groups = []
    for frame in range(2):
        scale, window, group = Dataset(), Dataset(), Dataset()
        scale.RescaleSlope, scale.RescaleIntercept, scale.RescaleType = 2, -100 * frame, "HU"
        window.WindowCenter, window.WindowWidth = 50 + frame, 101
        group.PixelValueTransformationSequence, group.FrameVOILUTSequence = [scale], [window]
        groups.append(group)
    data = dicom_bytes(np.stack([RAMP, RAMP]), PerFrameFunctionalGroupsSequence=groups)
    second = opened(tmp_path, data, 1)
    assert (second.slope, second.intercept, second.unit, second.window) == (2, -100, "HU", Window(0.5, 100.5))
    assert opened(tmp_path, data, 0).intercept == 0


def test_frames_are_opened_one_by_one_through_one_window(tmp_path: Path) -> None:
    pictures = [opened(tmp_path, stack(), frame, "stack") for frame in range(5)]
    assert [picture.frames for picture in pictures] == [5] * 5
    assert {picture.window for picture in pictures} == {Window(0, 4000)}
    assert [shades(picture)[0] for picture in pictures] == [0, 64, 128, 191, 255]
    assert refused(tmp_path, stack(), 5).reason == "no-such-frame"


@pytest.mark.parametrize("name", ["scan.dcm", "scan", "scan.jpg", "scan.png"])
def test_it_is_known_by_its_content_and_not_by_its_name(tmp_path: Path, name: str) -> None:
    assert opened(tmp_path, dicom_sample("CT_small.dcm"), name=name).mode == "DICOM MONOCHROME2 16-bit"
    bare = dicom_sample("CT_small.dcm")[132:]
    assert opened(tmp_path, bare, name=name).unit == "HU"


def test_inspection_says_what_a_dicom_file_is(tmp_path: Path) -> None:
    (tmp_path / "a.dcm").write_bytes(ct_ramp())
    facts = inspect_image(Path("a.dcm"), tmp_path)
    assert (facts.state, facts.width, facts.height, facts.mode) == ("ok", 64, 64, "DICOM MONOCHROME2 16-bit")
    assert facts.look is not None
    (tmp_path / "plan.dcm").write_bytes(dicom_sample("rtplan.dcm"))
    plan = inspect_image(Path("plan.dcm"), tmp_path)
    assert plan == ImageFacts("unreadable", sha256=plan.sha256, reason="no-picture")


MONOCHROME = [
    "CT_small.dcm",
    "MR_small.dcm",
    "MR_small_RLE.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_expb.dcm",
    "MR_small_implicit.dcm",
    "MR_small_jp2klossless.dcm",
    "MR_small_padded.dcm",
    "693_J2KI.dcm",
    "JPEG2000.dcm",
    "examples_overlay.dcm",
    "image_dfl.dcm",
    "liver_1frame.dcm",
    "rtdose.dcm",
    "rtdose_rle.dcm",
]
COLOUR = [
    "SC_rgb_rle.dcm",
    "SC_rgb_rle_16bit.dcm",
    "SC_rgb_dcmtk_+eb+cr.dcm",
    "SC_rgb_dcmtk_+eb+cy+np.dcm",
    "SC_rgb_jpeg_dcmtk.dcm",
    "SC_rgb_jpeg_lossy_gdcm.dcm",
    "SC_rgb_small_odd.dcm",
    "SC_ybr_full_422_uncompressed.dcm",
    "examples_rgb_color.dcm",
    "examples_ybr_color.dcm",
    "examples_jpeg2k.dcm",
    "ExplVR_BigEnd.dcm",
]


@pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's own, of the call to compare with
@pytest.mark.parametrize("name", MONOCHROME)
def test_values_of_real_files_are_those_that_pydicom_gives(tmp_path: Path, name: str) -> None:
    data = dicom_sample(name)
    picture, dataset = opened(tmp_path, data), dcmread(BytesIO(data))
    wanted = apply_modality_lut(pixel_array(dataset, index=0), dataset)
    assert np.array_equal(picture.pixels * picture.slope + picture.intercept, wanted)
    assert (picture.width, picture.height) == (dataset.Columns, dataset.Rows)
    if "WindowCenter" in dataset:
        centre, width = (float(np.ravel(dataset[word].value)[0]) for word in ("WindowCenter", "WindowWidth"))
        assert shades(picture) == linear(wanted, centre, width)


@pytest.mark.parametrize("name", COLOUR)
def test_colours_of_real_files_are_those_that_pydicom_gives(tmp_path: Path, name: str) -> None:
    data = dicom_sample(name)
    picture, dataset = opened(tmp_path, data), dcmread(BytesIO(data))
    wanted = pixel_array(dataset, index=0)
    assert picture.colour
    assert np.array_equal(picture.pixels, wanted >> (dataset.BitsStored - 8))


def test_chroma_becomes_colour(tmp_path: Path) -> None:
    """The test chart begins with a red bar; as YCbCr numbers it would be greenish."""
    red, green, blue = opened(tmp_path, dicom_sample("SC_ybr_full_422_uncompressed.dcm")).pixels[5, 50].tolist()
    assert red > 240 > 20 > max(green, blue)


def test_a_palette_becomes_colour(tmp_path: Path) -> None:
    data = dicom_sample("examples_palette.dcm")
    picture, dataset = opened(tmp_path, data), dcmread(BytesIO(data))
    wanted = apply_color_lut(pixel_array(dataset), dataset) >> 8
    assert np.array_equal(picture.pixels, wanted)
    assert np.ptp(picture.pixels, axis=2).max() > 50


@pytest.mark.parametrize(
    "name", ["SC_rgb_jpeg_gdcm.dcm", "MR_small_jpeg_ls_lossless.dcm", "JPEG-lossy.dcm", "JPGExtended.dcm"]
)
def test_what_only_other_libraries_decode_is_said_to_be_so(tmp_path: Path, name: str) -> None:
    refusal = refused(tmp_path, dicom_sample(name))
    assert refusal.reason == "needs-decoder"
    assert "is compressed as JPEG" in str(refusal)
    assert "convert it to uncompressed DICOM" in str(refusal)


def test_files_without_a_picture_or_with_half_a_header_are_refused_in_a_sentence(tmp_path: Path) -> None:
    assert str(refused(tmp_path, dicom_sample("test-SR.dcm"))) == "'a.dcm' is a DICOM file (SR) that holds no picture."
    assert "does not say Rows" in str(refused(tmp_path, dicom_bytes(RAMP, Rows=None)))
    assert "0 x 4" in str(refused(tmp_path, dicom_bytes(RAMP, Columns=0)))
    assert refused(tmp_path, dicom_sample("MR_truncated.dcm")).reason == "unreadable"


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small_RLE.dcm", "SC_rgb_jpeg_dcmtk.dcm", "image_dfl.dcm"])
def test_a_file_cut_off_anywhere_is_refused_or_shown_and_never_worse(tmp_path: Path, name: str) -> None:
    whole = dicom_sample(name)
    for share in range(24):
        (tmp_path / name).write_bytes(whole[: len(whole) * share // 24])
        assert inspect_image(Path(name), tmp_path).state in {"ok", "unreadable"}


def test_broken_length_fields_are_refused(tmp_path: Path) -> None:
    whole = bytearray(dicom_sample("CT_small.dcm"))
    draw = np.random.default_rng(0)
    for _ in range(120):
        broken = bytearray(whole)
        for place in draw.integers(132, 5000, 3):
            broken[place : place + 4] = bytes(draw.integers(0, 256, 4, np.uint8))
        (tmp_path / "a.dcm").write_bytes(broken)
        assert inspect_image(Path("a.dcm"), tmp_path).state in {"ok", "unreadable"}
    place = whole.index(b"\xe0\x7f\x10\x00OW") + 8
    whole[place : place + 4] = struct.pack("<I", 0xFFFFFFF0)
    (tmp_path / "a.dcm").write_bytes(whole)
    assert inspect_image(Path("a.dcm"), tmp_path).state in {"ok", "unreadable"}


def test_sizes_that_are_only_said_are_refused_before_decoding(tmp_path: Path) -> None:
    assert refused(tmp_path, dicom_bytes(RAMP, Rows=60_000, Columns=60_000)).reason == "too-large"
    assert refused(tmp_path, dicom_bytes(RAMP, NumberOfFrames=10**7)).reason == "too-large"
    assert refused(tmp_path, dicom_bytes(RAMP, Rows=9000, Columns=9000)).reason == "unreadable"


def deflated(inner: bytes) -> bytes:
    """A file whose data set is the raw deflate stream `inner`."""
    stream = BytesIO()
    dataset = dcmread(BytesIO(dicom_bytes(RAMP)))
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dataset.save_as(stream, enforce_file_format=True)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    plain = zlib.decompressobj(-15)
    whole = stream.getvalue()
    start = next(i for i in range(200, len(whole)) if _inflates(whole[i:]))
    head, data = whole[:start], plain.decompress(whole[start:])
    return head + packer.compress(data + inner) + packer.flush()


def _inflates(data: bytes) -> bool:
    try:
        return b"MONOCHROME2" in zlib.decompress(data, -15)
    except zlib.error:
        return False


def test_a_deflated_file_opens_and_a_deflated_bomb_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert opened(tmp_path, deflated(b"")).pixels.tolist() == RAMP.tolist()
    monkeypatch.setattr(guard, "MOST_INFLATED", 4 << 20)
    bomb = deflated(bytes(64 << 20))
    assert len(bomb) < 200_000
    assert str(refused(tmp_path, bomb)) == "'a.dcm' unpacks to more than 4 MiB."


def test_run_lengths_that_unpack_to_more_than_the_picture_are_refused(tmp_path: Path) -> None:
    dataset = dcmread(BytesIO(dicom_bytes(RAMP.astype(np.uint8))))
    dataset.file_meta.TransferSyntaxUID = RLELossless
    for runs, state in ((1, "ok"), (10**6, "unreadable")):
        coded = struct.pack("<16I", 1, 64, *[0] * 14) + b"\x81\x07" * runs  # 128 times the same byte each
        dataset.PixelData = encapsulate([coded])
        stream = BytesIO()
        dataset.save_as(stream)
        (tmp_path / "a.dcm").write_bytes(stream.getvalue())
        assert inspect_image(Path("a.dcm"), tmp_path).state == state
    assert refused(tmp_path, stream.getvalue()).reason == "too-large"


def test_a_frame_that_holds_another_picture_than_the_header_says_is_refused(tmp_path: Path) -> None:
    stream, saved = BytesIO(), BytesIO()
    Image.new("L", (4000, 4000)).save(stream, "JPEG")
    dataset = dcmread(BytesIO(dicom_bytes(RAMP.astype(np.uint8))))
    dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    dataset.PixelData = encapsulate([stream.getvalue()])
    dataset.save_as(saved)
    assert "says 16 x 4 pixels, but its frame holds 4000 x 4000" in str(refused(tmp_path, saved.getvalue()))


def test_a_file_that_forgot_its_transfer_syntax_is_guessed(tmp_path: Path) -> None:
    data = dicom_bytes(RAMP)
    dataset = dcmread(BytesIO(data))
    assert dataset.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    bare = data[data.index(b"\x08\x00\x16\x00UI") :]
    assert opened(tmp_path, bare).pixels.tolist() == RAMP.tolist()
    assert opened(tmp_path, changed(data, Modality="CT", RescaleIntercept="-1", RescaleSlope="1")).unit == "HU"
