"""What all pages of the kiosk share."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from voice_faq.dialogue.guide import OTHER_QUESTIONS, groups
from voice_faq.errors import SettingsError
from voice_faq.faq import Faq
from voice_faq.faq.entries import Entry
from voice_faq.kiosk.content import Content, Refusal, content_of
from voice_faq.kiosk.observing import TurnObservers
from voice_faq.kiosk.vitals import OpenPage, Vitals
from voice_faq.matching import Matcher
from voice_faq.recognition import Recognizer
from voice_faq.settings import Settings
from voice_faq.speech.voice import Voice

LOGO_SUFFIXES: Final = (".svg", ".png", ".webp", ".jpg", ".jpeg")


@dataclass
class Kiosk:
    """Settings, the content of now, and the threads that understand and speak."""

    settings: Settings
    content: Content
    """Of sessions that begin; one that is on keeps its own."""
    refused: list[Refusal] = field(default_factory=list)
    """Changes that are not in the content, for their mistakes."""
    left_out: list[Refusal] = field(default_factory=list)
    """Settings that are not in use, for their mistakes; another start may mend that."""
    settings_file: Path | None = None
    newer_settings: bool = False
    """Whether the settings file has changed since it was read; another start takes it over."""
    newer_mistakes: list[Refusal] = field(default_factory=list)
    """Of the settings that have changed."""
    model_version: str | None = None
    """Digest of the model in use; None until it is known."""
    workers: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(os.cpu_count() or 2, thread_name_prefix="worker")
    )
    """Recognise and match."""
    speakers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, thread_name_prefix="speaker"))
    """Read and make what is spoken."""
    open_pages: set[OpenPage] = field(default_factory=set)
    observers: TurnObservers = field(default_factory=TurnObservers)
    """Are told of every turn."""
    vitals: Vitals = field(default_factory=Vitals)
    """How it is."""
    speech_began: Callable[[float], None] = lambda _: None
    """Is told how many seconds after its turn the first clause of an answer could be played."""

    def __post_init__(self) -> None:
        self._contents: weakref.WeakValueDictionary[str, Content] = weakref.WeakValueDictionary()
        self._contents[self.content.name] = self.content
        self.observers.add(self.vitals)

    @property
    def pages(self) -> int:
        """Open now."""
        return len(self.open_pages)

    @property
    def mistakes(self) -> list[Refusal]:
        """All that somebody has to mend."""
        return [*self.left_out, *self.newer_mistakes, *self.refused]

    @property
    def faq(self) -> Faq:
        """Of now."""
        return self.content.faq

    def renew(self, content: Content) -> None:
        """From the next session on; the event loop's to call."""
        self.content = content
        self._contents[content.name] = content
        for page in self.open_pages:
            page.renew(content)

    def content_named(self, name: str | None) -> Content:
        """The content that a page shows; that of now where nobody uses the named one any more."""
        return self._contents.get(name or "", self.content)

    def contents(self) -> Iterator[Content]:
        """That of now, and those that sessions still use."""
        yield self.content
        yield from [content for content in self._contents.values() if content is not self.content]

    def close(self) -> None:
        """End the threads."""
        self.workers.shutdown(wait=False, cancel_futures=True)
        self.speakers.shutdown(wait=False, cancel_futures=True)

    def for_page(self) -> dict[str, Any]:
        """What a page has to know of the FAQ and the settings."""
        kiosk = self.settings.kiosk
        faq = self.content.faq
        return {
            "content": self.content.name,
            "title": faq.title,
            "hotline": faq.hotline,
            "operator": kiosk.operator,
            "logo": kiosk.logo is not None,
            "theme": kiosk.theme,
            "talk": kiosk.talk,
            "endPointingSeconds": kiosk.end_pointing_s,
            "idleSeconds": kiosk.idle_s,
            "graceSeconds": kiosk.grace_s,
            "longestQuestionSeconds": self.settings.longest_question_s,
            "earcons": self.settings.earcons,
            "spokenGreeting": kiosk.spoken_greeting,
            "keptDays": self.settings.gaps.days if self.settings.gaps.keep_texts else None,
            "languages": faq.languages,
            "groups": groups(faq),
            "entries": [_for_page(entry) for entry in faq.entries],
        }


def open_kiosk(settings: Settings, faq: Faq, matcher: Matcher, recognizer: Recognizer, voice: Voice) -> Kiosk:
    """A kiosk of parts that are open; raises SettingsError."""
    check_page_settings(settings)
    return Kiosk(settings, content_of(settings, faq, matcher, recognizer, voice))


def check_page_settings(settings: Settings) -> None:
    """Raises SettingsError for those that only the page uses."""
    logo = settings.kiosk.logo
    if logo is not None and (not logo.is_file() or logo.suffix.lower() not in LOGO_SUFFIXES):
        raise SettingsError(f"设置项 kiosk.logo：{logo} 不是能用的图片。请给出 SVG、PNG、WebP 或 JPEG 文件。")


def _for_page(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "question": entry.question,
        "asked": (entry.wordings or [entry.question])[0],
        "answer": entry.answer,
        "screen": entry.screen,
        "group": entry.group or OTHER_QUESTIONS,
        "translations": {language: t.model_dump() for language, t in entry.translations.items()},
    }
