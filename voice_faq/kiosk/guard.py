"""Runs a browser no longer than whoever asked for it: ``python guard.py PROGRAM ARGUMENT…``, of the standard library.

Standard input is the lifeline: when it ends, because the server was killed for instance, so does the browser with all
its processes. Profile and temporary files lie in one folder that is removed whatever happens. The browser's process
id is printed.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

PREFIX: Final = "voice-faq-browser-"
END_S: Final = 5.0  # for the browser to end by itself
_LOCK: Final = "lock"
_SET_PARENT_DEATH_SIGNAL: Final = 1  # of Linux's prctl


def run(command: Sequence[str]) -> int:
    """The browser's exit code, 127 where it cannot be started."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        with (folder / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # until this process ends; whoever sweeps sees that it is in use
            return _run_in(folder, command)
    finally:
        remove(folder)


def sweep(parent: Path | None = None) -> None:
    """Remove what guards that were killed have left in ``parent``, the system's folder for temporary files."""
    for folder in (parent or Path(tempfile.gettempdir())).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), (folder / _LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove(folder)


def remove(folder: Path) -> None:
    """Processes that are about to end may still write into it."""
    deadline = time.monotonic() + END_S
    while folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
        if time.monotonic() > deadline:
            return
        time.sleep(0.05)


def _run_in(folder: Path, command: Sequence[str]) -> int:
    (folder / "profile").mkdir()
    try:
        browser = subprocess.Popen(
            [*command, f"--user-data-dir={folder / 'profile'}"],
            env={**os.environ, "TMPDIR": str(folder)},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, preexec_fn=_die_with_parent,  # there is one thread only
        )  # fmt: skip
    except OSError as error:
        print(f"{command[0]}：{error.strerror}", file=sys.stderr)
        return 127
    signal.signal(signal.SIGTERM, lambda *_: _end(browser))
    threading.Thread(target=_end_with_lifeline, args=(browser,), daemon=True).start()
    print(browser.pid, flush=True)
    code = browser.wait()
    _signal(browser, signal.SIGKILL)  # what it has started
    return code


def _die_with_parent() -> None:
    """Where this process is killed itself nobody else would end the browser."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def _end_with_lifeline(browser: subprocess.Popen[bytes]) -> None:
    while os.read(sys.stdin.fileno(), 4096):  # a buffered read could not be given up at the end
        pass
    _end(browser)


def _end(browser: subprocess.Popen[bytes]) -> None:
    _signal(browser, signal.SIGTERM)
    threading.Timer(END_S, _signal, (browser, signal.SIGKILL)).start()


def _signal(browser: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(browser.pid, number)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
