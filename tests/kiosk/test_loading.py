"""What a content is made of, with real models and recordings: what is shared, refused, and replaced by a kept copy."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from voice_faq.errors import FaqError, ModelError, SpeechError
from voice_faq.kiosk import loading
from voice_faq.kiosk.loading import ContentLoader
from voice_faq.kiosk.sources import look, model_version, sources_of
from voice_faq.recognition import Recognizer, VoskRecognizer
from voice_faq.recognition.model_folder import ACOUSTIC_MODEL, find_model
from voice_faq.settings import Settings

from .small_faq import BROKEN, faq_yaml, record_voice, write_answers


@pytest.fixture
def own(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Answers with a voice and a model of their own."""
    answers = write_answers(tmp_path / "answers")
    record_voice(answers)
    shutil.copytree(find_model(settings), tmp_path / "model", copy_function=os.link)
    monkeypatch.setattr(loading, "prepare", lambda *_: None)  # another process, which is slow to start
    return Settings(
        answers=answers, model=str(tmp_path / "model"), cache_dir=tmp_path / "cache", state_dir=tmp_path / "state"
    )


def break_model(settings: Settings) -> None:
    file = Path(settings.model) / ACOUSTIC_MODEL
    whole = file.read_bytes()
    file.unlink()  # it is a link
    file.write_bytes(whole[: len(whole) // 2])


def heard_by(recognizer: Recognizer) -> VoskRecognizer:
    assert isinstance(recognizer, VoskRecognizer)
    return recognizer


def test_only_what_has_changed_is_made_anew_and_what_is_broken_is_refused(own: Settings) -> None:
    loader = ContentLoader(own)
    first, refused = loader.first()
    assert refused == [] and loader.kept.keep(first) and loader.kept.model is not None
    write_answers(own.answers, faq_yaml(lost="新的答案。"))
    sources = sources_of(own)
    second = loader.next(first, sources, look(sources))
    assert second.faq.entry("lost").answer == "新的答案。" and second.name != first.name
    assert heard_by(second.recognizer)._model is heard_by(first.recognizer)._model
    assert second.engine is first.engine and second.matcher is not first.matcher
    break_model(own)
    sources = sources_of(own)
    with pytest.raises(ModelError, match="不能用"):
        loader.next(second, sources, look(sources))
    # And so at the next start, where the last good model stands in.
    again, refused = ContentLoader(own).first()
    assert [refusal.part for refusal in refused] == ["model"]
    assert heard_by(again.recognizer).folder == loader.kept.model
    for content in (first, again):
        if content.engine is not None:
            content.engine.close()


def test_recordings_that_are_gone_are_spoken_from_the_kept_copy(own: Settings) -> None:
    def deaf(*_: object) -> Recognizer:
        return None  # type: ignore[return-value]

    loader = ContentLoader(own, deaf)
    first, _ = loader.first()
    assert loader.kept.keep(first)
    pack = own.answers / "voice" / "xiaoxiao"
    for recording in list(pack.glob("*.opus"))[:3]:
        recording.unlink()
    sources = sources_of(own)
    with pytest.raises(SpeechError, match="3 个录音"):
        loader.next(first, sources, look(sources))
    write_answers(own.answers, BROKEN)
    again, refused = ContentLoader(own, deaf).first()
    assert [refusal.part for refusal in refused] == ["answers"]
    assert again.sources.pack == loader.kept.folder / "answers" / "voice" / "xiaoxiao"
    assert all(clause.file is not None for clause in again.voice.speak(again.faq.entry("lost").answer))
    shutil.rmtree(own.state_dir)
    with pytest.raises(FaqError, match=r"faq\.yaml:5"):
        ContentLoader(own, deaf).first()
    for content in (first, again):
        if content.engine is not None:
            content.engine.close()


def test_the_same_files_have_the_same_version_anywhere(own: Settings, tmp_path: Path) -> None:
    copy = shutil.copytree(own.model, tmp_path / "elsewhere")
    assert model_version(Path(own.model)) == model_version(copy) is not None
    break_model(own)
    assert model_version(Path(own.model)) != model_version(copy)
