"""What every answer of the server carries and what it keeps to itself.

`streamlit run` finds the `App` of dashboard.py and puts this in front of Streamlit's own server.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    # A course site may show a page in a frame (?embed=true), so nothing is said of ancestors. Streamlit's page has scripts
    # and styles of its own inline, and Vega makes functions of its expressions, so nothing is said of those either.
    "Content-Security-Policy": "base-uri 'self'; form-action 'self'; object-src 'none'",
}
HIDDEN = ("/_stcore/metrics",)
"""How many are here, and what their sessions hold: of use to who runs a server, and no business of its visitors."""


class Guard:
    """Adds `HEADERS` to every answer, and knows nothing of what is `HIDDEN`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        hidden = scope["path"].rstrip("/").endswith(HIDDEN)
        await (PlainTextResponse("Not Found", 404) if hidden else self.app)(scope, receive, with_headers)


MIDDLEWARE = [Middleware(Guard)]
