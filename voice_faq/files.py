"""Writes that are whole or not at all: made beside what they replace, then swapped. The writes raise OSError."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from voice_faq.errors import InputError

MEMORY: Final = Path("/dev/shm")
"""Linux keeps these files in memory."""
SCRATCH_BYTES: Final = 64 * 2**20  # free, that a folder for temporary files should have
PART: Final = ".part"  # ends the name of what is not written to its end
_EXCHANGE: Final = 2  # RENAME_EXCHANGE of linux/fs.h
PRIVATE: Final = 0o600
_HERE: Final = -100  # AT_FDCWD: paths are as they are given


def expanded(path: str | Path) -> Path:
    """``path`` with a ``~`` at its beginning made a home folder; raises InputError where there is no such user."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise InputError(f"{path}：没有这个用户的主目录。请写完整的路径。") from None


def write_whole(path: Path, content: bytes, *, private: bool = False) -> None:
    """Put ``content`` in the place of ``path``; whatever happens, the old or the new content stands there.

    A link stays a link, and permissions stay as they were, or with ``private`` are the owner's alone.
    """
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", suffix=PART, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(PRIVATE if private else _mode(path))
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def name_by_path(path: Path) -> str:
    """The last part of an absolute path, with what tells it from those of the same name elsewhere."""
    return f"{path.name}-{hashlib.sha256(os.fsencode(path)).hexdigest()[:8]}"


def swap_folder(fresh: Path, target: Path) -> None:
    """Put the folder ``fresh`` in the place of ``target``; what stood there is then where ``fresh`` was.

    In one moment on Linux; elsewhere ``target`` is missing for as long as a rename takes.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        fresh.rename(target)
    elif not _exchanged(fresh, target):
        replaced = fresh.with_name(f"{fresh.name}.replaced")
        target.rename(replaced)
        fresh.rename(target)
        replaced.rename(fresh)
    _sync_folder(target.parent)


def _exchanged(one: Path, other: Path) -> bool:
    try:
        rename = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    return int(rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE)) == 0


def scratch_parent() -> Path:
    """Where temporary files go: the system's folder for them, or memory where that is full or read-only."""
    try:
        usual = Path(tempfile.gettempdir())
        if os.access(usual, os.W_OK) and shutil.disk_usage(usual).free >= SCRATCH_BYTES:
            return usual
    except OSError:
        usual = Path(tempfile.tempdir or "/tmp")
    return MEMORY if os.access(MEMORY, os.W_OK) else usual


def sync_tree(folder: Path) -> None:
    """Bring all files of ``folder`` to the disk, so that they outlast a loss of power."""
    for place, _, names in os.walk(folder):
        for name in names:
            with (Path(place) / name).open("rb") as file:
                os.fsync(file.fileno())
        _sync_folder(Path(place))


@contextlib.contextmanager
def workspace(parent: Path, purpose: str) -> Iterator[Path]:
    """A folder in ``parent`` to make something in; it is removed in the end.

    Those that processes have left behind, which were killed while they worked, are removed before.
    """
    parent.mkdir(parents=True, exist_ok=True)
    for left in parent.glob(f".{purpose}-*"):
        owner = left.name.removeprefix(f".{purpose}-").split("-")[0]
        if not (owner.isdigit() and _runs(int(owner))):
            shutil.rmtree(left, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=f".{purpose}-{os.getpid()}-", dir=parent))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _mode(path: Path) -> int:
    """Permissions of the file that is replaced, or those that a new one gets."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
