"""An acoustic network on its way: one step after another, and checkpoints from which it goes on."""

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Self

import torch
from torch import Tensor

from training.acoustic_loss import losses, weighed
from training.config import Config
from training.forced import Habits, forced
from training.lessons import Lesson, batch_of
from training.networks.sambert import Sambert
from training.trained_acoustic import network_of, sizes_of
from training.voice_options import Acoustic

_CLIP = 1.0


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
    def begin(cls, config: Config) -> Self:
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
    def resume(cls, config: Config, path: Path) -> Self:
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
        torch._foreach_lerp_(list(self.average.values()), list(values.values()), 1 - keep)
        return parts.detach()

    def speaking(self) -> Sambert:
        """Return the averaged network."""
        return network_of(self.network.sizes, self.average)


def rate(options: Acoustic, step: int) -> float:
    """Return the learning rate of a step: it rises, stays, and falls with the square root of the steps."""
    falling: float = (options.steady_steps / max(step, options.steady_steps)) ** 0.5
    return options.learning_rate * min((step + 1) / options.warm_up_steps, falling)
