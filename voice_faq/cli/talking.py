"""Live conversation in a terminal: ``talk``."""

from __future__ import annotations

from voice_faq.cli.options import AnswersOption, InputOption, ModelOption, OutputOption
from voice_faq.cli.printing import name_answers, quiet_libraries


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
    from voice_faq.faq import load_faq
    from voice_faq.recognition import open_recognizer
    from voice_faq.settings import load_settings
    from voice_faq.talk.console import ConsoleScreen
    from voice_faq.talk.keys import require_terminal, terminal_keys
    from voice_faq.talk.loop import TalkLoop

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
