"""How Chinese characters are read in everyday sentences, names and places."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tts.frontend.pinyin import Pinyin


@pytest.fixture(scope="module")
def pinyin() -> Pinyin:
    return Pinyin()


#: Sentences with the readings of 现代汉语词典; only the marked characters, in order, are compared.
EVERYDAY = """
银[行][行][长]来了 | hang2 hang2 zhang3
他[长][得]很高 | zhang3 de5
我觉[得]睡[觉]好 | de5 jiao4
这很[重]要，请[重]新写 | zhong4 chong2
我了[解]他，好[了] | jie3 le5
别[着]急，慢慢看[着] | zhao2 zhe5
我去图书馆[还]书 | huan2
[还]有很多人 | hai2
这件衣服很[便][宜] | pian2 yi5
坐地铁很方[便] | bian4
一[行]人在路上[行]走 | xing2 xing2
我[得]去上班了 | dei3
他跑[得]快 | de5
房间很[干]净 | gan1
他在[干]活 | gan4
经济[发]展很快 | fa1
她的头[发]很[长] | fa5 chang2
[朝][阳]区在北京 | chao2 yang2
唐[朝]是一个[朝]代 | chao2 chao2
他在倒[车] | che1
小心[倒]车 | dao4
树[倒]下了 | dao3
我喜欢[数]学 | shu4
请你[数]一[数] | shu3 shu3
他在[教]书 | jiao1
学生在[教]室里 | jiao4
书在[地]上 | di4
他慢慢[地]走 | de5
[的][确]如此 | di2 que4
我们的目[的]是这个 | di4
这是我[的]书 | de5
[为]什么不去 | wei4
他成[为]了老师 | wei2
他很[乐]观 | le4
我爱听音[乐] | yue4
她[背]着[背]包 | bei1 bei1
他在我[背]后 | bei4
她会[弹]琴 | tan2
这是一颗子[弹] | dan4
飞机[降]落了 | jiang4
敌人投[降]了 | xiang2
这个[角]色很好 | jue2
躲在[角]落里 | jiao3
[给]予帮助 | ji3
你[给]我一本书 | gei3
[血]液检查 | xue4
[重]庆很美 | chong2
[长]春很冷 | chang2
[六]安在安徽 | lu4
大[厦]很高 | sha4
[厦]门在福建 | xia4
匈奴[单]于 | chan2
成吉思[汗]是[可][汗] | han2 ke4 han2
简[单]的工作 | dan1
他出[汗]了 | han4
我[还]没[还]钱 | hai2 huan2
这[种]树很难[种] | zhong3 zhong4
春天[种]花 | zhong4
我只有一[只]猫 | zhi1
他[只]吃菜 | zhi3
互[相]帮助 | xiang1
照[相]机坏了 | xiang4
他[中]奖了 | zhong4
我在家[中] | zhong1
电话号码的位[数] | shu4
房[间]里有人 | jian1
时[间]到了 | jian1
离[间]他们 | jian4
[更]好的办法 | geng4
[更]换零件 | geng1
这本书的[传]说 | chuan2
他写了自[传] | zhuan4
怎么[处]理这件事 | chu3
到[处]都是人 | chu4
题目很[难] | nan2
发生了灾[难] | nan4
空[调]坏了 | tiao2
[调]查结果 | diao4
[调]整计划 | tiao2
他[当]了老师 | dang1
别上[当] | dang4
你[和]我一起去 | he2
天气很暖[和] | huo5
成绩很[差] | cha4
[差]别不大 | cha1
他去出[差]了 | chai1
睡[觉]了 | jiao4
感[觉]不错 | jue2
[都]是我的错 | dou1
首[都]北京 | du1
他爱[好]音乐 | hao4
[好]吃的东西 | hao3
[看]书 | kan4
[看]门的人 | kan1
[东][西]很多 | dong1 xi5
[东][西]方文化 | dong1 xi1
知[识]就是力量 | shi5
这些日[子]很忙 | zi5
怎[么]办 | me5
他是我的朋[友] | you5
我喜[欢]你 | huan5
我认[识]他 | shi5
她很漂[亮] | liang5
我明[白]了 | bai5
王先[生]您好 | sheng5
你好[吗] | ma5
走[吧] | ba5
我[们]走 | men5
他笑[了]笑 | le5
完成不[了] | liao3
受不[了] | liao3
睡不[着] | zhao2
穿[着]红衣服 | zhe5
衣[着]整齐 | zhuo2
[着]手准备 | zhuo2
[得]到了奖 | de2
你[得]早点来 | dei3
你[得]小心 | dei3
你必须[得]去 | dei3
这[得]多少钱 | dei3
必须[得]到批准 | de2
车轮转[得]飞快 | de5
我累[得]慌 | de5
他舍[得]花钱 | de5
手机[重]一百九十八克 | zhong4
[重]三叠四 | chong2
[量]一下体温 | liang2
大[量]一下子涌入 | liang4
你一唱我一[和] | he4
[分]数很高 | fen1
[分]量很足 | fen4
水[分]充足 | fen4
[会]议开始了 | hui4
他是[会]计 | kuai4
[参]加比赛 | can1
买了人[参] | shen1
[参][差]不齐 | cen1 ci1
[曾]经去过 | ceng2
很[少]人来 | shao3
[少]年强则国强 | shao4
学[校]放学了 | xiao4
[校]对文章 | jiao4
[称]心如意 | chen4
[称]呼别人 | cheng1
[盛]饭 | cheng2
[盛]大的晚会 | sheng4
[兴]奋 | xing1
很高[兴] | xing4
[省]钱 | sheng3
反[省]自己 | xing3
[宿]舍 | su4
住了一[宿] | xiu3
[折]断树枝 | zhe2
树枝[折]了 | she2
[载]重汽车 | zai4
记[载]下来 | zai3
[扎]辫子 | za1
挣[扎] | zha2
[应]该去 | ying1
[应]用程序 | ying4
[与]会人员 | yu4
[转]变态度 | zhuan3
地球自[转] | zhuan4
[作]业很多 | zuo4
[切]菜 | qie1
一[切]都好 | qie4
[强]大的国家 | qiang2
勉[强]同意 | qiang3
脾气倔[强] | jiang4
[模]样 | mu2
[模]型 | mo2
[圈]子很小 | quan1
猪[圈] | juan4
[率]领大家 | shuai4
效[率]很高 | lv4
[薄]饼 | bao2
[薄]弱环节 | bo2
[假]期快乐 | jia4
[假]如我是你 | jia3
尽[量]快一点 | liang4
[尽]管下雨 | jin3
[尽]力而为 | jin4
[系]鞋带 | ji4
关[系]很好 | xi5
[吓]了一跳 | xia4
恐[吓] | he4
[担]心 | dan1
[担]子很重 | dan4
[冲]着我笑 | chong4
[冲]洗 | chong1
[奔]跑 | ben1
投[奔]亲戚 | ben4
[铺]床 | pu1
店[铺] | pu4
[晃]眼 | huang3
摇[晃] | huang4
[答]应 | da1
回[答]问题 | da2
[几]乎没有 | ji1
[几]个人 | ji3
[空]气很好 | kong1
有[空]来玩 | kong4
[累]了休息 | lei4
积[累]经验 | lei3
[露]天电影 | lu4
[露]马脚 | lou4
[没]有 | mei2
淹[没] | mo4
[喝]水 | he1
[喝]彩 | he4
[划]船 | hua2
计[划] | hua4
[晕]车 | yun4
头[晕] | yun1
[秘]密 | mi4
[秘]鲁 | bi4
[卡]片 | ka3
关[卡] | qia3
鱼刺[卡]住了 | qia3
[缝]衣服 | feng2
门[缝] | feng4
[横]行霸道 | heng2
蛮[横] | heng4
[禁]止吸烟 | jin4
情不自[禁] | jin1
[倒]霉 | dao3
[倒]水 | dao4
[散]步 | san4
[散]文 | san3
丢三[落]四 | la4
[落]后 | luo4
[闷]热 | men1
[闷]闷不乐 | men4
[丧]失 | sang4
[丧]事 | sang1
[似]乎 | si4
像花[似]的 | shi4
[屏]幕 | ping2
[屏]住呼吸 | bing3
[塞]车 | sai1
堵[塞] | se4
边[塞] | sai4
[纤]维 | xian1
[纤]夫 | qian4
[一]个人 | yi1
[不]去 | bu4
[女]人 | nv3
[绿]色 | lv4
太晚了，[得]走了 | dei3
他[还]了书[还]没走 | huan2 hai2
老师[数]了[数]人[数] | shu3 shu3 shu4
我们成[为]了朋友 | wei2
[为]了你 | wei4
释迦[牟]尼 | mou2
好好[学]习 | xue2
他很[好]学 | hao4
[便]宜没好货 | pian2
教练[教]我们 | jiao1
他[发]明了许多东西 | fa1
他发明[了]许多东西 | le5
不[得]不走 | de2
百[济]是古国 | ji4
阿[济]格是将军 | ji4
住在鲗鱼[涌]附近 | chong1
马头[涌]道很长 | chong1
请勿随地便[溺] | niao4
他们住在渡[假]村 | jia4
[荷]里活的电影 | he2
面条很有咬[劲] | jin4
和你一[样][长]。 | yang4 chang2
水位逐[降] | jiang4
堰[塞]湖很大 | se4
""".strip().split("\n")


def marked(line: str) -> tuple[str, list[int], list[str]]:
    """Return a line's text, where its marked characters stand in it, and their readings."""
    sentence, readings = line.split(" | ")
    positions = [place - 2 * number for number, place in enumerate(at for at, it in enumerate(sentence) if it == "[")]
    return sentence.replace("[", "").replace("]", ""), positions, readings.split()


