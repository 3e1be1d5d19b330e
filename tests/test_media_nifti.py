"""NIfTI volumes, slice by slice: the right way up, with their own scale; bounded; and without nibabel, a sentence."""

import gzip
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medmat_explorer.errors import ImageRefusedError
from medmat_explorer.media import Picture, Window, guard, inspect_image, open_image, open_picture, render
from tests.conftest import ROOT
from tests.picture_folder import nifti_bytes

nibabel = pytest.importorskip("nibabel")
RIGHT, FRONT, HEAD = (5, 6, 7)
"""A bright voxel lies where the patient's right, front and head are, in a volume of this many voxels a side."""


def volume() -> Any:
    """Voxels run from left to right, back to front, feet to head; marked at the right, the front and the head."""
    values = np.zeros((RIGHT, FRONT, HEAD), np.int16)
    values[RIGHT - 1, FRONT - 1, :] = 1000
    values[:, :, HEAD - 1] += 500
    return values


def opened(folder: Path, data: bytes, frame: int | None = None, name: str = "a.nii") -> Picture:
    (folder / name).write_bytes(data)
    return open_picture(Path(name), folder, frame)


def refusal_of(folder: Path, data: bytes) -> ImageRefusedError:
    with pytest.raises(ImageRefusedError) as refusal:
        opened(folder, data)
    return refusal.value


@pytest.mark.parametrize("packed", [False, True])
def test_slices_go_from_feet_to_head_and_the_patients_right_is_on_the_left(tmp_path: Path, packed: bool) -> None:
    data = nifti_bytes(volume(), packed=packed)
    middle = opened(tmp_path, data)
    assert (middle.width, middle.height, middle.frames, middle.frame) == (RIGHT, FRONT, HEAD, HEAD // 2)
    assert middle.pixels[0].tolist() == [1000, 0, 0, 0, 0]
    assert middle.pixels[1:].max() == 0
    assert opened(tmp_path, data, HEAD - 1).pixels.min() == 500
    assert middle.mode == "NIfTI int16"


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 0, 1), (1, 2, 0), (2, 1, 0)])
@pytest.mark.parametrize("flips", [(1, 1, 1), (-1, 1, 1), (1, -1, -1), (-1, -1, -1)])
def test_however_a_volume_is_stored_it_is_shown_the_same(
    tmp_path: Path, axes: tuple[int, ...], flips: tuple[int, ...]
) -> None:
    straight = nibabel.Nifti1Image(volume(), np.eye(4))
    turned = straight.as_reoriented(np.array([[axis, flip] for axis, flip in zip(axes, flips, strict=True)]))
    for frame in (0, 3, HEAD - 1):
        wanted = opened(tmp_path, straight.to_bytes(), frame).pixels
        assert np.array_equal(opened(tmp_path, turned.to_bytes(), frame).pixels, wanted)


def test_the_headers_scale_and_window_are_used(tmp_path: Path) -> None:
    image = nibabel.Nifti1Image(np.arange(60, dtype=np.int16).reshape(3, 4, 5), np.eye(4))
    image.header["cal_min"], image.header["cal_max"] = -5, 5
    data = bytearray(image.to_bytes())
    data[112:120] = struct.pack("<ff", 0.5, -10)
    picture = opened(tmp_path, bytes(data))
    assert (picture.slope, picture.intercept, picture.window) == (0.5, -10, Window(-5, 5))
    assert (picture.low, picture.high) == (-10, 19.5)


def test_without_a_window_the_bulk_of_the_values_is_shown(tmp_path: Path) -> None:
    values = np.arange(8000, dtype=np.int16).reshape(20, 20, 20)
    values[0, 0, 0] = 32_000
    window = opened(tmp_path, nifti_bytes(values)).window
    assert (window.low, window.high) == (float(int(window.low)), float(int(window.high)))
    assert 0 <= window.low < 200
    assert 7500 < window.high < 8100


def test_a_series_is_one_volume_after_the_other(tmp_path: Path) -> None:
    values = np.zeros((4, 4, 3, 2), np.int16)
    values[..., 1] = 7
    picture = opened(tmp_path, nifti_bytes(values), 3)
    assert (picture.frames, picture.pixels.max(), picture.pixels.min()) == (6, 7, 7)


