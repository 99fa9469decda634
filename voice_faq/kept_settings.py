"""The last settings file without a mistake, for the start of a service at which the file has one.

It lies in the state folder of the environment or of the user, as the file that may name another cannot be read then.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Final

import platformdirs

from voice_faq.errors import SettingsError, reason
from voice_faq.files import expanded, name_by_path, write_whole
from voice_faq.settings import APP_NAME, CONFIG_VARIABLE, PREFIX, Settings, config_file

LAST_GOOD: Final = "last-good"  # in the state folder

log = logging.getLogger(__name__)


class KeptSettings:
    """The copy of one settings file, by its path, and whether the file has changed since it was read."""

    def __init__(self, service: str = "") -> None:
        """``service`` names a copy of its own, for a service that looks more closely at its settings than others do."""
        self.file: Final = config_file()
        state = os.environ.get(f"{PREFIX}STATE_DIR") or platformdirs.user_state_dir(APP_NAME)
        name = name_by_path(self.file.absolute()) + (f".{service}" if service else "")
        self.copy: Final = expanded(state) / LAST_GOOD / name
        self._content: bytes | None = None
        """What stood in the file, once it was read without a mistake."""
        self._at_start = b""
        self._looked = b""
        self._load: Callable[[], Settings] | None = None
        self._mistake: SettingsError | None = None

    def open(self, load: Callable[[], Settings]) -> tuple[Settings, SettingsError | None]:
        """The settings, and the mistake for which the copy stands in.

        For this process and those that it starts the copy is the settings file from then on. Raises SettingsError where
        no copy is kept, or the mistake lies elsewhere.
        """
        self._at_start = self._looked = self._read()
        try:
            settings = load()
        except SettingsError as mistake:
            if not self.copy.is_file():
                raise
            named = os.environ.get(CONFIG_VARIABLE)
            os.environ[CONFIG_VARIABLE] = str(self.copy)
            try:
                return load(), mistake
            except SettingsError:
                if named is None:
                    del os.environ[CONFIG_VARIABLE]
                else:
                    os.environ[CONFIG_VARIABLE] = named
                raise mistake from None
        if self._at_start == self._read():
            self._content = self._at_start
        self._load = load
        return settings, None

    def look(self) -> tuple[bool, SettingsError | None]:
        """Whether the file is another than at the start, so that a restart is needed, and the mistake in it.

        No mistake is told where the copy stands in: then it is the settings file of this process.
        """
        now = self._read()
        if now != self._looked:
            self._looked, self._mistake = now, None
            if self._load is not None and now != self._at_start:
                try:
                    self._load()
                except SettingsError as mistake:
                    self._mistake = mistake
        return now != self._at_start, self._mistake

    def keep(self) -> None:
        """Copy what was read; where that does not work, the older copy stays and the log says so."""
        if self._content is None:
            return
        try:
            if self.copy.is_file() and self.copy.read_bytes() == self._content:
                return
            write_whole(self.copy, self._content, private=True)  # there may be passwords in it
        except OSError as error:
            log.warning("%s：设置的备份存不进去（%s）。现在照常运行。", self.copy, reason(error))

    def _read(self) -> bytes:
        """Nothing where there is no file: then all is as it comes."""
        try:
            return self.file.read_bytes()
        except OSError:
            return b""
