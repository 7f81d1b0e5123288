"""Turns citation tones into those that are spoken: 一 and 不, third tones, neutral tone, and 儿 that is merged."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from tts.frontend.feet import WORD, Foot, Tree, leaves
from tts.frontend.words import Token

_DIGITS: Final = frozenset("零〇一二三四五六七八九幺")
_LARGE: Final = frozenset("百千万亿")
#: What 一 before it is a name rather than a count: 一月, 一号, 一楼, 一审.
_ORDINAL: Final = frozenset("月号楼审")
#: 一 after these counts what follows, though the dictionary has them as one word: 这一(天), 同一(天).
_POINTING: Final = frozenset("这那另某每哪任同有上下前后头")
#: Between two of these deals 一 is a figure, whatever it stands before: 押一付三, 买一送一.
_DEALS: Final = frozenset("押付买送假退赔罚赠满减")
_ORDINAL_WORDS: Final = frozenset(("年级", "等奖", "等功", "把手"))
#: 个 loses its tone after a count, a pointing word or a verb: 是个, 两个; not after 整, 各, 每.
_BEFORE_LIGHT_GE: Final = frozenset("一二两三四五六七八九十百千万亿几半多这那哪")
#: Particles, and what they sound like as such: 着 in 一点就着 is none.
_LIGHT: Final = {
    "的": "de", "了": "le", "着": "zhe", "吗": "ma", "呢": "ne", "吧": "ba", "啊": "a", "呀": "ya", "啦": "la",
    "嘛": "ma", "呗": "bei", "喽": "lou", "们": "men", "么": "me",
}  # fmt: skip
#: 不 in the middle of these is no infix: 要不是, 从不说.
_BEFORE_STRESSED_BU: Final = frozenset("要岂可莫若无毫并决绝从是都也就而且且的")

#: Where something goes; after a verb with 不 they tell what cannot be done: 想不起来.
_DIRECTIONS: Final = frozenset((
    "起来", "出来", "出去", "下来", "下去", "上来", "上去", "进来", "进去", "回来", "回去", "过来", "过去", "开来",
))  # fmt: skip

#: Verbs said twice that the dictionary has as something else.
_VERBS_TWICE: Final = frozenset((
    "问问", "玩玩", "动动", "闻闻", "量量", "理理", "学学", "教教", "比比", "骑骑", "戳戳", "压压", "缝缝", "试试",
    "谈谈", "管管",
))  # fmt: skip
#: What is no deed said twice, though the dictionary has it as a verb: how something is or sounds, how much, where.
_NO_DEEDS: Final = frozenset((
    "习习", "了了", "傻傻", "凿凿", "刷刷", "厌厌", "可可", "合合", "吁吁", "呵呵", "呼呼", "哗哗", "吼吼", "处处",
    "娇娇", "宽宽", "寻寻", "弯弯", "彰彰", "怔怔", "恋恋", "愣愣", "扬扬", "振振", "拂拂", "攘攘", "整整", "断断",
    "施施", "昏昏", "欢欢", "死死", "沸沸", "活活", "满满", "濯濯", "申申", "略略", "突突", "窃窃", "累累", "腾腾",
    "荡荡", "营营", "落落", "蒸蒸", "讪讪", "诤诤", "足足", "跌跌", "踏踏", "蹦蹦", "轧轧", "轰轰", "通通", "迷迷",
    "饱饱", "鼓鼓", "采采", "回回", "强强", "露露", "下下", "惜惜", "负负",
))  # fmt: skip
#: Things that begin with what is done: one slides on a slide.
_THINGS: Final = frozenset(("滑梯", "包包", "盖子", "画家", "印章", "拍子", "炒饭", "炒面", "烤鸭", "烤肉"))
#: Verbs that are no deeds to be done a little.
_NEVER_TWICE: Final = frozenset("是有在会能可要上去来到得")

#: 儿 after these is a child and keeps its own syllable: 婴儿, 混血儿; the same where one of the others follows.
_CHILD_AFTER: Final = frozenset("女婴幼少孤胎男健宠妻孙弃托育患产血能侄")
_CHILD_BEFORE: Final = frozenset("子女童歌科媳孙戏郎茶")


class Sandhi:
    """The rules; `parts` gives the words that a dictionary word is made of."""

    def __init__(self, parts: Callable[[str], tuple[str, ...]]) -> None:
        self._parts = parts

    def surface(
        self, text: str, tokens: Sequence[Token], readings: Sequence[str], feet: Sequence[Foot], fixed: frozenset[int]
    ) -> list[str]:
        """Return the readings as they are spoken; at the positions in `fixed` a tone of its own is kept."""
        spoken = list(readings)
        for token in tokens:
            self._lighten(token, spoken, fixed)
        for left, right in pairwise(tokens):
            _verb_and_object(left, right, spoken, fixed)
        for foot in feet:
            _verbs_twice(foot, text, spoken, fixed)
        owners = _owners([part for token in tokens for part in self._halves(token)])
        for at, character in enumerate(text):
            if character == "一" and at not in fixed and readings[at] == "yi1":
                spoken[at] = "yi" + _yi(text, at, owners[at], readings)
            elif character == "不" and at not in fixed and readings[at] == "bu4":
                spoken[at] = "bu" + _bu(text, at, owners[at], readings)
            elif character == "个" and at not in fixed and readings[at] == "ge4" and _is_light(text, at, owners):
                spoken[at] = "ge5"
        _third_tones(feet, spoken)
        return spoken

    def _halves(self, token: Token) -> tuple[Token, ...]:
        """Return a noun of four characters as the two words it is made of: 统一 | 标准; anything else as it is."""
        parts = self._parts(token.text) if len(token.text) == 4 and token.tag.startswith("n") else ()
        if [len(part) for part in parts] != [2, 2]:
            return (token,)
        return tuple(Token(part, token.start + 2 * at, token.tag) for at, part in enumerate(parts))

    def _lighten(self, token: Token, spoken: list[str], fixed: frozenset[int]) -> None:
        """Take the tone from particles and from 们, which lean on a syllable before them: 走吧, 老师们."""
        if not (token.start and spoken[token.start - 1]) and len(token.text) == 1:
            return
        at = token.start
        for word in self._parts(token.text):
            at += len(word)
            light = _LIGHT.get(word) if len(word) == 1 else "men" * (word[-1] == "们")
            if light and at - 1 not in fixed and spoken[at - 1][:-1] == light:
                spoken[at - 1] = light + "5"


def merged(tokens: Sequence[Token], readings: Sequence[str], fixed: frozenset[int]) -> frozenset[int]:
    """Return the positions of 儿 that is spoken within the syllable before it."""
    text = "".join(token.text for token in tokens)
    owners = _owners(tokens)
    return frozenset(
        at
        for at, character in enumerate(text)
        if character == "儿" and at and at not in fixed and _merges(text, at, owners[at], readings)
    )


def _merges(text: str, at: int, token: Token, readings: Sequence[str]) -> bool:
    base = readings[at - 1]
    if not base or base.startswith("er") or text[at - 1] in _CHILD_AFTER:
        return False
    last = at == token.end - 1
    if not last and token.start == at:
        return False
    return last or text[at + 1] not in _CHILD_BEFORE


def _yi(text: str, at: int, token: Token, readings: Sequence[str]) -> str:
    """Return the tone of 一."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    # A verb said twice (看一看) has it between; a count said twice (一步一步) begins with another; 数一数二 counts.
    if before and before == after and before not in _DIGITS | _LARGE and text[at - 2 : at - 1] != "一":
        return "1" if token.end > at + 1 and token.text[-1] in _DIGITS else "5"
    following = _tone(readings, at + 1)
    if not following or after in _LIGHT or _names(text, at, before, after, token):
        return "1"
    return "2" if following == "4" or after == "个" else "4"


