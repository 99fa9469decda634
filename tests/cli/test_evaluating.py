"""``voice-faq eval``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from voice_faq.data import data_root
from voice_faq.evaluation.report import MISSES_SHOWN

from ..conftest import DATA
from .running import REFUND, objects, voice_faq

DEFAULT_MODEL = data_root() / "models/voice-faq-cn"


def test_eval_measures_a_table(tmp_path: Path) -> None:
    table = tmp_path / "table.tsv"
    table.write_text("question\texpected\n怎么退卡\trefund\n今天天气怎么样\t-\n怎么退卡呢\tfees\n", encoding="utf-8")
    result = objects(voice_faq("eval", "--json", table)[0])[0]
    assert (result["in_scope"], result["out_of_scope"]) == (2, 1)
    assert (result["top_1"], result["refused"], result["wrong"]) == (0.5, 1.0, pytest.approx(1 / 3, abs=1e-3))
    assert [m["question"] for m in result["misses"]] == ["怎么退卡呢"]
    table.write_text("怎么退卡\trefunds\n怎么退卡\trefund\n怎么退卡\t\n\n\tfees\nno.wav\tfees\n", encoding="utf-8")
    said = voice_faq("eval", table, code=1)[1]
    assert "表格有 4 处需要修改" in said and f"{table}:1：“refunds”不是条目代号" in said
    assert f"{table}:3：这一行没有写条目代号" in said and f"{table}:5：这一行没有问题" in said
    assert f"{table}:6：没有这个录音：{tmp_path / 'no.wav'}" in said
    table.write_text("怎么退卡    refund\n怎么退卡,refund\n", encoding="utf-8")
    said = voice_faq("eval", table, code=1)[1]
    assert said.count("没有制表符") == 2 and "条目代号之间" in said and "不是条目代号" not in said
    table.write_text("question\texpected\nrefund\t怎么退卡\n-\t今天天气怎么样\n", encoding="utf-8")
    assert (
        voice_faq("eval", table, code=1)[1] == f"voice-faq: {table}：两列写反了。每行先写问题，再写制表符和条目代号。\n"
    )
    table.write_text("怎么退卡,refund\n" * 215, encoding="utf-8")
    said = voice_faq("eval", table, code=1)[1]
    assert "表格有 215 处需要修改" in said and "还有 195 处" in said and f"{table}:21" not in said


@pytest.mark.recognition
def test_eval_tells_all_unreadable_recordings_at_once(tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "table.tsv").write_text("a.wav\trefund\nb.wav\t-\n", encoding="utf-8")
    said = voice_faq("eval", tmp_path / "table.tsv", code=1)[1]
    assert "a.wav：文件是空的" in said and "b.wav：文件是空的" in said


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


def test_eval_compares_with_plain_matching_and_writes_a_report(tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    out, _ = voice_faq("eval", "--json", "--report", report, DATA / "dev-questions.tsv")
    result = objects(out)[0]
    assert result["top_1"] > max(other["top_1"] for other in result["baselines"].values()) + 0.05
    assert result["baselines"].keys() == {
        "rapidfuzz WRatio", "jieba token set", "pinyin token set", "character tf-idf", "BM25",
    }  # fmt: skip
    assert sum(cell["count"] for cell in result["confusion"]) == result["in_scope"] + result["out_of_scope"]
    assert 0 < result["latency_ms"]["p50"] <= result["latency_ms"]["p95"]
    page = report.read_text(encoding="utf-8")
    assert page.count("<polyline") == 6 and page.count("<rect") > 5
    # The likeliest entry of each, and the right one.
    assert page.count("最像“") > min(len(result["misses"]), MISSES_SHOWN)
    assert "src=" not in page and "href=" not in page and "@import" not in page
    (tmp_path / "one.tsv").write_text("怎么退卡\trefund\n", encoding="utf-8")
    for place in (tmp_path / "no/r.html", tmp_path):
        assert "写不进去" in voice_faq("eval", "--report", place, tmp_path / "one.tsv", code=1)[1]


@pytest.mark.recognition
def test_eval_compares_models_on_the_same_recordings(tmp_path: Path) -> None:
    doubting = tmp_path / "doubting"
    shutil.copytree(DEFAULT_MODEL, doubting)
    (doubting / "confidence.json").write_text('{"midpoint": 50.0, "slope": 1.0}\n', encoding="utf-8")
    table = tmp_path / "table.tsv"
    asked = {"canonical-refund": "refund", "canonical-fees": "fees", "canonical-network": "network", "oov-01": "-"}
    lines = (f"{DATA / 'recordings' / name}.flac\t{expected}\n" for name, expected in asked.items())
    table.write_text("".join(lines), encoding="utf-8")
    both = ("eval", table, "--model", "voice-faq-cn", "--model", doubting)
    compared = objects(voice_faq(*both, "--json")[0])[0]
    assert compared["models"]["voice-faq-cn"]["answered_right"] == 1
    assert compared["intervals"]["voice-faq-cn"]["answered_right"][1] < 0.5  # three are few
    assert compared["differences"][str(doubting)]["answered_right"] == [-1, -1, -1]
    assert compared["differences"][str(doubting)]["refused"] == [0, 0, 0]
    out, _ = voice_faq(*both)
    assert "doubting" in out and "100.0%（43.8%～100.0%）" in out
    assert "答对 -100.0%" in out and "差别可信" in out
    assert (
        "找不到语音模型 nosuch" in voice_faq("eval", table, "--model", "voice-faq-cn", "--model", "nosuch", code=1)[1]
    )
    table.write_text("怎么退卡\trefund\n", encoding="utf-8")
    assert "比较模型要用录音" in voice_faq(*both, code=1)[1]
