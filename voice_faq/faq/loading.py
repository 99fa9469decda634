"""Reads the answers folder and reports every mistake at once, each with its file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from voice_faq.errors import FaqError, Mistake
from voice_faq.faq.document import Document, is_name, parsed, read_document, wide_slip
from voice_faq.faq.entries import PLACEHOLDERS, Entry, Faq, FaqFile, Prompts, is_spoken, left_over, wording_key
from voice_faq.language.normalizing import normalize
from voice_faq.validating import wanted

_PINYIN: Final = re.compile(r"[a-züv:]+[1-5]")
_NO_CONTAINERS: Final = ("list_type", "dict_type", "model_type")
_TAKEN_FOR: Final = ((bool, "“对”或“错”"), ((int, float), "数字"), (date, "日期"))
_NEEDED_MARKS: Final = {
    "clarify": "{choices}，它会换成几个候选问题",
    "confirm": "{question}，它会换成一个候选问题",
}

Model = TypeVar("Model", bound=BaseModel)


def read_faq(faq_file: Path, prompts_file: Path) -> Faq:
    """The FAQ of these two files.

    Raises FaqError that lists all mistakes of all files.
    """
    mistakes: list[Mistake] = []
    faq_document = read_document(faq_file, mistakes)
    prompts_document = read_document(prompts_file, mistakes)
    content = _checked(faq_document, mistakes)
    prompts = _validated(Prompts, prompts_document, mistakes)
    if prompts is not None and prompts_document is not None:
        mistakes += _leftovers(prompts, prompts_document)
    if mistakes or content is None or prompts is None:
        found = sorted(set(mistakes))
        listed = "\n".join(str(m) for m in found)
        raise FaqError(f"答案文件有 {len(found)} 处需要修改：\n{listed}", found)
    return Faq(
        title=content.title,
        hotline=content.hotline,
        synonyms=[words for words in map(_heard, content.synonyms) if len(words) > 1],
        pronunciations=content.pronunciations,
        out_of_scope=_heard(content.out_of_scope),
        entries=content.entries,
        prompts=prompts,
    )


def text_mistakes(path: Path, text: str) -> list[Mistake]:
    """All mistakes that ``faq.yaml`` would have with this text in it."""
    mistakes: list[Mistake] = []
    _checked(parsed(path, text, mistakes), mistakes)
    return sorted(set(mistakes))


def not_heard(wording: str) -> str | None:
    """What is wrong with a wording of which matching keeps nothing; None where it keeps something."""
    if normalize(wording):
        return None
    return f"问法“{wording}”里没有中文或者英文字母，机器听不懂。请改写或删掉。"


def entry_mistakes(fields: Mapping[str, Any]) -> list[tuple[tuple[int | str, ...], str]]:
    """What is wrong with the fields of one entry by themselves: (where, what and how to mend it)."""
    try:
        Entry.model_validate(dict(fields))
    except ValidationError as error:
        return [(tuple(problem["loc"]), _explain(dict(problem))) for problem in error.errors()]
    return (
        []
        if is_spoken(fields["answer"])
        else [(("answer",), "answer 里没有能念出来的字。请写上要念的话，符号和表情写进 screen。")]
    )


def _checked(document: Document | None, mistakes: list[Mistake]) -> FaqFile | None:
    """What ``faq.yaml`` says; its mistakes are added to ``mistakes``."""
    content = _validated(FaqFile, document, mistakes)
    if content is not None and document is not None:
        mistakes += _cross_checks(content, document)
    return content


def _validated(model: type[Model], document: Document | None, mistakes: list[Mistake]) -> Model | None:
    if document is None:
        return None
    try:
        return model.model_validate(document.plain)
    except ValidationError as error:
        for problem in error.errors():
            line = document.line(problem["loc"])
            slip = wide_slip(document, line) if problem["type"] in _NO_CONTAINERS else None
            written = document.written(problem["loc"]) if problem["type"] == "string_type" else None
            mistakes.append(slip or Mistake(document.path, line, _explain(dict(problem), written)))
        return None


def _heard(texts: list[str]) -> list[str]:
    """Those of which matching keeps anything; the others would stand for every text and for none."""
    return [text for text in texts if normalize(text)]


def _explain(problem: dict[str, Any], written: str | None = None) -> str:
    """A pydantic error in words for whoever edits the file, where ``written`` stands."""
    location = problem["loc"]
    name = _name(location)
    kind = problem["type"]
    if kind == "missing":
        return f"缺少 {name}。请补上这一项。"
    if kind == "extra_forbidden":
        return f"不认识的项目 {name}。请检查拼写，或删掉这一行。"
    if kind == "string_type":
        return f"{name} {_no_text(problem['input'], written)}"
    if kind == "string_too_short":
        return f"{name} 是空的。请填上文字。"
    if kind == "string_pattern_mismatch":
        if name in _NEEDED_MARKS:
            return f"{name} 里要有 {_NEEDED_MARKS[name]}。请补上。"
        if is_name(location):
            return f"{name}“{problem['input']}”不能用。请写语言的代号，例如 en。"
        return f"{name} 的值“{problem['input']}”不能用。请只用小写字母、数字和连字符，例如 how-to-open。"
    if kind == "too_short":
        least = problem["ctx"]["min_length"]
        return f"{name} 至少要有 {least} 项。请补全。"
    if kind == "list_type" and problem["input"] is None and name != "entries":
        return f"{name} 下面什么也没有写。请删掉这一行，或者在下面写上，每行以“- ”开头。"
    if kind in _NO_CONTAINERS:
        return f"{name} 的写法不对，应该是{'列表（每行以“- ”开头）' if kind == 'list_type' else '“名称: 内容”的形式'}。"
    if kind == "string_too_long":
        longest = problem["ctx"]["max_length"]
        advice = "请只留要念的话，其余写进 screen。" if name == "answer" else "请写短。"
        return f"{name} 有 {len(problem['input'])} 个字，最多 {longest} 个字。{advice}"
    return f"{name}：{wanted(problem)}。请参照自带的文件改正。"


def _name(location: tuple[int | str, ...]) -> str:
    """What an operator calls the part at ``location``."""
    if not location:
        return ""
    if is_name(location):
        return f"{location[-3]} 里的名称"
    if not isinstance(location[-1], int):
        return str(location[-1])
    numbered = f"第 {location[-1] + 1} 项"
    if len(location) > 2 and isinstance(location[-2], int):
        return f"{location[-3]} 第 {location[-2] + 1} 组的{numbered}"
    return f"{location[-2]} 的{numbered}" if len(location) > 1 else numbered


def _no_text(value: object, written: str | None) -> str:
    """What is wrong with what YAML takes for something else than a text, and how to make it one."""
    if isinstance(value, dict):
        return "应该是一段文字，现在是“名称: 内容”。文字里有冒号和空格，或者以花括号开头，请给整段加上引号。"
    if isinstance(value, list):
        return "应该是一段文字，现在是列表。请写成一段；文字以方括号开头，请给整段加上引号。"
    if value is None and not written:
        return "是空的。请填上文字。"
    if value is None:
        return f'写的 {written} 等于没有写。请填上文字；就是要写这几个字，请给它加上引号，写成 "{written}"。'
    kind = next((told for kinds, told in _TAKEN_FOR if isinstance(value, kinds)), None)
    if kind is None:
        return "应该是一段文字。请给它加上引号，前面有 !! 开头的标记，请删掉标记。"
    written = str(value) if written is None else written
    return f'写的 {written} 没有引号，会当作{kind}，不是文字。请给它加上引号，写成 "{written}"。'


def _leftovers(prompts: Prompts, document: Document) -> Iterator[Mistake]:
    """Braces that would be spoken as they stand."""
    for name in sorted(prompts.model_fields_set):
        filled = PLACEHOLDERS.get(name, ())
        for marks in left_over(getattr(prompts, name), filled):
            usable = f"这里只有 {'、'.join(filled)} 会换成别的" if filled else "这里没有会换成别的内容的大括号"
            yield Mistake(
                document.path, document.line((name,)), f"{name} 里的 {marks} 会照着念出来：{usable}。请改正。"
            )


def _cross_checks(content: FaqFile, document: Document) -> Iterator[Mistake]:
    """What no single field can know: repeated ids and wordings, words in two synonym groups."""
    ids: dict[str, int] = {}
    wordings: dict[str, str] = {}
    for i, entry in enumerate(content.entries):
        line = document.line(("entries", i, "id"))
        if entry.id in ids:
            yield Mistake(document.path, line, f"id {entry.id} 和第 {ids[entry.id]} 行重复。请换一个代号。")
        ids.setdefault(entry.id, line)
        for j, wording in enumerate(entry.all_wordings):
            key = wording_key(wording)
            where = document.line(("entries", i, "question") if j == 0 else ("entries", i, "wordings", j - 1))
            wrong = not_heard(wording)
            if wrong is not None:
                yield Mistake(document.path, where, wrong)
            elif key in wordings:
                yield Mistake(
                    document.path, where, f"问法“{wording}”已经写在条目 {wordings[key]} 里了。请删掉其中一个。"
                )
            else:
                wordings[key] = entry.id
    grouped: dict[str, int] = {}
    for i, group in enumerate(content.synonyms):
        for j, word in enumerate(group):
            where = document.line(("synonyms", i, j))
            if word.lower() in grouped:
                yield Mistake(document.path, where, f"同义词“{word}”写了两次。一个词只能在一组里。")
            grouped[word.lower()] = i
    for word, pinyin in content.pronunciations.items():
        syllables = pinyin.split()
        if len(syllables) != len(word) or not all(_PINYIN.fullmatch(s) for s in syllables):
            yield Mistake(
                document.path,
                document.line(("pronunciations", word)),
                f"“{word}”的注音 {pinyin} 不对。请每个字写一个拼音加声调数字（1到5），用空格分开，例如 huan2 kuan3。",
            )
