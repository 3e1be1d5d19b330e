"""Every format that Pillow reads, in every depth: values kept, shades exact, upright, frames, bounded."""

import struct
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageSequence

from medmat_explorer.errors import ImageRefusedError
from medmat_explorer.media import Picture, Window, guard, inspect_image, open_image, open_picture, render
from medmat_explorer.media.browser_values import browser_values, describe

SKIMAGE = Path((find_spec("skimage") or pytest.skip("no scikit-image")).origin or "").parent / "data"
SHADES = np.arange(256, dtype=np.uint8).reshape(16, 16)


def save(folder: Path, name: str, image: Image.Image, **options: Any) -> Path:
    image.save(folder / name, **options)
    return Path(name)


def shades(picture: Picture, window: Window | None = None, invert: bool = False) -> list[int]:
    return np.asarray(render(picture, window, invert)).ravel().tolist()


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif", "a.gif", "a.pgm", "a.webp"])
def test_eight_bit_grey_is_kept_to_the_bit_in_every_format_without_loss(tmp_path: Path, name: str) -> None:
    options = {"lossless": True} if name.endswith("webp") else {}
    path = save(tmp_path, name, Image.fromarray(SHADES), **options)
    picture = open_picture(path, tmp_path)
    assert (picture.deep, picture.frames, picture.window) == (False, 1, Window(0, 255))
    assert np.array_equal(np.asarray(open_image(path, tmp_path))[..., 1], SHADES)


@pytest.mark.parametrize(("name", "quality"), [("a.jpg", 95), ("a.jp2", 0), ("a.webp", 95)])
def test_formats_with_loss_stay_close(tmp_path: Path, name: str, quality: int) -> None:
    colours = Image.merge("RGB", [Image.linear_gradient("L").rotate(90 * i) for i in range(3)])
    path = save(tmp_path, name, colours, **({"quality": quality} if quality else {}))
    opened = np.asarray(open_image(path, tmp_path)).astype(int)
    assert np.abs(opened - np.asarray(colours)).mean() < 3
    assert open_picture(path, tmp_path).colour


@pytest.mark.parametrize(
    ("mode", "pixel", "seen"),
    [
        ("1", 1, (255, 255, 255)),
        ("L", 77, (77, 77, 77)),
        ("LA", (80, 255), (80, 80, 80)),
        ("LA", (80, 0), (0, 0, 0)),
        ("RGB", (1, 2, 3), (1, 2, 3)),
        ("RGBA", (200, 100, 50, 255), (200, 100, 50)),
        ("RGBA", (200, 100, 50, 0), (0, 0, 0)),
        ("RGBA", (200, 100, 50, 51), (40, 20, 10)),
    ],
)
def test_every_mode_of_a_png_is_seen_as_rgb(tmp_path: Path, mode: str, pixel: Any, seen: tuple[int, ...]) -> None:
    path = save(tmp_path, "a.png", Image.new(mode, (2, 2), pixel))
    assert open_image(path, tmp_path).getpixel((1, 1)) == seen


def test_a_clear_colour_of_a_palette_is_black(tmp_path: Path) -> None:
    image = Image.new("P", (2, 1), 0)
    image.putpalette([10, 20, 30, 200, 210, 220])
    image.putpixel((1, 0), 1)
    path = save(tmp_path, "a.png", image, transparency=1)
    assert [open_image(path, tmp_path).getpixel((x, 0)) for x in (0, 1)] == [(10, 20, 30), (0, 0, 0)]


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr", "LAB"])
def test_other_colour_spaces_of_a_tiff_become_rgb(tmp_path: Path, mode: str) -> None:
    source = Image.new(mode, (4, 4), 100 if mode == "L" else (100, 120, 140, 0)[: 4 if mode == "CMYK" else 3])
    path = save(tmp_path, "a.tif", source)
    assert open_image(path, tmp_path).mode == "RGB"


