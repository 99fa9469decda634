"""All settings, typed: defaults < TOML file < environment (``VOICE_FAQ_…``) < command line."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableVariableError

from voice_faq.data import data_root
from voice_faq.errors import SettingsError, reason
from voice_faq.files import expanded
from voice_faq.fleet_settings import FleetSettings
from voice_faq.validating import wanted

APP_NAME: Final = "voice-faq"
DEFAULT_MODEL: Final = "voice-faq-cn"
PREFIX: Final = "VOICE_FAQ_"
CONFIG_VARIABLE: Final = f"{PREFIX}CONFIG"
_OTHER_VARIABLES: Final = ("config", "debug")
_FULL_WIDTH: Final = "＝“”‘’：［］，　"


def config_file() -> Path:
    """The TOML file that is read when it exists; ``VOICE_FAQ_CONFIG`` names another."""
    named = os.environ.get(CONFIG_VARIABLE)
    return expanded(named) if named else Path(platformdirs.user_config_dir(APP_NAME)) / "config.toml"


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
    log_json: bool = False
    """Whether the log is one JSON object a line; needs the extra ``service``."""

    @field_validator("logo")
    @classmethod
    def _at_home(cls, path: Path | None) -> Path | None:
        return expanded(path) if path is not None else None


class GapsSettings(BaseModel):
    """What is counted and kept of questions: ``[gaps]`` in the settings file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    count_days: int = Field(default=400, ge=1, le=3_660)
    """How long numbers are kept, by day, decision and entry."""
    keep_texts: bool = False
    """Whether questions without an answer are kept as text, masked; the page then says so."""
    days: int = Field(default=30, ge=2, le=366)
    """After which a text is deleted."""
    k: int = Field(default=5, ge=3, le=1_000)
    """How often a question must have been asked within ``days``, before its text is kept at all."""


class WyomingSettings(BaseModel):
    """For Home Assistant and its satellites: ``[wyoming]`` in the settings file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    uri: str = "tcp://127.0.0.1:10700"
    """Where ``voice-faq wyoming`` listens; ``tcp://0.0.0.0:10700`` for other machines, ``unix:///path`` for a file."""
    connections: int = Field(default=32, ge=1, le=1_000)
    """Open at once."""
    zeroconf: bool = True
    """Whether Home Assistant finds it by itself, where other machines reach it at all."""


class Settings(BaseSettings):
    """What an operator can set."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True)

    model: str = DEFAULT_MODEL
    """Name of a Vosk model in one of the model folders, or a path to one."""
    models_dir: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir(APP_NAME)) / "models")
    """Where ``models install`` puts models; looked through before the one that comes with voice-faq."""
    cache_dir: Path = Field(default_factory=lambda: Path(platformdirs.user_cache_dir(APP_NAME)))
    """Where what was read and learned from the answers is kept, so that the next start is a fast one."""
    state_dir: Path = Field(default_factory=lambda: Path(platformdirs.user_state_dir(APP_NAME)))
    """Where the kiosk keeps its last answers, voice and model without a mistake, and what ``gaps`` counts and keeps."""
    models_url: str = "https://alphacephei.com/vosk/models"
    """Where ``models install`` downloads from; a mirror can be named for a closed network."""
    answers: Path = Field(default_factory=lambda: data_root() / "answers")
    """Folder with the FAQ."""
    alternatives: int = Field(default=5, ge=1, le=20)
    """Hypotheses of the n-best list."""
    longest_question_s: float = Field(default=60.0, gt=0)
    """Longer recordings are refused as questions (``transcribe`` takes any length)."""
    wrong_answers: float = Field(default=0.02, gt=0, lt=1)
    """Share of questions that may be answered wrongly, a third of them near misses; the smaller, the oftener a rider is
    asked back."""
    meaning: bool = False
    """Whether multilingual-e5-small compares meanings too; needs the extra ``meaning`` and 30 ms a question."""
    input_device: str | None = None
    """Microphone: number or part of its name; none for the system's default."""
    output_device: str | None = None
    """Loudspeaker: number or part of its name; none for the system's default."""
    voice_pack: str | None = "xiaoxiao"
    """Recorded voice: a folder in ``voice/`` of the answers; what it lacks is spoken live, and all with ``none``."""
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
    gaps: GapsSettings = Field(default_factory=GapsSettings)
    """What riders asked, in numbers, and what they asked in vain."""
    wyoming: WyomingSettings = WyomingSettings()
    """For Home Assistant."""
    fleet: FleetSettings = Field(default_factory=FleetSettings)
    """Many kiosks and their control room."""

    @field_validator("answers", "models_dir", "cache_dir", "state_dir")
    @classmethod
    def _at_home(cls, path: Path) -> Path:
        return expanded(path)

    @field_validator("voice_pack")
    @classmethod
    def _or_none(cls, name: str | None) -> str | None:
        return None if name in ("", "none") else name

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line, then environment, then the TOML file; an empty path in these two sets nothing."""
        set_elsewhere = (env_settings(), _read_toml(config_file()))
        others = (InitSettingsSource(settings_cls, _without_empty_paths(cls, values)) for values in set_elsewhere)
        return init_settings, *others


def load_settings(**command_line: Any) -> Settings:
    """Settings with command-line values (those that are not None) on top.

    Raises SettingsError, which names every setting that is wrong, and where it stands.
    """
    path = config_file()
    if os.environ.get(CONFIG_VARIABLE) and not path.is_file():
        raise SettingsError(f"{path}：{CONFIG_VARIABLE} 指向的设置文件不存在。请改正路径，或取消这个环境变量。")
    given = {name: value for name, value in command_line.items() if value is not None}
    problems = [*_unknown_variables()]
    try:
        settings = Settings(**given)
    except ValidationError as error:
        problems += [_told(dict(problem), given) for problem in error.errors()]
    except UnreadableVariableError as error:
        name = PREFIX + str(error).split('"')[1].upper()
        problems.append(f"环境变量 {name} 读不懂。里面的每一项要单独写，例如 {name}__名称=值。")
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def _without_empty_paths(model: type[BaseModel], values: dict[str, Any]) -> dict[str, Any]:
    """``values`` but for paths that are empty: as one they would be the current folder, which nobody means."""
    kept = {}
    for name, value in values.items():
        kind = model.model_fields[name].annotation if name in model.model_fields else None
        if isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, BaseModel):
            value = _without_empty_paths(kind, value)
        if not (kind in (Path, Path | None) and isinstance(value, str) and not value.strip()):
            kept[name] = value
    return kept


def _read_toml(path: Path) -> dict[str, Any]:
    """The settings file; nothing where there is none. Raises SettingsError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError:
        raise SettingsError(f"{path}：设置文件不是 UTF-8 编码。请在编辑器里另存为 UTF-8。") from None
    except OSError as error:
        raise SettingsError(f"{path}：设置文件打不开（{reason(error)}）。请检查权限。") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        lines = text.splitlines() or [""]
        number = int(found[1]) if found else len(lines)
        line = lines[min(number, len(lines)) - 1].strip()
        wide = "".join(mark for mark in _FULL_WIDTH if mark in line)
        hint = f"其中有全角符号 {wide}，请换成半角。" if wide else "请检查引号、括号是否成对，同一项是否写了两次。"
        raise SettingsError(
            f'{path}:{number}：设置文件（TOML）的这一行读不懂：{line}。{hint}每行写成 voice_pack = "xiaoxiao" 的样子。'
        ) from None


