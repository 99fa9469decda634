"""What a page may say, besides the audio of a question.

Every message names its session and its question. Both numbers are the page's and only grow: the session's with each
person, the question's with each request and whenever one is given up. So a message that comes late, or twice, belongs
to nothing any more. What the server sends names what it belongs to in the same way. Audio comes as binary messages:
AUDIO_HEADER with the two numbers, then 16-bit mono PCM.
"""

from __future__ import annotations

import struct
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from voice_faq.recognition.recognizer import FASTEST_RATE, SLOWEST_RATE

LONGEST_TEXT: Final = 200  # characters of a typed question
AUDIO_HEADER: Final = struct.Struct("<II")
"""Session and question."""

Number = Annotated[int, Field(ge=0, lt=2**32)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    session: Number
    question: Number


class _Request(_Message):
    """A message that is answered with a turn; its question's number is a new one."""


class Hello(_Message):
    """The first message of a page; what does not send it takes no page's place."""

    type: Literal["hello"]
    content: Annotated[str, Field(max_length=64)] | None = None
    """The content that it shows, as its settings name it. A page that names one keeps it as long as it is connected,
    and comes again when it has heard of another; one that names none gets the newest with each new session."""


class Alive(_Message):
    """The page is still there, and knows this of its sound; None for what it does not know."""

    type: Literal["alive"]
    microphone: Literal["works", "denied", "missing", "failed"] | None = None
    loudspeaker: Literal["works", "missing", "failed"] | None = None


class Start(_Request):
    """A question begins; its audio follows."""

    type: Literal["start"]
    rate: Annotated[int, Field(ge=SLOWEST_RATE, le=FASTEST_RATE)]
    """Hz."""
    reply: bool = False
    """Whether it may be a reply to 您还在吗."""


class Stop(_Message):
    """The question has ended."""

    type: Literal["stop"]


class Cancel(_Message):
    """The question is thrown away, or the answer is not wanted any more."""

    type: Literal["cancel"]


class Ask(_Request):
    """A typed question."""

    type: Literal["ask"]
    text: Annotated[str, Field(max_length=LONGEST_TEXT)]


class Show(_Request):
    """A touch on an entry in the list."""

    type: Literal["show"]
    entry: Annotated[str, Field(max_length=200)]


class Choose(_Request):
    """A touch on one of the questions that were offered, 1 to 3, or 0 for none of them."""

    type: Literal["choose"]
    number: Annotated[int, Field(ge=0, le=3)]


class Repeat(_Request):
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


class Microphone(_Message):
    """The microphone does not work; for the operator's log."""

    type: Literal["microphone"]
    problem: Literal["denied", "missing", "failed"]


class Reset(_Message):
    """A session ends; nothing of it may be left for the next person."""

    type: Literal["reset"]


Message = Annotated[
    Hello | Alive | Start | Stop | Cancel | Ask | Show | Choose | Repeat | Change | Search | Microphone | Reset,
    Field(discriminator="type"),
]
Request = _Request
MESSAGE: Final[TypeAdapter[Message]] = TypeAdapter(Message)
