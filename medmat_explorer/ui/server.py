"""Routes of our own beside Streamlit's (pictures by item id, health) and headers on every answer."""

import logging
from collections.abc import Awaitable, Callable

from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from medmat_explorer.config import settings
from medmat_explorer.errors import ImageRefusedError, MedmatError
from medmat_explorer.media.thumbnails import thumbnail

PICTURE_SIZES = (160, 256, 512, 1024)
YEAR = 365 * 24 * 3600
log = logging.getLogger("medmat_explorer")


async def health(request: Request) -> Response:
    """`/healthz`: the server answers."""
    return JSONResponse({"status": "ok"})


async def picture(request: Request) -> Response:
    """`/thumbs/{collection}/{key}?size=256`: an item's picture as WebP, by id and never by path."""
    try:
        size = int(request.query_params.get("size", "256"))
    except ValueError:
        size = 0
    if size not in PICTURE_SIZES:
        return PlainTextResponse(f"size must be one of {', '.join(map(str, PICTURE_SIZES))}.", status_code=400)
    collection, key = request.path_params["collection"], request.path_params["key"]
    try:
        data = await run_in_threadpool(_picture_bytes, collection, key, size)
    except ImageRefusedError as error:
        return PlainTextResponse(f"{error.reason}: {error}", status_code=404)
    except MedmatError as error:
        return PlainTextResponse(str(error), status_code=404)
    headers = {"Cache-Control": f"private, max-age={YEAR}, immutable"}
    return Response(data, media_type="image/webp", headers=headers)


def _picture_bytes(collection: str, key: str, size: int) -> bytes:
    from medmat_explorer.ui.resources import catalog

    opened = catalog(collection)
    most_bytes = settings().thumbnail_cache_mb * 2**20
    return thumbnail(opened.image_path(key), opened.root, settings().home / "thumbs", size, most_bytes=most_bytes)


async def add_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Tells browsers not to guess types, not to frame us elsewhere, and not to tell other sites where we are."""
    response = await call_next(request)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def show_script_error(error: Exception) -> bool:
    """A sentence in the page for what nobody foresaw; the traceback goes to the server's log."""
    import streamlit as st

    log.error("A page failed.", exc_info=error)
    st.error(
        f"This page failed: {type(error).__name__}. That is a fault of MedMAT Explorer; the server's log has the "
        "details. Reload the page, or open another one.",
        icon=":material/bug_report:",
    )
    return True


ROUTES = [Route("/healthz", health), Route("/thumbs/{collection}/{key}", picture)]
MIDDLEWARE = [Middleware(BaseHTTPMiddleware, dispatch=add_headers)]
