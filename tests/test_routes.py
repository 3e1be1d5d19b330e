"""Our own routes: pictures by item id with cache headers, never by path; health; headers on every answer."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from medmat_explorer.domain.selection import Selection
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.ui.server import MIDDLEWARE, ROUTES
from tests.conftest import ROOT
from tests.picture_folder import COLLECTION, make_collection


@pytest.fixture
def client(phantoms_home: Path, use_home: pytest.MonkeyPatch) -> Iterator[TestClient]:
    use_home.setenv("MEDMAT_HOME", str(phantoms_home))
    with TestClient(Starlette(routes=ROUTES, middleware=MIDDLEWARE)) as opened:
        yield opened


@pytest.fixture
def key(phantoms_home: Path) -> str:
    return open_catalog("phantoms", phantoms_home).page(Selection(), 0, 1)[0].key


def test_a_picture_is_served_by_the_items_id(client: TestClient, key: str) -> None:
    answer = client.get(f"/thumbs/phantoms/{key}?size=160")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["cache-control"] == "private, max-age=3600"
    with Image.open(BytesIO(answer.content)) as image:
        assert max(image.size) == 160


@pytest.mark.parametrize(
    "address",
    [
        "/thumbs/phantoms/0123456789abcdef",
        "/thumbs/phantoms/..%2F..%2Fetc%2Fpasswd",
        "/thumbs/..%2F..%2Fetc/0123456789abcdef",
        "/thumbs/nothing/0123456789abcdef",
        "/thumbs/phantoms/%27%20OR%201=1",
    ],
)
def test_what_is_no_item_is_not_found_and_gets_a_sentence(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert "Traceback" not in answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize("size", ["0", "99999", "big", "-1"])
def test_only_a_few_sizes_are_made(client: TestClient, key: str, size: str) -> None:
    answer = client.get(f"/thumbs/phantoms/{key}?size={size}")
    assert answer.status_code == 400
    assert answer.text == "size must be one of 160, 256, 512, 1024."


def test_a_missing_image_is_not_found_with_its_reason(client: TestClient, phantoms_home: Path, key: str) -> None:
    path = open_catalog("phantoms", phantoms_home).image_path(key)
    hidden = path.with_suffix(".hidden")
    path.rename(hidden)
    try:
        answer = client.get(f"/thumbs/phantoms/{key}?size=512")
    finally:
        hidden.rename(path)
    assert answer.status_code == 404
    assert answer.text.startswith("missing: ")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    return make_collection(tmp_path_factory.mktemp("routes"))


@pytest.fixture
def seen(pictures: tuple[Path, dict[str, str]], use_home: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Asks for a picture by its file's name: `seen("ct.dcm", "/info", frame=2)`."""
    home, keys = pictures
    use_home.setenv("MEDMAT_HOME", str(home))
    with TestClient(Starlette(routes=ROUTES, middleware=MIDDLEWARE)) as opened:

        def ask(name: str, what: str = "", tag: str = "", **given: Any) -> Any:
            headers = {"If-None-Match": tag} if tag else {}
            return opened.get(f"/pictures/{COLLECTION}/{keys[name]}{what}", params=given, headers=headers)

        yield ask


def greys(answer: Any) -> list[int]:
    """The first row of a PNG."""
    assert answer.headers["content-type"] == "image/png"
    row: list[int] = np.asarray(Image.open(BytesIO(answer.content)).convert("L"))[0].tolist()
    return row


def test_the_whole_picture_comes_without_loss_through_the_window_asked_for(seen: Callable[..., Any]) -> None:
    values = [-1000 + 32 * i for i in range(64)]

    def line(low: float, high: float) -> list[int]:
        return [int(255 * min(1, max(0, (value - low) / (high - low))) + 0.5) for value in values]

    assert greys(seen("ct.dcm")) == line(-160, 239)
    assert greys(seen("ct.dcm", low=-1350, high=149)) == line(-1350, 149)
    assert greys(seen("ct.dcm", low=-1350, high=149, invert=1)) == [255 - shade for shade in line(-1350, 149)]
    assert [greys(seen("stack", frame=frame))[0] for frame in range(1, 6)] == [0, 64, 128, 191, 255]


def test_info_says_what_there_is_to_see(seen: Callable[..., Any]) -> None:
    said = seen("ct.dcm", "/info").json()
    assert said == {
        "width": 64,
        "height": 64,
        "frame": 1,
        "frames": 1,
        "deep": True,
        "colour": False,
        "low": -1000.0,
        "high": 1016.0,
        "window": [-160.0, 239.0],
        "whole": True,
        "unit": "HU",
        "inverted": False,
        "curve": None,
        "kind": "DICOM MONOCHROME2 16-bit",
    }
    assert (seen("stack", "/info", frame=3).json()["frame"], seen("volume.nii.gz", "/info").json()["frame"]) == (3, 5)


