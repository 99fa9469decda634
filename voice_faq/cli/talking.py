"""Live conversation: ``talk`` in a terminal, ``kiosk`` in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from voice_faq.cli.options import AnswersOption, InputOption, ModelOption, OutputOption
from voice_faq.cli.printing import name_answers, quiet_libraries, say

if TYPE_CHECKING:
    from voice_faq.kiosk.browser import BrowserKeeper


def talk(
    model: ModelOption = None,
    answers: AnswersOption = None,
    input_device: InputOption = None,
    output_device: OutputOption = None,
) -> None:
    """按键说话：空格键开始和结束提问，Esc 取消，q 退出。"""
    from rich.console import Console

    from voice_faq.audio.microphone import PortAudioMicrophone
    from voice_faq.audio.player import PortAudioPlayer
    from voice_faq.cli.parts import open_assistant
    from voice_faq.cli.speaking import speaking_voice
    from voice_faq.dialogue.console import ConsoleScreen
    from voice_faq.dialogue.keys import require_terminal, terminal_keys
    from voice_faq.dialogue.talk import TalkLoop
    from voice_faq.faq import load_faq
    from voice_faq.recognition import open_recognizer
    from voice_faq.settings import load_settings

    require_terminal()
    quiet_libraries()
    settings = load_settings(model=model, answers=answers, input_device=input_device, output_device=output_device)
    faq = load_faq(settings.answers, cache=settings.cache_dir)
    microphone = PortAudioMicrophone(settings.input_device)
    player = PortAudioPlayer(settings.output_device, volume=settings.volume)
    voice = speaking_voice(settings, faq)
    recognizer = open_recognizer(settings, faq)
    assistant = open_assistant(settings, faq, with_recognizer=False)
    name_answers(settings.answers)
    console = Console(highlight=False)
    with terminal_keys() as keys, ConsoleScreen(console, faq) as screen:
        TalkLoop(
            assistant, recognizer, voice, microphone, player, screen, keys,
            longest_question_s=settings.longest_question_s, earcons=settings.earcons,
        ).run()  # fmt: skip


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
    from concurrent.futures import ThreadPoolExecutor

    from voice_faq.cli.speaking import speaking_voice
    from voice_faq.faq import load_faq
    from voice_faq.gaps.opening import open_asked, open_counts
    from voice_faq.kiosk import open_kiosk, serve
    from voice_faq.kiosk.browser import BrowserKeeper, find_browser
    from voice_faq.matching.opening import open_matcher
    from voice_faq.recognition import open_recognizer
    from voice_faq.settings import load_settings

    logging.basicConfig(format="%(asctime)s voice-faq: %(message)s")
    settings = load_settings(model=model, answers=answers)
    if port is not None:
        settings = settings.model_copy(update={"kiosk": settings.kiosk.model_copy(update={"port": port})})
    program = find_browser() if browser else None
    faq = load_faq(settings.answers, cache=settings.cache_dir)
    with ThreadPoolExecutor(1) as beside:
        voice = beside.submit(speaking_voice, settings, faq)  # which waits for the system's synthesiser to start
        matcher = open_matcher(settings, faq)
        recognizer = open_recognizer(settings, faq)
    parts = open_kiosk(settings, faq, matcher, recognizer, voice.result())
    name_answers(settings.answers)
    recorders = [recorder for recorder in (open_counts(settings), open_asked(settings, faq)) if recorder is not None]
    for recorder in recorders:
        parts.observers.add(recorder)
    keeper: BrowserKeeper | None = None

    def ready(address: str) -> None:
        nonlocal keeper
        say(f"自助终端已就绪：{address}（Ctrl-C 结束）")
        if program is not None:
            keeper = BrowserKeeper(program, address)
            keeper.open()

    try:
        serve(parts, ready)
    finally:
        if keeper is not None:
            keeper.close()
        for recorder in recorders:
            recorder.close()
