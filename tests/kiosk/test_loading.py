"""What a content is made of, with real models and recordings: what is shared, refused, and replaced by a kept copy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from voice_faq.audio.recording import Recording
from voice_faq.errors import FaqError, SpeechError
from voice_faq.kiosk import loading
from voice_faq.kiosk.content import Content
from voice_faq.kiosk.loading import ContentLoader
from voice_faq.kiosk.sources import look, model_version, sources_of
from voice_faq.recognition import Recognizer, VoskRecognizer
from voice_faq.recognition.model_folder import ACOUSTIC_MODEL, find_model
from voice_faq.settings import Settings
from voice_faq.speech import opening
from voice_faq.speech.clauses import SpokenClause
from voice_faq.speech.pack import VoicePack

from .small_faq import BROKEN, TOILET, faq_yaml, record_voice, write_answers


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


def test_only_what_has_changed_is_made_anew_and_what_is_broken_is_refused(own: Settings, settings: Settings) -> None:
    loader = ContentLoader(own)
    first, refused = loader.first()
    assert refused == [] and loader.kept.keep(first) and loader.kept.model is not None
    write_answers(own.answers, faq_yaml(lost="新的答案。"))
    sources = sources_of(own)
    second, refused = loader.next(first, sources, look(sources))
    assert refused == []
    assert second.faq.entry("lost").answer == "新的答案。" and second.name != first.name
    assert heard_by(second.recognizer)._model is heard_by(first.recognizer)._model
    assert second.engine is first.engine and second.matcher is not first.matcher
    break_model(own)
    sources = sources_of(own)
    third, refused = loader.next(second, sources, look(sources))
    assert third is second and [change.part for change in refused] == ["model"] and "不能用" in refused[0].error
    # It holds back no answers.
    write_answers(own.answers, faq_yaml(lost="还有新的。"))
    sources = sources_of(own)
    third, refused = loader.next(second, sources, look(sources), refused)
    assert third.faq.entry("lost").answer == "还有新的。" and [change.part for change in refused] == ["model"]
    assert heard_by(third.recognizer)._model is heard_by(first.recognizer)._model
    assert loader.kept.keep(third, ["model"])
    # And so at the next start, where the last good model stands in.
    again, refused = ContentLoader(own).first()
    assert [refusal.part for refusal in refused] == ["model"]
    assert heard_by(again.recognizer).folder == loader.kept.model
    # What is mended is taken over beside answers that have a mistake.
    shutil.copy2(find_model(settings) / ACOUSTIC_MODEL, Path(own.model) / ACOUSTIC_MODEL)
    write_answers(own.answers, BROKEN)
    sources = sources_of(own)
    mended, refused = loader.next(again, sources, look(sources), refused)
    assert [change.part for change in refused] == ["answers"] and mended.faq is again.faq
    assert heard_by(mended.recognizer).folder == Path(own.model)
    for content in (first, again):
        if content.engine is not None:
            content.engine.close()


class LiveVoice:
    """In the place of the system's, which is slow to start."""

    engine = None
    name = "live"
    GONE = "a name that the system does not know"

    def __init__(self, *_: object, voice: str | None, **__: object) -> None:
        if voice == self.GONE:
            raise SpeechError("gone")

    def speak(self, text: str) -> Iterator[SpokenClause]:
        yield SpokenClause(text, Recording(np.zeros(1600, np.int16), 16_000))


@pytest.fixture
def quick_live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "SystemVoice", LiveVoice)


def deaf(*_: object) -> Recognizer:
    return None  # type: ignore[return-value]


def recordings_of(content: Content, text: str) -> list[Path | None]:
    return [clause.file for clause in content.voice.speak(text)]


