"""Follows orders for content: gets it, has it checked, switches to it, goes back."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from voice_faq import __version__
from voice_faq.errors import reason
from voice_faq.fleet.archive import ContentError
from voice_faq.fleet.fetching import FetchError, GetChunk, fetch
from voice_faq.fleet.installing import ContentStore
from voice_faq.fleet.keys import trusted
from voice_faq.fleet.messages import Fault, Wanted, read
from voice_faq.fleet.outbox import Outbox
from voice_faq.fleet_settings import FleetSettings

RETRY_S: Final = 30.0  # after a download or a disk that failed


class Tell(Protocol):
    """Is told how it stands with the content."""

    def __call__(self, step: str = "", reason: str = "", fault: Fault | None = None) -> None:
        """``step`` as in Status."""


@dataclass
class Follower:
    """``run`` goes on for ever; the order outlives the process."""

    fleet: FleetSettings
    store: ContentStore
    outbox: Outbox
    tls: ssl.SSLContext
    check: Callable[[Path], None]
    """Raises ContentError for a content that must not be used."""
    tell: Tell
    around_switch: Callable[[], object]
    """Called before and after another content is on."""
    get_chunk: GetChunk
    retry_s: float = RETRY_S
    wanted: Wanted | None = field(init=False)
    """The order."""

    def __post_init__(self) -> None:
        self._keys = trusted(self.fleet.trusted_keys)
        self._ordered = asyncio.Event()
        self.wanted = read(Wanted, self.outbox.fact("wanted").encode())

    def order(self, wanted: Wanted) -> None:
        """From now on this content is to be had; raises sqlite3.Error."""
        self.wanted = wanted
        self._ordered.set()
        self.outbox.keep("wanted", wanted.model_dump_json())

    async def run(self) -> None:
        """One content after another; what failed for no fault of its own is tried again."""
        while True:
            self._ordered.clear()
            following = asyncio.ensure_future(self._follow())
            ordered = asyncio.ensure_future(self._ordered.wait())
            try:
                # An order to go back must not wait for a download.
                await asyncio.wait({following, ordered}, return_when=asyncio.FIRST_COMPLETED)
                if following.done():
                    await asyncio.wait({ordered}, timeout=self.retry_s if following.result() else None)
            finally:
                ordered.cancel()
                following.cancel()
                await asyncio.gather(following, ordered, return_exceptions=True)

    async def _follow(self) -> bool:
        """Whether it should be tried again."""
        wanted = self.wanted
        if wanted is None or self.store.current == wanted.content:
            self.tell()
            return False
        # Another program or another list of keys may find nothing wrong.
        mark = f"{wanted.sha256} {__version__} {self.fleet.trusted_keys}"
        refused = json.loads(self.outbox.fact("refused") or "{}")
        if refused.get("mark") == mark:
            self.tell("refused", refused["reason"], "content")
            return False
        try:
            if not self.store.has(wanted.content):
                self.tell("loading")
                await self._install(wanted)
            await asyncio.to_thread(self.around_switch)
            self.store.switch(wanted.content)
            await asyncio.to_thread(self.around_switch)
            self.tell()
            self.store.prune(wanted.content)
        except ContentError as error:
            self.outbox.keep("refused", json.dumps({"mark": mark, "reason": str(error)}))
            self.tell("refused", str(error), "content")
            self.store.prune()
        except FetchError as error:
            self.tell("waiting", str(error))
            return True
        except (OSError, sqlite3.Error) as error:
            told = reason(error) if isinstance(error, OSError) else type(error).__name__
            self.tell("waiting", f"写不进硬盘（{told}）。请检查剩余空间和权限。", "kiosk")
            return True
        return False

    async def _install(self, wanted: Wanted) -> None:
        largest = self.fleet.largest_mb * 1_000_000
        if wanted.size > largest:
            raise ContentError(f"内容包有 {wanted.size / 1e6:.0f} MB，超过了设置项 fleet.largest_mb。")
        archive = await fetch(wanted, self.store.incoming, self.get_chunk, self.tls)
        self.tell("checking")
        manifest = await asyncio.to_thread(self.store.install, archive, self._keys, self.check, largest=largest)
        archive.unlink(missing_ok=True)
        if manifest.id != wanted.content:
            raise ContentError("收到的内容包不是通知的那一个。没有使用它。")
