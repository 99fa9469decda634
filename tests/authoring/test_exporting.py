"""Answers that are written in a way that our tools cannot change."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from voice_faq.authoring.document import FaqDocument
from voice_faq.authoring.exporting import exported
from voice_faq.authoring.starting import start_folder
from voice_faq.authoring.tables import EXPORT_FORMATS, read_table
from voice_faq.errors import FaqError
from voice_faq.faq import load_faq
from voice_faq.faq.yaml import safe

from .test_tables import SUFFIXES

OTHER_STYLES = {
    "json": lambda text: json.dumps(safe().load(text), ensure_ascii=False, indent=1),
    "flow entries": lambda text: (
        text[: text.index("entries:")] + "entries: " + json.dumps(safe().load(text)["entries"], ensure_ascii=False)
    ),
    "one flow entry": lambda text: text + "  - {id: parking, question: 停车场在哪里, answer: 在地下。, screen: ~}\n",
    "aliases": lambda text: text.replace("answer: 请到", "answer: &ask 请到") + "    screen: *ask\n",
}


@pytest.fixture
def usual(tmp_path: Path) -> Path:
    return start_folder(tmp_path / "our faq") / "faq.yaml"


@pytest.mark.parametrize("style", OTHER_STYLES)
def test_every_style_is_exported_and_yaml_in_one_that_can_be_changed(style: str, usual: Path) -> None:
    text = OTHER_STYLES[style](usual.read_text(encoding="utf-8"))
    usual.write_text(text, encoding="utf-8")
    before = load_faq(usual.parent)
    for kind in EXPORT_FORMATS:
        count, content = exported(kind, usual, text.encode())
        read = read_table(SUFFIXES.get(kind, f"表.{kind}"), content).drafts
        assert count == len(read) == len(before.entries)
        assert {draft.fields["question"] for draft in read} == {entry.question for entry in before.entries}
    _, rewritten = exported("yaml", usual, text.encode())
    usual.write_bytes(rewritten)
    assert load_faq(usual.parent) == before
    document = FaqDocument.read(usual, rewritten)
    assert document.with_entry("restroom", {"answer": "往左走。"}).entry("restroom")["answer"] == "往左走。"


def test_yaml_that_can_be_changed_is_exported_as_it_is(usual: Path) -> None:
    assert exported("yaml", usual, usual.read_bytes()) == (4, usual.read_bytes())


@pytest.mark.parametrize("style", OTHER_STYLES)
def test_who_cannot_be_helped_in_place_is_told_how_else(style: str, usual: Path) -> None:
    text = OTHER_STYLES[style](usual.read_text(encoding="utf-8"))
    with pytest.raises(FaqError) as caught:
        FaqDocument.read(usual, text.encode())
    said = str(caught.value)
    assert f"voice-faq export rewritten.yaml --answers '{usual.parent}'" in said
    assert not re.search("root|anchor|flow|entry", said.replace(str(usual.parent), ""))
