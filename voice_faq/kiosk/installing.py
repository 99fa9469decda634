"""``voice-faq kiosk install`` and ``remove``: puts a unit into its place and tells each step."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from voice_faq.errors import SettingsError, reason
from voice_faq.files import write_whole
from voice_faq.kiosk.units import Unit, escaped


def own_command() -> list[str]:
    """How this very installation is called."""
    beside = Path(sys.executable).with_name("voice-faq")
    program = [str(beside)] if beside.is_file() else [sys.executable, "-m", "voice_faq"]
    return [escaped(word) for word in [*program, "kiosk"]]


def install(unit: Unit, say: Callable[[str], None], *, start: bool = True) -> None:
    """Write the unit, enable it and start it; raises SettingsError that says how far it came."""
    if importlib.util.find_spec("sdnotify") is None:
        raise SettingsError("没有装 sdnotify，系统看不出服务是否正常。请先运行：pip install 'voice-faq[service]'")
    _require_systemctl(unit)
    file = unit.folder / unit.name
    same = _read(file) == unit.text
    if not same:
        try:
            write_whole(file, unit.text.encode())
        except OSError as error:
            raise SettingsError(f"{file}：写不进去（{reason(error)}）。{_as_root(unit)}") from None
    say(f"{'没有变' if same else '写好了'}：{file}")
    _systemctl(unit, say, "daemon-reload")
    _systemctl(unit, say, "enable", unit.name)
    if start:
        _systemctl(unit, say, "restart", unit.name)
    say(f"装好了。看状态：{' '.join(unit.systemctl)} status {unit.name}；卸载：voice-faq kiosk remove{_option(unit)}")


def remove(unit: Unit, say: Callable[[str], None]) -> None:
    """Stop the unit and take it away; answers, settings and what is kept stay. Raises SettingsError."""
    file = unit.folder / unit.name
    if not file.exists():
        say(f"没有装过（{file} 不存在），什么都没有改。")
        return
    _require_systemctl(unit)
    _systemctl(unit, say, "disable", "--now", unit.name)
    try:
        file.unlink()
    except OSError as error:
        raise SettingsError(f"{file}：删不掉（{reason(error)}）。{_as_root(unit)}") from None
    say(f"删掉了：{file}")
    _systemctl(unit, say, "daemon-reload")
    say("卸载好了。答案、设置和保存的内容都还在。")


def _systemctl(unit: Unit, say: Callable[[str], None], *words: str) -> None:
    command = [*unit.systemctl, *words]
    say(f"运行：{' '.join(command)}")
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        told = done.stderr.strip().splitlines()[:1] or [f"退出码 {done.returncode}"]
        raise SettingsError(
            f"{' '.join(command)} 没有成功：{told[0]}。前面的步骤都留着；{_as_root(unit)}改好以后，再运行一遍这个命令。"
        )


def _require_systemctl(unit: Unit) -> None:
    if shutil.which(unit.systemctl[0]) is None:
        raise SettingsError(
            "这台机器没有 systemd（找不到 systemctl）。请用系统自己的办法，开机时运行 voice-faq kiosk。"
        )


def _as_root(unit: Unit) -> str:
    if "--user" in unit.systemctl:
        return "请用终端机的用户，在它的图形界面里运行。"
    return "" if os.geteuid() == 0 else "请用管理员的身份运行（命令前面加 sudo）。"


def _option(unit: Unit) -> str:
    return "" if "--user" in unit.systemctl else " --server"


def _read(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
