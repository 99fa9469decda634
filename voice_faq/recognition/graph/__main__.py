"""``python -m voice_faq.recognition.graph ANSWERS GENERAL TARGET``: the process that compiles a graph.

``building`` starts it, apart from recognition, which goes on meanwhile.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from voice_faq.errors import VoiceFaqError
from voice_faq.faq import load_faq
from voice_faq.recognition.graph.compiling import build_graph
from voice_faq.recognition.graph.general_ngrams import read_general
from voice_faq.recognition.graph.language_model import build_language_model


def main() -> None:
    """Compile and write the graph's files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("answers", type=Path)
    parser.add_argument("general", type=Path)
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    try:
        build_graph(
            build_language_model(load_faq(arguments.answers), read_general(arguments.general)), arguments.target
        )
    except VoiceFaqError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
