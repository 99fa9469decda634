"""All that the machine may say with an FAQ: what a voice pack records."""

from __future__ import annotations

from typing import Final

from voice_faq.dialogue.guide import guide_texts
from voice_faq.faq.entries import Faq

CHOICE_WORDS: Final = ("一", "二", "三")


def spoken_texts(faq: Faq) -> list[str]:
    """Answers, prompts, and each question as it is said in a choice, behind each of the numbers at least once."""
    prompts = faq.prompts
    before, after = prompts.clarify.split("{choices}", 1)
    rest = [
        prompts.greeting, prompts.not_caught, prompts.not_known, rejected_again(faq), before,
        after.lstrip("。！？；，"), prompts.nothing_to_repeat, prompts.help, prompts.adjusted, prompts.at_limit,
        prompts.choose, prompts.welcome, prompts.listening, prompts.who, prompts.still_there, prompts.goodbye,
    ]  # fmt: skip
    numbered = [
        choice(CHOICE_WORDS[i % len(CHOICE_WORDS)], entry.question) + "？" for i, entry in enumerate(faq.entries)
    ]
    numbered += [choice(word, faq.entries[0].question) + "？" for word in CHOICE_WORDS[len(faq.entries) :]]
    return [*(entry.answer for entry in faq.entries), *rest, *numbered, *guide_texts(faq)]


def rejected_again(faq: Faq) -> str:
    """What is said to the second question in a row that nothing answers."""
    return faq.prompts.not_known_again.replace("{hotline}", faq.hotline)


def choice(number: str, question: str) -> str:
    """One of the offered questions."""
    return f"{number}，{question}"
