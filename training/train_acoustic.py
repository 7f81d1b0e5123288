"""Trains the acoustic model of a voice, and goes on from where it was stopped.

    python -m training.train_acoustic training/experiments/yue.toml [--work FOLDER] [--until-step N]

Reads what `training.alignment` and `training.splicing` made and writes `<work>/<experiment>/acoustic.pt`, curves and
spectrograms beside it. Each step draws its own random numbers, so that one that was interrupted is one that was not.
"""

import argparse
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812, the name all of torch's users know

from training.acoustic_loss import PARTS, losses, weighed
from training.acoustic_pictures import draw, told
from training.config import Acoustic, Config, load
from training.dataset import Examples, batches
from training.forced import Habits, forced
from training.lessons import Lesson, batch_of, lessons
from training.networks.sambert import Sambert
from training.networks.sizes import FsmnSizes, Sizes
from training.pictures import curves, write_png
from training.untaught import fill

#: Rows of the tables of phones, tones, places in the syllable and in the word; of speakers and emotions.
SYMBOLS, SPEAKERS, EMOTIONS = (147, 10, 8, 8), 9, 36
_CLIP = 1.0
_DRIFT = 16


def sizes_of(options: Acoustic, mels: int = 82) -> Sizes:
    """Return the sizes of the network that an experiment asks for."""
    row = options.text + options.speaker + options.emotion
    predictor, postnet = options.predictor_units, options.postnet_units
    shift = (options.postnet_taps - 1) // 2 - options.postnet_ahead
    return Sizes(
        symbols=SYMBOLS,
        embedding=options.embedding,
        encoder_layers=options.encoder_layers,
        encoder_units=options.encoder_units,
        encoder_heads=options.encoder_heads,
        encoder_inner=options.encoder_inner,
        encoder_kernel=3,
        text=options.text,
        speakers=SPEAKERS,
        speaker=options.speaker,
        emotions=EMOTIONS,
        emotion=options.emotion,
        predictor=FsmnSizes(row, 2 * predictor, predictor, options.predictor_layers, options.predictor_taps, 0),
        predictor_lstm=predictor,
        variance_kernel=9,
        duration_prenet=(options.duration_units, options.duration_units),
        duration_lstm=options.duration_units,
        prenet=(options.prenet, options.prenet, options.prenet),
        decoder_layers=options.decoder_layers,
        decoder_units=options.decoder_units,
        decoder_heads=options.decoder_heads,
        decoder_inner=options.decoder_inner,
        outputs_per_step=options.frames_per_step,
        mels=mels,
        postnet=FsmnSizes(mels, 2 * postnet, postnet, options.postnet_layers, options.postnet_taps, shift),
        postnet_lstm=postnet,
    )


def network_of(sizes: Sizes, state: dict[str, Tensor]) -> Sambert:
    """Return a network that speaks with trained weights."""
    network = Sambert(sizes)
    network.load_state_dict(state)
    return network.eval()


def load_acoustic(path: Path) -> Sambert:
    """Return the averaged network of a checkpoint, ready to speak all phones."""
    stored = torch.load(path, map_location="cpu", weights_only=True)
    table: dict[str, Any] = stored["sizes"]
    for name in ("predictor", "postnet"):
        table[name] = FsmnSizes(**table[name])
    network = network_of(Sizes(**table), stored["average"])
    fill(network, stored["taught"])
    return network


