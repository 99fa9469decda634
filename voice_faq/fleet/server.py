"""The control room's page on this machine, for who opened the address that was printed."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from voice_faq import web
from voice_faq.editor.access import Access
from voice_faq.editor.server import PAGE as EDITOR_PAGE
from voice_faq.errors import VoiceFaqError
from voice_faq.fleet.control import ControlRoom
from voice_faq.fleet.desk import Desk
from voice_faq.fleet.state import State
from voice_faq.fleet_settings import FleetSettings
from voice_faq.kiosk.server import PAGE as KIOSK_PAGE

PAGE: Final = Path(str(files("voice_faq.fleet"))) / "page"
LARGEST_REQUEST: Final = 1_000_000  # bytes
ACTIONS: Final = frozenset(("overview", "archives", "publish", "go_on", "stop", "back", "command"))
"""Methods of Desk that take the JSON of a request."""


def make_app(desk: Desk, access: Access) -> Starlette:
    """The server as an ASGI application."""

    async def page(_: Request) -> Response:
        return FileResponse(PAGE / "index.html")

    async def enter(request: Request) -> Response:
        key = access.exchange(str((await _arguments(request)).get("token", "")))
        if key is None:
            return JSONResponse({"error": "这个地址已经用过了。请打开终端里打印的新地址。"}, status_code=403)
        return JSONResponse({"key": key})

    async def act(request: Request) -> Response:
        if not access.allows(request.headers.get("authorization", "")):
            return JSONResponse({"error": "这个页面已经失效。请打开终端里打印的新地址。"}, status_code=403)
        name = request.path_params["name"]
        if name not in ACTIONS:
            return JSONResponse({"error": "没有这个操作。"}, status_code=404)
        try:
            return JSONResponse(await run_in_threadpool(getattr(desk, name), **await _arguments(request)))
        except VoiceFaqError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        except (TypeError, AttributeError):
            return JSONResponse({"error": "请求读不懂。请刷新页面再试。"}, status_code=400)

    return web.local_app(
        [
            Route("/", page),
            Route("/enter", enter, methods=["POST"]),
            Route("/api/{name}", act, methods=["POST"]),
            web.page_files("/fleet", PAGE),
            web.page_files("/editor", EDITOR_PAGE),  # its style and helpers
            web.page_files("/page", KIOSK_PAGE),  # its font
        ],
        desk.close,
    )


def serve(fleet: FleetSettings, *, port: int, ready: Callable[[str], None]) -> None:
    """The page and the connection to the broker, until Ctrl-C; ``ready`` is told an address that works once.

    Raises SettingsError for settings that do not fit and for a port in use.
    """
    # One connection each: a page that sums up a year does not keep the control room from hearing.
    state, for_page = State(fleet.state_dir), State(fleet.state_dir)
    room = ControlRoom(fleet, state)
    origin = ""
    access = Access(lambda token: ready(f"{origin}#{token}"))

    def listening(address: str) -> None:
        nonlocal origin
        origin = address
        ready(f"{origin}#{access.issue()}")

    with _beside(room):
        web.serve(make_app(Desk(fleet, for_page), access), port=port, ready=listening)
    state.close()


class _beside:  # noqa: N801
    """The control room in a thread with a loop of its own, as long as the page is served."""

    def __init__(self, room: ControlRoom) -> None:
        self._room = room
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="control room", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end)
        self._thread.join(10)

    def _end(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._task = self._loop.create_task(self._room.run())
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        finally:
            self._loop.close()


async def _arguments(request: Request) -> dict[str, Any]:
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > LARGEST_REQUEST:
            return {}
    try:
        arguments = json.loads(bytes(content) or b"{}")
    except ValueError:
        return {}
    return arguments if isinstance(arguments, dict) else {}
