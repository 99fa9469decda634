"""One turn as data: what ``--json`` prints and the kiosk's page receives."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from voice_faq.dialogue.commands import Command
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.matching.decision import Candidate, RejectReason

DecisionName = Literal["answer", "clarify", "reject", "command"]
DECISION_NAMES: Final[dict[str, str]] = {
    "answer": "回答", "clarify": "反问", "reject": "答不上来", "command": "当作命令",
}  # fmt: skip


@dataclass
class Timings:
    """Milliseconds that each part of the turn took."""

    recognize: float = 0.0
    """From the end of the audio to the hypotheses; of a file, the whole decoding."""
    match: float = 0.0
    speak: float = 0.0
    """Until the answer's first clause could be played; 0 when it was not spoken."""


@dataclass(frozen=True)
class Turn:
    """A question and what became of it."""

    input: str
    """The text, the path of the recording, or ``microphone``."""
    transcript: str
    """The best hypothesis, or the text."""
    alternatives: tuple[Hypothesis, ...]
    decision: DecisionName
    entry: str | None
    """Id of the answered entry."""
    score: float
    """Of the best candidate, 0…1."""
    candidates: tuple[Candidate, ...]
    answer: str
    """What is said."""
    command: Command | None = None
    error: str | None = None
    """Why the input could not be used; only then part of the JSON."""
    reason: RejectReason | None = None
    """Why a question was rejected, for who shows or counts turns; no part of the JSON."""
    small_talk: bool = False
    """It was no question but words to the machine itself, 好的 or 等一下; no part of the JSON."""
    timings: Timings = field(default_factory=Timings)

    @property
    def counts_as(self) -> DecisionName:
        """The decision for who counts: what was no question was none that was refused either."""
        return "command" if self.small_talk else self.decision

    def as_json(self) -> dict[str, Any]:
        """The contract's keys, in its order; ``error`` is added only where there is one."""
        turn: dict[str, Any] = {
            "input": self.input,
            "transcript": self.transcript,
            "alternatives": [asdict(h) for h in self.alternatives],
            "decision": self.decision,
            "entry": self.entry,
            "score": self.score,
            "candidates": [asdict(c) for c in self.candidates],
            "answer": self.answer,
            "command": str(self.command) if self.command else None,
            "timings_ms": {name: round(value, 1) for name, value in asdict(self.timings).items()},
        }
        return turn | ({"error": self.error} if self.error else {})