def _told(problem: dict[str, Any], given: dict[str, Any]) -> str:
    """A sentence about one setting."""
    location = [str(part) for part in problem["loc"]]
    name = ".".join(location)
    own = [PREFIX + "__".join(location[:length]).upper() for length in range(len(location), 0, -1)]
    variable = next((v for name in own for v in os.environ if v.upper() == name), None)
    if location[0] in given:
        where = "命令行"
    elif variable is not None:
        where = f"环境变量 {variable}"
    else:
        where = f"{config_file()}{_line_in_file(location)}"
    if problem["type"] == "extra_forbidden":
        return f"{where}：没有名为 {name} 的设置项。{_meant(name, _names(Settings, '.'))}请检查拼写，或删除这一行。"
    usual = _default(location)
    example = f"（默认是 {usual}）" if usual is not None else ""
    return f"{where}：设置项 {name} 的值 {problem['input']!r} 不能用：{wanted(problem)}{example}。请改正后再试。"


def _default(location: list[str]) -> Any:
    """What a setting is where nobody sets it; None where that cannot be said in a word."""
    fields = Settings.model_fields
    for name in location[:-1]:
        table = fields[name].annotation if name in fields else None
        fields = table.model_fields if isinstance(table, type) and issubclass(table, BaseModel) else {}
    usual = fields[location[-1]].default if location[-1] in fields else None
    return usual if isinstance(usual, str | int | float) else None


def _line_in_file(location: list[str]) -> str:
    """``:3`` where the setting stands in the third line; nothing where it cannot be told."""
    table = ""
    file = config_file()
    for number, line in enumerate(file.read_text(encoding="utf-8-sig").splitlines() if file.is_file() else (), 1):
        heading = re.match(r"\s*\[([^\[\]]+)\]", line)
        table = heading[1].strip() if heading else table
        key = re.match(r"\s*([\w.\"'-]+)\s*=", line)
        if key and [*filter(None, [table]), key[1].strip("\"'")] == location:
            return f":{number}"
    return ""


def _unknown_variables() -> Iterator[str]:
    """A sentence for each ``VOICE_FAQ_…`` in the environment that sets nothing."""
    known = {PREFIX + name.upper() for name in [*_names(Settings, "__"), *_OTHER_VARIABLES]}
    for variable in sorted(os.environ):
        if variable.upper().startswith(PREFIX) and variable.upper() not in known:
            meant = _meant(variable.upper(), known)
            yield f"环境变量 {variable}：没有这个设置项。{meant}请检查拼写，或取消这个环境变量。"


def _names(model: type[BaseModel], joint: str) -> Iterator[str]:
    """Of all settings, those of tables behind the table's own."""
    for name, field in model.model_fields.items():
        yield name
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from (name + joint + inner for inner in _names(field.annotation, joint))


def _meant(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return f"是不是 {near[0]}？" if near else ""
