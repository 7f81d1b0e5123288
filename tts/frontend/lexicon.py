"""The user's own readings: a file of words and their pinyin, read again when it changes."""

import re
from collections.abc import Callable
from pathlib import Path

from tts.frontend.vocabulary import Phrases

_HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿𠀀-𯿿〇]")
_SYLLABLE = re.compile(r"(?!v)[a-zêv]+[1-5]|[a-z]+v[a-z]*[1-5]")
#: A file that is something else is wrong in every line.
_MOST_TOLD = 20


class Lexicon:
    """The readings of a file: a line is a word, a tab, and the pinyin of each of its characters: 行长<TAB>hang2 zhang3.

    Empty lines and lines that begin with `#` are skipped. Lines that make no sense are left out; a file that is missing
    is empty. `tell` is given what is wrong with the file, a sentence each, at once and whenever the file has changed.
    """

    def __init__(self, path: Path, tell: Callable[[str], object]) -> None:
        self._path = path
        self._tell = tell
        # No lock guards them, for the server's would be one of greenlets, on which native threads hang: whoever sees
        # that the file has changed reads it and puts both in their place at once.
        self._read: tuple[tuple[int, int] | None, Phrases] = None, Phrases({})
        self.phrases()

    def phrases(self) -> Phrases:
        """Return the words, from the file if it changed since the last call."""
        stamp = self._stamp()
        seen, phrases = self._read
        return phrases if stamp == seen else self._load(stamp, phrases)

    def _stamp(self) -> tuple[int, int]:
        try:
            status = self._path.stat()
        except OSError:
            return (0, 0)
        return (status.st_mtime_ns, status.st_size)

    def _load(self, stamp: tuple[int, int], before: Phrases) -> Phrases:
        self._read = stamp, before
        try:
            text = self._path.read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            text = ""
            self._tell(f"{self._path.name}: no such file")
        except (OSError, UnicodeDecodeError) as error:
            # What was read before still serves: an editor may be halfway through saving.
            self._tell(f"{self._path.name}: cannot be read: {error}")
            return before
        words: dict[str, tuple[str, ...]] = {}
        wrong: list[str] = []
        for number, line in enumerate(text.splitlines(), 1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            try:
                word, readings = entry(line)
            except ValueError as error:
                wrong.append(f"{self._path.name}:{number}: {error}")
            else:
                words[word] = readings
        self._read = stamp, Phrases(words)
        more = [f"{self._path.name}: {len(wrong) - _MOST_TOLD} more lines are wrong"] if len(wrong) > _MOST_TOLD else []
        for sentence in wrong[:_MOST_TOLD] + more:
            self._tell(sentence)
        return self._read[1]


def entry(line: str) -> tuple[str, tuple[str, ...]]:
    """Return the word and the readings of a line, or raise `ValueError` with what is wrong."""
    word, tab, pinyin = line.strip().partition("\t")
    if not tab:
        raise ValueError("expected a word, a tab and its pinyin")
    word = word.strip()
    readings = tuple(syllable(it) for it in pinyin.split())
    if not word or not all(map(_HAN.fullmatch, word)):
        raise ValueError(f"{word!r} is not all Chinese characters")
    if len(readings) != len(word):
        raise ValueError(f"{word} has {len(word)} characters but {len(readings)} syllables")
    return word, readings


def syllable(written: str) -> str:
    """Return a syllable as this program writes it, `lv4` for `lü4` and `lu:4`; raise `ValueError` for anything else."""
    plain = written.lower().replace("u:", "v").replace("ü", "v")
    if not _SYLLABLE.fullmatch(plain):
        raise ValueError(f"{written!r} is no pinyin with a tone from 1 to 5, such as lv4")
    return plain
