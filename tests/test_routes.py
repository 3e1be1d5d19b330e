"""Our own routes: pictures by item id with cache headers, never by path; health; headers on every answer."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from medmat_explorer.domain.selection import Selection
from medmat_explorer.store.collections import open_catalog
from medmat_explorer.ui.server import MIDDLEWARE, ROUTES


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
    assert "immutable" in answer.headers["cache-control"]
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


def test_health_answers_and_every_answer_has_the_headers(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert answer.json() == {"status": "ok"}
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert answer.headers["referrer-policy"] == "no-referrer"