@pytest.mark.parametrize("line", EVERYDAY)
def test_everyday(pinyin: Pinyin, line: str) -> None:
    text, positions, readings = marked(line)
    said = pinyin.read(text)
    assert [said[position] for position in positions] == readings


@pytest.mark.parametrize(
    ("text", "position", "reading"),
    [
        ("单老师来了", 0, "shan4"),
        ("他姓单", 2, "shan4"),
        ("单位在哪里", 0, "dan1"),
        ("曾教授您好", 0, "zeng1"),
        ("曾经去过", 0, "ceng2"),
        ("曾志伟，你好", 0, "zeng1"),
        ("仇女士在吗", 0, "qiu2"),
        ("报仇", 1, "chou2"),
        ("解先生", 0, "xie4"),
        ("查老师", 0, "zha1"),
        ("查字典", 0, "cha2"),
        ("任局长说得对", 0, "ren2"),
        ("任何人", 0, "ren4"),
        ("任志强说", 0, "ren2"),
        ("华老师", 0, "hua4"),
        ("中华民国", 1, "hua2"),
        ("区先生", 0, "ou1"),
        ("朴医生", 0, "piao2"),
        ("朴素", 0, "pu3"),
        ("尉迟恭", 0, "yu4"),
        ("尉迟恭", 1, "chi2"),
        ("万俟先生", 1, "qi2"),
        ("长孙女士", 0, "zhang3"),
        ("翟先生", 0, "zhai2"),
        ("燕女士", 0, "yan1"),
        ("燕子飞", 0, "yan4"),
        ("令狐冲", 0, "ling2"),
    ],
)
def test_surnames(pinyin: Pinyin, text: str, position: int, reading: str) -> None:
    assert pinyin.read(text)[position] == reading