@pytest.mark.parametrize(
    ("dtype", "name"),
    [
        (np.uint16, "a.png"),
        (np.uint16, "a.tif"),
        (np.int32, "a.tif"),
        (np.float32, "a.tif"),
        (np.dtype(">u2"), "a.pgm"),
    ],
)
def test_deep_values_are_kept_and_windowed_exactly(tmp_path: Path, dtype: Any, name: str) -> None:
    values = (np.arange(12).reshape(3, 4) * 500 + 1000).astype(dtype)
    if name == "a.pgm":
        (tmp_path / name).write_bytes(b"P5 4 3 65535\n" + values.tobytes())
    else:
        save(tmp_path, name, Image.fromarray(values))
    picture = open_picture(Path(name), tmp_path)
    assert picture.deep
    assert picture.pixels.tolist() == values.tolist()
    assert (picture.low, picture.high, picture.window) == (1000, 6500, Window(1000, 6500))
    line = [int(255 * (value - 1000) / 5500 + 0.5) for value in values.ravel().tolist()]
    assert shades(picture) == line
    assert shades(picture, invert=True) == [255 - shade for shade in line]
    assert shades(picture, Window(2000, 4000)) == [0, 0, 0, 64, 128, 191, 255, 255, 255, 255, 255, 255]


def test_a_tiff_whose_white_is_zero_is_turned_round_in_sixteen_bits_too(tmp_path: Path) -> None:
    import tifffile

    values = np.array([[0, 30_000, 60_000]], np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", values, photometric="miniswhite")
    picture = open_picture(Path("a.tif"), tmp_path)
    assert (picture.inverted, shades(picture)) == (True, [255, 127, 0])
    assert open_image(Path("a.tif"), tmp_path).getpixel((0, 0)) == (255, 255, 255)


def test_what_is_no_number_in_a_floating_point_picture_does_no_harm(tmp_path: Path) -> None:
    values = np.array([[np.nan, 1.0, 3.0, np.inf, -np.inf]], np.float32)
    path = save(tmp_path, "a.tif", Image.fromarray(values))
    picture = open_picture(path, tmp_path)
    assert (picture.low, picture.high) == (0.0, 3.0)
    assert shades(picture)[1:3] == [85, 255]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "deep.tif"])
def test_every_orientation_of_exif_is_turned_upright(tmp_path: Path, name: str, orientation: int) -> None:
    """A picture whose upper left quarter is bright, stored turned; it must come back as it was."""
    upright = np.zeros((16, 32), np.uint8)
    upright[:8, :16] = 200
    turn = {2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM}
    turn |= {5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE}
    turn |= {8: Image.Transpose.ROTATE_270}
    stored = Image.fromarray(upright)
    if orientation in turn:
        stored = stored.transpose(turn[orientation])
    if name == "deep.tif":
        stored = Image.fromarray(np.asarray(stored).astype(np.uint16) * 100)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path, name, stored, exif=exif)
    picture = open_picture(path, tmp_path)
    assert (picture.width, picture.height) == (32, 16)
    assert np.abs(np.asarray(render(picture)).astype(int) - upright * (255 / 200 if picture.deep else 1)).max() < 12
    facts = inspect_image(path, tmp_path)
    assert (facts.width, facts.height) == (32, 16)


def test_frames_of_tiff_gif_and_webp_are_opened_one_by_one(tmp_path: Path) -> None:
    frames = [Image.new("L", (8, 6), 40 * i) for i in range(4)]
    for name, options in {"a.tif": {}, "a.gif": {}, "a.webp": {"lossless": True}}.items():
        path = save(tmp_path, name, frames[0], save_all=True, append_images=frames[1:], **options)
        opened = [open_picture(path, tmp_path, frame) for frame in range(4)]
        assert [picture.frames for picture in opened] == [4] * 4
        assert [render(picture).convert("L").getpixel((3, 3)) for picture in opened] == [0, 40, 80, 120]
        assert open_image(path, tmp_path).getpixel((0, 0)) == (0, 0, 0)
        with pytest.raises(ImageRefusedError, match="has 4 frames; there is no frame 5") as refusal:
            open_picture(path, tmp_path, 4)
        assert refusal.value.reason == "no-such-frame"


def test_a_stack_of_deep_pages_has_one_window_for_all(tmp_path: Path) -> None:
    pages = [Image.fromarray(np.full((4, 4), 1000 * i, np.uint16)) for i in range(5)]
    path = save(tmp_path, "a.tif", pages[0], save_all=True, append_images=pages[1:])
    opened = [open_picture(path, tmp_path, frame) for frame in range(5)]
    assert {picture.window for picture in opened} == {Window(0, 4000)}
    assert [shades(picture)[0] for picture in opened] == [0, 64, 128, 191, 255]


