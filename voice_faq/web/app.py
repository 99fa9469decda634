"""An application for pages of this machine: safe headers, no strangers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS: Final = ("127.0.0.1", "localhost")
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "font-src 'self'; media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
POLICY_VIOLATION: Final = 1008  # codes with which a WebSocket is closed
TRY_AGAIN_LATER: Final = 1013
_HARMLESS: Final = ("GET", "HEAD", "OPTIONS")


def local_app(
    routes: Sequence[BaseRoute],
    close: Callable[[], None] = lambda: None,
    *,
    background: Sequence[Callable[[], Coroutine[Any, Any, None]]] = (),
) -> Starlette:
    """``close`` is called when the server ends; ``background`` runs beside it until then."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        running = [asyncio.create_task(task()) for task in background]
        try:
            yield
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            close()

    return Starlette(
        routes=routes,
        middleware=[
            Middleware(_SafeHeaders),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS)),
            Middleware(_NoStrangers),
        ],
        lifespan=lifespan,
    )


def page_files(path: str, folder: Path) -> Mount:
    """The files of ``folder`` under ``path``."""
    return Mount(path, StaticFiles(directory=folder))


def from_own_page(connection: HTTPConnection) -> bool:
    """Whether no page from elsewhere asks: a browser names the page, other programs name none."""
    origin = connection.headers.get("origin")
    return origin is None or origin == f"http://{connection.headers.get('host')}"


class _SafeHeaders:
    """Adds HEADERS to every response; nothing is cached but what a route says may be."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "no-cache")
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class _NoStrangers:
    """Refuses what a page from elsewhere would change."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in _HARMLESS and not from_own_page(HTTPConnection(scope)):
            await PlainTextResponse("只接受本机页面的请求。", status_code=403)(scope, receive, send)
            return
        await self._app(scope, receive, send)
