"""What riders asked in vain: ``gaps``."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voice_faq.cli.options import AnswersOption
from voice_faq.cli.printing import print_json, say
from voice_faq.errors import InputError

if TYPE_CHECKING:
    from voice_faq.counts import CountRow
    from voice_faq.faq import Faq
    from voice_faq.gaps.clusters import Gap
    from voice_faq.settings import Settings


def gaps(
    days: Annotated[int, typer.Option("--days", min=1, max=3_660, help="看最近多少天的次数。")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="打印一个 JSON。")] = False,
    answers: AnswersOption = None,
) -> None:
    """看乘客问了多少次、哪些没答上来，以及该补哪些问题。"""
    from voice_faq.advice import command
    from voice_faq.faq import load_faq
    from voice_faq.settings import load_settings

    settings = load_settings(answers=answers)
    faq = load_faq(settings.answers, cache=settings.cache_dir)
    since = date.today() - timedelta(days=days - 1)
    rows = _counts(settings, since)
    found = _gaps(settings, faq)
    if as_json:
        print_json(_as_json(since, rows, found))
        return
    _print_counts(rows, faq, days)
    if found is None:
        say(
            "没有留下问题的文字。要留下没答上来的问题，请在设置文件里写：\n[gaps]\nkeep_texts = true\n"
            "网页上会写明；号码和人名会去掉，很多人问过的才看得到。"
        )
        return
    gap_settings = settings.gaps
    if not found:
        say(f"最近 {gap_settings.days} 天没有问过 {gap_settings.k} 次以上、又没答上来的问题。")
    for number, gap in enumerate(found, 1):
        asked = "；".join(f"{question.text}（{question.times} 次）" for question in gap.questions)
        meant = faq.entry(gap.entry).question if gap.entry is not None else None
        advice = f"可能是想问“{meant}”（{gap.entry}），可以加成它的问法" if meant else "没有相近的条目，可以新写一条"
        say(f"{number}. {asked}\n   {advice}。")
    if found:
        say(f"要改，请运行：{command('edit', answers=settings.answers)}\n网页的“没答上来的”里也列着它们。")


def _counts(settings: Settings, since: date) -> list[CountRow]:
    import sqlite3

    from voice_faq.counts.daily import read_rows
    from voice_faq.gaps.opening import counts_file

    file = counts_file(settings)
    try:
        return read_rows(file, since)
    except sqlite3.Error as error:
        raise InputError(f"{file}：读不了（{error}）。请检查权限和磁盘。") from None


def _gaps(settings: Settings, faq: Faq) -> list[Gap] | None:
    from voice_faq.gaps.clusters import clustered
    from voice_faq.gaps.opening import open_questions
    from voice_faq.matching.opening import open_matcher

    store = open_questions(settings)
    if store is None:
        return None
    questions = store.questions()
    if not questions:
        return []
    return clustered(questions, open_matcher(settings, faq))


def _as_json(since: date, rows: list[CountRow], found: list[Gap] | None) -> dict[str, Any]:
    return {
        "since": since.isoformat(),
        "counts": [
            {"day": row.day.isoformat(), "decision": row.decision, "entry": row.entry, "count": row.count}
            for row in rows
        ],
        "gaps": None if found is None else [
            {
                "questions": [{"text": question.text, "times": question.times} for question in gap.questions],
                "times": gap.times, "entry": gap.entry, "score": gap.score,
            }
            for gap in found
        ],
    }  # fmt: skip


def _print_counts(rows: list[CountRow], faq: Faq, days: int) -> None:
    from voice_faq.counts import UNHEARD
    from voice_faq.dialogue.turn import DECISION_NAMES

    decided, entries = Counter[str](), Counter[str]()
    for row in rows:
        decided[row.decision] += row.count
        if row.entry is not None:
            entries[row.entry] += row.count
    if not rows:
        say(f"最近 {days} 天没有记录。voice-faq kiosk 开着时才记次数。")
        return
    names = {**DECISION_NAMES, UNHEARD: "没有听到话"}
    told = "，".join(f"{names[name]} {decided[name]} 次" for name in names if decided[name])
    say(f"最近 {days} 天：{told}。")
    known = {entry.id: entry.question for entry in faq.entries}
    for entry, count in entries.most_common(10):
        say(f"{count:>6}  {known.get(entry, entry)}")
