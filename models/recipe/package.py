"""Step ``package``: a complete Vosk model folder, put in place at once."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from voice_faq.recognition.graph.building import compile_graph
from voice_faq.recognition.graph.general_counts import COUNTS_FILE
from voice_faq.recognition.graph.topology import SILENCE_PHONE, word_boundaries

from .export import export_acoustic_model
from .features import MFCC_CONF

MODEL_CONF: Final = (
    "--min-active=200\n--max-active=3000\n--beam=16.0\n--lattice-beam=7.0\n--acoustic-scale=2.0\n"
    f"--frame-subsampling-factor=3\n--endpoint.silence-phones={SILENCE_PHONE}\n"
)


def package_model(checkpoint: Path, counts: Path, answers: Path, target: Path, *, blank_bias: float) -> None:
    """``counts`` are those of general Mandarin; an older ``target`` is replaced."""
    work = target.with_name(f".{target.name}.part")
    shutil.rmtree(work, ignore_errors=True)
    for name in ("am", "conf", "graph/phones"):
        (work / name).mkdir(parents=True)
    (work / "am/final.mdl").write_bytes(export_acoustic_model(checkpoint, blank_bias=blank_bias))
    (work / "conf/mfcc.conf").write_text(MFCC_CONF)
    (work / "conf/model.conf").write_text(MODEL_CONF)
    (work / "graph/phones/word_boundary.int").write_text(word_boundaries())
    shutil.copyfile(counts, work / COUNTS_FILE)
    compile_graph(answers, work)
    shutil.rmtree(target, ignore_errors=True)
    work.rename(target)
    size = sum(f.stat().st_size for f in target.rglob("*") if f.is_file())
    print(f"{target}: {size / 2**20:.1f} MiB")
