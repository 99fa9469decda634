"""The FAQ as frozen, validated objects."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

LONGEST_ANSWER: Final = 2_000  # characters, seven minutes of speech
LONGEST_WORDING: Final = 200
PLACEHOLDERS: Final = {"clarify": ("{choices}",), "confirm": ("{question}",), "not_known_again": ("{hotline}",)}
"""What is put into prompts before they are said, by the prompt's name."""
_ID: Final = r"^[a-z0-9]+(-[a-z0-9]+)*$"
_BRACES: Final = re.compile(r"[{｛][^{}｛｝]*[}｝]?|[}｝]")
_KEY_WORDS: Final = re.compile(r"[\W_]+")
_LANGUAGE: Final = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"  # BCP 47


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Wording = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_WORDING)]
Answer = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_ANSWER)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Translation(_Frozen):
    """An entry for those who do not read Chinese; what is spoken stays Mandarin."""

    question: Text
    answer: Text
    group: Text | None = None
    """The entry's heading in this language."""


class Entry(_Frozen):
    """One question that the FAQ answers."""

    id: Annotated[str, StringConstraints(pattern=_ID)]
    question: Wording
    """The canonical question."""
    group: Text | None = None
    """Heading under which a screen lists it."""
    wordings: list[Wording] = []
    """How else people ask it; a FAQ that is just begun may have none yet."""
    answer: Answer
    """Written to be heard."""
    screen: Text | None = None
    """A longer text for the screen."""
    translations: dict[Annotated[str, StringConstraints(pattern=_LANGUAGE)], Translation] = {}
    """By the language's tag, ``en``."""

    @property
    def all_wordings(self) -> list[str]:
        """The canonical question and all other wordings."""
        return [self.question, *self.wordings]

    @property
    def asked(self) -> str:
        """The canonical question without a mark at its end, as it stands inside a sentence."""
        return self.question.rstrip("？?。！! ") or self.question

    @property
    def shown(self) -> str:
        """What a screen shows: the longer text where there is one."""
        return self.screen or self.answer


class FaqFile(_Frozen):
    """``answers/faq.yaml``."""

    title: Text
    hotline: Text
    """Telephone number for what the machine cannot answer."""
    synonyms: list[Annotated[list[Text], Field(min_length=2)]] = []
    """Groups of words that mean the same; the first stands for all."""
    pronunciations: dict[Text, Text] = {}
    """Pinyin with tone digits for words that would be misread, ``还款`` → ``huan2 kuan3``."""
    out_of_scope: list[Text] = []
    """What people also ask and this FAQ does not answer; teaches matching to say no."""
    entries: Annotated[list[Entry], Field(min_length=1)]


class Prompts(_Frozen):
    """``answers/prompts.yaml``: what the machine itself says."""

    greeting: Text
    not_caught: Text
    """Nothing was heard or recognised."""
    not_known: Text
    """A question that no entry answers."""
    not_known_again: Text
    """The second one in a row; ``{hotline}`` stands for the FAQ's hotline."""
    clarify: Annotated[Text, StringConstraints(pattern=re.escape("{choices}"))]
    """Two or three questions are offered, one of which may be meant."""
    confirm: Annotated[Text, StringConstraints(pattern=re.escape("{question}"))] = (
        "您是想问：{question}？请说是或者不是，也可以再说一遍。"
    )
    """One question is offered."""
    nothing_to_repeat: Text
    help: Text
    goodbye: Text
    welcome: Text = "不客气。还有问题，请接着问。"
    """Said to thanks."""
    listening: Text = "我在听，请说您的问题。"
    """Said to words that ask nothing: 在的, 什么时候."""
    who: Text = "我是机器，回答常见问题。请说您的问题。"
    """Said to 你是谁."""
    still_there: Text = "您还在吗？要继续，请按一下按钮。"
    """Said before a session that nobody seems to use is ended."""
    adjusted: Text = "好的。"
    """Said before the answer is repeated slower, faster, louder or quieter."""
    at_limit: Text = "已经到头了。"
    """The same where it cannot get any slower, faster, louder or quieter."""
    choose: Text = "请说第几个，或者再说一遍您的问题。"
    """A yes, or a number too high, where two or three questions were offered."""


class Faq(_Frozen):
    """Everything in the answers folder."""

    title: str
    hotline: str
    synonyms: list[list[str]]
    pronunciations: dict[str, str]
    out_of_scope: list[str]
    entries: list[Entry]
    prompts: Prompts

    @property
    def languages(self) -> list[str]:
        """Tags of the languages that entries are translated into, in the order of the file."""
        return list(dict.fromkeys(language for entry in self.entries for language in entry.translations))

    @cached_property
    def _by_id(self) -> dict[str, Entry]:
        return {entry.id: entry for entry in self.entries}

    def entry(self, entry_id: str) -> Entry:
        """The entry with this id; raises KeyError for an unknown one."""
        return self._by_id[entry_id]


def left_over(text: str, filled: tuple[str, ...] = ()) -> list[str]:
    """Braces in ``text`` that nothing is put into; ``filled``: those that are."""
    return [marks for marks in _BRACES.findall(text) if marks not in filled]


def wording_key(wording: str) -> str:
    """What two wordings that are the same have in common: no punctuation, no case."""
    return _KEY_WORDS.sub("", wording).lower()


def is_spoken(answer: str) -> bool:
    """Whether anything of an answer is heard; symbols alone are not."""
    return any(character.isalnum() for character in answer)  # as clauses are split
