"""Files that are saved whole or not at all, one program at a time, with a dated copy of what they were.

    answers/history/2026-11-26_09-30-05.123_改条目 refund.faq.yaml

is ``faq.yaml`` as it was before that change. The newest ``KEPT_COPIES`` copies stay, and of older ones the last of
each day.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from voice_faq import files
from voice_faq.errors import FaqError, reason

HISTORY_FOLDER: Final = "history"
LOCK_FILE: Final = ".lock"
LOCK_TIMEOUT_S: Final = 10.0
KEPT_COPIES: Final = 200
_STAMP: Final = "%Y-%m-%d_%H-%M-%S.%f"
_COPY_NAME: Final = re.compile(r"(\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\.\d{3})_(.*?)\.([^.]+\.[a-z]+)")
_UNFIT: Final = re.compile(r"[^\w-]+")  # for a file's name
_LONGEST_REASON: Final = 40


@dataclass(frozen=True)
class Copy:
    """A file as it once was."""

    path: Path
    file: str
    """Name of the file that it is a copy of."""
    made: datetime
    before: str
    """The change that it was made before."""


def version_of(content: bytes | None) -> str:
    """A digest that changes with the content; empty for a file that is not there."""
    return "" if content is None else hashlib.sha256(content).hexdigest()[:16]


def read_bytes(file: Path) -> bytes | None:
    """The content; None for a file that is not there. Raises FaqError for one that cannot be read."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FaqError(f"{file}：文件打不开（{reason(error)}）。请检查权限。") from None


def write_whole(file: Path, content: bytes) -> None:
    """The new content, or after a crash at any moment the old one; raises FaqError and leaves the old one."""
    try:
        files.write_whole(file, content)
    except OSError as error:
        raise FaqError(f"{file}：写不进去（{reason(error)}），原来的内容没有变。请检查权限和剩余空间。") from None


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder for a change; what a crash left half written is cleared away. Raises FaqError."""
    try:
        handle = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise FaqError(f"{folder}：不能在这里保存（{reason(error)}）。请检查文件夹的权限。") from None
    try:
        deadline = time.monotonic() + LOCK_TIMEOUT_S
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise FaqError(f"{folder}：另一个程序正在保存。请等它保存完再试。") from None
                time.sleep(0.02)
        for part in [*folder.glob(f".*{files.PART}"), *(folder / HISTORY_FOLDER).glob(f".*{files.PART}")]:
            with contextlib.suppress(OSError):
                part.unlink()
        yield
    finally:
        os.close(handle)


def keep_copy(file: Path, change: str) -> None:
    """A dated copy of ``file`` as it is now, before ``change``; raises FaqError."""
    content = read_bytes(file)
    if content is None:
        return
    folder = file.parent / HISTORY_FOLDER
    reason = _UNFIT.sub(" ", change).strip()[:_LONGEST_REASON]
    stamp = datetime.now().strftime(_STAMP)[:-3]
    write_whole(folder / f"{stamp}_{reason}.{file.name}", content)
    _thin_out(file.parent, file.name)


def copies(folder: Path) -> list[Copy]:
    """The dated copies of an answers folder, the newest first."""
    found = []
    for path in (folder / HISTORY_FOLDER).glob("*"):
        match = _COPY_NAME.fullmatch(path.name)
        if match:
            found.append(Copy(path, match[3], datetime.strptime(match[1], _STAMP), match[2]))
    return sorted(found, key=lambda copy: copy.path.name, reverse=True)


def _thin_out(folder: Path, name: str) -> None:
    older = [copy for copy in copies(folder) if copy.file == name][KEPT_COPIES:]
    day = None
    for copy in older:
        if copy.made.date() == day:
            with contextlib.suppress(OSError):
                copy.path.unlink()
        day = copy.made.date()
