"""Chromium as a kiosk: full screen on the page, started again when it dies."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

from voice_faq.errors import SettingsError
from voice_faq.files import MEMORY, scratch_parent
from voice_faq.kiosk import guard

PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FIRST_WAIT_S: Final = 1.0  # before a browser that has died is started again
LONGEST_WAIT_S: Final = 30.0
LASTING_S: Final = 60.0  # a browser that ran so long was well; the next wait is the first again
END_S: Final = 2 * guard.END_S  # for the browser to end, and for its files to be removed
FLAGS: Final = (
    "--kiosk",
    "--no-first-run",
    "--no-default-browser-check",
    "--noerrdialogs",
    "--disable-session-crashed-bubble",
    "--disable-features=Translate,MediaRouter",
    "--disable-component-update",
    "--disable-background-networking",
    "--disable-sync",
    "--disable-pinch",
    "--overscroll-history-navigation=0",
    "--password-store=basic",
    # The page may use the microphone and the loudspeaker without being asked; it is the only page there is.
    "--auto-accept-camera-and-microphone-capture",
    "--autoplay-policy=no-user-gesture-required",
)

log = logging.getLogger(__name__)


def find_browser() -> str:
    """Path of an installed Chromium; raises SettingsError where there is none."""
    for name in PROGRAMS:
        found = shutil.which(name)
        if found:
            return found
    raise SettingsError(
        "没有找到 Chromium。Debian/Ubuntu 请运行：sudo apt-get install chromium；或者不加 --browser，自己打开网页。"
    )


class BrowserKeeper:
    """Keeps one browser open on a page, in a thread of its own, until it is closed."""

    def __init__(self, program: str, address: str, flags: tuple[str, ...] = FLAGS) -> None:
        self._command = [program, *flags]
        if os.geteuid() == 0:
            self._command.append("--no-sandbox")  # Chromium refuses to run as root with it
        self._address = address
        self._closing = threading.Event()
        self._guard: subprocess.Popen[str] | None = None
        self.pid: int | None = None
        """Of the running browser."""
        self.starts = 0
        """How often it has been started."""
        self._thread = threading.Thread(target=self._keep, name="browser keeper", daemon=True)

    def open(self) -> None:
        """Start it."""
        self._thread.start()

    def close(self) -> None:
        """End it for good."""
        self._closing.set()
        running = self._guard
        if running is not None:
            running.terminate()
            try:
                running.wait(END_S)
            except subprocess.TimeoutExpired:
                running.kill()
        self._thread.join(END_S)

    def restart(self) -> None:
        """End the browser, so that a new one is opened; for one that hangs. Returns at once."""
        running = self._guard
        if running is not None:
            running.terminate()
            threading.Timer(END_S, running.kill).start()  # does nothing where it has ended

    def _keep(self) -> None:
        wait = FIRST_WAIT_S
        for parent in {Path(tempfile.gettempdir()), MEMORY}:
            guard.sweep(parent)
        while not self._closing.is_set():
            started = time.monotonic()
            code = self._run()
            if self._closing.is_set():
                return
            wait = FIRST_WAIT_S if time.monotonic() - started > LASTING_S else min(2 * wait, LONGEST_WAIT_S)
            log.warning(
                "浏览器退出了（代码 %s），%.0f 秒后重新打开。没有屏幕的机器请不加 --browser，在别处打开 %s",
                code,
                wait,
                self._address,
            )
            self._closing.wait(wait)

    def _run(self) -> int:
        """A new profile each time: nothing of one rider survives, and a damaged profile does not either."""
        self.starts += 1
        with subprocess.Popen(
            # -P: what lies beside the guard hides nothing of the standard library.
            [sys.executable, "-P", guard.__file__, *self._command, self._address],
            env={**os.environ, "TMPDIR": str(scratch_parent())},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        ) as running:  # fmt: skip
            self._guard = running
            assert running.stdout is not None
            self.pid = int(running.stdout.readline() or 0) or None
            return running.wait()
