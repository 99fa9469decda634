"""What the talk loop shows in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from voice_faq.dialogue.turn import Turn
from voice_faq.faq.entries import Faq

QUIETEST_SHOWN: Final = -60.0  # dBFS, the left end of the meter
METER_WIDTH: Final = 24
_IDLE: Final = "按空格键开始说话，q 退出"
_ANSWERING: Final = "空格键打断并重新提问，Esc 停止，p 暂停，r 重复，←→ 换句，[ ] 快慢，↑↓ 音量"
_CHOOSING: Final = "按数字键选一个，或者按空格键说出来"
_CONFIRMING: Final = "是就按数字键 1，或者按空格键说出来"
_WAITING: Final = "麦克风断开了，接好以后会接着听。Esc 放弃，q 退出"
_LISTENING: Final = "请讲。说完按空格键，Esc 取消"


class ConsoleScreen:
    """A live line at the bottom for the state, the turns above it."""

    def __init__(self, console: Console, faq: Faq) -> None:
        self._console = console
        self._faq = faq
        self._failures = 0
        self._hint = _ANSWERING
        self._live = Live(console=console, refresh_per_second=12, transient=True)

    def __enter__(self) -> ConsoleScreen:
        """Start drawing."""
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the terminal as it was."""
        self._live.stop()

    def idle(self) -> None:
        """Ready for a key press."""
        self._live.update(Text(_IDLE, style="dim"), refresh=True)

    def listening(self, words: str, level_dbfs: float) -> None:
        """Meter and words so far."""
        self._live.update(
            Text.assemble(
                ("● ", "bold red"), meter(level_dbfs), "  ", (words or _LISTENING, "bold" if words else "dim")
            )
        )

    def waiting(self) -> None:
        """In the place of the meter, which would stand still."""
        self._live.update(Text(_WAITING, style="red"), refresh=True)

    def turn(self, turn: Turn) -> None:
        """The question heard and the answer."""
        self._live.console.print(Text.assemble(("听到：", "dim"), turn.transcript or "（没有听到话）"))
        if turn.answer:
            shown = self._faq.entry(turn.entry).shown if turn.entry else turn.answer
            title = self._faq.entry(turn.entry).question if turn.entry else None
            self._live.console.print(Panel(Text(shown.strip()), title=title, title_align="left"))
        self._failures = self._failures + 1 if turn.counts_as == "reject" else 0
        if self._failures > 1:
            questions = "\n".join(entry.question for entry in self._faq.entries)
            self._live.console.print(Panel(Text(questions), title="这些问题我能回答", title_align="left"))
        self._hint = _ANSWERING
        if turn.decision == "clarify":
            self._hint = _CHOOSING if len(turn.candidates) > 1 else _CONFIRMING
        self._live.update(Text(self._hint, style="dim"), refresh=True)

    def speaking(self, clauses: Sequence[str], current: int) -> None:
        """The answer's words, those that are heard now lit up."""
        words = [(clause, "bold reverse" if i == current else "") for i, clause in enumerate(clauses)]
        self._live.update(Group(Text.assemble(*words), Text(self._hint, style="dim")), refresh=True)

    def trouble(self, problem: str) -> None:
        """Something does not work; the conversation goes on."""
        self._live.console.print(Text(problem, style="red"))

    def cancelled(self) -> None:
        """The question was thrown away."""
        self._live.console.print(Text("已取消", style="dim"))


def meter(level_dbfs: float) -> Text:
    """A bar for a level: empty at QUIETEST_SHOWN, full at 0 dBFS."""
    share = min(1.0, max(0.0, 1 - level_dbfs / QUIETEST_SHOWN))
    filled = round(share * METER_WIDTH)
    colour = "red" if share > 0.95 else "green" if share > 0.35 else "yellow"
    return Text.assemble(("█" * filled, colour), ("░" * (METER_WIDTH - filled), "dim"))