def test_floats_colours_big_ends_planes_and_the_second_version_are_read(tmp_path: Path) -> None:
    plane = opened(tmp_path, nifti_bytes(np.arange(12, dtype=np.float32).reshape(3, 4)))
    assert (plane.frames, plane.width, plane.height, plane.pixels.max()) == (1, 3, 4, 11)
    colours = np.zeros((3, 4, 2), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    colours["G"] = 200
    assert opened(tmp_path, nifti_bytes(colours)).pixels[0, 0].tolist() == [0, 200, 0]
    second = nibabel.Nifti2Image(volume(), np.eye(4)).to_bytes()
    assert opened(tmp_path, second).pixels.max() == 1000
    big = nibabel.Nifti1Image(volume(), np.eye(4), nibabel.Nifti1Header(endianness=">")).to_bytes()
    assert opened(tmp_path, big).pixels[0].tolist() == [1000, 0, 0, 0, 0]
    assert nibabel is not None


@pytest.mark.parametrize("name", ["anatomical.nii", "functional.nii", "example4d.nii.gz", "example_nifti2.nii.gz"])
def test_real_files_show_what_nibabel_says(name: str) -> None:
    folder = Path(nibabel.__file__).parent / "tests" / "data"
    straight = nibabel.as_closest_canonical(nibabel.load(folder / name))
    values = np.asarray(straight.dataobj)
    values = values.reshape(*values.shape[:3], -1)
    for frame in (0, 1, values.shape[2] - 1):
        picture = open_picture(Path(name), folder, frame)
        wanted = values[::-1, ::-1, frame, 0].T
        assert np.allclose(picture.pixels * picture.slope + picture.intercept, wanted, rtol=1e-5, atol=1e-3)
        assert picture.frames == values.shape[2] * values.shape[3]
    assert open_image(Path(name), folder).size == (values.shape[0], values.shape[1])


def test_inspection_says_what_a_volume_is(tmp_path: Path) -> None:
    (tmp_path / "a.nii.gz").write_bytes(nifti_bytes(volume(), packed=True))
    facts = inspect_image(Path("a.nii.gz"), tmp_path)
    assert (facts.state, facts.width, facts.height, facts.mode) == ("ok", RIGHT, FRONT, "NIfTI int16")


def test_what_unpacks_to_too_much_or_only_says_so_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = bytearray(nifti_bytes(volume()))
    whole[42:48] = struct.pack("<hhh", 9000, 9000, 30)
    assert refusal_of(tmp_path, bytes(whole)).reason == "unreadable"  # there are not as many bytes
    monkeypatch.setattr(guard, "MOST_INFLATED", 1 << 20)
    bomb = gzip.compress(nifti_bytes(volume()) + bytes(40 << 20))
    assert len(bomb) < 100_000
    assert str(refusal_of(tmp_path, bomb)) == "'a.nii' unpacks to more than 1 MiB."


def test_broken_files_are_refused(tmp_path: Path) -> None:
    whole = nifti_bytes(volume(), packed=True)
    for share in range(1, 16):
        (tmp_path / "a").write_bytes(whole[: len(whole) * share // 16])
        assert inspect_image(Path("a"), tmp_path).state == "unreadable"
    plain = nifti_bytes(volume())
    pair = plain[:344] + b"ni1\0" + plain[348:]
    assert "convert it to one .nii file" in str(refusal_of(tmp_path, pair))
    assert "complex numbers" in str(refusal_of(tmp_path, nifti_bytes(np.zeros((2, 2, 2), np.complex64))))
    assert refusal_of(tmp_path, gzip.compress(b"something else")).reason == "unreadable"


def test_without_nibabel_a_sentence_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "a.nii").write_bytes(nifti_bytes(volume()))
    code = (
        "import sys; sys.modules['nibabel'] = None\n"
        "from pathlib import Path\n"
        "from medmat_explorer.media import inspect_image, open_image\n"
        f"folder = Path({str(tmp_path)!r})\n"
        "print(inspect_image(Path('a.nii'), folder).reason)\n"
        "try: open_image(Path('a.nii'), folder)\n"
        "except Exception as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    reason, sentence = done.stdout.strip().splitlines()
    assert reason == "needs-nibabel"
    assert sentence == ("'a.nii' is a NIfTI volume; to see it, install nibabel: pip install medmat-explorer[nifti].")


def test_a_slice_is_shaded_through_a_window(tmp_path: Path) -> None:
    picture = opened(tmp_path, nifti_bytes(volume()), HEAD - 1)
    assert np.asarray(render(picture, Window(0, 1500)))[0].tolist() == [255, 85, 85, 85, 85]
