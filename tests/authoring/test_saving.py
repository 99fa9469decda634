"""What is saved is there whole or as it was before, and can be brought back."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_faq.authoring import saving, yaml_text
from voice_faq.authoring.document import FaqDocument
from voice_faq.authoring.folder import AnswersFolder, OutsideChangeError
from voice_faq.authoring.starting import start_folder
from voice_faq.errors import FaqError
from voice_faq.faq import load_faq

COMMENTED = """\
# 我的问答
title: 问答   # 名字
hotline: "12345"

entries:
  # ---- 第一组 ----
  - id: one
    question: 怎么退卡  # 标准
    wordings:   # 许多
      # 先写短的
      - 退卡  # 最短
      - "卡, 怎么退"

      # 再写长的
      - 我想退掉这张卡
    answer: |
      到柜台。
      # 这不是说明

  - id: two
    question: 几点开门
    answer: >-
      九点
      开门。
# 完
"""


def document(text: str = COMMENTED) -> FaqDocument:
    return FaqDocument.read(Path("faq.yaml"), text.encode("utf-8"))


def test_comments_order_quotes_and_blank_lines_survive_a_change() -> None:
    wordings = ["退卡", "卡怎么退掉", "我要退卡", "我想退掉这张卡"]
    after = document().with_entry("one", {"question": "怎样退卡", "wordings": wordings, "answer": "到柜台去。"})
    expected = (
        COMMENTED.replace("怎么退卡  #", "怎样退卡  #")
        .replace('      - "卡, 怎么退"\n', '      - "卡怎么退掉"\n      - 我要退卡\n')
        .replace("|\n      到柜台。\n      # 这不是说明\n", "到柜台去。\n")
    )
    assert after.text == expected


def test_a_new_entry_stands_behind_its_group_and_a_deleted_one_leaves_the_comments() -> None:
    grown = document().with_new_entry({"id": "three", "question": "在哪里", "wordings": [], "answer": "这里。"})
    assert grown.ids == ["one", "two", "three"]
    assert grown.text.endswith("    answer: 这里。\n# 完\n")
    assert (
        grown.without_entry("three").without_entry("two").text.startswith(COMMENTED[: COMMENTED.index("  - id: two")])
    )
    assert "---- 第一组 ----" in grown.without_entry("one").text


def test_line_ends_and_byte_order_marks_stay() -> None:
    content = b"\xef\xbb\xbf" + COMMENTED.replace("\n", "\r\n").encode("utf-8")
    after = FaqDocument.read(Path("faq.yaml"), content).with_entry("two", {"answer": "十点。\n周日不开。"}).content
    assert after.startswith(b"\xef\xbb\xbf# ")
    assert after.count(b"\n") == after.count(b"\r\n")


@pytest.mark.parametrize(
    "odd", ["entries: [{id: one, question: 问, answer: 答}]", "a: &x 1\nentries:\n  - id: *x\n", "a: ["]
)
def test_yaml_that_cannot_be_changed_in_its_place_is_refused(odd: str) -> None:
    with pytest.raises(FaqError, match="原来的内容没有变"):
        document(odd)


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1).filter(
    lambda t: "\r" not in t and t.strip() == t
)


@settings(max_examples=30, deadline=None)
@given(answer=texts, wordings=st.lists(st.one_of(texts, st.sampled_from(["no", "1", "- a", "a: b", "#"])), max_size=5))
def test_any_text_is_read_back_as_it_was_written(answer: str, wordings: list[str]) -> None:
    after = document().with_entry("one", {"answer": answer, "wordings": wordings, "group": answer})
    read = FaqDocument.read(Path("faq.yaml"), after.content).entry("one")
    assert (read["answer"], read["wordings"], read["group"]) == (answer, wordings, answer)
    assert "# 标准" in after.text and after.text.endswith("# 完\n")


def test_every_state_can_be_brought_back(tmp_path: Path) -> None:
    folder = AnswersFolder(start_folder(tmp_path / "faq"))
    states = [(folder.path / "faq.yaml").read_bytes()]
    for answer in ("一楼。", "二楼。"):
        folder.save_entry("restroom", folder.document().entry("restroom"), {"answer": answer})
        states.append((folder.path / "faq.yaml").read_bytes())
    for copy, state in zip(reversed(saving.copies(folder.path)), states, strict=False):
        folder.restore(copy.path.name)
        assert (folder.path / "faq.yaml").read_bytes() == state
    assert states[-1] in [copy.path.read_bytes() for copy in saving.copies(folder.path)]


def test_a_change_from_elsewhere_is_not_overwritten(tmp_path: Path) -> None:
    folder = AnswersFolder(start_folder(tmp_path / "faq"))
    base = folder.document().entry("restroom")
    file = folder.path / "faq.yaml"
    file.write_text(file.read_text("utf-8").replace("洗手间在大厅左边", "洗手间在右边"), encoding="utf-8")
    with pytest.raises(OutsideChangeError) as caught:
        folder.save_entry("restroom", base, {"answer": "在楼上。"})
    assert caught.value.now is not None and "右边" in caught.value.now["answer"]
    # Another entry is free to be changed.
    folder.save_entry("staff", folder.document().entry("staff"), {"answer": "在那里。"})
    assert "洗手间在右边" in file.read_text("utf-8")


def test_what_cannot_be_written_leaves_the_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = AnswersFolder(start_folder(tmp_path / "faq"))
    before = (folder.path / "faq.yaml").read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FaqError, match="原来的内容没有变"):
        folder.save_entry("restroom", folder.document().entry("restroom"), {"answer": "在楼上。"})
    assert (folder.path / "faq.yaml").read_bytes() == before
    assert not list(folder.path.glob(".faq*"))


@pytest.mark.parametrize("what", ["save", "import", "init"])
def test_killed_anywhere_it_is_the_old_state_or_the_new(what: str, tmp_path: Path) -> None:
    """A process for each of 50 places is killed there by SIGKILL, while it saves, imports or starts a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.authoring.killed", what, str(tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    old, new = map(int, done.stdout.split())
    assert old + new >= 50 and old and new


def test_a_folder_is_started_once(tmp_path: Path) -> None:
    made = start_folder(tmp_path / "我的")
    assert load_faq(made).entries
    with pytest.raises(FaqError, match="里面已经有文件"):
        start_folder(made)


def test_yaml_scalars_that_look_like_something_else_stay_texts() -> None:
    for text in (
        "yes",
        "null",
        "1e3",
        "2040-12-31",
        "0x1f",
        "~",
        "- x",
        "a: b",
        "#x",
        "x #y",
        "'",
        '"',
        "[a]",
        "%",
        "@x",
    ):
        after = yaml_text.with_values("k: v\n", {"k": text})
        root = yaml_text.parse(after)
        assert root is not None and yaml_text.plain(root) == {"k": text}
