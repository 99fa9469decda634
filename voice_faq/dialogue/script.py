"""All that the machine may say with an FAQ: what a voice pack records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from voice_faq.dialogue.guide import guide_texts
from voice_faq.faq.entries import Faq

CHOICE_WORDS: Final = ("一", "二", "三")


def spoken_texts(faq: Faq) -> list[str]:
    """Answers, prompts, and each question as it is said in a choice, behind each of the numbers at least once."""
    prompts = faq.prompts
    around = [*prompts.clarify.split("{choices}", 1), *prompts.confirm.split("{question}", 1)]
    rest = [
        prompts.greeting, prompts.not_caught, prompts.not_known, rejected_again(faq),
        *(part.lstrip("。！？；，") for part in around), prompts.nothing_to_repeat, prompts.help,
        prompts.adjusted, prompts.at_limit, prompts.choose, prompts.welcome, prompts.listening, prompts.who,
        prompts.still_there, prompts.goodbye,
    ]  # fmt: skip
    numbered = [choice(CHOICE_WORDS[i % len(CHOICE_WORDS)], entry.asked) + "？" for i, entry in enumerate(faq.entries)]
    numbered += [choice(word, faq.entries[0].asked) + "？" for word in CHOICE_WORDS[len(faq.entries) :]]
    return [*(entry.answer for entry in faq.entries), *rest, *numbered, *guide_texts(faq)]


def rejected_again(faq: Faq) -> str:
    """What is said to the second question in a row that nothing answers."""
    return faq.prompts.not_known_again.replace("{hotline}", faq.hotline)


def offer(faq: Faq, entries: Sequence[str]) -> str:
    """Asks whether the one entry is meant, or which of two or three."""
    questions = [faq.entry(entry).asked for entry in entries]
    if len(questions) == 1:
        return faq.prompts.confirm.replace("{question}", questions[0])
    return faq.prompts.clarify.replace("{choices}", "；".join(map(choice, CHOICE_WORDS, questions)))


def choice(number: str, question: str) -> str:
    """One of several offered questions."""
    return f"{number}，{question}"
