"""Cuts Chinese text into dictionary words with their parts of speech."""

import re
import warnings
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tts.frontend.characters import HAN, LATIN, of
from tts.frontend.tagger import Tagger

#: Makes a word of the list of exceptions win over any other cut.
_CERTAIN = 10_000_000
#: No word is looked into that is longer: sense has no parts there.
_MOST_PARTS_OF = 20

_NUMERALS = "零〇一二三四五六七八九十百千万亿两幺"
#: What is a word by its form: a foreign word, or a number, which the dictionary would cut anywhere.
_BY_FORM = re.compile(
    rf"(?P<foreign>(?:(?![{HAN}])[{of('L')}][{of('M')}]*)+(?:['’](?:[{LATIN}][{of('M')}]*)+)*)"
    rf"|[{_NUMERALS}]+比[{_NUMERALS}]+(?![般样些下点起直])"
    rf"|[{_NUMERALS}]+点[零〇一二三四五六七八九]+(?![{_NUMERALS}刻分])"
    r"|[二三]?十[一二三四五六七八九]?世(?![纪代家人俗界间事])"
    rf"|[{_NUMERALS}]{{3,}}|[{_NUMERALS}]+(?=单元)"
)
#: Never within a word that is guessed: 慢慢 | 地 | 走, not 地走.
_PARTICLES = frozenset("的了着地得吗呢吧啊呀哇们")
#: Cut out of sentences, where it is rare; no words: 累得, 打了个.
_CUT_OUT = re.compile(".得|.了个")
_LEAST_FREQUENT = 4
#: Names with the number of a reign, of which the dictionary has many halves: 利八世.
_REIGN = re.compile(r".+[一二三四五六七八九十]世")
#: What the dictionary has words of; anything else stands alone.
_BLOCK = re.compile(r"(?P<han>[\u4e00-\u9fd5]+)|.", re.S)


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the dictionary, a foreign word or one other character."""

    text: str
    start: int
    """Offset in the text that was cut."""
    tag: str
    """Part of speech in the letters of ICTCLAS as jieba gives them, `eng` for a foreign word, `x` for what is none."""

    @property
    def end(self) -> int:
        """The offset after it."""
        return self.start + len(self.text)


class Words:
    """The dictionary; it is loaded once, when this is made, and may then be used from several threads at once."""

    def __init__(self) -> None:
        self._tokenizer, self._tags, self._tagger = _load()
        self._parts: dict[str, tuple[str, ...]] = {}
        self._learn(_exceptions())

    def cut(self, text: str) -> list[Token]:
        """Return the words of a text; together they cover it."""
        tokens: list[Token] = []
        at = 0
        for found in _BY_FORM.finditer(text):
            tokens += self._native(text, at, found.start())
            tokens.append(Token(found.group(), found.start(), "eng" if found["foreign"] else "m"))
            at = found.end()
        tokens += self._native(text, at, len(text))
        return tokens

    def parts(self, word: str) -> tuple[str, ...]:
        """Return the smaller words that a word is made of: 展览馆 is 展览 and 馆; itself where there are none."""
        if word in self._parts:
            return self._parts[word]
        if not 2 < len(word) <= _MOST_PARTS_OF:
            return (word,)
        graph = self._tokenizer.get_DAG(word)
        graph[0] = [end for end in graph[0] if end < len(word) - 1] or [0]
        route: dict[int, tuple[float, int]] = {}
        self._tokenizer.calc(word, graph, route)
        return tuple(_follow(word, route))

    def _native(self, text: str, start: int, end: int) -> Iterator[Token]:
        for block in _BLOCK.finditer(text, start, end):
            at = block.start()
            for word, tag in self._tagged(block.group()) if block["han"] else ((block.group(), "x"),):
                yield Token(word, at, tag)
                at += len(word)

    def _tagged(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield the likeliest words of the dictionary; between them, where it has none, those that are guessed."""
        graph = self._tokenizer.get_DAG(text)
        route: dict[int, tuple[float, int]] = {}
        self._tokenizer.calc(text, graph, route)
        single = ""
        for word in (*_follow(text, route), ""):
            if len(word) == 1:
                single += word
                continue
            yield from self._guessed(single)
            single = ""
            if word:
                yield word, self._tags.get(word, "x")

    def _guessed(self, text: str) -> Iterator[tuple[str, str]]:
        if len(text) < 2 or self._tokenizer.FREQ.get(text):
            yield from ((character, self._tags.get(character, "x")) for character in text)
            return
        for word, tag in self._tagger.cut(text):
            if len(word) > 1 and not (self._tokenizer.FREQ.get(word) or _PARTICLES.isdisjoint(word)):
                yield from ((character, self._tags.get(character, "x")) for character in word)
            else:
                yield word, tag

    def _learn(self, exceptions: Iterable[tuple[tuple[str, ...], str]]) -> None:
        """Give the words of the list their weight: a word that is cut has none and so loses to its parts."""
        known, tags = self._tokenizer.FREQ, self._tags
        kinds: set[tuple[str, ...]] = set()
        for parts, tag in exceptions:
            word = "".join(parts)
            if "*" in parts:
                kinds.add(parts)
            elif len(parts) > 1:
                known[word] = 0
                self._parts[word] = parts
            else:
                known.update({word[:length]: 0 for length in range(1, len(word)) if word[:length] not in known})
                known[word], tags[word] = _CERTAIN, tag
        self._cut_kinds(kinds)

    def _cut_kinds(self, kinds: Collection[tuple[str, ...]]) -> None:
        """Cut all words of four characters of which one half is in the list and the other is a word as well."""
        known = self._tokenizer.FREQ
        for word in [word for word in known if len(word) == 4 and known[word]]:
            halves = word[:2], word[2:]
            listed = ("*", halves[1]) in kinds or (halves[0], "*") in kinds
            if listed and known.get(halves[0]) and known.get(halves[1]):
                known[word] = 0
                self._parts[word] = halves


