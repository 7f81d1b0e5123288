"""The emotions that a voice is given by rule, as its experiment says them.

What the directions are taken from: K. R. Scherer, "Vocal communication of emotion: A review of research paradigms",
Speech Communication 40 (2003), and P. N. Juslin and P. Laukka, "Communication of emotions in vocal expression and music
performance", Psychological Bulletin 129 (2003): anger and joy are fast, loud, bright and wide in pitch; fear is fast,
high and narrow; sadness and tenderness (our calm) are slow, soft, dark, low and narrow. Disgust, slow and low, and
surprise, high and wide, follow I. R. Murray and J. L. Arnott, J. Acoust. Soc. Am. 93 (1993).
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

from tts.engines.sambert.voice import Rule

if TYPE_CHECKING:
    from training.config import Config

_NEUTRAL: Final = Rule(tempo=1.0, semitones=0.0, range=1.0, energy=0.0, loudness_db=0.0, tilt_db=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What makes each emotion of neutral speech at 100 %; one that changes nothing is none of the voice's."""

    happy: Rule = _NEUTRAL
    sad: Rule = _NEUTRAL
    angry: Rule = _NEUTRAL
    fear: Rule = _NEUTRAL
    surprise: Rule = _NEUTRAL
    disgust: Rule = _NEUTRAL
    calm: Rule = _NEUTRAL


def rules(config: "Config") -> Mapping[str, Rule]:
    """Return the rules of an experiment by emotion, as `voice.json` has them."""
    given = {it.name: getattr(config.rules, it.name) for it in fields(Rules)}
    return {name: rule for name, rule in given.items() if rule != _NEUTRAL}
