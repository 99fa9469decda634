"""Steps ``dialogue-words`` and ``measure-dialogue-words``: 是, 不是, 第一个, 再说一遍, 慢一点, 停 and the like.

They are short and decide much, so they are measured apart: by people, as far as a corpus has them as words,
and by synthetic voices beyond that. The word recordings are training data, so their figures only show that nothing is
broken.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from voice_faq.audio.recording import read_recording
from voice_faq.dialogue.assistant import recognize
from voice_faq.dialogue.commands import Command
from voice_faq.dialogue.replies import Reply, spot
from voice_faq.evaluation.recordings import COMMAND_MARK, read_recorded
from voice_faq.evaluation.transcripts import character_errors
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.recognition import VoskRecognizer
from voice_faq.recognition.graph.phrases import COMMANDS

from .recordings import COLUMNS, clips_of_people

SOUNDS: Final = ("clean", "babble 10")
FOLDER: Final = "dialogue-words"
SYNTHETIC_VOICE: Final = re.compile("[a-z]{2}_")  # by its name, af_kore/zf_xiaobei


def dialogue_words() -> dict[str, Command | Reply]:
    """What the model was made to expect, each with what it means; what means nothing alone is left out."""
    meanings = {phrase: spot([Hypothesis(phrase, 1.0)]) for phrase in COMMANDS}
    return {phrase: meaning for phrase, meaning in meanings.items() if meaning is not None}


def write_dialogue_table(corpus: Path, table: Path, voices: Sequence[str]) -> None:
    """A recordings table of the words, by ``voices`` in turn, for the step ``recordings``, and by people.

    People's clips are written beside the table.
    """
    words, rows = dialogue_words(), [COLUMNS]
    for number, (phrase, meaning) in enumerate(words.items()):
        for sound in SOUNDS:
            name = f"{FOLDER}/{number:03d}-{sound.replace(' ', '-')}.flac"
            rows.append(f"{name}\t{phrase}\t{COMMAND_MARK}{meaning}\t{voices[number % len(voices)]}\t{sound}")
    for name, row in clips_of_people(corpus, table.parent / FOLDER, lambda row: row["transcript"] in words):
        meaning = words[row["transcript"]]
        rows.append(f"{name}\t{row['transcript']}\t{COMMAND_MARK}{meaning}\t{row['speaker']}\tclean")
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")


def measure_dialogue_words(model: Path, table: Path) -> None:
    """Print which share is recognised to the letter, understood as what it means, and taken for another command."""
    recognizer = VoskRecognizer(model)
    groups: dict[str, list[tuple[bool, bool, bool]]] = defaultdict(list)
    missed: list[str] = []
    for question in read_recorded(table):
        heard = recognize(recognizer, read_recording(question.path))
        spotted = spot(list(heard.hypotheses))
        meant = question.expected.removeprefix(COMMAND_MARK)
        outcome = (
            character_errors(question.transcript, heard.transcript).wrong == 0,
            spotted == meant,
            spotted is not None and spotted != meant,
        )
        kind = "synthetic" if SYNTHETIC_VOICE.match(question.voice) else "people"
        groups[f"{kind}, {question.sound}"].append(outcome)
        if spotted != meant:
            missed.append(f"{question.transcript} → {heard.transcript} ({kind}, {question.sound}; {spotted})")
    shown = Table("set", "recordings", "to the letter", "understood", "as another command")
    for group, outcomes in groups.items():
        shares = (f"{sum(which) / len(outcomes):.0%}" for which in zip(*outcomes, strict=True))
        shown.add_row(group, str(len(outcomes)), *shares)
    Console().print(shown)
    print("\n".join(missed))
