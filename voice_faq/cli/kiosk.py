"""``kiosk``: the page for a station, and the service that starts it with the machine."""

from __future__ import annotations

from typing import Annotated

import typer

from voice_faq.cli.options import AnswersOption, ModelOption
from voice_faq.cli.printing import say

app = typer.Typer(invoke_without_command=True)


@app.callback()
def kiosk(
    context: typer.Context,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65_535, help="网页的端口，0 表示任选一个空闲的。")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser", help="用 Chromium 全屏打开，退出后自动重开。")] = False,
    model: ModelOption = None,
    answers: AnswersOption = None,
) -> None:
    """打开自助终端网页：触摸、按键或说话提问。只在本机可见。install 让它开机自己启动。"""
    if context.invoked_subcommand is not None:
        return
    from voice_faq.kiosk import run_kiosk
    from voice_faq.kiosk.browser import find_browser
    from voice_faq.settings import load_settings

    settings = load_settings(model=model, answers=answers)
    if port is not None:
        settings = settings.model_copy(update={"kiosk": settings.kiosk.model_copy(update={"port": port})})
    program = find_browser() if browser else None
    run_kiosk(settings, lambda address: say(f"自助终端已就绪：{address}（Ctrl-C 结束）"), browser=program)
