"""Reads the answers folder and reports every mistake at once, each with its file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from voice_faq.errors import FaqError
from voice_faq.faq.entries import FEWEST_WORDINGS, Faq, FaqFile, Prompts

FAQ_FILE: Final = "faq.yaml"
PROMPTS_FILE: Final = "prompts.yaml"

_PINYIN: Final = re.compile(r"[a-züv:]+[1-5]")
_KEY_WORDS: Final = re.compile(r"[\W_]+")

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, order=True)
class Mistake:
    """One thing to mend in the answers folder."""

    file: Path
    line: int
    """Counted from 1."""
    message: str
    """What is wrong and how to mend it."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}：{self.message}"


@dataclass(frozen=True)
class _Document:
    """A YAML file with the line of each of its parts."""

    path: Path
    content: Any

    def line(self, location: tuple[int | str, ...]) -> int:
        """Line of the part at ``location``, or of the nearest part around it that exists."""
        node, line = self.content, 0
        for key in location:
            try:
                if isinstance(node, CommentedMap) and key in node:
                    line = node.lc.key(key)[0]
                elif isinstance(node, CommentedSeq) and isinstance(key, int) and key < len(node):
                    line = node.lc.item(key)[0]
                else:
                    break
            except (KeyError, TypeError):
                break
            node = node[key]
        return int(line) + 1


def load_faq(folder: Path) -> Faq:
    """The FAQ in ``folder``.

    Raises FaqError that lists all mistakes of all files.
    """
    mistakes: list[Mistake] = []
    faq_document = _read(folder / FAQ_FILE, mistakes)
    prompts_document = _read(folder / PROMPTS_FILE, mistakes)
    content = _validated(FaqFile, faq_document, mistakes)
    prompts = _validated(Prompts, prompts_document, mistakes)
    if content is not None and faq_document is not None:
        mistakes += _cross_checks(content, faq_document)
    if mistakes or content is None or prompts is None:
        count = len(mistakes)
        listed = "\n".join(str(m) for m in sorted(mistakes))
        raise FaqError(f"答案文件有 {count} 处需要修改：\n{listed}")
    return Faq(
        title=content.title,
        hotline=content.hotline,
        synonyms=content.synonyms,
        pronunciations=content.pronunciations,
        out_of_scope=content.out_of_scope,
        entries=content.entries,
        prompts=prompts,
    )


def translation_notes(faq: Faq) -> Iterator[str]:
    """What a screen shows in Chinese though other entries are translated, one language a note."""
    for language in faq.languages:
        missing = [entry.id for entry in faq.entries if language not in entry.translations]
        grouped = [
            entry.id
            for entry in faq.entries
            if entry.group and language in entry.translations and not entry.translations[language].group
        ]
        if missing:
            yield f"还没有翻译成 {language} 的条目（屏幕上会显示中文）：{'、'.join(missing)}。"
        if grouped:
            yield f"翻译成 {language} 时缺少 group（分组会显示中文）：{'、'.join(grouped)}。"


def _read(path: Path, mistakes: list[Mistake]) -> _Document | None:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        mistakes.append(Mistake(path, 1, "找不到这个文件。请把它放到答案文件夹里。"))
        return None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        mistakes.append(Mistake(path, line, "文件不是 UTF-8 编码。请在编辑器里另存为 UTF-8。"))
        return None
    except OSError as error:
        mistakes.append(Mistake(path, 1, f"文件打不开（{error.strerror}）。请检查权限。"))
        return None
    try:
        content = YAML().load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        if "duplicate key" in str(error.problem):
            message = "这一项写了两次。请删掉其中一个。"
        elif "\\t" in str(error.problem) or "\t" in text.splitlines()[min(line, len(text.splitlines())) - 1]:
            message = "这一行用了制表符（Tab）。请改用空格缩进。"
        else:
            message = f"YAML 写法有误（{error.problem}）。请检查冒号后的空格、引号是否成对、缩进是否对齐。"
        mistakes.append(Mistake(path, line, message))
        return None
    except YAMLError as error:
        mistakes.append(Mistake(path, 1, f"YAML 写法有误（{error}）。"))
        return None
    if not isinstance(content, CommentedMap):
        mistakes.append(Mistake(path, 1, "文件是空的，或者最外层不是“名称: 内容”的形式。请参照自带的文件改正。"))
        return None
    return _Document(path, content)


