"""Is all well: ``check`` the answers, ``doctor`` the machine, ``devices`` its sound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voice_faq.cli.options import AnswersOption, ModelOption
from voice_faq.cli.printing import err, out, print_json, quiet_libraries, say
from voice_faq.errors import AudioError

if TYPE_CHECKING:
    from voice_faq.faq import Faq
    from voice_faq.settings import Settings


def check(
    as_json: Annotated[bool, typer.Option("--json", help="打印一个 JSON 对象。")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="有任何提醒时，退出码是 1。")] = False,
    answers: AnswersOption = None,
    model: ModelOption = None,
) -> None:
    """检查答案文件，一次列出所有要改的地方；再看语音模型和录音跟不跟得上。"""
    from voice_faq.errors import FaqError, ModelError
    from voice_faq.faq import load_faq
    from voice_faq.settings import load_settings

    settings = load_settings(answers=answers, model=model)
    found: dict[str, Any] = {"answers": str(settings.answers), "entries": 0, "wordings": 0, "mistakes": [], "notes": []}
    try:
        faq = load_faq(settings.answers, cache=settings.cache_dir)
    except FaqError as error:
        if not as_json:
            raise
        mistakes = [{"file": str(m.file), "line": m.line, "message": m.message} for m in error.mistakes]
        print_json(found | {"mistakes": mistakes})
        raise typer.Exit(1) from None
    wordings = sum(len(entry.all_wordings) for entry in faq.entries)
    if not as_json:
        say(f"答案文件没有写错：{len(faq.entries)} 个条目，{wordings} 种问法（{settings.answers}）。")
    notes = []
    failed = False
    try:
        for about, message in _notes(settings, faq):
            notes.append({"about": about, "message": message})
            if not as_json:
                say(message)
    except ModelError as error:
        if not as_json:
            raise
        failed = True
        notes.append({"about": "model", "message": str(error)})
    if as_json:
        print_json(found | {"entries": len(faq.entries), "wordings": wordings, "notes": notes})
    if failed or (strict and notes):
        raise typer.Exit(1)


def _notes(settings: Settings, faq: Faq) -> Iterator[tuple[str, str]]:
    """(``answers``, ``model``, ``voice`` or ``wordings``; a sentence)."""
    from voice_faq.dialogue.script import spoken_texts
    from voice_faq.faq.file_notes import file_notes
    from voice_faq.faq.notes import faq_notes
    from voice_faq.matching.explaining import content_notes
    from voice_faq.matching.opening import open_matcher
    from voice_faq.recognition.graph.building import drift, outdated, unheard_words
    from voice_faq.recognition.model_folder import find_model
    from voice_faq.speech.opening import used_pack
    from voice_faq.speech.pack import recording_notes

    yield from (("answers", note) for note in (*file_notes(settings.answers), *faq_notes(faq)))
    folder = find_model(settings)
    for note in (outdated(folder, settings), drift(folder, faq, settings.answers)):
        if note is not None:
            yield "model", note
    for word, wording in unheard_words(folder, faq).items():
        advice = "编译模型以后还有这一条的话，请再写一种不带它的问法。"
        yield "model", f"模型 {folder.name} 听不出“{word}”（{wording}）。{advice}"
    pack, complaint = used_pack(settings)
    if complaint is not None:
        yield "voice", complaint
    if pack is not None:
        yield from (("voice", note) for note in recording_notes(pack, spoken_texts(faq), faq.pronunciations))
    with err().status("正在比较各条问法……"):
        compared = list(content_notes(faq, open_matcher(settings, faq)))
    yield from (("wordings", note) for note in compared)


def devices() -> None:
    """列出麦克风和扬声器。"""
    from rich.markup import escape
    from rich.table import Table

    from voice_faq.audio.devices import list_devices

    quiet_libraries()
    found = list_devices()
    if not found:
        raise AudioError("没有找到任何音频设备。请插好麦克风和扬声器，确认系统能识别。")
    table = Table("编号", "名字", "录音", "播放", "采样率")
    for device in found:
        table.add_row(
            str(device.index),
            escape(device.name),
            _use(device.inputs, device.default_input),
            _use(device.outputs, device.default_output),
            f"{device.rate} Hz",
        )
    out().print(table)


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="打印一个 JSON 对象。")] = False,
    model: ModelOption = None,
    answers: AnswersOption = None,
) -> None:
    """检查模型、答案、麦克风、扬声器、语音是否都能用。"""
    from dataclasses import asdict

    from rich.markup import escape
    from rich.table import Column, Table

    from voice_faq import __version__
    from voice_faq.doctor import examine
    from voice_faq.settings import load_settings

    quiet_libraries()
    settings = load_settings(model=model, answers=answers)
    if as_json:
        found = list(examine(settings))
        fit = all(finding.fit for finding in found)
        print_json({"version": __version__, "fit": fit, "parts": [asdict(finding) for finding in found]})
        raise typer.Exit(0 if fit else 1)
    table = Table("部分", "", Column("情况", overflow="fold"), show_lines=True)
    fit = True
    for finding in examine(settings):
        fit &= finding.fit
        table.add_row(finding.part, "[green]好[/]" if finding.fit else "[red]不行[/]", escape(finding.detail))
    out().print(table)
    if not fit:
        raise typer.Exit(1)


def _use(channels: int, default: bool) -> str:
    return ("默认" if default else "可以") if channels else ""
