"""A started answers folder for the tests of the editor."""

from __future__ import annotations

from pathlib import Path

import pytest

from voice_faq.authoring.starting import start_folder


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    return start_folder(tmp_path / "我的问答")
