"""The recipe is no part of the package: it is run in the folder ``models``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "models"))
