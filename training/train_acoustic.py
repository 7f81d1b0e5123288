"""Trains the acoustic model of a voice, and goes on from where it was stopped.

    python -m training.train_acoustic training/experiments/yue.toml [--work FOLDER] [--until-step N]

Reads what `training.alignment` and `training.splicing` made and writes `<work>/<experiment>/acoustic.pt`, curves and
spectrograms beside it. Each step draws its own random numbers, so that one that was interrupted is one that was not.
"""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from threading import Event

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812, the name all of torch's users know

from training.acoustic_loss import PARTS, losses
from training.acoustic_pictures import draw, told
from training.acoustic_training import Training
from training.commands import named, parser_of
from training.config import Config
from training.dataset import Examples, batches
from training.forced import forced
from training.lessons import Lesson, batch_of, lessons
from training.networks.sambert import Sambert
from training.pictures import curves, write_png
from training.trained_acoustic import SYMBOLS
from training.voice_options import Acoustic

_DRIFT = 16


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
    """Return the losses of lessons that the network was not taught, as `PARTS`; nan where there are none."""
    if not own:
        return torch.full((len(PARTS),), torch.nan)
    rows = []
    for places in batches([len(it.features) for it in own], options.batch_frames, np.random.default_rng(0)):
        batch = batch_of([own[at] for at in places], options.frames_per_step)
        with torch.autocast("cpu", torch.bfloat16):
            said = forced(network, batch)
        rows.append(losses(said, batch) * batch.frames.sum())
    return torch.stack(rows).sum(0) / sum(len(it.features) for it in own)


def train(config: Config, until_step: int | None = None, stop: Event | None = None) -> Training:
    """Train until a step, or until it is stopped."""
    stop = stop or Event()
    path = config.folder / "acoustic.pt"
    examples = Examples(config, "train")
    own, held = lessons(examples, config), lessons(Examples(config, "held"), config)
    frames = [len(it.features) for it in own]
    training = Training.resume(config, path)
    training.taught = np.bincount(np.concatenate([it.ids[:, 0] for it in own]), minlength=SYMBOLS[0]).tolist()
    sizes = sum(it.numel() for it in training.network.parameters())
    print(f"{len(own)} lessons, {sum(frames)} frames; {len(held)} held out; {sizes} weights; from step {training.step}")
    seen, report_due = torch.zeros(len(PARTS) + 2), Clock(config.acoustic.report_s)
    save_due, draw_due = Clock(config.acoustic.checkpoint_s), Clock(config.acoustic.pictures_s)
    for places in lessons_from(frames, config, training.step):
        if training.step == until_step or stop.is_set():
            break
        parts = training.learn([own[at] for at in places])
        seen += torch.cat([parts, torch.tensor([1.0, sum(frames[at] for at in places)])])
        if seconds := report_due.rung():
            report(training, seen, seconds, held)
            seen.zero_()
        if save_due.rung():
            training.save(path)
        if draw_due.rung():
            illustrate(training, held, config, examples)
    training.save(path)
    return training


class Clock:
    """Rings when some time has passed, again and again."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._since = seconds, time.monotonic()

    def rung(self) -> float:
        """Return the seconds since it rang last, if there are enough of them; else 0."""
        passed = time.monotonic() - self._since
        if passed <= self._seconds:
            return 0.0
        self._since += passed
        return passed


def report(training: Training, seen: Tensor, seconds: float, held: list[Lesson]) -> None:
    """Print how far training is, and keep it for the curves."""
    mean, other = seen[:-2] / seen[-2], held_out(training.speaking(), held, training.options)
    training.history.append([float(training.step), *mean.tolist(), *other.tolist()])
    pairs = zip(PARTS, mean, other, strict=True)
    told = "  ".join(f"{name} {a:.3f}" + (f" {b:.3f}" if held else "") for name, a, b in pairs)
    print(f"{time.strftime('%H:%M:%S')} step {training.step}  {seen[-1] / seconds:.0f} frames/s  {told}", flush=True)


def illustrate(training: Training, held: list[Lesson], config: Config, examples: Examples) -> None:
    """Draw the curves so far, and held-out lessons, if there are any, as the network says them."""
    folder, rows = config.folder / "pictures", np.array(training.history).reshape(-1, 1 + 2 * len(PARTS))
    names = [
        (f"{name} {side}", 1 + at + len(PARTS) * row)
        for at, name in enumerate(PARTS)
        for row, side in enumerate(("train", "held"))
    ]
    for first in range(0, 2 * len(PARTS), 4):
        lines = {name: rows[:, column].tolist() for name, column in names[first : first + 4]}
        write_png(folder / f"acoustic-curves{first // 4}.png", curves(lines))
    if not held:
        return
    network, some = training.speaking(), held[:: len(held) // _DRIFT + 1]
    draw(folder, network, held, examples.statistics)
    drifted, led = drift(network, some, config.acoustic)
    print(f"of {len(some)} held out, mel {drifted:.3f} when it hears itself, {led:.3f} when it hears them", flush=True)


@torch.no_grad()
def drift(network: Sambert, own: list[Lesson], options: Acoustic) -> tuple[float, float]:
    """Return how far decoded frames are from the recordings when the network hears itself, and when it hears them."""
    rows = []
    for it in own:
        batch = batch_of([it], options.frames_per_step)
        led = forced(network, batch)
        free = F.pad(told(network, it)[0][None], (0, 0, 0, led.mel.shape[1] - len(it.features)))
        rows.append(torch.stack([losses(replace(led, decoded=mel), batch)[0] for mel in (free, led.decoded)]))
    own_way, their_way = torch.stack(rows).mean(0).tolist()
    return own_way, their_way


def main() -> None:
    """Train the experiment that the command line names."""
    parser = parser_of("Trains the acoustic model of a voice.")
    parser.add_argument("--until-step", type=int, help="stop there; without it, training goes on until it is stopped")
    arguments = parser.parse_args()
    config = named(arguments)
    config.folder.mkdir(parents=True, exist_ok=True)
    (config.folder / "train_acoustic.pid").write_text(f"{os.getpid()}\n", encoding="utf-8")
    torch.set_num_threads(1)
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    train(config, arguments.until_step, stop)


if __name__ == "__main__":
    main()
