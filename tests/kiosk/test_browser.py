"""The keeper of the kiosk's browser, with a real one."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Playwright, expect

from voice_faq.errors import SettingsError
from voice_faq.kiosk import browser as kept
from voice_faq.kiosk import guard
from voice_faq.kiosk.browser import FLAGS, BrowserKeeper, find_browser
from voice_faq.settings import Settings

from ..browsers import chromium, launch
from .pages import Server, open_page, played, wait_for_state

pytestmark = pytest.mark.browser


def wait_until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_browser_that_dies_is_opened_again_and_one_that_is_closed_is_not(server: Server) -> None:
    def pages() -> int:
        return int(httpx.get(server.address + "health").json()["pages"])

    before = pages()
    keeper = BrowserKeeper(chromium(), server.address, (*FLAGS, "--headless"))
    keeper.open()
    wait_until(lambda: pages() == before + 1)
    assert keeper.pid is not None
    os.kill(keeper.pid, signal.SIGKILL)
    wait_until(lambda: keeper.starts == 2 and pages() == before + 1)
    keeper.close()
    wait_until(lambda: pages() == before)
    time.sleep(2)
    assert keeper.starts == 2


def test_the_page_may_hear_and_speak_without_anyone_being_asked(playwright: Playwright, server: Server) -> None:
    browser = launch(playwright, None, *FLAGS, "--use-fake-device-for-media-stream")
    page = open_page(browser, server.address)
    page.locator("#talk").click()
    wait_for_state(page, "listening")
    page.wait_for_function("() => window.played.length")
    wait_until(lambda: played(page)[1] is not None)  # the earcon
    browser.close()


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "State:\tZ" not in status.read_text()


def processes_in(folder: Path) -> list[int]:
    """Those that name ``folder`` on their command line."""
    named = [p.parent for p in Path("/proc").glob("[0-9]*/cmdline") if str(folder).encode() in _read(p)]
    return [int(process.name) for process in named if alive(int(process.name))]


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def test_a_killed_server_takes_its_browser_and_its_files_along(tmp_path: Path) -> None:
    flags = [*FLAGS, "--headless"]
    program = tmp_path / "chromium"
    program.write_text(f'#!/bin/sh\nexec {chromium()} {" ".join(flags)} "$@"\n')
    program.chmod(0o755)
    temporary = Path(tempfile.mkdtemp(prefix="kiosk-"))  # short: a browser's socket lies in it
    started = subprocess.Popen(
        [sys.executable, "-m", "voice_faq", "kiosk", "--port", "0", "--browser"],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    address = started.stdout.readline().split("：")[1].split("（")[0]
    wait_until(lambda: httpx.get(address + "health").json()["pages"] == 1, 60)
    assert processes_in(temporary)
    with started:
        started.kill()
    wait_until(lambda: not processes_in(temporary), 30)
    wait_until(lambda: not [name for name in left_in(temporary) if "rowser" in name or "hromium" in name])
    shutil.rmtree(temporary)


@pytest.mark.parametrize("program", ["/bin/false", "/no/such/browser"])
def test_a_browser_that_does_not_start_leaves_nothing(program: str, tmp_path: Path) -> None:
    lifeline, held = os.pipe()  # at whose end the guard would end the browser
    done = subprocess.run(
        [sys.executable, guard.__file__, program],
        env={**os.environ, "TMPDIR": str(tmp_path)}, stdin=lifeline, capture_output=True, text=True,
    )  # fmt: skip
    os.close(lifeline)
    os.close(held)
    assert done.returncode in (1, 127) and "Traceback" not in done.stderr
    assert left_in(tmp_path) == []


def test_what_a_killed_guard_has_left_is_swept_away_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in ("used", "left"):
        (tmp_path / f"{guard.PREFIX}{name}" / "profile").mkdir(parents=True)
        (tmp_path / f"{guard.PREFIX}{name}" / "lock").touch()
    (tmp_path / "another").mkdir()
    with (tmp_path / f"{guard.PREFIX}used" / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        guard.sweep()
        assert sorted(left_in(tmp_path)) == ["another", f"{guard.PREFIX}used"]


def test_what_a_rider_heard_is_not_in_the_browsers_cache(
    playwright: Playwright, server: Server, tmp_path: Path
) -> None:
    profile = playwright.chromium.launch_persistent_context(
        tmp_path, executable_path=chromium(), args=["--no-sandbox"], headless=True
    )
    page = profile.new_page()
    page.goto(server.address)
    page.locator("#examples button").first.click()
    expect(page.locator("#captions .heard-now")).to_be_visible(timeout=20_000)
    page.locator("#stop").click()
    page.keyboard.press("ArrowDown")
    page.locator("#finish").click()
    wait_for_state(page, "attract")
    profile.close()
    cached = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file() and "Cache" in str(file)]
    assert any(b"/page/app.js" in content for content in cached), "nothing is cached at all"
    for kind in ("voice", "live", "spoken", "take-away"):
        address = f"{server.address}{kind}/".encode()
        assert not any(address in content for content in cached), address


def test_printing_and_the_context_menu_lead_nowhere(deaf_browser: Browser, server: Server) -> None:
    page = open_page(deaf_browser, server.address)
    page.evaluate("() => { window.print = () => { window.printed = true; }; }")
    prevented = page.evaluate(
        """() => {
            const menu = new MouseEvent("contextmenu", { bubbles: true, cancelable: true });
            document.querySelector("#lead").dispatchEvent(menu);
            const keys = ["p", "s", "u", "o"].map((key) => {
                const event = new KeyboardEvent("keydown", { key, ctrlKey: true, bubbles: true, cancelable: true });
                document.body.dispatchEvent(event);
                return event.defaultPrevented;
            });
            return [menu.defaultPrevented, ...keys];
        }"""
    )
    assert all(prevented)
    page.close()


def test_the_policy_for_chromium_shuts_out_all_but_the_page(settings: Settings) -> None:
    policy = json.loads((Path(__file__).parents[2] / "docs" / "voice-faq-kiosk-policy.json").read_text())
    assert policy["DeveloperToolsAvailability"] == 2 and policy["PrintingEnabled"] is False
    assert policy["URLBlocklist"] == ["*"]
    assert policy["URLAllowlist"] == [f"http://127.0.0.1:{settings.kiosk.port}"] == policy["AudioCaptureAllowedUrls"]


def test_a_missing_browser_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "PROGRAMS", ("no-such-browser",))
    with pytest.raises(SettingsError, match="apt-get install chromium"):
        find_browser()
