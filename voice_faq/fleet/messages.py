"""What kiosks and control room tell each other: JSON, read into models that forgive what they do not know."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

LARGEST: Final = 512 * 1024  # bytes of a message; a day's counts of ten thousand entries
LONGEST_TEXT: Final = 300  # characters of a text in a kiosk's report: twenty mistakes in the answers are a long one
CHUNK: Final = 128 * 1024  # bytes
ID: Final = "^[0-9a-f]{16}$"  # of a content
Short = Annotated[str, Field(max_length=200)]
Id = Annotated[str, Field(pattern=ID + "|^$")]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
Row = tuple[Annotated[str, Field(max_length=40)], Annotated[str, Field(max_length=100)], Annotated[int, Field(ge=0)]]
"""(decision, entry or nothing, how often)."""
CommandName = Literal["reload", "restart", "volume", "test"]
Fault = Literal["content", "kiosk"]


class Message(BaseModel):
    """A newer version may say more than this one knows."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    def bytes(self) -> bytes:
        """As it is sent."""
        return self.model_dump_json(exclude_none=True).encode()


class Status(Message):
    """A kiosk's agent; the last will is one with ``online`` false and nothing else."""

    online: bool
    time: float = 0.0
    """Seconds since 1970, by the kiosk's clock."""
    software: Short = ""
    content: Id = ""
    """The one that is switched to."""
    version: Short = ""
    """Its name."""
    wanted: Id = ""
    """The one that it was told to have."""
    step: Literal["", "loading", "checking", "refused", "waiting"] = ""
    """On the way to ``wanted``."""
    reason: Annotated[str, Field(max_length=2_000)] = ""
    """Why it refuses, or what it waits for."""
    fault: Fault | None = None
    """Whose the reason is: what is wrong with a content stops it everywhere."""
    settings: Annotated[str, Field(max_length=2_000)] = ""
    """The mistake in the settings file, for which older settings stand in or will at the next start."""
    line: Short = ""
    station: Short = ""
    every_s: float = 300.0
    """Between two reports of health."""


class Health(Message):
    """A report: what troubles the kiosk, and whatever it says of itself."""

    time: float = 0.0
    trouble: tuple[Short, ...] = ()
    """Short words (``microphone``); none where all is well."""
    kiosk: dict[str, Any] = {}
    """The kiosk's own ``/health``."""
    dropped: int = 0
    """Messages that had no room while the broker was away."""


class Counts(Message):
    """One day of one kiosk, always whole: the sum so far, never what was added."""

    source: Annotated[str, Field(pattern=r"^[0-9a-f]{8,32}$")]
    """Which store they were counted in; a new one begins at nothing."""
    day: Day
    rows: Annotated[tuple[Row, ...], Field(max_length=20_000)]
    content: Id = ""
    """Which is on."""
    since: dict[Annotated[str, Field(max_length=40)], Annotated[int, Field(ge=0)]] = {}
    """By decision, since it is on."""

    @property
    def digest(self) -> str:
        """What the control room says back."""
        return hashlib.sha256(self.bytes()).hexdigest()[:16]


class Counted(Message):
    """The control room has these for good."""

    day: Day
    digest: Short


class Gaps(Message):
    """What riders asked in vain, as far as the kiosk's settings let it leave the machine."""

    rows: Annotated[tuple[tuple[Short, int], ...], Field(max_length=500)] = ()
    """(text, how often)."""


class Wanted(Message):
    """The content that a kiosk shall have, and where it gets it."""

    content: Annotated[str, Field(pattern=ID)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """Of the archive."""
    size: Annotated[int, Field(gt=0)]
    """Of the archive, in bytes."""
    url: Annotated[str, Field(pattern="^https://", max_length=1_000)] | None = None
    """None: in chunks over MQTT."""

    @property
    def chunks(self) -> int:
        """How many."""
        return -(-self.size // CHUNK)


class Command(Message):
    """Is obeyed once, whatever number of times it arrives."""

    id: Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
    name: CommandName
    argument: Short = ""
    """Of ``volume`` a number from 0 to 100, of ``test`` the question."""
    until: float
    """Seconds since 1970, after which nobody waits for it any more."""


class Result(Message):
    """What became of a command."""

    id: Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
    good: bool
    told: Annotated[str, Field(max_length=4_000)]


M = TypeVar("M", bound=Message)


def read(kind: type[M], payload: object) -> M | None:
    """None for what is no such message: a broker's other users are no reason to stop."""
    if not isinstance(payload, bytes | bytearray) or len(payload) > LARGEST:
        return None
    try:
        return kind.model_validate_json(bytes(payload))
    except ValidationError:
        return None


def bounded(value: Any, most: int = 8_192) -> dict[str, Any] | None:
    """A kiosk's own report with its texts in a bearable length; None for what is no object, or too large all the same.

    ``most`` in bytes.
    """
    if not isinstance(value, dict):
        return None
    short = _shortened(value)
    return short if len(json.dumps(short, ensure_ascii=False).encode("utf-8", "replace")) <= most else None


def _shortened(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= LONGEST_TEXT else value[: LONGEST_TEXT - 1] + "…"
    if isinstance(value, dict):
        return {name: _shortened(inner) for name, inner in value.items()}
    return [_shortened(inner) for inner in value] if isinstance(value, list) else value
