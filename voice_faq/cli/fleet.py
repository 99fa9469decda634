"""Many kiosks: ``fleet agent`` beside each, ``fleet serve`` in the control room, and the content that goes out."""

from __future__ import annotations

import importlib.util
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voice_faq.cli.options import AnswersOption, a_path, a_text
from voice_faq.cli.printing import complain, print_json, say
from voice_faq.errors import SettingsError, reason

if TYPE_CHECKING:
    from voice_faq.fleet.desk import Desk
    from voice_faq.settings import Settings

app = typer.Typer(help="许多台终端：状态、计数、分批发布内容、远程操作（需要附加组件 fleet）。", no_args_is_help=True)
ArchiveArgument = Annotated[
    Path, typer.Argument(metavar="内容包", help="voice-faq fleet pack 做的 .vfaq 文件。", parser=a_path)
]
KiosksArgument = Annotated[list[str], typer.Argument(metavar="终端…", help="终端的名字，可以写几个；all 表示全部。")]


@app.callback()
def _needs() -> None:
    for module in ("aiomqtt", "cryptography"):
        if importlib.util.find_spec(module) is None:
            raise SettingsError('缺少附加组件 fleet。请运行：pip install "voice-faq[fleet]"')


@app.command()
def key(
    file: Annotated[Path, typer.Argument(metavar="文件", help="私钥写到哪里；公钥写到同名的 .pub。", parser=a_path)],
    name: Annotated[str, typer.Option("--name", help="谁的密钥，会显示为内容的签名人。")] = "",
) -> None:
    """新建一把给内容签名的密钥，打印要写进终端设置的公钥。"""
    from voice_faq.fleet.keys import make_key

    made = make_key(file, " ".join(name.split()) or file.stem)
    say(
        f"私钥在 {file}，只给做内容包的人用，不要放到终端或服务器上，请另存一份。\n"
        f"每台终端和控制室的设置文件里写：\n\n[fleet]\ntrusted_keys = ['{made.public}']"
    )


@app.command()
def pack(
    signing_key: Annotated[Path, typer.Option("--key", help="voice-faq fleet key 建的私钥。", parser=a_path)],
    version: Annotated[str, typer.Option("--version", help="版本的名字，例如 2026年12月票价。", parser=a_text)],
    answers: AnswersOption = None,
    voice: Annotated[
        list[str] | None,
        typer.Option("--voice", help="带哪个录好的语音，可以写几次；不写则全部带上。", parser=a_text),
    ] = None,
    model: Annotated[Path | None, typer.Option("--model", help="带上这个语音模型文件夹。", parser=a_path)] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="放到哪个文件夹；不写则是设置项 fleet.archives_dir。", parser=a_path)
    ] = None,
) -> None:
    """把答案、录音、模型做成一个签了名的内容包。"""
    from voice_faq.fleet.keys import read_key
    from voice_faq.fleet.packing import pack_content
    from voice_faq.settings import load_settings

    settings = load_settings(answers=answers)
    file, manifest = pack_content(
        settings.answers, out or settings.fleet.archives_dir, read_key(signing_key), version[:100],
        voices=tuple(voice) if voice else None, model=model,
    )  # fmt: skip
    publish = shlex.join(["voice-faq", "fleet", "publish", str(file)])
    say(
        f"做好了：{file}（{file.stat().st_size / 1e6:.1f} MB，{len(manifest.files)} 个文件，"
        f"版本 {manifest.version}，签名 {manifest.signed_by}）\n发布：{publish}"
    )


@app.command()
def install(archive: ArchiveArgument) -> None:
    """在这台终端上直接装一个内容包（第一次，或者用 U 盘）；检查签名和内容，没有问题才换上。"""
    from voice_faq.errors import InputError
    from voice_faq.fleet.checking import check_content
    from voice_faq.fleet.installing import ContentStore
    from voice_faq.fleet.keys import trusted

    fleet = _settings().fleet
    store = ContentStore(fleet.content_dir)
    try:
        manifest = store.install(
            archive, trusted(fleet.trusted_keys), check_content, largest=fleet.largest_mb * 1_000_000
        )
        store.switch(manifest.id)
        store.prune()
    except OSError as error:
        raise InputError(f"{error.filename or archive}：没有装上（{reason(error)}）。原来的内容没有动。") from None
    say(f"换上了 {manifest.version}（签名 {manifest.signed_by}）。答案文件夹：{store.folder / 'current' / 'answers'}")


@app.command()
def back() -> None:
    """在这台终端上换回上一个版本的内容。"""
    from voice_faq.errors import InputError
    from voice_faq.fleet.installing import ContentStore

    store = ContentStore(_settings().fleet.content_dir)
    before = store.previous
    if not before or before == store.current:
        raise InputError(f"{store.folder}：没有上一个版本。")
    store.switch(before)
    say(f"换回了 {store.version(before)}。")


