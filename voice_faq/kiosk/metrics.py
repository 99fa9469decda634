"""``/metrics`` for Prometheus; the library is part of the extra ``service``.

No label holds what somebody said: decisions, the ids of entries, and reasons are all there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from voice_faq import __version__
from voice_faq.dialogue.turn import Turn
from voice_faq.kiosk.health import memory_mib, open_files, temperature_c

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

    from voice_faq.kiosk.parts import Kiosk

MISSING: Final = "没有装 prometheus-client。要用 /metrics，请运行：pip install 'voice-faq[service]'"
BUCKETS_S: Final = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 10.0)


class Metrics:
    """Counts turns; everything else is looked up when Prometheus asks."""

    def __init__(self, kiosk: Kiosk) -> None:
        """Raises ImportError where the library is not installed."""
        from prometheus_client import CollectorRegistry, Counter, Histogram

        self._kiosk = kiosk
        self.registry: Final = CollectorRegistry()
        given: dict[str, Any] = {"registry": self.registry, "namespace": "voice_faq"}
        self._turns = Counter("turns", "Turns by decision and entry.", ["decision", "entry"], **given)
        self._refusals = Counter("refusals", "Questions without an answer, by reason.", ["reason"], **given)
        self._latency = {
            name: Histogram(f"{name}_seconds", told, buckets=BUCKETS_S, **given)
            for name, told in (
                ("recognize", "From the end of a spoken question to its words."),
                ("match", "From the words to the decision."),
                ("speak", "From the decision to the first clause that can be played."),
            )
        }
        self.registry.register(_Now(kiosk))
        kiosk.observers.add(self)
        kiosk.speech_began = self._latency["speak"].observe

    def decided(self, turn: Turn) -> None:
        """See TurnObserver."""
        self._turns.labels(turn.counts_as, turn.entry or "").inc()
        if turn.reason is not None:
            self._refusals.labels(turn.reason.name.lower()).inc()
        self._latency["match"].observe(turn.timings.match / 1000)
        if turn.timings.recognize:
            self._latency["recognize"].observe(turn.timings.recognize / 1000)

    def unheard(self) -> None:
        """See TurnObserver."""
        self._refusals.labels("nothing_heard").inc()

    def text(self) -> tuple[bytes, str]:
        """What Prometheus reads, and its media type."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        return generate_latest(self.registry), CONTENT_TYPE_LATEST


def open_metrics(kiosk: Kiosk) -> Metrics | None:
    """None where the library is not installed."""
    try:
        return Metrics(kiosk)
    except ImportError:
        return None


class _Now:
    """What is true at the moment at which Prometheus asks."""

    def __init__(self, kiosk: Kiosk) -> None:
        self._kiosk = kiosk

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        kiosk, vitals = self._kiosk, self._kiosk.vitals
        restarts = CounterMetricFamily("voice_faq_restarts", "Starts that nobody wanted, by part.", labels=["part"])
        restarts.add_metric(["server"], vitals.restarts)
        restarts.add_metric(["browser"], vitals.browser_restarts())
        yield restarts
        versions = kiosk.content.versions
        told = [__version__, versions.answers or "", kiosk.model_version or "", versions.voice or ""]
        info = GaugeMetricFamily("voice_faq_info", "Versions.", labels=["version", "answers", "model", "voice"])
        info.add_metric(told, 1)
        yield info
        gauges = {
            "pages": (kiosk.pages, "Pages that are open."),
            "refused_changes": (len(kiosk.mistakes), "Changes that were not taken over for their mistakes."),
            "restart_needed": (float(kiosk.newer_settings), "1 where the settings have changed since the start."),
            "up_seconds": (vitals.up_s, "Since the start."),
            "page_silent_seconds": (vitals.silent_s, "Since a page was last heard of."),
            "memory_bytes": (_bytes(memory_mib()), "Of the server's process."),
            "open_files": (open_files(), "Of the server's process."),
            "temperature_celsius": (temperature_c(), "Of the hottest part that the system tells of."),
        }
        for name, (value, about) in gauges.items():
            if value is not None:
                yield GaugeMetricFamily(f"voice_faq_{name}", about, value=value)
        sound = GaugeMetricFamily("voice_faq_sound_works", "1, or 0, as the page says.", labels=["device"])
        for device in ("microphone", "loudspeaker"):
            state = getattr(vitals, device)
            if state is not None:
                sound.add_metric([device], float(state == "works"))
        yield sound


def _bytes(mib: float | None) -> float | None:
    return None if mib is None else mib * 2**20
