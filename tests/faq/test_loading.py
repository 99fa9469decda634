import re
import shutil
from pathlib import Path

import pytest

from voice_faq.errors import FaqError
from voice_faq.faq import Faq, load_faq, loading
from voice_faq.faq.file_notes import file_notes
from voice_faq.faq.notes import UNWRITTEN_ANSWER, faq_notes
from voice_faq.settings import Settings

IDS = [
    "how-to-open", "requirements", "fees", "card-limit", "validity", "existing-card", "refund", "how-to-tap",
    "network", "discounts", "overdraft", "coverage", "missing-exit", "damaged-device", "support",
]  # fmt: skip

# Every figure of the source document, by the entry whose texts must hold it.
FIGURES = {
    "how-to-open": ["钱包", "北京一卡通", "4.2.0.2", "iOS 13.4", "watchOS 6.2", "免费"],
    "requirements": [
        "iPhone 6s", "iPhone 6s Plus", "iPhone SE", "Apple Watch Series 1", "iOS 13.4", "watchOS 6.2", "4.2.0.2",
    ],
    "fees": ["免费", "5 元", "押金"],
    "card-limit": ["8 张", "12 张", "iPhone 7 Plus", "iPhone 8 Plus", "Series 2", "Series 3", "银行卡"],
    "validity": ["2040年12月31日"],
    "existing-card": ["iOS 13.4", "上限", "继续使用"],
    "refund": ["30 天", "支付宝", "全部退还"],
    "how-to-tap": ["顶部", "表面", "读卡区"],
    "network": ["无需网络", "开卡", "充值", "删卡", "备份", "转移"],
    "discounts": ["5 折", "累计优惠", "定制公交", "商务班车", "快速直达专线", "其他地区"],
    "overdraft": ["不支持透支", "最远端站点", "单程最低票价", "差额"],
    "coverage": ["275", "2019年底", "热线"],
    "missing-exit": ["服务窗口", "无法进站", "立即处理", "去处理", "余额"],
    "damaged-device": ["400-666-8800", "Apple Retail Store"],
    "support": [
        "010-96066", "bmacwx", "400-666-8800", "复兴门内大街45号西门",
        "东直门交通枢纽站内麦当劳北侧", "北京南站地下一层北进出口公交换乘大厅内",
    ],
}  # fmt: skip


@pytest.fixture
def answers(tmp_path: Path, settings: Settings) -> Path:
    """A copy of the shipped answers that a test may spoil."""
    return Path(shutil.copytree(settings.answers, tmp_path / "answers", ignore=shutil.ignore_patterns("voice")))


