"""Opening, inspecting and shrinking images that are not to be trusted."""

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from medmat_explorer.errors import ImageRefusedError
from medmat_explorer.media import ImageFacts, guard, inspect_image, open_image, opening
from medmat_explorer.media.thumbnails import Thumbnail, content_tag, thumbnail, trim_cache


def save(path: Path, image: Image.Image, **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)  # type: ignore[arg-type]
    return path


def refusal_of(path: Path, root: Path) -> str:
    with pytest.raises(ImageRefusedError) as refusal:
        open_image(path, root)
    return refusal.value.reason


def test_a_plain_picture_is_opened_by_its_relative_path(tmp_path: Path) -> None:
    save(tmp_path / "a" / "b.png", Image.new("RGB", (3, 2), (1, 2, 3)))
    image = open_image(Path("a/b.png"), tmp_path)
    assert (image.mode, image.size, image.getpixel((0, 0))) == ("RGB", (3, 2), (1, 2, 3))


def test_what_is_missing_outside_or_no_picture_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    secret = save(tmp_path / "secret.png", Image.new("L", (2, 2)))
    (root / "folder").mkdir(parents=True)
    (root / "link.png").symlink_to(secret)
    (root / "loop.png").symlink_to(root / "loop.png")
    (root / "text.png").write_text("not a picture")
    (root / "empty.png").write_bytes(b"")
    buffer = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(buffer, "PNG")
    (root / "cut.png").write_bytes(buffer.getvalue()[:-600])
    (root / "script.eps").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    reasons = {
        "gone.png": "missing",
        "folder": "missing",
        "folder/gone/x.png": "missing",
        "link.png": "outside",
        "../secret.png": "outside",
        "../gone.png": "outside",
        "loop.png": "unreadable",
        "text.png": "unreadable",
        "empty.png": "unreadable",
        "cut.png": "unreadable",
        "script.eps": "unreadable",
    }
    assert {name: refusal_of(Path(name), root) for name in reasons} == reasons
    assert refusal_of(secret, root) == "outside"


def test_too_many_pixels_or_bytes_are_refused_before_decoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path / "wide.png", Image.new("1", (11_000, 10_000)))
    assert refusal_of(Path("wide.png"), tmp_path) == "too-large"
    with (tmp_path / "heavy.png").open("wb") as stream:
        stream.truncate(guard.MOST_BYTES + 1)
    assert refusal_of(Path("heavy.png"), tmp_path) == "too-large"


def test_a_picture_is_turned_upright(tmp_path: Path) -> None:
    image = Image.new("RGB", (4, 2), "black")
    exif = Image.Exif()
    exif[0x0112] = 6
    save(tmp_path / "turned.jpg", image, exif=exif)
    assert open_image(Path("turned.jpg"), tmp_path).size == (2, 4)


def test_sixteen_bits_are_stretched_over_eight(tmp_path: Path) -> None:
    image = Image.new("I;16", (3, 1))
    for place, value in enumerate((1000, 2000, 3000)):
        image.putpixel((place, 0), value)
    save(tmp_path / "deep.png", image)
    opened = open_image(Path("deep.png"), tmp_path)
    assert [opened.getpixel((x, 0)) for x in range(3)] == [(0, 0, 0), (128, 128, 128), (255, 255, 255)]
    save(tmp_path / "flat.tif", Image.new("F", (2, 2), 7.0))
    assert open_image(Path("flat.tif"), tmp_path).getpixel((0, 0)) == (0, 0, 0)


def test_transparency_and_palettes_become_rgb(tmp_path: Path) -> None:
    save(tmp_path / "clear.png", Image.new("RGBA", (1, 1), (200, 100, 50, 0)))
    palette = Image.new("P", (1, 1), 0)
    palette.putpalette([10, 20, 30])
    save(tmp_path / "palette.png", palette)
    save(tmp_path / "grey.png", Image.new("LA", (1, 1), (80, 255)))
    found = {name: open_image(Path(f"{name}.png"), tmp_path).getpixel((0, 0)) for name in ("clear", "palette", "grey")}
    assert found == {"clear": (0, 0, 0), "palette": (10, 20, 30), "grey": (80, 80, 80)}


