"""The recipe's parts that need neither torch nor a corpus; the shipped model is the proof of the rest."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import kaldi_native_fbank
import numpy as np
import pytest
from recipe.calibrate import fit_calibration, reliability
from recipe.disguise import random_disguise
from recipe.features import MFCC_CONF, mfcc, without_mean
from recipe.general_text import read_sentences
from recipe.kaldi_io import KaldiWriter
from recipe.open_gram import general_ngrams
from recipe.prior import prior_biases, unit_prior

from voice_faq.recognition.graph.topology import (
    PHONE_IDS,
    TRANSITION_COUNT,
    TRANSITIONS,
    positional,
    self_loops,
    word_boundaries,
)
from voice_faq.recognition.graph.units import UNITS, UnknownSoundError, syllable_units, text_units

MODEL = Path(__file__).parents[2] / "models/voice-faq-cn"


def test_training_sees_the_features_that_kaldi_computes() -> None:
    options = kaldi_native_fbank.MfccOptions()
    options.frame_opts.dither = 0
    options.frame_opts.samp_freq = 16_000
    options.mel_opts.num_bins = options.num_ceps = 40
    options.mel_opts.low_freq, options.mel_opts.high_freq = 20, -400
    options.use_energy = False
    samples = (np.random.default_rng(0).normal(size=16_000) * 1000).astype(np.float32)
    reference = kaldi_native_fbank.OnlineMfcc(options)
    reference.accept_waveform(16_000, samples.tolist())
    reference.input_finished()
    expected = np.stack([reference.get_frame(i) for i in range(reference.num_frames_ready)])
    assert np.abs(mfcc(samples) - expected).max() < 1e-3
    assert mfcc(samples[:100]).shape == (0, 40)


def test_the_shipped_model_expects_these_features() -> None:
    assert (MODEL / "conf/mfcc.conf").read_text() == MFCC_CONF
    assert (MODEL / "graph/phones/word_boundary.int").read_text() == word_boundaries()


@pytest.mark.parametrize(
    ("syllable", "units"),
    [
        ("zhi1", ("zh", "iy1")),
        ("si4", ("s", "ii4")),
        ("xue2", ("x", "ve2")),
        ("lüe4", ("l", "ve4")),
        ("er2", ("er2",)),
        ("yu3", ("y", "v3")),
        ("ma", ("m", "a5")),
        ("ng4", ("en4",)),
    ],
)
def test_syllables_are_cut_into_units(syllable: str, units: tuple[str, ...]) -> None:
    assert syllable_units(syllable) == units


def test_brand_words_sound_as_riders_say_them_and_nonsense_is_refused() -> None:
    assert text_units("刷iPhone") == ["sh", "ua1", "ai4", "f", "ong1"]
    with pytest.raises(UnknownSoundError):
        text_units("qwx")


def test_every_transition_id_is_used_once_and_loops_belong_to_their_states() -> None:
    used = sorted(
        i for t in TRANSITIONS.values() for i in (t.loop, t.to_blank, t.leave, t.blank_loop, t.blank_leave) if i
    )
    assert used == list(range(1, TRANSITION_COUNT + 1))
    loops = self_loops()
    unit = TRANSITIONS[PHONE_IDS["a1_S"]]
    assert loops[unit.leave] == (unit.loop, unit.blank_loop)
    assert loops[TRANSITIONS[PHONE_IDS["SIL"]].leave] == (TRANSITIONS[PHONE_IDS["SIL"]].loop,)


def test_phones_are_marked_by_their_place_in_the_word() -> None:
    names = {number: phone for phone, number in PHONE_IDS.items()}
    assert [names[p] for p in positional(("k", "a3"))] == ["k_B", "a3_E"]
    assert [names[p] for p in positional(("er2",))] == ["er2_S"]


def test_matrices_survive_compression() -> None:
    matrix = np.random.default_rng(1).normal(size=(300, 20))
    out = KaldiWriter()
    out.matrix(matrix)
    data = out.getvalue()
    assert data.startswith(b"\0BCM ")
    low, span, rows, columns = struct.unpack("<ffii", data[5:21])
    marks = np.frombuffer(data[21:], "<u2", columns * 4).reshape(columns, 4)
    codes = np.frombuffer(data[21 + columns * 8 :], np.uint8).reshape(columns, rows)
    knots = low + span * marks / 65535
    read = np.stack([np.interp(c, (0, 64, 192, 255), k) for c, k in zip(codes, knots, strict=True)], 1)
    assert read.shape == matrix.shape
    assert np.abs(read - matrix).mean() < 0.01


def test_the_mean_of_what_was_heard_before_is_taken_away() -> None:
    rng = np.random.default_rng(1)
    heard, average = rng.normal(5, 3, size=(1_400, 4)).astype(np.float32), np.arange(4.0)
    found = without_mean(heard, average)
    for place in (0, 5, 399, 400, 599, 600, 1_399):
        before = heard[max(0, place - 599) : place + 1]
        others = min(200, 600 - len(before))
        mean = (before.sum(0) + others * average) / (len(before) + others)
        assert found[place] == pytest.approx(heard[place] - mean, abs=1e-4), place


def test_vosk_is_told_of_the_mean_where_the_network_wants_none() -> None:
    torch = pytest.importorskip("torch")
    from recipe.export import export_average
    from recipe.network import AcousticNetwork, NetworkSize

    for wanted in (False, True):
        size = NetworkSize(width=8, bottleneck=4, layers=1, wide_steps=(), outputs=7, without_mean=wanted)
        network = AcousticNetwork(size)
        network.average.copy_(torch.arange(40.0))
        content = export_average(network)
        if not wanted:
            assert content is None
            continue
        assert content is not None and content.startswith(b"\0BDM ")
        assert struct.unpack("<bibi", content[5:15]) == (4, 2, 4, 41)
        sums = np.frombuffer(content[15:], "<f8").reshape(2, 41)
        assert sums[0, :40] / sums[0, 40] == pytest.approx(np.arange(40.0))


def test_a_grown_network_computes_almost_the_same() -> None:
    torch = pytest.importorskip("torch")
    from recipe.network import AcousticNetwork, NetworkSize, grown

    torch.manual_seed(0)
    small = AcousticNetwork(NetworkSize(width=24, bottleneck=10, layers=2, wide_steps=(), outputs=7)).eval()
    large = grown(small, NetworkSize(width=40, bottleneck=16, layers=2, wide_steps=(2,), outputs=7)).eval()
    features = torch.randn(1, 60, 40)
    more = large.size.context - small.size.context
    assert more == 6
    logits = small(features[:, more:-more])[0].flatten(), large(features)[0].flatten()
    assert torch.corrcoef(torch.stack(logits))[0, 1] > 0.95
    with pytest.raises(ValueError, match="shrink"):
        grown(large, small.size)


TSLMINFO = """#!/bin/sh
cat <<'END'
\\0-gram\\1
  0.000005 0.0000001 (0,0)
