"""Opens a content: at a start with whatever is good, later only what has changed and holds no mistake."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

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
from voice_faq.speech.engine import EngineProcess
from voice_faq.speech.opening import OpenedVoice, open_voice, used_pack

MakeRecognizer = Callable[[Settings, Faq, Recognizer | None], Recognizer]
"""The third is the recogniser so far, where its model is to be shared."""

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
    left_out: list[Refusal] = field(default_factory=list)
    """Settings that ``first`` did without, for their mistakes."""
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
            speaking = beside.submit(self._open_voice, settled, faq)  # which waits for the synthesiser
            matcher = open_matcher(settled, faq)
            recognizer, model = self._first_recognizer(faq, named, stamps, refusals)
        voice = speaking.result()
        for complaint in voice.complaints:
            if complaint != voice.damage:
                log.warning("%s", complaint)
        refusals += _damage(voice)
        pack = used_pack(settled)[0]
        return Content(
            faq, matcher, recognizer, voice.voice, SpeechFiles(pack), EntrySearch(faq),
            Sources(settled.answers, pack, model), stamps, versions, voice.engine,
        ), refusals  # fmt: skip

    def next(
        self, current: Content, sources: Sources, stamps: Stamps, refused: Sequence[Refusal] = ()
    ) -> tuple[Content, list[Refusal]]:
        """The content of what has changed, and what was left out for its mistakes: what is in use stands in for it.

        ``refused`` is what was left out of ``current``, which itself is given back where nothing is to be taken over.
        """
        refusals: list[Refusal] = []
        settings = self.settings.model_copy(update={"answers": sources.answers})
        versions = versions_of(sources)
        faq, matcher, search = current.faq, current.matcher, current.search
        changed = versions.answers != current.versions.answers
        if changed:
            try:
                prepare(settings)
                faq = load_faq(settings.answers, cache=settings.cache_dir)
                matcher = open_matcher(settings, faq)
                search = EntrySearch(faq)
            except FaqError as error:
                refusals.append(refusal("answers", error))
        recognizer, model, broken = self._next_recognizer(current, faq, sources, stamps, refused)
        refusals += broken
        if changed and faq is current.faq:
            # Recordings belong to their answers.
            refusals += [before for before in refused if before.part == "voice"]
            if recognizer is current.recognizer:
                return current, refusals
            return replace(
                current, recognizer=recognizer, sources=replace(current.sources, model=model),
                stamps=replace(current.stamps, model=stamps.model),
            ), refusals  # fmt: skip
        voice = self._open_voice(settings, faq, current.engine)
        refusals += _damage(voice)
        unchanged = (stamps.answers, stamps.voice) == (current.stamps.answers, current.stamps.voice)
        if unchanged and recognizer is current.recognizer:
            return current, refusals
        return Content(
            faq, matcher, recognizer, voice.voice, SpeechFiles(sources.pack), search,
            Sources(sources.answers, sources.pack, model), stamps, versions, voice.engine,
        ), refusals  # fmt: skip

    def _next_recognizer(
        self, current: Content, faq: Faq, sources: Sources, stamps: Stamps, refused: Sequence[Refusal]
    ) -> tuple[Recognizer, Path | None, list[Refusal]]:
        if stamps.model == current.stamps.model:
            refusals = [before for before in refused if before.part == "model"]
        else:
            try:
                self._try_model(find_model(self.settings))
                return self.make_recognizer(self.settings, faq, None), sources.model, []
            except ModelError as error:
                refusals = [refusal("model", error)]
        recognizer, model = current.recognizer, current.sources.model
        if faq is not current.faq:
            try:
                recognizer = self.make_recognizer(self.settings, faq, recognizer)
            except ModelError as error:
                # Its files were written over; what is loaded goes on hearing the words that it knows.
                refusals = refusals or [refusal("model", error)]
        return recognizer, model, refusals

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

    def _open_voice(self, settings: Settings, faq: Faq, engine: EngineProcess | None = None) -> OpenedVoice:
        """What is damaged among the recordings is better heard from their kept copy than live."""
        kept = self.kept.answers
        spare = None
        if kept is not None and kept != settings.answers:
            spare = used_pack(settings.model_copy(update={"answers": kept}))[0]
        try:
            return open_voice(settings, faq.pronunciations, engine=engine, spare=spare)
        except SpeechError as error:
            if settings.voice is None:
                raise
            # An update of the system may have taken it away; another voice is better than no kiosk.
            self.left_out.append(refusal("settings", error))
            self.settings = self.settings.model_copy(update={"voice": None})
            return open_voice(settings.model_copy(update={"voice": None}), faq.pronunciations, spare=spare)

    def _try_model(self, folder: Path) -> None:
        """Raises ModelError; a broken model could end the process that loads it."""
        if self.make_recognizer is not vosk:
            return
        problems = check_model(folder)
        if problems:
            listed = "\n".join(map(str, problems))
            raise ModelError(f"语音模型 {folder} 不能用：\n{listed}")


def _damage(voice: OpenedVoice) -> list[Refusal]:
    return [] if voice.damage is None else [refusal("voice", SpeechError(voice.damage))]


def refusal(part: str, error: Exception) -> Refusal:
    """As of now."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return Refusal(part, str(error), now)


def part_of(error: Exception) -> str:
    """``answers``, ``model`` or ``voice``."""
    if isinstance(error, ModelError):
        return "model"
    return "voice" if isinstance(error, SpeechError) else "answers"
