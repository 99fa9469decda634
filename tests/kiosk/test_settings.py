"""Settings of the page, wrong and right."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from voice_faq.errors import SettingsError
from voice_faq.faq import Faq
from voice_faq.kiosk import open_kiosk
from voice_faq.matching import Matcher
from voice_faq.recognition import VoskRecognizer
from voice_faq.settings import Settings, load_settings
from voice_faq.speech.voice import NoVoice

from .pages import serving


def test_a_table_in_the_settings_file_sets_the_page_and_the_environment_goes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[kiosk]\nport = 9000\noperator = "京津冀一卡通"\ntheme = "dark"\n', encoding="utf-8")
    monkeypatch.setenv("VOICE_FAQ_CONFIG", str(file))
    monkeypatch.setenv("VOICE_FAQ_KIOSK__THEME", "auto")
    kiosk = load_settings().kiosk
    assert (kiosk.port, kiosk.operator, kiosk.theme) == (9000, "京津冀一卡通", "auto")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('colour = "blue"', "kiosk.colour"),
        ("port = 70000", "kiosk.port"),
        ("idel_s = 3", "kiosk.idel_s"),
        ("grace_s = 5", "kiosk.grace_s"),
    ],
)
def test_a_wrong_value_is_named(line: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"[kiosk]\n{line}\n", encoding="utf-8")
    monkeypatch.setenv("VOICE_FAQ_CONFIG", str(file))
    with pytest.raises(SettingsError, match=name):
        load_settings()


def test_a_logo_that_is_not_there_is_named(
    tmp_path: Path, faq: Faq, matcher: Matcher, recognizer: VoskRecognizer, settings: Settings
) -> None:
    kiosk = settings.kiosk.model_copy(update={"logo": tmp_path / "none.png"})
    with pytest.raises(SettingsError, match=r"none\.png"):
        open_kiosk(settings.model_copy(update={"kiosk": kiosk}), faq, matcher, recognizer, NoVoice(""))


def test_a_slip_in_the_settings_file_keeps_no_kiosk_from_starting(tmp_path: Path) -> None:
    file, log = tmp_path / "config.toml", tmp_path / "log"
    told = {"VOICE_FAQ_CONFIG": str(file), "VOICE_FAQ_STATE_DIR": str(tmp_path / "state")}
    good = f'[kiosk]\ncolour = "#123456"\nlogo = "{tmp_path}/none.png"\n'
    refused = []
    for text in (good, good.replace("colour", "color"), good):
        file.write_text(text, encoding="utf-8")
        with log.open("w", encoding="utf-8") as errors, serving(errors=errors, **told) as server:
            assert "#123456" in httpx.get(f"{server.address}operator.css").text
            health = httpx.get(f"{server.address}health").json()
        assert health["state"] == "impaired"
        refused.append([(mistake["part"], mistake["error"]) for mistake in health["refused"]])
        for _, error in refused[-1]:
            assert error in log.read_text(encoding="utf-8")
    (_, missing_logo), (_, slip) = refused[0][0], refused[1][0]
    assert "none.png" in missing_logo
    assert f"{file}" in slip and "kiosk.color" in slip
    assert refused[2] == refused[0] == refused[1][1:]


def test_recordings_come_from_the_pack_that_speaks_also_where_another_was_named(
    tmp_path: Path, faq: Faq, matcher: Matcher, recognizer: VoskRecognizer, settings: Settings
) -> None:
    folder = tmp_path / "voice/ours"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text('{"engine": "tones", "voice": "flute", "clauses": []}', encoding="utf-8")
    (folder / f"{'0' * 20}.opus").touch()
    named = settings.model_copy(update={"answers": tmp_path, "voice_pack": "theirs"})
    kiosk = open_kiosk(named, faq, matcher, recognizer, NoVoice(""))
    assert kiosk.content.speech.recorded(f"{'0' * 20}.opus") == folder / f"{'0' * 20}.opus"
    kiosk.close()
