"""The command line as its users see it: every test starts ``voice-faq`` as a process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf

from voice_faq.audio.recording import read_recording
from voice_faq.settings import Settings

from .conftest import DATA

KEYS = [
    "input", "transcript", "alternatives", "decision", "entry", "score", "candidates", "answer", "command",
    "timings_ms",
]  # fmt: skip
REFUND = str(DATA / "recordings/canonical-refund.flac")
WEATHER = str(DATA / "recordings/oov-01.flac")


def voice_faq(*arguments: str | Path, stdin: str | None = None, code: int = 0, **variables: str) -> tuple[str, str]:
    """Run the command; asserts its exit code and that no traceback is shown. Returns output and errors."""
    done = subprocess.run(
        [sys.executable, "-m", "voice_faq", *map(str, arguments)],
        input=stdin, capture_output=True, text=True, timeout=120, env={**os.environ, "COLUMNS": "120", **variables},
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


def objects(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def test_text_questions_give_one_object_a_line_in_input_order() -> None:
    out, err = voice_faq("ask", "--json", "--no-speak", "怎么退卡", "今天天气怎么样", "再说一遍")
    refund, weather, again = objects(out)
    assert err == ""
    assert list(refund) == list(weather) == list(again) == KEYS
    assert (refund["input"], refund["decision"], refund["entry"]) == ("怎么退卡", "answer", "refund")
    assert (weather["decision"], weather["entry"]) == ("reject", None)
    assert (again["decision"], again["command"]) == ("command", "repeat")
    assert refund["candidates"][0] == {"entry": "refund", "score": refund["score"]}


@pytest.mark.recognition
def test_lines_mix_questions_and_recordings_and_keep_their_order(tmp_path: Path) -> None:
    lines = f"怎么退卡\n{REFUND}\n\n{tmp_path / 'none.wav'}\n{WEATHER}\n"
    out, _ = voice_faq("ask", "--json", "--no-speak", "--lines", "-", stdin=lines, code=1)
    text, spoken, empty, missing, weather = objects(out)
    assert text["entry"] == spoken["entry"] == "refund"
    assert spoken["input"] == REFUND and "退卡" in spoken["transcript"]
    assert spoken["alternatives"][0]["text"] == spoken["transcript"]
    assert empty["decision"] == "reject" and "error" not in empty
    assert missing["decision"] == "reject" and "没有这个文件" in missing["error"]
    assert weather["decision"] != "answer"


def test_every_canonical_question_is_answered_through_lines(tmp_path: Path, faq: Any) -> None:
    questions = tmp_path / "questions.txt"
    questions.write_text("".join(e.question + "\n" for e in faq.entries), encoding="utf-8")
    out, _ = voice_faq("ask", "--json", "--no-speak", "--lines", questions)
    assert [t["entry"] for t in objects(out)] == [e.id for e in faq.entries]


@pytest.mark.voice
def test_spoken_answers_are_written_as_wav(tmp_path: Path) -> None:
    out, _ = voice_faq("ask", "--json", "--out", tmp_path, "怎么退卡", "停")
    refund, stop = objects(out)
    assert refund["timings_ms"]["speak"] > 0 and stop["timings_ms"]["speak"] == 0
    (wav,) = tmp_path.iterdir()
    assert wav.name == "001-refund.wav" and 5 < read_recording(wav).seconds < 20


@pytest.mark.recognition
@pytest.mark.parametrize("name", ["question.wav", "question.ogg", "stereo.wav"])
def test_recordings_of_any_kind_are_transcribed(tmp_path: Path, name: str) -> None:
    samples, rate = sf.read(REFUND)
    path = tmp_path / name
    sf.write(path, np.stack([samples, samples], 1) if name == "stereo.wav" else samples, rate)
    out, _ = voice_faq("transcribe", "--json", path)
    (result,) = objects(out)
    assert "退卡" in result["transcript"] and result["timings_ms"]["recognize"] > 0
    assert "退卡" in voice_faq("transcribe", path)[0]


@pytest.mark.recognition
def test_odd_recordings_end_in_a_sentence_or_a_rejection(tmp_path: Path) -> None:
    noise = np.random.default_rng(2).normal(scale=0.02, size=16_000)
    sf.write(tmp_path / "silent.wav", np.zeros(3 * 16_000), 16_000)
    sf.write(tmp_path / "second.wav", noise, 16_000)
    sf.write(tmp_path / "minutes.wav", np.tile(noise, 300), 16_000)
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "text.wav").write_text("怎么退卡", encoding="utf-8")
    (tmp_path / "corrupt.wav").write_bytes(Path(REFUND).read_bytes()[:5000])
    (tmp_path / "torn.wav").write_bytes(b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0")
    names = ["silent.wav", "second.wav", "minutes.wav", "empty.wav", "text.wav", "torn.wav", "corrupt.wav"]
    arguments = [part for name in names for part in ("--wav", tmp_path / name)]
    turns = dict(zip(names, objects(voice_faq("ask", "--json", "--no-speak", *arguments, code=1)[0]), strict=True))
    assert all(t["decision"] != "answer" and t["answer"] for name, t in turns.items() if name != "corrupt.wav")
    assert "error" not in turns["silent.wav"] and "error" not in turns["second.wav"]
    for name, said in {
        "minutes.wav": "一个问题最长",
        "empty.wav": "文件是空的",
        "text.wav": "不是能读的录音",
        "torn.wav": "不是能读的录音",
    }.items():
        assert said in turns[name]["error"], name


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask"], "没有问题"),
        (["transcribe"], "没有录音"),
        (["ask", "--lines", "/none.txt"], "清单读不了"),
        (["ask", "--model", "nix", "--wav", REFUND, "--no-speak"], "找不到语音模型 nix"),
        (["ask", "--answers", "/none", "怎么退卡"], "找不到这个文件"),
        (["check", "--answers", "/none"], "答案文件有 2 处需要修改"),
        (["models", "install", "nix"], "可以安装的有"),
        (["models", "check", "/none"], "不存在"),
        (["eval", "/none.tsv"], "读不了"),
    ],
)
def test_mistakes_end_in_one_clear_sentence(arguments: list[str], said: str) -> None:
    out, err = voice_faq(*arguments, code=1)
    assert out == "" and err.startswith("voice-faq: ") and said in err


def test_settings_come_from_file_environment_and_command_line_in_that_order(tmp_path: Path) -> None:
    config = tmp_path / "voice-faq.toml"
    config.write_text("wrong_answers = 0.000001\n", encoding="utf-8")
    strict, _ = voice_faq("ask", "--json", "--no-speak", "退的钱打到哪个账户", VOICE_FAQ_CONFIG=str(config))
    assert objects(strict)[0]["decision"] == "clarify"
    lenient, _ = voice_faq(
        "ask", "--json", "--no-speak", "退的钱打到哪个账户",
        VOICE_FAQ_CONFIG=str(config), VOICE_FAQ_WRONG_ANSWERS="0.1",
    )  # fmt: skip
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


@pytest.mark.portaudio
@pytest.mark.voice
def test_an_answer_is_played_through_the_loudspeaker(sound_server: Any, tmp_path: Path) -> None:
    recording = sound_server.record_loudspeaker(tmp_path / "heard.wav")
    voice_faq("ask", "卡什么时候过期", **sound_server.environment)
    recording.terminate()
    recording.wait(timeout=10)
    heard = read_recording(tmp_path / "heard.wav")
    assert heard.seconds > 4 and np.abs(heard.samples).max() > 3000


@pytest.mark.voice
def test_without_a_loudspeaker_the_answer_is_still_shown(tmp_path: Path) -> None:
    out, err = voice_faq("ask", "卡什么时候过期", XDG_RUNTIME_DIR=str(tmp_path), PULSE_SERVER="unix:/none")
    assert "2040年12月31日" in out
    assert "扬声器" in err


def test_models_are_listed() -> None:
    out, _ = voice_faq("models", "list")
    assert all(name in out for name in ("voice-faq-cn", "vosk-model-small-cn-0.22", "vosk-model-cn-0.22"))
    assert "正在使用" in out


@pytest.mark.recognition
def test_a_model_folder_is_checked(settings: Settings) -> None:
    out, _ = voice_faq("models", "check", Path(__file__).parents[1] / "models/voice-faq-cn")
    assert "可以使用（16000 Hz）" in out


def test_eval_measures_a_table(tmp_path: Path) -> None:
    table = tmp_path / "table.tsv"
    table.write_text("question\texpected\n怎么退卡\trefund\n今天天气怎么样\t-\n怎么退卡呢\tfees\n", encoding="utf-8")
    result = objects(voice_faq("eval", "--json", table)[0])[0]
    assert (result["in_scope"], result["out_of_scope"]) == (2, 1)
    assert (result["top_1"], result["refused"], result["wrong"]) == (0.5, 1.0, pytest.approx(1 / 3, abs=1e-3))
    assert [m["question"] for m in result["misses"]] == ["怎么退卡呢"]
    table.write_text("怎么退卡\trefunds\n", encoding="utf-8")
    assert f"{table}:1：“refunds”不是条目代号" in voice_faq("eval", table, code=1)[1]


@pytest.mark.recognition
def test_eval_takes_recordings_relative_to_the_table(tmp_path: Path) -> None:
    shutil.copy(REFUND, tmp_path / "a.flac")
    (tmp_path / "table.tsv").write_text("a.flac\trefund\n", encoding="utf-8")
    assert "100.0%" in voice_faq("eval", tmp_path / "table.tsv")[0]


def test_eval_can_mishear_texts_but_not_recordings(tmp_path: Path) -> None:
    (tmp_path / "table.tsv").write_text("卡里的余额能不能退给我\trefund\n" * 20, encoding="utf-8")
    result = objects(voice_faq("eval", "--json", "--mishear", "0.25", tmp_path / "table.tsv")[0])[0]
    assert 0.5 < result["top_1"] <= 1
    spoken = tmp_path / "spoken.tsv"
    spoken.write_text(f"{DATA / 'recordings/canonical-refund.flac'}\trefund\n", encoding="utf-8")
    assert "只用于文字问题" in voice_faq("eval", "--mishear", "0.25", spoken, code=1)[1]


def test_version() -> None:
    assert voice_faq("--version")[0].startswith("voice-faq ")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["models", "--help"], ["voice", "build", "--help"]])
def test_help_comes_at_once_because_no_part_of_the_street_is_imported_for_it(arguments: list[str]) -> None:
    code = (
        "import runpy, sys\n"
        "try: runpy.run_module('voice_faq', run_name='__main__')\n"
        "except SystemExit: print(*sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    imported = set(done.stdout.splitlines()[-1].split())
    assert "voice_faq.cli" in imported
    assert not imported & {"numpy", "pypinyin", "jieba", "vosk", "starlette", "ruamel.yaml", "sounddevice"}
    assert {name.split(".")[1] for name in imported if name.startswith("voice_faq.")} <= {"cli", "errors"}


def test_explain_shows_where_a_question_went_and_why() -> None:
    out, _ = voice_faq("explain", "请问公交卡怎么退卡呀")
    assert "核心：公交卡怎么退卡" in out
    assert out.index("refund：概率 0.9") < out.index("决定：回答")
    assert "最像“" in out and "覆盖的信息 1.00" in out
    assert "决定：答不上来" in voice_faq("explain", "今天天气怎么样")[0]


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


def test_eval_compares_with_plain_matching_and_writes_a_report(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    out, _ = voice_faq("eval", "--json", "--report", report, DATA / "dev-questions.tsv")
    result = objects(out)[0]
    assert result["top_1"] > max(other["top_1"] for other in result["baselines"].values()) + 0.05
    assert {"rapidfuzz WRatio", "jieba token set", "pinyin token set", "BM25"} == result["baselines"].keys()
    assert sum(cell["count"] for cell in result["confusion"]) == result["in_scope"] + result["out_of_scope"]
    assert 0 < result["latency_ms"]["p50"] <= result["latency_ms"]["p95"]
    page = report.read_text(encoding="utf-8")
    assert page.count("<polyline") == 5 and page.count("<rect") > 5
    assert page.count("最像“") > len(result["misses"])  # the likeliest entry of each, and the right one
    assert "src=" not in page and "href=" not in page and "@import" not in page
    assert "写不进去" in voice_faq("eval", "--report", tmp_path / "no/r.html", DATA / "dev-questions.tsv", code=1)[1]
