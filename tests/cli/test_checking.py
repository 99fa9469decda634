"""What an operator checks, builds and sets through the command line."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from voice_faq.settings import Settings

from ..conftest import DATA
from .running import objects, voice_faq


def test_settings_come_from_file_environment_and_command_line_in_that_order(tmp_path: Path) -> None:
    config = tmp_path / "voice-faq.toml"
    config.write_text("wrong_answers = 0.000001\n", encoding="utf-8")
    asked = ("ask", "--json", "--no-speak", "借的书想多看几天", "--answers", DATA / "library")
    strict, _ = voice_faq(*asked, VOICE_FAQ_CONFIG=str(config))
    assert objects(strict)[0]["decision"] == "clarify"
    lenient, _ = voice_faq(*asked, VOICE_FAQ_CONFIG=str(config), VOICE_FAQ_WRONG_ANSWERS="0.1")
    assert objects(lenient)[0]["decision"] == "answer"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("wrong_answer = 1", "没有名为 wrong_answer 的设置项"),
        ("wrong_answers = 7", "wrong_answers 的值 7"),
        ("a = [", "TOML"),
    ],
)
def test_bad_settings_are_named(tmp_path: Path, content: str, said: str) -> None:
    config = tmp_path / "voice-faq.toml"
    config.write_text(content, encoding="utf-8")
    assert said in voice_faq("check", code=1, VOICE_FAQ_CONFIG=str(config))[1]


def test_check_counts_the_answers_and_points_at_mistakes(tmp_path: Path, settings: Settings) -> None:
    assert "15 个条目" in voice_faq("check")[0]
    answers = shutil.copytree(settings.answers, tmp_path / "answers")
    file = answers / "faq.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("    question:", "    qestion:", 1), encoding="utf-8")
    assert f"{file}:" in voice_faq("check", "--answers", answers, code=1)[1]


@pytest.mark.recognition
@pytest.mark.voice
def test_doctor_tells_what_is_fit_and_how_to_mend_the_rest() -> None:
    out, _ = voice_faq("doctor", "--model", "nix", code=1)
    assert all(part in out for part in ("语音模型", "问题与答案", "麦克风", "扬声器", "系统语音", "录好的语音"))
    assert "models list" in out and "15 个条目" in out


@pytest.mark.portaudio
@pytest.mark.recognition
@pytest.mark.voice
def test_doctor_is_content_with_a_whole_machine(sound_server: Any) -> None:
    out, _ = voice_faq("doctor", **sound_server.environment)
    assert out.count("好") >= 5 and "不行" not in out


def test_models_are_listed() -> None:
    out, _ = voice_faq("models", "list")
    assert all(name in out for name in ("voice-faq-cn", "vosk-model-small-cn-0.22", "vosk-model-cn-0.22"))
    assert "正在使用" in out


@pytest.mark.recognition
def test_a_model_folder_is_checked(settings: Settings) -> None:
    out, _ = voice_faq("models", "check", Path(__file__).parents[2] / "models/voice-faq-cn")
    assert "可以使用（16000 Hz）" in out


def test_check_lists_wordings_that_get_in_each_others_way(tmp_path: Path, settings: Settings) -> None:
    answers = shutil.copytree(settings.answers, tmp_path / "answers")
    file = answers / "faq.yaml"
    text = file.read_text(encoding="utf-8")
    fees = text.index("- id: fees")
    place = text.index("wordings:\n", fees) + len("wordings:\n")
    added = "      - 怎么腿卡\n      - 卡里剩下的余额怎么退给我\n"
    file.write_text(text[:place] + added + text[place:], encoding="utf-8")
    out, _ = voice_faq("check", "--answers", answers)
    assert "听起来一样，却属于不同的条目：“怎么腿卡”（fees）、“怎么退卡”（refund）" in out
    assert "“卡里剩下的余额怎么退给我”（fees）更像 refund 的问法" in out


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_model_build_that_is_ended_leaves_nothing_behind(tmp_path: Path, number: int) -> None:
    environment = {**os.environ, "VOICE_FAQ_MODELS_DIR": str(tmp_path)}
    build = subprocess.Popen([sys.executable, "-m", "voice_faq", "models", "build"], env=environment)
    try:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob(".build-*/*")):
            assert time.monotonic() < deadline and build.poll() is None
            time.sleep(0.05)
        build.send_signal(number)
        assert build.wait(timeout=30) == -number
    finally:
        build.kill()
    assert list(tmp_path.iterdir()) == []


def test_check_as_json_lists_mistakes_and_notes_and_can_be_strict(tmp_path: Path, settings: Settings) -> None:
    answers = shutil.copytree(DATA / "library", tmp_path / "answers")  # learned in less time than the shipped FAQ
    (answers / "voice").symlink_to(settings.answers / "voice")
    (clean,) = objects(voice_faq("check", "--json", "--answers", answers)[0])
    assert (clean["answers"], clean["entries"], clean["mistakes"]) == (str(answers), 12, [])
    file = answers / "faq.yaml"
    good = file.read_text(encoding="utf-8")
    file.write_text(good.replace("    answer: ", "    answer: 您好。"), encoding="utf-8")
    (noted,) = objects(voice_faq("check", "--json", "--strict", "--answers", answers, code=1)[0])
    assert {"model", "voice"} <= {note["about"] for note in noted["notes"]} and noted["mistakes"] == []
    assert not any("对齐" in note["message"] for note in noted["notes"])
    file.write_text(
        good.replace("      - 周末开不开\n", "      - 周末开不开\n        - 周末开门吗\n"), encoding="utf-8"
    )
    (swallowed,) = objects(voice_faq("check", "--json", "--answers", answers)[0])
    assert any(
        n["about"] == "answers" and f"{file}:" in n["message"] and "对齐" in n["message"] for n in swallowed["notes"]
    )
    assert "voice-faq voice build" in next(n["message"] for n in noted["notes"] if n["about"] == "voice")
    voice_faq("check", "--strict", "--answers", answers, code=1)
    file.write_text(good.replace("    question:", "    qestion:", 1), encoding="utf-8")
    (wrong,) = objects(voice_faq("check", "--json", "--answers", answers, code=1)[0])
    assert [m["file"] for m in wrong["mistakes"]] == [str(file)] * 2 and wrong["mistakes"][0]["line"] > 1
