"""The order of the packages, as pyproject.toml has it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_no_stop_knows_those_after_it_and_none_imports_in_a_circle() -> None:
    # A process of its own: it sets up logging for itself.
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
