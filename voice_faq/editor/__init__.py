"""The editor: a page for those who write the answers, served to this machine alone."""

from voice_faq.editor.desk import Desk, open_editor
from voice_faq.editor.server import serve

__all__ = ["Desk", "open_editor", "serve"]
