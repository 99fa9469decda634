"""What an operator sets for a kiosk of a fleet, and for its control room."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, field_validator

from voice_faq.files import expanded

NAME_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
Share = Annotated[float, Field(gt=0, le=1)]


def _data(name: str) -> Path:
    return Path(platformdirs.user_data_dir("voice-faq")) / name


class FleetSettings(BaseModel):
    """``[fleet]`` in the settings file, ``VOICE_FAQ_FLEET__…`` in the environment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    broker: str = ""
    """Name or address of the MQTT broker, as its certificate has it; empty: no fleet."""
    broker_port: int = Field(default=8883, ge=1, le=65_535)
    """Of MQTT over TLS."""
    ca: Path | None = None
    """Certificate (PEM) that the broker's and the HTTPS server's are signed with."""
    certificate: Path | None = None
    """Client certificate (PEM) of this machine."""
    private_key: Path | None = None
    """Its private key (PEM)."""
    name: str = Field(default="", pattern=NAME_PATTERN + "|^$")
    """Of this kiosk; the broker knows it by its certificate's common name, which is taken where nothing is set."""
    line: str = Field(default="", max_length=40)
    """Where the kiosk stands: the line…"""
    station: str = Field(default="", max_length=40)
    """…and the station, by which the control room groups."""
    topic: str = Field(default="voice-faq", pattern=r"^[A-Za-z0-9._/-]{1,64}$")
    """With which all topics begin."""
    trusted_keys: tuple[str, ...] = ()
    """Who may sign content: lines that ``voice-faq fleet key`` prints."""
    content_dir: Path = Field(default_factory=lambda: _data("content"))
    """Versions of the content; ``answers`` of the kiosk is ``current/answers`` in it."""
    state_dir: Path = Field(default_factory=lambda: _data("fleet"))
    """What waits to be sent, and in the control room all that is known of the fleet."""
    archives_dir: Path = Field(default_factory=lambda: _data("archives"))
    """Where signed archives lie that can be published."""
    largest_mb: int = Field(default=512, ge=1, le=8_192)
    """Of a content, unpacked."""
    report_s: float = Field(default=300.0, ge=1, le=3_600)
    """Between two reports of a kiosk's health."""
    counts_s: float = Field(default=900.0, ge=1, le=86_400)
    """Between two looks at a kiosk's counts."""
    restart_command: tuple[str, ...] = ("systemctl", "--user", "restart", "voice-faq-kiosk")
    """Restarts the kiosk."""
    volume_command: tuple[str, ...] = ("pactl", "set-sink-volume", "@DEFAULT_SINK@", "{percent}%")
    """Sets the loudspeaker; the sound system keeps it over a restart."""
    rings: tuple[Share, ...] = (0.01, 0.1, 1.0)
    """Shares of the fleet that get a content one after another."""
    ring_s: float = Field(default=3_600.0, ge=0, le=1_209_600)
    """For which a ring is watched at least."""
    ring_most_s: float = Field(default=172_800.0, ge=0, le=2_592_000)
    """After which a ring with too few questions to tell is taken for good, where nothing speaks against it."""

    @field_validator("ca", "certificate", "private_key", "content_dir", "state_dir", "archives_dir")
    @classmethod
    def _at_home(cls, path: Path | None) -> Path | None:
        return expanded(path) if path is not None else None

    @field_validator("rings")
    @classmethod
    def _growing(cls, rings: tuple[float, ...]) -> tuple[float, ...]:
        if not rings or list(rings) != sorted(set(rings)) or rings[-1] != 1:
            raise ValueError("要写成越来越大的比例，最后一个是 1.0，例如 [0.01, 0.1, 1.0]")
        return rings