@dataclass(slots=True)
class Training:
    """A network on its way; `history` holds a row for each report: step, losses in training, losses held out."""

    options: Acoustic
    seed: int
    network: Sambert
    average: dict[str, Tensor]
    optimiser: torch.optim.AdamW
    step: int
    history: list[list[float]]
    taught: list[int]
    """How often each phone is in the lessons."""

    @classmethod
    def begin(cls, config: Config) -> "Training":
        """Return a network that has learned nothing."""
        torch.manual_seed(config.seed)
        network = Sambert(sizes_of(config.acoustic)).train()
        for name, weight in network.named_parameters():
            if name.endswith("_emb.weight") and "text_encoder" in name:
                torch.nn.init.normal_(weight, std=config.acoustic.embedding**-0.5)
        average = {name: value.clone() for name, value in network.state_dict().items()}
        optimiser = torch.optim.AdamW(network.parameters(), betas=(0.9, 0.98), weight_decay=0.01, fused=True)
        return cls(config.acoustic, config.seed, network, average, optimiser, 0, [], [])

    @classmethod
    def resume(cls, config: Config, path: Path) -> "Training":
        """Return the network of a checkpoint where there is one; raise `SystemExit` if it is of another experiment."""
        made = cls.begin(config)
        if not path.exists():
            return made
        stored = torch.load(path, map_location="cpu", weights_only=True)
        if stored["sizes"] != asdict(made.network.sizes):
            raise SystemExit(f"{path} is of a network of other sizes; move it away to begin anew")
        made.network.load_state_dict(stored["network"])
        made.average = stored["average"]
        made.optimiser.load_state_dict(stored["optimiser"])
        made.step, made.history = stored["step"], stored["history"]
        return made

    def save(self, path: Path) -> None:
        """Write a checkpoint; one that is cut short leaves the one before."""
        half = path.with_suffix(".half")
        stored = {
            "sizes": asdict(self.network.sizes),
            "step": self.step,
            "network": self.network.state_dict(),
            "average": self.average,
            "optimiser": self.optimiser.state_dict(),
            "history": self.history,
            "taught": self.taught,
        }
        torch.save(stored, half)
        half.replace(path)

    def learn(self, own: list[Lesson]) -> Tensor:
        """Take one step with some lessons, and return its losses, as `PARTS`."""
        options = self.options
        torch.manual_seed(self.seed * 1_000_003 + self.step)
        batch = batch_of(own, options.frames_per_step)
        habits = Habits(**{it.name: getattr(options, it.name) for it in fields(Habits)})
        with torch.autocast("cpu", torch.bfloat16):
            said = forced(self.network, batch, habits)
        parts = losses(said, batch)
        self.optimiser.zero_grad()
        weighed(parts, options).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), _CLIP)
        for group in self.optimiser.param_groups:
            group["lr"] = rate(options, self.step)
        self.optimiser.step()
        self.step += 1
        keep = min(options.average, (1 + self.step) / (10 + self.step))
        values = self.network.state_dict()
        torch._foreach_lerp_(list(self.average.values()), list(values.values()), 1 - keep)  # noqa: SLF001
        return parts.detach()

    def speaking(self) -> Sambert:
        """Return the averaged network."""
        return network_of(self.network.sizes, self.average)


def rate(options: Acoustic, step: int) -> float:
    """Return the learning rate of a step: it rises, stays, and falls with the square root of the steps."""
    falling = (options.steady_steps / max(step, options.steady_steps)) ** 0.5
    return options.learning_rate * min((step + 1) / options.warm_up_steps, falling)


def lessons_from(frames: list[int], config: Config, step: int) -> Iterator[list[int]]:
    """Yield the places of each step's lessons, from a step on, without end."""
    epoch = 0
    while True:
        order = np.random.default_rng([config.seed, epoch])
        own = list(batches(frames, config.acoustic.batch_frames, order))
        yield from own[step:]
        step, epoch = max(0, step - len(own)), epoch + 1


@torch.no_grad()
def held_out(network: Sambert, own: list[Lesson], options: Acoustic) -> Tensor:
    """Return the losses of lessons that the network was not taught, as `PARTS`."""
    rows = []
    for places in batches([len(it.features) for it in own], options.batch_frames, np.random.default_rng(0)):
        batch = batch_of([own[at] for at in places], options.frames_per_step)
        rows.append(losses(forced(network, batch), batch) * batch.frames.sum())
    return torch.stack(rows).sum(0) / sum(len(it.features) for it in own)


