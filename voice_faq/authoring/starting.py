"""A new answers folder: a small FAQ that works, prompts, and a page that says what is what."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Final

from voice_faq.advice import command
from voice_faq.data import require_own_answers
from voice_faq.errors import FaqError, reason
from voice_faq.files import expanded

_TEMPLATE: Final = Path(str(files("voice_faq.authoring"))) / "template"


def start_folder(folder: Path) -> Path:
    """Make ``folder``, whole or not at all; raises FaqError where something is there already."""
    folder = expanded(folder).absolute()
    require_own_answers(folder)
    if folder.is_dir() and any(folder.iterdir()):
        raise FaqError(
            f"{folder}：里面已经有文件，什么都没有改。请换一个名字；要修改它，请运行：{command('edit', answers=folder)}"
        )
    if folder.exists() and not folder.is_dir():
        raise FaqError(f"{folder}：已经有叫这个名字的文件。请换一个名字。")
    work = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        place = folder if folder.exists() else folder.parent
        work = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=place))
        for file in sorted(_TEMPLATE.iterdir()):
            shutil.copyfile(file, work / file.name)
        if folder.exists():
            _fill(folder, work)
        else:
            work.chmod(0o777 & ~_umask())
            work.rename(folder)
    except OSError as error:
        raise FaqError(f"{folder}：建不起来（{reason(error)}）。请检查权限和剩余空间。") from None
    finally:
        if work is not None:
            with contextlib.suppress(OSError):
                shutil.rmtree(work)
    return folder


def _fill(folder: Path, work: Path) -> None:
    """Move the files of ``work`` into an empty folder, which stays itself: it may be somebody's current folder."""
    moved: list[Path] = []
    try:
        for file in sorted(work.iterdir()):
            moved.append(file.rename(folder / file.name))
    except OSError:
        for file in moved:
            file.unlink()
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
