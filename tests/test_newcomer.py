"""A newcomer's afternoon, from the wheel in an empty folder to a FAQ of their own that hears and answers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from voice_faq.evaluation.recordings import read_recorded
from voice_faq.faq import load_faq

from .browsers import PATIENCE_MS
from .conftest import DATA
from .editor.pages import editing, open_page, open_tab

pytestmark = [pytest.mark.browser, pytest.mark.recognition, pytest.mark.voice]
TABLE = DATA / "hospital.csv"
REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel, unpacked where nothing else is; what it depends on comes from this environment."""
    place = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", place, REPOSITORY], check=True)
    subprocess.run([*pip, "install", "--no-deps", "--target", place / "site", *place.glob("*.whl")], check=True)
    return place / "site"


def voice_faq(*arguments: str | Path, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "voice_faq", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr + done.stdout
    return done.stdout + done.stderr


def wait_for_job(page: Page, told: str) -> None:
    expect(page.locator("#job-text")).to_contain_text(told, timeout=5 * PATIENCE_MS)


def test_from_the_wheel_to_five_questions_asked_aloud(
    installed: Path, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(installed))
    monkeypatch.chdir(tmp_path)
    where = subprocess.run([sys.executable, "-c", "import voice_faq; print(voice_faq.__file__)"], **PRINTED).stdout
    assert Path(where.strip()).is_relative_to(installed)
    assert "升级时会被换掉" in voice_faq("import", TABLE, "--yes", code=1)
    assert "升级时会被换掉" in voice_faq("voice", "build", "ours", "--engine", "pyttsx3", code=1)

    voice_faq("init", "医院")
    answers = tmp_path / "医院"
    assert "新增 30 条" in voice_faq("import", TABLE, "--yes", "--answers", answers)
    assert len(load_faq(answers).entries) == 34
    with editing(answers) as address:
        page = open_page(browser, address)
        for question, wording in (("药房在哪里", "拿药的地方在哪"), ("儿科在哪里", "小朋友看病去几楼")):
            page.locator("#list button", has_text=question).click()
            expect(page.locator("#question")).to_have_value(question)
            page.locator("#add-wording").click()
            page.locator("#wordings input").last.fill(wording)
            page.locator("#save").click()
            expect(page.locator("#saved")).to_contain_text("保存好了")
            assert wording in [w for e in load_faq(answers).entries for w in e.wordings]
        open_tab(page, "publish")
        page.locator("#record").click()
        wait_for_job(page, "录音：做完了")
        expect(page.locator("#packs")).to_contain_text("ours")
        page.locator("#compile").click()
        wait_for_job(page, "编译语音模型：做完了")
        expect(page.locator("#model-note")).to_contain_text("一致")

    asked = read_recorded(DATA / "newcomer.tsv")
    wavs = [part for question in asked for part in ("--wav", str(question.path))]
    told = voice_faq("ask", "--json", "--no-speak", "--answers", answers, *wavs)
    turns = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    assert [turn["entry"] for turn in turns] == [question.expected for question in asked], turns
    assert [pack.name for pack in (answers / "voice").iterdir()] == ["ours"]


PRINTED: dict[str, Any] = {"capture_output": True, "text": True, "check": True}