\\1-gram\\5
  1  0.20  1.0 (0,0)
  2  0.40  1.0 (0,0)
  3  0.20  1.0 (0,0)
  4  0.10  1.0 (0,0)
  5  0.10  1.0 (0,0)
\\2-gram\\5
  1  2  0.50  1.0 (0,0)
  2  3  0.60  1.0 (0,0)
  2  5  0.05  1.0 (0,0)
  3  1  0.70  1.0 (0,0)
  4  2  0.90  1.0 (0,0)
\\3-gram\\1
  1  2  3  0.9 (0,0)
END
"""


def test_open_gram_is_cut_down_to_what_matters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["", "。", "今天", "天气", "①", "好"]
    for mark in "，；？！：":
        names.append(mark)
    header = struct.pack("<III", len(names), 0, 12)
    (tmp_path / "pydict_sc.bin").write_bytes(header + "".join(n + "\0" for n in names).encode("utf-32-le"))
    tool = tmp_path / "tslminfo"
    unigrams = "".join(f"  {i}  0.0001  1.0 (0,0)\n" for i in range(6, 11))
    tool.write_text(TSLMINFO.replace("\\2-gram", unigrams + "\\2-gram"))
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    ngrams = general_ngrams(tmp_path, words=10, ngrams=4)

    assert {"今天", "天气", "好", "</s>", "鑫"} <= set(ngrams[()])  # rare characters are words, too
    assert not {"。", "①", "，"} & set(ngrams[()])  # neither marks nor symbols are
    assert sum(ngrams[()].values()) == pytest.approx(1)
    assert ngrams[("今天",)] == {"天气": 0.6}  # 好 is not likelier after 今天 than elsewhere
    assert ngrams[("天气",)] == {"</s>": 0.7}
    assert ngrams[("<s>",)].keys() == {"今天"}
    assert ngrams[("<s>", "今天")].keys() == {"天气"}

    mixed = general_ngrams(tmp_path, words=10, ngrams=20, texts=[(0.5, ["天气好", "天气好", "今天好"])])

    assert mixed[("天气",)]["好"] > 0.1  # Open-Gram has never seen it
    assert mixed[("今天",)]["天气"] < 0.6
    for history, row in mixed.items():
        assert sum(row.values()) < 1 + 1e-9, history


def test_sentences_that_are_kept_for_development_are_in_no_language_model(tmp_path: Path) -> None:
    rows = [
        ("天气很好", "A", "train"),
        ("天气不好", "B", "dev"),
        ("天气一般", "AISHELL1-S0252", ""),
        ("天气不好", "A", "train"),
    ]
    header = "archive\tfile\ttranscript\tspeaker\tkind\tseconds\tlicence\tpart\n"
    lines = "".join(f"\tx.opus\t{text}\t{speaker}\tsentence\t1.0\tCC0\t{part}\n" for text, speaker, part in rows)
    (tmp_path / "human-readers.tsv").write_text(header + lines, encoding="utf-8")

    assert list(read_sentences(tmp_path)) == ["天气很好"]


def test_frequent_units_lose_and_units_as_a_whole_keep_what_they_have_over_the_blank() -> None:
    prior = unit_prior({(): {"的": 0.5, "地": 0.2, "北京": 0.2, "</s>": 0.1}})
    expected = {"d": 0.7, "e5": 0.5, "i4": 0.2, "b": 0.2, "j": 0.2, "ing1": 0.2}  # 地 by its first reading, di4
    assert prior.sum() == pytest.approx(1)
    for unit, frequency in expected.items():
        assert prior[UNITS.index(unit)] == pytest.approx(frequency / 2.2, abs=0.02), unit
    biases = prior_biases(prior, 0.4)
    assert biases[UNITS.index("d")] < biases[UNITS.index("b")] < biases[UNITS.index("q")]
    assert biases[UNITS.index("d")] - biases[UNITS.index("b")] == pytest.approx(-0.4 * np.log(0.7 / 0.2), abs=0.02)
    assert (prior * biases).sum() == pytest.approx(0)
    assert not prior_biases(prior, 0).any()


def test_the_exported_output_has_the_biases() -> None:
    pytest.importorskip("torch")
    from recipe.export import export_acoustic_model
    from recipe.network import AcousticNetwork, NetworkSize

    network = AcousticNetwork(NetworkSize(width=16, bottleneck=8, layers=1, outputs=len(UNITS) + 1))
    biases = np.linspace(-1, 1, len(UNITS))
    exported = export_acoustic_model(network, blank_bias=-3.0, unit_biases=biases)
    wanted = network.ctc_head.bias.detach().numpy() + np.concatenate([[-3.0], biases])
    output = exported[exported.rindex(b"<BiasParams>") :]
    assert np.allclose(np.frombuffer(output, "<f4", len(wanted), output.index(b"FV ") + 8), wanted, atol=1e-6)


def test_a_training_goes_on_from_the_published_model(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from recipe.export import export_acoustic_model, export_average
    from recipe.network import AcousticNetwork, NetworkSize
    from recipe.prior import BLANK_BIAS, PRIOR_POWER
    from recipe.published import learn_statistics
    from recipe.train import load_network

    from voice_faq.recognition.graph.general_ngrams import GENERAL_FILE, read_general, write_general

    size = NetworkSize(width=48, bottleneck=24, layers=2, wide_steps=(2, 3), outputs=len(UNITS) + 1, without_mean=True)
    network = AcousticNetwork(size).eval()
    generator = torch.Generator().manual_seed(1)
    network.average.copy_(torch.arange(40.0))
    for name, value in network.state_dict().items():
        if "running_mean" in name or "norm.bias" in name:
            value.copy_(torch.randn(value.shape, generator=generator))
        elif "running_var" in name or "norm.weight" in name:
            value.copy_(torch.rand(value.shape, generator=generator) + 0.5)
    (tmp_path / "am").mkdir()
    write_general({(): {"读": 0.6, "不": 0.4}}, tmp_path / GENERAL_FILE)
    biases = prior_biases(unit_prior(read_general(tmp_path / GENERAL_FILE)), PRIOR_POWER)
    exported = export_acoustic_model(network, blank_bias=BLANK_BIAS, unit_biases=biases)
    (tmp_path / "am/final.mdl").write_bytes(exported)
    (tmp_path / "am/global_cmvn.stats").write_bytes(export_average(network) or b"")
    read = load_network(tmp_path)
    assert read.size == size
    assert torch.allclose(read.average, network.average)
    features = torch.randn((4, 90 + 2 * size.context, 40), generator=generator) * 3 + 1
    with torch.no_grad():
        wanted, found = network(features)[0], read(features)[0]
        assert (wanted - found).std() < 0.03 * wanted.std()  # what eight bits lose
        learn_statistics(read, [features[:2], features[2:]])
        assert torch.allclose(read(features)[0], found, atol=1e-3)
        assert torch.allclose(read.train()(features)[0], found, atol=1e-2)
        # The other head begins as this one.
        assert torch.equal(read.frame_head.weight, read.ctc_head.weight)
    (tmp_path / "am/final.mdl").write_bytes(b"\0B<TransitionModel> ")
    with pytest.raises(ValueError, match="recipe"):
        load_network(tmp_path)


def test_a_calibration_turns_where_understood_and_not_meet() -> None:
    rng = np.random.default_rng(0)
    likelihoods = rng.uniform(-12, -4, 4_000)
    understood = (rng.random(4_000) < 1 / (1 + np.exp(-2.0 * (likelihoods + 8.0)))).astype(float)
    curve = fit_calibration(likelihoods, understood)
    assert curve.midpoint == pytest.approx(-8.0, abs=0.15)
    assert curve.slope == pytest.approx(2.0, abs=0.25)
    with pytest.raises(ValueError, match="understood"):
        fit_calibration(likelihoods, np.ones(4_000))


def test_a_reliability_table_tells_a_true_confidence_from_a_boastful_one() -> None:
    rng = np.random.default_rng(5)
    confidences = rng.uniform(size=20_000)
    understood = (rng.uniform(size=20_000) < confidences).astype(float)
    for low, high, count, predicted, observed in reliability(confidences, understood):
        assert low <= predicted <= high and count > 3_000
        assert observed == pytest.approx(predicted, abs=0.02)
    (*_, boastful) = reliability(np.sqrt(confidences), understood)
    assert boastful[3] > boastful[4] + 0.05
    assert reliability(np.array([1.0]), np.array([1.0])) == [(0.8, 1.0, 1, 1.0, 1.0)]


def test_the_words_that_dialogue_is_measured_with_mean_something_each() -> None:
    from recipe.dialogue_words import dialogue_words

    words = dialogue_words()
    assert words["再说一遍"] == "repeat" and words["第一个"] == "first" and words["不是"] == "no"
    assert len(words) > 40


def test_disguises_are_people_of_both_sexes_and_some_are_breathy() -> None:
    people = [random_disguise(random.Random(i)) for i in range(200)]
    assert sum(p.pitch < 140 for p in people) > 50 and sum(p.pitch > 180 for p in people) > 50
    assert all(85 <= p.pitch <= 310 and 0.6 <= p.pitch_range <= 1.3 and 0.95 <= p.tract <= 1.05 for p in people)
    assert 20 < sum(p.breath > 0 for p in people) < 80 and max(p.breath for p in people) <= 0.35


def test_a_disguise_moves_pitch_and_formants_together() -> None:
    pytest.importorskip("pyworld")
    from recipe.disguise import Disguise, disguised

    times = np.arange(16_000) / 16_000
    voice = sum(np.sin(2 * np.pi * 120 * k * times) / k for k in range(1, 40)) * 0.1
    high = disguised(voice, Disguise(pitch=220.0, pitch_range=1.0, tract=1.0, breath=0.0))
    spectrum = np.abs(np.fft.rfft(high[4_000:12_000]))
    assert abs(np.argmax(spectrum[:200]) * 2 - 220) < 12


def test_an_epoch_hears_every_person_before_it_hears_one_again() -> None:
    epochs = pytest.importorskip("recipe.epochs")
    from recipe.corpus import Clip

    second = np.zeros(16_000, np.int16)
    clips = [Clip(second, ("a1",), f"many~{i % 3}", "sentence", "") for i in range(90)]
    clips += [Clip(second, ("a1",), f"reader-{i}", "sentence", "") for i in range(10)]
    drawn = epochs.drawn_evenly(clips, 22.0, random.Random(1))
    assert len(drawn) == 22
    assert sum(c.speaker.startswith("many") for c in drawn) == 12  # ten others have one clip each


def test_workers_train_one_network_together(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from recipe.corpus import Clip
    from recipe.network import NetworkSize
    from recipe.train import Schedule, Training, load_network

    rng = np.random.default_rng(1)
    clips = [
        Clip((rng.normal(size=16_000 + 800 * i) * 3_000).astype(np.int16), ("k", "a3"), "v", "synthetic", f"t{i}")
        for i in range(120)
    ]
    checkpoint = tmp_path / "model.pt"
    size = NetworkSize(width=16, bottleneck=8, layers=1, outputs=210)
    Training(clips, checkpoint, Schedule(frame_epochs=0, ctc_epochs=2), size).run(workers=2)
    state = torch.load(checkpoint, weights_only=True)
    assert state["epoch"] == 2 and [record["epoch"] for record in state["history"]] == [0, 1]
    assert all(bool(torch.isfinite(p).all()) for p in load_network(checkpoint).parameters())
    # What is offered is a mean over the last steps; what training goes on with are its own last weights.
    moved = {name: (state["trained"][name] - value).abs().max() for name, value in state["network"].items()}
    assert moved["ctc_head.weight"] > 0
    going_on = Training(clips, checkpoint, Schedule(frame_epochs=0, ctc_epochs=2), size)
    going_on.run()
    assert torch.equal(going_on.network.ctc_head.weight, state["trained"]["ctc_head.weight"])


def test_a_mean_of_networks_has_the_size_of_the_first(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from dataclasses import asdict

    from recipe.network import AcousticNetwork, NetworkSize
    from recipe.train import load_network, save_mean

    def checkpoint(width: int, value: float) -> Path:
        network = AcousticNetwork(NetworkSize(width=width, bottleneck=8, layers=1, outputs=210))
        for parameter in network.parameters():
            parameter.data.fill_(value)
        path = tmp_path / f"{width}-{value}.pt"
        torch.save({"network": network.state_dict(), "size": asdict(network.size), "epoch": 3}, path)
        return path

    target = tmp_path / "mean.pt"
    save_mean([checkpoint(16, 0.5), checkpoint(16, 2.0)], target)
    assert all(bool((p == 1.25).all()) for p in load_network(target).parameters())
    save_mean([checkpoint(16, 0.5)], target)
    assert all(bool((p == 0.5).all()) for p in load_network(target).parameters())
    save_mean([checkpoint(24, 0.5), checkpoint(16, 2.0)], target)  # the smaller one is grown
    mean = load_network(target)
    assert mean.size.width == 24
    assert bool((mean.first_norm.weight == 1.25).all())
    with pytest.raises(ValueError, match="shrink"):
        save_mean([checkpoint(16, 0.5), checkpoint(24, 0.5)], target)
