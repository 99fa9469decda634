"""All commands in the order of ``--help``, and the entry point."""

from __future__ import annotations

import gc
import os
import signal
import sys
import warnings
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer

from voice_faq import __version__
from voice_faq.cli import (
    asking,
    authoring,
    checking,
    evaluating,
    fleet,
    gaps,
    kiosk,
    models,
    satellites,
    talking,
    voices,
)
from voice_faq.cli.printing import DEBUG_VARIABLE, NOT_UTF_8, complain, is_text, say
from voice_faq.cli.usage import EXIT_USAGE, HELP_WANTED, is_usage_error, told
from voice_faq.errors import VoiceFaqError

EXIT_INTERNAL: Final = 70
EXIT_INTERRUPTED: Final = 130
COLLECT_AFTER: Final = 100_000  # new objects; dictionaries that are read hold many, of which none is garbage

app = typer.Typer(
    help="离线中文语音问答：说出问题，听到答案。 An offline Mandarin voice FAQ.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(asking.ask)
app.command()(asking.transcribe)
app.command()(talking.talk)
app.command()(satellites.wyoming)
app.command()(authoring.init)
app.command()(authoring.edit)
app.command("import")(authoring.import_table)
app.command("export")(authoring.export_table)
app.command()(checking.check)
app.command()(asking.explain)
app.command()(checking.devices)
app.command()(checking.doctor)
app.command()(gaps.gaps)
app.command("eval")(evaluating.evaluate)
app.add_typer(kiosk.app, name="kiosk")
app.add_typer(models.app, name="models")
app.add_typer(voices.app, name="voice")
app.add_typer(fleet.app, name="fleet")


@app.callback(invoke_without_command=True)
def _options(version: Annotated[bool, typer.Option("--version", help="显示版本。")] = False) -> None:
    if version:
        say(f"voice-faq {__version__}")
        raise typer.Exit


class _Ended(BaseException):
    """The system asks us to end: what is unfinished is cleaned up on the way out."""

    def __init__(self, number: int) -> None:
        self.number = number


def _end(number: int, _frame: object) -> NoReturn:
    raise _Ended(number)


def main() -> NoReturn:
    """Entry point: every error becomes a sentence and an exit code."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _end)
    gc.set_threshold(COLLECT_AFTER)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # those of our libraries say nothing to users
    code = 0
    try:
        code = app(prog_name="voice-faq", standalone_mode=False) or 0
    except VoiceFaqError as error:
        complain(str(error))
        sys.exit(1)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(EXIT_INTERRUPTED)
    except _Ended as ended:
        # As it would have ended without us; systemd tells that from a failure.
        signal.signal(ended.number, signal.SIG_DFL)
        os.kill(os.getpid(), ended.number)
    except BrokenPipeError:
        # Whoever read our output has left; Python would complain again while it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if type(error).__name__ == HELP_WANTED:
            error.show()  # type: ignore[attr-defined]
            sys.exit(EXIT_USAGE)
        if is_usage_error(error):
            complain(told(error))
            sys.exit(EXIT_USAGE)
        if isinstance(error, FileNotFoundError) and not _in_a_folder():
            complain("当前文件夹已经不在了，可能被删掉或者换掉了。请用 cd 进到一个文件夹，再试一次。")
            sys.exit(1)
        if isinstance(error, UnicodeEncodeError) and not all(map(is_text, sys.argv)):
            complain(f"{NOT_UTF_8}，再试一次。")
            sys.exit(EXIT_USAGE)
        if os.environ.get(DEBUG_VARIABLE):
            raise
        complain(
            f"程序内部出错（{type(error).__name__}: {error}）。请把这句话告诉维护人员。"
            f"设置 {DEBUG_VARIABLE}=1 可以看到细节。"
        )
        sys.exit(EXIT_INTERNAL)
    sys.exit(code)


def _in_a_folder() -> bool:
    """Whether the current folder is still there."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return False
    return True