def test_what_is_not_chinese_has_no_reading(pinyin: Pinyin) -> None:
    assert pinyin.read("A座3层，OK") == ["", "zuo4", "", "ceng2", "", "", ""]
    assert pinyin.read("") == []
    assert pinyin.read("123") == ["", "", ""]


def test_readings_for_the_menu(pinyin: Pinyin) -> None:
    assert pinyin.readings("行")[:2] == ("xing2", "hang2")
    assert set(pinyin.readings("着")) == {"zhe5", "zhao1", "zhao2", "zhuo2"}
    assert pinyin.readings("女")[:1] == ("nv3",)
    assert pinyin.readings("A") == ()


def test_a_part_is_read_as_in_the_whole(pinyin: Pinyin) -> None:
    text = "他去银行还钱。行长说，这只是一只很难种的树，重新种吧！得了第一名，他觉得跑得快很重要。"
    whole = pinyin.read(text)
    for start in range(len(text)):
        for end in range(start, len(text) + 1, 5):
            assert pinyin.read(text, start, end) == whole[start:end]


def test_words_keep_others_from_being_found_across_them(pinyin: Pinyin) -> None:
    # 首先 | 生成 holds 先生, which ends in a neutral tone only as a word.
    assert pinyin.read("首先生火", words=[(0, 2), (2, 4)])[2] == "sheng1"
    assert pinyin.read("先生", words=[(0, 2)]) == ["xian1", "sheng5"]


def test_a_long_text_without_stops(pinyin: Pinyin) -> None:
    text = "我去银行，" * 200
    assert pinyin.read(text) == pinyin.read("我去银行，") * 200


def test_threads_share_one_reader(pinyin: Pinyin) -> None:
    texts = [marked(line)[0] for line in EVERYDAY] * 2
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(pinyin.read, texts)) == [pinyin.read(text) for text in texts]


def test_every_reading_has_a_tone(pinyin: Pinyin) -> None:
    for code in range(0x4E00, 0x9FA6):
        for reading in pinyin.readings(chr(code)):
            assert reading[-1] in "12345", (chr(code), reading)
            assert reading[:-1].isalpha(), (chr(code), reading)
