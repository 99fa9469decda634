"""``python -m voice_faq``."""

from voice_faq.cli import main

main()
