"""pyttsx3 in a process of its own, so that a hang or a crash of the system's synthesiser stops nothing else.

``python -m voice_faq.speech.engine`` reads a JSON object a line and writes one back; ``EngineProcess`` is the
other end. With ``--voices`` it lists those of the system.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TextIO

from voice_faq.errors import SpeechError
from voice_faq.files import scratch_parent

INSTALL_HINT: Final = "Debian/Ubuntu 请运行：sudo apt-get install espeak-ng"
START_TIMEOUT_S: Final = 20.0
RENDER_TIMEOUT_S: Final = 5.0
FINISHED_TIMEOUT_S: Final = 3.0
ATTEMPTS: Final = 6  # on a busy machine one in twelve ends before it has begun
LIST_VOICES: Final = "--voices"
EMPTY_BYTES: Final = 128  # a file as small as that is a header alone
RENDER_TIMEOUT_PER_CHARACTER_S: Final = 0.05


@dataclass(frozen=True)
class InstalledVoice:
    """A voice that the system has."""

    id: str
    name: str
    chinese: bool


def installed_voices() -> list[InstalledVoice]:
    """All voices of the system; raises SpeechError where there is no synthesiser."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "voice_faq.speech.engine", LIST_VOICES],
            capture_output=True, text=True, encoding="utf-8", timeout=START_TIMEOUT_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise SpeechError(f"语音合成 {START_TIMEOUT_S:.0f} 秒没有反应。请再试一次。") from None
    if done.returncode:
        raise SpeechError(f"语音合成意外退出。{INSTALL_HINT}")
    listed = json.loads(done.stdout)
    if "error" in listed:
        raise SpeechError(listed["error"])
    return [InstalledVoice(**voice) for voice in listed["voices"]]


