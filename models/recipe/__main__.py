"""``python -m recipe``: one command a step, each can be run again after a stop.

Run it in the folder ``models`` with ``pip install voice-faq[train]``. The graph step must be a process of
its own, as kaldifst and vosk cannot share one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)

Corpora = Annotated[list[Path], typer.Argument(help="Corpus folders, see recipe/corpus.py.")]
Voices = Annotated[Path, typer.Option(help="Folder of Kokoro's *.bin style tables (npm: kokoro-js, voices/).")]
Answers = Annotated[Path, typer.Option(help="The FAQ whose wordings the model is to know.")]
DEFAULT_ANSWERS = Path(__file__).parents[2] / "answers"


@app.command()
def synthesize(
    corpus: Annotated[Path, typer.Argument(help="A corpus whose general sentences are spoken too.")],
    target: Annotated[Path, typer.Argument(help="Folder for the new clips.")],
    voices: Voices,
    answers: Answers = DEFAULT_ANSWERS,
    hours: Annotated[float, typer.Option(help="Hours of speech for this part.")] = 1.0,
    part: int = 0,
    parts: Annotated[int, typer.Option(help="Processes that share the work; start one for each part.")] = 1,
    seed: int = 1,
) -> None:
    """Speak FAQ wordings and general sentences with voices that nobody has."""
    from voice_faq.faq import load_faq

    from .synthesize import synthesize_corpus
    from .texts import speakable, texts_to_speak

    wordings = [w for e in load_faq(answers).entries for w in e.all_wordings]
    texts = texts_to_speak(speakable(wordings), corpus, count=int(hours * parts * 3000), seed=seed)
    synthesize_corpus(texts, target, voices, seed=seed, part=part, parts=parts, hours=hours)


@app.command()
def train(
    corpora: Corpora,
    checkpoint: Annotated[Path, typer.Option(help="Goes on from it when it exists.")] = Path("work/model.pt"),
    frame_epochs: int = 12,
    ctc_epochs: int = 30,
    threads: int = 2,
    start_from: Annotated[Path | None, typer.Option(help="Weights to begin with; then --frame-epochs 0.")] = None,
) -> None:
    """Train the acoustic model."""
    import torch

    from .corpus import read_corpus
    from .network import NetworkSize
    from .train import Schedule, Training
    from .units import UNITS

    torch.set_num_threads(threads)
    clips = [clip for folder in corpora for clip in read_corpus(folder)]
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    schedule = Schedule(frame_epochs=frame_epochs, ctc_epochs=ctc_epochs)
    Training(clips, checkpoint, schedule, NetworkSize(outputs=len(UNITS) + 1), start_from).run()


@app.command()
def graph(
    corpus: Annotated[Path, typer.Argument(help="A corpus whose general sentences are counted too.")],
    target: Annotated[Path, typer.Argument(help="Folder for HCLG.fst and words.txt.")],
    answers: Answers = DEFAULT_ANSWERS,
) -> None:
    """Count the language model and compose the decoding graph."""
    from voice_faq.faq import load_faq

    from .graph import build_graph
    from .language_model import build_language_model
    from .texts import corpus_sentences, news_clauses, review_clauses

    general = [*corpus_sentences(corpus, "general"), *news_clauses(), *review_clauses()]
    build_graph(build_language_model(load_faq(answers), general), target)


@app.command()
def package(
    checkpoint: Path,
    graph_folder: Annotated[Path, typer.Argument(metavar="GRAPH")],
    target: Path,
    blank_bias: Annotated[float, typer.Option(help="Added to the blank's logit; below 0: fewer deletions.")] = 0.0,
) -> None:
    """Export the network and put a complete Vosk model in place."""
    from .package import package_model

    package_model(checkpoint, graph_folder, target, blank_bias=blank_bias)


@app.command()
def weights(checkpoint: Path, target: Path) -> None:
    """Publish a checkpoint's network in half precision; ``train --start-from`` goes on from it."""
    from .train import save_weights

    save_weights(checkpoint, target)


@app.command()
def recordings(table: Path, voices: Voices, work: Path = Path("work")) -> None:
    """Speak the lines of a recordings table that have no file yet."""
    from .recordings import make_recordings

    make_recordings(table, voices, work)


@app.command()
def measure(model: Path, table: Path) -> None:
    """Character error rate of a model on a recordings table."""
    from .measure import measure_model

    measure_model(model, table)


if __name__ == "__main__":
    app()