def spoil(file: Path, old: str, new: str) -> int:
    """Replace the first ``old``; the line it stood in."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def message_for(folder: Path) -> str:
    with pytest.raises(FaqError) as caught:
        load_faq(folder)
    return str(caught.value)


def test_the_shipped_faq_has_the_agreed_entries(faq: Faq) -> None:
    assert [entry.id for entry in faq.entries] == IDS


@pytest.mark.parametrize("entry_id", IDS)
def test_every_figure_of_the_source_is_there(faq: Faq, entry_id: str) -> None:
    entry = faq.entry(entry_id)
    missing = [figure for figure in FIGURES[entry_id] if figure not in f"{entry.answer}\n{entry.shown}"]
    assert not missing


def test_answers_are_written_to_be_heard(faq: Faq) -> None:
    for entry in faq.entries:
        assert not any(mark in entry.answer for mark in "•*#\n（）()"), entry.id
        sentences = [s for s in entry.answer.replace("；", "。").split("。") if s]
        assert max(map(len, sentences)) <= 60, entry.id


def test_all_mistakes_are_reported_at_once_each_with_its_line(answers: Path) -> None:
    file = answers / "faq.yaml"
    lines = [
        spoil(file, "  - id: fees", "  - id: Fees Free"),
        spoil(file, "    answer: 能用到2040年", "    anser: 能用到2040年"),
        spoil(file, "      - 怎么退卡\n", "      - 怎么刷卡\n"),
    ]
    prompts = answers / "prompts.yaml"
    clarify_line = spoil(prompts, "您是想问：{choices}", "您是想问哪个")
    confirm_line = spoil(prompts, "您是想问：{question}", "您是想问这个")
    message = message_for(answers)
    assert f"{file}:{lines[0]}：" in message and "how-to-open" in message
    assert f"{file}:{lines[1]}：不认识的项目 anser" in message
    assert "缺少 answer" in message
    assert f"{prompts}:{clarify_line}：clarify 里要有 {{choices}}" in message
    assert f"{prompts}:{confirm_line}：confirm 里要有 {{question}}" in message
    assert "Traceback" not in message


def test_the_same_wording_in_two_entries_is_reported_with_its_line(answers: Path) -> None:
    line = spoil(
        answers / "faq.yaml",
        "      - 卡里的余额可以提现吗\n",
        "      - 卡里的余额可以提现吗\n      - 刷卡需要联网吗？\n",
    )
    message = message_for(answers)
    # The second of the two is the one to delete.
    assert "刷卡需要联网吗" in message and "已经写在条目 refund 里" in message
    assert f":{line + 1}：" not in message


@pytest.mark.parametrize("wording", ["환불", "как вернуть", "𠮷", "いつ", "😀", "？！"])
def test_a_wording_that_matching_cannot_read_is_reported_with_its_line(answers: Path, wording: str) -> None:
    line = spoil(answers / "faq.yaml", "      - 怎么退卡\n", f"      - {wording}\n")
    assert f"faq.yaml:{line}：问法“{wording}”里没有中文或者英文字母，机器听不懂" in message_for(answers)
    question = "    question: 京津冀互联互通卡有有效期吗"
    line = spoil(answers / "faq.yaml", question, f"    question: {wording}")
    assert f"faq.yaml:{line}：问法“{wording}”" in message_for(answers)


def test_what_matching_cannot_read_does_no_harm_beside_the_entries(answers: Path, faq: Faq) -> None:
    spoil(answers / "faq.yaml", "out_of_scope:\n", "out_of_scope:\n  - 환불\n  - 😀\n")
    spoil(answers / "faq.yaml", "synonyms:\n", "synonyms:\n  - [😀, 表情]\n  - [いつ, 何时, 啥时候]\n")
    found = load_faq(answers)
    assert found.out_of_scope == faq.out_of_scope
    assert found.synonyms == [["何时", "啥时候"], *faq.synonyms]


def test_a_new_faq_may_have_entries_without_other_wordings(answers: Path) -> None:
    file = answers / "faq.yaml"
    text = file.read_text(encoding="utf-8")
    start = text.index("    wordings:", text.index("- id: support"))
    end = text.index("    answer:", start)
    file.write_text(text[:start] + text[end:], encoding="utf-8")
    assert load_faq(answers).entry("support").all_wordings == [load_faq(answers).entry("support").question]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: Apple Pay", "title:Apple Pay", "冒号后的空格"),
        ("    question: 京津冀互联互通卡有有效期吗", "\t  question: 京津冀互联互通卡有有效期吗", "制表符"),
        ("    answer: 能用到2040年12月31日。在这一天之前都有效。", "    answer: 2040", "加上引号"),
        ("    answer: 能用到2040年12月31日。在这一天之前都有效。", "    answer:", "是空的"),
        ("  还款: huan2 kuan3", "  还款: huan2", "每个字写一个拼音"),
        ("    question: 京津冀互联互通卡有有效期吗", "    question: a\n    question: b", "写了两次"),
        ("    answer: 能用到2040年12月31日。在这一天之前都有效。", "    answer: 2024-02-30", "加上引号"),
        ("      - 怎么退卡\n", "      - 4006-66-88\n", "加上引号"),
        ("      - 怎么退卡\n", "      - !!int 咋\n", "加上引号"),
    ],
)
def test_common_slips_are_explained(answers: Path, old: str, new: str, said: str) -> None:
    line = spoil(answers / "faq.yaml", old, new)
    message = message_for(answers)
    assert said in message
    reported = [int(part.split("：")[0]) for part in message.split("faq.yaml:")[1:]]
    assert any(abs(r - line) <= 2 for r in reported)


@pytest.mark.parametrize("answer", ["😀", "👍！👍！", "……", "→ ←", "℃"])
def test_an_answer_of_which_nothing_is_spoken_is_noted_and_keeps_nobody_from_the_others(
    answers: Path, answer: str
) -> None:
    spoil(answers / "faq.yaml", "    answer: 能用到2040年12月31日。在这一天之前都有效。", f"    answer: {answer}")
    (told,) = [note for note in faq_notes(load_faq(answers)) if "没有能念出来的字" in note]
    assert told.startswith("validity ")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2024-01-01", "会当作日期"),
        ("2024-01-01 10:00:00", "会当作日期"),
        ("3.50", "会当作数字"),
        ("0571", "会当作数字"),
        ("1e5", "会当作数字"),
        ("true", "会当作“对”或“错”"),
        ("FALSE", "会当作“对”或“错”"),
        ("null", "等于没有写"),
        ("~", "等于没有写"),
    ],
)
def test_what_yaml_takes_for_no_text_is_told_as_it_is_written(answers: Path, written: str, said: str) -> None:
    file = answers / "faq.yaml"
    lines = [
        spoil(file, "title: Apple Pay", f"title: {written} #"),
        spoil(file, "    question: 京津冀互联互通卡有有效期吗", f"    question: {written}"),
        spoil(file, "      - 怎么退卡\n", f"      - {written}\n"),
        spoil(file, "  - [网络, 上网", f"  - [网络, {written}"),
    ]
    message = message_for(answers)
    for line, name in zip(lines, ("title", "question", "wordings 的第 3 项", "synonyms 第 7 组的第 2 项"), strict=True):
        (told,) = [told for told in message.splitlines() if f"faq.yaml:{line}：" in told]
        assert f"：{name} 写的 {written} " in told and said in told and f'写成 "{written}"。' in told
    file.write_text(file.read_text(encoding="utf-8").replace(f" {written}\n", f' "{written}"\n'), encoding="utf-8")
    assert "question" not in message_for(answers) and "wordings" not in message_for(answers)


def test_words_that_older_yaml_took_for_no_texts_are_texts(answers: Path) -> None:
    spoil(answers / "faq.yaml", "    answer: 能用到2040年12月31日。在这一天之前都有效。", "    answer: yes")
    spoil(answers / "faq.yaml", "      - 怎么退卡\n", "      - on\n")
    found = load_faq(answers)
    assert found.entry("validity").answer == "yes" and "on" in found.entry("refund").wordings


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("      - 怎么退卡\n", "      - 退卡: 怎么退\n", "wordings 的第 3 项 应该是一段文字，现在是“名称: 内容”"),
        (
            "answer: 能用到2040年12月31日。在这一天之前都有效。",
            "answer:\n      - 一直有效",
            "answer 应该是一段文字，现在是列表",
        ),
        ("  还款: huan2", "  12306: yao1\n  还款: huan2", "pronunciations 里的名称 写的 12306 没有引号，会当作数字"),
        ("      en:\n", "      true:\n", "translations 里的名称 写的 true 没有引号"),
        (
            "      en:\n",
            "      English please:\n",
            "translations 里的名称“English please”不能用。请写语言的代号，例如 en。",
        ),
    ],
)
def test_what_stands_in_the_place_of_a_text_is_told_in_the_operators_words(
    answers: Path, old: str, new: str, said: str
) -> None:
    spoil(answers / "faq.yaml", old, new)
    message = message_for(answers)
    assert said in message and "[" not in message.replace(str(answers), "")


def test_missing_and_unreadable_files_are_named(answers: Path) -> None:
    (answers / "prompts.yaml").unlink()
    (answers / "faq.yaml").write_bytes("title: 测试\n".encode("gbk"))
    message = message_for(answers)
    assert "prompts.yaml:1：找不到这个文件" in message
    assert "faq.yaml:1：文件不是 UTF-8 编码" in message


def test_an_empty_file_is_explained(answers: Path) -> None:
    (answers / "faq.yaml").write_text("# nothing\n", encoding="utf-8")
    assert "文件是空的" in message_for(answers)


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ("title: Apple Pay", "title：Apple Pay", "title"),
        ("hotline: ", "hotline：", "hotline"),
        ("  - id: fees", "  - id：fees", "id"),
        ("    answer: 能用到", "    answer：能用到", "answer"),
        ("  还款: huan2", "  还款：huan2", "还款"),
        ("entries:", "entries：", "entries"),
    ],
)
def test_a_full_width_colon_is_named_with_its_line(answers: Path, old: str, new: str, name: str) -> None:
    line = spoil(answers / "faq.yaml", old, new)
    assert f"faq.yaml:{line}：这一行用了全角冒号“：”。" in message_for(answers)
    assert f"{name}: 内容" in message_for(answers)


def test_a_full_width_colon_that_is_no_mistake_of_yaml_is_named_too(answers: Path) -> None:
    (answers / "prompts.yaml").write_text("greeting：您好\n", encoding="utf-8")
    assert "prompts.yaml:1：这一行用了全角冒号" in message_for(answers)
    (answers / "faq.yaml").write_text("title: x\nhotline: y\nentries:\n  - id：fees\n", encoding="utf-8")
    assert "faq.yaml:4：这一行用了全角冒号" in message_for(answers)


@pytest.mark.parametrize(
    "text",
    [
        "a: b: c", "a: *怎么", "a: @x", "a: %x", "a: [1\nb: 2", "a: 'x\nb: c", 'a: "x" y', "- a\nb: c",
        "a:\n\u3000- x", "a:\n－ x", 'a: "\\q"', "---\na: b\n---\nc: d", "a: |2\n x", "a\n", "a: x\n\tb: y",
        "\0", "[" * 5_000, "a: !!python/object x",
        "a: &a [*a]", "title: 1\nhotline: {x: 1}\nentries: [1, [2], {id: 3}]", "entries: {a: 1}", "title: 2020-01-01",
        "hotline: !!int 咋", "a: !!bool x", "- !!float ''", "a: !!omap 1", "a: !!set 1", '"\\U11ffffff"',
        "a: !!timestamp x", "{[? a]}: 1", "? [a, b]\n: c", "1: 2", "title: !!binary eHg=", "<<: 3",
        'pronunciations: {"[key]": 3}', '"[key]": 3',
    ],
)  # fmt: skip
def test_every_slip_of_yaml_is_told_in_chinese(answers: Path, text: str) -> None:
    (answers / "faq.yaml").write_text(text + "\n", encoding="utf-8")
    message = message_for(answers)
    assert "faq.yaml:" in message
    assert not re.search(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}", message), message


def test_aliases_that_grow_without_end_are_refused_at_once(answers: Path) -> None:
    layers = ["a0: &a0 [哈, 哈]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))]
    (answers / "faq.yaml").write_text("\n".join(layers), encoding="utf-8")
    assert "展开后太大" in message_for(answers)


def test_an_alias_that_saves_writing_is_allowed(answers: Path) -> None:
    spoil(answers / "prompts.yaml", "adjusted: 好的。", "adjusted: &well 好的。")
    spoil(answers / "prompts.yaml", "at_limit: 已经到头了。", "at_limit: *well")
    assert load_faq(answers).prompts.at_limit == "好的。"


@pytest.mark.parametrize(
    ("prompt", "marks"),
    [
        ("greeting: 您好{name}", "{name}"),
        ("greeting: '您好，{hotline}'", "{hotline}"),
        ("greeting: 您好｛choices｝", "｛choices｝"),
        ("greeting: '您好{'", "{"),
        ("clarify: '您是想问：{choices}？{choice}'", "{choice}"),
        ("not_known_again: '请打{Hotline}'", "{Hotline}"),
    ],
)
def test_braces_that_would_be_spoken_are_reported(answers: Path, prompt: str, marks: str) -> None:
    file = answers / "prompts.yaml"
    name = prompt.split(":")[0]
    lines = file.read_text(encoding="utf-8").splitlines()
    changed = [prompt if line.startswith(f"{name}:") else line for line in lines]
    file.write_text("\n".join(changed), encoding="utf-8")
    assert f"prompts.yaml:{changed.index(prompt) + 1}：{name} 里的 {marks} 会照着念出来" in message_for(answers)


def test_texts_of_thousands_of_characters_are_reported(answers: Path) -> None:
    file = answers / "faq.yaml"
    line = spoil(file, "    answer: 能用到2040年12月31日。", "    answer: " + "能用很久。" * 500)
    spoil(file, "      - 怎么退卡\n", "      - " + "怎么" * 101 + "\n")
    message = message_for(answers)
    assert f"faq.yaml:{line}：answer 有 25" in message and "最多 2000 个字" in message
    assert "有 202 个字，最多 200 个字" in message


def test_what_riders_would_want_otherwise_is_noted(answers: Path) -> None:
    file, prompts = answers / "faq.yaml", answers / "prompts.yaml"
    assert list(faq_notes(load_faq(answers))) == []
    spoil(file, "    answer: 能用到2040年12月31日。", "    answer: 打{hotline}。" + "能用很久。" * 70)
    spoil(file, "      - 怎么退卡\n", "      - " + "怎么" * 31 + "\n")
    spoil(prompts, "welcome: ", "# welcome: ")
    notes = "\n".join(faq_notes(load_faq(answers)))
    assert notes.count("\n") == 3
    assert "条目 validity 的答案有 3" in notes and "条目 validity 的答案里有 {hotline}" in notes
    assert "条目 refund 的问法“怎么怎么" in notes and "welcome：" in notes


def test_an_answer_that_is_not_written_yet_is_noted(answers: Path) -> None:
    spoil(answers / "faq.yaml", "    answer: 能用到2040年12月31日。", f"    answer: {UNWRITTEN_ANSWER}#")
    assert not [note for note in faq_notes(load_faq(answers)) if "还没有写答案" in note]  # somebody wrote on
    spoil(answers / "faq.yaml", f"{UNWRITTEN_ANSWER}#在这一天之前都有效。", UNWRITTEN_ANSWER)
    (note,) = faq_notes(load_faq(answers))
    assert note == f"validity 还没有写答案，问到时会说“{UNWRITTEN_ANSWER}”请补上。"


def test_translations_are_read_and_what_is_missing_of_them_is_told(answers: Path) -> None:
    file = answers / "faq.yaml"
    text = file.read_text(encoding="utf-8")
    entries = load_faq(answers).entries
    assert all("en" in entry.translations for entry in entries)
    assert not [note for note in faq_notes(load_faq(answers)) if "翻译" in note]
    begins = text.index("    translations:")
    file.write_text(text[:begins] + text[text.index("\n  - id:", begins) + 1 :], encoding="utf-8")
    notes = [note for note in faq_notes(load_faq(answers)) if "翻译成 en" in note]
    assert len(notes) == 1 and entries[0].id in notes[0] and entries[1].id not in notes[0]
    file.write_text(text.replace("      en:\n", "      English please:\n", 1), encoding="utf-8")
    with pytest.raises(FaqError, match="English please"):
        load_faq(answers)


def test_answers_that_were_read_before_are_the_same_without_reading_yaml(
    tmp_path: Path, settings: Settings, faq: Faq, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_faq(settings.answers, cache=tmp_path) == faq
    with monkeypatch.context() as context:
        context.setattr(loading, "read_document", None)
        again = load_faq(settings.answers, cache=tmp_path)
    assert again == faq and again.prompts.model_fields_set == faq.prompts.model_fields_set
    (kept,) = tmp_path.iterdir()
    for broken in (b"", b"{}", kept.read_bytes()[:-2]):
        kept.write_bytes(broken)
        assert load_faq(settings.answers, cache=tmp_path) == faq


def test_edited_answers_are_read_again(tmp_path: Path, settings: Settings) -> None:
    answers, cache = tmp_path / "answers", tmp_path / "cache"
    answers.mkdir()
    for name in ("faq.yaml", "prompts.yaml"):
        shutil.copy(settings.answers / name, answers / name)
    load_faq(answers, cache=cache)
    edited = answers / "faq.yaml"
    edited.write_text(edited.read_text(encoding="utf-8").replace("title:", "title: 新的", 1), encoding="utf-8")
    assert load_faq(answers, cache=cache).title.startswith("新的")
    edited.write_text("title: [", encoding="utf-8")
    for _ in range(2):  # mistakes are never kept
        with pytest.raises(FaqError):
            load_faq(answers, cache=cache)


def test_items_that_became_a_part_of_the_text_above_are_noted_and_stop_nothing(answers: Path) -> None:
    file = answers / "faq.yaml"
    assert list(file_notes(answers)) == []
    spoil(file, "      - 怎么退卡\n", "      - 怎么退卡\n        - 卡怎么退呢\n\n       - 退卡呢\n")
    spoil(file, "    answer: 能用到2040年12月31日。", "    answer: 能用到2040年12月31日。\n     - 还有别的。")
    spoil(file, "title: Apple Pay", "title: |\n  第一\n  - Apple Pay")
    found = load_faq(answers)
    assert "怎么退卡 - 卡怎么退呢 - 退卡呢" in "".join(found.entry("refund").all_wordings).replace("\n", " ")
    notes = list(file_notes(answers))
    lines = [int(note.split(":")[1].split("：")[0]) for note in notes]
    text = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3 and {"- 卡怎么退呢", "- 退卡呢", "- 还有别的。在这一天之前都有效。"} == {
        text[n - 1].strip() for n in lines
    }
    assert all(note.startswith(f"{file}:") and "对齐" in note for note in notes)


def test_what_counts_for_nothing_is_noted_with_its_line(answers: Path) -> None:
    spoil(answers / "faq.yaml", "synonyms:\n", "synonyms:\n  - [😀, 表情, 脸]\n")
    line = spoil(answers / "faq.yaml", "out_of_scope:\n", "out_of_scope:\n  - 환불\n") + 1
    synonym, out = file_notes(answers)
    assert f"faq.yaml:{line}：不回答的问题“환불”" in out and "同义词“😀”" in synonym


def test_wide_commas_between_square_brackets_are_noted(answers: Path) -> None:
    line = spoil(answers / "faq.yaml", "synonyms:\n", "synonyms:\n  - [脸，面孔]\n  - [眼, '耳，鼻']\n") + 1
    spoil(answers / "faq.yaml", "out_of_scope:\n", "out_of_scope:\n  - 你好，请问几点了\n")
    (note,) = file_notes(answers)
    assert f"faq.yaml:{line}：“脸，面孔”" in note and "英文逗号" in note


def test_a_list_with_nothing_below_it_may_go(answers: Path) -> None:
    head = "title: 常见问题\nhotline: '12345'\nentries:\n"
    entry = "  - id: one\n    question: 几点开门\n    answer: 九点。\n    wordings:\n"
    (answers / "faq.yaml").write_text(head + entry, encoding="utf-8")
    assert "faq.yaml:7：wordings 下面什么也没有写。请删掉这一行" in message_for(answers)
    (answers / "faq.yaml").write_text(head, encoding="utf-8")
    assert "entries 的写法不对，应该是列表" in message_for(answers)
