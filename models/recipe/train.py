"""Step ``train``: frame targets first, then CTC, from one restartable checkpoint.

Plain CTC sits on a plateau for epochs, so the first epochs learn the synthesiser's alignments frame by
frame; then the CTC head takes over that solution and unaligned human clips join in, while the frame head
goes on as a second task. The checkpoint holds all that is needed to go on after a stop.

On a CPU, processes of one thread each that average their gradients are worth more than threads: a step's
matrices are too small for two threads, and two processes do twice the work of one. Batches come in few shapes:
the kernels that oneDNN makes for a new shape take longer than the step itself.
"""

from __future__ import annotations

import json
import os
import queue
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, cast

import numpy as np

os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "20000")  # read when torch is loaded

import torch
from torch import distributed, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from voice_faq.recognition.graph.units import UNITS

from .augment import RECORDED, SYNTHESISED, Augmenter
from .corpus import DEVELOPMENT, DEVELOPMENT_SPEAKERS, Clip, held_out
from .epochs import EpochMix, batches_of, epoch_clips
from .features import frame_centres, frame_starts, mfcc, without_mean
from .muon import Muon
from .network import STRIDE, AcousticNetwork, NetworkSize, grown
from .published import learn_statistics, read_published

STEP_GRID: Final = 16  # output frames, 0.48 s: batches are padded to a multiple
FRAME_WEIGHT: Final = 0.3  # of the frame targets beside CTC
IGNORED: Final = -100
HELD_CLIPS: Final = 80  # synthetic ones, and of the development reader, that are measured after each epoch
PREPARING_CLIPS: Final = 400  # from which the mean of all speech and batch norm's statistics are learned
FORETOLD_STEPS: Final = 20  # after which an epoch says how long it will take
AVERAGE_DECAY: Final = 0.998  # a step, of the mean of the weights that is kept: some 500 steps count
UNIT_IDS: Final = {unit: i + 1 for i, unit in enumerate(UNITS)}


@dataclass(frozen=True)
class Schedule:
    """Epochs of both stages and the learning rates' peaks."""

    frame_epochs: int = 12
    ctc_epochs: int = 30
    frame_rate: float = 6e-3
    ctc_rate: float = 1.5e-3
    mix: EpochMix = field(default_factory=EpochMix)
    seed: int = 1


@dataclass(frozen=True)
class Batch:
    """Padded tensors of a few utterances."""

    features: torch.Tensor
    """(batch, frames + 2·context, 40)"""
    frames: list[int]
    """Output frames of each utterance."""
    units: list[list[int]]
    targets: torch.Tensor
    """(batch, output frames), class or IGNORED"""


def padded(features: np.ndarray, context: int) -> np.ndarray:
    """First and last frame repeated ``context`` times, as Kaldi does where context runs over the edge."""
    return np.concatenate([np.repeat(features[:1], context, 0), features, np.repeat(features[-1:], context, 0)])


def frame_targets(clip: Clip, times: np.ndarray) -> np.ndarray:
    """Class of each output frame by the unit under its centre; all IGNORED without an alignment.

    ``times``: seconds of the clip under the centres of the output frames, rising.
    """
    if not clip.alignment:
        return np.full(len(times), IGNORED, np.int64)
    targets = np.zeros(len(times), np.int64)
    for unit, start, end in clip.alignment:
        first, last = np.searchsorted(times, (start, end))
        targets[first:last] = UNIT_IDS[unit]
    return targets


