"""What a kiosk answers with: the answers, and the parts that were made for them.

A page keeps the content that its session began with; a new one comes between two sessions.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final

from voice_faq.faq import Faq
from voice_faq.kiosk.sources import Sources, Stamps, Versions, look, sources_of, versions_of
from voice_faq.kiosk.speech_files import SpeechFiles
from voice_faq.matching import Matcher
from voice_faq.matching.searching import EntrySearch
from voice_faq.recognition import Recognizer
from voice_faq.settings import Settings
from voice_faq.speech.engine import EngineProcess
from voice_faq.speech.opening import used_pack
from voice_faq.speech.voice import Voice

NAME_LENGTH: Final = 16  # characters


@dataclass(frozen=True, eq=False)
class Content:
    """One version of all that riders hear and see."""

    faq: Faq
    matcher: Matcher
    recognizer: Recognizer
    voice: Voice
    speech: SpeechFiles
    search: EntrySearch
    sources: Sources
    stamps: Stamps
    """The files as they looked before they were read."""
    versions: Versions
    engine: EngineProcess | None = None
    """The system's synthesiser, which all contents share."""
    name: str = field(init=False)
    """By which a page names the content that it shows; the same after a restart."""

    def __post_init__(self) -> None:
        model = [(path.rpartition("/")[2], size) for path, _, size, _ in self.stamps.model]
        told = repr((self.versions.answers, self.versions.voice, model, self.faq.model_dump_json()))
        object.__setattr__(self, "name", hashlib.sha256(told.encode()).hexdigest()[:NAME_LENGTH])


@dataclass(frozen=True)
class Refusal:
    """A change that was not taken over."""

    part: str
    """``answers``, ``model``, ``voice`` or ``settings``."""
    error: str
    """Where the mistake is, and how to mend it."""
    since: str
    """UTC, ISO 8601."""


def content_of(settings: Settings, faq: Faq, matcher: Matcher, recognizer: Recognizer, voice: Voice) -> Content:
    """The content of parts that are open already."""
    sources = sources_of(settings)
    return Content(
        faq, matcher, recognizer, voice, SpeechFiles(used_pack(settings)[0]), EntrySearch(faq),
        sources, look(sources), versions_of(sources),
    )  # fmt: skip
