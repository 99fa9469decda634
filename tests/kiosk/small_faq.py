"""Answers of a few entries, as light as a test wants them."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import soundfile as sf

from voice_faq.data import data_root
from voice_faq.dialogue.script import spoken_texts
from voice_faq.faq import load_faq
from voice_faq.files import write_whole
from voice_faq.speech.clauses import split_clauses
from voice_faq.speech.pack import RecordedClause, VoicePack
from voice_faq.speech.reading import to_pinyin

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


def record_voice(folder: Path) -> None:
    """All that these answers say, as a short tone for each clause: quickly recorded, quickly spoken."""
    faq = load_faq(folder)
    pack = VoicePack(folder / "voice" / "xiaoxiao", "tones", "flute", {})
    pack.folder.mkdir(parents=True, exist_ok=True)
    tone = (8000 * np.sin(np.arange(4800) * 0.2)).astype(np.int16)
    for text in spoken_texts(faq):
        for clause in split_clauses(text):
            pinyin = to_pinyin(clause, faq.pronunciations)
            recorded = RecordedClause(clause, pinyin, 0.1, -23.0)
            pack.clauses[recorded.key] = recorded
            if not pack.file(recorded).exists():
                sf.write(pack.file(recorded), tone, 48_000, format="OGG", subtype="OPUS")
    pack.write()
