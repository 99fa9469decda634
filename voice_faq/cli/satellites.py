"""For voice assistants at home: ``wyoming``."""

from __future__ import annotations

from typing import Annotated

import typer

from voice_faq.cli.options import AnswersOption, ModelOption, a_text
from voice_faq.cli.printing import complain, say
from voice_faq.errors import SettingsError


def wyoming(
    uri: Annotated[
        str | None,
        typer.Option("--uri", help="在哪里听，例如 tcp://0.0.0.0:10700；不写则只有本机能用。", parser=a_text),
    ] = None,
    model: ModelOption = None,
    answers: AnswersOption = None,
) -> None:
    """给 Home Assistant 和它的语音音箱用：识别、回答、念答案（Wyoming 协议）。"""
    from concurrent.futures import ThreadPoolExecutor

    try:
        from voice_faq.wyoming import Parts, serve
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("wyoming", "zeroconf"):
            raise
        raise SettingsError('这个命令还缺一个软件包。请运行：pip install "voice-faq[wyoming]"') from None
    from voice_faq.cli.speaking import speaking_voice
    from voice_faq.faq import load_faq
    from voice_faq.kept_settings import KeptSettings
    from voice_faq.matching.opening import open_matcher
    from voice_faq.recognition import open_recognizer
    from voice_faq.settings import load_settings
    from voice_faq.wyoming.announcing import reached_at
    from voice_faq.wyoming.server import place

    kept = KeptSettings()
    settings, mistake = kept.open(lambda: load_settings(model=model, answers=answers))
    if mistake is not None:
        complain(f"设置有错，这一次没有用它。{mistake}")
    where = place(uri or settings.wyoming.uri)
    faq = load_faq(settings.answers, cache=settings.cache_dir)
    with ThreadPoolExecutor(1) as beside:
        voice = beside.submit(speaking_voice, settings, faq)  # which waits for the system's synthesiser to start
        matcher = open_matcher(settings, faq)
        recognizer = open_recognizer(settings, faq)
    if where.path is None and reached_at(where.host) is not None:
        complain("注意：局域网里任何人都能用它识别和提问，没有密码，也不加密。怎样限制见 docs/home-assistant.zh-CN.md")
    parts = Parts(settings, faq, matcher, recognizer, voice.result())

    def ready(address: str) -> None:
        kept.keep()
        say(f"已就绪：{address}（Ctrl-C 结束）")

    serve(parts, uri or settings.wyoming.uri, ready)