def test_inspection_says_what_a_file_is(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", Image.new("L", (5, 4), 9))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert inspect_image(Path("a.png"), tmp_path) == ImageFacts("ok", 5, 4, "L", digest)
    (tmp_path / "b.png").write_text("x")
    found = inspect_image(Path("b.png"), tmp_path)
    assert (found.state, found.reason, len(found.sha256)) == ("unreadable", "unreadable", 64)
    assert inspect_image(Path("c.png"), tmp_path) == ImageFacts("missing", reason="missing")
    assert inspect_image(Path("../c.png"), tmp_path) == ImageFacts("unreadable", reason="outside")


def test_pictures_that_look_alike_have_nearly_the_same_look(tmp_path: Path) -> None:
    picture = Image.linear_gradient("L").rotate(30)
    save(tmp_path / "a.png", picture)
    save(tmp_path / "b.jpg", picture.resize((200, 200)), quality=60)
    save(tmp_path / "c.png", Image.radial_gradient("L"))
    looks = [inspect_image(Path(name), tmp_path).look or 0 for name in ("a.png", "b.jpg", "c.png")]
    assert (looks[0] ^ looks[1]).bit_count() <= 4
    assert (looks[0] ^ looks[2]).bit_count() > 16


def test_a_thumbnail_is_small_webp_and_comes_from_the_cache_the_second_time(tmp_path: Path) -> None:
    root, cache = tmp_path / "root", tmp_path / "cache"
    path = save(root / "a.png", Image.new("RGB", (400, 200), "red"))
    made = thumbnail(Path("a.png"), root, cache, 64)
    data = made.data
    with Image.open(io.BytesIO(data)) as small:
        assert (small.format, small.size) == ("WEBP", (64, 32))
    (cached,) = cache.glob("*/*.webp")
    cached.write_bytes(b"kept")
    assert thumbnail(Path("a.png"), root, cache, 64) == Thumbnail(b"kept", made.tag)
    assert thumbnail(Path("a.png"), root, cache, 32).data != b"kept"
    save(path, Image.new("RGB", (400, 201), "blue"))
    changed = thumbnail(Path("a.png"), root, cache, 64)
    assert changed.data not in (b"kept", data)
    assert changed.tag != made.tag
    assert not list(cache.rglob("*.part"))


def test_two_paths_with_the_same_bytes_share_one_thumbnail(tmp_path: Path) -> None:
    root, cache = tmp_path / "root", tmp_path / "cache"
    first = save(root / "a.png", Image.new("RGB", (400, 200), "red"))
    (root / "b" / "c.jpg").parent.mkdir()
    (root / "b" / "c.jpg").write_bytes(first.read_bytes())
    made = [thumbnail(Path(name), root, cache, 64) for name in ("a.png", "b/c.jpg", "a.png")]
    assert made[0] == made[1] == made[2]
    assert len(list(cache.glob("*/*.webp"))) == 1
    assert content_tag(first) == hashlib.sha256(first.read_bytes()).hexdigest()


def test_a_file_that_changed_and_changed_back_finds_its_old_thumbnail(tmp_path: Path) -> None:
    root, cache = tmp_path / "root", tmp_path / "cache"
    made = []
    for colour in ("red", "blue", "red"):
        save(root / "a.png", Image.new("RGB", (400, 200), colour))
        made.append(thumbnail(Path("a.png"), root, cache, 64))
    assert made[0] == made[2] != made[1]
    assert len(list(cache.glob("*/*.webp"))) == 2


@pytest.mark.parametrize("name", ["photo.jpg", "scan.png", "clear.webp"])
def test_a_thumbnail_shows_what_the_picture_shows(tmp_path: Path, name: str) -> None:
    colours = Image.merge("RGB", [Image.linear_gradient("L").rotate(90 * i) for i in range(3)]).resize((900, 600))
    save(tmp_path / name, colours, quality=95)
    small = Image.open(io.BytesIO(thumbnail(Path(name), tmp_path, tmp_path / "cache", 160).data)).convert("RGB")
    assert small.size == (160, 107)
    wanted = open_image(Path(name), tmp_path).resize(small.size, Image.Resampling.BOX)
    off = ImageStat.Stat(ImageChops.difference(small, wanted)).mean
    assert max(off) < 4


def test_a_small_picture_is_not_enlarged(tmp_path: Path) -> None:
    save(tmp_path / "a.png", Image.new("RGB", (9, 5)))
    with Image.open(io.BytesIO(thumbnail(Path("a.png"), tmp_path, tmp_path / "cache", 64).data)) as small:
        assert small.size == (9, 5)


def test_a_cache_that_cannot_be_written_is_no_reason_to_show_nothing(tmp_path: Path) -> None:
    save(tmp_path / "a.png", Image.new("RGB", (9, 5)))
    (tmp_path / "cache").write_text("a file, not a folder")
    assert thumbnail(Path("a.png"), tmp_path, tmp_path / "cache").data.startswith(b"RIFF")


def test_the_cache_gives_up_what_was_used_longest_ago(tmp_path: Path) -> None:
    import os

    for age in range(10):
        path = tmp_path / "ab" / f"{age}.webp"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * 100)
        os.utime(path, (1000 - age, 1000 - age))
    trim_cache(tmp_path, 500)
    assert sorted(path.name for path in tmp_path.glob("*/*")) == ["0.webp", "1.webp", "2.webp", "3.webp"]
    trim_cache(tmp_path, 500)
    assert len(list(tmp_path.glob("*/*"))) == 4


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_broken_exif_only_leaves_a_picture_unturned(tmp_path: Path, name: str) -> None:
    save(tmp_path / name, Image.new("RGB", (4, 2), "white"), exif=b"Exif\x00\x00garbage, not a TIFF file")
    opened = open_image(Path(name), tmp_path)
    assert (opened.size, opened.getpixel((0, 0))) == ((4, 2), (255, 255, 255))
    found = inspect_image(Path(name), tmp_path)
    assert (found.state, found.width, found.height, found.reason) == ("ok", 4, 2, "")
    with Image.open(io.BytesIO(thumbnail(Path(name), tmp_path, tmp_path / "cache", 64).data)) as small:
        assert small.size == (4, 2)


def test_whatever_a_decoder_raises_is_a_refusal(tmp_path: Path) -> None:
    with (
        pytest.raises(ImageRefusedError, match="'a.png' cannot be decoded: odd") as refusal,
        opening.decoding(tmp_path / "a.png"),
    ):
        raise AttributeError("odd")
    assert refusal.value.reason == "unreadable"
    with pytest.raises(ImageRefusedError) as refusal:
        opening.read_rgb(tmp_path / "gone since.png")
    assert refusal.value.reason == "unreadable"
