"""Looking into a picture: window, zoom, invert and frames move the pixels as they should, and the address remembers."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Server, settled, start_server, stop_server
from tests.picture_folder import COLLECTION, make_collection

pytestmark = pytest.mark.e2e
HU = [-1000 + 32 * i for i in range(64)]
"""The values of a row of ct.dcm."""

SHADE = """(viewer, [column, row]) => {
    const { left, top, zoom, canvas } = viewer.viewer;
    const x = Math.floor(Math.round(left) + (column + 0.5) * zoom);
    const y = Math.floor(Math.round(top) + (row + 0.5) * zoom);
    return [...canvas.getContext("2d").getImageData(x, y, 1, 1).data.slice(0, 3)];
}"""
PLACE = """(viewer, [column, row]) => {
    const { left, top, zoom, canvas } = viewer.viewer;
    const box = canvas.getBoundingClientRect(), ratio = canvas.width / box.width;
    return [box.left + (left + (column + 0.5) * zoom) / ratio, box.top + (top + (row + 0.5) * zoom) / ratio];
}"""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    return make_collection(tmp_path_factory.mktemp("pictures"))


@pytest.fixture(scope="module")
def pictures_server(
    pictures: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    running = start_server(pictures[0], tmp_path_factory.mktemp("server") / "server.log")
    yield running
    stop_server(running)


@pytest.fixture
def look(page: Page, pictures_server: Server, pictures: tuple[Path, dict[str, str]]) -> Callable[..., Locator]:
    """Opens a picture by its file's name and waits until it, or its tile, is there."""

    def open_item(name: str, on: Page = page, **params: Any) -> Locator:
        query = "".join(f"&{word}={value}" for word, value in params.items())
        on.goto(f"{pictures_server.url}/browse?collection={COLLECTION}&item={pictures[1][name]}{query}")
        on.wait_for_selector(".viewer canvas[data-drawn], .viewer .tile:not([hidden])")
        settled(on)
        return on.locator(".viewer")

    return open_item


def shade(viewer: Locator, column: int, row: int = 8) -> int:
    """The red of a picture's pixel as it stands on the canvas."""
    return int(viewer.evaluate(SHADE, [column, row])[0])


def point(viewer: Locator, column: int, row: int = 8) -> tuple[float, float]:
    x, y = viewer.evaluate(PLACE, [column, row])
    return float(x), float(y)


def eventually(find: Callable[[], object], wanted: object) -> None:
    """Waits until `find` gives what is wanted."""
    deadline = time.monotonic() + 10
    while (found := find()) != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    assert found == wanted


def through(low: float, high: float, value: float) -> int:
    return int(255 * min(1, max(0, (value - low) / (high - low))) + 0.5)


def address(page: Page) -> dict[str, str]:
    """What the address says of the look."""
    found = parse_qs(str(page.evaluate("location.search")).removeprefix("?"))
    return {name: found[name][0] for name in ("frame", "low", "high", "invert") if name in found}


def test_a_dicom_files_window_shades_its_pixels_and_moves_them(look: Callable[..., Locator], page: Page) -> None:
    viewer = look("ct.dcm")
    columns = (0, 20, 28, 31, 34, 38, 63)
    assert [shade(viewer, column) for column in columns] == [through(-160, 239, HU[column]) for column in columns]
    expect(page.get_by_role("button", name="Soft tissue")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Lung").click()
    lung = [through(-1350, 149, HU[column]) for column in columns]
    eventually(lambda: [shade(viewer, column) for column in columns], lung)
    eventually(lambda: address(page), {"low": "-1350", "high": "149"})
    settled(page)
    page.reload()
    page.wait_for_selector(".viewer canvas[data-drawn]")
    eventually(lambda: [shade(viewer, column) for column in columns], lung)
    page.get_by_role("button", name="Reset").click()
    eventually(lambda: shade(viewer, 34), through(-160, 239, HU[34]))
    eventually(lambda: address(page), {})


def test_sliders_numbers_and_dragging_move_the_window(look: Callable[..., Locator], page: Page) -> None:
    viewer = look("ct.dcm")
    width = page.get_by_role("spinbutton", name="Window width, as a number")
    centre = page.get_by_role("spinbutton", name="Window centre, as a number")
    expect(centre).to_have_value("40")
    expect(width).to_have_value("400")
    width.fill("100")
    width.press("Enter")
    eventually(lambda: shade(viewer, 31), through(-10, 89, HU[31]))
    slider = page.get_by_role("slider", name="Window centre")
    slider.focus()
    slider.press("Home")
    eventually(lambda: shade(viewer, 10), 255)
    page.get_by_role("button", name="Reset").click()
    eventually(lambda: shade(viewer, 31), through(-160, 239, HU[31]))
    x, y = point(viewer, 32, 32)
    page.mouse.move(x, y)
    page.mouse.down(button="right")
    page.mouse.move(x + 40, y - 90, steps=4)
    page.mouse.up(button="right")
    assert float(centre.input_value()) < 0
    assert float(width.input_value()) > 450
    eventually(lambda: set(address(page)), {"low", "high"})
    for_left = shade(viewer, 31)
    page.keyboard.down("Shift")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 120, steps=4)
    page.mouse.up()
    page.keyboard.up("Shift")
    assert shade(viewer, 31) < for_left


