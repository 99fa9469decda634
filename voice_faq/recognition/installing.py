"""Installs official Vosk models: download with resume, verify, unpack safely, move into place at once."""

from __future__ import annotations

import errno
import hashlib
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import httpx

from voice_faq.errors import ModelError, reason
from voice_faq.files import swap_folder, workspace
from voice_faq.recognition.model_folder import check_files
from voice_faq.settings import Settings

BLOCK: Final = 256 * 1024  # bytes
TIMEOUT: Final = httpx.Timeout(30.0)

Progress = Callable[[int, int | None], None]
"""Called with bytes so far and bytes in all, None when the server does not say."""


@dataclass(frozen=True)
class OfficialModel:
    """A model that alphacephei.com offers."""

    name: str
    description: str
    size: int | None = None
    """Bytes of the archive, where known."""
    sha256: str | None = None
    """Of the archive, where known; without it the archive's own checksums are all there is."""


OFFICIAL_MODELS: Final = (
    OfficialModel(
        "vosk-model-small-cn-0.22",
        "官方小模型，42 MB，适合自助机和电脑",
        43_898_754,
        "3af8b0e7e0f835ae9d414ce5df580237a3cfb08d586c9fbbb0f7ff29ad5b14ba",
    ),
    OfficialModel("vosk-model-cn-0.22", "官方大模型，1.3 GB，需要服务器级别的内存"),
)


def official_model(name: str) -> OfficialModel:
    """The model of this name; raises ModelError that lists the names there are."""
    for model in OFFICIAL_MODELS:
        if model.name == name:
            return model
    raise ModelError(f"没有名为 {name} 的官方模型。可以安装的有：{'、'.join(m.name for m in OFFICIAL_MODELS)}。")


def install_model(model: OfficialModel, settings: Settings, progress: Progress = lambda _done, _all: None) -> Path:
    """Put ``model`` into the operator's model folder; does nothing when a sound one is there.

    Raises ModelError for whatever goes wrong; a broken download is kept and resumed by the next run,
    except when its checksum is wrong.
    """
    target = settings.models_dir / model.name
    if target.is_dir() and not check_files(target):
        return target
    archive = settings.models_dir / ".download" / f"{model.name}.zip.part"
    try:
        archive.parent.mkdir(parents=True, exist_ok=True)
        _download(f"{settings.models_url.rstrip('/')}/{model.name}.zip", archive, model.size, progress)
        _verify(archive, model)
        _unpack(archive, target)
        archive.unlink()
    except httpx.HTTPError as error:
        raise ModelError(
            f"下载 {model.name} 时网络断了（{error or type(error).__name__}）。已下载的部分留着，再运行一次会接着下。"
        ) from None
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ModelError(f"{settings.models_dir} 所在的磁盘满了。请腾出空间后再运行一次，会接着下载。") from None
        raise ModelError(
            f"{error.filename or settings.models_dir}：写不进去（{reason(error)}）。请检查权限。"
        ) from None
    return target


def _download(url: str, archive: Path, size: int | None, progress: Progress) -> None:
    """Fetch what is missing of ``archive``."""
    have = archive.stat().st_size if archive.exists() else 0
    if size is not None and have > size:
        archive.unlink()
        have = 0
    if size is not None and have == size:
        return
    headers = {"Range": f"bytes={have}-"} if have else {}
    with httpx.stream("GET", url, headers=headers, timeout=TIMEOUT, follow_redirects=True) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            # Nothing is left to fetch, or what is here is not from this archive: verifying tells.
            return
        if response.status_code not in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
            raise ModelError(f"{url}：服务器回答 {response.status_code}。请稍后再试，或检查 models_url 设置。")
        if response.status_code == httpx.codes.OK:
            have = 0
        length = response.headers.get("Content-Length")
        total = have + int(length) if length else size
        free = shutil.disk_usage(archive.parent).free
        if total is not None and total - have > free:
            raise OSError(errno.ENOSPC, "disk full")
        with archive.open("ab" if have else "wb") as file:
            for block in response.iter_bytes(BLOCK):
                file.write(block)
                have += len(block)
                progress(have, total)
    if total is not None and have < total:
        raise ModelError(f"下载不完整（{have} / {total} 字节）。再运行一次会接着下。")


def _verify(archive: Path, model: OfficialModel) -> None:
    """Size and checksum; what fails is deleted, so that the next run starts afresh."""
    fault = ""
    if model.size is not None and archive.stat().st_size != model.size:
        fault = f"大小是 {archive.stat().st_size} 字节，应该是 {model.size} 字节"
    elif model.sha256 is not None:
        with archive.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != model.sha256:
            fault = "校验和不对"
    elif not zipfile.is_zipfile(archive):
        fault = "不是 ZIP 文件"
    if fault:
        archive.unlink()
        raise ModelError(
            f"下载到的 {model.name} {fault}，已删除。请再运行一次；总是这样的话，请检查网络或 models_url 设置。"
        )


def _unpack(archive: Path, target: Path) -> None:
    """Unpack beside ``target`` and rename, so that a half-unpacked model is never seen."""
    with workspace(target.parent, "unpack") as work:
        try:
            with zipfile.ZipFile(archive) as files:
                for member in files.infolist():
                    _refuse_escape(member)
                files.extractall(work)
        except (zipfile.BadZipFile, EOFError, RuntimeError, zlib.error) as error:
            archive.unlink()
            raise ModelError(f"{target.name} 的压缩包是坏的（{error}），已删除。请再运行一次。") from None
        unpacked = work / target.name
        if not unpacked.is_dir():
            raise ModelError(f"{target.name} 的压缩包里没有 {target.name} 文件夹。请检查 models_url 设置。")
        problems = check_files(unpacked)
        if problems:
            raise ModelError(f"压缩包里的模型不完整：{problems[0]}")
        swap_folder(unpacked, target)


def _refuse_escape(member: zipfile.ZipInfo) -> None:
    """Raises ModelError for a path that leads out of the folder, and for links."""
    path = PurePosixPath(member.filename.replace("\\", "/"))
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0] or is_link:
        raise ModelError(f"压缩包里有不安全的路径 {member.filename}，没有安装。请检查 models_url 设置。")
