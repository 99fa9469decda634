"""``eval``: how good it is on labelled questions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from voice_faq.cli.options import AnswersOption, a_path, a_text
from voice_faq.cli.printing import name_answers, out, print_json, say
from voice_faq.errors import InputError

if TYPE_CHECKING:
    from voice_faq.dialogue.assistant import Assistant
    from voice_faq.dialogue.turn import Turn
    from voice_faq.evaluation import LabelledQuestion, Measurement
    from voice_faq.evaluation.measure import Ranking
    from voice_faq.faq import Faq


def evaluate(
    table: Annotated[
        Path,
        typer.Argument(
            metavar="表格.tsv", help="每行：问题或录音路径、制表符、条目代号；答不了的写 -。", parser=a_path
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="打印 JSON。")] = False,
    report: Annotated[
        Path | None, typer.Option("--report", help="把带图表的报告写成一个 HTML 文件。", parser=a_path)
    ] = None,
    mishear: Annotated[
        float, typer.Option("--mishear", min=0, max=1, help="先让文字问题有这么大比例的字听错，看还答不答得对。")
    ] = 0.0,
    models: Annotated[
        list[str] | None,
        typer.Option("--model", help="模型名称或文件夹；写两次以上，就用同样的录音比较这些模型。", parser=a_text),
    ] = None,
    answers: AnswersOption = None,
) -> None:
    """用标好答案的问题测一测准不准；录音路径相对于表格所在的文件夹。"""
    from voice_faq.audio.recording import recording_in
    from voice_faq.cli.parts import open_assistant
    from voice_faq.evaluation import misheard, read_labelled
    from voice_faq.evaluation.report import check_place, write_report
    from voice_faq.faq import load_faq
    from voice_faq.settings import load_settings

    named = list(dict.fromkeys(models or []))
    settings = load_settings(model=next(iter(named), None), answers=answers)
    faq = load_faq(settings.answers, cache=settings.cache_dir)
    questions = read_labelled(table, [e.id for e in faq.entries])
    if not as_json:
        name_answers(settings.answers)
    recordings = {q.question: recording_in(q.question, table.parent) for q in questions}
    spoken = any(recordings.values())
    if mishear:
        if spoken:
            raise InputError("--mishear 只用于文字问题，这个表格里有录音。请去掉它，或换一个表格。")
        questions = misheard(questions, mishear)
    if len(named) > 1:
        if not all(recordings.values()):
            raise InputError(f"{table}：比较模型要用录音，这个表格里有文字问题。请换一个表格，或只写一个 --model。")
        if report is not None:
            raise InputError("--report 一次只写一个模型的报告。请只写一个 --model。")
        _compare_models(named, answers, faq, questions, recordings, as_json)
        return
    if report is not None:
        check_place(report)
    assistant = open_assistant(settings, faq, with_recognizer=spoken)
    result = _measured(assistant, questions, recordings)
    others = _plainer(faq, result)
    if report is not None:
        write_report(report, faq.title, result, others, assistant.matcher)
    _tell(result, others, as_json)


def _measured(
    assistant: Assistant, questions: list[LabelledQuestion], recordings: dict[str, Path | None]
) -> Measurement:
    """Ask all. Raises InputError with every recording that is unusable."""
    from voice_faq.cli.parts import turn_of
    from voice_faq.evaluation import measure

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
    return result


def _plainer(faq: Faq, result: Measurement) -> dict[str, Ranking]:
    """What plainer matching makes of the same transcripts."""
    from voice_faq.evaluation import rank
    from voice_faq.evaluation.baselines import baselines

    heard = [(turn.transcript, labelled.expected) for labelled, turn in result.turns]
    return {name: rank(heard, best) for name, best in baselines(faq).items()}


def _tell(result: Measurement, others: dict[str, Ranking], as_json: bool) -> None:
    from rich.table import Table

    from voice_faq.dialogue.turn import DECISION_NAMES
    from voice_faq.evaluation.report import summary_rows

    top_1 = {name: float(ranking.right.sum()) / max(1, result.in_scope) for name, ranking in others.items()}
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


def _compare_models(
    names: list[str],
    answers: Path | None,
    faq: Faq,
    questions: list[LabelledQuestion],
    recordings: dict[str, Path | None],
    as_json: bool,
) -> None:
    """Ask every model the same, one after another, and print their figures side by side."""
    from statistics import median

    from rich.table import Table

    from voice_faq.cli.parts import open_assistant
    from voice_faq.evaluation.comparing import FIGURES, compare
    from voice_faq.recognition.model_folder import find_model
    from voice_faq.settings import load_settings

    chosen = {name: load_settings(model=name, answers=answers) for name in names}
    for settings in chosen.values():
        find_model(settings)  # a wrong name is told before the first model has been asked everything
    results = {
        name: _measured(open_assistant(settings, faq, with_recognizer=True), questions, recordings)
        for name, settings in chosen.items()
    }
    comparison = compare(results)
    if as_json:
        print_json({"models": {name: result.as_json() for name, result in results.items()}} | comparison.as_json())
        return
    table = Table("", *names, title="括号里是 95% 的可信区间")
    for figure, told in FIGURES.items():
        shares = [comparison.shares[name][figure] for name in names]
        table.add_row(told, *(f"{e.value:.1%}（{e.low:.1%}～{e.high:.1%}）" for e in shares))
    medians = [median(result.latencies) for result in results.values()]
    table.add_row("每题用时（中位数，毫秒）", *(f"{milliseconds:.0f}" for milliseconds in medians))
    out().print(table)
    for name, differences in comparison.differences.items():
        for figure, change in differences.items():
            verdict = "差别可信" if change.certain else "可能只是偶然"
            interval = f"（{change.low:+.1%}～{change.high:+.1%}）"
            say(f"{name} 比 {names[0]}：{FIGURES[figure]} {change.value:+.1%}{interval}，{verdict}")
