"""Pictures over HTTP, by item id and never by path: thumbnails, full resolution, and numbers for the viewer.

What was sent may be kept by the browser for an hour, and is asked for again with its tag after that: a file that has
changed has another tag. Decoding runs in a few threads of its own, so that a gallery never fills the server's.
"""

import asyncio
import io
import json
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from medmat_explorer.errors import ImageRefusedError, MedmatError
from medmat_explorer.media.browser_values import browser_values, describe
from medmat_explorer.media.opening import open_picture
from medmat_explorer.media.picture import Window, render
from medmat_explorer.media.thumbnails import content_tag
from medmat_explorer.store.catalog import Catalog
from medmat_explorer.ui.thumbnails_ahead import thumbnails_ahead

T = TypeVar("T")
PICTURE_SIZES = (160, 256, 512, 1024)
HOUR = 3600
LOOK_VERSION = "1"
"""Part of every tag; to be changed with anything that changes how full pictures look."""

KEEP = f"private, max-age={HOUR}"
FAST_PNG = 1
DIGITS_MOST = 6


class _BadRequest(Exception):
    """A parameter that cannot be used; the text says which are."""


async def thumb(request: Request) -> Response:
    """`/thumbs/{collection}/{key}?size=256`: an item's picture as a small WebP."""
    return await _refused(_thumb(request))


async def picture(request: Request) -> Response:
    """`/pictures/{collection}/{key}?frame=&low=&high=&invert=`: the whole picture as PNG, through a window.

    `frame` counts from 1; without `low` and `high` the picture's own window is used; `invert=1` swaps dark and bright.
    """
    return await _answer(_picture, request, _large_pool())


async def picture_info(request: Request) -> Response:
    """`/pictures/{collection}/{key}/info?frame=`: size, frames, range of values, window and unit as JSON."""
    return await _answer(_info, request, _large_pool())


async def picture_values(request: Request) -> Response:
    """`/pictures/{collection}/{key}/values?frame=`: the numbers themselves, with `X-Picture` describing them as JSON.

    Unsigned little-endian numbers row by row; a grey pixel's value is `offset + step * number`.
    """
    return await _answer(_values, request, _large_pool())


PICTURE_ROUTES = [
    Route("/thumbs/{collection}/{key}", thumb),
    Route("/pictures/{collection}/{key}", picture),
    Route("/pictures/{collection}/{key}/info", picture_info),
    Route("/pictures/{collection}/{key}/values", picture_values),
]


@cache
def _large_pool() -> ThreadPoolExecutor:
    """Few: each may hold a whole picture, or a volume, in memory."""
    return ThreadPoolExecutor(2, thread_name_prefix="pictures")


async def _answer(make: Callable[[Request], Response], request: Request, pool: ThreadPoolExecutor) -> Response:
    """What `make` says, from a thread of the pool."""
    return await _refused(asyncio.get_running_loop().run_in_executor(pool, make, request))


async def _refused(answer: Awaitable[Response]) -> Response:
    """The answer; a sentence where it refuses. Refusals are never kept."""
    try:
        return await answer
    except _BadRequest as error:
        return PlainTextResponse(str(error), status_code=400, headers=_refusal("bad-request"))
    except ImageRefusedError as error:
        return PlainTextResponse(f"{error.reason}: {error}", status_code=404, headers=_refusal(error.reason))
    except MedmatError as error:
        return PlainTextResponse(str(error), status_code=404, headers=_refusal("no-such-item"))


def _refusal(reason: str) -> dict[str, str]:
    return {"Cache-Control": "no-store", "X-Reason": reason}


async def _thumb(request: Request) -> Response:
    size = _whole_number(request.query_params, "size", 256)
    if size not in PICTURE_SIZES:
        raise _BadRequest(f"size must be one of {', '.join(map(str, PICTURE_SIZES))}.")
    item = await asyncio.to_thread(_item, request)
    making = asyncio.wrap_future(thumbnails_ahead().of(*item, size))
    made = await asyncio.shield(making)  # others may wait for the same one
    if _has(request, made.tag):
        return _not_modified(made.tag)
    return Response(made.data, media_type="image/webp", headers=_headers(made.tag))


def _picture(request: Request) -> Response:
    frame, window, invert = _frame(request), _window(request), _flag(request.query_params, "invert")

    def make(file: Path, catalog: Catalog) -> Response:
        stream = io.BytesIO()
        rendered = render(open_picture(file, file.parent, frame), window, invert)
        rendered.save(stream, "PNG", compress_level=FAST_PNG)
        return Response(stream.getvalue(), media_type="image/png")

    return _of_content(request, f"png {frame} {window} {invert}", make)


def _info(request: Request) -> Response:
    frame = _frame(request)

    def make(file: Path, catalog: Catalog) -> Response:
        return JSONResponse(describe(open_picture(file, file.parent, frame)))

    return _of_content(request, f"info {frame}", make)


def _values(request: Request) -> Response:
    frame = _frame(request)

    def make(file: Path, catalog: Catalog) -> Response:
        opened = open_picture(file, file.parent, frame)
        values = browser_values(opened)
        headers = {"X-Picture": json.dumps(describe(opened, values)), "Content-Encoding": "gzip"}
        return Response(values.gzipped(), media_type="application/octet-stream", headers=headers)

    return _of_content(request, f"values {frame}", make)


def _of_content(request: Request, what: str, make: Callable[[Path, Catalog], Response]) -> Response:
    """The answer with a tag made of the file's content and of what is asked for; made only when the asker lacks it."""
    catalog, key = _item(request)
    file = catalog.image_path(key)
    tag = f"{content_tag(file)[:40]}-{LOOK_VERSION}-{'-'.join(what.split())}"
    if _has(request, tag):
        return _not_modified(tag)
    answer = make(file, catalog)
    answer.headers.update(_headers(tag))
    return answer


def _item(request: Request) -> tuple[Catalog, str]:
    from medmat_explorer.ui.resources import catalog

    return catalog(request.path_params["collection"]), request.path_params["key"]


def _has(request: Request, tag: str) -> bool:
    asked = request.headers.get("if-none-match", "")
    return f'"{tag}"' in {part.strip().removeprefix("W/") for part in asked.split(",")}


def _not_modified(tag: str) -> Response:
    return Response(status_code=304, headers=_headers(tag))


def _headers(tag: str) -> dict[str, str]:
    return {"Cache-Control": KEEP, "ETag": f'"{tag}"'}


def _frame(request: Request) -> int | None:
    """Counted from 0; None where none is named."""
    frame = _whole_number(request.query_params, "frame", 0)
    if "frame" in request.query_params and frame < 1:
        raise _BadRequest("frame must be a whole number from 1.")
    return frame - 1 if frame else None


def _whole_number(given: Mapping[str, str], name: str, default: int) -> int:
    """The number, or -1 for what is none."""
    text = given.get(name, str(default))
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS_MOST else -1


def _flag(given: Mapping[str, str], name: str) -> bool:
    if given.get(name, "0") not in {"0", "1"}:
        raise _BadRequest(f"{name} must be 0 or 1.")
    return given.get(name) == "1"


def _window(request: Request) -> Window | None:
    given = [request.query_params.get(name) for name in ("low", "high")]
    if given == [None, None]:
        return None
    try:
        low, high = (float(text or "") for text in given)
    except ValueError:
        low = high = float("nan")
    if not -1e30 < low < high < 1e30:
        raise _BadRequest("low and high must be two numbers, low the smaller one.")
    return Window(low, high)
