"""Finds the emotion that free instructions, such as those of OpenAI's clients, ask for."""

import re

from tts.types import NEUTRAL

#: For each emotion the beginnings of English words and the Chinese words that ask for it.
_WORDS = {
    "happy": (
        "happ|cheer|joy|excit|delight|enthusias|upbeat|playful|laugh|glad|smil|bright|friendly|elat|merr|celebrat",
        "高兴|开心|快乐|欢快|愉快|喜悦|兴奋|欢乐|热情|笑",
    ),
    "sad": (
        "sad|sorrow|melanchol|grie|mourn|gloom|tear|unhappy|depress|heartbroken|somber|sombre|regretful",
        "悲伤|伤心|难过|忧伤|悲痛|沮丧|哀伤|低落|哭",
    ),
    "angry": ("ang(?:er|r)|furious|fury|mad\\b|rage|annoy|irritat|outrag|hostile", "生气|愤怒|恼火|发火|气愤|怒"),
    "fear": ("fear|afraid|scar(?:ed|y)|terrif|fright|anxious|nervous|panic|horror", "害怕|恐惧|惊恐|紧张|恐慌|慌张"),
    "surprise": ("surpris|astonish|amaz|shock|startl", "惊讶|惊喜|吃惊|震惊|意外|惊奇"),
    "disgust": ("disgust|repuls|revolt|contempt|scorn", "厌恶|嫌弃|恶心|反感|轻蔑"),
    "calm": (
        "calm|sooth|gentl|relax|peaceful|serene|seren|tender|soft|quiet|meditat|bedtime|whisper|warm",
        "平静|沉稳|温柔|舒缓|安静|柔和|轻柔|冷静|温和|放松",
    ),
    NEUTRAL: ("neutral|matter-of-fact|monoton|flat\\b|unemotional|plain", "中性|客观|平淡|没有感情"),
}
_PATTERNS = {
    emotion: re.compile(rf"\b(?:{english})|{chinese}", re.IGNORECASE) for emotion, (english, chinese) in _WORDS.items()
}

#: What stands before a word that is not wanted, with a few words between: "don't sound too sad", "不要生气".
_NEGATION = re.compile(
    r"(?:\b(?:not|no|never|without|avoid|less|nor|isn['’]t|don['’]t|rather than|instead of)\b"
    r"(?:[\s,]+[\w'’]+){0,3}[\s,]*"
    r"|(?:不要|别|不|无需|避免|而不是|没有)[^，。；,.;]{0,4})$",
    re.IGNORECASE,
)


def emotion_of(instructions: str) -> str:
    """Return the emotion named first that is not ruled out, empty when none is named."""
    wanted = [
        (found.start(), emotion)
        for emotion, pattern in _PATTERNS.items()
        for found in pattern.finditer(instructions)
        if not _NEGATION.search(_clause_before(instructions, found.start()))
    ]
    return min(wanted)[1] if wanted else ""


def _clause_before(text: str, end: int) -> str:
    """Return what stands before a place in its own clause: "not sad, cheerful" rules out only sadness."""
    begin = max((found.end() for found in re.finditer(r"[.,;:!?，。；：！？]|\bbut\b", text[:end])), default=0)
    return text[begin:end]
