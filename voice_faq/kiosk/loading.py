"""Opens a content: at a start with whatever is good, later only what has changed and holds no mistake."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from voice_faq.data import data_root
from voice_faq.errors import FaqError, ModelError, SpeechError
from voice_faq.faq import Faq, load_faq
from voice_faq.kiosk.content import Content, Refusal
from voice_faq.kiosk.kept import LastGood
from voice_faq.kiosk.sources import Sources, Stamps, at_rest, look, sources_of, versions_of
from voice_faq.kiosk.speech_files import SpeechFiles
from voice_faq.matching.opening import open_matcher
from voice_faq.matching.preparing import prepare
from voice_faq.matching.searching import EntrySearch
from voice_faq.recognition import Recognizer, VoskRecognizer, open_recognizer
from voice_faq.recognition.model_folder import check_model, find_model
from voice_faq.settings import DEFAULT_MODEL, Settings
from voice_faq.speech.opening import OpenedVoice, open_voice, used_pack

MakeRecognizer = Callable[[Settings, Faq, Recognizer | None], Recognizer]
"""The third is the recogniser so far, where its model is to be shared."""
ERRORS: Final = (FaqError, ModelError, SpeechError)

log = logging.getLogger(__name__)


def vosk(settings: Settings, faq: Faq, before: Recognizer | None) -> Recognizer:
    """The usual recogniser."""
    return open_recognizer(settings, faq, loaded=before if isinstance(before, VoskRecognizer) else None)


@dataclass
class ContentLoader:
    """For one kiosk; a call takes a while and belongs into a thread."""

    settings: Settings
    make_recognizer: MakeRecognizer = vosk
    cautious: bool = False
    """Whether the last start failed: then a model is tried in another process even where it has not changed."""
    kept: LastGood = field(init=False)

    def __post_init__(self) -> None:
        self.kept = LastGood(self.settings)

    def first(self) -> tuple[Content, list[Refusal]]:
        """What to start with, and what was left out for its mistakes: the last good copy stands in for it.

        Raises FaqError, ModelError or SpeechError where nothing does.
        """
        refusals: list[Refusal] = []
        named = sources_of(self.settings)
        stamps = look(named)
        settled = at_rest(self.settings)
        try:
            faq = load_faq(settled.answers, cache=settled.cache_dir)
        except FaqError as error:
            kept = self.kept.answers
            if kept is None:
                raise
            refusals.append(refusal("answers", error))
            settled = settled.model_copy(update={"answers": kept})
            faq = load_faq(kept, cache=settled.cache_dir)
        versions = versions_of(sources_of(settled))
        with ThreadPoolExecutor(1) as beside:
            speaking = beside.submit(open_voice, settled, faq.pronunciations)  # which waits for the synthesiser
            matcher = open_matcher(settled, faq)
            recognizer, model = self._first_recognizer(faq, named, stamps, refusals)
        voice, pack = self._first_voice(settled, faq, speaking.result(), refusals)
        return Content(
            faq, matcher, recognizer, voice.voice, SpeechFiles(pack), EntrySearch(faq),
            Sources(settled.answers, pack, model), stamps, versions, voice.engine,
        ), refusals  # fmt: skip

    def next(self, current: Content, sources: Sources, stamps: Stamps) -> Content:
        """The content of what has changed; raises FaqError, ModelError or SpeechError for what has a mistake."""
        settings = self.settings.model_copy(update={"answers": sources.answers})
        versions = versions_of(sources)
        faq, matcher, search = current.faq, current.matcher, current.search
        if versions.answers != current.versions.answers:
            prepare(settings)
            faq = load_faq(settings.answers, cache=settings.cache_dir)
            matcher = open_matcher(settings, faq)
            search = EntrySearch(faq)
        recognizer = current.recognizer
        model = current.sources.model
        if stamps.model != current.stamps.model:
            model = sources.model
            self._try_model(find_model(self.settings))
            recognizer = self.make_recognizer(self.settings, faq, None)
        elif faq is not current.faq:
            recognizer = self.make_recognizer(self.settings, faq, current.recognizer)
        voice = open_voice(settings, faq.pronunciations, engine=current.engine)
        if voice.damage is not None:
            raise SpeechError(voice.damage)
        return Content(
            faq, matcher, recognizer, voice.voice, SpeechFiles(sources.pack), search,
            Sources(sources.answers, sources.pack, model), stamps, versions, voice.engine,
        )  # fmt: skip

    def _first_recognizer(
        self, faq: Faq, named: Sources, stamps: Stamps, refusals: list[Refusal]
    ) -> tuple[Recognizer, Path | None]:
        try:
            if self.cautious or not self.kept.knows_model(stamps.model):
                self._try_model(find_model(self.settings))
            return self.make_recognizer(self.settings, faq, None), named.model
        except ModelError as error:
            shipped = data_root() / "models" / DEFAULT_MODEL
            for folder in filter(None, (self.kept.model, shipped)):
                try:
                    self._try_model(folder)
                    settings = self.settings.model_copy(update={"model": str(folder)})
                    recognizer = self.make_recognizer(settings, faq, None)
                except ModelError:
                    continue
                refusals.append(refusal("model", error))
                return recognizer, folder
            raise

    def _first_voice(
        self, settings: Settings, faq: Faq, opened: OpenedVoice, refusals: list[Refusal]
    ) -> tuple[OpenedVoice, Path | None]:
        """The voice and its pack; what is missing in a damaged one is better heard from its kept copy than live."""
        for complaint in opened.complaints:
            log.warning("%s", complaint)
        pack = used_pack(settings)[0]
        kept = self.kept.answers
        if opened.damage is None or kept is None:
            return opened, pack
        older = settings.model_copy(update={"answers": kept})
        standing_in = open_voice(older, faq.pronunciations, engine=opened.engine)
        if standing_in.damage is not None:
            return opened, pack
        refusals.append(refusal("voice", SpeechError(opened.damage)))
        return standing_in, used_pack(older)[0]

    def _try_model(self, folder: Path) -> None:
        """Raises ModelError; a broken model could end the process that loads it."""
        if self.make_recognizer is not vosk:
            return
        problems = check_model(folder)
        if problems:
            listed = "\n".join(map(str, problems))
            raise ModelError(f"语音模型 {folder} 不能用：\n{listed}")


def refusal(part: str, error: Exception) -> Refusal:
    """As of now."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return Refusal(part, str(error), now)


def part_of(error: Exception) -> str:
    """``answers``, ``model`` or ``voice``."""
    if isinstance(error, ModelError):
        return "model"
    return "voice" if isinstance(error, SpeechError) else "answers"
