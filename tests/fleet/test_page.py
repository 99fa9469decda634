"""What an operator sees of the fleet, in a real Chromium."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from voice_faq.fleet.keys import make_key
from voice_faq.fleet.messages import Counts, Gaps, Health, Status
from voice_faq.fleet.state import State

from ..browsers import PATIENCE_MS, axe_violations, printing_address
from .broker import Certificates, free_port
from .simulated import sealed

pytestmark = pytest.mark.browser
TABS = ("map", "kiosks", "publish", "counts")


def fill(state: State) -> None:
    now = time.time()
    for n in range(8):
        name = f"kiosk-{n}"
        state.heard_status(name, Status(online=True, line="10号线", station=f"车站{n // 4}", version="十一月"), now)
        trouble = ("microphone",) if n == 3 else ()
        state.heard_health(name, Health(trouble=trouble, kiosk={"memory_mb": 400}), now)
        rows = (("answer", "refund", 90 + n), ("reject", "", 10))
        state.heard_counts(name, Counts(source="0" * 16, day=date.today().isoformat(), rows=rows), now)
    state.heard_status("kiosk-7", Status(online=False), now)
    state.heard_gaps("kiosk-1", Gaps(rows=(("能不能带自行车", 6),)))


@contextlib.contextmanager
def serving(tmp: Path) -> Iterator[str]:
    """The page's address; there is no broker, which is no reason not to see what is known."""
    certificates = Certificates(tmp / "certs")
    certificate, private = certificates.make("control")
    key = make_key(tmp / "operator.key", "运营部")
    sealed(tmp, key, "十二月")
    with contextlib.closing(State(tmp / "state")) as state:
        fill(state)
    settings = {
        "BROKER": "localhost", "BROKER_PORT": free_port(), "CA": certificates.ca, "CERTIFICATE": certificate,
        "PRIVATE_KEY": private, "STATE_DIR": tmp / "state", "ARCHIVES_DIR": tmp / "archives",
        "TRUSTED_KEYS": f'["{key.public}"]',
    }  # fmt: skip
    env = os.environ | {f"VOICE_FAQ_FLEET__{name}": str(value) for name, value in settings.items()}
    with printing_address([sys.executable, "-m", "voice_faq", "fleet", "serve"], env) as address:
        yield address


def test_trouble_is_seen_a_kiosk_is_told_and_a_content_published(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path) as address:
        page = browser.new_page(viewport={"width": 1300, "height": 1000})
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: pytest.fail(f"error in the page: {error}"))
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(address)
        expect(page.locator("body[data-ready]")).to_be_attached()
        expect(page.locator("#summary")).to_contain_text("8 台终端：正常 6，有故障 1，失联 1")
        for tab in TABS:
            page.locator(f"[data-tab={tab}]").click()
            expect(page.locator(f"#tab-{tab}")).to_be_visible()
            assert axe_violations(page, color_contrast_enhanced=True) == [], tab

        # From the map to the kiosk, by keys alone.
        page.locator("[data-tab=map]").click()
        page.get_by_role("button", name="kiosk-3：有故障").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#kiosks tr")).to_have_count(1)
        expect(page.locator("#kiosks")).to_contain_text("麦克风")
        page.get_by_label("选中 kiosk-3").check()
        page.locator("#question").fill("怎么退卡")
        page.locator("#question").press("Enter")
        expect(page.locator("#commands")).to_contain_text("kiosk-3　试问 怎么退卡　在等应答")

        page.locator("[data-tab=counts]").click()
        expect(page.locator("#days")).to_contain_text("828")
        expect(page.locator("#gaps")).to_contain_text("能不能带自行车　6 次，1 台终端")

        page.locator("[data-tab=publish]").click()
        page.get_by_label(re.compile("十二月（签名 运营部")).check()
        page.locator("#publish-button").click()
        expect(page.locator("#rollout")).to_contain_text("十二月：准备中")
        page.close()


def test_a_stranger_sees_nothing(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path) as address:
        page = browser.new_page()
        page.goto(address.partition("#")[0])
        expect(page.locator("#notice")).to_contain_text("要从终端里打印的地址打开")
        answer = page.request.post(address.partition("#")[0] + "api/overview", data="{}")
        assert answer.status == 403
        page.close()
