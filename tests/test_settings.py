"""Settings as operators write them: with the slips that they make."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from voice_faq.errors import SettingsError
from voice_faq.kept_settings import KeptSettings
from voice_faq.settings import Settings, load_settings

ENGLISH = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings file that is read."""
    monkeypatch.setenv("VOICE_FAQ_CONFIG", str(tmp_path / "config.toml"))
    return tmp_path / "config.toml"


def complaint() -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert not ENGLISH.search(str(caught.value)), caught.value
    return str(caught.value)


def test_a_byte_order_mark_does_no_harm(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + b"volume = 0.5\n")
    assert load_settings().volume == 0.5


@pytest.mark.parametrize("name", ["answers", "models_dir"])
def test_a_tilde_is_the_home_folder_wherever_a_path_is_set(
    name: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    file.write_text(f'{name} = "~/ours"\n[kiosk]\nlogo = "~/logo.svg"\n', encoding="utf-8")
    assert getattr(load_settings(), name) == tmp_path / "ours"
    assert load_settings().kiosk.logo == tmp_path / "logo.svg"
    assert getattr(load_settings(**{name: Path("~/mine")}), name) == tmp_path / "mine"
    monkeypatch.setenv(f"VOICE_FAQ_{name.upper()}", "~/theirs")
    assert getattr(load_settings(), name) == tmp_path / "theirs"
    monkeypatch.setenv("VOICE_FAQ_CONFIG", "~/config.toml")
    assert load_settings().kiosk.logo == tmp_path / "logo.svg"


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_path_sets_nothing(empty: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.touch()
    usual = load_settings()
    names = ["answers", "models_dir", "cache_dir", "state_dir", "kiosk.logo", *(
        f"fleet.{name}" for name in ("ca", "certificate", "private_key", "content_dir", "state_dir", "archives_dir")
    )]  # fmt: skip
    file.write_text("".join(f'{name} = "{empty}"\n' for name in names), encoding="utf-8")
    assert load_settings() == usual
    for name in names:
        monkeypatch.setenv(f"VOICE_FAQ_{name.upper().replace('.', '__')}", empty)
    assert load_settings() == usual
    file.write_text(f'cache_dir = "{tmp_path}"\n[fleet]\nca = "{tmp_path}"\n', encoding="utf-8")
    assert (load_settings().cache_dir, load_settings().fleet.ca) == (tmp_path, tmp_path)


@pytest.mark.parametrize("name", ["none", ""])
def test_no_pack_can_be_said_in_a_file_and_in_the_environment(
    name: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(f'voice_pack = "{name}"\n', encoding="utf-8")
    assert load_settings().voice_pack is None
    file.write_text("", encoding="utf-8")
    monkeypatch.setenv("VOICE_FAQ_VOICE_PACK", name)
    assert load_settings().voice_pack is None


def test_a_variable_that_sets_nothing_is_told_with_the_one_that_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICE_FAQ_ANSWER", "/srv/faq")
    monkeypatch.setenv("VOICE_FAQ_KIOSK__PROT", "80")
    monkeypatch.setenv("VOICE_FAQ_DEBUG", "1")
    said = complaint()
    assert "VOICE_FAQ_ANSWER：" in said and "是不是 VOICE_FAQ_ANSWERS？" in said
    assert "是不是 VOICE_FAQ_KIOSK__PORT？" in said and "DEBUG" not in said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("wrong_answers = 7", "要小于 1"),
        ("wrong_answers = 0", "要大于 0"),
        ('speech_rate = "fast"', "要写一个整数"),
        ("speech_rate = 170.5", "要写一个整数"),
        ("speech_rate = 10", "不能小于 80（默认是 170）"),
        ('earcons = "perhaps"', "true 或 false"),
        ("model = 3", "要写一段文字"),
        ("answers = 3", "要写一个路径"),
        ("volume = nan", "不能"),
        ("kiosk = 3", "一组"),
        ('[kiosk]\ntheme = "blue"', "只能是 'light'、'dark'、'auto'"),
        ('[kiosk]\ncolour = "blue"', "默认是 #0b5fa5"),
        (f'[kiosk]\noperator = "{"长" * 41}"', "最多 40 个字"),
        ("answer = 'x'", "是不是 answers？"),
        ("[kiosk]\nprot = 3", "是不是 kiosk.port？"),
        ("voice_pack = “ours”", "全角符号 “”"),
        ('voice_pack ＝ "ours"', "全角符号 ＝"),
        ("volume = 1\nvolume = 1", "写了两次"),
        ("volume = ", "这一行读不懂"),
        ("[kiosk", "这一行读不懂"),
        ("= 3", "这一行读不懂"),
        ('model = "x', "这一行读不懂"),
    ],
)
def test_every_slip_is_explained_in_chinese_with_its_line(line: str, said: str, file: Path) -> None:
    file.write_text(f"# 设置\n\n{line}\n", encoding="utf-8")
    message = complaint()
    assert said in message
    assert f"{file}:{2 + len(line.splitlines())}：" in message


def test_a_wrong_value_says_whether_file_environment_or_command_line_has_it(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text("volume = 3\nalternatives = 90\n", encoding="utf-8")
    monkeypatch.setenv("VOICE_FAQ_VOLUME", "2")
    message = complaint()
    assert "环境变量 VOICE_FAQ_VOLUME：" in message and f"{file}:2：" in message
    with pytest.raises(SettingsError, match="命令行：设置项 model"):
        load_settings(model=3)


def test_a_file_in_another_encoding_or_a_folder_in_its_place(file: Path) -> None:
    file.write_bytes("model = '模型'\n".encode("gbk"))
    assert "UTF-8" in complaint()
    file.unlink()
    file.mkdir()
    assert "不存在" in complaint()


def test_the_settings_of_the_last_start_stand_in_for_a_file_with_a_mistake(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICE_FAQ_STATE_DIR", str(tmp_path / "state"))
    file.write_text("volume = 0.5\n", encoding="utf-8")
    first = KeptSettings()
    assert first.open(load_settings)[1] is None
    file.write_text("volume = 5\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="volume"):
        KeptSettings().open(load_settings)  # that start never came to its end
    first.keep()
    assert first.copy.stat().st_mode & 0o777 == 0o600
    # A mistake that is not the file's stays one, and changes nothing.
    monkeypatch.setenv("VOICE_FAQ_SPEECH_RATE", "9")
    with pytest.raises(SettingsError, match="volume"):
        KeptSettings().open(load_settings)
    with pytest.raises(SettingsError, match="volume"):
        load_settings()
    monkeypatch.delenv("VOICE_FAQ_SPEECH_RATE")
    for spoil in (lambda: None, file.unlink, lambda: file.write_bytes(b"\xff")):
        spoil()
        monkeypatch.setenv("VOICE_FAQ_CONFIG", str(file))
        second = KeptSettings()
        settings, mistake = second.open(load_settings)
        assert settings.volume == 0.5
        assert str(file) in str(mistake)
        second.keep()  # not the file that has a mistake
        assert load_settings().volume == 0.5  # as for the processes that the service starts


def test_what_has_changed_since_the_start_is_told_with_its_mistake(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICE_FAQ_STATE_DIR", str(tmp_path / "state"))
    file.write_text("volume = 0.5\n", encoding="utf-8")
    kept = KeptSettings()
    kept.open(load_settings)
    assert kept.look() == (False, None)
    file.write_text("volume = 5\n", encoding="utf-8")
    changed, mistake = kept.look()
    assert changed and f"{file}:1" in str(mistake) and kept.look() == (changed, mistake)
    file.write_text("volume = 0.7\n", encoding="utf-8")
    assert kept.look() == (True, None)
    file.unlink()
    assert kept.look()[0]
    file.write_text("volume = 0.5\n", encoding="utf-8")
    assert kept.look() == (False, None)
    # Where a copy stands in, mending the file is a change as well.
    kept.keep()
    file.write_text("volume = 5\n", encoding="utf-8")
    second = KeptSettings()
    assert second.open(load_settings)[1] is not None and second.look() == (False, None)
    file.write_text("volume = 0.7\n", encoding="utf-8")
    assert second.look() == (True, None)
    monkeypatch.delenv("VOICE_FAQ_CONFIG")


def test_a_service_with_needs_of_its_own_has_a_copy_of_its_own(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICE_FAQ_STATE_DIR", str(tmp_path / "state"))

    def loud() -> Settings:
        settings = load_settings()
        if settings.volume < 0.5:
            raise SettingsError("too quiet")
        return settings

    file.write_text("volume = 0.9\n", encoding="utf-8")
    for service, load in (("", load_settings), ("crier", loud)):
        kept = KeptSettings(service)
        kept.open(load)
        kept.keep()
    file.write_text("volume = 0.1\n", encoding="utf-8")
    usual = KeptSettings()
    assert usual.open(load_settings)[0].volume == 0.1
    usual.keep()
    settings, mistake = KeptSettings("crier").open(loud)
    assert settings.volume == 0.9 and str(mistake) == "too quiet"


def test_no_settings_file_is_a_good_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("VOICE_FAQ_CONFIG", raising=False)
    monkeypatch.setenv("VOICE_FAQ_STATE_DIR", str(tmp_path / "state"))
    kept = KeptSettings()
    kept.open(load_settings)
    kept.keep()
    (tmp_path / "voice-faq").mkdir()
    (tmp_path / "voice-faq/config.toml").write_text("volume = ", encoding="utf-8")
    settings, mistake = KeptSettings().open(load_settings)
    assert settings.volume == 1.0
    assert "config.toml" in str(mistake)
    monkeypatch.delenv("VOICE_FAQ_CONFIG")
