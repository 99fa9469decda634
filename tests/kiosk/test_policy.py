"""docs/voice-faq-kiosk-policy.json in a real Chromium, which alone sees it: its folder is a file system of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
import websockets
from playwright.sync_api import Browser, Error, Playwright
from websockets.sync.client import connect

from voice_faq.settings import Settings

from ..browsers import PATIENCE_MS, chromium
from .pages import Server, wait_for_state

pytestmark = pytest.mark.browser
TEXT = (Path(__file__).parents[2] / "docs" / "voice-faq-kiosk-policy.json").read_text()
FOLDER = Path("/etc/chromium")  # where Debian's build looks
ALONE = ("unshare", "--mount", *(() if os.geteuid() == 0 else ("--map-root-user",)))
MICROPHONE = "--use-fake-device-for-media-stream"
SILENCE_S = 5.0  # that developer tools wait for a reply

# Tries what a rider, or a page that has gone astray, could try, and tells the server; without a touch or a click.
TRIES = """<!doctype html><title>tries</title><iframe id="frame"></iframe><script>
const tried = {};
const soon = (promise) => Promise.race([promise, new Promise((done) => setTimeout(() => done("asks"), 5000))]);
const opened = (promise) => soon(promise.then(() => "open", (error) => error.name));
(async () => {
  const saved = document.createElement("a");
  saved.href = URL.createObjectURL(new Blob(["x"]));
  saved.download = "saved.txt";
  saved.click();
  for (const name of ["geolocation", "notifications"]) {
    tried[name] = (await navigator.permissions.query({ name })).state;
  }
  tried.microphone = await opened(navigator.mediaDevices.getUserMedia({ audio: true }));
  tried.camera = await opened(navigator.mediaDevices.getUserMedia({ video: true }));
  tried.screen = await opened(navigator.mediaDevices.getDisplayMedia({ video: true }));
  const sound = new AudioContext();
  tried.sound = await soon(sound.resume().then(() => sound.state));
  tried.window = String(window.open("/window"));
  const frame = document.getElementById("frame");
  frame.addEventListener("load", () => fetch("/tried", { method: "POST", body: JSON.stringify(tried) }));
  frame.src = "ELSEWHERE";
})();
</script>"""


def policy(address: str, *, inspectable: bool = False, also: tuple[str, ...] = ()) -> str:
    """The file for a page at ``address``; ``inspectable`` lets a test look inside."""
    settings = json.loads(TEXT.replace(f"http://127.0.0.1:{Settings().kiosk.port}", address.rstrip("/")))
    settings["URLAllowlist"] += also
    if inspectable:
        settings["DeveloperToolsAvailability"] = 1
    return json.dumps(settings)


def under(text: str, folder: Path) -> str:
    """A program that runs Chromium with that policy and no other."""
    if not FOLDER.is_dir() or subprocess.run([*ALONE, "mount", "-t", "tmpfs", "none", FOLDER]).returncode:
        pytest.skip(f"not possible here: a {FOLDER} of one's own")
    (folder / "policy.json").write_text(text)
    program = folder / "chromium"
    program.write_text(
        f"#!/bin/sh\nexec {' '.join(ALONE)} sh -ec '\n"
        f"mount -t tmpfs none {FOLDER}\nmkdir -p {FOLDER}/policies/managed\n"
        f"cp {folder}/policy.json {FOLDER}/policies/managed/voice-faq.json\n"
        f'exec {chromium()} --no-sandbox "$@"\' chromium "$@"\n'
    )
    program.chmod(0o755)
    return str(program)


def launch(playwright: Playwright, text: str, folder: Path) -> Browser:
    return playwright.chromium.launch(executable_path=under(text, folder), args=[MICROPHONE], timeout=PATIENCE_MS)


@contextlib.contextmanager
def alone(program: str, folder: Path, address: str, *flags: str) -> Iterator[None]:
    """Chromium on a page, with nobody who looks inside."""
    running = subprocess.Popen(
        [program, "--headless", f"--user-data-dir={folder}/profile", MICROPHONE, *flags, address],
        env={**os.environ, "HOME": str(folder)}, cwd=folder, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@dataclass
class Site:
    """What was asked of a server, and what a page has told it."""

    address: str
    asked: list[str] = field(default_factory=list)
    told: list[Any] = field(default_factory=list)


@contextlib.contextmanager
def site(page: str = "") -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here.asked.append(self.path)
            self._answer(page if self.path == "/" else "")

        def do_POST(self) -> None:
            here.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._answer("")

        def _answer(self, text: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        here = Site(f"http://127.0.0.1:{server.server_port}")
        Thread(target=server.serve_forever, daemon=True).start()
        yield here
        server.shutdown()


def test_chromium_knows_each_policy_and_retires_none(playwright: Playwright, tmp_path: Path) -> None:
    text = policy("http://127.0.0.1:1", inspectable=True, also=("chrome://policy",))
    browser = launch(playwright, text, tmp_path)
    page = browser.new_page()
    page.goto("chrome://policy")
    page.locator("policy-row").first.wait_for(state="attached")
    found = page.locator("policy-row").evaluate_all(
        "rows => rows.map((row) => row.policy).filter(({ value }) => value !== undefined)"
    )
    browser.close()
    assert {row["name"]: row["value"] for row in found} == json.loads(text)
    assert {row["name"]: row["status"] for row in found if row["status"] != "OK"} == {}


def test_the_kiosks_page_is_there_and_hears_and_no_other_address_is(
    playwright: Playwright, server: Server, tmp_path: Path
) -> None:
    browser = launch(playwright, policy(server.address, inspectable=True), tmp_path)
    page = browser.new_page()
    page.goto(server.address)
    page.locator("#talk").click()
    wait_for_state(page, "listening")
    for address in (
        "https://example.org/", server.address.replace("127.0.0.1", "localhost"), f"view-source:{server.address}",
        "file:///etc/passwd", "data:text/html,x", "devtools://devtools/bundled/inspector.html",
    ):  # fmt: skip
        with pytest.raises(Error, match="ERR_BLOCKED_BY_ADMINISTRATOR"):
            browser.new_page().goto(address)
    browser.close()


def test_a_page_may_hear_and_play_and_nothing_else(tmp_path: Path) -> None:
    with (
        site() as elsewhere,
        site(TRIES.replace("ELSEWHERE", elsewhere.address)) as own,
        alone(under(policy(own.address), tmp_path), tmp_path, own.address),
    ):
        wait_until(lambda: own.told)
    assert own.told[0] == {
        "microphone": "open", "sound": "running", "camera": "NotAllowedError", "screen": "NotAllowedError",
        "geolocation": "denied", "notifications": "denied", "window": "null",
    }  # fmt: skip
    assert elsewhere.asked == [] and "/window" not in own.asked
    assert not list(tmp_path.rglob("saved*"))


@pytest.mark.parametrize("kept_out", [False, True])
def test_developer_tools_have_no_way_in(kept_out: bool, server: Server, tmp_path: Path) -> None:
    program = under(policy(server.address) if kept_out else "{}", tmp_path)
    ports = tmp_path / "profile" / "DevToolsActivePort"

    def pages() -> list[dict[str, str]]:
        listed = httpx.get(f"http://127.0.0.1:{ports.read_text().split()[0]}/json/list").json()
        return [one for one in listed if one["url"] == server.address]

    with alone(program, tmp_path, server.address, "--remote-debugging-port=0"):
        wait_until(lambda: ports.exists() and ports.read_text().count("\n"))
        found: list[dict[str, str]] = []
        if kept_out:
            wait_until(lambda: found.extend(pages()) or found)
            assert evaluated(found[0]["webSocketDebuggerUrl"], "1 + 1") == []
        else:  # the same is answered: it is the policy that keeps them out
            wait_until(lambda: [2] in [evaluated(page["webSocketDebuggerUrl"], "1 + 1") for page in pages()])


def evaluated(page: str, expression: str) -> list[int | None]:
    """What developer tools get to hear; nothing from a page that refuses them, or lets them in and is silent.

    None in its place where a page replies and has no value, as one that is not loaded yet.
    """
    with contextlib.suppress(websockets.InvalidStatus, TimeoutError), connect(page) as socket:
        socket.send(json.dumps({"id": 1, "method": "Runtime.evaluate", "params": {"expression": expression}}))
        reply = json.loads(socket.recv(timeout=SILENCE_S))
        return [reply.get("result", {}).get("result", {}).get("value")]
    return []
