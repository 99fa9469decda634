"""``voice``: list, build and audit recorded voices."""

from __future__ import annotations

from typing import Annotated

import typer

from voice_faq.cli.options import AnswersOption, a_text
from voice_faq.cli.printing import complain, err, name_answers, out, say
from voice_faq.errors import InputError, SpeechError

app = typer.Typer(help="录制、查看、检查念答案的语音。", no_args_is_help=True)
PackArgument = Annotated[
    str | None, typer.Argument(metavar="[名字]", help="答案文件夹里 voice/ 下面的一个文件夹。", parser=a_text)
]


@app.command("list")
def voice_list(
    system: Annotated[bool, typer.Option("--system", help="列出系统里的语音，可以用 --voice 选用。")] = False,
    answers: AnswersOption = None,
) -> None:
    """列出答案文件夹里录好的语音，和可以用来录制的声音。"""
    from rich.markup import escape
    from rich.table import Table

    from voice_faq.dialogue.script import spoken_texts
    from voice_faq.faq import load_faq
    from voice_faq.settings import load_settings
    from voice_faq.speech.engine import installed_voices
    from voice_faq.speech.neural import neural_voices
    from voice_faq.speech.opening import used_pack
    from voice_faq.speech.pack import VoicePack, damage_note, pack_folder, pack_names, unrecorded

    if system:
        table = Table("代号", "名字", "中文")
        for voice in sorted(installed_voices(), key=lambda v: (not v.chinese, v.id)):
            table.add_row(escape(voice.id), escape(voice.name), "是" if voice.chinese else "")
        out().print(table)
        return
    settings = load_settings(answers=answers)
    faq = load_faq(settings.answers, cache=settings.cache_dir)
    name_answers(settings.answers)
    used, _ = used_pack(settings)
    table = Table("名字", "声音", "录好的句子", "没录的句子", "")
    for name in pack_names(settings.answers):
        folder = pack_folder(settings.answers, name)
        try:
            pack = VoicePack.read(folder)
        except SpeechError as error:
            complain(str(error))
            continue
        missing = len(unrecorded(pack, spoken_texts(faq), faq.pronunciations))
        voice_of_it = escape(f"{pack.voice}（{pack.engine}）")
        table.add_row(
            escape(name), voice_of_it, str(len(pack.clauses)), str(missing), "正在使用" if folder == used else ""
        )
        damage = damage_note(pack)
        if damage is not None:
            complain(damage)
    out().print(table)
    say(f"可以用来录制的神经语音：{'、'.join(neural_voices()) or '没有'}；系统的语音：voice-faq voice list --system")


@app.command("build")
def voice_build(
    pack: PackArgument = None,
    voice: Annotated[
        str | None, typer.Option("--voice", help="用哪个声音录；不写就用这个名字原来的声音。", parser=a_text)
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option("--engine", help="kokoro（神经语音）或 pyttsx3（系统语音）；不写就用原来的。", parser=a_text),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="即使是别的声音录的，也全部换掉。")] = False,
    answers: AnswersOption = None,
) -> None:
    """录制答案和提示语；没有变的不重录，中断后再运行会接着录，录完才换上。"""
    from rich.progress import Progress

    from voice_faq.advice import command
    from voice_faq.data import require_own_answers
    from voice_faq.dialogue.script import spoken_texts
    from voice_faq.faq import load_faq
    from voice_faq.settings import load_settings
    from voice_faq.speech.building import build_pack
    from voice_faq.speech.choosing import recorder_for
    from voice_faq.speech.pack import pack_folder

    settings = load_settings(answers=answers)
    require_own_answers(settings.answers)
    faq = load_faq(settings.answers, cache=settings.cache_dir)
    name_answers(settings.answers)
    name = pack if pack is not None else settings.voice_pack
    if name is None:
        example = command("voice", "build", "xiaoxiao", answers=settings.answers)
        raise InputError(f"请写上语音的名字，例如：{example}")
    folder = pack_folder(settings.answers, name)
    recorder = recorder_for(settings, name, faq.pronunciations, engine=engine, voice=voice)
    with Progress(console=err(), transient=True) as bar:
        task = bar.add_task(name)
        built = build_pack(
            folder, spoken_texts(faq), recorder, faq.pronunciations,
            lambda done, total: bar.update(task, completed=done, total=total), force=force,
        )  # fmt: skip
    say(f"{folder}：新录 {built.recorded} 句，沿用 {built.kept} 句，去掉 {built.removed} 句（{recorder.voice}）。")
    if settings.voice_pack != name:
        say(f'要用它念答案，请在设置里写 voice_pack = "{name}"。')


@app.command("audit")
def voice_audit(answers: AnswersOption = None) -> None:
    """把每个答案的读音和另一个读音词典对照；有不一致又没有在 pronunciations 里写明的，就失败。"""
    from voice_faq.dialogue.script import spoken_texts
    from voice_faq.faq import load_faq
    from voice_faq.settings import load_settings
    from voice_faq.speech.auditing import audit

    settings = load_settings(answers=answers)
    faq = load_faq(settings.answers, cache=settings.cache_dir)
    name_answers(settings.answers)
    report = audit(spoken_texts(faq), faq.pronunciations)
    for dispute in report.disputes:
        say(str(dispute))
    say(f"核对了 {report.characters} 个字（{report.engine}），{len(report.disputes)} 处不一致。")
    if report.disputes:
        say("请听一听，再把正确的读音写进 faq.yaml 的 pronunciations。")
        raise typer.Exit(1)
