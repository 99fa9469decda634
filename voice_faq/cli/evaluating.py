"""``eval``: how good it is on labelled questions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voice_faq.cli.options import AnswersOption, ModelOption
from voice_faq.cli.printing import out, print_json, say
from voice_faq.errors import InputError

if TYPE_CHECKING:
    from voice_faq.dialogue.turn import Turn


def evaluate(
    table: Annotated[
        Path, typer.Argument(metavar="表格.tsv", help="每行：问题或录音路径、制表符、条目代号；答不了的写 -。")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="打印 JSON。")] = False,
    report: Annotated[Path | None, typer.Option("--report", help="把带图表的报告写成一个 HTML 文件。")] = None,
    mishear: Annotated[
        float, typer.Option("--mishear", min=0, max=1, help="先让文字问题有这么大比例的字听错，看还答不答得对。")
    ] = 0.0,
    model: ModelOption = None,
    answers: AnswersOption = None,
) -> None:
    """用标好答案的问题测一测准不准；录音路径相对于表格所在的文件夹。"""
    from rich.table import Table

    from voice_faq.audio.recording import recording_in
    from voice_faq.cli.parts import open_assistant, turn_of
    from voice_faq.dialogue.turn import DECISION_NAMES
    from voice_faq.evaluation import measure, misheard, rank, read_labelled
    from voice_faq.evaluation.baselines import baselines
    from voice_faq.evaluation.report import summary_rows, write_report
    from voice_faq.faq import load_faq
    from voice_faq.settings import load_settings

    settings = load_settings(model=model, answers=answers)
    faq = load_faq(settings.answers, cache=settings.cache_dir)
    questions = read_labelled(table, [e.id for e in faq.entries])
    recordings = {q.question: recording_in(q.question, table.parent) for q in questions}
    spoken = any(recordings.values())
    if mishear:
        if spoken:
            raise InputError("--mishear 只用于文字问题，这个表格里有录音。请去掉它，或换一个表格。")
        questions = misheard(questions, mishear)
    assistant = open_assistant(settings, faq, with_recognizer=spoken)
    unusable: list[str] = []

    def ask_one(question: str) -> Turn:
        assistant.forget()
        turn = turn_of(assistant, question, recordings.get(question))
        if turn.error is not None:
            unusable.append(turn.error)
        return turn

    result = measure(questions, ask_one)
    if unusable:
        raise InputError("\n".join(unusable))
    heard = [(turn.transcript, labelled.expected) for labelled, turn in result.turns]
    others = {name: rank(heard, best) for name, best in baselines(faq).items()}
    top_1 = {name: float(ranking.right.sum()) / max(1, result.in_scope) for name, ranking in others.items()}
    if report is not None:
        write_report(report, faq.title, result, others, assistant.matcher)
    if as_json:
        compared = {
            name: {"top_1": round(top_1[name], 4), "auc": round(ranking.auc, 4)} for name, ranking in others.items()
        }
        print_json(result.as_json() | {"baselines": compared})
        return
    summary = Table(show_header=False)
    for name, figure in summary_rows(result):
        summary.add_row(name, figure)
    for name, ranking in others.items():
        summary.add_row(f"对照：{name}", f"首选正确 {top_1[name]:.1%}，AUC {ranking.auc:.3f}")
    out().print(summary)
    for labelled, turn in result.misses:
        best = f"{turn.candidates[0].entry} {turn.candidates[0].score:.2f}" if turn.candidates else "没有候选"
        decided = DECISION_NAMES[turn.decision]
        say(f"{labelled.question}（{turn.transcript}）应为 {labelled.expected}，{decided}：{best}")