def _load() -> tuple[Any, dict[str, str], Tagger]:
    """Return jieba's tokenizer, the tags of its words and its tagger, without its shared cache and its log."""
    with warnings.catch_warnings():
        # Its source has escapes that newer Pythons warn about, and it asks for an outdated package.
        warnings.simplefilter("ignore")
        import jieba  # type: ignore[import-untyped]  # ships no types
    folder = Path(jieba.__file__).parent
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tags = _dictionary(folder / "dict.txt")
    tokenizer.total = sum(tokenizer.FREQ.values())
    tokenizer.initialized = True
    return tokenizer, tags, Tagger(folder / "posseg")


def _dictionary(path: Path) -> tuple[dict[str, int], dict[str, str]]:
    """Return how frequent each word is, 0 for what others only begin with, and the tag of each."""
    known: dict[str, int] = {}
    tags: dict[str, str] = {}
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            word, frequency, tag = line.split()
            if _is_word(word, int(frequency), tag):
                known[word], tags[word] = int(frequency), tag
    for word in tags:
        for length in range(len(word) - 1, 0, -1):
            if word[:length] in known:
                break
            known[word[:length]] = 0
    return known, tags


def _is_word(word: str, frequency: int, tag: str) -> bool:
    """Tell whether an entry of the dictionary is one, rather than cut out of a name or a sentence."""
    if tag.startswith("nr") and _REIGN.fullmatch(word):
        return False
    return frequency >= _LEAST_FREQUENT or not _CUT_OUT.fullmatch(word)


def _exceptions() -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the words that the dictionary has wrong: what each is cut into, its part of speech."""
    path = Path(__file__).parent / "data" / "words.tsv"
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            parts, tag, _reason = line.split("\t")
            yield tuple(parts.split()), tag


def _follow(word: str, route: dict[int, tuple[float, int]]) -> Iterator[str]:
    at = 0
    while at < len(word):
        end = route[at][1] + 1
        yield word[at:end]
        at = end