def test_values_are_the_numbers_that_were_measured(seen: Callable[..., Any]) -> None:
    answer = seen("ct.dcm", "/values")
    said = json.loads(answer.headers["x-picture"])
    values = said["offset"] + said["step"] * np.frombuffer(answer.content, "<u2").reshape(64, 64)
    assert values[7].tolist() == [-1000 + 32 * i for i in range(64)]
    colour = seen("colour.png", "/values")
    assert json.loads(colour.headers["x-picture"])["bits"] == 8
    assert len(colour.content) == 256 * 256 * 3


@pytest.mark.parametrize("what", ["", "/info", "/values"])
def test_a_picture_that_is_known_is_not_sent_again_until_its_file_changes(
    seen: Callable[..., Any], pictures: tuple[Path, dict[str, str]], what: str
) -> None:
    tag = seen("deep.png", what).headers["etag"]
    again = seen("deep.png", what, tag=tag)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert seen("deep.png", what, tag=f'"other", W/{tag}').status_code == 304
    file = pictures[0].parent / "release" / "med-mat" / "pictures" / "deep.png"
    before = file.read_bytes()
    try:
        Image.new("I;16", (3, 3), 7).save(file)
        assert seen("deep.png", what, tag=tag).status_code == 200
    finally:
        file.write_bytes(before)
    assert seen("deep.png", what, tag=tag).status_code == 304


def test_a_thumbnail_that_is_known_is_not_sent_again(client: TestClient, key: str) -> None:
    first = client.get(f"/thumbs/phantoms/{key}?size=160")
    again = client.get(f"/thumbs/phantoms/{key}?size=160", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(f"/thumbs/phantoms/{key}?size=256", headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


def test_what_cannot_be_asked_for_gets_a_sentence(seen: Callable[..., Any]) -> None:
    wrong = [{"frame": "0"}, {"frame": "x"}, {"low": "1"}, {"low": "5", "high": "4"}, {"low": "nan", "high": "1"}]
    wrong += [{"invert": "yes"}, {"frame": "9" * 30}]
    answers = [seen("ct.dcm", **given) for given in wrong]
    assert {answer.status_code for answer in answers} == {400}
    assert {answer.text for answer in answers} == {
        "frame must be a whole number from 1.",
        "low and high must be two numbers, low the smaller one.",
        "invert must be 0 or 1.",
    }


@pytest.mark.parametrize(
    ("name", "given", "reason"),
    [
        ("gone.png", {}, "missing"),
        ("broken.png", {}, "unreadable"),
        ("lossless.dcm", {}, "needs-decoder"),
        ("stack", {"frame": 6}, "no-such-frame"),
    ],
)
@pytest.mark.parametrize("what", ["", "/info", "/values"])
def test_a_refusal_has_its_reason_and_is_not_kept(
    seen: Callable[..., Any], name: str, given: dict[str, int], reason: str, what: str
) -> None:
    answer = seen(name, what, **given)
    assert (answer.status_code, answer.headers["x-reason"]) == (404, reason)
    assert answer.text.startswith(f"{reason}: ")
    assert answer.headers["cache-control"] == "no-store"


def test_a_gallery_of_many_is_made_by_a_few_threads_and_the_server_answers_meanwhile(
    client: TestClient, phantoms_home: Path
) -> None:
    keys = [card.key for card in open_catalog("phantoms", phantoms_home).page(Selection(), 0, 96)]
    threads: set[str] = set()
    watching = threading.Event()

    def watch() -> None:
        while not watching.wait(0.001):
            threads.update(thread.name for thread in threading.enumerate() if thread.name.startswith("thumbnails"))

    watcher = threading.Thread(target=watch)
    watcher.start()
    with ThreadPoolExecutor(96) as browser:
        asked = [browser.submit(client.get, f"/thumbs/phantoms/{key}?size=512") for key in keys]
        health = client.get("/healthz")
        answers = [each.result() for each in asked]
    watching.set()
    watcher.join()
    assert health.status_code == 200
    assert {answer.status_code for answer in answers} == {200}
    assert 1 < len(threads) <= (os.cpu_count() or 1) + 2


def test_health_answers_and_every_answer_has_the_headers(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert answer.json() == {"status": "ok"}
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_starting_the_server_loads_no_reader_of_rare_formats() -> None:
    code = "import sys, medmat_explorer.ui.server; print({'pydicom', 'nibabel'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
