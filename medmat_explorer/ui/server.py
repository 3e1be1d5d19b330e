"""Routes of our own beside Streamlit's (pictures, health) and headers on every answer."""

import logging

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from medmat_explorer.ui.picture_routes import PICTURE_ROUTES

log = logging.getLogger("medmat_explorer")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "no-referrer",
}


async def health(request: Request) -> Response:
    """`/healthz`: the server answers."""
    return JSONResponse({"status": "ok"})


class SecurityHeaders:
    """Tells browsers not to guess types, not to frame us elsewhere, and not to tell other sites where we are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on; the headers are added as its answer begins."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)


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


ROUTES = [Route("/healthz", health), *PICTURE_ROUTES]
MIDDLEWARE = [Middleware(SecurityHeaders)]
