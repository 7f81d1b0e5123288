"""Tells by the words around them how 地, 得 and 都 are read: as particles, as what must be done, as all."""

from collections.abc import Sequence

from tts.frontend.words import Token

#: Parts of speech by their first letter: what tells how something is done, what is done, and how it is done in the end.
_MANNERS, _DEEDS, _RESULTS = frozenset("adzilo"), frozenset("vdpa"), frozenset("adzilo")

#: Deeds of which nothing tells how, most with an object inside: 得 after them is what must be done, 挂号得排队.
_NEVER_HOW = frozenset((
    "挂号", "看病", "住院", "打针", "吃药", "上班", "下班", "加班", "上学", "上课", "开会", "考试", "报名", "请假",
    "出门", "出国", "回家", "搬家", "租房", "买房", "开车", "停车", "坐车", "骑车", "打车", "买票", "登机", "排队",
    "付款", "付钱", "交钱", "取钱", "签字", "报警", "吃饭", "做饭", "喝水", "睡觉", "洗澡", "洗手", "结婚", "离婚",
    "办事", "做事", "说话", "写字", "看书", "过年", "静养", "休息", "开刀", "手术", "复查", "戒烟", "戒酒", "罚款",
))  # fmt: skip
#: What makes somebody do what follows 得.
_STATES = frozenset("疼痛急累饿渴困热冷气羞吓冻乐哭笑愁烦慌忙醉馋病伤")
#: Who must do something; nothing tells how they are.
_PERSONS = frozenset(("我", "你", "您", "他", "她", "它", "咱", "我们", "你们", "他们", "她们", "咱们", "大家"))
_DEGREES = frozenset(("真", "很", "太", "更", "最", "挺", "特别", "非常", "极", "多", "那么", "这么"))
#: After somebody these make 得 a verb: 谁得出的结论.
_GAINS = frozenset("出到知失胜罪势")
_WARNINGS = frozenset(("小心", "先", "早点"))
#: What begins with somebody's word or thought and goes on with what must be done: 医生说得静养.
_REPORTS = frozenset(("说", "估计"))
#: How and when something is done that must be: 说得按时吃.
_DUTIES = _WARNINGS | {"按时", "按期", "尽快", "赶紧", "赶快", "改天"}


def with_particles(tokens: Sequence[Token], readings: Sequence[str]) -> list[str]:
    """Return the readings, with those of particles where they were taken for something else."""
    found = list(readings)
    if len(tokens) > 1 and tokens[0].text == "得" and found[0] == "de2" and _begins_a_duty(tokens[1]):
        found[0] = "dei3"
    for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        found[token.start] = _reading(before, token, after, readings[token.start]) or readings[token.start]
    for token in tokens:
        # 难过地, 死死地, as the dictionary has them.
        how = token.tag == "d" or (len(token.text) == 3 and (token.tag == "z" or token.text[0] == token.text[1]))
        if how and len(token.text) > 2 and token.text[-1] == "地":
            found[token.end - 1] = "de5"
    return found


def _reading(before: Token, token: Token, after: Token, known: str) -> str:
    """Return how a word of one character is read between two others, empty where that tells nothing."""
    if (
        token.text == "地"
        and _is_manner(before)
        and (after.tag[0] in _DEEDS or before.tag == "o" or _is_doubled(before))
    ):
        return "de5"
    if token.text == "得" and before.text in _NEVER_HOW and (after.tag[0] in "vp" or after.text in _WARNINGS):
        return "dei3"
    if token.text == "得" and _is_ordered(before, after):
        return "dei3"
    if token.text == "得" and known == "de5" and before.text in _PERSONS and after.tag[0] in "vdpz":
        return "dei3"
    if token.text == "得" and known == "de2":
        if before.tag[0] in "vab" and after.text in _DEGREES:
            return "de5"
        if before.tag[0] in "vab" and before.text != "是" and after.tag[0] in _RESULTS:
            return "de5"
        # 高兴得跳起来, 气得发抖: what a feeling makes one do.
        if before.text in _STATES or (before.tag[0] in "ab" and after.tag[0] == "v"):
            return "" if after.text in _GAINS else "de5"
        must = (before.tag[0] in "nrd" and after.tag == "p") or (before.tag[0] in "nr" and _tells_how(after))
        return "dei3" if must or (before.tag[0] in "nr" and after.tag[0] in "vl" and after.text not in _GAINS) else ""
    return "dou1" if token.text == "都" and after.tag[0] in _DEEDS else ""


def _begins_a_duty(token: Token) -> bool:
    """Tell whether 得 before a word, with nothing before itself, is what must be done: 得改天再来."""
    return token.tag[0] in "vdpi" and token.text[0] not in _GAINS


def _is_manner(token: Token) -> bool:
    """Tell whether a word says how something is done: 慢慢, 砰, 一五一十, which counts as a number."""
    if len(token.text) == 1:
        return token.tag == "o" or token.text == "哇"
    return token.tag[0] in _MANNERS or _is_doubled(token) or (token.tag == "m" and len(token.text) == 4)


def _is_doubled(token: Token) -> bool:
    """Tell whether a word is made by saying each part of another twice: 死死, 高高兴兴, whatever its tag."""
    text = token.text
    return text[::2] == text[1::2] and (len(text) == 4 or token.tag[0] != "n")


def _is_ordered(before: Token, after: Token) -> bool:
    """Tell whether 得 stands between who says so, or must, and what nobody does well or badly: 说得住院."""
    if before.text in _REPORTS and (after.text in _DUTIES or after.text[0] == "去"):
        return True
    somebody = before.text in _REPORTS or (before.tag[0] == "n" and before.text not in _STATES)
    return somebody and after.text in _NEVER_HOW


def _tells_how(token: Token) -> bool:
    """Tell whether a word is an adverb of two characters, which tells how something is to be done: 药得按时吃."""
    return token.tag == "d" and len(token.text) == 2 and token.text not in _DEGREES
