"""The kiosk from its start to its end: content, server, browser, watchdog, log."""

from __future__ import annotations

import logging
from collections.abc import Callable

from voice_faq.errors import SettingsError
from voice_faq.gaps.opening import open_asked, open_counts
from voice_faq.kept_settings import KeptSettings
from voice_faq.kiosk.browser import BrowserKeeper
from voice_faq.kiosk.loading import ContentLoader, MakeRecognizer, refusal, vosk
from voice_faq.kiosk.metrics import Metrics, open_metrics
from voice_faq.kiosk.parts import Kiosk, check_page_settings
from voice_faq.kiosk.server import make_app
from voice_faq.kiosk.settings_watching import SettingsWatch
from voice_faq.kiosk.starts import Starts
from voice_faq.kiosk.watchdog import Systemd, Watchdog
from voice_faq.kiosk.watching import EVERY_S, ContentWatch
from voice_faq.settings import Settings
from voice_faq.web import serve, set_up_log

log = logging.getLogger(__name__)


def run_kiosk(
    settings: Settings,
    ready: Callable[[str], None],
    *,
    browser: str | None = None,
    mistake: SettingsError | None = None,
    kept: KeptSettings | None = None,
    make_recognizer: MakeRecognizer = vosk,
    look_every_s: float = EVERY_S,
) -> None:
    """Serve until Ctrl-C or SIGTERM; ``ready`` is told the page's address once it can be opened.

    ``browser`` is a Chromium to keep open on the page, ``mistake`` that of a settings file for which older ``settings``
    stand in; ``kept`` knows that file. Raises VoiceFaqError where the kiosk cannot start: for a port in use, or answers
    with mistakes of which no good copy is kept.
    """
    systemd = Systemd.of_environment()
    set_up_log(as_json=settings.kiosk.log_json)
    left_out = [refusal("settings", mistake)] if mistake is not None else []
    try:
        check_page_settings(settings)
    except SettingsError as error:
        settings = settings.model_copy(update={"kiosk": settings.kiosk.model_copy(update={"logo": None})})
        left_out.append(refusal("settings", error))
    starts = Starts(settings.state_dir)
    starts.begin()
    loader = ContentLoader(settings, make_recognizer, cautious=starts.failed_before)
    content, refused = loader.first()
    left_out += loader.left_out
    for setting in left_out:
        log.warning("设置有错，这一次没有用它。%s", setting.error)
    for change in refused:
        log.warning("有错，暂时用最后一份好的内容代替。%s", change.error)
    kiosk = Kiosk(settings, content, refused=refused, left_out=left_out)
    kiosk.vitals.restarts = starts.restarts
    metrics: Metrics | None = open_metrics(kiosk)
    recorders = [recorder for recorder in (open_counts(settings), open_asked(settings, content.faq)) if recorder]
    for recorder in recorders:
        kiosk.observers.add(recorder)
    keeper: BrowserKeeper | None = None

    def listening(address: str) -> None:
        nonlocal keeper
        starts.ready()
        ready(address)
        if browser is not None:
            keeper = BrowserKeeper(browser, address)
            kiosk.vitals.browser_restarts = lambda kept=keeper: max(0, kept.starts - 1)  # type: ignore[misc]
            watchdog.watch_browser(keeper)
            keeper.open()

    watchdog = Watchdog(kiosk, systemd)
    watch = ContentWatch(kiosk, loader, every_s=look_every_s)
    background = [watchdog.run, watch.run]
    if kept is not None:
        background.append(SettingsWatch(kiosk, kept).run)
    app = make_app(kiosk, metrics=metrics, background=background)
    try:
        serve(app, port=settings.kiosk.port, ready=listening)
    finally:
        if keeper is not None:
            keeper.close()
        for recorder in recorders:
            recorder.close()
        starts.end()
