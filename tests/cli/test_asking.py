"""Questions and recordings through the command line."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile as sf

from voice_faq.audio.recording import read_recording

from .running import KEYS, REFUND, WEATHER, objects, voice_faq


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
    lines = f"\ufeff怎么退卡\n{REFUND}\n\n  \t\n{tmp_path / 'none.wav'}\r\n{WEATHER}\n\n"
    out, _ = voice_faq("ask", "--json", "--no-speak", "--lines", "-", stdin=lines, code=1)
    text, spoken, missing, weather = objects(out)
    assert text["entry"] == spoken["entry"] == "refund"
    assert spoken["input"] == REFUND and "退卡" in spoken["transcript"]
    assert spoken["alternatives"][0]["text"] == spoken["transcript"]
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
    assert "扬声器" in err and "--no-speak" in err


@pytest.mark.recognition
def test_what_is_a_recording_is_decided_alike_everywhere_and_paths_are_relative_to_the_list(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    shutil.copy(REFUND, folder / "REFUND.FLAC")
    shutil.copy(REFUND, folder / "no-suffix")
    lines = folder / "list.txt"
    lines.write_text("REFUND.FLAC\n./no-suffix\n怎么退卡/退款\nmissing.mp3\n", encoding="utf-8")
    turns = objects(voice_faq("ask", "--json", "--no-speak", "--lines", lines, code=1)[0])
    assert [t["input"] for t in turns] == ["REFUND.FLAC", "./no-suffix", "怎么退卡/退款", "missing.mp3"]
    assert [t["entry"] for t in turns] == ["refund", "refund", "refund", None]
    assert "退卡" in turns[0]["transcript"] and f"{folder / 'missing.mp3'}：没有这个文件" in turns[3]["error"]
    spoken = objects(voice_faq("ask", "--json", "--no-speak", str(folder / "REFUND.FLAC"), "怎么退卡")[0])
    assert "退卡" in spoken[0]["transcript"] and spoken[0]["timings_ms"]["recognize"] > 0
    lines.write_text("REFUND.FLAC\n\n./no-suffix\n", encoding="utf-8")
    assert [("退卡" in t["transcript"]) for t in objects(voice_faq("transcribe", "--json", "--lines", lines)[0])] == [
        True, True,
    ]  # fmt: skip
    (folder / "table.tsv").write_text("REFUND.FLAC\trefund\n./no-suffix\trefund\n", encoding="utf-8")
    assert objects(voice_faq("eval", "--json", folder / "table.tsv")[0])[0]["top_1"] == 1


@pytest.mark.recognition
def test_a_recording_that_is_too_quiet_is_told_so_and_strange_samples_warn_nobody(tmp_path: Path) -> None:
    samples, rate = sf.read(REFUND)
    sf.write(tmp_path / "quiet.wav", samples * 0.005, rate)
    sf.write(tmp_path / "loud.wav", samples, rate)
    strange = np.concatenate([samples, [np.nan, np.inf, -np.inf, 1e38]])
    sf.write(tmp_path / "strange.wav", strange, rate, subtype="FLOAT")
    for command in ("ask", "transcribe"):
        lines = "quiet.wav\nloud.wav\nstrange.wav"
        (tmp_path / "list.txt").write_text(lines, encoding="utf-8")
        options = ["--no-speak"] if command == "ask" else []
        out, said = voice_faq(command, "--json", *options, "--lines", tmp_path / "list.txt")
        (complaint,) = said.splitlines()
        assert f"{tmp_path / 'quiet.wav'}：录音太轻了" in complaint
        assert ["error" in result for result in objects(out)] == [False] * 3


def test_explain_shows_where_a_question_went_and_why() -> None:
    out, beside = voice_faq("explain", "请问公交卡怎么退卡呀")
    assert beside.startswith("答案文件夹：/") and beside.endswith("answers\n")
    assert "核心：公交卡怎么退卡" in out
    assert out.index("refund：概率 0.9") < out.index("决定：回答")
    assert "最像“" in out and "覆盖的信息 1.00" in out
    weather = voice_faq("explain", "今天天气怎么样")[0]
    assert "决定：答不上来" in weather and weather.startswith("核心：")
    assert re.search(
        r"概率到 0\.\d{3} 才直接回答，要列出来的几个合起来到 0\.5 才反问", out
    )  # as many decimals as the probabilities have


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("老年人能免费吗", ["老年人", "能", "免费"]),
        ("请问公交卡怎么开通呀", ["公交卡", "怎么", "开通"]),
        ("Apple Watch在哪里装交通卡", ["apple watch", "在哪里", "装", "交通卡"]),  # synonyms are no words of their own
        ("怎么tuika", ["怎么", "tuika"]),
    ],
)
def test_explain_shows_words_as_they_are_written_with_what_each_tells(text: str, words: list[str]) -> None:
    (line,) = [line for line in voice_faq("explain", text)[0].splitlines() if line.startswith("词和信息量：")]
    assert re.sub(r"（\d+）", "", line).removeprefix("词和信息量：").split("，") == words


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("等一下啊", "“等一下啊”当作对机器的回应，不当作问题，机器回答：“我在听，请说您的问题。”"),
        ("再见", "“再见”当作命令，不当作问题，机器回答：“"),
        ("停", "“停”当作命令，不当作问题，机器停下来，不出声"),
    ],
)
def test_explain_says_first_what_is_taken_for_no_question(said: str, told: str) -> None:
    assert voice_faq("explain", said)[0].startswith(told)


@pytest.mark.skipif(sys.platform == "win32", reason="its command line is Unicode")
@pytest.mark.parametrize("command", [["ask", "--no-speak"], ["explain"]])
def test_a_question_in_another_encoding_is_told_so(command: list[str]) -> None:
    question = os.fsdecode("怎么退卡".encode("gbk"))
    assert "UTF-8" in voice_faq(*command, question, code=1)[1]


@pytest.mark.skipif(sys.platform == "win32", reason="its command line is Unicode")
@pytest.mark.recognition
def test_a_recording_may_have_a_name_in_another_encoding(tmp_path: Path) -> None:
    recording = shutil.copy(REFUND, tmp_path / os.fsdecode("退卡.flac".encode("gbk")))
    for command in (["ask", "--no-speak"], ["transcribe"]):
        assert "退卡" in voice_faq(*command, recording)[0]


def test_transcribing_goes_by_the_answers_that_are_named(tmp_path: Path) -> None:
    assert f"{tmp_path / 'faq.yaml'}:1：找不到" in voice_faq("transcribe", "--answers", tmp_path, REFUND, code=1)[1]


def test_an_answer_that_cannot_be_kept_is_printed_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    out, err = voice_faq("ask", "--json", "--out", tmp_path / "file/answers", "怎么退卡", "有效期多久", code=1)
    assert [turn["entry"] for turn in objects(out)] == ["refund", "validity"]
    assert err.count("写不进去") == 2


@pytest.mark.parametrize("name", ["a" * 300 + ".wav", "~nosuchuser/a.wav"])
def test_a_path_that_can_be_none_is_told(name: str) -> None:
    for command in (["transcribe", name], ["ask", "--no-speak", "--wav", name], ["ask", "--lines", name]):
        assert name in voice_faq(*command, code=1)[1]
    assert name in voice_faq("export", f"{name}.csv", code=1)[1]
    assert name in voice_faq("check", "--answers", name, code=1)[1]
