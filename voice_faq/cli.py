"""The command line: parse, call, print."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Column, Table

from voice_faq import __version__
from voice_faq.dialogue.assistant import Assistant, begin_speaking, recognize
from voice_faq.dialogue.turn import DECISION_NAMES, Turn
from voice_faq.errors import AudioError, InputError, ModelError, SpeechError, VoiceFaqError
from voice_faq.faq import Faq, load_faq
from voice_faq.settings import Settings, load_settings

if TYPE_CHECKING:
    from voice_faq.speech import Voice

RECORDING_SUFFIXES: Final = frozenset({".wav", ".wave", ".flac", ".ogg", ".oga", ".opus"})
DEBUG_VARIABLE: Final = "VOICE_FAQ_DEBUG"
EXIT_INTERNAL: Final = 70
EXIT_INTERRUPTED: Final = 130

app = typer.Typer(
    help="离线中文语音问答：说出问题，听到答案。 An offline Mandarin voice FAQ.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
models_app = typer.Typer(help="查看、安装、检查语音模型。", no_args_is_help=True)
app.add_typer(models_app, name="models")
voice_app = typer.Typer(help="录制、查看、检查念答案的语音。", no_args_is_help=True)
app.add_typer(voice_app, name="voice")
out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)

ModelOption = Annotated[str | None, typer.Option("--model", help="模型名称或文件夹。")]
AnswersOption = Annotated[Path | None, typer.Option("--answers", help="答案文件夹。")]
LinesOption = Annotated[str | None, typer.Option("--lines", help="每行一个的清单文件，- 表示标准输入。")]
JsonOption = Annotated[bool, typer.Option("--json", help="每个输入打印一行 JSON。")]
InputOption = Annotated[str | None, typer.Option("--input", help="麦克风：编号或名字的一部分。")]
OutputOption = Annotated[str | None, typer.Option("--output", help="扬声器：编号或名字的一部分。")]


@app.callback(invoke_without_command=True)
def _options(version: Annotated[bool, typer.Option("--version", help="显示版本。")] = False) -> None:
    if version:
        out.print(f"voice-faq {__version__}")
        raise typer.Exit


@app.command()
def ask(
    text: Annotated[list[str] | None, typer.Argument(metavar="[问题]...", help="文字问题。")] = None,
    wav: Annotated[list[Path] | None, typer.Option("--wav", help="录音文件（WAV、FLAC、Ogg），可以写多次。")] = None,
    lines: LinesOption = None,
    as_json: JsonOption = False,
    no_speak: Annotated[bool, typer.Option("--no-speak", help="不念答案。")] = False,
    out_dir: Annotated[Path | None, typer.Option("--out", help="把念出的答案存成 WAV 放到这个文件夹，不播放。")] = None,
    model: ModelOption = None,
    answers: AnswersOption = None,
    output: OutputOption = None,
) -> None:
    """提一个或许多问题（文字或录音），得到答案。"""
    inputs = [*(text or []), *(wav or []), *_questions_of(lines)]
    if not inputs:
        raise InputError(
            "没有问题。请写上问题，例如：voice-faq ask 怎么退卡；或用 --wav 给出录音，用 --lines 给出清单。"
        )
    settings = load_settings(model=model, answers=answers, output_device=output)
    faq = load_faq(settings.answers)
    need_model = any(isinstance(i, Path) for i in inputs)
    assistant = _assistant(settings, faq, with_recognizer=need_model)
    mouth = None if no_speak else _Mouth(settings, faq, out_dir)
    failed = False
    for number, item in enumerate(inputs, 1):
        assistant.forget()
        turn = _turn(assistant, item)
        failed |= turn.error is not None
        if mouth is not None:
            mouth.say(turn, number)
        _print_turn(turn, faq, as_json=as_json)
    if failed:
        raise typer.Exit(1)


@app.command()
def transcribe(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="[录音]...", help="录音文件，任意长度。")] = None,
    lines: LinesOption = None,
    as_json: JsonOption = False,
    model: ModelOption = None,
) -> None:
    """把录音转成文字。"""
    inputs = [*(paths or []), *(Path(line) for line in _lines_of(lines))]
    if not inputs:
        raise InputError("没有录音。请写上录音文件，例如：voice-faq transcribe question.wav")
    from voice_faq.audio.recording import read_recording

    settings = load_settings(model=model)
    recognizer = _recognizer(settings, load_faq(settings.answers))
    failed = False
    for path in inputs:
        result: dict[str, Any] = {"input": str(path), "transcript": "", "alternatives": []}
        started = time.perf_counter()
        try:
            utterance = recognize(recognizer, read_recording(path))
            result["transcript"] = utterance.transcript
            result["alternatives"] = [{"text": h.text, "confidence": h.confidence} for h in utterance.hypotheses]
        except AudioError as error:
            failed = True
            result["error"] = str(error)
        result["timings_ms"] = {"recognize": round((time.perf_counter() - started) * 1000, 1)}
        if as_json:
            _print_json(result)
        elif "error" in result:
            _complain(result["error"])
        else:
            print(f"{path}\t{result['transcript']}", flush=True)
    if failed:
        raise typer.Exit(1)


@app.command()
def talk(
    model: ModelOption = None,
    answers: AnswersOption = None,
    input_device: InputOption = None,
    output_device: OutputOption = None,
) -> None:
    """按键说话：空格键开始和结束提问，Esc 取消，q 退出。"""
    from voice_faq.audio.microphone import PortAudioMicrophone
    from voice_faq.audio.player import PortAudioPlayer
    from voice_faq.dialogue.console import ConsoleScreen
    from voice_faq.dialogue.keys import require_terminal, terminal_keys
    from voice_faq.dialogue.talk import TalkLoop

    require_terminal()
    settings = load_settings(model=model, answers=answers, input_device=input_device, output_device=output_device)
    faq = load_faq(settings.answers)
    microphone = PortAudioMicrophone(settings.input_device)
    player = PortAudioPlayer(settings.output_device, volume=settings.volume)
    voice = _voice(settings, faq)
    recognizer = _recognizer(settings, faq)
    assistant = _assistant(settings, faq, with_recognizer=False)
    console = Console(highlight=False)
    with terminal_keys() as keys, ConsoleScreen(console, faq) as screen:
        TalkLoop(
            assistant, recognizer, voice, microphone, player, screen, keys,
            longest_question_s=settings.longest_question_s, earcons=settings.earcons,
        ).run()  # fmt: skip


@app.command()
def kiosk(
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65_535, help="网页的端口，0 表示任选一个空闲的。")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser", help="用 Chromium 全屏打开，退出后自动重开。")] = False,
    model: ModelOption = None,
    answers: AnswersOption = None,
) -> None:
    """打开自助终端网页：触摸、按键或说话提问。只在本机可见。"""
    import logging

    from voice_faq.kiosk import open_kiosk, serve
    from voice_faq.kiosk.browser import BrowserKeeper, find_browser
    from voice_faq.matching import Matcher

    logging.basicConfig(format="%(asctime)s voice-faq: %(message)s")
    settings = load_settings(model=model, answers=answers)
    if port is not None:
        settings = settings.model_copy(update={"kiosk": settings.kiosk.model_copy(update={"port": port})})
    program = find_browser() if browser else None
    faq = load_faq(settings.answers)
    parts = open_kiosk(
        settings, faq, Matcher(faq, settings.wrong_answers), _recognizer(settings, faq), _voice(settings, faq)
    )
    keeper: BrowserKeeper | None = None

    def ready(address: str) -> None:
        nonlocal keeper
        out.print(f"自助终端已就绪：{address}（Ctrl-C 结束）", markup=False)
        if program is not None:
            keeper = BrowserKeeper(program, address)
            keeper.open()

    try:
        serve(parts, ready)
    finally:
        if keeper is not None:
            keeper.close()


@app.command()
def check(answers: AnswersOption = None, model: ModelOption = None) -> None:
    """检查答案文件，一次列出所有要改的地方；再看语音模型跟不跟得上。"""
    from voice_faq.dialogue.script import spoken_texts
    from voice_faq.faq.loading import translation_notes
    from voice_faq.matching import Matcher
    from voice_faq.matching.explaining import content_notes
    from voice_faq.recognition.graph.building import drift, outdated, unheard_words
    from voice_faq.recognition.model_folder import find_model
    from voice_faq.speech.pack import recording_notes

    settings = load_settings(answers=answers, model=model)
    faq = load_faq(settings.answers)
    wordings = sum(len(e.all_wordings) for e in faq.entries)
    out.print(f"没有问题：{len(faq.entries)} 个条目，{wordings} 种问法（{settings.answers}）。", markup=False)
    folder = find_model(settings)
    for note in (outdated(folder, settings), drift(folder, faq)):
        if note is not None:
            out.print(note, markup=False)
    for word, wording in unheard_words(folder, faq).items():
        out.print(f"模型 {folder.name} 听不出“{word}”（{wording}）。", markup=False)
    for note in translation_notes(faq):
        out.print(note, markup=False)
    for note in recording_notes(settings.answers, settings.voice_pack, spoken_texts(faq), faq.pronunciations):
        out.print(note, markup=False)
    with err.status("正在比较各条问法……"):
        notes = list(content_notes(faq, Matcher(faq, settings.wrong_answers)))
    for note in notes:
        out.print(note, markup=False)


@app.command("explain")
def explain_question(text: Annotated[str, typer.Argument(metavar="问题")], answers: AnswersOption = None) -> None:
    """说明一个问题为什么得到这样的结果。"""
    from voice_faq.matching import Matcher
    from voice_faq.matching.explaining import explain

    settings = load_settings(answers=answers)
    told = explain(Matcher(load_faq(settings.answers), settings.wrong_answers), text)
    out.print(f"核心：{told.core}", markup=False)
    heard = "，".join(f"{sounds}（{nats:.0f}）" for sounds, nats in told.words.items())
    out.print(f"词的读音和信息量：{heard}", markup=False)
    for support in told.support:
        out.print(support.told, markup=False)
    decided = DECISION_NAMES[type(told.decision).__name__.lower()]
    out.print(f"决定：{decided}（概率到 {told.answer_from:.2f} 才直接回答）", markup=False)


@app.command()
def devices() -> None:
    """列出麦克风和扬声器。"""
    from voice_faq.audio.devices import list_devices

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
    out.print(table)


@app.command()
def doctor(model: ModelOption = None, answers: AnswersOption = None) -> None:
    """检查模型、答案、麦克风、扬声器、语音是否都能用。"""
    from voice_faq.doctor import examine

    settings = load_settings(model=model, answers=answers)
    table = Table("部分", "", Column("情况", overflow="fold"), show_lines=True)
    fit = True
    for finding in examine(settings):
        fit &= finding.fit
        table.add_row(finding.part, "[green]好[/]" if finding.fit else "[red]不行[/]", escape(finding.detail))
    out.print(table)
    if not fit:
        raise typer.Exit(1)


@app.command("eval")
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
    from voice_faq.evaluation import measure, misheard, rank, read_labelled
    from voice_faq.evaluation.baselines import baselines
    from voice_faq.evaluation.report import summary_rows, write_report

    settings = load_settings(model=model, answers=answers)
    faq = load_faq(settings.answers)
    questions = read_labelled(table, [e.id for e in faq.entries])
    spoken = any(_is_recording(q.question) for q in questions)
    if mishear:
        if spoken:
            raise InputError("--mishear 只用于文字问题，这个表格里有录音。请去掉它，或换一个表格。")
        questions = misheard(questions, mishear)
    assistant = _assistant(settings, faq, with_recognizer=spoken)

    def ask_one(question: str) -> Turn:
        assistant.forget()
        turn = _turn(assistant, table.parent / question if _is_recording(question) else question)
        if turn.error is not None:
            raise InputError(turn.error)
        return turn

    result = measure(questions, ask_one)
    heard = [(turn.transcript, labelled.expected) for labelled, turn in result.turns]
    others = {name: rank(heard, best) for name, best in baselines(faq).items()}
    top_1 = {name: float(ranking.right.sum()) / max(1, result.in_scope) for name, ranking in others.items()}
    if report is not None:
        write_report(report, faq.title, result, others, assistant.matcher)
    if as_json:
        compared = {
            name: {"top_1": round(top_1[name], 4), "auc": round(ranking.auc, 4)} for name, ranking in others.items()
        }
        _print_json(result.as_json() | {"baselines": compared})
        return
    summary = Table(show_header=False)
    for name, figure in summary_rows(result):
        summary.add_row(name, figure)
    for name, ranking in others.items():
        summary.add_row(f"对照：{name}", f"首选正确 {top_1[name]:.1%}，AUC {ranking.auc:.3f}")
    out.print(summary)
    for labelled, turn in result.misses:
        best = f"{turn.candidates[0].entry} {turn.candidates[0].score:.2f}" if turn.candidates else "没有候选"
        decided = DECISION_NAMES[turn.decision]
        out.print(f"{labelled.question}（{turn.transcript}）应为 {labelled.expected}，{decided}：{best}", markup=False)


@models_app.command("list")
def models_list() -> None:
    """列出装好的模型和可以安装的官方模型。"""
    from voice_faq.recognition.installing import OFFICIAL_MODELS
    from voice_faq.recognition.model_folder import check_files, model_folders

    settings = load_settings()
    table = Table("名称", "状态", Column("位置或说明", overflow="fold"))
    seen = set()
    for folder in model_folders(settings):
        candidates = sorted(folder.iterdir()) if folder.is_dir() else []
        for path in candidates:
            looks_like_model = (path / "am").is_dir() or (path / "conf").is_dir() or path.name.startswith("vosk-model")
            if path.is_dir() and looks_like_model and path.name not in seen:
                seen.add(path.name)
                state = "[red]不完整[/]" if check_files(path) else "已安装"
                used = "，正在使用" if settings.model in (path.name, str(path)) else ""
                table.add_row(escape(path.name), state + used, escape(str(path)))
    for model in OFFICIAL_MODELS:
        if model.name not in seen:
            table.add_row(model.name, "可安装", model.description)
    out.print(table)


@models_app.command("install")
def models_install(name: Annotated[str, typer.Argument(metavar="名称", help="例如 vosk-model-small-cn-0.22")]) -> None:
    """下载并安装官方模型；中断后再运行会接着下载。"""
    from voice_faq.recognition.installing import install_model, official_model

    settings = load_settings()
    model = official_model(name)
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(name, total=model.size)
        folder = install_model(model, settings, lambda done, total: bar.update(task, completed=done, total=total))
    out.print(f'已安装：{folder}\n要使用它，请加上 --model {name}，或在设置里写 model = "{name}"。', markup=False)


@models_app.command("build")
def models_build(model: ModelOption = None, answers: AnswersOption = None) -> None:
    """把答案里的问法编译进自带的模型，新的问法才听得准；下次启动时生效。"""
    from voice_faq.recognition.graph.building import build_model

    settings = load_settings(model=model, answers=answers)
    started = time.perf_counter()
    with err.status("正在编译，大约需要一分钟……"):
        folder = build_model(settings)
    out.print(f"已编译：{folder}（{time.perf_counter() - started:.0f} 秒）。重新启动后生效。", markup=False)


@models_app.command("check")
def models_check(folder: Annotated[Path, typer.Argument(metavar="文件夹")]) -> None:
    """检查一个模型文件夹，并试着加载它。"""
    from voice_faq.recognition.model_folder import check_model, model_rate

    problems = check_model(folder)
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise ModelError(f"模型 {folder} 不能用：\n{listed}")
    out.print(f"模型 {folder} 可以使用（{model_rate(folder)} Hz）。", markup=False)


PackArgument = Annotated[str | None, typer.Argument(metavar="[名字]", help="答案文件夹里 voice/ 下面的一个文件夹。")]


@voice_app.command("list")
def voice_list(answers: AnswersOption = None) -> None:
    """列出答案文件夹里录好的语音，和可以用来录制的声音。"""
    from voice_faq.dialogue.script import spoken_texts
    from voice_faq.speech.neural import neural_voices
    from voice_faq.speech.pack import VOICE_FOLDER, VoicePack, unrecorded

    settings = load_settings(answers=answers)
    faq = load_faq(settings.answers)
    table = Table("名字", "声音", "录好的句子", "没录的句子", "")
    for folder in sorted(p for p in (settings.answers / VOICE_FOLDER).glob("*") if p.is_dir()):
        try:
            pack = VoicePack.read(folder)
        except SpeechError as error:
            _complain(str(error))
            continue
        missing = len(unrecorded(pack, spoken_texts(faq), faq.pronunciations))
        used = "正在使用" if folder.name == settings.voice_pack else ""
        table.add_row(escape(folder.name), escape(pack.voice), str(len(pack.clauses)), str(missing), used)
    out.print(table)
    out.print(f"可以用来录制的神经语音：{'、'.join(neural_voices()) or '没有'}", markup=False)


@voice_app.command("build")
def voice_build(
    pack: PackArgument = None,
    voice: Annotated[str | None, typer.Option("--voice", help="用哪个声音录；不写就用这个名字原来的声音。")] = None,
    engine: Annotated[str, typer.Option("--engine", help="kokoro（神经语音）或 pyttsx3（系统语音）。")] = "kokoro",
    answers: AnswersOption = None,
) -> None:
    """录制答案和提示语；没有变的不重录，中断后再运行会接着录。"""
    from voice_faq.dialogue.script import spoken_texts
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
    with Progress(console=err, transient=True) as bar:
        task = bar.add_task(name)
        built = build_pack(
            folder, spoken_texts(faq), recorder, faq.pronunciations,
            lambda done, total: bar.update(task, completed=done, total=total),
        )  # fmt: skip
    out.print(
        f"{folder}：新录 {built.recorded} 句，沿用 {built.kept} 句，去掉 {built.removed} 句（{recorder.voice}）。",
        markup=False,
    )


@voice_app.command("audit")
def voice_audit(answers: AnswersOption = None) -> None:
    """把每个答案的读音和另一个读音词典对照；有不一致又没有在 pronunciations 里写明的，就失败。"""
    from voice_faq.dialogue.script import spoken_texts
    from voice_faq.speech.auditing import audit

    settings = load_settings(answers=answers)
    faq = load_faq(settings.answers)
    report = audit(spoken_texts(faq), faq.pronunciations)
    for dispute in report.disputes:
        out.print(str(dispute), markup=False)
    out.print(f"核对了 {report.characters} 个字（{report.engine}），{len(report.disputes)} 处不一致。", markup=False)
    if report.disputes:
        out.print("请听一听，再把正确的读音写进 faq.yaml 的 pronunciations。", markup=False)
        raise typer.Exit(1)


class _Mouth:
    """Speaks turns into WAV files or through the loudspeaker; a missing loudspeaker is said once."""

    def __init__(self, settings: Settings, faq: Faq, folder: Path | None) -> None:
        self._folder = folder
        self._player: Any = None
        self._voice = _voice(settings, faq)
        if folder is None:
            from voice_faq.audio.player import PortAudioPlayer

            try:
                self._player = PortAudioPlayer(settings.output_device, volume=settings.volume)
            except AudioError as error:
                _complain(f"{error}\n答案只显示，不播放；加上 --out 文件夹，可以把答案存成 WAV。")

    def say(self, turn: Turn, number: int) -> None:
        from voice_faq.audio.recording import write_wav
        from voice_faq.speech.clauses import joined

        try:
            clauses = begin_speaking(self._voice, turn)
            if self._folder is not None:
                recording = joined(clauses)
                if recording is not None:
                    write_wav(self._folder / f"{number:03d}-{turn.entry or turn.decision}.wav", recording)
            elif self._player is not None:
                self._player.play(clause.recording for clause in clauses)
                self._player.wait()
                if self._player.failure is not None:
                    raise self._player.failure
        except SpeechError as error:
            _complain(str(error))


def _voice(settings: Settings, faq: Faq) -> Voice:
    """The voice of the answers folder; what does not work is said, and the rest goes on."""
    from voice_faq.speech import open_voice

    opened = open_voice(settings, faq.pronunciations)
    for complaint in opened.complaints:
        _complain(complaint)
    return opened.voice


def _recognizer(settings: Settings, faq: Faq) -> Any:
    from voice_faq.recognition import open_recognizer

    return open_recognizer(settings, faq)


def _assistant(settings: Settings, faq: Faq, *, with_recognizer: bool) -> Assistant:
    from voice_faq.matching import Matcher

    return Assistant(
        faq,
        Matcher(faq, settings.wrong_answers),
        _recognizer(settings, faq) if with_recognizer else None,
        longest_question_s=settings.longest_question_s,
    )


def _turn(assistant: Assistant, item: str | Path) -> Turn:
    from voice_faq.audio.recording import read_recording

    if isinstance(item, str):
        return assistant.ask_text(item)
    try:
        return assistant.ask_recording(str(item), read_recording(item))
    except AudioError as error:
        return assistant.unusable(str(item), str(error))


def _is_recording(line: str) -> bool:
    return Path(line).suffix.lower() in RECORDING_SUFFIXES


def _questions_of(lines: str | None) -> Iterator[str | Path]:
    for line in _lines_of(lines):
        yield Path(line) if _is_recording(line) else line


def _lines_of(source: str | None) -> list[str]:
    """Lines of a list file; the standard input for ``-``."""
    if source is None:
        return []
    try:
        content = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{source}：不是 UTF-8 文本。请另存为 UTF-8。") from None
    except OSError as error:
        raise InputError(f"{source}：清单读不了（{error.strerror}）。请检查路径。") from None
    return [line.strip() for line in text.splitlines()]


def _print_turn(turn: Turn, faq: Faq, *, as_json: bool) -> None:
    if as_json:
        _print_json(turn.as_json())
        return
    if turn.error:
        _complain(turn.error)
        return
    shown = faq.entry(turn.entry).shown.strip() if turn.entry else turn.answer
    heard = turn.transcript or "（没有听到话）"
    out.print(f"问：{heard}\n答：{shown}\n", markup=False)


def _print_json(value: dict[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False), flush=True)


def _complain(message: str) -> None:
    err.print(f"voice-faq: {message}", markup=False)


def _use(channels: int, default: bool) -> str:
    return ("默认" if default else "可以") if channels else ""


def main() -> NoReturn:
    """Entry point: every error becomes a sentence and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app()
    except VoiceFaqError as error:
        _complain(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has left; Python would complain again while it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if os.environ.get(DEBUG_VARIABLE):
            raise
        _complain(
            f"程序内部出错（{type(error).__name__}: {error}）。请把这句话告诉维护人员。"
            f"设置 {DEBUG_VARIABLE}=1 可以看到细节。"
        )
        sys.exit(EXIT_INTERNAL)
    sys.exit(0)


if __name__ == "__main__":
    main()
