"""Words what clients are told, the same for every door: the answer side of `docs/protocol.md` as code."""

from collections.abc import Mapping
from dataclasses import asdict

from tts.codec import ENCODINGS
from tts.production import Packet, Summary
from tts.stream import Plan
from tts.types import Mark, Voice
from tts.web.protocol import Message

EMOTION_LABELS: Mapping[str, tuple[str, str]] = {
    "neutral": ("平静", "Neutral"),
    "happy": ("高兴", "Happy"),
    "sad": ("悲伤", "Sad"),
    "angry": ("生气", "Angry"),
    "fear": ("害怕", "Fearful"),
    "surprise": ("惊讶", "Surprised"),
    "disgust": ("厌恶", "Disgusted"),
    "calm": ("沉稳", "Calm"),
    "anxiety": ("焦虑", "Anxious"),
    "arousal": ("激动", "Aroused"),
    "disappointed": ("失望", "Disappointed"),
    "disgruntled": ("不满", "Disgruntled"),
    "dominance": ("强势", "Dominant"),
    "excited": ("兴奋", "Excited"),
    "gentle": ("温柔", "Gentle"),
    "hate": ("憎恨", "Hateful"),
    "jealousy": ("嫉妒", "Jealous"),
    "lyrical": ("抒情", "Lyrical"),
    "pity": ("同情", "Pitying"),
    "pleasure": ("愉悦", "Pleased"),
    "relax": ("放松", "Relaxed"),
    "satisfied": ("满意", "Satisfied"),
    "serious": ("严肃", "Serious"),
}


def voice_body(voice: Voice) -> Message:
    """Return a voice as `GET /api/voices` lists it."""
    labels = [(name, EMOTION_LABELS.get(name, (name, name))) for name in voice.emotions]
    return {
        "id": voice.id,
        "name": voice.name,
        "language": voice.language,
        "sex": voice.sex,
        "engine": voice.engine,
        "sample_rate": voice.sample_rate_hz,
        "emotions": [{"id": name, "label": {"zh": zh, "en": en}} for name, (zh, en) in labels],
        "licence": voice.licence,
        "reproducible": voice.reproducible,
    }


def started_body(plan: Plan) -> Message:
    """Return the fields of `started`."""
    return {
        "sample_rate": plan.sample_rate_hz,
        "mime": ENCODINGS[plan.request.format].mime,
        "voice": plan.voice.id,
        "emotion": plan.request.controls.emotion,
    }


def chunk_body(packet: Packet, seq: int) -> Message:
    """Return the fields of `audio_chunk` beside the sound."""
    return {"seq": seq, "at_ms": round(packet.at_ms, 1), "peaks": packet.peaks}


def marks_body(packet: Packet) -> Message:
    """Return the fields of `marks`."""
    return {"items": [_mark(mark) for mark in packet.marks]}


def _mark(mark: Mark) -> Message:
    body = asdict(mark)
    if not mark.name:
        del body["name"]
    return {**body, "start_ms": round(mark.start_ms, 1), "end_ms": round(mark.end_ms, 1)}


def audio_url(token: str) -> str:
    """Return where a recording can be downloaded, relative to the server."""
    return f"/api/audio/{token}.wav"


def done_body(summary: Summary) -> Message:
    """Return the fields of `done`."""
    first_ms = summary.first_chunk_ms
    return {
        "status": summary.status,
        "audio_ms": round(summary.audio_ms, 1),
        "first_chunk_ms": None if first_ms is None else round(first_ms, 1),
        "rtf": round(summary.rtf, 4),
        "cached": False,
        "wav_url": audio_url(summary.wav_token) if summary.wav_token else None,
    }


def never_begun_body() -> Message:
    """Return the fields of `done` for an utterance that was cancelled before its turn came."""
    nothing = Summary(status="cancelled", audio_ms=0.0, first_chunk_ms=None, rtf=0.0, wav_token=None)
    return done_body(nothing)
