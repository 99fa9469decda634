"""All settings, typed: defaults < TOML file < environment (``VOICE_FAQ_…``) < command line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from voice_faq.data import data_root
from voice_faq.errors import SettingsError

APP_NAME: Final = "voice-faq"
DEFAULT_MODEL: Final = "voice-faq-cn"
CONFIG_VARIABLE: Final = "VOICE_FAQ_CONFIG"


def config_file() -> Path:
    """The TOML file that is read when it exists; ``VOICE_FAQ_CONFIG`` names another."""
    named = os.environ.get(CONFIG_VARIABLE)
    return Path(named) if named else Path(platformdirs.user_config_dir(APP_NAME)) / "config.toml"


class KioskSettings(BaseModel):
    """The page of ``voice-faq kiosk``: ``[kiosk]`` in the settings file, ``VOICE_FAQ_KIOSK__…`` in the environment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    port: int = Field(default=8765, ge=0, le=65_535)
    """On 127.0.0.1; 0 for any free one."""
    sessions: int = Field(default=32, ge=1, le=1_000)
    """Pages that may be open at once."""
    operator: str | None = Field(default=None, max_length=40)
    """Name at the top of the page."""
    logo: Path | None = None
    """Picture beside it: SVG, PNG, WebP or JPEG."""
    colour: str = Field(default="#0b5fa5", pattern="^#[0-9a-fA-F]{6}$")
    """Of buttons; it is darkened or lightened until text on it can be read."""
    theme: Literal["light", "dark", "auto"] = "light"
    """``auto`` follows the system."""
    talk: Literal["both", "hold", "tap"] = "both"
    """How the button works: held while speaking, tapped at the beginning and the end, or either."""
    end_pointing_s: float = Field(default=3.0, ge=0, le=30)
    """Without a new word, after which a tapped question ends by itself; 0 for never."""
    idle_s: float = Field(default=30.0, ge=5, le=3_600)
    """Without a touch, a key or a word, after which the page asks whether anybody is there."""
    grace_s: float = Field(default=20.0, ge=20, le=600)
    """To say yes, before the session is wiped out."""
    spoken_greeting: bool = False
    """Whether the greeting is spoken when a session begins, for those who cannot see the page."""


class Settings(BaseSettings):
    """What an operator can set."""

    model_config = SettingsConfigDict(env_prefix="VOICE_FAQ_", env_nested_delimiter="__", extra="forbid", frozen=True)

    model: str = DEFAULT_MODEL
    """Name of a Vosk model in one of the model folders, or a path to one."""
    models_dir: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir(APP_NAME)) / "models")
    """Where ``models install`` puts models; looked through before the one that comes with voice-faq."""
    models_url: str = "https://alphacephei.com/vosk/models"
    """Where ``models install`` downloads from; a mirror can be named for a closed network."""
    answers: Path = Field(default_factory=lambda: data_root() / "answers")
    """Folder with the FAQ."""
    alternatives: int = Field(default=5, ge=1, le=20)
    """Hypotheses of the n-best list."""
    longest_question_s: float = Field(default=60.0, gt=0)
    """Longer recordings are refused as questions (``transcribe`` takes any length)."""
    wrong_answers: float = Field(default=0.02, gt=0, lt=1)
    """Share of questions that may be answered wrongly; the smaller, the oftener a rider is asked back."""
    input_device: str | None = None
    """Microphone: number or part of its name; none for the system's default."""
    output_device: str | None = None
    """Loudspeaker: number or part of its name; none for the system's default."""
    voice_pack: str | None = "xiaoxiao"
    """Recorded voice: a folder in ``voice/`` of the answers; what it lacks, and all without one, is spoken live."""
    voice: str | None = None
    """Voice of the synthesiser by its id; none for the best Mandarin voice of the system."""
    speech_rate: int = Field(default=170, ge=80, le=400)
    """Words a minute, as pyttsx3 counts them."""
    volume: float = Field(default=1.0, ge=0, le=1)
    """Loudness of the answers."""
    earcons: bool = True
    """Whether short sounds say what the machine does; the one that invites to speak is always there."""
    kiosk: KioskSettings = KioskSettings()
    """The page."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line, then environment, then the TOML file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, config_file())


def load_settings(**command_line: Any) -> Settings:
    """Settings with command-line values (those that are not None) on top.

    Raises SettingsError, which names every setting that is wrong.
    """
    path = config_file()
    if os.environ.get(CONFIG_VARIABLE) and not path.is_file():
        raise SettingsError(f"{path}：{CONFIG_VARIABLE} 指向的设置文件不存在。请改正路径，或取消这个环境变量。")
    given = {name: value for name, value in command_line.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            name = ".".join(str(part) for part in problem["loc"])
            value = problem.get("input")
            if problem["type"] == "extra_forbidden":
                lines.append(f"没有名为 {name} 的设置项（{path}）。请检查拼写，或删除这一行。")
            else:
                lines.append(
                    f"设置项 {name} 的值 {value!r} 不能用：{problem['msg']}（设置文件：{path}）。请改正后再试。"
                )
        raise SettingsError("\n".join(lines)) from None
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}：设置文件读不出来（{error}）。请检查 TOML 写法。") from None
