"""The command line: parse, call, print; a module a topic.

Only what ``--help`` needs is imported at the top of these modules; each command imports what it needs when it runs.
"""

from voice_faq.cli.entry import main

__all__ = ["main"]
