"""``models``: list, install, build and check Vosk models."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from voice_faq.cli.options import AnswersOption, ModelOption, a_path, a_text
from voice_faq.cli.printing import err, out, say
from voice_faq.errors import ModelError

app = typer.Typer(help="查看、安装、检查语音模型。", no_args_is_help=True)


@app.command("list")
def models_list(answers: AnswersOption = None) -> None:
    """列出装好的模型和可以安装的官方模型。"""
    from rich.markup import escape
    from rich.table import Column, Table

    from voice_faq.recognition.graph.building import compiled_models
    from voice_faq.recognition.installing import OFFICIAL_MODELS
    from voice_faq.recognition.model_folder import check_files, compiled_folder, model_folders
    from voice_faq.settings import load_settings

    settings = load_settings(answers=answers)
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
    for path, owner in compiled_models(settings):
        if path.parent != compiled_folder(settings):
            gone = "" if owner.is_dir() else "，这个文件夹已经不在了，可以删除"
            table.add_row(escape(path.name), "为别的答案编译", escape(f"{path}（{owner}{gone}）"))
    for model in OFFICIAL_MODELS:
        if model.name not in seen:
            table.add_row(model.name, "可安装", model.description)
    out().print(table)


@app.command("install")
def models_install(
    name: Annotated[str, typer.Argument(metavar="名称", help="例如 vosk-model-small-cn-0.22", parser=a_text)],
) -> None:
    """下载并安装官方模型；中断后再运行会接着下载。"""
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

    from voice_faq.recognition.installing import install_model, official_model
    from voice_faq.settings import load_settings

    settings = load_settings()
    model = official_model(name)
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err(), transient=True) as bar:
        task = bar.add_task(name, total=model.size)
        folder = install_model(model, settings, lambda done, total: bar.update(task, completed=done, total=total))
    say(f'已安装：{folder}\n要使用它，请加上 --model {name}，或在设置里写 model = "{name}"。')


@app.command("build")
def models_build(model: ModelOption = None, answers: AnswersOption = None) -> None:
    """把答案里的问法编译进自带的模型，新的问法才听得准；下次启动时生效。"""
    from voice_faq.recognition.graph.building import build_model
    from voice_faq.settings import load_settings

    settings = load_settings(model=model, answers=answers)
    started = time.perf_counter()
    with err().status("正在编译，大约需要半分钟……"):
        folder = build_model(settings)
    seconds = time.perf_counter() - started
    say(f"已编译：{folder}（{settings.answers} 的问法，{seconds:.0f} 秒）。重新启动后生效。")


@app.command("check")
def models_check(folder: Annotated[Path, typer.Argument(metavar="文件夹", parser=a_path)]) -> None:
    """检查一个模型文件夹，并试着加载它。"""
    from voice_faq.recognition.model_folder import check_model, model_rate

    problems = check_model(folder)
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise ModelError(f"模型 {folder} 不能用：\n{listed}")
    say(f"模型 {folder} 可以使用（{model_rate(folder)} Hz）。")
