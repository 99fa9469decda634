"""An agent from settings, beside the kiosk of this machine."""

from __future__ import annotations

from voice_faq.fleet.agent import Agent, agent_name
from voice_faq.fleet.beside import LocalKiosk
from voice_faq.fleet.connection import require_broker
from voice_faq.fleet.counting import CountsSource, NoCounts
from voice_faq.settings import Settings


def open_agent(settings: Settings) -> Agent:
    """Inside a running event loop; raises SettingsError that names what is missing."""
    fleet = settings.fleet
    require_broker(fleet)
    beside = LocalKiosk(settings.kiosk.port, fleet.content_dir, fleet.restart_command, fleet.volume_command)
    return Agent(fleet, agent_name(fleet), beside, counts_of(settings))


def counts_of(settings: Settings) -> CountsSource:
    """What this machine's kiosk has counted."""
    return NoCounts()
