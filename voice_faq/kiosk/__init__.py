"""The kiosk's page and its small server: ``voice-faq kiosk``.

``page/`` is what the browser gets, plain modules without a build step. ``server`` hands it out and opens a ``Session``
for every page; ``messages`` is what a page may say; ``parts`` is what all pages share. What any local page needs lies
in ``voice_faq.web``. Recorded answers go to the page as the voice pack's own files.

What it answers with is a ``Content``, which ``loading`` opens, ``watching`` renews while the kiosk runs, and ``kept``
keeps for the next start; ``running`` puts all together. ``health``, ``metrics`` and ``watchdog`` tell how it is,
``units`` and ``installing`` are for systemd.
"""

from voice_faq.kiosk.parts import Kiosk, open_kiosk
from voice_faq.kiosk.running import run_kiosk
from voice_faq.kiosk.server import make_app, serve

__all__ = ["Kiosk", "make_app", "open_kiosk", "run_kiosk", "serve"]
