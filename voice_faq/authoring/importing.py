"""An import before it is done: what a table would change in the FAQ, entry by entry, and what cannot be taken over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from rapidfuzz.distance import Prefix

from voice_faq.authoring.document import FIELDS, FaqDocument
from voice_faq.authoring.folder import clean
from voice_faq.authoring.naming import Namer
from voice_faq.authoring.tables import Draft, Table
from voice_faq.authoring.yaml_text import Value
from voice_faq.errors import FaqError
from voice_faq.faq.entries import wording_key
from voice_faq.faq.loading import entry_mistakes, not_heard, text_mistakes
from voice_faq.faq.notes import UNWRITTEN_ANSWER

SHOWN: Final = 24  # characters of a text that changes
LEAD: Final = 6  # of them before the place where it does
NAMED: Final = 2  # wordings that stay, of many
FIELD_NAMES: Final = {
    "id": "代号", "question": "问题", "group": "分组", "wordings": "问法", "answer": "答案", "screen": "屏幕文字",
    "translations": "翻译",
}  # fmt: skip
SECTION_NAMES: Final = {"title": "名字", "hotline": "电话", "synonyms": "同义词", "pronunciations": "读音"}

Kind = Literal["new", "changed", "same", "trouble"]


@dataclass(frozen=True)
class Change:
    """What becomes of one row."""

    kind: Kind
    where: str
    entry: str
    """Id; empty where there is none."""
    question: str
    told: tuple[str, ...] = ()
    """Sentences: fields that change, wordings that are left out and why."""
    fields: Mapping[str, Value] = field(default_factory=dict)
    """To be written."""


@dataclass(frozen=True)
class Plan:
    """All that an import would do."""

    changes: list[Change]
    out_of_scope: list[str]
    """What is added to the questions that the FAQ does not answer."""
    remarks: list[str]
    kept: bool = False
    """Whether something stays of which an exact import would leave only what the table has."""
    sections: Mapping[str, Value] = field(default_factory=dict)
    """What is written outside the entries, by name; whole."""

    def count(self, kind: Kind) -> int:
        """Rows of that kind."""
        return sum(change.kind == kind for change in self.changes)

    @property
    def changes_nothing(self) -> bool:
        """Whether the FAQ would stay as it is."""
        return not self.out_of_scope and not self.sections and not self.count("new") and not self.count("changed")

    @property
    def told(self) -> str:
        """One sentence."""
        told = f"新增 {self.count('new')} 条，修改 {self.count('changed')} 条，不变 {self.count('same')} 条"
        if self.out_of_scope:
            told += f"，不回答的问题增加 {len(self.out_of_scope)} 句"
        if self.sections:
            told += f"，改{'、'.join(SECTION_NAMES[name] for name in self.sections)}"
        trouble = self.count("trouble")
        return told + (f"；有 {trouble} 条不能导入。" if trouble else "。")

    def applied(self, document: FaqDocument) -> FaqDocument:
        """The document with all changes; raises FaqError, as where they would bring in mistakes."""
        before = document
        for change in self.changes:
            if change.kind == "new":
                document = document.with_new_entry(change.fields)
            elif change.kind == "changed":
                document = document.with_entry(change.entry, change.fields)
        if self.out_of_scope:
            present = document.section("out_of_scope") or []
            document = document.with_section("out_of_scope", [*present, *self.out_of_scope])
        for name, value in self.sections.items():
            document = document.with_section(name, value)
        known = {mistake.message for mistake in text_mistakes(before.path, before.text)}
        fresh = [m for m in text_mistakes(document.path, document.text) if m.message not in known]
        if fresh:
            told = "\n".join(mistake.message for mistake in fresh)
            raise FaqError(f"导入以后答案文件会有 {len(fresh)} 处错误，所以没有导入，原来的内容没有变：\n{told}", fresh)
        return document


def plan_import(document: FaqDocument, table: Table, *, exact: bool = False) -> Plan:
    """What ``table`` would change in ``document``.

    A row is an entry's that has its id, or its question. Wordings are added; with ``exact`` an entry in the table has
    just the table's. Empty cells and entries that the table does not have stay as they are.
    """
    planner = _Planner(document, exact)
    changes = [planner.change(draft) for draft in table.drafts]
    known = {wording_key(w) for w in document.section("out_of_scope") or []} | set(planner.owners)
    fresh = {wording_key(w): w for w in table.out_of_scope if wording_key(w) not in known}
    kept_sections = [] if exact else _kept_sections(document, table)
    return Plan(
        changes, list(fresh.values()), [*table.remarks, *kept_sections], planner.kept or bool(kept_sections),
        _changed_sections(document, table, exact),
    )  # fmt: skip


def _changed_sections(document: FaqDocument, table: Table, exact: bool) -> dict[str, Value]:
    """Sections that the table would change: synonyms and readings are added to those that are there."""
    changed: dict[str, Value] = {}
    for name, theirs in table.sections.items():
        ours = document.section(name)
        value = theirs
        if not exact and isinstance(ours, dict):
            value = {**ours, **theirs}
        elif not exact and isinstance(ours, list):
            value = [*ours, *(group for group in theirs if group not in ours)]
        if value != ours:
            changed[name] = value
    return changed


def _kept_sections(document: FaqDocument, table: Table) -> list[str]:
    """Sentences about what stays of synonyms and readings, which the table lacks."""
    kept = []
    for name, theirs in table.sections.items():
        ours = document.section(name)
        if isinstance(ours, list | dict) and (left := [part for part in ours if part not in theirs]):
            kept.append(f"{SECTION_NAMES[name]}：表格里没有的 {len(left)} {'组' if name == 'synonyms' else '个'}留着。")
    return kept


class _Planner:
    def __init__(self, document: FaqDocument, exact: bool) -> None:
        self._exact = exact
        self._entries = {name: document.entry(name) for name in document.ids}
        self._by_question: dict[str, str] = {}
        self.owners: dict[str, str] = {}
        """Of wordings, by key."""
        self.kept = False
        """Whether an entry has kept wordings that the table lacks."""
        for name, entry in self._entries.items():
            self._by_question.setdefault(wording_key(str(entry.get("question", ""))), name)
            for wording in _all_wordings(entry):
                self.owners.setdefault(wording_key(wording), name)
        self._name = Namer(self._entries)
        self._done: set[str] = set()

    def change(self, draft: Draft) -> Change:
        fields = clean(draft.fields)
        question = str(fields.get("question") or "")
        wanted_id = fields.get("id")
        found = wanted_id if wanted_id in self._entries else self._by_question.get(wording_key(question))
        if found is None and not question:
            return Change("trouble", draft.where, str(wanted_id or ""), "", ("没有写问题。请补上。",))
        if found in self._done:
            return Change("trouble", draft.where, str(found), question, ("表格里前面已经有这个条目了。请合并成一行。",))
        if found is None:
            return self._new(draft.where, fields, question)
        self._done.add(found)
        return self._changed(draft.where, found, fields)

    def _named(self, question: str, wanted: Value) -> tuple[str, list[str]]:
        """A new entry's id, and a sentence where it is not the one that the table has."""
        if not wanted:
            return self._name(question), []
        if entry_mistakes({**_LEAST, "id": wanted}):
            name = self._name(question)
            return name, [f"代号“{wanted}”不能用，写成 {name}。代号只用小写字母、数字和连字符。"]
        name = self._name.unlike(str(wanted))
        return name, [] if name == wanted else [f"代号“{wanted}”前面已经用过，写成 {name}。"]

    def _new(self, where: str, fields: dict[str, Value], question: str) -> Change:
        owner = self.owners.get(wording_key(question))
        if owner is not None:
            why = f"“{question}”已经是条目 {owner} 的一种问法。请换一个问题，或先在那里删掉它。"
            return Change("trouble", where, "", question, (why,))
        name, told = self._named(question, fields.get("id"))
        wordings, left_out = self._free(name, fields.get("wordings") or [], [question])
        told += left_out
        if not fields.get("answer"):
            told.append("没有答案，先写成“答案还没有写好”，请导入后补上。")
        new = {**fields, "id": name, "answer": fields.get("answer") or UNWRITTEN_ANSWER, "wordings": wordings}
        new = {k: new[k] for k in FIELDS if new.get(k) is not None}
        return self._checked(Change("new", where, name, question, tuple(told), new), new)

    def _changed(self, where: str, name: str, fields: dict[str, Value]) -> Change:
        entry = self._entries[name]
        old_wordings = [str(w) for w in entry.get("wordings") or []]
        before = clean(entry)
        changed: dict[str, Value] = {}
        told = []
        if fields.get("id") not in (None, name):
            told.append(f"代号：表格里是“{fields['id']}”，没有改，还是 {name}。要改，请在 faq.yaml 里改这一条的 id。")
        for key, value in fields.items():
            if key == "translations" and value is not None:
                ours = before.get(key) or {}
                value = {**ours, **{language: {**ours.get(language, {}), **said} for language, said in value.items()}}
            if key in ("id", "wordings") or value is None or value == before.get(key):
                continue
            if key == "question" and self.owners.get(wording_key(str(value)), name) != name:
                told.append(f"问题“{value}”已经是条目 {self.owners[wording_key(str(value))]} 的问法，没有改。")
                continue
            changed[key] = value
            if key == "translations":
                told.append(f"翻译：改 {'、'.join(k for k, said in value.items() if said != ours.get(k))}")
            else:
                told.append(f"{FIELD_NAMES[key]}：{' → '.join(_short_pair(entry.get(key), value))}")
        question = str(changed.get("question", entry.get("question", "")))
        if fields.get("wordings"):
            kept = [] if self._exact else old_wordings
            wordings, left_out = self._free(name, [*kept, *fields["wordings"]], [question])
            told += left_out
            if wordings != old_wordings:
                changed["wordings"] = wordings
                more = len(set(wordings) - set(old_wordings))
                fewer = len(set(old_wordings) - set(wordings))
                told.append("问法：" + "，".join(
                    [f"增加 {more} 种"] * bool(more) + [f"去掉 {fewer} 种"] * bool(fewer) or ["换了顺序"]
                ))  # fmt: skip
            theirs = {wording_key(w) for w in fields["wordings"]}
            lacking = [w for w in wordings if wording_key(w) not in theirs]
            if lacking:
                self.kept = True
                named = "".join(f"“{w}”" for w in lacking[:NAMED]) + "等" * (len(lacking) > NAMED)
                told.append(f"问法：表格里没有的 {len(lacking)} 种留着（{named}）。")
        if not changed:
            return Change("same", where, name, question, tuple(told))
        after = {**entry, **changed}
        return self._checked(Change("changed", where, name, question, tuple(told), changed), after)

    def _free(self, name: str, wordings: list[str], taken: list[str]) -> tuple[list[str], list[str]]:
        """Wordings that no other entry has, each once; sentences about the others."""
        kept: list[str] = []
        told: list[str] = []
        keys = {wording_key(w) for w in taken}
        for wording in wordings:
            key = wording_key(wording)
            owner = self.owners.get(key, name)
            wrong = not_heard(wording)
            if wrong is not None:
                told.append(f"{wrong}这一种没有加。")
            elif owner != name:
                told.append(f"问法“{wording}”已经在条目 {owner} 里，没有加。")
            elif key not in keys:
                keys.add(key)
                kept.append(wording)
        return kept, told

    def _checked(self, change: Change, after: Mapping[str, Any]) -> Change:
        mistakes = [told for _, told in entry_mistakes({k: v for k, v in after.items() if v is not None})]
        mistakes = mistakes or [told for told in map(not_heard, _all_wordings(after)) if told is not None]
        if mistakes:
            return Change("trouble", change.where, change.entry, change.question, tuple(mistakes))
        for wording in _all_wordings(after):
            self.owners.setdefault(wording_key(wording), change.entry)
        self._by_question.setdefault(wording_key(change.question), change.entry)
        self._done.add(change.entry)
        return change


_LEAST: Final = {"question": "问", "answer": "答"}


def _all_wordings(entry: Mapping[str, Any]) -> list[str]:
    return [str(entry.get("question", "")), *map(str, entry.get("wordings") or [])]


def _short_pair(before: Value, after: Value) -> tuple[str, str]:
    """Both as they are told, long ones from shortly before the place where they begin to differ."""
    texts = [str(value or "（空）").replace("\n", " ") for value in (before, after)]
    same = Prefix.similarity(*texts)
    start = max(0, same - LEAD) if max(map(len, texts)) > SHOWN else 0
    first, second = (
        f"“{'…' * bool(start)}{text[start : start + SHOWN]}{'…' * (len(text) > start + SHOWN)}”" for text in texts
    )
    return first, second
