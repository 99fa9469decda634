"""An operator's own answers through the command line."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from voice_faq.authoring.starting import start_folder
from voice_faq.faq import load_faq
from voice_faq.faq.yaml import safe

from .running import objects, voice_faq


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    return start_folder(tmp_path / "我的 问答")


def printed(text: str, word: str) -> list[str]:
    """What a shell makes of the printed command that has the word, without ``voice-faq``."""
    (line,) = [line for line in text.splitlines() if f"voice-faq {word} " in line]
    return shlex.split(line[line.index("voice-faq ") :])[1:]


def test_commands_that_are_printed_work_for_a_folder_with_a_space(tmp_path: Path) -> None:
    folder = tmp_path / "我的 问答"
    out, _ = voice_faq("init", folder)
    assert printed(out, "edit") == ["edit", "--answers", str(folder)]
    assert printed(out, "import") == ["import", "表格.xlsx", "--answers", str(folder)]
    assert "洗手间" in voice_faq(*printed(out, "ask"), "--no-speak")[0]
    assert printed(voice_faq("init", folder, code=1)[1], "edit") == ["edit", "--answers", str(folder)]
    none = tmp_path / "没有 的"
    assert printed(voice_faq("edit", none, code=1)[1], "init") == ["init", str(none)]
    (tmp_path / "表.csv").write_text("问题,答案\n停车多少钱,五块。\n", encoding="utf-8")
    out, _ = voice_faq("import", tmp_path / "表.csv", "--yes", "--answers", folder)
    assert printed(out, "edit") == ["edit", "--answers", str(folder)]


def test_a_preview_tells_what_stays_and_how_to_take_it_away(ours: Path, tmp_path: Path) -> None:
    table = tmp_path / "表.csv"
    table.write_text("代号,问题,问法\ntoilet,厕所在哪里,洗手间在哪\n", encoding="utf-8")
    before = (ours / "faq.yaml").read_bytes()
    out, _ = voice_faq("import", table, "--preview", "--answers", ours)
    assert "不变　第 2 行　restroom　厕所在哪里" in out
    assert "代号：表格里是“toilet”，没有改，还是 restroom" in out
    assert "表格里没有的 12 种留着（“卫生间怎么走”“我想上厕所”等）" in out and "请加上 --exact" in out
    (told,) = objects(voice_faq("import", table, "--preview", "--json", "--answers", ours)[0])
    assert list(told) == ["answers", "new", "changed", "same", "trouble", "out_of_scope", "remarks", "rows"]
    assert told["same"] == 1 and "--exact" in told["remarks"][0] and len(told["rows"][0]["told"]) == 2
    exact, _ = voice_faq("import", table, "--preview", "--exact", "--answers", ours)
    assert "去掉 12 种" in exact and "--exact" not in exact
    assert (ours / "faq.yaml").read_bytes() == before


def test_answers_that_are_written_like_json_are_exported_and_what_is_told_mends_them(ours: Path) -> None:
    file = ours / "faq.yaml"
    file.write_text(json.dumps(safe().load(file.read_text(encoding="utf-8"))), encoding="utf-8")
    before = load_faq(ours)
    assert "4 个条目写到了" in voice_faq("export", ours / "表.csv", "--answers", ours)[0]
    refused = voice_faq("import", ours / "表.csv", "--preview", "--answers", ours, code=1)[1]
    out, _ = voice_faq(*printed(refused, "export"), folder=ours)
    assert "换成了一般的写法" in out
    (ours / "rewritten.yaml").replace(file)
    assert load_faq(ours) == before
    assert "不变 4 条。" in voice_faq("import", ours / "表.csv", "--preview", "--answers", ours)[0]


def test_an_empty_current_folder_is_filled_and_stays_the_current_one(tmp_path: Path) -> None:
    before = tmp_path.stat().st_ino
    voice_faq("init", ".", folder=tmp_path)
    assert tmp_path.stat().st_ino == before and (tmp_path / "faq.yaml").is_file()
    assert not list(tmp_path.parent.glob(f".{tmp_path.name}.*"))
    voice_faq("check", "--answers", ".", folder=tmp_path)


def test_a_current_folder_that_has_gone_is_told(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    start = ["sh", "-c", 'rmdir "$PWD"; exec "$0" -m voice_faq init ours', sys.executable]
    done = subprocess.run(start, cwd=gone, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and "当前文件夹已经不在了" in done.stderr
