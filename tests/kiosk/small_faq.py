"""Answers of a few entries, as light as a test wants them."""

from __future__ import annotations

import shutil
from pathlib import Path

from voice_faq.data import data_root
from voice_faq.files import write_whole

LOST = "请到服务台登记失物。"
TOILET = "厕所在二楼电梯旁边。"
FAQ = """\
title: 车站问答
hotline: "12345"
entries:
  - id: lost
    question: 东西丢了怎么办
    wordings: [我的包丢了, 捡到东西交给谁]
    answer: {lost}
  - id: toilet
    question: 厕所在哪里
    wordings: [洗手间在几楼, 卫生间怎么走]
    answer: {toilet}
"""
BROKEN = "title: 车站问答\nhotline: 12345\nentries:\n  - id: lost\n   question: 缩进错了\n"


def faq_yaml(lost: str = LOST, toilet: str = TOILET) -> str:
    return FAQ.format(lost=lost, toilet=toilet)


def write_answers(folder: Path, text: str | None = None) -> Path:
    """A folder with them; of one that is there, the FAQ alone is written anew."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "prompts.yaml").exists():
        shutil.copy(data_root() / "answers" / "prompts.yaml", folder)
    write_whole(folder / "faq.yaml", (text or faq_yaml()).encode())
    return folder
