"""``voice``: list, build and audit recorded voices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from voice_faq.cli.options import AnswersOption
from voice_faq.cli.printing import complain, err, out, say
from voice_faq.errors import InputError, SpeechError

app = typer.Typer(help="录制、查看、检查念答案的语音。", no_args_is_help=True)
PackArgument = Annotated[str | None, typer.Argument(metavar="[名字]", help="答案文件夹里 voice/ 下面的一个文件夹。")]


@app.command("list")
def voice_list(answers: AnswersOption = None) -> None:
    """列出答案文件夹里录好的语音，和可以用来录制的声音。"""
    from rich.markup import escape
    from rich.table import Table

    from voice_faq.dialogue.script import spoken_texts
    from voice_faq.faq import load_faq
    from voice_faq.settings import load_settings
    from voice_faq.speech.neural import neural_voices
    from voice_faq.speech.pack import VOICE_FOLDER, VoicePack, unrecorded

    settings = load_settings(answers=answers)
    faq = load_faq(settings.answers)
    table = Table("名字", "声音", "录好的句子", "没录的句子", "")
    for folder in sorted(p for p in (settings.answers / VOICE_FOLDER).glob("*") if p.is_dir()):
        try:
            pack = VoicePack.read(folder)
        except SpeechError as error:
            complain(str(error))
            continue
        missing = len(unrecorded(pack, spoken_texts(faq), faq.pronunciations))
        used = "正在使用" if folder.name == settings.voice_pack else ""
        table.add_row(escape(folder.name), escape(pack.voice), str(len(pack.clauses)), str(missing), used)
    out().print(table)
    say(f"可以用来录制的神经语音：{'、'.join(neural_voices()) or '没有'}")


@app.command("build")
def voice_build(
    pack: PackArgument = None,
    voice: Annotated[str | None, typer.Option("--voice", help="用哪个声音录；不写就用这个名字原来的声音。")] = None,
    engine: Annotated[str, typer.Option("--engine", help="kokoro（神经语音）或 pyttsx3（系统语音）。")] = "kokoro",
    answers: AnswersOption = None,
) -> None:
    """录制答案和提示语；没有变的不重录，中断后再运行会接着录。"""
    from rich.progress import Progress

    from voice_faq.dialogue.script import spoken_texts
    from voice_faq.faq import load_faq
    from voice_faq.settings import load_settings
    from voice_faq.speech.building import SystemRecorder, build_pack
    from voice_faq.speech.neural import NeuralRecorder, voice_of_pack
    from voice_faq.speech.pack import pack_folder
    from voice_faq.speech.voice import SystemVoice

    settings = load_settings(answers=answers)
    faq = load_faq(settings.answers)
    name = pack or settings.voice_pack
    if not name or Path(name).name != name:
        raise InputError(f"语音的名字 {name!r} 不能用。请写一个文件夹名，例如：voice-faq voice build xiaoxiao")
    folder = pack_folder(settings.answers, name)
    if engine == "kokoro":
        recorder: Any = NeuralRecorder(voice or voice_of_pack(folder), faq.pronunciations)
    elif engine == "pyttsx3":
        recorder = SystemRecorder(SystemVoice(faq.pronunciations, voice=voice, speech_rate=settings.speech_rate))
    else:
        raise InputError(f"没有叫 {engine} 的录制方法。请写 kokoro 或 pyttsx3。")
    with Progress(console=err(), transient=True) as bar:
        task = bar.add_task(name)
        built = build_pack(
            folder, spoken_texts(faq), recorder, faq.pronunciations,
            lambda done, total: bar.update(task, completed=done, total=total),
        )  # fmt: skip
    say(f"{folder}：新录 {built.recorded} 句，沿用 {built.kept} 句，去掉 {built.removed} 句（{recorder.voice}）。")


@app.command("audit")
def voice_audit(answers: AnswersOption = None) -> None:
    """把每个答案的读音和另一个读音词典对照；有不一致又没有在 pronunciations 里写明的，就失败。"""
    from voice_faq.dialogue.script import spoken_texts
    from voice_faq.faq import load_faq
    from voice_faq.settings import load_settings
    from voice_faq.speech.auditing import audit

    settings = load_settings(answers=answers)
    faq = load_faq(settings.answers)
    report = audit(spoken_texts(faq), faq.pronunciations)
    for dispute in report.disputes:
        say(str(dispute))
    say(f"核对了 {report.characters} 个字（{report.engine}），{len(report.disputes)} 处不一致。")
    if report.disputes:
        say("请听一听，再把正确的读音写进 faq.yaml 的 pronunciations。")
        raise typer.Exit(1)