def train(config: Config, until_step: int | None = None) -> Training:
    """Train until a step, or without end."""
    path = config.folder / "acoustic.pt"
    examples = Examples(config, "train")
    own, held = lessons(examples, config), lessons(Examples(config, "held"), config)
    frames = [len(it.features) for it in own]
    training = Training.resume(config, path)
    training.taught = np.bincount(np.concatenate([it.ids[:, 0] for it in own]), minlength=SYMBOLS[0]).tolist()
    sizes = sum(it.numel() for it in training.network.parameters())
    print(f"{len(own)} lessons, {sum(frames)} frames; {len(held)} held out; {sizes} weights; from step {training.step}")
    seen, since, saved = torch.zeros(len(PARTS) + 2), time.monotonic(), time.monotonic()
    for places in lessons_from(frames, config, training.step):
        if training.step == until_step:
            break
        parts = training.learn([own[at] for at in places])
        count = sum(frames[at] for at in places)
        seen += torch.cat([parts, torch.tensor([1.0, count])])
        now = time.monotonic()
        if now - since > config.acoustic.report_s:
            report(training, seen, now - since, held)
            seen, since = torch.zeros_like(seen), time.monotonic()
        if now - saved > config.acoustic.checkpoint_s:
            training.save(path)
            illustrate(training, held, config, examples)
            saved = time.monotonic()
    training.save(path)
    return training


def report(training: Training, seen: Tensor, seconds: float, held: list[Lesson]) -> None:
    """Print how far training is, and keep it for the curves."""
    mean, other = seen[:-2] / seen[-2], held_out(training.speaking(), held, training.options)
    training.history.append([float(training.step), *mean.tolist(), *other.tolist()])
    told = "  ".join(f"{name} {a:.3f} {b:.3f}" for name, a, b in zip(PARTS, mean, other, strict=True))
    print(f"{time.strftime('%H:%M:%S')} step {training.step}  {seen[-1] / seconds:.0f} frames/s  {told}", flush=True)


def illustrate(training: Training, held: list[Lesson], config: Config, examples: Examples) -> None:
    """Draw the curves so far, and held-out lessons as the network says them."""
    folder, rows = config.folder / "pictures", np.array(training.history).reshape(-1, 1 + 2 * len(PARTS))
    names = [(f"{name} {side}", 1 + at + len(PARTS) * row) for at, name in enumerate(PARTS) for row, side in enumerate(("train", "held"))]
    for first in (0, 4, 8):
        lines = {name: rows[:, column].tolist() for name, column in names[first : first + 4]}
        write_png(folder / f"acoustic-curves{first // 4}.png", curves(lines))
    network, some = training.speaking(), held[:: len(held) // _DRIFT + 1]
    draw(folder, network, held, examples.statistics)
    drifted, led = drift(network, some, config.acoustic)
    print(f"of {len(some)} held out, mel {drifted:.3f} when it hears itself, {led:.3f} when it hears them", flush=True)


@torch.no_grad()
def drift(network: Sambert, own: list[Lesson], options: Acoustic) -> tuple[float, float]:
    """Return how far the mel of lessons is from the recordings when the network hears itself, and hears them."""
    rows = []
    for it in own:
        batch = batch_of([it], options.frames_per_step)
        led = forced(network, batch)
        free = F.pad(told(network, it)[None], (0, 0, 0, led.mel.shape[1] - len(it.features)))
        rows.append(torch.stack([losses(replace(led, mel=mel), batch)[1] for mel in (free, led.mel)]))
    own_way, their_way = torch.stack(rows).mean(0).tolist()
    return own_way, their_way


def main() -> None:
    """Train the experiment that the command line names."""
    parser = argparse.ArgumentParser(description="Trains the acoustic model of a voice.")
    parser.add_argument("config", type=Path, help="the experiment, a TOML file")
    parser.add_argument("--work", type=Path, help="where what is made lies, instead of the file's `work`")
    parser.add_argument("--until-step", type=int, help="stop there; without it, training goes on until it is stopped")
    arguments = parser.parse_args()
    config = load(arguments.config)
    config = replace(config, work=arguments.work) if arguments.work else config
    (config.folder / "train_acoustic.pid").write_text(f"{os.getpid()}\n", encoding="utf-8")
    torch.set_num_threads(1)
    train(config, arguments.until_step)


if __name__ == "__main__":
    main()
