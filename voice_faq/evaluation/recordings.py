"""The table of recorded questions that demo, benchmark and tests share."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from voice_faq.dialogue.turn import Turn
from voice_faq.errors import InputError, reason
from voice_faq.evaluation.measure import OUT_OF_SCOPE

COMMAND_MARK = "!"


@dataclass(frozen=True)
class RecordedQuestion:
    """One line of the table."""

    path: Path
    transcript: str
    """What is said."""
    expected: str
    """Entry id, ``-`` for none, ``!repeat`` and the like for a command."""
    voice: str
    sound: str
    """``clean``, or what was done to it: ``babble 10``, ``noise 15`` (dB), ``hall``."""

    def answered_by(self, turn: Turn) -> bool:
        """Whether the turn is what was expected; an unanswerable question may be asked back."""
        if self.expected == OUT_OF_SCOPE:
            return turn.decision in ("reject", "clarify")
        if self.expected.startswith(COMMAND_MARK):
            return turn.command == self.expected.removeprefix(COMMAND_MARK)
        return turn.entry == self.expected


def read_recorded(table: Path) -> list[RecordedQuestion]:
    """Read the table; raises InputError when it is not there."""
    try:
        with table.open(encoding="utf-8", newline="") as lines:
            return [
                RecordedQuestion(
                    table.parent / row["file"], row["transcript"], row["expected"], row["voice"], row["sound"]
                )
                for row in csv.DictReader(lines, delimiter="\t")
            ]
    except OSError as error:
        raise InputError(f"{table}：读不了（{reason(error)}）。请在项目文件夹里运行。") from None
