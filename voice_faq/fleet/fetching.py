"""Gets an archive onto a kiosk's disk: in chunks from the broker, or from an HTTPS address; goes on where it was."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import httpx

from voice_faq.errors import VoiceFaqError
from voice_faq.fleet.messages import CHUNK, Wanted

WINDOW: Final = 8  # chunks on their way at once
CHUNK_S: Final = 30.0  # for a chunk to arrive
READ_S: Final = 60.0


class FetchError(VoiceFaqError):
    """It did not arrive; another time it may."""


GetChunk = Callable[[int], Awaitable[bytes]]
"""The chunk with this number; raises FetchError."""


async def fetch(wanted: Wanted, folder: Path, get_chunk: GetChunk, context: ssl.SSLContext) -> Path:
    """The whole archive in ``folder``, with the hash that was told.

    Raises FetchError, and OSError where the disk does not take it.
    """
    whole = folder / f"{wanted.content}.{wanted.sha256[:16]}.vfaq"
    if whole.exists() and await asyncio.to_thread(_hash, whole) == wanted.sha256:
        return whole
    folder.mkdir(parents=True, exist_ok=True)
    part = whole.with_suffix(".part")
    if wanted.url is None:
        await _in_chunks(wanted, part, get_chunk)
    else:
        await _from_address(wanted, wanted.url, part, context)
    if part.stat().st_size != wanted.size or await asyncio.to_thread(_hash, part) != wanted.sha256:
        part.unlink()
        raise FetchError("收到的内容包和校验值不同，重新下载。")
    return part.replace(whole)


async def _in_chunks(wanted: Wanted, part: Path, get_chunk: GetChunk) -> None:
    with part.open("ab") as out:
        out.truncate(out.tell() // CHUNK * CHUNK)
        done = min(out.seek(0, 2) // CHUNK, wanted.chunks)
        while done < wanted.chunks:
            window = range(done, min(done + WINDOW, wanted.chunks))
            got = await asyncio.gather(*map(get_chunk, window), return_exceptions=True)
            for number, chunk in zip(window, got, strict=True):
                if isinstance(chunk, BaseException):
                    out.flush()
                    raise chunk
                if len(chunk) != min(CHUNK, wanted.size - number * CHUNK):
                    raise FetchError("收到的内容包分块大小不对。")
                out.write(chunk)
            out.flush()
            done = window.stop


async def _from_address(wanted: Wanted, url: str, part: Path, context: ssl.SSLContext) -> None:
    have = part.stat().st_size if part.exists() else 0
    if have >= wanted.size:
        return
    try:
        async with (
            httpx.AsyncClient(verify=context, timeout=READ_S, follow_redirects=False) as client,
            client.stream("GET", url, headers={"Range": f"bytes={have}-"} if have else {}) as answer,
        ):
            answer.raise_for_status()
            with part.open("ab" if answer.status_code == httpx.codes.PARTIAL_CONTENT else "wb") as out:
                async for block in answer.aiter_bytes():
                    if out.tell() + len(block) > wanted.size:
                        raise FetchError("下载的内容包比通知的大。")
                    out.write(block)
    except httpx.HTTPError as error:
        raise FetchError(f"内容包下载不了（{type(error).__name__}）。") from None


def _hash(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
