"""Listens for Home Assistant; whoever opens connections and says nothing takes nobody's place for long."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from wyoming.error import Error

from voice_faq.dialogue.conversations import Conversations
from voice_faq.errors import SettingsError, reason
from voice_faq.web.logs import set_up_log
from voice_faq.wyoming.announcing import announced
from voice_faq.wyoming.connection import Connection
from voice_faq.wyoming.describing import described
from voice_faq.wyoming.framing import LINE_BYTES, write_event
from voice_faq.wyoming.parts import Parts

FORGET_EVERY_S: Final = 60.0


@dataclass(frozen=True)
class Place:
    """Where to listen: a path, or a host and a port."""

    path: Path | None
    host: str = ""
    port: int = 0


def place(uri: str) -> Place:
    """Raises SettingsError for what is neither tcp://HOST:PORT nor unix:///PATH."""
    parts = urlsplit(uri)
    with contextlib.suppress(ValueError):
        if parts.scheme == "unix" and parts.path and not parts.netloc:
            return Place(Path(parts.path))
        if parts.scheme == "tcp" and parts.hostname and parts.port is not None and parts.path in ("", "/"):
            return Place(None, parts.hostname, parts.port)
    raise SettingsError(f"地址 {uri} 不能用。请写成 tcp://127.0.0.1:10700 或 unix:///run/voice-faq.sock 的样子。")


def serve(parts: Parts, uri: str, ready: Callable[[str], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; ``ready`` is told the address once it can be reached, port 0 is any free one.

    Raises SettingsError where the address cannot be used.
    """
    set_up_log()
    try:
        asyncio.run(_serve(parts, place(uri), ready))
    finally:
        parts.close()


async def _listened_to(path: Path) -> bool:
    """Whether somebody answers at a Unix socket; what was left by one that was killed answers nobody."""
    try:
        _, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return False
    writer.close()
    return True


async def _serve(parts: Parts, where: Place, ready: Callable[[str], None]) -> None:
    conversations = Conversations(parts.faq, parts.matcher, longest_question_s=parts.settings.longest_question_s)
    info = described(parts)
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        try:
            if len(tasks) >= parts.settings.wyoming.connections:
                await write_event(Error(text="现在连接太多，请稍后再试。", code="busy").event(), writer)
                return
            tasks.add(task)
            await Connection(reader, writer, parts, conversations, info).run()
        except (TimeoutError, ConnectionError, asyncio.CancelledError):
            pass  # gone, or we end
        finally:
            tasks.discard(task)
            writer.close()

    try:
        if where.path is not None:
            if await _listened_to(where.path):  # asyncio would take its place
                raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
            server = await asyncio.start_unix_server(connected, where.path, limit=LINE_BYTES)
        else:
            server = await asyncio.start_server(connected, where.host, where.port, limit=LINE_BYTES)
    except OSError as error:
        raise SettingsError(
            f"地址 {where.path or f'{where.host}:{where.port}'} 用不了（{reason(error)}）。"
            "可能已经有一个 voice-faq 在用它；请先关掉它，或用 --uri 换一个。"
        ) from None
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C raises KeyboardInterrupt there
            loop.add_signal_handler(number, ended.set)
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(server.close)
        if where.path is None:
            port = server.sockets[0].getsockname()[1]
            if parts.settings.wyoming.zeroconf:
                await stack.enter_async_context(announced(where.host, port))
            ready(f"tcp://{where.host}:{port}")
        else:
            stack.callback(where.path.unlink, missing_ok=True)
            ready(f"unix://{where.path}")
        while not ended.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), FORGET_EVERY_S)
            conversations.forget_old()
    for task in list(tasks):
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
