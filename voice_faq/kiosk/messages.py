"""What a page may say, besides the audio of a question, which comes as binary messages of 16-bit mono PCM."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from voice_faq.recognition.recognizer import FASTEST_RATE, SLOWEST_RATE

LONGEST_TEXT: Final = 200  # characters of a typed question


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Start(_Message):
    """A question begins; its audio follows."""

    type: Literal["start"]
    rate: Annotated[int, Field(ge=SLOWEST_RATE, le=FASTEST_RATE)]
    """Hz."""
    number: int = 0
    """Comes back with the question's turn, so that a page can tell it from one that it has given up."""


class Stop(_Message):
    """The question has ended."""

    type: Literal["stop"]


class Cancel(_Message):
    """The question is thrown away, or the answer is not wanted any more."""

    type: Literal["cancel"]


class Ask(_Message):
    """A typed question."""

    type: Literal["ask"]
    text: Annotated[str, Field(max_length=LONGEST_TEXT)]


class Show(_Message):
    """A touch on an entry in the list."""

    type: Literal["show"]
    entry: Annotated[str, Field(max_length=200)]


class Choose(_Message):
    """A touch on one of the questions that were offered, 1 to 3, or 0 for none of them."""

    type: Literal["choose"]
    number: Annotated[int, Field(ge=0, le=3)]


class Repeat(_Message):
    """Once more."""

    type: Literal["repeat"]


class Change(_Message):
    """One step slower, faster, louder or quieter."""

    type: Literal["change"]
    command: Literal["slower", "faster", "louder", "quieter"]


class Search(_Message):
    """Which entries fit what has been typed so far?"""

    type: Literal["search"]
    text: Annotated[str, Field(max_length=LONGEST_TEXT)]
    number: int
    """Comes back with what was found, so that a page can tell an old answer from a new one."""


class Say(_Message):
    """A prompt is to be heard by those who do not see it."""

    type: Literal["say"]
    prompt: Literal["greeting", "still_there"]


class Reset(_Message):
    """A session ends; nothing of it may be left for the next person."""

    type: Literal["reset"]


Message = Annotated[
    Start | Stop | Cancel | Ask | Show | Choose | Repeat | Change | Search | Say | Reset, Field(discriminator="type")
]
MESSAGE: Final[TypeAdapter[Message]] = TypeAdapter(Message)