def make_batch(clips: list[Clip], network: AcousticNetwork, augmenter: Augmenter | None) -> Batch:
    """Features of ``clips`` as ``network`` wants them, augmented where an augmenter is given."""
    items = []
    context, average = network.size.context, network.average.cpu().numpy()
    for clip in clips:
        if augmenter is None:
            features = mfcc(clip.samples)
            times = frame_centres(frame_starts(len(clip.samples)))
        else:
            result = augmenter(clip.samples, SYNTHESISED if clip.kind == "synthetic" else RECORDED)
            features, times = result.features, result.times
        if network.size.without_mean:
            features = without_mean(features, average)
        targets = frame_targets(clip, times[::STRIDE])
        items.append((padded(features, context), len(targets), targets))
    steps = -(-max(n for _, n, _ in items) // STEP_GRID) * STEP_GRID
    # Whole strides, so that the last output frame has its right neighbours.
    longest = steps * STRIDE + 2 * context
    features = np.stack([np.concatenate([f, np.repeat(f[-1:], longest - len(f), 0)]) for f, _, _ in items])
    targets = np.stack([np.concatenate([t, np.full(steps - len(t), IGNORED)]) for _, _, t in items])
    return Batch(
        torch.from_numpy(features),
        [n for _, n, _ in items],
        [[UNIT_IDS[u] for u in clip.units] for clip in clips],
        torch.from_numpy(targets),
    )


def prefetched(batches: list[list[Clip]], network: AcousticNetwork, augmenter: Augmenter) -> Iterator[Batch]:
    """Batches made by a thread, a few ahead of their use."""
    ready: queue.Queue[Batch | None] = queue.Queue(4)

    def work() -> None:
        for clips in batches:
            ready.put(make_batch(clips, network, augmenter))
        ready.put(None)

    threading.Thread(target=work, daemon=True).start()
    while (batch := ready.get()) is not None:
        yield batch


def greedy_units(logits: torch.Tensor) -> list[int]:
    """Best path through (frames, classes) with repeats and blanks removed."""
    best = logits.argmax(-1).tolist()
    return [c for i, c in enumerate(best) if c and (i == 0 or best[i - 1] != c)]


def edit_distance(a: list[int], b: list[int]) -> int:
    """Levenshtein distance."""
    from rapidfuzz.distance import Levenshtein

    return int(Levenshtein.distance(a, b))


def unit_error_rate(network: AcousticNetwork, clips: list[Clip]) -> float:
    """Errors a unit of the greedy CTC path, 0 and up."""
    network.eval()
    errors = total = 0
    with torch.no_grad():
        for clip in clips:
            batch = make_batch([clip], network, None)
            found = greedy_units(network(batch.features)[0][0, : batch.frames[0]])
            errors += edit_distance(found, batch.units[0])
            total += len(batch.units[0])
    network.train()
    return errors / max(1, total)


def load_network(checkpoint: Path) -> AcousticNetwork:
    """The network of a checkpoint, of ``save_mean`` or of a published model's folder, ready to be used."""
    if checkpoint.is_dir():
        return read_published(checkpoint)
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    network = AcousticNetwork(NetworkSize(**({"wide_steps": ()} | state["size"])))
    network.load_state_dict({"average": network.average} | state["network"])
    return network.eval()


def save_mean(checkpoints: list[Path], target: Path) -> None:
    """The mean of some networks, for ``package`` and for training to start from (Wortsman et al., "Model soups", 2022).

    It only makes sense where one training began with the result of the other. Networks smaller than the first are
    grown to its size. Raises ValueError for one that cannot grow so.
    """
    networks = [load_network(checkpoint) for checkpoint in checkpoints]
    size = networks[0].size
    states = [grown(network, size).state_dict() for network in networks]
    mean = {
        name: torch.stack([state[name].double() for state in states]).mean(0).to(value.dtype)
        for name, value in states[0].items()
    }
    torch.save({"network": mean, "size": asdict(size)}, target)


def split_corpus(clips: list[Clip]) -> tuple[list[Clip], dict[str, list[Clip]]]:
    """(training clips, development sets by name); no development clip or speaker is trained on."""
    kept = [c for c in clips if c.part == DEVELOPMENT and c.kind == "sentence"]
    training = [c for c in clips if c.part != DEVELOPMENT]
    reader = [c for c in kept if c.speaker in DEVELOPMENT_SPEAKERS]
    held = [c for c in training if c.kind == "synthetic" and held_out(c.text)]
    training = [c for c in training if c.kind != "synthetic" or not held_out(c.text)]
    development = {
        "synthetic": held[:HELD_CLIPS],
        "people": [c for c in kept if c.speaker not in DEVELOPMENT_SPEAKERS],
        "reader": random.Random(3).sample(reader, min(HELD_CLIPS, len(reader))),
    }
    return training, development


ADAM_SHARE: Final = 0.33  # AdamW's rate beside Muon's: more makes CTC unsteady


def hidden_matrices(network: AcousticNetwork) -> list[nn.Parameter]:
    """What Muon optimises, the most laborious first."""
    hidden = [p for name, p in network.named_parameters() if p.ndim == 2 and "head" not in name]
    return sorted(hidden, key=lambda p: -min(p.shape) * p.numel())


def make_optimizers(
    network: AcousticNetwork, dtype: torch.dtype, rank: int = 0, workers: int = 1
) -> list[torch.optim.Optimizer]:
    """Muon for the hidden layers' matrices, AdamW for the rest.

    Muon (Jordan et al., 2024) gives updates without a preferred direction; in the first hundred steps on frame
    targets it comes as far as AdamW in several hundred. It is a third of a step's work, so each worker does it for
    its own part of the matrices, see ``exchange_matrices``. ``dtype``: in what Muon multiplies.
    """
    hidden = hidden_matrices(network)
    matrices = {id(p) for p in hidden}
    others = [p for p in network.parameters() if id(p) not in matrices]
    return [
        Muon(hidden[rank::workers], lr=1e-3, weight_decay=1e-2, dtype=dtype),
        torch.optim.AdamW(others, lr=1e-3, weight_decay=1e-3),
    ]


def exchange_matrices(network: AcousticNetwork, workers: int) -> None:
    """Every worker gets the matrices that the others have optimised."""
    hidden = hidden_matrices(network)
    for owner in range(workers):
        part = hidden[owner::workers]
        together = torch.cat([p.data.flatten() for p in part])
        distributed.broadcast(together, owner)
        for parameter, values in zip(part, together.split([p.numel() for p in part]), strict=True):
            parameter.data.copy_(values.view_as(parameter))


def average_gradients(network: AcousticNetwork) -> None:
    """The mean over all workers in every gradient; one that a worker lacks counts as 0."""
    parameters = list(network.parameters())
    together = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in parameters])
    distributed.all_reduce(together)
    together /= distributed.get_world_size()
    for parameter, gradient in zip(parameters, together.split([p.numel() for p in parameters]), strict=True):
        parameter.grad = gradient.view_as(parameter)


