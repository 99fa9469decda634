"""Questions and recordings in, answers and transcripts out: ``ask``, ``transcribe``, ``explain``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voice_faq.cli.lists import lines_of
from voice_faq.cli.options import AnswersOption, JsonOption, LinesOption, ModelOption, OutputOption, a_path
from voice_faq.cli.printing import NOT_UTF_8, complain, is_text, name_answers, print_json, say
from voice_faq.cli.usage import ExcludedError
from voice_faq.errors import AudioError, InputError

if TYPE_CHECKING:
    from voice_faq.dialogue.turn import Turn
    from voice_faq.faq import Faq


def ask(
    context: typer.Context,
    text: Annotated[list[str] | None, typer.Argument(metavar="[问题]...", help="文字问题。")] = None,
    wav: Annotated[
        list[Path] | None, typer.Option("--wav", help="录音文件（WAV、FLAC、Ogg），可以写多次。", parser=a_path)
    ] = None,
    lines: LinesOption = None,
    as_json: JsonOption = False,
    no_speak: Annotated[bool, typer.Option("--no-speak", help="不念答案。")] = False,
    out_dir: Annotated[
        Path | None, typer.Option("--out", help="把念出的答案存成 WAV 放到这个文件夹，不播放。", parser=a_path)
    ] = None,
    model: ModelOption = None,
    answers: AnswersOption = None,
    output: OutputOption = None,
) -> None:
    """提一个或许多问题（文字或录音），得到答案。"""
    from voice_faq.audio.recording import recording_in
    from voice_faq.cli.parts import open_assistant, turn_of
    from voice_faq.faq import load_faq
    from voice_faq.files import expanded
    from voice_faq.settings import load_settings

    if no_speak and out_dir is not None:
        raise ExcludedError("--no-speak 不念答案，--out 要把念出的答案存下来，不能一起写。请去掉一个。", context)
    typed = [(question, recording_in(question, Path())) for question in text or []]
    if not all(recording is not None or is_text(question) for question, recording in typed):
        raise InputError(f"{NOT_UTF_8}，或者把问题写进 UTF-8 的文件，用 --lines 给出。")
    recorded = [(str(path), expanded(path)) for path in wav or []]
    listed = [(line.text, recording_in(line.text, line.folder)) for line in lines_of(lines)]
    inputs = [*typed, *recorded, *listed]
    if not inputs:
        raise InputError(
            "没有问题。请写上问题，例如：voice-faq ask 怎么退卡；或用 --wav 给出录音，用 --lines 给出清单。"
        )
    settings = load_settings(model=model, answers=answers, output_device=output)
    faq = load_faq(settings.answers, cache=settings.cache_dir)
    spoken = any(recording is not None for _, recording in inputs)
    assistant = open_assistant(settings, faq, with_recognizer=spoken)
    if not as_json:
        name_answers(settings.answers)
    mouth = None
    if not no_speak:
        from voice_faq.cli.speaking import Mouth

        mouth = Mouth(settings, faq, out_dir)
    failed = False
    for number, (name, recording) in enumerate(inputs, 1):
        assistant.forget()
        turn = turn_of(assistant, name, recording)
        failed |= turn.error is not None
        if mouth is not None:
            failed |= not mouth.say(turn, number)
        _print_turn(turn, faq, as_json=as_json)
    if failed:
        raise typer.Exit(1)


def transcribe(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[录音]...", help="录音文件，任意长度。", parser=a_path)
    ] = None,
    lines: LinesOption = None,
    as_json: JsonOption = False,
    model: ModelOption = None,
    answers: AnswersOption = None,
) -> None:
    """把录音转成文字。"""
    from voice_faq.audio.level import quiet_note
    from voice_faq.audio.recording import read_recording, recording_in
    from voice_faq.dialogue.assistant import recognize
    from voice_faq.faq import load_faq
    from voice_faq.files import expanded
    from voice_faq.recognition import open_recognizer
    from voice_faq.settings import load_settings

    inputs = [(str(path), expanded(path)) for path in paths or []]
    for line in lines_of(lines):
        inputs.append((line.text, recording_in(line.text, line.folder) or line.folder / line.text))
    if not inputs:
        raise InputError("没有录音。请写上录音文件，例如：voice-faq transcribe question.wav")
    settings = load_settings(model=model, answers=answers)
    recognizer = open_recognizer(settings, load_faq(settings.answers, cache=settings.cache_dir))
    failed = False
    for name, path in inputs:
        result: dict[str, Any] = {"input": name, "transcript": "", "alternatives": []}
        started = time.perf_counter()
        try:
            said = read_recording(path)
            utterance = recognize(recognizer, said)
            note = quiet_note(said)
            if note is not None:
                complain(f"{path}：{note}")
            result["transcript"] = utterance.transcript
            result["alternatives"] = [{"text": h.text, "confidence": h.confidence} for h in utterance.hypotheses]
        except AudioError as error:
            failed = True
            result["error"] = str(error)
        result["timings_ms"] = {"recognize": round((time.perf_counter() - started) * 1000, 1)}
        if as_json:
            print_json(result)
        elif "error" in result:
            complain(result["error"])
        else:
            print(f"{name}\t{result['transcript']}", flush=True)
    if failed:
        raise typer.Exit(1)


def explain(text: Annotated[str, typer.Argument(metavar="问题")], answers: AnswersOption = None) -> None:
    """说明一个问题为什么得到这样的结果。"""
    from voice_faq.dialogue.assistant import Assistant
    from voice_faq.dialogue.turn import DECISION_NAMES
    from voice_faq.faq import load_faq
    from voice_faq.matching import explaining
    from voice_faq.matching.matcher import CHOICE_FROM
    from voice_faq.matching.opening import open_matcher
    from voice_faq.settings import load_settings

    if not is_text(text):
        raise InputError(f"{NOT_UTF_8}，再试一次。")
    if not any(character.isalnum() for character in text):
        raise InputError(f"“{text}”里没有问题。请写上问题，例如：voice-faq explain 怎么退卡")
    settings = load_settings(answers=answers)
    faq = load_faq(settings.answers, cache=settings.cache_dir)
    matcher = open_matcher(settings, faq)
    told = explaining.explain(matcher, text)
    turn = Assistant(faq, matcher, None, longest_question_s=settings.longest_question_s).ask_text(text)
    name_answers(settings.answers)
    if turn.counts_as == "command":
        kind = "对机器的回应" if turn.small_talk else "命令"
        replied = f"机器回答：“{turn.answer}”" if turn.answer else "机器停下来，不出声"
        say(f"“{text}”当作{kind}，不当作问题，{replied}；下面是当作问题时的结果。")
    say(f"核心：{told.core}")
    words = "，".join(f"{word}（{nats:.0f}）" for word, nats in told.words.items())
    say(f"词和信息量：{words or '没有'}")
    for support in told.support:
        say(support.told)
    if told.out_of_scope_told:
        say(told.out_of_scope_told)
    for rule in told.rules_told:
        say(rule)
    decided = DECISION_NAMES[type(told.decision).__name__.lower()]
    say(f"决定：{decided}（概率到 {told.answer_from:.3f} 才直接回答，要列出来的几个合起来到 {CHOICE_FROM} 才反问）")


def _print_turn(turn: Turn, faq: Faq, *, as_json: bool) -> None:
    if as_json:
        print_json(turn.as_json())
        return
    if turn.error:
        complain(turn.error)
        return
    shown = faq.entry(turn.entry).shown.strip() if turn.entry else turn.answer
    heard = turn.transcript or "（没有听到话）"
    say(f"问：{heard}\n答：{shown}\n")
