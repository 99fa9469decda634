"""What a few words mean beside what was said before: which of the offered questions, or more about the last one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from voice_faq.faq.entries import Faq
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import syllables
from voice_faq.matching import Answer, Clarify, Matcher, Reject

LONGEST_ADDITION: Final = 8  # syllables of words that go on from the last question, or name one that is offered
MOST_EXCHANGED: Final = 4  # words, one at a time
_SO: Final = re.compile("^那(?:么|个)?")
_ELLIPSIS: Final = re.compile("那(?!个)|.*呢$")  # words that hardly stand for themselves
_POINTING: Final = re.compile(
    "^(?:我?(?:是|想|要|就)*(?:问|说|选)?(?:的?是)?)|(?:的?(?:那|这)(?:一|个|种|条)*|的)?(?:吧|啊|呀|呢)*$"
)
"""What stands around the words that name a choice: 我问的是要钱的那个."""


def is_ellipsis(text: str) -> bool:
    """Whether a text hardly stands for itself: 那手表呢."""
    return _ELLIPSIS.match(normalize(text)) is not None


def named_choice(
    matcher: Matcher, faq: Faq, text: str, offered: Sequence[str], *, as_offered: bool = False
) -> int | None:
    """The place of the one of the ``offered`` entries that a few words name: 要钱的那个; None where none or two are.

    ``as_offered``: only by the words that were offered, not by other wordings.
    """
    words = _POINTING.sub("", normalize(text))
    if not words or len(syllables(words)) > LONGEST_ADDITION or matcher.is_out_of_scope(text):
        return None
    # A syllable is too easily another word, 卡 or 了, to be looked for in all wordings.
    as_offered |= len(syllables(words)) == 1
    entries = [faq.entry(entry) for entry in offered]
    questions, wordings = [[entry.question] for entry in entries], [entry.all_wordings for entry in entries]
    for texts in [questions] if as_offered else [questions, wordings]:
        named = [place for place, said in enumerate(texts) if matcher.speaks_of(said, words)]
        if named:
            return named[0] if len(named) == 1 else None
    return None


def gone_on(matcher: Matcher, faq: Faq, last_question: str, words: str, sureness: float) -> Answer | Clarify | None:
    """What a few words ask that go on from the last question, 那手表呢, by an entry that speaks of them.

    ``sureness`` that they were understood, 0…1.
    """
    added = _SO.sub("", normalize(words))
    least = 1 if is_ellipsis(words) else 2
    if not least <= len(syllables(added)) <= LONGEST_ADDITION or matcher.is_out_of_scope(words):
        return None
    # The same about something else: 怎么开通 … 那退呢 asks 怎么退.
    asked = normalize(last_question)
    told = [word for word in matcher.told_words(last_question) if word in asked] if is_ellipsis(words) else []
    exchanged = [asked.replace(word, added) for word in told[:MOST_EXCHANGED]]
    about_a_topic = [topic + added for topic in matcher.topics(last_question)]
    for question in (*exchanged, last_question + added, *about_a_topic):
        decision = matcher.match([Hypothesis(question, sureness)])
        if isinstance(decision, Reject) or (isinstance(decision, Clarify) and question not in about_a_topic):
            continue
        first = faq.entry(decision.candidates[0].entry)
        if matcher.speaks_of([*first.all_wordings, first.answer], added):
            return decision
    return None
