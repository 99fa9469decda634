"""``python -m tests.authoring.killed save|import|init FOLDER``: kills children in many places of what they do.

Prints how many left the old state and how many the new one; fails for anything else.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from voice_faq.authoring.folder import AnswersFolder
from voice_faq.authoring.importing import plan_import
from voice_faq.authoring.starting import start_folder
from voice_faq.authoring.tables import read_table
from voice_faq.faq import load_faq

from ..killing import LineCounter

PLACES = 50
TRACED = tuple(
    f"{os.sep}{name}.py" for name in ("authoring/saving", "authoring/folder", "authoring/starting", "voice_faq/files")
)
TABLE = "问题,答案\n停车场在哪里,停车场在地下一层。\n几点关门呢,下午五点关门。\n".encode()


def save(folder: Path) -> None:
    own = AnswersFolder(folder)
    own.save_entry("restroom", own.document().entry("restroom"), {"answer": "在楼上。"})


def take_over(folder: Path) -> None:
    own, table = AnswersFolder(folder), read_table("表.csv", TABLE)
    own.change("导入", lambda document: plan_import(document, table).applied(document))


def start(folder: Path) -> None:
    start_folder(folder)


ACTIONS: dict[str, Callable[[Path], None]] = {"save": save, "import": take_over, "init": start}


def run(action: Callable[[Path], None], folder: Path, at: int) -> int:
    """Lines that were run; the process does not come back where it is killed before that."""
    counter = LineCounter(at, TRACED)
    sys.settrace(counter)
    try:
        action(folder)
    finally:
        sys.settrace(None)
    return counter.seen


def main(what: str, work: Path) -> None:
    action = ACTIONS[what]
    template = start_folder(work / "template")
    fresh = work / "fresh"

    def prepare() -> None:
        shutil.rmtree(fresh, ignore_errors=True)
        if what != "init":
            shutil.copytree(template, fresh)

    def state() -> bytes:
        file = fresh / "faq.yaml"
        return file.read_bytes() if file.exists() else b""

    prepare()
    old = state()
    lines = run(action, fresh, at=-1)
    new = state()
    counts = {old: 0, new: 0}
    for place in range(PLACES + 1):
        prepare()
        at = 1 + place * lines // PLACES
        child = os.fork()
        if child == 0:
            run(action, fresh, at)
            os._exit(0)
        os.waitpid(child, 0)
        found = state()
        assert found in counts, f"half a state after line {at} of {lines}"
        counts[found] += 1
        if not found:
            assert not fresh.exists()
        elif place % 10 == 0:  # it goes on as if nothing had been
            action_again = AnswersFolder(fresh)
            action_again.change("再来", lambda document: document.with_entry("staff", {"answer": "在那里。"}))
            assert not list(fresh.glob(".*.part")), "what was half written was not cleared away"
            load_faq(fresh)
    print(counts[old], counts[new])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
