"""What operators' systems read: /health, /metrics, doctor --json, the log."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from voice_faq import __version__
from voice_faq.dialogue.turn import Timings, Turn
from voice_faq.doctor import running_kiosk
from voice_faq.errors import SettingsError, VoiceFaqError
from voice_faq.faq import Faq
from voice_faq.kept_settings import KeptSettings
from voice_faq.kiosk.content import Content, Refusal
from voice_faq.kiosk.metrics import open_metrics
from voice_faq.kiosk.parts import Kiosk
from voice_faq.kiosk.server import make_app
from voice_faq.kiosk.settings_watching import SettingsWatch
from voice_faq.kiosk.sources import Sources, Stamps, Versions
from voice_faq.kiosk.speech_files import SpeechFiles
from voice_faq.kiosk.vitals import OpenPage
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.matching.decision import RejectReason
from voice_faq.settings import Settings, load_settings
from voice_faq.web import logs, set_up_log

from .small_faq import write_answers

ASKED = "我家住在哪里"


@pytest.fixture
def kiosk(faq: Faq, settings: Settings) -> Any:
    none: Any = SimpleNamespace(name="voice")
    content = Content(
        faq, none, none, none, SpeechFiles(None), none, Sources(settings.answers, None, None), Stamps((), (), ()),
        Versions("0123", None),
    )  # fmt: skip
    kiosk = Kiosk(settings, content)
    yield kiosk
    kiosk.close()


def get(kiosk: Kiosk, path: str, **options: Any) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(make_app(kiosk, **options))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(path)

    return asyncio.run(ask())


def test_settings_that_have_changed_are_told_until_the_next_start(
    kiosk: Kiosk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    file = tmp_path / "config.toml"
    monkeypatch.setenv("VOICE_FAQ_CONFIG", str(file))
    file.write_text("volume = 0.5\n", encoding="utf-8")
    kept = KeptSettings()
    kept.open(load_settings)
    watch = SettingsWatch(kiosk, kept)

    def now(written: str) -> tuple[bool, list[dict[str, str]], str]:
        file.write_text(written, encoding="utf-8")
        asyncio.run(watch.look())
        told = get(kiosk, "/health").json()
        assert told["settings"]["file"] == str(file)
        return told["settings"]["restart_needed"], told["refused"], told["state"]

    assert now("volume = 0.5\n") == (False, [], "well") and "设置" not in caplog.text
    assert now("volume = 0.7\n") == (True, [], "well") and "重新启动以后才用上" in caplog.text
    needed, (mistake,), state = now("volume = 5\n")
    assert needed and state == "impaired" and mistake["part"] == "settings" and f"{file}:1" in mistake["error"]
    assert f"{file}:1" in caplog.text
    assert now("volume = 0.5\n") == (False, [], "well") and "撤回" in caplog.text


def turn(decision: Any, entry: str | None = None, **about: Any) -> Turn:
    said = (Hypothesis(ASKED, 1.0),)
    return Turn(ASKED, ASKED, said, decision, entry, 0.9, (), "好。", timings=Timings(40.0, 3.0), **about)


def test_health_tells_how_the_kiosk_is_and_nothing_that_was_asked(kiosk: Kiosk) -> None:
    told = get(kiosk, "/health").json()
    assert told["state"] == "well" and told["pages"] == 0 and told["last_answer"] is None and told["silent_s"] is None
    page = OpenPage(lambda _: None, microphone="works", loudspeaker="works")
    kiosk.open_pages.add(page)
    kiosk.vitals.heartbeat(page)
    kiosk.observers.decided(turn("answer", "refund"))
    kiosk.observers.unheard()
    response = get(kiosk, "/health")
    told = response.json()
    assert response.headers["cache-control"] == "no-store" and ASKED not in response.text
    assert (told["microphone"], told["loudspeaker"], told["state"]) == ("works", "works", "well")
    assert told["pages"] == 1 and told["turns"]["answer"] == told["turns"]["unheard"] == 1
    assert told["last_answer"].endswith("+00:00") and told["silent_s"] < 60
    assert told["answers"]["fingerprint"] == "0123"
    if sys.platform == "linux":
        assert told["memory_mib"] > 10 and told["open_files"] > 3
    page.microphone = "missing"
    kiosk.vitals.heartbeat(page)
    kiosk.refused.append(Refusal("answers", "faq.yaml:3：错了", "2026-01-01T00:00:00+00:00"))
    told = get(kiosk, "/health").json()
    assert told["state"] == "impaired" and told["microphone"] == "missing"
    assert told["refused"][0]["error"] == "faq.yaml:3：错了"


def test_metrics_count_turns_refusals_and_time_and_hold_nothing_that_was_asked(kiosk: Kiosk) -> None:
    prometheus = pytest.importorskip("prometheus_client.parser")
    metrics = open_metrics(kiosk)
    kiosk.vitals.restarts = 2
    for seen in (turn("answer", "refund"), turn("answer", "refund"), turn("clarify")):
        kiosk.observers.decided(seen)
    kiosk.observers.decided(turn("reject", reason=RejectReason.OUT_OF_SCOPE))
    kiosk.observers.decided(turn("reject", small_talk=True))
    assert get(kiosk, "/health").json()["turns"]["reject"] == 1
    kiosk.observers.unheard()
    kiosk.speech_began(0.2)
    response = get(kiosk, "/metrics", metrics=metrics)
    assert response.status_code == 200 and ASKED not in response.text
    samples = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in prometheus.text_string_to_metric_families(response.text)
        for sample in family.samples
    }
    assert samples["voice_faq_turns_total", (("decision", "answer"), ("entry", "refund"))] == 2
    assert samples["voice_faq_turns_total", (("decision", "reject"), ("entry", ""))] == 1
    assert samples["voice_faq_turns_total", (("decision", "command"), ("entry", ""))] == 1
    assert samples["voice_faq_refusals_total", (("reason", "out_of_scope"),)] == 1
    assert samples["voice_faq_refusals_total", (("reason", "nothing_heard"),)] == 1
    assert samples["voice_faq_recognize_seconds_bucket", (("le", "0.05"),)] == 5
    assert samples["voice_faq_speak_seconds_count", ()] == 1
    assert samples["voice_faq_restarts_total", (("part", "server"),)] == 2


def test_without_the_library_metrics_say_what_to_install(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    response = get(kiosk, "/metrics", metrics=open_metrics(kiosk))
    assert response.status_code == 404 and "voice-faq[service]" in response.text


def test_doctor_asks_the_kiosk_that_runs(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, answer = kiosk.settings, httpx.Response(404, request=httpx.Request("GET", "http://127.0.0.1"))
    monkeypatch.setattr(httpx, "get", lambda *_, **__: answer)
    assert running_kiosk(settings) == "没有在运行", "something else has its port"
    monkeypatch.setattr(httpx, "get", lambda *_, **__: get(kiosk, "/health"))
    assert running_kiosk(settings) == f"正在运行（{__version__}）"
    kiosk.newer_settings = True
    assert "重新启动以后才用上" in running_kiosk(settings)
    kiosk.refused.append(Refusal("voice", "1 个录音不完整", ""))
    with pytest.raises(VoiceFaqError, match="1 个录音不完整\n设置文件"):
        running_kiosk(settings)


def test_doctor_as_json(tmp_path: Any) -> None:
    command = [sys.executable, "-m", "voice_faq", "doctor", "--json", "--answers", write_answers(tmp_path / "answers")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    told = json.loads(done.stdout)
    assert done.returncode == (0 if told["fit"] else 1)  # machines for tests have no loudspeaker
    parts = {part["name"]: part for part in told["parts"]}
    sound = {"microphone", "loudspeaker", "system_voice", "recorded_voice"}
    assert set(parts) == {"model", "answers", "matching", "cache", "kiosk", *sound}
    assert parts["kiosk"]["detail"] == "没有在运行"
    assert parts["answers"]["fit"] and "2 个条目" in parts["answers"]["detail"]
    assert told["fit"] is all(part["fit"] for part in told["parts"]) and told["version"]


def logged(capsys: pytest.CaptureFixture[str], *, as_json: bool) -> str:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logs._formatter(as_json))
    log = logging.getLogger("voice_faq.kiosk.test")
    log.propagate = False
    log.addHandler(handler)
    try:
        log.warning("换上了\n%s", "新的", extra={"entries": 3, "secret": ASKED})
        try:
            raise ValueError(ASKED)
        except ValueError:
            log.exception("失败了")
    finally:
        log.removeHandler(handler)
    return capsys.readouterr().err


def test_the_log_as_json_has_fields_and_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("structlog")
    text = logged(capsys, as_json=True)
    one, two = (json.loads(line) for line in text.splitlines())
    assert ASKED not in text
    assert (one["event"], one["level"], one["entries"]) == ("换上了 新的", "warning", 3) and one["timestamp"]
    assert two["error"].startswith("ValueError，test_health.py:") and two["level"] == "error"


def test_the_journal_gets_priorities(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("structlog")
    monkeypatch.setattr(logs, "in_journal", lambda: True)
    one, two = logged(capsys, as_json=False).splitlines()
    assert one == "<4>换上了 新的 entries=3"
    assert two.startswith("<3>失败了 error=ValueError，test_health.py:")


def test_json_without_the_library_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "structlog", None)
    with pytest.raises(SettingsError, match="log_json"):
        set_up_log(as_json=True)
