"""Step ``package``: a complete Vosk model folder, put in place at once."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from .export import export_acoustic_model
from .features import MFCC_CONF
from .topology import SILENCE_PHONE, word_boundaries

MODEL_CONF: Final = (
    "--min-active=200\n--max-active=3000\n--beam=12.0\n--lattice-beam=4.0\n--acoustic-scale=1.0\n"
    f"--frame-subsampling-factor=3\n--endpoint.silence-phones={SILENCE_PHONE}\n"
)


def package_model(checkpoint: Path, graph: Path, target: Path, *, blank_bias: float) -> None:
    """``graph`` is a folder with HCLG.fst and words.txt; an older ``target`` is replaced."""
    work = target.with_name(f".{target.name}.part")
    shutil.rmtree(work, ignore_errors=True)
    for name in ("am", "conf", "graph/phones"):
        (work / name).mkdir(parents=True)
    (work / "am/final.mdl").write_bytes(export_acoustic_model(checkpoint, blank_bias=blank_bias))
    (work / "conf/mfcc.conf").write_text(MFCC_CONF)
    (work / "conf/model.conf").write_text(MODEL_CONF)
    (work / "graph/phones/word_boundary.int").write_text(word_boundaries())
    for name in ("HCLG.fst", "words.txt"):
        shutil.copyfile(graph / name, work / "graph" / name)
    shutil.rmtree(target, ignore_errors=True)
    work.rename(target)
    size = sum(f.stat().st_size for f in target.rglob("*") if f.is_file())
    print(f"{target}: {size / 2**20:.1f} MiB")
