"""What all pages of the kiosk share."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from voice_faq.dialogue.guide import OTHER_QUESTIONS, groups
from voice_faq.errors import SettingsError
from voice_faq.faq import Faq
from voice_faq.faq.entries import Entry
from voice_faq.kiosk.observing import TurnObservers
from voice_faq.kiosk.speech_files import SpeechFiles
from voice_faq.matching import Matcher
from voice_faq.matching.searching import EntrySearch
from voice_faq.recognition import Recognizer
from voice_faq.settings import Settings
from voice_faq.speech import Voice
from voice_faq.speech.opening import used_pack

LOGO_SUFFIXES: Final = (".svg", ".png", ".webp", ".jpg", ".jpeg")


@dataclass
class Kiosk:
    """Settings, answers, and the parts that understand and speak."""

    settings: Settings
    faq: Faq
    matcher: Matcher
    recognizer: Recognizer
    voice: Voice
    speech: SpeechFiles
    search: EntrySearch
    workers: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(os.cpu_count() or 2, thread_name_prefix="worker")
    )
    """Recognise and match."""
    speakers: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, thread_name_prefix="speaker"))
    """Read and make what is spoken."""
    pages: int = 0
    """Open now."""
    observers: TurnObservers = field(default_factory=TurnObservers)
    """Are told of every turn."""

    def close(self) -> None:
        """End the threads."""
        self.workers.shutdown(wait=False, cancel_futures=True)
        self.speakers.shutdown(wait=False, cancel_futures=True)

    def for_page(self) -> dict[str, Any]:
        """What a page has to know of the FAQ and the settings."""
        kiosk = self.settings.kiosk
        return {
            "title": self.faq.title,
            "hotline": self.faq.hotline,
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
            "languages": self.faq.languages,
            "groups": groups(self.faq),
            "entries": [_for_page(entry) for entry in self.faq.entries],
        }


def open_kiosk(settings: Settings, faq: Faq, matcher: Matcher, recognizer: Recognizer, voice: Voice) -> Kiosk:
    """Check the settings that only the page uses; raises SettingsError."""
    logo = settings.kiosk.logo
    if logo is not None and (not logo.is_file() or logo.suffix.lower() not in LOGO_SUFFIXES):
        raise SettingsError(f"设置项 kiosk.logo：{logo} 不是能用的图片。请给出 SVG、PNG、WebP 或 JPEG 文件。")
    pack, _ = used_pack(settings)
    return Kiosk(settings, faq, matcher, recognizer, voice, SpeechFiles(pack), EntrySearch(faq))


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
