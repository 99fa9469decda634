"""Notices that the settings file has changed, which takes another start to be used."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from voice_faq.errors import SettingsError
from voice_faq.kept_settings import KeptSettings
from voice_faq.kiosk.loading import refusal
from voice_faq.kiosk.parts import Kiosk

EVERY_S: Final = 5.0

log = logging.getLogger(__name__)


class SettingsWatch:
    """Settings are read at a start: half of them belong to what only a start opens, and half a change is none."""

    def __init__(self, kiosk: Kiosk, kept: KeptSettings, *, every_s: float = EVERY_S) -> None:
        self._kiosk = kiosk
        self._kept = kept
        self._every_s = every_s
        self._told: tuple[bool, SettingsError | None] = (False, None)
        kiosk.settings_file = kept.file

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(self._every_s)
            try:
                await self.look()
            except Exception:
                log.exception("looking at the settings failed")

    async def look(self) -> None:
        """Once; what has changed since the last time is said in the log."""
        found = await asyncio.to_thread(self._kept.look)
        if found == self._told:
            return
        self._told = found
        self._kiosk.newer_settings, mistake = found
        self._kiosk.newer_mistakes[:] = [] if mistake is None else [refusal("settings", mistake)]
        if mistake is not None:
            log.warning("设置文件改过了，但是有错，重新启动时不会用它。现在照常运行。%s", mistake)
        elif self._kiosk.newer_settings:
            log.warning("%s：设置文件改过了，重新启动以后才用上。", self._kept.file)
        else:
            log.info("设置文件的改动撤回了，和正在用的一样。")
