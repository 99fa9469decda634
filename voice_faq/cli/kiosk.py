"""``kiosk``: the page for a station, and the service that starts it with the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from voice_faq.cli.options import AnswersOption, ModelOption, a_text
from voice_faq.cli.printing import name_answers, say
from voice_faq.cli.usage import ExcludedError

if TYPE_CHECKING:
    from voice_faq.kiosk.units import Unit

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
    from voice_faq.kept_settings import KeptSettings
    from voice_faq.kiosk import run_kiosk
    from voice_faq.kiosk.browser import find_browser
    from voice_faq.settings import load_settings

    kept = KeptSettings()
    settings, mistake = kept.open(lambda: load_settings(model=model, answers=answers))
    if port is not None:
        settings = settings.model_copy(update={"kiosk": settings.kiosk.model_copy(update={"port": port})})
    program = find_browser() if browser else None
    name_answers(settings.answers)

    def ready(address: str) -> None:
        kept.keep()
        say(f"自助终端已就绪：{address}（Ctrl-C 结束）")

    run_kiosk(settings, ready, browser=program, mistake=mistake, kept=kept)


ServerOption = Annotated[bool, typer.Option("--server", help="只装服务，不开浏览器；装成系统服务，要管理员的身份。")]


@app.command()
def install(
    context: typer.Context,
    server: ServerOption = False,
    user: Annotated[
        str | None, typer.Option("--user", help="系统服务用哪个用户运行；默认是你。", parser=a_text)
    ] = None,
    start: Annotated[bool, typer.Option("--start/--no-start", help="装好就启动。")] = True,
    show: Annotated[bool, typer.Option("--show", help="只打印 systemd 的配置，什么都不改。")] = False,
) -> None:
    """装成 systemd 服务：开机自己启动，卡住了自己重来。"""
    from voice_faq.kiosk.browser import find_browser
    from voice_faq.kiosk.installing import install as put_in_place
    from voice_faq.settings import load_settings

    if user is not None and not server:
        raise ExcludedError("--user 只用于系统服务。请一起写上 --server，或者去掉 --user。", context)
    load_settings()  # a slip is told here, not by a service that does not start
    unit = _unit(context, server, user)
    if show:
        say(unit.text.rstrip())
        return
    if not server:
        find_browser()
    put_in_place(unit, say, start=start)


@app.command()
def remove(context: typer.Context, server: ServerOption = False) -> None:
    """卸载 systemd 服务；答案和设置不动。"""
    from voice_faq.kiosk.installing import remove as take_away

    take_away(_unit(context, server, None), say)


def _unit(context: typer.Context, server: bool, user: str | None) -> Unit:
    """With the options that stand before ``install``: ``voice-faq kiosk --answers FOLDER install``."""
    import getpass
    import os
    from pathlib import Path

    from voice_faq.kiosk.installing import own_command
    from voice_faq.kiosk.units import browser_unit, escaped, server_unit

    command = own_command()
    given = context.parent.params if context.parent is not None else {}
    for name in ("port", "model", "answers"):
        value = given.get(name)
        if value is not None:
            told = str(Path(value).absolute()) if name == "answers" else str(value)
            command += [f"--{name}", escaped(told)]
    if server:
        return server_unit(command, user or os.environ.get("SUDO_USER") or getpass.getuser())
    return browser_unit(command)