class Training:
    """The whole run; epochs count over both stages and survive a restart.

    What a checkpoint offers as its network is a mean of the weights over the last steps (Polyak and Juditsky,
    1992), which is better than any of them; ``trained`` are the weights that training goes on with.
    """

    def __init__(
        self,
        clips: list[Clip],
        checkpoint: Path,
        schedule: Schedule,
        size: NetworkSize,
        start_from: Path | None = None,
    ) -> None:
        """``start_from``: a published model, a mean of ``save_mean``, another checkpoint; grown to ``size``."""
        self._workers, self._rank = 1, 0
        self._training, self._development = split_corpus(clips)
        self._checkpoint = checkpoint
        self._schedule = schedule
        torch.manual_seed(schedule.seed)
        self.network = grown(load_network(start_from), size).train() if start_from else AcousticNetwork(size)
        if not checkpoint.exists():
            self._prepare(published=start_from is not None and start_from.is_dir())
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        # Halves the time where the processor multiplies bfloat16 itself; elsewhere it would be slower.
        multiplies = self._device.type == "cuda" or bool(torch.cpu._is_avx512_bf16_supported())
        self._multiplied_in = torch.bfloat16 if multiplies else torch.float32
        self.network.to(self._device)
        mean = get_ema_multi_avg_fn(AVERAGE_DECAY)  # type: ignore[no-untyped-call]
        self._average = AveragedModel(self.network, multi_avg_fn=mean, use_buffers=True)
        self._epoch = 0
        self._history: list[dict[str, Any]] = []

    def _prepare(self, *, published: bool) -> None:
        """Learn what a network has to know of all speech before its training begins."""
        wants_mean = self.network.size.without_mean and not self.network.average.any()
        if not (wants_mean or published):
            return
        rng = random.Random(self._schedule.seed)
        clips = rng.sample(self._training, min(PREPARING_CLIPS, len(self._training)))
        augmenter = Augmenter([c.samples for c in clips], self._schedule.seed)
        if wants_mean:
            # Weights that were trained with the mean go on as they did for average speech.
            frames = np.concatenate([augmenter(c.samples, RECORDED).features for c in clips])
            self.network.average.copy_(torch.from_numpy(frames.mean(0)))
            assert self.network.input_norm.running_mean is not None
            self.network.input_norm.running_mean -= self.network.average
        if published:
            batches = batches_of(clips, rng)
            learn_statistics(self.network, [make_batch(part, self.network, augmenter).features for part in batches])
        self.network.train()

    def run(self, workers: int = 1) -> None:
        """Train to the end of the schedule, a checkpoint an epoch; ``workers`` processes share a CPU's work."""
        if workers == 1 or self._device.type != "cpu":
            self._run()
            return
        meeting_place = self._checkpoint.with_suffix(".workers")
        meeting_place.unlink(missing_ok=True)
        torch.set_num_threads(1)
        # Forked, so that the clips lie in memory once.
        torch.multiprocessing.start_processes(
            self._work, (workers, meeting_place.absolute().as_uri()), workers, start_method="fork"
        )

    def _work(self, rank: int, workers: int, meeting_place: str) -> None:
        self._workers, self._rank = workers, rank
        distributed.init_process_group("gloo", init_method=meeting_place, rank=rank, world_size=workers)
        self._run()

    def _run(self) -> None:
        schedule = self._schedule
        voices = [c.samples for c in self._training if c.kind == "synthetic"][:800]
        augmenter = Augmenter(voices, schedule.seed + self._rank)
        state = None
        if self._checkpoint.exists():
            state = torch.load(self._checkpoint, map_location=self._device, weights_only=True)
            self._average.module.load_state_dict(state["network"])
            self._average.n_averaged.fill_(1)
            self.network.load_state_dict(state["trained"])
            self._epoch, self._history = state["epoch"], state["history"]
        total = schedule.frame_epochs + schedule.ctc_epochs
        optimizers: list[torch.optim.Optimizer] = []
        stage = ""
        while self._epoch < total:
            now = "frame" if self._epoch < schedule.frame_epochs else "ctc"
            if now != stage:
                stage = now
                optimizers = make_optimizers(self.network, self._multiplied_in, self._rank, self._workers)
                if stage == "ctc" and self._epoch == schedule.frame_epochs > 0:
                    self.network.ctc_head.load_state_dict(self.network.frame_head.state_dict())
                elif state is not None and state["stage"] == stage and len(state["optimizers"]) == self._workers:
                    for optimizer, kept in zip(optimizers, state["optimizers"][self._rank], strict=True):
                        optimizer.load_state_dict(kept)
            self._train_epoch(stage, optimizers, augmenter)
            self._epoch += 1
            kept = [o.state_dict() for o in optimizers]
            of_all: list[Any] = [kept] * self._workers
            if self._workers > 1:
                distributed.gather_object(kept, of_all if self._rank == 0 else None)
            if self._rank > 0:
                continue
            unfinished = self._checkpoint.with_suffix(".part")
            torch.save(
                {
                    "network": self._average.module.state_dict(), "size": asdict(self.network.size),
                    "trained": self.network.state_dict(), "epoch": self._epoch, "stage": stage,
                    "optimizers": of_all, "history": self._history,
                },
                unfinished,
            )  # fmt: skip
            unfinished.rename(self._checkpoint)

    def _rate(self, stage: str, progress: float) -> float:
        """One cycle: a short warm-up, then a cosine down to a hundredth."""
        peak = self._schedule.frame_rate if stage == "frame" else self._schedule.ctc_rate
        warm = 0.1
        if progress < warm:
            return peak * (0.05 + 0.95 * progress / warm)
        return float(peak * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * (progress - warm) / (1 - warm)))))

    def _train_epoch(self, stage: str, optimizers: list[torch.optim.Optimizer], augmenter: Augmenter) -> None:
        schedule, started = self._schedule, time.time()
        first = 0 if stage == "frame" else schedule.frame_epochs
        epochs = schedule.frame_epochs if stage == "frame" else schedule.ctc_epochs
        rng = random.Random(f"{schedule.seed}:{self._epoch}")
        clips = [c for c in self._training if c.alignment] if stage == "frame" else self._training
        batches = batches_of(epoch_clips(clips, schedule.mix, rng), rng)
        # The same number for every worker; what is left over is in another epoch's batches.
        batches = batches[self._rank : len(batches) // self._workers * self._workers : self._workers]
        total = 0.0
        for number, batch in enumerate(prefetched(batches, self.network, augmenter)):
            rate = self._rate(stage, (self._epoch - first + number / len(batches)) / epochs)
            for optimizer, share in zip(optimizers, (1.0, ADAM_SHARE), strict=True):
                for group in optimizer.param_groups:
                    group["lr"] = rate * share
            loss = self._loss(stage, batch)
            self.network.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            if self._workers > 1:
                average_gradients(self.network)
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
            for optimizer in optimizers:
                optimizer.step()
            if self._workers > 1:
                exchange_matrices(self.network, self._workers)
            self._average.update_parameters(self.network)
            total += loss.item()
            if number + 1 == FORETOLD_STEPS and self._rank == 0:
                minutes = (time.time() - started) / 60 * len(batches) / FORETOLD_STEPS
                print(f"epoch {self._epoch}: about {minutes:.0f} minutes for {len(batches)} steps", flush=True)
        if self._rank > 0:
            return
        record: dict[str, Any] = {"epoch": self._epoch, "stage": stage, "loss": round(total / len(batches), 3)}
        record["minutes"] = round((time.time() - started) / 60, 1)
        if stage == "ctc":
            averaged = cast("AcousticNetwork", self._average.module)
            for name, held in self._development.items():
                record[name] = round(unit_error_rate(averaged, held), 4)
        self._history.append(record)
        print(json.dumps(record), flush=True)

    def _loss(self, stage: str, batch: Batch) -> torch.Tensor:
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._multiplied_in == torch.bfloat16):
            ctc_logits, frame_logits = self.network(batch.features.to(self._device))
        ctc_logits, frame_logits = ctc_logits.float(), frame_logits.float()
        steps = batch.targets.shape[1]
        targets = batch.targets.to(self._device)
        loss: torch.Tensor = torch.zeros((), device=self._device)
        if bool((targets != IGNORED).any()):
            loss = functional.cross_entropy(
                frame_logits[:, :steps].transpose(1, 2), targets, ignore_index=IGNORED, label_smoothing=0.05
            )
        if stage == "frame":
            return loss
        log_probabilities = functional.log_softmax(ctc_logits[:, :steps], 2).transpose(0, 1)
        ctc = functional.ctc_loss(
            log_probabilities,
            torch.tensor([u for units in batch.units for u in units]),
            torch.tensor(batch.frames),
            torch.tensor([len(units) for units in batch.units]),
            zero_infinity=True,
        )
        return ctc + FRAME_WEIGHT * loss
