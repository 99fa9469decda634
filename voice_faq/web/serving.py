"""Serves an application on this machine alone; whoever opens connections and says nothing takes nobody's place."""

from __future__ import annotations

import asyncio
import resource
import socket as sockets
from collections.abc import Callable
from typing import Any, Final

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from voice_faq.errors import SettingsError, reason
from voice_faq.web.logs import set_up_log

ADDRESS: Final = "127.0.0.1"
MESSAGE_BYTES: Final = 64 * 1024  # of one WebSocket message
MOST_CONNECTIONS: Final = 256  # at once; fewer where the system allows fewer open files
OTHER_FILES: Final = 64  # that the program opens besides connections
REQUEST_S: Final = 10.0  # for a request to arrive whole
STALLED_S: Final = 30.0  # without a byte of a response being taken


def serve(app: ASGIApp, *, port: int, ready: Callable[[str], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; ``ready`` is told the address once it can be opened, ``port`` 0 is any free one.

    Raises SettingsError where the port is taken.
    """
    set_up_log()
    with sockets.socket() as listening:
        listening.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
        try:
            listening.bind((ADDRESS, port))
        except OSError as error:
            raise SettingsError(
                f"端口 {port} 用不了（{reason(error)}）。可能已经有一个 voice-faq 在用它；"
                "请先关掉它，或用 --port 换一个端口。"
            ) from None
        config = uvicorn.Config(
            app, http=_Connection, log_config=None, log_level="warning", access_log=False, server_header=False,
            ws_max_size=MESSAGE_BYTES,
            # An answer to a ping waits behind messages that are not read yet: a busy server would hang up on its pages.
            ws_ping_interval=None, ws_ping_timeout=None,
            # A few bytes that unpack to megabytes would get past every limit.
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=2,
        )  # fmt: skip
        listening.listen()
        ready(f"http://{ADDRESS}:{listening.getsockname()[1]}/")
        uvicorn.Server(config).run(sockets=[listening])


def most_connections() -> int:
    """As many as the system has files for."""
    return max(8, min(MOST_CONNECTIONS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - OTHER_FILES))


class _Connection(H11Protocol):
    """uvicorn's HTTP connection with an end to all waiting."""

    _watch: asyncio.TimerHandle | None = None
    _began = 0.0
    """When the request that is not whole yet began; on the loop's clock."""
    _stalled_since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        if len(self.connections) >= most_connections():
            waiting = [c for c in self.connections if isinstance(c, _Connection) and c.waits]
            if not waiting:
                transport.abort()
                self.transport = transport
                return
            min(waiting, key=lambda c: c._began).transport.abort()
        super().connection_made(transport)
        self._began = self.loop.time()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_watch()
        if self in self.connections:
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.conn.their_state is h11.IDLE and not self.conn.trailing_data[0]:
            self._began = self.loop.time()
        super().data_received(data)

    def on_response_complete(self) -> None:
        self._began = self.loop.time()
        super().on_response_complete()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._end_watch()
        super().handle_websocket_upgrade(event)

    @property
    def waits(self) -> bool:
        """Whether the other side has not sent a whole request yet, or begun none."""
        return self.conn.their_state in (h11.IDLE, h11.SEND_BODY)

    def _look(self) -> None:
        """Now and then: is it still worth keeping open?"""
        now = self.loop.time()
        if self.flow.write_paused:
            self._stalled_since = self._stalled_since or now
        else:
            self._stalled_since = None
        late = self.waits and self._answered and now - self._began > REQUEST_S
        stalled = self._stalled_since is not None and now - self._stalled_since > STALLED_S
        if late or stalled:
            self.transport.abort()
        else:
            self._watch = self.loop.call_later(REQUEST_S / 4, self._look)

    @property
    def _answered(self) -> bool:
        """Whether no response is being made."""
        cycle: Any = self.cycle
        return cycle is None or cycle.response_complete or self.conn.their_state is h11.SEND_BODY

    def _end_watch(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