@app.command()
def agent() -> None:
    """在终端旁边运行：报告状态和计数，接收内容和命令。"""
    import asyncio

    from voice_faq.fleet.opening import fit_for_agent, open_agent
    from voice_faq.kept_settings import KeptSettings
    from voice_faq.web import set_up_log

    set_up_log()
    kept = KeptSettings("fleet-agent")
    settings, mistake = kept.open(lambda: fit_for_agent(_settings()))
    if mistake is not None:
        complain(f"设置有错，这一次没有用它。{mistake}")

    def mistake_now() -> str:
        changed, newer = kept.look()
        if changed and mistake is not None:
            return "设置文件改过了，fleet agent 重新启动以后才用上。"
        return str(newer or mistake or "")

    async def run() -> None:
        made = open_agent(settings, mistake_now)
        kept.keep()
        say(f"终端 {made.name} 报到：{settings.fleet.broker}:{settings.fleet.broker_port}")
        await made.run()

    asyncio.run(run())


@app.command()
def serve(
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, help="网页的端口，0 表示任选一个空闲的。")] = 0,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="用默认的浏览器打开。")] = False,
) -> None:
    """控制室：收所有终端的状态和计数，分批发布内容，并打开一个只在本机可见的网页。"""
    import webbrowser

    from voice_faq.fleet.server import serve as serve_page

    def ready(address: str) -> None:
        say(f"请在这台机器的浏览器里打开：{address}\n这个地址只能用一次；Ctrl-C 结束。")
        if browser:
            webbrowser.open(address)

    serve_page(_settings().fleet, port=port, ready=ready)


@app.command()
def publish(
    archive: ArchiveArgument,
    url: Annotated[str, typer.Option("--url", help="终端从这个 https 地址下载，不经过消息服务器。")] = "",
) -> None:
    """分批发布一个内容包；由 voice-faq fleet serve 执行。"""
    told = _desk().publish_file(archive, url)
    say(f"交给控制室了：{told['version']}（签名 {told['signed_by']}）。进展：voice-faq fleet status")


@app.command()
def stop(
    revert: Annotated[bool, typer.Option("--back", help="已经换上的终端也退回以前的内容。")] = False,
) -> None:
    """停下正在进行的发布。"""
    desk = _desk()
    if revert:
        desk.back()
        say("停下了，换上新内容的终端会退回以前的内容。")
    else:
        desk.stop()
        say("停下了，换上新内容的终端先不动。要退回：voice-faq fleet stop --back")


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="打印一个 JSON 对象。")] = False) -> None:
    """所有终端的状态、发布的进展。"""
    from rich.markup import escape
    from rich.table import Table

    from voice_faq.cli.printing import out

    seen = _desk().overview()
    if as_json:
        print_json(seen)
        return
    table = Table("终端", "线路", "车站", "状态", "内容", "说明")
    for kiosk in seen["kiosks"]:
        told = "、".join([*kiosk["trouble"], *filter(None, [kiosk["reason"]]), *kiosk["notes"]])
        row = (kiosk["name"], kiosk["line"], kiosk["station"], STATES[kiosk["state"]], kiosk["version"], told)
        table.add_row(*map(escape, row))
    out().print(table)
    rollout: dict[str, Any] | None = seen["rollout"]
    if rollout is not None:
        rings = "，".join(f"第 {n} 批 {ring['have']}/{ring['kiosks']}" for n, ring in enumerate(rollout["rings"], 1))
        say(f"{rollout['version']}：{rollout['told']}（{rings}）{rollout['reason']}")


STATES = {"well": "正常", "busy": "在换内容", "trouble": "有故障", "away": "失联"}


@app.command()
def tell(
    what: Annotated[str, typer.Argument(metavar="命令", help="reload、restart、volume 或 test。")],
    kiosks: KiosksArgument,
    argument: Annotated[str, typer.Option("--with", help="volume 的百分比，或 test 的问题。")] = "",
    wait: Annotated[float, typer.Option("--wait", help="等结果多少秒。")] = 60.0,
) -> None:
    """让终端重新读入内容、重新启动、调音量，或者试问一个问题。"""
    import time

    desk = _desk()
    names = [kiosk["name"] for kiosk in desk.overview()["kiosks"]] if kiosks == ["all"] else kiosks
    asked = set(desk.command(names, what, argument)["commands"])
    until, failed = time.monotonic() + wait, False
    while asked and time.monotonic() < until:
        time.sleep(0.5)
        for row in desk.overview()["commands"]:
            if row["id"] in asked and row["good"] is not None:
                asked.remove(row["id"])
                failed = failed or not row["good"]
                say(f"{row['kiosk']}：{row['told']}")
    if asked:
        complain(f"{len(asked)} 台没有应答。控制室在运行吗？终端在线吗？")
    if asked or failed:
        raise typer.Exit(1)


def _settings() -> Settings:
    from voice_faq.settings import load_settings

    return load_settings()


def _desk() -> Desk:
    from voice_faq.fleet.desk import Desk
    from voice_faq.fleet.state import State

    fleet = _settings().fleet
    return Desk(fleet, State(fleet.state_dir))