def damage(file: Path, how: str) -> None:
    whole = file.read_bytes()
    file.unlink()
    if how == "a folder":
        file.mkdir()
    elif how != "gone":
        file.write_bytes({"cut": whole[: len(whole) // 2], "empty": b"", "noise": bytes(range(256)) * 8}[how])


@pytest.mark.usefixtures("quick_live")
@pytest.mark.parametrize("how", ["gone", "cut", "empty", "noise", "a folder"])
def test_a_damaged_recording_holds_back_nothing_else(own: Settings, how: str) -> None:
    first, refused = (loader := ContentLoader(own, deaf)).first()
    assert refused == [] and loader.kept.keep(first)
    # A change with two new clauses; the recording of one of them is damaged, and an older one.
    write_answers(own.answers, faq_yaml(lost="先问这里。再去三楼。"))
    record_voice(own.answers)
    pack = VoicePack.read(own.answers / "voice" / "xiaoxiao")
    files = {clause.text: pack.file(clause) for clause in pack.clauses.values()}
    for text in ("先问这里。", TOILET):
        damage(files[text], how)
    sources = sources_of(own)
    second, refused = loader.next(first, sources, look(sources))
    assert [change.part for change in refused] == ["voice"] and "2 个录音" in refused[0].error
    assert loader.kept.keep(second, ["voice"])
    third, refused = ContentLoader(own, deaf).first()
    assert [change.part for change in refused] == ["voice"]
    kept = loader.kept.folder / "answers" / "voice" / "xiaoxiao"
    for content in (second, third):
        assert recordings_of(content, content.faq.entry("lost").answer) == [None, files["再去三楼。"]]
        (spoken,) = content.voice.speak(TOILET)
        assert spoken.file == kept / files[TOILET].name
        # A page is given the copy by the name of the damaged file.
        assert content.speech.recorded(content.speech.address(spoken).rpartition("/")[2]) == spoken.file
    # And with a mistake in the answers at the next start, they come from the copy with all that was whole.
    write_answers(own.answers, BROKEN)
    again, refused = ContentLoader(own, deaf).first()
    assert [change.part for change in refused] == ["answers", "voice"]
    assert again.sources.pack == kept
    assert recordings_of(again, again.faq.entry("lost").answer)[0] is None
    assert None not in recordings_of(again, "再去三楼。" + TOILET)
    shutil.rmtree(own.state_dir)
    with pytest.raises(FaqError, match=r"faq\.yaml:5"):
        ContentLoader(own, deaf).first()


@pytest.mark.usefixtures("quick_live")
@pytest.mark.parametrize("kept", [True, False])
def test_a_list_of_recordings_that_cannot_be_read_costs_the_recordings_alone(own: Settings, kept: bool) -> None:
    loader = ContentLoader(own, deaf)
    first, _ = loader.first()
    if kept:
        loader.kept.keep(first)
    (own.answers / "voice" / "xiaoxiao" / "manifest.json").write_text("{")
    write_answers(own.answers, faq_yaml(lost="新的答案。"))
    sources = sources_of(own)
    content, refused = loader.next(first, sources, look(sources))
    assert [change.part for change in refused] == ["voice"] and "manifest.json" in refused[0].error
    assert content.faq.entry("lost").answer == "新的答案。" and recordings_of(content, "新的答案。") == [None]
    loader.kept.keep(content, ["voice"])
    for spoken in (content, ContentLoader(own, deaf).first()[0]):
        assert (recordings_of(spoken, TOILET)[0] is not None) is kept


@pytest.mark.usefixtures("quick_live")
def test_a_voice_of_the_system_that_has_gone_keeps_no_kiosk_from_starting(own: Settings) -> None:
    loader = ContentLoader(own.model_copy(update={"voice": LiveVoice.GONE}), deaf)
    first, refused = loader.first()
    assert refused == [] and [(change.part, change.error) for change in loader.left_out] == [("settings", "gone")]
    assert recordings_of(first, TOILET)[0] is not None and recordings_of(first, "没有录过。") == [None]
    write_answers(own.answers, faq_yaml(lost="新的答案。"))
    sources = sources_of(own)
    assert loader.next(first, sources, look(sources))[1] == [] and len(loader.left_out) == 1


@pytest.mark.usefixtures("quick_live")
def test_without_a_copy_a_damaged_recording_at_the_first_start_is_told(own: Settings) -> None:
    next((own.answers / "voice" / "xiaoxiao").glob("*.opus")).write_bytes(b"")
    _, refused = ContentLoader(own, deaf).first()
    assert [change.part for change in refused] == ["voice"] and "1 个录音" in refused[0].error


def test_the_same_files_have_the_same_version_anywhere(own: Settings, tmp_path: Path) -> None:
    copy = shutil.copytree(own.model, tmp_path / "elsewhere")
    assert model_version(Path(own.model)) == model_version(copy) is not None
    break_model(own)
    assert model_version(Path(own.model)) != model_version(copy)