def test_the_pictures_that_scikit_image_carries_are_what_pillow_says() -> None:
    names = sorted(path.name for path in SKIMAGE.glob("*.*") if path.suffix in {".png", ".jpg", ".gif", ".tif"})
    opened, refused = [], []
    for name in names:
        try:
            picture = open_picture(Path(name), SKIMAGE)
        except ImageRefusedError:
            refused.append(name)
            continue
        with Image.open(SKIMAGE / name) as image:
            assert (picture.width, picture.height) == image.size
            assert picture.frames == len(list(ImageSequence.Iterator(image)))
        opened.append(name)
    assert refused == ["multipage_rgb.tif"]  # 64-bit floating point colour
    assert {"astronaut.png", "retina.jpg", "multipage.tif", "no_time_for_that_tiny.gif"} <= set(opened)


@pytest.mark.parametrize("name", ["camera.png", "retina.jpg", "multipage.tif", "no_time_for_that_tiny.gif"])
def test_a_file_cut_off_anywhere_is_refused_or_shown_and_never_worse(tmp_path: Path, name: str) -> None:
    whole = (SKIMAGE / name).read_bytes()
    for share in range(20):
        (tmp_path / name).write_bytes(whole[: len(whole) * share // 20])
        assert inspect_image(Path(name), tmp_path).state in {"ok", "unreadable"}
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    if name in {"camera.png", "retina.jpg"}:
        assert inspect_image(Path(name), tmp_path).reason == "unreadable"


def test_a_picture_that_only_says_it_is_huge_is_refused_before_decoding(tmp_path: Path) -> None:
    stream = BytesIO()
    Image.new("L", (8, 8)).save(stream, "PNG")
    bomb = bytearray(stream.getvalue())
    bomb[16:24] = struct.pack(">II", 60_000, 60_000)
    import zlib

    bomb[29:33] = struct.pack(">I", zlib.crc32(bytes(bomb[12:29])))
    (tmp_path / "a.png").write_bytes(bomb)
    assert inspect_image(Path("a.png"), tmp_path).reason == "too-large"


def test_a_stack_with_too_many_frames_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [Image.new("L", (100, 100), i) for i in range(5)]
    path = save(tmp_path, "a.gif", frames[0], save_all=True, append_images=frames[1:])
    monkeypatch.setattr(guard, "MOST_PIXELS_OF_ALL_FRAMES", 49_999)
    with pytest.raises(ImageRefusedError, match="has 5 frames of 100 x 100 pixels") as refusal:
        open_picture(path, tmp_path)
    assert refusal.value.reason == "too-large"


def test_numbers_for_the_browser_are_exact_up_to_sixteen_bits(tmp_path: Path) -> None:
    values = np.array([[-3000, 0, 32_000]], np.int32)
    save(tmp_path, "deep.tif", Image.fromarray(values))
    sent = browser_values(open_picture(Path("deep.tif"), tmp_path))
    assert (sent.bits, sent.exact) == (16, True)
    assert (sent.offset + sent.step * sent.numbers.astype(float)).tolist() == values.tolist()
    save(tmp_path, "wide.tif", Image.fromarray(np.array([[-(10**6), 10**6]], np.int32)))
    wide = browser_values(open_picture(Path("wide.tif"), tmp_path))
    assert (wide.exact, wide.numbers.tolist()) == (False, [[0, 65535]])
    assert wide.offset + wide.step * 65535 == pytest.approx(10**6)


def test_a_picture_is_described_in_words(tmp_path: Path) -> None:
    save(tmp_path, "deep.png", Image.fromarray(np.array([[1, 9]], np.uint16)))
    save(tmp_path, "plain.jpg", Image.new("RGB", (5, 4)))
    kinds = [describe(open_picture(Path(name), tmp_path)) for name in ("deep.png", "plain.jpg")]
    assert [(each["kind"], each["deep"], each["window"]) for each in kinds] == [
        ("PNG, 16-bit grey", True, [1.0, 9.0]),
        ("JPEG, 8-bit colour", False, [0.0, 255.0]),
    ]
