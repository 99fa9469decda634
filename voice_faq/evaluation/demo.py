"""``make demo``: the whole street over a handful of recorded questions, answers written as WAV."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Column, Table

from voice_faq.audio.recording import read_recording, write_wav
from voice_faq.dialogue.assistant import Assistant
from voice_faq.errors import VoiceFaqError
from voice_faq.evaluation.recordings import read_recorded
from voice_faq.faq import load_faq
from voice_faq.matching.opening import open_matcher
from voice_faq.recognition import open_recognizer
from voice_faq.settings import load_settings
from voice_faq.speech.clauses import joined
from voice_faq.speech.opening import open_voice
from voice_faq.speech.voice import begin_speaking

SHOWN: Final = (
    "canonical-fees",
    "canonical-refund",
    "canonical-support",
    "fresh-03-network",
    "fresh-07-discounts",
    "fresh-22-card-limit",
    "mixed-05-validity",
    "command-help",
    "oov-01",
)
LONGEST_SHOWN: Final = 44  # characters of an answer


def run_demo(table: Path, out: Path, console: Console) -> bool:
    """Print the table and write the answers; True when every question went where it should."""
    settings = load_settings()
    faq = load_faq(settings.answers, cache=settings.cache_dir)
    recognizer = open_recognizer(settings, faq)
    matcher = open_matcher(settings, faq)
    assistant = Assistant(faq, matcher, recognizer, longest_question_s=settings.longest_question_s)
    opened = open_voice(settings, faq.pronunciations)
    titles = ("问的话", "听到的话", "条目", "答案", "识别/匹配/合成（毫秒）")
    shown = Table(*(Column(title, overflow="fold") for title in titles), show_lines=True)
    all_right = True
    questions = [q for q in read_recorded(table) if q.path.stem in SHOWN]
    for question in questions:
        assistant.forget()
        turn = assistant.ask_recording(str(question.path), read_recording(question.path))
        speech = joined(begin_speaking(opened.voice, turn))
        if speech is not None:
            write_wav(out / f"{question.path.stem}.wav", speech)
        right = question.answered_by(turn)
        all_right &= right
        answer = turn.answer if len(turn.answer) <= LONGEST_SHOWN else turn.answer[:LONGEST_SHOWN] + "…"
        times = turn.timings
        shown.add_row(
            question.transcript,
            turn.transcript,
            f"{'✓' if right else '✗'} {turn.entry or turn.decision}",
            answer,
            f"{times.recognize:.0f}/{times.match:.1f}/{times.speak:.0f}",
        )
    console.print(shown)
    console.print(f"念出的答案：{out}/")
    return all_right and bool(questions)


def main() -> None:
    """Command line of the demo."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    try:
        right = run_demo(arguments.table, arguments.out, Console(highlight=False))
    except VoiceFaqError as error:
        sys.exit(f"voice-faq: {error}")
    sys.exit(0 if right else "voice-faq: 有问题没有得到应有的回答（见 ✗）。")


if __name__ == "__main__":
    main()
