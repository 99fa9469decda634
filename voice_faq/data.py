"""Where the answers and the default model lie: beside the package in a checkout, inside it when installed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from voice_faq.errors import FaqError

_PACKAGE: Final = Path(__file__).resolve().parent
_INSTALLED: Final = _PACKAGE / "_data"


def data_root() -> Path:
    """The folder that holds ``models/`` and ``answers/``."""
    return _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent


def require_own_answers(folder: Path) -> None:
    """Raises FaqError for answers that came with the installed package: an upgrade would replace what is changed."""
    place = folder.resolve()
    if _INSTALLED in (place, *place.parents):
        raise FaqError(
            f"{folder}：这是随软件安装的问答，升级时会被换掉，所以不在这里修改。"
            "请先建一个自己的文件夹：voice-faq init 我的问答；再用 --answers 我的问答 指定它。"
        )