def _names(text: str, at: int, before: str, after: str, token: Token) -> bool:
    """Tell whether 一 is a digit, an ordinal or the end of a word, where it keeps its tone."""
    inside = token.start < at or token.text == "一"
    counting = after in _LARGE and before not in _DIGITS and before != "十"
    if inside and (before in ("第", "初", "十", "点") or before in _DIGITS) and not counting:
        return True
    decimal = "点" in token.text[2:] and not counting
    if token.end > at + 1 and token.tag == "m" and (after in _DIGITS or after == "十" or decimal):
        return True
    if token.text.startswith("一点") and token.text[2:3] in _DIGITS:
        return True
    if (before in _LARGE and after not in _LARGE) or (before in _DEALS and after in _DEALS):
        return True
    if (before == "比" and text[at - 2] in _DIGITS) or (after == "比" and text[at + 2 : at + 3] in _DIGITS):
        return not counting
    if after in _ORDINAL or text[at + 1 : at + 3] in _ORDINAL_WORDS or (before == "月" and after == "日"):
        return True
    return token.end == at + 1 and len(token.text) > 1 and token.text[0] not in _POINTING


def _bu(text: str, at: int, token: Token, readings: Sequence[str]) -> str:
    """Return the tone of 不."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if before and before == after:
        return "5"
    infix = len(token.text) == 3 or text[at + 1 : at + 3] in _DIRECTIONS
    if token.start == at - 1 and infix and before not in _BEFORE_STRESSED_BU:
        return "5"
    return "2" if _tone(readings, at + 1) == "4" else "4"


def _is_light(text: str, at: int, owners: Sequence[Token]) -> bool:
    """Tell whether 个 has no tone of its own."""
    if not at:
        return False
    verb = owners[at - 1].tag.startswith("v") and owners[at - 1].end == at == owners[at].start
    return text[at - 1] in _BEFORE_LIGHT_GE or ((verb or text[at - 1] == "了") and owners[at].text == "个")


def _owners(tokens: Sequence[Token]) -> list[Token]:
    """Return for each position the word that it is in."""
    return [token for token in tokens for _ in token.text]


def _tone(readings: Sequence[str], at: int) -> str:
    """Return the tone at a position, empty where nothing is spoken."""
    return readings[at][-1:] if at < len(readings) else ""


def _verbs_twice(foot: Foot, text: str, spoken: list[str], fixed: frozenset[int]) -> None:
    """Say a verb that is repeated without its tone; a third tone before it rises as before another: 想想 is 2-5."""
    for at in leaves(foot.tree)[1:]:
        if at in fixed or text[at] != text[at - 1] or not spoken[at]:
            continue
        tags = [token.tag[0] for token in foot.tokens if token.start in (at - 1, at)]
        twice = text[at - 1 : at + 1]
        deeds = all(tag == "v" for tag in tags) and tags and twice not in _NO_DEEDS
        if deeds or twice in _VERBS_TWICE:
            if spoken[at - 1].endswith("3") and spoken[at].endswith("3"):
                spoken[at - 1] = spoken[at - 1][:-1] + "2"
            spoken[at] = spoken[at][:-1] + "5"


def _verb_and_object(verb: Token, whole: Token, spoken: list[str], fixed: frozenset[int]) -> None:
    """Say a verb without its tone where it is said once more before it meets its object: 爬(爬山), 聊(聊天)."""
    at = whole.start
    twice = len(verb.text) == 1 and len(whole.text) == 2 and verb.text == whole.text[0] and verb.end == at
    if (
        twice
        and verb.tag == "v"
        and whole.text not in _THINGS
        and verb.text not in _NEVER_TWICE
        and at not in fixed
        and spoken[at]
    ):
        spoken[at] = spoken[at][:-1] + "5"


def _third_tones(feet: Sequence[Foot], spoken: list[str]) -> None:
    """Let a third tone rise before another: within prosodic words, after one of a single syllable, before a pronoun."""
    for foot in feet:
        _within(foot.tree, spoken)
    for foot, following in pairwise(feet):
        pronoun = following.size == 1 and following.tokens[0].tag == "r"
        if foot.break_after == WORD and (foot.size == 1 or pronoun):
            _meet(foot.tree, following.tree, spoken)


def _within(tree: Tree, spoken: list[str]) -> None:
    """Go through a prosodic word from the inside out: 展览(馆) is 2-2-3, 小(老虎) is 3-2-3."""
    if isinstance(tree, int):
        return
    for branch in tree:
        _within(branch, spoken)
    for left, right in pairwise(tree):
        _meet(left, right, spoken)


def _meet(left: Tree, right: Tree, spoken: list[str]) -> None:
    last, first = leaves(left)[-1], leaves(right)[0]
    if spoken[last].endswith("3") and spoken[first].endswith("3"):
        spoken[last] = spoken[last][:-1] + "2"