class EngineProcess:
    """Starts the process when it is needed and again after it has ended; one request at a time."""

    def __init__(self, voice: str | None) -> None:
        """``voice``: its id; none for the system's first Chinese one. Raises SpeechError when it cannot speak."""
        self._wanted = voice
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._ending: Callable[[], object] = lambda: None
        self._replies: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        with self._lock:
            self.voice = self._start()

    @property
    def pid(self) -> int | None:
        """Of the running process."""
        return self._process.pid if self._process is not None else None

    def render(self, words: str, rate: int, file: str) -> None:
        """Speak ``words`` into a WAV; ``rate`` in words a minute.

        Raises SpeechError when the engine refuses, hangs or dies; the next call finds it started again.
        """
        timeout = RENDER_TIMEOUT_S + RENDER_TIMEOUT_PER_CHARACTER_S * len(words)
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._start()
            self._ask({"words": words, "rate": rate, "file": file}, timeout)

    def close(self) -> None:
        """End the process, which ends by itself when nobody has this object any more."""
        self._process = None
        self._ending()

    def _start(self) -> str:
        self.close()
        self._replies = queue.SimpleQueue()
        self._process = process = subprocess.Popen(
            [sys.executable, "-m", "voice_faq.speech.engine"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        self._ending = weakref.finalize(self, _end, process)
        threading.Thread(
            target=_forward, args=(process.stdout, self._replies), daemon=True, name="engine replies"
        ).start()
        return str(self._ask({"voice": self._wanted}, START_TIMEOUT_S)["voice"])

    def _ask(self, request: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        process = self._process
        assert process is not None and process.stdin is not None
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            line = self._replies.get(timeout=timeout_s)
        except queue.Empty:
            self.close()
            raise SpeechError(f"语音合成 {timeout_s:.0f} 秒没有反应，下次会重新启动。请再试一次。") from None
        except OSError:
            line = None
        if line is None:
            self.close()
            raise SpeechError(f"语音合成意外退出，下次会重新启动。{INSTALL_HINT}")
        reply: dict[str, Any] = json.loads(line)
        if "error" in reply:
            raise SpeechError(reply["error"])
        return reply


def _end(process: subprocess.Popen[str]) -> None:
    """Kill it, wait for its end and close its pipes."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            pipe.close()  # type: ignore[union-attr]


def _forward(source: TextIO, replies: queue.SimpleQueue[str | None]) -> None:
    """Lines of the process, then None when it has ended."""
    with contextlib.suppress(ValueError):  # closed by close()
        for line in source:
            replies.put(line)
    replies.put(None)


def _driver() -> Any:
    try:
        import pyttsx3

        return pyttsx3.init()
    except Exception as error:  # pyttsx3 raises whatever the system's driver raises
        raise SpeechError(f"语音合成启动不了（{error}）。{INSTALL_HINT}") from None


def _installed(driver: Any) -> list[InstalledVoice]:
    return [
        InstalledVoice(str(voice.id), str(voice.name), _is_chinese(voice)) for voice in driver.getProperty("voices")
    ]


def _is_chinese(voice: Any) -> bool:
    described = " ".join([str(voice.id), str(voice.name), *map(str, voice.languages or [])]).lower()
    return any(mark in described for mark in ("zh-cn", "zh_cn", "chinese", "mandarin"))


class _Engine:
    """Inside the process: pyttsx3 with the wanted voice, or an error that says why there is none."""

    def __init__(self, wanted: str | None) -> None:
        self._engine = _driver()
        self._finished = threading.Event()
        self._engine.connect("finished-utterance", lambda **_: self._finished.set())
        self.voice = self._voice(wanted)
        self._choose(self.voice)

    def render(self, words: str, rate: int, file: str) -> None:
        for _ in range(ATTEMPTS):
            try:
                self._engine.setProperty("rate", rate)
                self._engine.save_to_file(words, file)
                self._finished.clear()
                self._engine.runAndWait()
                # The driver of espeak returns while espeak's own thread may still be writing the file.
                self._finished.wait(FINISHED_TIMEOUT_S)
            except Exception as error:  # as above
                raise SpeechError(f"语音合成失败（{error}）。{INSTALL_HINT}") from None
            # After a pause espeak now and then ends an utterance before it has begun.
            if Path(file).exists() and Path(file).stat().st_size > EMPTY_BYTES:
                return
        raise SpeechError(f"语音合成没有产生声音。{INSTALL_HINT}")

    def _voice(self, wanted: str | None) -> str:
        """The id of the wanted voice, or of the first Chinese one."""
        installed = _installed(self._engine)
        chinese = [voice.id for voice in installed if voice.chinese]
        if wanted is None:
            if not chinese:
                raise SpeechError("系统里没有中文语音。请在系统设置里添加普通话语音。")
            return chinese[0]
        for voice in installed:
            if wanted.lower() in (voice.id.lower(), voice.name.lower()):
                return voice.id
        raise SpeechError(
            f"系统里没有名为 {wanted} 的语音。中文的有：{'、'.join(chinese) or '没有'}。"
            "全部语音见 voice-faq voice list --system"
        )

    def _choose(self, name: str) -> None:
        """pyttsx3 stays on English without a word when it does not know the voice: read it back.

        The engine sets properties when it next runs, so it has to speak a syllable first.
        """
        self._engine.setProperty("voice", name)
        try:
            with tempfile.TemporaryDirectory(prefix="voice-faq-", dir=scratch_parent()) as folder:
                self.render("hao3", 170, str(Path(folder) / "speech.wav"))
        except SpeechError as error:
            raise SpeechError(f"语音 {name} 用不了：{error}") from None
        chosen = str(self._engine.getProperty("voice"))
        if chosen.lower() != name.lower():
            raise SpeechError(f"语音 {name} 用不了，系统用了 {chosen}。{INSTALL_HINT}")


def voices_listed() -> dict[str, Any]:
    """What LIST_VOICES prints."""
    try:
        return {"voices": [asdict(voice) for voice in _installed(_driver())]}
    except SpeechError as error:
        return {"error": str(error)}


def serve(requests: TextIO, replies: TextIO) -> None:
    """Answer requests until the other end closes them."""
    engine: _Engine | None = None
    for line in requests:
        request = json.loads(line)
        try:
            if engine is None:
                engine = _Engine(request["voice"])
                reply: dict[str, Any] = {"voice": engine.voice}
            else:
                engine.render(request["words"], request["rate"], request["file"])
                reply = {}
        except SpeechError as error:
            reply = {"error": str(error)}
        print(json.dumps(reply), file=replies, flush=True)


if __name__ == "__main__":
    # Drivers print to standard output; the other end must not read that.
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    if LIST_VOICES in sys.argv:
        print(json.dumps(voices_listed()), file=channel, flush=True)
    else:
        serve(sys.stdin, channel)
