"""The control room's page on this machine, for who opened the address that was printed."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from voice_faq import web
from voice_faq.editor.server import PAGE as EDITOR_PAGE
from voice_faq.fleet.control import ControlRoom
from voice_faq.fleet.desk import Desk
from voice_faq.fleet.state import State
from voice_faq.fleet_settings import FleetSettings
from voice_faq.kiosk.server import PAGE as KIOSK_PAGE
from voice_faq.web.access import Access
from voice_faq.web.entering import actions, entrance, guarded, serve_behind

PAGE: Final = Path(str(files("voice_faq.fleet"))) / "page"
LARGEST_REQUEST: Final = 1_000_000  # bytes
ACTIONS: Final = frozenset(("overview", "archives", "publish", "go_on", "stop", "back", "command"))
"""Methods of Desk that take the JSON of a request."""


def make_app(desk: Desk, access: Access) -> Starlette:
    """The server as an ASGI application."""

    async def page(_: Request) -> Response:
        return FileResponse(PAGE / "index.html")

    return web.local_app(
        [
            Route("/", page),
            entrance(access),
            Route("/api/{name}", guarded(access, actions(desk, ACTIONS, LARGEST_REQUEST)), methods=["POST"]),
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
    with _beside(room):
        serve_behind(lambda access: make_app(Desk(fleet, for_page), access), port=port, ready=ready)
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
