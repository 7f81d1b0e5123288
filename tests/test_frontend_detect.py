"""Which language a text is taken for when nobody says."""

import pytest

from tts.frontend import Reader


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("你好", "zh"),
        ("我用MacBook Pro和iPhone", "zh"),
        ("The word 你好 means hello", "en"),
        ("こんにちは", "ja"),
        ("私は学生です", "ja"),
        ("髙橋さんは学生です", "ja"),
        ("鲜の每日", "zh"),
        ("안녕하세요 世界", "ko"),
        ("Привет", "ru"),
        ("Привіт", "uk"),
        ("مرحبا", "ar"),
        ("שלום", "he"),
        ("สวัสดี", "th"),
        ("नमस्ते", "hi"),
        ("Hello", "en"),
        ("Hello, world!", "en"),
        ("How are you", "en"),
        ("OK", "en"),
        ("NASA", "en"),
        ("iPhone", "en"),
        ("Bonjour", "fr"),
        ("Je suis fatigué", "fr"),
        ("Guten Morgen", "de"),
        ("Wie geht's?", "de"),
        ("Hola", "es"),
        ("Buenos días", "es"),
        ("Buongiorno", "it"),
        ("Obrigado", "pt"),
        ("Dzień dobry", "pl"),
        ("Xin chào", "vi"),
        ("123 !!", ""),
        ("", ""),
    ],
)
def test_language_of_a_short_text(reader: Reader, text: str, language: str) -> None:
    assert reader.detect(text) == language