def test_inverting_is_the_opposite_and_is_remembered(look: Callable[..., Locator], page: Page) -> None:
    viewer = look("ct.dcm")
    before = shade(viewer, 31)
    page.get_by_role("button", name="Invert").click()
    eventually(lambda: shade(viewer, 31), 255 - before)
    eventually(lambda: address(page), {"invert": "1"})
    page.go_back()
    eventually(lambda: shade(viewer, 31), before)
    viewer.locator(".stage").focus()
    page.keyboard.press("i")
    eventually(lambda: shade(viewer, 31), 255 - before)


def test_zoom_goes_to_the_pixel_and_says_its_value(look: Callable[..., Locator], page: Page) -> None:
    viewer = look("ct.dcm")
    zoom = viewer.locator(".zoom")
    page.get_by_role("button", name="1:1").click()
    expect(zoom).to_have_text("100 %")
    stage = viewer.locator(".stage")
    stage.focus()
    page.keyboard.press("0")
    fitted = zoom.inner_text()
    x, y = point(viewer, 40, 20)
    page.mouse.move(x, y)
    expect(viewer.locator(".readout")).to_have_text(f"x 40, y 20: {HU[40]} HU")
    page.mouse.move(*point(viewer, 3, 20))
    expect(viewer.locator(".readout")).to_have_text(f"x 3, y 20: −{-HU[3]} HU")
    page.mouse.move(x, y)
    for _ in range(12):
        page.mouse.wheel(0, -240)
    expect(zoom).to_have_text("6400 %")
    here = [round(part) for part in point(viewer, 40, 20)]
    assert abs(here[0] - x) < 40  # the pixel under the pointer stays under it
    assert abs(here[1] - y) < 40
    edges = viewer.evaluate(
        """viewer => { const { canvas } = viewer.viewer, { width, height } = canvas;
            const row = canvas.getContext("2d").getImageData(0, height / 2 | 0, width, 1).data;
            return new Set(Array.from({ length: width }, (_, i) => row[4 * i])).size; }"""
    )
    assert edges <= viewer.evaluate("viewer => Math.ceil(viewer.viewer.canvas.width / 64) + 1")  # no blur between
    before = viewer.evaluate("viewer => viewer.viewer.left")
    page.keyboard.press("ArrowRight")
    assert viewer.evaluate("viewer => viewer.viewer.left") < before
    page.mouse.dblclick(x, y)
    expect(zoom).to_have_text(fitted)


def test_the_frame_slider_shows_frames_and_the_address_names_them(look: Callable[..., Locator], page: Page) -> None:
    viewer = look("stack")
    slider = page.get_by_role("slider", name="Frame")
    expect(viewer.locator(".frames output")).to_have_text("1 of 5")
    assert shade(viewer, 4) == 0
    slider.focus()
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    eventually(lambda: shade(viewer, 4), through(0, 4000, 2000))
    expect(viewer.locator(".frames output")).to_have_text("3 of 5")
    eventually(lambda: address(page), {"frame": "3"})
    viewer.locator(".stage").focus()
    page.keyboard.press("PageDown")
    eventually(lambda: shade(viewer, 4), through(0, 4000, 3000))
    look("stack", frame=5)
    assert shade(viewer, 4) == 255
    look("stack", frame=99)
    assert shade(viewer, 4) == 0


def test_sixteen_bits_colours_and_volumes_are_looked_into_as_well(look: Callable[..., Locator], page: Page) -> None:
    viewer = look("deep.png")
    page.get_by_role("button", name="1:1").click()
    eventually(lambda: [shade(viewer, column) for column in (0, 100, 255)], [0, 100, 255])
    look("deep.png", low=0, high=10200)
    page.get_by_role("button", name="1:1").click()
    expect(viewer.locator(".zoom")).to_have_text("100 %")
    page.wait_for_timeout(100)
    assert [shade(viewer, column) for column in (0, 25, 51, 100)] == [0, 125, 255, 255]
    expect(page.get_by_role("button", name="Lung")).to_have_count(0)
    look("colour.png", invert=1)
    colours = viewer.evaluate(SHADE, [128, 10])
    look("colour.png")
    assert viewer.evaluate(SHADE, [128, 10]) == [255 - part for part in colours]
    look("volume.nii.gz")
    expect(viewer.locator(".frames output")).to_have_text("5 of 9")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gone.png", "image file is missing"),
        ("broken.png", "image file cannot be read"),
        ("lossless.dcm", "compressed in a way that is not decoded here"),
    ],
)
def test_where_there_is_no_picture_a_tile_says_why(look: Callable[..., Locator], name: str, words: str) -> None:
    viewer = look(name)
    expect(viewer.get_by_role("status")).to_contain_text(words)
    expect(viewer.get_by_role("status")).to_contain_text(name)
    expect(viewer.locator(".stage")).to_be_hidden()


def test_the_next_item_is_looked_at_afresh(look: Callable[..., Locator], page: Page) -> None:
    viewer = look("ct.dcm", low=0, high=10, invert=1)
    page.get_by_role("button", name="Next").click()
    eventually(lambda: address(page), {})
    eventually(lambda: viewer.evaluate("viewer => viewer.viewer.info && viewer.viewer.info.unit"), "")
    assert viewer.evaluate("viewer => viewer.viewer.look") == {
        "frame": None,
        "low": None,
        "high": None,
        "invert": False,
    }


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_is_cut_off_on_a_phone(look: Callable[..., Locator], new_page: Callable[..., Page], dark: bool) -> None:
    phone = new_page(width=390, height=900, dark=dark)
    viewer = look("ct.dcm", on=phone)
    width = phone.evaluate("innerWidth")
    for part in viewer.locator("button, input, .stage, .zoom").all():
        box = part.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
