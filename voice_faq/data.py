"""Where the answers and the default model lie: beside the package in a checkout, inside it when installed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).resolve().parent
_INSTALLED: Final = _PACKAGE / "_data"


def data_root() -> Path:
    """The folder that holds ``models/`` and ``answers/``."""
    return _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent
