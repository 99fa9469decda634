"""Texts in, answers out, for several conversations at once; nothing of them outlives a few minutes."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from voice_faq.dialogue.assistant import CONTEXT_S, MICROPHONE, Assistant
from voice_faq.dialogue.commands import Command
from voice_faq.dialogue.turn import Timings, Turn
from voice_faq.faq import Faq
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.matching import Matcher

MOST_CONVERSATIONS: Final = 128
FORGOTTEN_S: Final = 300.0  # without a word; as long as Home Assistant keeps a conversation
MOST_HEARD: Final = 32
HEARD_S: Final = 30.0  # that an n-best list waits for its transcript to come back
MANNER: Final = frozenset({Command.SLOWER, Command.FASTER, Command.LOUDER, Command.QUIETER})
NO_MANNER: Final = "这里调不了语速和音量，请在音箱上调。"


@dataclass
class _Conversation:
    assistant: Assistant
    last_s: float
    lock: threading.Lock = field(default_factory=threading.Lock)


class Conversations:
    """By the names that a protocol gives them; threads may share it."""

    def __init__(
        self, faq: Faq, matcher: Matcher, *, longest_question_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``clock`` gives seconds."""
        self._faq = faq
        self._matcher = matcher
        self._longest_question_s = longest_question_s
        self._clock = clock
        self._lock = threading.Lock()
        self._conversations: OrderedDict[str, _Conversation] = OrderedDict()
        self._heard: OrderedDict[str, tuple[float, tuple[Hypothesis, ...]]] = OrderedDict()

    def heard(self, hypotheses: Sequence[Hypothesis]) -> None:
        """What was recognised here comes back as a text alone; its alternatives wait for it."""
        if not hypotheses:
            return
        with self._lock:
            self._heard[hypotheses[0].text] = self._clock(), tuple(hypotheses)
            self._heard.move_to_end(hypotheses[0].text)
            while len(self._heard) > MOST_HEARD:
                self._heard.popitem(last=False)

    def turn(self, text: str, name: str) -> Turn:
        """The answer to ``text`` in the conversation ``name``; it takes milliseconds."""
        conversation = self._conversation(name)
        with conversation.lock:
            hypotheses = self._alternatives(text.strip())
            if hypotheses is not None:
                return conversation.assistant.decide(MICROPHONE, list(hypotheses), Timings())
            return conversation.assistant.ask_text(text)

    def goes_on(self, name: str) -> bool:
        """Whether something was said in it just now, so that 第二个 and 再说一遍 have a meaning."""
        with self._lock:
            found = self._conversations.get(name)
            return found is not None and self._clock() - found.last_s <= CONTEXT_S

    def end(self, name: str) -> None:
        """It is over."""
        with self._lock:
            self._conversations.pop(name, None)

    def forget_old(self) -> None:
        """Drop what is over."""
        with self._lock:
            now = self._clock()
            for name in [n for n, c in self._conversations.items() if now - c.last_s > FORGOTTEN_S]:
                del self._conversations[name]
            for text in [t for t, (at, _) in self._heard.items() if now - at > HEARD_S]:
                del self._heard[text]

    def __len__(self) -> int:
        return len(self._conversations)

    def _conversation(self, name: str) -> _Conversation:
        self.forget_old()
        with self._lock:
            found = self._conversations.get(name)
            if found is None:
                assistant = Assistant(
                    self._faq, self._matcher, None, longest_question_s=self._longest_question_s, clock=self._clock
                )
                found = self._conversations[name] = _Conversation(assistant, self._clock())
                while len(self._conversations) > MOST_CONVERSATIONS:
                    self._conversations.popitem(last=False)
            found.last_s = self._clock()
            self._conversations.move_to_end(name)
            return found

    def _alternatives(self, text: str) -> tuple[Hypothesis, ...] | None:
        with self._lock:
            found = self._heard.pop(text, None)
        return found[1] if found is not None and self._clock() - found[0] <= HEARD_S else None


def reply(turn: Turn) -> str:
    """What is to be said; a loudspeaker elsewhere has no speed or volume that could be set here."""
    return NO_MANNER if turn.command in MANNER else turn.answer
