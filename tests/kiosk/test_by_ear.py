"""Five tasks with the screen black: what is pressed follows from what our own recogniser makes of what is heard."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, Playwright

from voice_faq.audio.recording import Recording, read_recording, resampled, write_wav
from voice_faq.dialogue.assistant import recognize
from voice_faq.dialogue.guide import SENTENCES, groups
from voice_faq.evaluation.transcripts import character_errors, error_rate
from voice_faq.faq import Faq
from voice_faq.language.sounds import syllables
from voice_faq.recognition import VoskRecognizer
from voice_faq.settings import Settings
from voice_faq.speech.pack import PackVoice, VoicePack, pack_folder

from ..browsers import LEAD_S, RATE, TAIL_S, launch, question_file, spoken_s
from .pages import Server, open_page, played

pytestmark = pytest.mark.browser
QUIET_MS = 2_000  # after which what was said is over
ALIKE = 0.35  # share of characters that may be heard otherwise


class Blind:
    """A rider with a keyboard and ears."""

    def __init__(self, page: Page, recognizer: VoskRecognizer) -> None:
        self._page = page
        self._recognizer = recognizer
        self.seconds = 0.0
        """How long the last thing was that was heard."""
        page.evaluate("() => { document.documentElement.style.opacity = 0; }")

    def press(self, key: str, *, listen: bool = True) -> str:
        """What is heard after a key."""
        since = self._page.evaluate("performance.now()")
        self._page.wait_for_timeout(450)  # a finger needs as long
        self._page.keyboard.press(key)
        return self.hear(since) if listen else ""

    def hear(self, since: float) -> str:
        self._page.wait_for_function(
            "([since, quiet]) => hasSpoken(since, quiet)", arg=[since, QUIET_MS], timeout=90_000
        )
        recording, _ = played(self._page, since)
        loud = np.flatnonzero(np.abs(recording.samples.astype(int)) > 300)
        self.seconds = float(loud[-1] - loud[0]) / recording.rate
        return recognize(self._recognizer, recording).transcript

    def ask(self, seconds: float) -> str:
        """Press, say it, press again; what is heard then."""
        since = self._page.evaluate("performance.now()")
        self._page.keyboard.press("Space")
        self._page.wait_for_function("since => hasSpoken(since, 0)", arg=since)  # the earcon
        self._page.wait_for_timeout(seconds * 1000 + 500)
        return self.press("Space")

    def walk_to(self, wanted: str, among: Iterable[str], key: str = "ArrowDown") -> None:
        """Until what is heard is more like ``wanted`` than like all else that there is."""
        names = list(among)
        for _ in range(12):
            if nearest(self.press(key), names) == wanted:
                return
        pytest.fail(f"never heard: {wanted}")


def nearest(heard: str, names: list[str]) -> str:
    """The name that sounds most like the end of what was heard; a number stands before it."""

    def unlike(name: str) -> float:
        sounds, end = syllables(name), syllables(heard)[-len(syllables(name)) :]
        return error_rate([character_errors(" ".join(sounds), " ".join(end))])

    return min(names, key=unlike)


def said(text: str, heard: str) -> bool:
    return error_rate([character_errors(text, heard)]) < ALIKE


def test_ask_repeat_slower_browse_and_end(
    playwright: Playwright, server: Server, faq: Faq, recognizer: VoskRecognizer, tmp_path: Path
) -> None:
    browser = launch(playwright, question_file("canonical-validity", tmp_path))
    page = open_page(browser, server.address)
    rider = Blind(page, recognizer)

    answer = rider.ask(spoken_s("canonical-validity"))
    assert said(faq.entry("validity").answer, answer), answer
    at_first = rider.seconds

    rider.press("2")  # 慢一点
    rider.press("2")
    slower = rider.press("1")  # 再听一遍
    assert said(faq.entry("validity").answer, slower), slower
    assert rider.seconds > 1.2 * at_first

    rider.press("Escape", listen=False)
    rider.walk_to("乘车", groups(faq))
    rider.press("Enter")
    questions = [entry.question for entry in faq.entries if entry.group == "乘车"]
    rider.walk_to(faq.entry("network").question, questions)
    answer = rider.press("Enter")
    assert said(faq.entry("network").answer, answer), answer

    controls = ["repeat", "slower", "faster", "louder", "quieter", "details", "browse", "finish"]
    rider.walk_to("结束", [SENTENCES[name] for name in controls], "ArrowUp")
    ended = rider.press("Enter")
    assert "结束" in ended, ended
    assert page.evaluate("document.body.dataset.state") == "attract"
    browser.close()


def test_choose(
    playwright: Playwright, server: Server, faq: Faq, recognizer: VoskRecognizer, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "ambiguous.wav"
    pack = VoicePack.read(pack_folder(settings.answers, "yunyang"))
    (clause,) = PackVoice(pack, faq.pronunciations, None).speak("退卡")
    question = resampled(read_recording(clause.file), RATE).samples if clause.file else clause.recording.samples
    silence = [np.zeros(int(s * RATE), np.int16) for s in (LEAD_S, TAIL_S)]
    write_wav(file, Recording(np.concatenate([silence[0], question, silence[1]]), RATE))
    browser = launch(playwright, file)
    page = open_page(browser, server.address)
    rider = Blind(page, recognizer)
    offered = rider.ask(LEAD_S + len(question) / RATE)
    both = {name: faq.entry(name).question for name in ("refund", "damaged-device")}
    # Whatever comes first was said first.
    first = min(both, key=lambda name: offered.find(both[name][-4:]) % 1_000)
    assert any(both[name][-4:] in offered for name in both), offered
    answer = rider.press("1")
    assert said(faq.entry(first).answer, answer), answer
    browser.close()
