"""What the published voices can do and are called, which their files do not tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tts.engines.sambert.voice import inventory
from tts.types import NEUTRAL, Sex


@dataclass(frozen=True)
class Known:
    """A published voice."""

    name: str
    """What the menu shows."""
    sex: Sex
    emotions: tuple[str, ...]
    """The categories it was trained with; the rows of the others make broken sound."""


_SIX: Final = (NEUTRAL, "happy", "angry", "sad", "fear", "hate", "surprise")

KNOWN: Final = {
    "zhitian_emo": Known("知甜", "female", _SIX),
    "zhiyan_emo": Known("知燕", "female", (*_SIX, "arousal")),
    "zhibei_emo": Known("知贝", "female", _SIX),
    "zhizhe_emo": Known("知哲", "male", (NEUTRAL, "happy", "angry", "sad", "fear", "calm", "serious")),
}
#: Who made them.
MAKERS: Final = "Alibaba DAMO Academy (Sambert-HiFiGAN, ModelScope)"

_LABELS: Final = {
    "angry": "生气",
    "anxiety": "焦虑",
    "arousal": "激动",
    "calm": "沉稳",
    "disappointed": "失望",
    "disgruntled": "不满",
    "disgust": "厌恶",
    "dominance": "强势",
    "excited": "兴奋",
    "fear": "害怕",
    "gentle": "温柔",
    "happy": "高兴",
    "hate": "憎恨",
    "jealousy": "嫉妒",
    "lyrical": "抒情",
    NEUTRAL: "中性",
    "pity": "同情",
    "pleasure": "愉悦",
    "relax": "放松",
    "sad": "悲伤",
    "satisfied": "满意",
    "serious": "严肃",
    "surprise": "惊讶",
}


def emotions_of(voice: str, wanted: Sequence[str] | None) -> dict[str, str]:
    """Return the categories to offer with their Chinese names, neutral first.

    Those wanted, or else those the voice is known for, or else neutral alone: norms of rows do not tell safely which
    ones were trained. Raises `ValueError` for a category that no voice has.
    """
    categories = [name.removeprefix("emotion_") for name in inventory()["emotion"] if name.startswith("emotion_")]
    known = KNOWN[voice].emotions if voice in KNOWN else (NEUTRAL,)
    chosen = list(dict.fromkeys([NEUTRAL, *(known if wanted is None else wanted)]))
    for name in chosen:
        if name not in categories or name == "none":
            raise ValueError(f"no emotion is called {name!r}; there are {', '.join(sorted(_LABELS))}")
    return {name: _LABELS.get(name, name) for name in chosen}
