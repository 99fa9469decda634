"""``make bench``: start-up, latency, real-time factor and memory on this machine; medians, no verdicts."""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from voice_faq.audio.recording import Recording, read_recording
from voice_faq.errors import VoiceFaqError
from voice_faq.evaluation.recordings import read_recorded
from voice_faq.faq import load_faq
from voice_faq.matching import Matcher
from voice_faq.recognition import Utterance, VoskRecognizer, open_recognizer
from voice_faq.settings import load_settings
from voice_faq.speech.voice import SystemVoice

from .matching import match_ms

STARTS: Final = 3
ROUNDS: Final = 2
_READY_CODE: Final = (
    "from voice_faq.settings import load_settings\n"
    "from voice_faq.faq import load_faq\n"
    "from voice_faq.matching import Matcher\n"
    "from voice_faq.recognition import open_recognizer\n"
    "from voice_faq.speech.opening import open_voice\n"
    "s = load_settings(); f = load_faq(s.answers)\n"
    "open_recognizer(s, f); Matcher(f, s.wrong_answers); open_voice(s, f.pronunciations)\n"
)
_RECOGNIZER_CODE: Final = (
    "import json, re, sys, time, warnings\n"
    "warnings.simplefilter('ignore')\n"
    "from voice_faq.audio.recording import read_recording\n"
    "from tests.bench.whole import hear\n"
    "from voice_faq.recognition import VoskRecognizer\n"
    "from pathlib import Path\n"
    "import vosk\n"
    "started = time.perf_counter()\n"
    "recognizer = VoskRecognizer(Path(sys.argv[1]))\n"
    "loaded = time.perf_counter() - started\n"
    "finals = [hear(recognizer, read_recording(Path(p)))[1] for p in sys.argv[2:]]\n"
    # Not getrusage, which counts what the process that started this one had in memory.
    "peak = re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]\n"
    "print(json.dumps([loaded, finals, int(peak) / 1024]))\n"
)


def hear(recognizer: VoskRecognizer, recording: Recording) -> tuple[Utterance, float, float]:
    """(what was heard, milliseconds from the last sample to it, recognition seconds a second of audio)."""
    stream = recognizer.stream(recording.rate)
    started = time.perf_counter()
    for chunk in recording.chunks():
        stream.accept(chunk)
    ended = time.perf_counter()
    heard = stream.finish()
    recognized = time.perf_counter()
    return heard, (recognized - ended) * 1000, (recognized - started) / recording.seconds


def recognizer_alone(model: Path, recordings: list[Path]) -> tuple[float, list[float], float]:
    """(seconds to load, milliseconds to each final result, peak MiB) of a process that only recognises."""
    command = [sys.executable, "-c", _RECOGNIZER_CODE, str(model), *map(str, recordings)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    loaded, finals, peak = json.loads(done.stdout)
    return loaded, finals, peak


def start_seconds() -> float:
    """From starting Python to being ready for a question, in a process of its own."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", _READY_CODE], check=True)
    return time.perf_counter() - started


def decision_ms(recognizer: VoskRecognizer, matcher: Matcher, recording: Recording) -> tuple[float, float]:
    """(milliseconds from the last sample to the decision, recognition seconds a second of audio)."""
    heard, final_ms, factor = hear(recognizer, recording)
    started = time.perf_counter()
    matcher.match(list(heard.hypotheses))
    return final_ms + (time.perf_counter() - started) * 1000, factor


def run_bench(table: Path, console: Console) -> None:
    """Measure and print."""
    settings = load_settings()
    faq = load_faq(settings.answers)
    starts = [start_seconds() for _ in range(STARTS)]
    recognizer = open_recognizer(settings, faq)
    matcher = Matcher(faq, settings.wrong_answers)
    voice = SystemVoice(faq.pronunciations)
    recordings = [read_recording(q.path) for q in read_recorded(table)]
    measured = [decision_ms(recognizer, matcher, r) for _ in range(ROUNDS) for r in recordings]
    decisions, factors = [m[0] for m in measured], [m[1] for m in measured]
    alone = [recognizer_alone(recognizer.folder, [q.path for q in read_recorded(table)]) for _ in range(STARTS)]
    matches = match_ms(matcher, [w for e in faq.entries for w in e.all_wordings], settings.alternatives)
    spoken = []
    for entry in faq.entries:
        started = time.perf_counter()
        seconds = sum(clause.recording.seconds for clause in voice.speak(entry.answer))
        spoken.append((time.perf_counter() - started) / seconds)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    shown = Table("测量", "中位数", "第 95 百分位", "次数")
    for name, unit, values in (
        ("启动到可以提问", "s", starts),
        ("语音模型加载", "s", [loaded for loaded, _, _ in alone]),
        ("说完到得出结果", "ms", decisions),
        ("其中识别", "ms", [ms for _, finals, _ in alone for ms in finals]),
        ("识别用时 ÷ 录音时长", "", factors),
        (f"匹配（{settings.alternatives} 个候选）", "ms", matches),
        ("合成用时 ÷ 声音时长", "", spoken),
    ):
        late = statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]
        shown.add_row(name, f"{statistics.median(values):.3g} {unit}", f"{late:.3g} {unit}", str(len(values)))
    shown.add_row("内存峰值", f"{peak:.0f} MiB", "", "1")
    shown.add_row("只做识别时的内存峰值", f"{max(peak for _, _, peak in alone):.0f} MiB", "", str(STARTS))
    console.print(shown)


def main() -> None:
    """Command line of the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    try:
        run_bench(parser.parse_args().table, Console(highlight=False))
    except VoiceFaqError as error:
        sys.exit(f"voice-faq: {error}")


if __name__ == "__main__":
    main()
