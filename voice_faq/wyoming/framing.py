"""Events in and out, with an end to everything: the library itself reads as many bytes as a client announces."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

from wyoming.event import Event, async_write_event

LINE_BYTES: Final = 32 * 1024
DATA_BYTES: Final = 32 * 1024
PAYLOAD_BYTES: Final = 1024 * 1024  # 5 s of the largest audio that is taken
SEND_S: Final = 10.0  # for a client to take what is sent to it


class FramingError(Exception):
    """Bytes that are no event: where the next one begins cannot be known."""


async def read_event(reader: asyncio.StreamReader, patience_s: float) -> Event | None:
    """The next event; None where the other side has gone. Raises FramingError, and TimeoutError after ``patience_s``.

    ``reader`` must have been made with the limit LINE_BYTES.
    """
    try:
        async with asyncio.timeout(patience_s):
            return await _read(reader)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


async def write_event(event: Event, writer: asyncio.StreamWriter) -> None:
    """Raises TimeoutError for a client that takes nothing, ConnectionError for one that has gone."""
    async with asyncio.timeout(SEND_S):
        await async_write_event(event, writer)


async def _read(reader: asyncio.StreamReader) -> Event | None:
    try:
        line = await reader.readline()
    except ValueError:  # longer than the reader's limit
        raise FramingError from None
    if not line:
        return None
    header = _object(line)
    kind = header.get("type")
    if not isinstance(kind, str):
        raise FramingError
    data = header.get("data") or {}
    if length := _length(header, "data_length", DATA_BYTES):
        data = {**_checked(data), **_object(await reader.readexactly(length))}
    length = _length(header, "payload_length", PAYLOAD_BYTES)
    payload = await reader.readexactly(length) if length else None
    return Event(kind, _checked(data), payload)


def _length(header: dict[str, Any], name: str, most: int) -> int:
    length = header.get(name) or 0
    if type(length) is not int or not 0 <= length <= most:
        raise FramingError
    return length


def _object(content: bytes) -> dict[str, Any]:
    try:
        return _checked(json.loads(content))
    except (ValueError, RecursionError):
        raise FramingError from None


def _checked(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise FramingError
    return value
