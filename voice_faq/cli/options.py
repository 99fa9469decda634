"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ModelOption = Annotated[str | None, typer.Option("--model", help="模型名称或文件夹。")]
AnswersOption = Annotated[Path | None, typer.Option("--answers", help="答案文件夹。")]
LinesOption = Annotated[str | None, typer.Option("--lines", help="每行一个的清单文件，- 表示标准输入。")]
JsonOption = Annotated[bool, typer.Option("--json", help="每个输入打印一行 JSON。")]
InputOption = Annotated[str | None, typer.Option("--input", help="麦克风：编号或名字的一部分。")]
OutputOption = Annotated[str | None, typer.Option("--output", help="扬声器：编号或名字的一部分。")]
