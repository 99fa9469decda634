"""Part of ``make bench``: how long commands take, the first time and again. CPU time, as it depends on nothing else."""

from __future__ import annotations

import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Final

from rich.console import Console
from rich.table import Table

FIRST: Final = 3  # starts with an empty cache
AGAIN: Final = 7
COMMANDS: Final = (
    ("--version",), ("--help",), ("ask", "--no-speak", "怎么退卡"), ("explain", "怎么退卡"), ("kiosk", "--port", "0"),
)  # fmt: skip


def seconds(arguments: tuple[str, ...], cache: str) -> tuple[float, float]:
    """(CPU, clock) that ``voice-faq`` takes with this cache folder; the kiosk until it is ready and ended again."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "voice_faq", *arguments]
    environment = {**os.environ, "VOICE_FAQ_CACHE_DIR": cache}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as process:
        assert process.stdout is not None
        process.stdout.readline()
        clock = time.perf_counter() - started
        if arguments[0] == "kiosk":
            process.send_signal(signal.SIGINT)
        process.stdout.read()
    clock = clock if arguments[0] == "kiosk" else time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime, clock


def run_bench(console: Console) -> None:
    """Measure and print medians."""
    shown = Table("voice-faq", "第一次：处理器", "时钟", "再次：处理器", "时钟")
    for arguments in COMMANDS:
        first = []
        for _ in range(FIRST):
            with tempfile.TemporaryDirectory() as cache:
                first.append(seconds(arguments, cache))
        with tempfile.TemporaryDirectory() as cache:
            seconds(arguments, cache)
            again = [seconds(arguments, cache) for _ in range(AGAIN)]
        medians = [statistics.median(times) for runs in (first, again) for times in zip(*runs, strict=True)]
        shown.add_row(" ".join(arguments), *(f"{median:.2f} s" for median in medians))
    console.print(shown)


if __name__ == "__main__":
    run_bench(Console(highlight=False))
