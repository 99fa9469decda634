"""An agent from settings, beside the kiosk of this machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from voice_faq.counts.daily import read_rows
from voice_faq.fleet.agent import Agent, agent_name
from voice_faq.fleet.beside import LocalKiosk
from voice_faq.fleet.connection import require_broker, tls
from voice_faq.fleet.counting import CountsFile
from voice_faq.fleet.keys import trusted
from voice_faq.gaps.opening import counts_file, open_questions
from voice_faq.settings import Settings


def fit_for_agent(settings: Settings) -> Settings:
    """The same; raises SettingsError for what an agent does not start with."""
    require_broker(settings.fleet)
    tls(settings.fleet)
    trusted(settings.fleet.trusted_keys)
    agent_name(settings.fleet)
    return settings


def open_agent(settings: Settings, settings_mistake: Callable[[], str] = str) -> Agent:
    """Inside a running event loop; ``settings`` are fit for it, and the mistake is that of the file as it is now."""
    fleet = settings.fleet
    beside = LocalKiosk(settings.kiosk.port, fleet.content_dir, fleet.restart_command, fleet.volume_command)
    counts = CountsFile(counts_file(settings), read_rows)
    return Agent(fleet, agent_name(fleet), beside, counts, lambda: asked_in_vain(settings), settings_mistake)


def asked_in_vain(settings: Settings) -> Sequence[tuple[str, int]]:
    """Of this machine's kiosk what may leave it: (text, how often); nothing where the operator keeps none."""
    store = open_questions(settings)
    return [(question.text, question.times) for question in store.questions()] if store is not None else []
