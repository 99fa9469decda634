"""Options that several commands share, and how what is written for options and arguments is read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def a_text(written: str) -> str:
    """What is written; an empty one is refused: it comes of a variable that is not set, and would count as none."""
    if not written.strip():
        raise typer.BadParameter("是空的。请写上内容，或者不写这一项；用了变量的，请检查它有没有值")
    return written


def a_path(written: str) -> Path:
    """The same as a path; an empty one would be the current folder."""
    return Path(a_text(written))


ModelOption = Annotated[str | None, typer.Option("--model", help="模型名称或文件夹。", parser=a_text)]
AnswersOption = Annotated[Path | None, typer.Option("--answers", help="答案文件夹。", parser=a_path)]
LinesOption = Annotated[str | None, typer.Option("--lines", help="每行一个的清单文件，- 表示标准输入。", parser=a_text)]
JsonOption = Annotated[bool, typer.Option("--json", help="每个输入打印一行 JSON。")]
InputOption = Annotated[str | None, typer.Option("--input", help="麦克风：编号或名字的一部分。", parser=a_text)]
OutputOption = Annotated[str | None, typer.Option("--output", help="扬声器：编号或名字的一部分。", parser=a_text)]
