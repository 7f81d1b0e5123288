"""Trains the vocoder of the voice on its recordings: first on spectra alone, then against discriminators too.

    python -m training.train_vocoder training/experiments/yue.toml [--work FOLDER]

Writes `<work>/<experiment>/vocoder.pt`, from which it goes on when it is run again, and pictures of how it goes;
it can be ended at any time.
"""

import signal
import time
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from training.commands import experiment
from training.config import Config
from training.copy_synthesis import CopySynthesis, mean
from training.discriminators import Discriminators, feature_loss, fooling_loss, telling_loss
from training.features import mel
from training.networks.hifigan import Generator
from training.pictures import curves, spectrogram, stacked, write_png
from training.segments import Batch, Segments
from training.spectral_losses import MelLoss, StftLoss, energy_distance
from training.trained_vocoder import sizes_of

_BETAS = (0.8, 0.99)
_HARMONIC = 0.3
_HELD_OUT = 12
_DRAWN = 4
_STEEPEST = 300.0  # norm of a gradient; those of most steps are far below


class Training:
    """The networks, and how far they have come."""

    def __init__(self, config: Config) -> None:
        self.config, self.options = config, config.vocoder
        options = self.options
        self.path = config.folder / "vocoder.pt"
        torch.manual_seed(config.seed)
        self.generator = Generator(sizes_of(options))
        # At random, high harmonics are hardly heard, and it takes long until the network makes use of them.
        nn.init.constant_(self.generator.source_module.mix.weight, _HARMONIC)
        self.average = deepcopy(self.generator).eval().requires_grad_(False)
        self.critics = Discriminators(
            options.periods, options.period_channels, options.windows, options.window_channels
        )
        self.optimisers = [
            torch.optim.AdamW(network.parameters(), options.learning_rate, _BETAS)
            for network in (self.generator, self.critics)
        ]
        self.losses = {"mel": MelLoss(), "stft": StftLoss()}
        self.segments = Segments(config)
        self.trial = CopySynthesis(config, self.segments.corpus, self.segments.statistics, _HELD_OUT)
        self.step, self.stopping = 0, False
        self.history: dict[str, list[float]] = {}
        if self.path.exists():
            self.restore()

    def rate(self) -> float:
        """Return the learning rate of this step."""
        options = self.options
        left = max(0.0, 1 - self.step / max(1, options.plain_steps))
        against = max(0, self.step - options.plain_steps)
        fall: float = (options.plain_rate / options.learning_rate) ** left * 0.5 ** (against / options.halving_steps)
        return options.learning_rate * fall

    def learn(self) -> dict[str, float]:
        """Take one step, and return its losses; what is random in it depends on its number alone."""
        batch = self.segments.batch(np.random.default_rng((self.config.seed, self.step)))
        for optimiser in self.optimisers:
            optimiser.param_groups[0]["lr"] = self.rate()
        made = self.made(batch)
        # What is spoken again with other noise tells the discriminators nothing new.
        once, again, recorded = *made.chunk(2), batch.wave.chunk(2)[0]
        losses = {
            name: energy_distance(loss, once, again, recorded, getattr(self.options, f"{name}_variety"))
            for name, loss in self.losses.items()
        }
        total = torch.stack([getattr(self.options, f"{name}_weight") * loss for name, loss in losses.items()]).sum()
        if self.step >= self.options.plain_steps:
            losses |= self.criticise(recorded, once)
            against = losses["fooling"] + self.options.feature_weight * losses["features"]
            total = total + len(self.critics.all) * against
        self.descend(0, self.generator, total)
        self.step += 1
        self.follow()
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def made(self, batch: Batch) -> Tensor:
        """Return the waves (batch, samples) that the generator makes."""
        excitation = self.generator.source_module(batch.f0_hz, batch.voiced, batch.phases, batch.noise)
        waves: Tensor = self.generator(batch.mel, excitation)[:, 0]
        return waves

    def criticise(self, recorded: Tensor, made: Tensor) -> dict[str, Tensor]:
        """Teach the discriminators one step; return their loss, and those of the generator before them."""
        heard = self.critics(recorded)
        telling = telling_loss(heard, self.critics(made.detach()))
        self.descend(1, self.critics, telling)
        # The generator's step needs no gradients of their weights; those are a third of the work.
        self.critics.requires_grad_(False)
        seen = self.critics(made)
        self.critics.requires_grad_(True)
        return {"telling": telling, "fooling": fooling_loss(seen), "features": feature_loss(heard, seen)}

    def descend(self, which: int, network: nn.Module, loss: Tensor) -> None:
        """Take one step of an optimiser; gradients of a moment that is out of the way are shortened."""
        self.optimisers[which].zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(network.parameters(), _STEEPEST)
        self.optimisers[which].step()

    @torch.no_grad()
    def follow(self) -> None:
        """Bring the mean of the weights a little nearer to them; at first more, so that it forgets where it began."""
        share = 1 - min(self.options.average, self.step / (self.step + 10))
        for mean_of, now in zip(self.average.parameters(), self.generator.parameters(), strict=True):
            mean_of.lerp_(now, share)

    def save(self) -> None:
        """Write the checkpoint; whoever reads it meanwhile finds a whole one."""
        state = {
            "sizes": asdict(self.generator.sizes),
            "step": self.step,
            "history": self.history,
            "generator": self.generator.state_dict(),
            "average": self.average.state_dict(),
            "critics": self.critics.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
        }
        fresh = self.path.with_suffix(".new")
        torch.save(state, fresh)
        fresh.replace(self.path)

    def restore(self) -> None:
        """Go on from the checkpoint; leave with a message where it is of another size."""
        state: dict[str, Any] = torch.load(self.path, weights_only=True)
        networks = {"generator": self.generator, "average": self.average, "critics": self.critics}
        try:
            if state["sizes"] != asdict(self.generator.sizes):
                raise ValueError("the generator")
            for name, network in networks.items():
                network.load_state_dict(state[name])
        except (RuntimeError, ValueError) as error:
            raise SystemExit(f"{self.path} is of another size than the experiment; move it away. {error}") from error
        for optimiser, stored in zip(self.optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(stored)
        self.step, self.history = state["step"], state["history"]
        print(f"goes on after step {self.step}")

    def run(self) -> None:
        """Train until all steps are taken, and tell."""
        options, since, saved, began = self.options, list[dict[str, float]](), time.monotonic(), time.monotonic()
        while self.step < options.steps and not self.stopping:
            since.append(self.learn())
            if self.step % options.report_steps == 0:
                pace, began = (time.monotonic() - began) / len(since), time.monotonic()
                self.report(since, pace)
                since.clear()
            if self.step % options.evaluate_steps == 0:
                self.evaluate()
            if time.monotonic() - saved > options.checkpoint_s:
                self.save()
                saved = time.monotonic()
        self.save()

    def stop(self) -> None:
        """End `run` after this step, with a checkpoint."""
        self.stopping = True

    def report(self, since: list[dict[str, float]], pace_s: float) -> None:
        """Print the mean losses of the last steps, and keep them."""
        means = {name: float(np.mean([it[name] for it in since if name in it])) for name in since[-1]}
        for name, value in means.items():
            self.history.setdefault(name, []).append(value)
        told = ", ".join(f"{name} {value:.4f}" for name, value in means.items())
        print(f"step {self.step}: {told}; rate {self.rate():.2e}, {pace_s:.3f} s per step", flush=True)

    def evaluate(self) -> None:
        """Print how far copies of held-out recordings are from them, and draw them."""
        pictures = self.config.folder / "pictures"
        lines = [{name: line} for name, line in self.history.items()]
        if lines:
            write_png(pictures / "vocoder_losses.png", stacked([curves(line, (720, 160)) for line in lines]))
        copies = self.trial.copies(self.average)
        if not copies:
            return
        print(f"step {self.step}, {len(copies)} held-out recordings: {mean(self.trial.scores(copies))}", flush=True)
        pairs = list(zip(self.trial.items, self.trial.sounds, copies, strict=True))[-_DRAWN:]
        rows = [
            spectrogram(np.concatenate([sound.mel, mel(made)]), None, [(0, item.id), (len(sound.mel), "copy")])
            for item, sound, made in pairs
        ]
        write_png(pictures / "vocoder.png", stacked(rows))


def main(config: Config) -> Path:
    """Train the vocoder of an experiment, and return its checkpoint."""
    torch.set_num_threads(config.vocoder.threads)
    torch.set_flush_denormal(True)
    training = Training(config)
    segments = training.segments
    weights = sum(it.numel() for it in training.generator.parameters())
    print(f"{len(segments.items)} recordings, {segments.too_short} too short, {weights} weights", flush=True)
    before = signal.signal(signal.SIGTERM, lambda *_: training.stop())
    training.run()
    signal.signal(signal.SIGTERM, before)
    torch.set_flush_denormal(False)
    return training.path


if __name__ == "__main__":
    main(experiment("Trains the vocoder on the recordings of the voice."))
