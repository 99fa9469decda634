"""What an operator should know of a FAQ that is no mistake: it works, but riders would want it otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from voice_faq.faq.entries import Faq, is_spoken, left_over, wording_key

LONG_ANSWER: Final = 300  # characters
LONG_WORDING: Final = 60
ADVISED_WORDINGS: Final = 12  # of an entry beside its question; more help, but less
ADVISED_NEAR_MISSES: Final = 20
NAMED: Final = 3  # entries, where many are meant
UNWRITTEN_ANSWER: Final = "抱歉，这个问题的答案还没有写好，请问工作人员。"
"""Stands where an imported entry had none."""
SPOKEN_A_SECOND: Final = 4.6  # characters, as our voices speak


def faq_notes(faq: Faq) -> Iterator[str]:
    """Sentences, entry by entry, then about all of them, then the prompts and the translations."""
    for entry in faq.entries:
        if len(entry.answer) > LONG_ANSWER:
            seconds = len(entry.answer) / SPOKEN_A_SECOND
            yield (
                f"条目 {entry.id} 的答案有 {len(entry.answer)} 个字，要念 {seconds:.0f} 秒，听的人记不住。"
                "请只留要紧的话，其余写进 screen。"
            )
        yield from (
            f"条目 {entry.id} 的问法“{wording[:20]}……”有 {len(wording)} 个字，没有人会这样问。请写短一些。"
            for wording in entry.all_wordings
            if len(wording) > LONG_WORDING
        )
        yield from (
            f"条目 {entry.id} 的答案里有 {marks}，会照着念出来。请改成要念的话。" for marks in left_over(entry.answer)
        )
    silent = [entry.id for entry in faq.entries if not is_spoken(entry.answer)]
    if silent:
        yield f"{_named(silent)} 的答案里没有能念出来的字，问到时没有声音。请写上要念的话，符号和表情写进 screen。"
    unwritten = [entry.id for entry in faq.entries if entry.answer == UNWRITTEN_ANSWER]
    if unwritten:
        yield f"{_named(unwritten)} 还没有写答案，问到时会说“{UNWRITTEN_ANSWER}”请补上。"
    yield from _contradictions(faq)
    yield from _advice(faq)
    missing = [name for name in type(faq.prompts).model_fields if name not in faq.prompts.model_fields_set]
    if missing:
        told = "；".join(f"{name}：{getattr(faq.prompts, name)}" for name in missing)
        yield f"prompts.yaml 里没有这几项，会说自带的话（{told}）。想换一句话，请补上。"
    yield from translation_notes(faq)


def _named(entries: list[str]) -> str:
    return "、".join(entries[:NAMED]) + (f" 等 {len(entries)} 个条目" if len(entries) > NAMED else "")


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


def _contradictions(faq: Faq) -> Iterator[str]:
    """What is said to be answered and not to be."""
    owners = {wording_key(wording): entry.id for entry in faq.entries for wording in entry.all_wordings}
    for text in faq.out_of_scope:
        owner = owners.get(wording_key(text))
        if owner is not None:
            yield f"“{text}”写在 out_of_scope 里，又是条目 {owner} 的问法，问到时不会直接回答。请删掉其中一个。"


def _advice(faq: Faq) -> Iterator[str]:
    """What would make matching surer: one sentence about wordings, one about what the FAQ leaves out."""
    few = sorted((e for e in faq.entries if len(e.wordings) < ADVISED_WORDINGS), key=lambda e: len(e.wordings))
    if few:
        named = "、".join(f"{entry.id}（{len(entry.wordings)} 种）" for entry in few[:NAMED])
        others = "等 " if len(few) > NAMED else ""
        yield (
            f"{named}{others}{len(few)} 个条目，问题以外的问法（wordings）不到 {ADVISED_WORDINGS} 种。现在就能用；"
            f"先给问得最多的条目写到 {ADVISED_WORDINGS} 种，会听得更准。"
        )
    if len(faq.out_of_scope) < ADVISED_NEAR_MISSES:
        yield (
            f"out_of_scope 里只有 {len(faq.out_of_scope)} 句。请写 {ADVISED_NEAR_MISSES} 句以上和这些条目沾边、"
            "但这里不回答的话（同一样东西的别的事，别的东西的同一件事），机器就不容易答错。"
        )