def _validated(model: type[Model], document: _Document | None, mistakes: list[Mistake]) -> Model | None:
    if document is None:
        return None
    try:
        return model.model_validate(_plain(document.content))
    except ValidationError as error:
        for problem in error.errors():
            line = document.line(problem["loc"])
            mistakes.append(Mistake(document.path, line, _explain(dict(problem))))
        return None


def _plain(node: Any) -> Any:
    """ruamel's containers and scalars as plain Python ones, which strict validation wants."""
    if isinstance(node, dict):
        return {_plain(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return str(node) if isinstance(node, str) else node


def _explain(problem: dict[str, Any]) -> str:
    """A pydantic error in words for whoever edits the file."""
    location = problem["loc"]
    name = str(location[-1]) if location else ""
    if isinstance(location[-1] if location else None, int):
        name = f"{location[-2]} 的第 {int(location[-1]) + 1} 项" if len(location) > 1 else f"第 {name} 项"
    kind = problem["type"]
    if kind == "missing":
        return f"缺少 {name}。请补上这一项。"
    if kind == "extra_forbidden":
        return f"不认识的项目 {name}。请检查拼写，或删掉这一行。"
    if kind == "string_type":
        if problem["input"] is None:
            return f"{name} 是空的。请填上文字。"
        return f"{name} 应该是一段文字，现在是 {problem['input']!r}。请给它加上引号。"
    if kind == "string_too_short":
        return f"{name} 是空的。请填上文字。"
    if kind == "string_pattern_mismatch":
        if name == "clarify":
            return "clarify 里要有 {choices}，它会换成几个候选问题。请补上。"
        return f"{name} 的值 {problem['input']!r} 不能用。请只用小写字母、数字和连字符，例如 how-to-open。"
    if kind == "too_short" and name == "wordings":
        have = len(problem["input"])
        return (
            f"wordings 只有 {have} 种问法，至少要 {FEWEST_WORDINGS} 种。请再写 {FEWEST_WORDINGS - have} 种不同的问法。"
        )
    if kind == "too_short":
        least = problem["ctx"]["min_length"]
        return f"{name} 至少要有 {least} 项。请补全。"
    if kind in ("list_type", "dict_type", "model_type"):
        return f"{name} 的写法不对，应该是{'列表（每行以“- ”开头）' if kind == 'list_type' else '“名称: 内容”的形式'}。"
    return f"{name}：{problem['msg']}"


def _cross_checks(content: FaqFile, document: _Document) -> Iterator[Mistake]:
    """What no single field can know: repeated ids and wordings, words in two synonym groups."""
    ids: dict[str, int] = {}
    wordings: dict[str, str] = {}
    for i, entry in enumerate(content.entries):
        line = document.line(("entries", i, "id"))
        if entry.id in ids:
            yield Mistake(document.path, line, f"id {entry.id} 和第 {ids[entry.id]} 行重复。请换一个代号。")
        ids.setdefault(entry.id, line)
        for j, wording in enumerate(entry.all_wordings):
            key = _KEY_WORDS.sub("", wording).lower()
            where = document.line(("entries", i, "question") if j == 0 else ("entries", i, "wordings", j - 1))
            if not key:
                yield Mistake(document.path, where, f"问法“{wording}”里没有文字。请改写或删掉。")
            elif key in wordings:
                yield Mistake(
                    document.path, where, f"问法“{wording}”已经写在条目 {wordings[key]} 里了。请删掉其中一个。"
                )
            wordings.setdefault(key, entry.id)
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
