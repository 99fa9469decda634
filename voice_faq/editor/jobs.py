"""What takes minutes, in a process of its own that can be stopped: recording, compiling, evaluating.

``python -m voice_faq.editor.jobs KIND JSON`` writes a JSON object a line: {"done", "total"} as it goes on, at the end
{"result"} or {"error"}.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from voice_faq.errors import InputError, VoiceFaqError

STOP_S: Final = 5.0  # to tidy up after being asked to stop
QUESTIONS_FILE: Final = "questions.tsv"
LAST_RUN_FILE: Final = "last-evaluation.json"


@dataclass
class Job:
    """How far it is."""

    kind: str
    done: int = 0
    total: int = 0
    state: str = "running"
    """``running``, ``done``, ``stopped`` or ``failed``."""
    result: Any = None
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        """For the page."""
        return dict(self.__dict__)


class Jobs:
    """One at a time."""

    def __init__(self, finished: Callable[[Job], None]) -> None:
        """``finished`` is called in a thread when one has ended by itself."""
        self.current: Job | None = None
        self._process: subprocess.Popen[str] | None = None
        self._finished = finished
        self._lock = threading.Lock()

    def start(self, kind: str, arguments: dict[str, Any]) -> Job:
        """Raises InputError while another one runs, or for a kind that is none."""
        if kind not in KINDS:
            raise InputError(f"没有叫 {kind} 的任务。")
        with self._lock:
            if self.current is not None and self.current.state == "running":
                raise InputError("前一个任务还没有做完。请等它做完，或先停下它。")
            self.current = job = Job(kind)
            self._process = process = subprocess.Popen(
                [sys.executable, "-m", "voice_faq.editor.jobs", kind, json.dumps(arguments)],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                text=True, encoding="utf-8", start_new_session=True,
            )  # fmt: skip
        threading.Thread(target=self._follow, args=(job, process), daemon=True, name=f"job {kind}").start()
        return job

    def stop(self) -> None:
        """Ask the running one to end, and make it; what it has not finished leaves nothing."""
        with self._lock:
            job, process = self.current, self._process
            if job is None or process is None or job.state != "running":
                return
            job.state = "stopped"
        _signal(process, signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            _signal(process, signal.SIGKILL)

    def _follow(self, job: Job, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process:
            for line in process.stdout:
                try:
                    said = json.loads(line)
                except ValueError:
                    continue
                job.done, job.total = said.get("done", job.done), said.get("total", job.total)
                job.result, job.error = said.get("result", job.result), said.get("error", job.error)
        if job.state == "stopped":
            return
        if process.returncode or job.error:
            job.error = job.error or f"没有做完（退出码 {process.returncode}）。请再试一次。"
            job.state = "failed"
        else:
            job.state = "done"
        self._finished(job)


def _signal(process: subprocess.Popen[str], number: int) -> None:
    """The process and those that it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _record(answers: str, pack: str, engine: str | None = None, voice: str | None = None) -> Any:
    from voice_faq.dialogue.script import spoken_texts
    from voice_faq.faq import load_faq
    from voice_faq.settings import load_settings
    from voice_faq.speech.building import build_pack
    from voice_faq.speech.choosing import recorder_for
    from voice_faq.speech.pack import pack_folder

    settings = load_settings(answers=Path(answers))
    faq = load_faq(settings.answers, cache=settings.cache_dir)
    folder = pack_folder(settings.answers, pack)
    recorder = recorder_for(settings, pack, faq.pronunciations, engine=engine, voice=voice)
    built = build_pack(folder, spoken_texts(faq), recorder, faq.pronunciations, _progress)
    return {"recorded": built.recorded, "kept": built.kept, "removed": built.removed, "pack": pack}


def _compile(answers: str, model: str) -> Any:
    from voice_faq.recognition.graph.building import build_model
    from voice_faq.settings import load_settings

    return {"folder": str(build_model(load_settings(answers=Path(answers), model=model)))}


def _evaluate(answers: str) -> Any:
    from voice_faq.dialogue.assistant import Assistant
    from voice_faq.evaluation import measure, read_labelled
    from voice_faq.faq import load_faq
    from voice_faq.matching.opening import open_matcher
    from voice_faq.settings import load_settings

    settings = load_settings(answers=Path(answers))
    faq = load_faq(settings.answers, cache=settings.cache_dir)
    questions = read_labelled(settings.answers / QUESTIONS_FILE, [e.id for e in faq.entries])
    assistant = Assistant(faq, open_matcher(settings, faq), None, longest_question_s=settings.longest_question_s)
    asked = 0

    def ask(question: str) -> Any:
        nonlocal asked
        asked += 1
        _progress(asked, len(questions))
        assistant.forget()
        return assistant.ask_text(question)

    measured = measure(questions, ask)
    return {
        "figures": {k: v for k, v in measured.as_json().items() if isinstance(v, int | float)},
        "rows": [
            {"question": q.question, "expected": q.expected, "decision": t.decision, "entry": t.entry, "score": t.score}
            for q, t in measured.turns
        ],
    }


def _progress(done: int, total: int) -> None:
    print(json.dumps({"done": done, "total": total}), flush=True)


KINDS: Final[dict[str, Callable[..., Any]]] = {"voice": _record, "model": _compile, "evaluation": _evaluate}

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        print(json.dumps({"result": KINDS[sys.argv[1]](**json.loads(sys.argv[2]))}), flush=True)
    except VoiceFaqError as failure:
        print(json.dumps({"error": str(failure)}), flush=True)
        sys.exit(1)
