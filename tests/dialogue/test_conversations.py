"""Several conversations at once: they end, and what was heard finds its alternatives."""

from __future__ import annotations

from voice_faq.dialogue.assistant import CONTEXT_S
from voice_faq.dialogue.conversations import (
    FORGOTTEN_S,
    HEARD_S,
    MOST_CONVERSATIONS,
    MOST_HEARD,
    Conversations,
)  # fmt: skip
from voice_faq.faq import Faq
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.matching import Matcher


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_conversations_are_forgotten_in_time_and_never_too_many(faq: Faq, matcher: Matcher) -> None:
    clock = Clock()
    conversations = Conversations(faq, matcher, longest_question_s=60, clock=clock)
    for number in range(MOST_CONVERSATIONS + 20):
        conversations.turn("怎么退卡", str(number))
    assert len(conversations) == MOST_CONVERSATIONS
    newest = str(MOST_CONVERSATIONS + 19)
    assert conversations.turn("再说一遍", newest).answer == faq.entry("refund").answer
    assert conversations.goes_on(newest) and not conversations.goes_on("another")
    clock.now += CONTEXT_S + 1
    assert not conversations.goes_on(newest)
    clock.now += FORGOTTEN_S
    assert conversations.turn("再说一遍", newest).answer == faq.prompts.nothing_to_repeat
    assert len(conversations) == 1
    conversations.end(newest)
    assert len(conversations) == 0


def test_what_was_heard_here_is_matched_with_its_alternatives_for_a_while(faq: Faq, matcher: Matcher) -> None:
    clock = Clock()
    conversations = Conversations(faq, matcher, longest_question_s=60, clock=clock)
    unsure = [Hypothesis("怎么退卡", 0.1), Hypothesis("怎么对卡", 0.05)]
    conversations.heard(unsure)
    turn = conversations.turn("怎么退卡", "here")
    assert (turn.decision, turn.alternatives) == ("reject", tuple(unsure))
    assert conversations.turn("怎么退卡", "here").decision == "answer"  # somebody has typed it
    conversations.heard(unsure)
    clock.now += HEARD_S + 1
    assert conversations.turn("怎么退卡", "here").decision == "answer"
    for number in range(100):
        conversations.heard([Hypothesis(str(number), 1.0)])
    assert len(conversations._heard) == MOST_HEARD
