"""Sentences of every day that were once read wrong, each kind with the dictionary that it follows."""

import pytest

from tests.mandarin import read

#: Text, reading as it is spoken, source. XHC is 现代汉语词典, CEDICT is CC-CEDICT.
READINGS = """
哇的一声哭了 | wa1 de5 yi4 sheng1 ku1 le5 | CEDICT 哇 wa1, sound of a child's crying
她哇地大哭 | ta1 wa1 de5 da4 ku1 | XHC 哇 wā, 拟声词
孩子哇哇大哭 | hai2 zi5 wa1 wa1 da4 ku1 | CEDICT 哇哇 wa1 wa1
好哇 | hao3 wa5 | XHC 哇 wa, 助词
走哇 | zou3 wa5 | XHC 哇 wa, 助词
呀，下雨了 | ya1 xia4 yu3 le5 | XHC 呀 yā, 叹词
砰地关上门 | peng1 de5 guan1 shang4 men2 | XHC 地 de, 助词 after what tells how
高高兴兴地上学 | gao1 gao1 xing4 xing4 de5 shang4 xue2 | XHC 地 de
挂号得排队 | gua4 hao4 dei3 pai2 dui4 | XHC 得 děi, 需要
挂号得排 | gua4 hao4 dei3 pai2 | XHC 得 děi
你得排第一 | ni2 dei3 pai2 di4 yi1 | XHC 得 děi
成绩得看平时 | cheng2 ji4 dei3 kan4 ping2 shi2 | XHC 得 děi
得改天再来 | dei2 gai3 tian1 zai4 lai2 | XHC 得 děi
他得了第一名 | ta1 de2 le5 di4 yi1 ming2 | XHC 得 dé, 得到
谁得罪你了 | shui2 de2 zui4 ni3 le5 | CEDICT 得罪 de2 zui4
她气得发抖 | ta1 qi4 de5 fa1 dou3 | XHC 得 de, 助词
吓得脸都白了 | xia4 de5 lian3 dou1 bai2 le5 | XHC 得 de
警察说得罚款 | jing3 cha2 shuo1 dei3 fa2 kuan3 | CEDICT 得 dei3
病人得静养 | bing4 ren2 dei3 jing4 yang3 | CEDICT 得 dei3
药得按时吃 | yao4 dei3 an4 shi2 chi1 | CEDICT 得 dei3
我觉得得去 | wo3 jue2 de5 dei3 qu4 | CEDICT 得 dei3
他病得住院了 | ta1 bing4 de5 zhu4 yuan4 le5 | CEDICT 得 de5
他说得清楚 | ta1 shuo1 de5 qing1 chu5 | CEDICT 得 de5
他说得眉飞色舞 | ta1 shuo1 de5 mei2 fei1 se4 wu3 | CEDICT 得 de5
她跑得特别快 | ta1 pao3 de5 te4 bie2 kuai4 | CEDICT 得 de5
他得省级奖 | ta1 de2 sheng3 ji2 jiang3 | CEDICT 得 de2
今天行吗 | jin1 tian1 xing2 ma5 | CEDICT 行 xing2
明天行长来 | ming2 tian1 hang2 zhang3 lai2 | CEDICT 行长 hang2 zhang3
曾天天来 | ceng2 tian1 tian1 lai2 | CEDICT 曾 ceng2
热得满头大汗 | re4 de5 man3 tou2 da4 han4 | XHC 得 de
累得喘不过气 | lei4 de5 chuan3 bu2 guo4 qi4 | XHC 得 de
路上堵得要命 | lu4 shang4 du3 de5 yao4 ming4 | XHC 得 de
处处是花 | chu4 chu4 shi4 hua1 | CEDICT 处处 chu4 chu4, no verb said twice
满满一杯水 | man2 man3 yi4 bei1 shui3 | CEDICT 满满 man3 man3
死死地抱住 | si2 si3 de5 bao4 zhu4 | XHC 死死 sǐsǐ
想不起来 | xiang3 bu5 qi3 lai2 | XHC 不, neutral between a verb and what comes of it
把存折落在车上 | ba3 cun2 zhe2 la4 zai4 che1 shang4 | XHC 落 là, 遗忘
树叶落在地上 | shu4 ye4 luo4 zai4 di4 shang4 | XHC 落 luò
一节也没落下 | yi4 jie2 ye3 mei2 la4 xia4 | XHC 落 là
家道没落 | jia1 dao4 mo4 luo4 | XHC 没落 mòluò
后天下之乐而乐 | hou4 tian1 xia4 zhi1 le4 er2 le4 | XHC 乐 lè
幽咽泉流冰下难 | you1 ye4 quan2 liu2 bing1 xia4 nan2 | CEDICT 幽咽 you1 ye4
逝者如斯夫 | shi4 zhe3 ru2 si1 fu2 | XHC 夫 fú, 助词
不教胡马度阴山 | bu2 jiao4 hu2 ma3 du4 yin1 shan1 | XHC 教 jiào, 使
她弹着琴 | ta1 tan2 zhe5 qin2 | XHC 弹 tán
给我盛一碗饭 | gei2 wo3 cheng2 yi4 wan3 fan4 | XHC 盛 chéng
打着石膏 | da3 zhe5 shi2 gao1 | XHC 着 zhe
火打着了 | huo2 da3 zhao2 le5 | XHC 着 zháo
养了只鸡 | yang3 le5 zhi1 ji1 | XHC 只 zhī
缝两针 | feng2 liang3 zhen1 | XHC 缝 féng
专挑好的 | zhuan1 tiao1 hao3 de5 | XHC 挑 tiāo
这是量杯 | zhe4 shi4 liang2 bei1 | CEDICT 量杯 liang2 bei1
声音很冲 | sheng1 yin1 hen3 chong4 | XHC 冲 chòng
他倔得很 | ta1 jue4 de5 hen3 | XHC 倔 juè
他在临字帖 | ta1 zai4 lin2 zi4 tie4 | CEDICT 字帖 zi4 tie4
果实累累 | guo3 shi2 lei2 lei2 | XHC 累累 léiléi
三户人家 | san1 hu4 ren2 jia1 | CEDICT 人家 ren2 jia1, household
人家走了 | ren2 jia5 zou3 le5 | XHC 人家 rénjia
别唠叨了 | bie2 lao2 dao5 le5 | PSC 唠叨, neutral
打了个结 | da3 le5 ge5 jie2 | XHC 个, neutral between a verb and its object
法院一审 | fa3 yuan4 yi1 shen3 | XHC 一审 yīshěn
奖金发到卡里 | jiang3 jin1 fa1 dao4 ka2 li3 | XHC 发 fā, 送出
一头金发 | yi4 tou2 jin1 fa4 | XHC 金发 jīnfà
脑袋发涨 | nao3 dai5 fa1 zhang4 | XHC 涨 zhàng, 充血
心里熨帖 | xin1 li3 yu4 tie1 | XHC 熨帖 yùtiē
数一数二 | shu3 yi1 shu3 er4 | CEDICT 数一数二 shu3 yi1 shu3 er4
呱呱坠地 | gu1 gu1 zhui4 di4 | CEDICT 呱呱坠地 gu1 gu1 zhui4 di4
雨下得真大 | yu3 xia4 de5 zhen1 da4 | XHC 得 de
你得好好谢谢他 | ni2 dei3 hao2 hao3 xie4 xie5 ta1 | XHC 得 děi
他在行里上班 | ta1 zai4 hang2 li3 shang4 ban1 | XHC 行 háng, 营业机构
明儿个再说 | mingr2 ge5 zai4 shuo1 | XHC 明儿个, neutral
双十一打折 | shuang1 shi2 yi1 da3 zhe2 | XHC 一, an ordinal keeps its tone
"""

#: Prosodic words between bars.
GROUPS = """
到|北京南|下车
从|北京南|到|上海|虹桥
北京|南部|有雨
亨利|八世|有|六个|妻子
亨利|四世
路易|十四世
约翰|二十三世
路易|十六世|被|处死
十四|世纪
秦二世
国足|一比三|负于|韩国队
五号|楼|二单元
一百|一十二
一百|一十二|比|一百零八
"""


def rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split(" | ")] for line in table.strip().splitlines()]


@pytest.mark.parametrize(("text", "expected", "source"), rows(READINGS))
def test_readings(text: str, expected: str, source: str) -> None:
    sentence = read(text)
    assert " ".join(syllable.pinyin for word in sentence.words for syllable in word.syllables) == expected, source


@pytest.mark.parametrize("expected", GROUPS.split())
def test_groups(expected: str) -> None:
    text = expected.replace("|", "")
    words = (text[word.syllables[0].start : word.syllables[-1].end] for word in read(text).words)
    assert "|".join(words) == expected
