"""Pages for who opened the address that was printed: the entrance, what is behind it, and a request's arguments."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from voice_faq.errors import InputError, VoiceFaqError
from voice_faq.web.access import Access
from voice_faq.web.serving import serve

TOKEN_BYTES: Final = 10_000  # of a request that brings a token

Handler = Callable[[Request], Awaitable[Response]]


def entrance(access: Access) -> Route:
    """``POST /enter`` with ``{"token": …}`` gives the page its key."""

    async def enter(request: Request) -> Response:
        try:
            key = access.exchange(str(json.loads(await body(request, TOKEN_BYTES)).get("token", "")))
        except (ValueError, AttributeError, InputError):
            key = None
        if key is None:
            return JSONResponse({"error": "这个地址已经用过了。请打开终端里打印的新地址。"}, status_code=403)
        return JSONResponse({"key": key})

    return Route("/enter", enter, methods=["POST"])


def guarded(access: Access, handler: Handler) -> Handler:
    """``handler`` for who has a key; what is wrong is told as ``{"error": …}``."""

    async def answer(request: Request) -> Response:
        if not access.allows(request.headers.get("authorization", "")):
            return JSONResponse({"error": "这个页面已经失效。请打开终端里打印的新地址。"}, status_code=403)
        try:
            return await handler(request)
        except VoiceFaqError as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return answer


def actions(desk: object, names: frozenset[str], most: int) -> Handler:
    """For ``/api/{name}``: calls the desk's method of that name in a thread; a request has ``most`` bytes."""

    async def act(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in names:
            return JSONResponse({"error": "没有这个操作。"}, status_code=404)
        return JSONResponse(await run_in_threadpool(called, getattr(desk, name), await body(request, most)))

    return act


async def body(request: Request, most: int) -> bytes:
    """All of it; raises InputError where it has more than ``most`` bytes."""
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > most:
            raise InputError(f"内容太大了，最多 {most // 1_000_000 or 1} MB。")
    return bytes(content)


def called(action: Callable[..., Any], content: bytes) -> Any:
    """``action`` with the request's JSON as its arguments; raises InputError where they do not fit."""
    try:
        arguments = json.loads(content or b"{}")
        if not isinstance(arguments, dict):
            raise ValueError
    except ValueError:
        raise InputError("请求读不懂。请刷新页面再试。") from None
    try:
        return action(**arguments)
    except (TypeError, KeyError, AttributeError) as error:
        raise InputError(f"请求读不懂（{type(error).__name__}）。请刷新页面再试。") from None


def serve_behind(make_app: Callable[[Access], Starlette], *, port: int, ready: Callable[[str], None]) -> None:
    """Serve until Ctrl-C; ``ready`` is told an address that works once, and a new one when a used one is tried.

    Raises SettingsError for a port in use.
    """
    origin = ""
    access = Access(lambda token: ready(f"{origin}#{token}"))

    def listening(address: str) -> None:
        nonlocal origin
        origin = address
        ready(f"{origin}#{access.issue()}")

    serve(make_app(access), port=port, ready=listening)
