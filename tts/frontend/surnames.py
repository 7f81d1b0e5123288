"""Names of people: which surnames stand in a text and how they are read."""

import re
from collections.abc import Iterable, Iterator

from tts.frontend.vocabulary import Match, Phrases, parsed

_TITLE = (
    "先生|女士|小姐|太太|夫人|老师|教授|主任|经理|同学|同志|师傅|医生|大夫|博士|院士|书记|[局市省县镇村校部处科所院队班厂董]长|董事长"
    "|主席|总理|总裁|总监|总统|将军|警官|律师|法官|记者|教练|导演|阿姨|叔叔|大爷|大妈|奶奶|爷爷|大哥|大姐|某|氏|总[，。说]|家(?=[的老村庄湾])"
)
#: Characters that many given names are made of and few other words begin or end with.
_GIVEN = (
    "伟强芳敏静丽娜秀英玉兰军勇艳杰娟涛超霞刚桂志建华国平明红辉鹏燕玲斌波宇浩凯鑫婷雪琳晶欣怡慧洁颖倩雯琪瑶琼莉萍梅菊莲凤珍珠"
    "翠芬淑惠贞贤良德义仁礼智信忠孝文武斌彬博学宏达远航振兴昌盛荣贵富庆祥瑞福禄寿康宁泰安雄豪杰俊峰岭山海江河湖洋波涛浪源泉"
    "林森松柏竹枫楠桐梓柯栋梁家嘉佳佩思晨曦阳晓春夏秋冬雨云雷霆星辰月亮光耀晖灿炜烨煜煊焕永恒久长世代绍继承传宗祖耀元亨利"
    "子紫梓轩萱涵晗翰瀚韩墨默睿锐瑾瑜璇璐璟琦琨珂珊玥玮毅逸奕弈熠益翼正直端庄肃敬恭谦逊诚恳真善美立鸿洪弘启迪凡帆非菲飞"
)
#: Two of a given name; 天 begins one only before these, for 曾天真 and 应天天 are none.
_TWO_GIVEN = rf"(?:[{_GIVEN}]{{2}}|天[行佑赐宇成翔])"
_BEFORE = r"(?:(?<![一-鿿])|(?<=[是和与跟叫位找请问给对向由])|(?<=我是)|(?<=[老小]))"
#: The group of the pattern that needs no more proof.
_BY_TITLE = 1
_SAYS = r"[说道问答笑想表认指告讲称]|先生|女士"


class Surnames:
    """Finds surnames by what stands around them: a title, a given name, or `姓`."""

    def __init__(self, lines: Iterable[str]) -> None:
        names = parsed(lines)
        self._readings = names
        one_of = "|".join(sorted(names, key=len, reverse=True))
        self._pattern = re.compile(
            rf"(?:(?<=姓)|{_BEFORE}(?=(?:{one_of})(?:{_TITLE})))({one_of})"
            rf"|{_BEFORE}({one_of})(?=(?:[{_GIVEN}]|{_TWO_GIVEN})(?:{_TITLE}|{_SAYS}))"
            rf"|{_BEFORE}({one_of})(?={_TWO_GIVEN}(?:[，。、！？：；,!?\s是在的和与开唱演说来去到回被将获参担]|$))"
        )

    def find(self, text: str, words: Phrases) -> Iterator[Match]:
        """Yield the surnames in a text; where one of `words` begins, a given name does not make one: 燕子, 任何."""
        for match in self._pattern.finditer(text):
            if match.lastindex == _BY_TITLE or not any(words.starting(text, match.start())):
                yield Match(match.start(), self._readings[match.group()])
