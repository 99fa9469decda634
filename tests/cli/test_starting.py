"""Help, version, and mistakes in how a command is called."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .running import REFUND, voice_faq


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
        (["explain", ""], "没有问题"),
        (["explain", " ？。\n"], "没有问题"),
        (["ask", "--answers", "~/none", "怎么退卡"], "找不到这个文件"),
    ],
)
def test_mistakes_end_in_one_clear_sentence(arguments: list[str], said: str) -> None:
    out, err = voice_faq(*arguments, code=1)
    assert out == "" and err.startswith("voice-faq: ") and said in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask", "--zzz"], "没有 --zzz 这个选项。用法见 voice-faq ask --help。"),
        (["transcribe", "--line", "x"], "没有 --line 这个选项。是不是 --lines？"),
        (["expalin", "怎么退卡"], "没有 expalin 这个命令。是不是 explain？用法见 voice-faq --help。"),
        (["models", "nosuch"], "没有 nosuch 这个命令。用法见 voice-faq models --help。"),
        (["eval"], "缺少“表格.tsv”。用法见 voice-faq eval --help。"),
        (["eval", "a", "b"], "多写了：b。"),
        (["ask", "怎么退卡", "--model"], "选项 --model 后面要写一个值。"),
        (["kiosk", "--port", "abc"], "选项 --port 的值不能用：要写整数。"),
        (["kiosk", "--port", "99999"], "选项 --port 的值不能用：不能大于 65535。"),
        (["eval", "x.tsv", "--mishear", "-1"], "选项 --mishear 的值不能用：不能小于 0"),
        (["ask", "--no-speak", "--out", "x", "怎么退卡"], "--no-speak 不念答案，--out 要把念出的答案存下来"),
        (["import", "表.csv", "--preview", "--yes"], "--preview 只看不导入，--yes 不经询问就导入，不能一起写"),
        (["kiosk", "install", "--show", "--user", "me"], "--user 只用于系统服务。请一起写上 --server"),
        (["edit", "/one", "--answers", "/two"], "写了两个不同的答案文件夹：/one 和 --answers /two。请只写一个。"),
    ],
)
def test_a_wrong_command_line_is_told_in_chinese(arguments: list[str], said: str) -> None:
    out, err = voice_faq(*arguments, code=2)
    assert out == "" and err.startswith("voice-faq: ") and said in err and err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask", "--answers", "", "怎么退卡"],
        ["check", "--answers", " "],
        ["explain", "怎么退卡", "--answers", ""],
        ["kiosk", "--answers", "", "install", "--show"],
        ["ask", "--no-speak", "--wav", ""],
        ["ask", "--out", "", "怎么退卡"],
        ["ask", "--no-speak", "--model", "", "怎么退卡"],
        ["ask", "--lines", ""],
        ["eval", "x.tsv", "--report", ""],
        ["export", "x.csv", "--format", ""],
        ["voice", "build", "x", "--engine", ""],
        ["voice", "build", ""],
        ["voice", "build", " "],
        ["transcribe", ""],
        ["init", ""],
        ["edit", ""],
        ["import", ""],
        ["models", "check", ""],
        ["fleet", "key", ""],
    ],
)
def test_an_empty_value_is_told_and_is_not_the_current_folder(arguments: list[str], tmp_path: Path) -> None:
    out, err = voice_faq(*arguments, code=2, folder=tmp_path)
    assert out == "" and "的值不能用：是空的。" in err and err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_written_twice_in_two_ways_is_one(tmp_path: Path) -> None:
    told = voice_faq("edit", "none", "--answers", tmp_path / "none", code=1, folder=tmp_path)[1]
    assert "没有这个文件夹" in told


def test_a_group_of_commands_alone_shows_its_help() -> None:
    assert "build" in "".join(voice_faq("models", code=2))


def test_version() -> None:
    assert voice_faq("--version")[0].startswith("voice-faq ")


def imported_for(*arguments: str) -> set[str]:
    """Modules that the command has imported in the end."""
    code = (
        "import runpy, sys\n"
        "try: runpy.run_module('voice_faq', run_name='__main__')\n"
        "except SystemExit: print(*sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["models", "--help"], ["voice", "build", "--help"]])
def test_help_comes_at_once_because_no_part_of_the_street_is_imported_for_it(arguments: list[str]) -> None:
    imported = imported_for(*arguments)
    assert "voice_faq.cli" in imported
    assert not imported & {"numpy", "pypinyin", "jieba", "vosk", "starlette", "ruamel.yaml", "sounddevice"}
    assert {name.split(".")[1] for name in imported if name.startswith("voice_faq.")} <= {"cli", "errors"}


def test_a_typed_question_waits_for_nothing_that_hears_or_speaks() -> None:
    ask = ["ask", "--no-speak", "怎么退卡"]
    voice_faq(*ask)
    imported = imported_for(*ask)
    assert "voice_faq.matching.matcher" in imported
    assert not imported & {
        "vosk", "soundfile", "soxr", "sounddevice", "pyttsx3", "httpx", "starlette", "rich", "ruamel.yaml",
        "pkg_resources", "prompt_toolkit",
    }  # fmt: skip
    packages = {name.split(".")[1] for name in imported if name.startswith("voice_faq.")}
    assert not packages & {"recognition", "speech", "kiosk", "web", "evaluation"}
