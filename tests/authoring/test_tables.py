"""Tables that operators have, in and out."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice_faq.authoring import yaml_text
from voice_faq.authoring.document import FaqDocument
from voice_faq.authoring.exporting import exported
from voice_faq.authoring.importing import Plan, _short_pair, plan_import
from voice_faq.authoring.starting import start_folder
from voice_faq.authoring.tables import EXPORT_FORMATS, read_table, write_table
from voice_faq.authoring.yaml_text import NotEditable
from voice_faq.data import data_root
from voice_faq.errors import FaqError, InputError
from voice_faq.faq import load_faq
from voice_faq.faq.notes import UNWRITTEN_ANSWER

CSV = """\
编号,分类,问题（必填）,相似问法,答案
1,停车,停车场在哪里,车停哪儿；哪里能停车,在地下一层。
2,停车,停车多少钱,,每小时五块钱。
"""
SUFFIXES = {"rasa": "nlu.yml", "rhasspy": "sentences.ini"}
RASA = """\
version: "3.1"
nlu:
- intent: faq/parking
  examples: |
    - 停车场在哪里
    - 车停[地下](place)吗
- intent: out_of_scope
  examples: |
    - 帮我写首诗
responses:
  utter_faq/parking:
  - text: 在地下一层。
"""
RHASSPY = """\
[Parking]
where = (在哪里 | 在哪)
[请问] 停车场 <where>
(停车{action}):park 多少钱
大卖场 $shops
"""


@pytest.fixture
def document(tmp_path: Path) -> FaqDocument:
    file = start_folder(tmp_path / "faq") / "faq.yaml"
    return FaqDocument.read(file, file.read_bytes())


def plan(document: FaqDocument, name: str, content: bytes, **how: Any) -> Plan:
    return plan_import(document, read_table(name, content), **how)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_is_read_in_any_encoding(encoding: str, delimiter: str, document: FaqDocument) -> None:
    content = CSV.replace(",", delimiter).encode(encoding)
    found = plan(document, "表.csv", content)
    assert (found.count("new"), found.count("trouble")) == (2, 0)
    assert found.changes[0].fields == {
        "id": "tingchechang-zai-nali", "question": "停车场在哪里", "group": "停车",
        "wordings": ["车停哪儿", "哪里能停车"], "answer": "在地下一层。",
    }  # fmt: skip


def test_a_csv_from_taiwan_is_read(document: FaqDocument) -> None:
    content = "問題,答案\n停車場在哪裡,在地下一樓,謝謝\n營業時間到幾點,到下午五點\n".encode("big5")
    assert [c.question for c in plan(document, "表.csv", content).changes] == ["停車場在哪裡", "營業時間到幾點"]


def test_a_workbook_is_read_with_merged_groups_numbers_and_a_title_above(document: FaqDocument) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [
        ["常见问题汇总"],
        ["分类", "问题", "答案"],
        ["停车", "停车场在哪里", "在地下一层。"],
        [None, "停车多少钱", 5],
    ]:
        sheet.append(row)
    sheet.merge_cells("A3:A4")
    stream = io.BytesIO()
    book.save(stream)
    found = plan(document, "表.xlsx", stream.getvalue())
    assert [c.fields["group"] for c in found.changes] == ["停车", "停车"]
    assert found.changes[1].fields["answer"] == "5"


def test_rasa_and_rhasspy_are_read(document: FaqDocument) -> None:
    found = plan(document, "nlu.yml", RASA.encode())
    assert dict(found.changes[0].fields) == {
        "id": "parking", "question": "停车场在哪里", "wordings": ["车停地下吗"], "answer": "在地下一层。"
    }  # fmt: skip
    assert found.out_of_scope == ["帮我写首诗"]
    found = plan(document, "sentences.ini", RHASSPY.encode())
    fields = found.changes[0].fields
    assert [fields["question"], *fields["wordings"]] == [
        "请问停车场在哪里", "请问停车场在哪", "停车场在哪里", "停车场在哪", "停车多少钱"
    ]  # fmt: skip
    assert fields["answer"] == UNWRITTEN_ANSWER and "没有答案" in found.changes[0].told[0]
    assert "$shops" in found.remarks[0]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("九点开门", "八点开门", ("“九点开门”", "“八点开门”")),
        (None, "答", ("“（空）”", "“答”")),
        ("长" * 30 + "九点", "长" * 30 + "八点", ("“…" + "长" * 6 + "九点”", "“…" + "长" * 6 + "八点”")),
        ("短", "长" * 30, ("“短”", "“" + "长" * 24 + "…”")),
    ],
)
def test_a_change_is_shown_where_it_is(before: str | None, after: str, told: tuple[str, str]) -> None:
    assert _short_pair(before, after) == told


@pytest.mark.parametrize("kind", EXPORT_FORMATS)
def test_what_is_exported_is_imported_without_a_change(kind: str, document: FaqDocument) -> None:
    entries = [document.entry(name) for name in document.ids]
    content = write_table(kind, entries, document.section("out_of_scope"), document.content)
    found = plan(document, SUFFIXES.get(kind, f"表.{kind}"), content, exact=True)
    assert found.changes_nothing and found.count("same") == len(entries), [c for c in found.changes if c.kind != "same"]


line = st.text(st.sampled_from("退卡怎么？?；;|,\"'=+-@#:\\ n[](){}<>$1a"), min_size=1, max_size=12).filter(
    lambda t: t.strip() == t and any(c.isalnum() for c in t)
)


@settings(max_examples=20, deadline=None)
@given(question=line, answer=line, wordings=st.lists(line, max_size=3), screen=st.lists(line, min_size=1, max_size=3))
@pytest.mark.parametrize("kind", ["csv", "tsv", "xlsx", "rasa", "rhasspy"])
def test_any_entry_comes_back_from_a_table(
    kind: str, question: str, answer: str, wordings: list[str], screen: list[str]
) -> None:
    words = list(dict.fromkeys(" ".join(w.split()) for w in wordings))
    entry = {"id": "one", "question": question, "wordings": words, "answer": answer, "screen": "\n".join(screen)}
    read = read_table(SUFFIXES.get(kind, f"表.{kind}"), write_table(kind, [entry])).drafts
    fields = {"wordings": [], **read[0].fields}
    if kind == "rasa" and not words:
        fields["wordings"] = []
    assert len(read) == 1 and fields == entry


def test_an_import_adds_and_never_takes_away_unless_it_is_asked_to(document: FaqDocument) -> None:
    table = "问题,问法,答案\n厕所在哪里,洗手间在几楼\\n,\n".replace("\\n", "").encode()
    added = plan(document, "表.csv", table).applied(document).entry("restroom")
    assert added["wordings"][-1] == "洗手间在几楼" and len(added["wordings"]) == 14
    assert added["answer"] == document.entry("restroom")["answer"]
    exact = plan(document, "表.csv", table, exact=True).applied(document).entry("restroom")
    assert exact["wordings"] == ["洗手间在几楼"]


def test_what_an_exact_import_would_take_away_is_told_before(document: FaqDocument) -> None:
    table = "问题,问法\n厕所在哪里,洗手间在哪；卫生间怎么走\n".encode()
    found = plan(document, "表.csv", table)
    (row,) = found.changes
    assert row.kind == "same" and found.kept
    assert row.told == ("问法：表格里没有的 11 种留着（“我想上厕所”“哪里有洗手间”等）。",)
    exact = plan(document, "表.csv", table, exact=True)
    assert exact.changes[0].told == ("问法：去掉 11 种",) and not exact.kept
    nothing = plan(document, "表.csv", "问题,答案\n厕所在哪里,往左走。\n".encode())
    assert not nothing.kept and not any("留着" in told for told in nothing.changes[0].told)
    sections = plan(document, "表.yaml", "synonyms: [[停车, 泊车]]\nentries: [{question: 厕所在哪里}]\n".encode())
    assert sections.kept and sections.remarks == ["同义词：表格里没有的 4 组留着。"]


def test_an_id_that_is_not_taken_over_is_told(document: FaqDocument) -> None:
    table = (
        "代号,问题,答案\ntoilet,厕所在哪里,\nCar Park,停车场在哪里,在地下。\n"
        "fee,停车多少钱,五块。\nfee,几点开车,八点。\n"
    )
    renamed, wrong, new, taken = plan(document, "表.csv", table.encode()).changes
    assert (renamed.kind, renamed.entry) == ("same", "restroom")
    assert "“toilet”，没有改，还是 restroom" in renamed.told[0] and "faq.yaml" in renamed.told[0]
    assert (wrong.entry, new.entry, taken.entry) == ("tingchechang-zai-nali", "fee", "fee-2")
    assert "“Car Park”不能用，写成 tingchechang-zai-nali" in wrong.told[0]
    assert new.told == () and "“fee”前面已经用过，写成 fee-2" in taken.told[0]


@pytest.mark.parametrize("kind", ["csv", "tsv", "xlsx", "yaml", "rasa"])
def test_the_shipped_answers_come_back_with_their_translations(kind: str) -> None:
    file = data_root() / "answers/faq.yaml"
    shipped = FaqDocument.read(file, file.read_bytes())
    _, content = exported(kind, file, shipped.content)
    found = plan(shipped, SUFFIXES.get(kind, f"表.{kind}"), content)
    assert found.changes_nothing, [c.told for c in found.changes if c.kind != "same"]


def test_a_translation_that_the_table_lacks_stays(document: FaqDocument) -> None:
    said = {
        "en": {"question": "Where?", "answer": "Left.", "group": "Here"},
        "fr": {"question": "Où ?", "answer": "Là."},
    }
    translated = document.with_entry("restroom", {"translations": said})
    found = plan(translated, "表.csv", "代号,问题,问题_en,答案_en\n,厕所在哪里,Where is it?,Left.\n".encode())
    assert found.changes[0].told == ("翻译：改 en",)
    after = found.applied(translated).entry("restroom")["translations"]
    assert after == {**said, "en": {**said["en"], "question": "Where is it?"}}


def test_a_column_called_category_id_is_no_translation() -> None:
    assert read_table("表.csv", b"question,answer,category id\na,b,c\n").drafts[0].fields == {
        "question": "a", "answer": "b"
    }  # fmt: skip


def test_a_yaml_is_imported_as_it_is_written() -> None:
    table = read_table(
        "表.yaml",
        "hotline: 0571\nout_of_scope: [2024-01-01, null]\n"
        "entries:\n  - {question: 多少钱, answer: 3.50, group: true, wordings: [010, ~]}\n".encode(),
    )
    assert table.drafts[0].fields == {"question": "多少钱", "answer": "3.50", "group": "true", "wordings": ["010"]}
    assert table.sections == {"hotline": "0571"} and table.out_of_scope == ["2024-01-01"]


def test_rows_that_cannot_be_taken_over_say_why(document: FaqDocument) -> None:
    table = (
        "问题,问法,答案\n,有没有停车场,有。\n几点上班,,九点。\n停车场在哪里,几点关门,在地下。\n停车场在哪里,,在楼上。\n"
    )
    found = plan(document, "表.csv", table.encode())
    assert [c.kind for c in found.changes] == ["trouble", "trouble", "new", "trouble"]
    told = ["；".join(c.told) for c in found.changes]
    assert "没有写问题" in told[0] and "opening-hours" in told[1]
    assert "几点关门" in told[2] and "前面已经有" in told[3]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("表.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "另存为 .xlsx"),
        ("表.xlsx", b"PK\x03\x04 broken", "Excel 文件读不了"),
        ("表.xlsx", b"no", "这不是 Excel 文件"),
        ("表.csv", b"", "表格是空的"),
        ("表.csv", b"\x80\xff\x81\xff\xff", "编码"),
        ("表.yaml", b"a: [", "YAML 写法有误"),
        ("表.yaml", b"a: b", "看不懂这个 YAML"),
        ("表.csv", "只有一列\n".encode(), "哪一列是问题"),
    ],
)
def test_files_that_cannot_be_read_are_explained(name: str, content: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_table(name, content)


def test_no_cell_of_an_exported_table_is_calculated() -> None:
    entry = {"id": "one", "question": "=1+1", "wordings": ["@SUM(A1)"], "answer": "-1"}
    assert b",'=1+1,'@SUM(A1),'-1," in write_table("csv", [entry])
    sheet = openpyxl.load_workbook(io.BytesIO(write_table("xlsx", [entry]))).active
    assert "f" not in {cell.data_type for cell in sheet[2]}


def test_a_whole_faq_comes_back_with_what_stands_outside_its_entries() -> None:
    ours = FaqDocument.read(
        Path("faq.yaml"),
        "title: 车站问答\nhotline: '12306'\nsynonyms:\n  - [停车, 泊车]\n"
        "pronunciations:\n  重庆: chong2 qing4\nout_of_scope: [帮我写首诗]\n"
        "entries:\n  - id: parking\n    question: 停车场在哪里\n    answer: 在地下一层。\n".encode(),
    )
    fresh = FaqDocument.read(
        Path("faq.yaml"),
        "title: 我的语音问答\nhotline: '12345'\nsynonyms:\n  - [厕所, 洗手间]\n"
        "entries:\n  - id: restroom\n    question: 厕所在哪里\n    answer: 往左走。\n".encode(),
    )
    plan = plan_import(fresh, read_table("faq.yaml", ours.content))
    assert plan.told == "新增 1 条，修改 0 条，不变 0 条，不回答的问题增加 1 句，改名字、电话、同义词、读音。"
    after = plan.applied(fresh)
    assert (after.section("title"), after.section("hotline")) == ("车站问答", "12306")
    assert after.section("synonyms") == [["厕所", "洗手间"], ["停车", "泊车"]]
    assert after.section("pronunciations") == {"重庆": "chong2 qing4"}
    assert plan_import(after, read_table("faq.yaml", ours.content)).changes_nothing
    assert plan_import(fresh, read_table("faq.yaml", ours.content), exact=True).sections["synonyms"] == [
        ["停车", "泊车"]
    ]
    wrong = read_table("faq.yaml", ours.content.replace("[停车, 泊车]".encode(), "停车".encode()))
    assert wrong.remarks == ["没有用到 synonyms：写法不对。"] and "synonyms" not in wrong.sections


@pytest.mark.parametrize(
    "value", ["4006-66-88", "2024-02-30", "!!int 咋", "!!bool x", '"\\U11ffffff"', "a: b", "[" * 3_000, "\0"]
)
def test_a_yaml_with_a_value_that_cannot_be_read_is_refused_in_chinese(value: str) -> None:
    with pytest.raises(InputError) as caught:
        read_table("表.yaml", f"entries:\n  - question: 停车\n    answer: {value}\n".encode())
    said = str(caught.value)
    assert not any(word in said for word in ("expected", "found", "not", "value"))
    assert "第 3 行：" in said or value in ("[" * 3_000, "\0")


def test_a_text_that_is_almost_an_escape_is_written_in_quotes() -> None:
    assert yaml_text.scalar('"\\U11ffffff"', 0) == '"\\"\\\\U11ffffff\\""'
    with pytest.raises(NotEditable):
        yaml_text.parse("[" * 3_000)


def test_an_answer_that_nobody_would_hear_is_told_and_left_out(document: FaqDocument) -> None:
    (row,) = plan(document, "表.csv", "问题,答案\n停车多少钱,👍！\n".encode()).changes
    assert row.kind == "trouble" and "没有能念出来的字" in row.told[0]


@pytest.mark.parametrize("question", ["😀", "환불", "？？"])
def test_a_row_that_would_leave_a_broken_faq_is_told_and_left_out(document: FaqDocument, question: str) -> None:
    table = f"问题,问法,答案\n{question},,表情\n停车多少钱,{question};停车费,五块。\n".encode()
    found = plan(document, "表.csv", table)
    assert [change.kind for change in found.changes] == ["trouble", "new"]
    assert "机器听不懂" in found.changes[0].told[0] and "机器听不懂" in found.changes[1].told[0]
    assert found.changes[1].fields["wordings"] == ["停车费"]
    document.path.write_bytes(found.applied(document).content)
    load_faq(document.path.parent)
    changed = plan(document, "表.csv", f"id,问题\n{document.ids[0]},{question}\n".encode())
    assert [change.kind for change in changed.changes] == ["trouble"]


@pytest.mark.parametrize("section", ["synonyms: [[厕所, 洗手间], [茅房, 洗手间]]", "pronunciations: {还款: huan2}"])
def test_an_import_that_would_leave_a_broken_faq_is_refused(document: FaqDocument, section: str) -> None:
    entry = "entries:\n  - {question: 停车多少钱, answer: 五块。}\n"
    found = plan(document, "表.yaml", f"{section}\n{entry}".encode())
    with pytest.raises(FaqError, match="没有导入"):
        found.applied(document)
