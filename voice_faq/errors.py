"""The one error that users see: what is wrong, where, and what to do."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_REASONS: Final = {
    errno.ENOENT: "没有这个文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "这个磁盘只能读",
    errno.ENOSPC: "磁盘满了",
    errno.EDQUOT: "磁盘配额用完了",
    errno.EISDIR: "这是一个文件夹",
    errno.ENOTDIR: "路径里有一段不是文件夹",
    errno.EEXIST: "已经有同名的文件或文件夹",
    errno.ENAMETOOLONG: "名字太长",
    errno.EMFILE: "打开的文件太多",
    errno.EIO: "磁盘或设备读写出错",
    errno.EADDRINUSE: "已经被别的程序占用",
    errno.EADDRNOTAVAIL: "这台机器没有这个地址",
    errno.ECONNREFUSED: "对方没有接受连接",
    errno.ETIMEDOUT: "等了太久没有回应",
    errno.ENOEXEC: "不是能运行的程序",
}


@dataclass(frozen=True, order=True)
class Mistake:
    """One thing to mend in the answers folder."""

    file: Path
    line: int
    """Counted from 1."""
    message: str
    """What is wrong and how to mend it."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}：{self.message}"


class VoiceFaqError(Exception):
    """Base of all errors whose message is meant for a user; front doors print it and exit with 1."""


class SettingsError(VoiceFaqError):
    """A setting has a value that cannot be used."""


class FaqError(VoiceFaqError):
    """The answers folder has mistakes; the message lists them all, one ``file:line`` a line."""

    def __init__(self, message: str, mistakes: Sequence[Mistake] = ()) -> None:
        super().__init__(message)
        self.mistakes = tuple(mistakes)
        """The same as data."""


class ModelError(VoiceFaqError):
    """A Vosk model is missing, broken or could not be installed."""


class AudioError(VoiceFaqError):
    """A recording or an audio device cannot be used."""


class SpeechError(VoiceFaqError):
    """The speech synthesiser is missing or failed."""


class InputError(VoiceFaqError):
    """A command-line input, such as a list file, cannot be used."""


def reason(error: OSError) -> str:
    """Why the system refused, in words for a user; those of the system where we have none."""
    return _REASONS.get(error.errno or 0) or error.strerror or type(error).__name__
