"""Groups dictionary words into prosodic words, with their inner structure and the break after each."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from tts.frontend.characters import TERMINALS, of
from tts.frontend.feet import CLAUSE, PHRASE, SENTENCE, Foot, Tree
from tts.frontend.number_feet import feet_of_number
from tts.frontend.phrases import with_phrases
from tts.frontend.words import Token

#: Syllables of a prosodic word: the most that words are joined to, and the most with what leans on it.
_MOST_JOINED: Final = 3
_MOST_LEANING: Final = 5

_CLAUSE_END = re.compile(f"[{TERMINALS}…⋯—（）()]")
_QUIET = re.compile(rf"[{of('Pi', 'Pf', 'Ps', 'Pe')}\"'·・\-_~*#]")
_NUMERAL = frozenset("零〇一二三四五六七八九十百千万亿两幺几半数多第")

#: Measures that the dictionary knows better as something else.
_MEASURES = frozenset(
    "本张条只把件块口头位名年月日天点分秒岁次遍回家间座层门首支枝棵颗片杯碗瓶双对套台辆架艘号元角毛斤两里米吨"
) | {"单元"}

#: Lean on the word before them, whatever they are tagged as.
_PARTICLES = frozenset("的了着吗呢吧啊呀啦嘛哇呗哦喽们么")
#: Lean on it only where they are read without a tone.
_SOMETIMES_PARTICLES = frozenset("地得过")
_LEANING_WORDS = frozenset(("似的", "而已", "罢了", "来着", "的话"))
#: Bind the word after them more closely than anything else does.
_BINDING = frozenset("不没别很太最更挺真极")
#: Adjectives that the dictionary counts among the numbers: 不多.
_AMOUNTS = frozenset("多少")
_DIRECTIONS = frozenset((
    "起来", "下来", "上来", "出来", "进来", "回来", "过来", "起去", "下去", "上去", "出去", "进去", "回去", "过去",
))  # fmt: skip
_RESULTS = frozenset("到完成给出起为")
#: Nouns of one syllable that the dictionary cannot place.
_HEADS = frozenset("组厂县员村车物论罪")
_PLACES = frozenset("上下里中内外前后间旁边")
#: Behind a place they name its station, 北京南; before a verb they tell its direction, 东临.
_QUARTERS = frozenset("东南西北")


class Prosody:
    """Makes prosodic words; `parts` gives the words that a dictionary word is made of."""

    def __init__(self, parts: Callable[[str], tuple[str, ...]]) -> None:
        self._parts = parts

    def feet(self, tokens: Sequence[Token], readings: Sequence[str], merged: frozenset[int]) -> list[Foot]:
        """Return the prosodic words of a clause, the last with the break of a sentence's end.

        `readings` has a syllable for each character, empty where nothing is spoken; `merged` are the positions
        of 儿 that belong to the syllable before them.
        """
        feet: list[Foot] = []
        for stretch, end in _stretches(tokens, readings):
            units = [unit for token in stretch for unit in self._units(token, readings, merged)]
            feet += with_phrases(_joined(_bound(units), readings), end)
        if feet:
            feet[-1] = Foot(feet[-1].tokens, feet[-1].tree, SENTENCE)
        return feet

    def _units(self, token: Token, readings: Sequence[str], merged: frozenset[int]) -> Iterator[Foot]:
        """Yield a dictionary word, or its parts where it is too long to be spoken as one."""
        texts: tuple[str, ...] = (token.text,)
        if token.tag == "m" and len(token.text) > _MOST_LEANING - 1:
            texts = feet_of_number(token.text)
        elif token.tag != "eng" and len(token.text) > _MOST_LEANING - 1:
            texts = self._parts(token.text)
        at = token.start
        for text in texts:
            part = Token(text, at, token.tag)
            tree = at if token.tag == "eng" else self._tree(part, readings, merged)
            if tree != ():
                yield Foot((part,), tree)
            at += len(text)

    def _tree(self, token: Token, readings: Sequence[str], merged: frozenset[int]) -> Tree:
        spoken = [at for at in range(token.start, token.end) if readings[at] and at not in merged]
        if len(spoken) <= 2 or len(spoken) < len(token.text):
            return _tidy(spoken)
        if token.tag == "nr" and len(spoken) == 3:
            return (spoken[0], (spoken[1], spoken[2]))
        parts = self._parts(token.text)
        if max(map(len, parts)) == 1 and len(spoken) == 4:
            return ((spoken[0], spoken[1]), (spoken[2], spoken[3]))
        trees: list[Tree] = []
        at = token.start
        for part in parts:
            trees.append(_tidy(list(range(at, at + len(part)))))
            at += len(part)
        return tuple(trees)


def _tidy(positions: list[int]) -> Tree:
    return positions[0] if len(positions) == 1 else tuple(positions)


def _stretches(tokens: Sequence[Token], readings: Sequence[str]) -> Iterator[tuple[list[Token], int]]:
    """Yield what stands between breaks, with the break after it."""
    stretch: list[Token] = []
    for token in tokens:
        if token.tag == "eng" or any(readings[token.start : token.end]):
            stretch.append(token)
        elif stretch and not _QUIET.search(token.text) and not token.text.isalnum():
            yield stretch, CLAUSE if _CLAUSE_END.search(token.text) else PHRASE
            stretch = []
    if stretch:
        yield stretch, CLAUSE


def _bound(units: list[Foot]) -> list[Foot]:
    """Join what binds closest to the word after it, from the right: 很美好, 不知道, 好天气."""
    found: list[Foot] = []
    for unit in reversed(units):
        if found and _binds(unit, found[-1]):
            found[-1] = _join(unit, found[-1])
        else:
            found.append(unit)
    return found[::-1]


def _binds(unit: Foot, following: Foot) -> bool:
    """Tell whether a negation, an adverb of degree or an adjective of one syllable meets its head."""
    last, first = unit.tokens[-1], following.tokens[0]
    if len(unit.tokens) > 1 or len(last.text) > 1 or last.end != first.start or following.size > 2:
        return False
    if last.text in _BINDING:
        return first.tag[0] in "avz" or first.text in _AMOUNTS
    if last.text in _QUARTERS:
        return following.size == 1 and first.tag[0] == "v" and first.text not in _RESULTS
    return last.tag in ("a", "b") and first.tag[0] == "n" and len(following.tokens) == 1


def _joined(units: list[Foot], readings: Sequence[str]) -> list[Foot]:
    feet: list[Foot] = []
    for unit in units:
        if feet and _joins(feet[-1], unit, readings):
            feet[-1] = _join(feet[-1], unit)
        else:
            feet.append(unit)
    return feet


def _join(left: Foot, right: Foot) -> Foot:
    """Return two as one; a chain of single syllables branches to the right, except numbers: 我(很好), (一百)米."""
    tokens = left.tokens + right.tokens
    single = all(len(token.text) == 1 and token.tag not in ("m", "q") for token in tokens)
    if single and isinstance(left.tree, tuple) and len(left.tree) == 2 and not leans(right, ()):
        return Foot(tokens, (left.tree[0], (left.tree[1], right.tree)))
    return Foot(tokens, (left.tree, right.tree))


def leans(unit: Foot, readings: Sequence[str]) -> bool:
    """Tell whether a word has no stress of its own and leans on the word before it."""
    first = unit.tokens[0]
    if first.text in _PARTICLES or first.text in _LEANING_WORDS:
        return True
    return first.text in _SOMETIMES_PARTICLES and bool(readings) and readings[first.start].endswith("5")


def _joins(left: Foot, right: Foot, readings: Sequence[str]) -> bool:
    last, first = left.tokens[-1], right.tokens[0]
    if "eng" in (last.tag, first.tag) or last.end != first.start:
        return False
    size = left.size + right.size
    if leans(right, readings):
        # Without a limit, a page full of 的 would be one word.
        return size <= _MOST_LEANING + 2
    if _counts(last, first):
        return size <= _MOST_LEANING
    if leans(Foot((last,), 0), readings):
        return False
    if first.text in _DIRECTIONS:
        return last.tag.startswith("v") and size <= _MOST_JOINED
    return _combines(left, right, size)


def _counts(last: Token, first: Token) -> bool:
    """Tell whether a number or a pointing word meets its measure."""
    numeral = last.text[-1] in _NUMERAL
    if first.tag == "m" and (
        last.text == "第" or (numeral and first.text[0] not in _NUMERAL and first.text[0] != "比")
    ):
        return True
    if numeral and last.tag == "m" and first.text in _MEASURES:
        return True
    return first.tag == "q" and (numeral or last.text in ("这", "那", "哪", "每", "是", "有", "各", "整"))


def _combines(left: Foot, right: Foot, size: int) -> bool:
    """Tell whether two words with stresses of their own make one prosodic word."""
    last, first = left.tokens[-1], right.tokens[0]
    if size > _MOST_JOINED or "m" in (last.tag, first.tag):
        return False
    if right.size == 1 and left.size == 2 and len(left.tokens) == 1:
        noun = last.tag.startswith(("n", "s", "vn"))
        if first.text in _QUARTERS:
            return last.tag == "ns"
        nominal = noun and (first.text in _PLACES or first.text in _HEADS or first.tag in ("n", "ng", "k"))
        return nominal or (last.tag.startswith("v") and first.text in _RESULTS)
    return all(len(token.text) == 1 for token in (*left.tokens, *right.tokens))
