"""Sentences about a command that was called in a wrong way.

Typer tells these mistakes by exceptions whose classes have moved between its versions and Click's: so they are known
by their names.
"""

from __future__ import annotations

import re
from typing import Any

import typer

USAGE_ERROR = "UsageError"
HELP_WANTED = "NoArgsIsHelpError"
EXIT_USAGE = 2
_WANTED = (
    ("valid integer|valid int\\b", "要写整数"),
    ("valid number|valid float", "要写数字"),
    (r"less than or equal to (\S+)|<=\s*(\S+?)\.?$", "不能大于 {}"),
    (r"greater than or equal to (\S+)|>=\s*(\S+?)\.?$", "不能小于 {}"),
)


class ExcludedError(typer.BadParameter):
    """Options that do not go together; the message is the whole sentence."""


def is_usage_error(error: Exception) -> bool:
    """Whether the command line, and not the command, went wrong."""
    return any(kind.__name__ == USAGE_ERROR for kind in type(error).__mro__)


def told(error: Any) -> str:
    """What is wrong with the command line, and how to see what is right."""
    name, message = type(error).__name__, str(error.format_message())
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "voice-faq"
    parameter = _parameter(error)
    if isinstance(error, ExcludedError):
        problem = error.message
    elif name == "NoSuchOption":
        problem = f"没有 {error.option_name} 这个选项。{_meant(error.possibilities or [])}"
    elif name == "MissingParameter":
        problem = f"缺少{parameter}。"
    elif name == "BadParameter":
        problem = f"{parameter}的值不能用：{_wanted(message.rpartition(': ')[2])}。"
    elif name == "BadOptionUsage":
        problem = f"选项 {error.option_name} 后面要写一个值。"
    elif found := re.match(r"No such command '([^']*)'", message):
        near = re.findall("'([^']*)'", message[found.end() :])
        problem = f"没有 {found[1]} 这个命令。{_meant(near)}"
    elif found := re.match(r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", message):
        problem = f"多写了：{found[1]}。"
    else:
        problem = f"命令写得不对（{message}）。"
    return f"{problem}用法见 {command} --help。"


def _parameter(error: Any) -> str:
    """The option or argument that the mistake is about."""
    parameter = getattr(error, "param", None)
    if parameter is None:
        return ""
    options = [name for name in parameter.opts if name.startswith("-")]
    return (
        f"选项 {max(options, key=len)} " if options else f"“{(parameter.metavar or parameter.name).strip('[]{}<>.')}”"
    )


def _wanted(message: str) -> str:
    """What a value must be; as Typer says it where that is not known here."""
    for pattern, sentence in _WANTED:
        if found := re.search(pattern, message):
            return sentence.format(*filter(None, found.groups()))
    return message.rstrip(".")


def _meant(possible: list[str]) -> str:
    return f"是不是 {' 或 '.join(possible)}？" if possible else ""
