"""What Chinese text with numbers, units, codes and symbols sounds like, and which characters each sound stands for."""

import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.frontend.chinese_numbers import number, quantity, roman
from tts.frontend.normalize import Normalizer

#: `written => spoken`, by common usage; spaces between letters and Han characters do not count.
CASES = {
    "tests of WeTextProcessing (tn/chinese/test/data, Apache-2.0), where nothing is to be left out": """
        2% => 百分之二
        127.0.0.1 => 一二七点零点零点一
        尾号1702 => 尾号幺七零二
        尾号是3385 => 尾号是三三八五
        尾号为2349 => 尾号为二三四九
        2008-08-08 => 二零零八年八月八日
        2008/08/08 => 二零零八年八月八日
        2008.08.08 => 二零零八年八月八日
        2008-8-8 => 二零零八年八月八日
        08-08-2008 => 二零零八年八月八日
        2008-08 => 二零零八年八月
        2008/08 => 二零零八年八月
        2008.08 => 二零零八年八月
        08-2008 => 二零零八年八月
        08/2008 => 二零零八年八月
        08.2008 => 二零零八年八月
        08-08 => 八月八日
        08/08 => 八月八日
        08.08 => 八月八日
        1/2 => 二分之一
        3/16 => 十六分之三
        1 / 2 => 二分之一
        1+2 => 一加二
        -1+2 => 负一加二
        1+2+3 => 一加二加三
        2 = 1 + 1 => 二等于一加一
        2 ≤ 4 => 二小于等于四
        2 ≥ 1 => 二大于等于一
        2<=4 => 二小于等于四
        2>=1 => 二大于等于一
        1年后 => 一年后
        2年后 => 两年后
        20年后 => 二十年后
        100余 => 一百余
        10几 => 十几
        2两 => 二两
        1kg => 一千克
        1 kg => 一千克
        10km/h => 每小时十公里
        100兆 => 一百兆
        ￥1.25 => 一点二五元
        CNY1.25 => 一点二五人民币
        CNY 1.25 => 一点二五人民币
        苹果宣布发布新ＩＰＨＯＮＥ => 苹果宣布发布新IPHONE
        共计6.42万人 => 共计六点四二万人
        同比升高0.6个百分点 => 同比升高零点六个百分点
        总量的1/5以上 => 总量的五分之一以上
        相当于头发丝的1/16 => 相当于头发丝的十六分之一
        3/2是一个假分数 => 二分之三是一个假分数
        同比增长6.3% => 同比增长百分之六点三
        增幅0.4% => 增幅百分之零点四
        2002/01/28 => 二零零二年一月二十八日
        2002-01-28 => 二零零二年一月二十八日
        2002.01.28 => 二零零二年一月二十八日
        2002/01 => 二零零二年一月
        8月16号12:00之前 => 八月十六号十二点之前
        我是5:02开始的 => 我是五点零二分开始的
        于5:35:36发射 => 于五点三十五分三十六秒发射
        8:00 a.m.准时开会 => 上午八点准时开会
        比分定格在78:96 => 比分定格在七十八比九十六
        计算-2的绝对值是2 => 计算负二的绝对值是二
        ±2的平方都是4 => 正负二的平方都是四
        价格是￥13.5 => 价格是十三点五元
        价格是$13.5 => 价格是十三点五美元
        价格是A$13.5 => 价格是十三点五澳元
        价格是HKD13.5 => 价格是十三点五港元
        重达25kg => 重达二十五千克
        最高气温38°C => 最高气温三十八摄氏度
        实际面积120m² => 实际面积一百二十平方米
        渲染速度10ms一帧 => 渲染速度十毫秒一帧
        可以打我手机13501234567 => 可以打我手机幺三五零幺二三四五六七
        可以拨打12306来咨询 => 可以拨打幺二三零六来咨询
        O2O => O to O
        B2B => B to B
        给12315打个电话 => 给幺二三幺五打个电话
        人均200以内 => 人均两百以内
        当场票数≥100万 => 当场票数大于等于一百万
        独得300w张 => 独得三百万张
        面积是10km² => 面积是十平方千米
        仅仅是２０１５年 => 仅仅是二零一五年
        包含３０００余件 => 包含三千余件
        查处４５０余名 => 查处四百五十余名
        查处450余名 => 查处四百五十余名
        -1 => 负一
        0 => 零
        10 => 十
        11 => 十一
        20 => 二十
        100 => 一百
        101 => 一百零一
        111 => 一百一十一
        200 => 两百
        1000 => 一千
        1001 => 一千零一
        1011 => 一千零一十一
        1111 => 一千一百一十一
        2000 => 两千
        10000 => 一万
        10001 => 一万零一
        10011 => 一万零一十一
        10111 => 一万零一百一十一
        11111 => 一万一千一百一十一
        20000 => 两万
        101111 => 十万一千一百一十一
        1001111 => 一百万一千一百一十一
        10001111 => 一千万一千一百一十一
        1.01 => 一点零一
        1.11 => 一点一一
        中国1-2 => 中国一比二
        爆冷0:1 => 爆冷零比一
        拉齐奥 2/2 => 拉齐奥二比二
        2:02 => 两点零二分
        11:00 => 十一点
        22：58 => 二十二点五十八分
        13:10:36 => 十三点十分三十六秒
        1:02:36am => 上午一点零二分三十六秒
        1:02:36 am => 上午一点零二分三十六秒
        婴儿 => 婴儿
        90后 => 九零后
        """,
    "years and ordinals, amounts by place value": """
        1998年 => 一九九八年
        2024年5月6日 => 二零二四年五月六日
        今天是2024-05-06 => 今天是二零二四年五月六日
        2024/5/6 => 二零二四年五月六日
        2024.5.6 => 二零二四年五月六日
        2024-10 => 二零二四年十月
        05-06 => 五月六日
        2019-2023年 => 二零一九到二零二三年
        1990年~2000年 => 一九九零年到二零零零年
        21世纪 => 二十一世纪
        80年代 => 八十年代
        1980年代 => 一九八零年代
        08年 => 零八年
        98年出生 => 九八年出生
        10年 => 十年
        20年后 => 二十年后
        5000年历史 => 五千年历史
        过去100年 => 过去一百年
        2000年前 => 两千年前
        公元前221年 => 公元前二二一年
        5月6日-8日 => 五月六日到八日
        3月-5月 => 三月到五月
        12月2日 => 十二月二日
        2月 => 二月
        95后和00后 => 九五后和零零后
        9·11事件 => 九一一事件
        911事件 => 九一一事件
        6·18 => 六一八
        3.15晚会 => 三一五晚会
        第3名 => 第三名
        第21届 => 第二十一届
        第2个 => 第二个
        第200次 => 第二百次
        100000000 => 一亿
        1,234,567 => 一百二十三万四千五百六十七
        10010元 => 一万零一十元
        100200 => 十万零二百
        110000 => 十一万
        3000余件 => 三千余件
        1.2亿元 => 一点二亿元
        0.001 => 零点零零一
        3.14159 => 三点一四一五九
        .5 => 零点五
        -3 => 负三
        007 => 零零七
        11人 => 十一人
        1 000 000 => 一百万
        第3-5章 => 第三到五章
        第1、2名 => 第一、二名
        2分之1 => 二分之一
        身高1米75 => 身高一米七五
        985和211大学 => 九八五和二一一大学
        111人 => 一百一十一人
        """,
    "years side by side": """
        2023、2024年 => 二零二三、二零二四年
        1997和1998年 => 一九九七和一九九八年
        2023和3个 => 两千零二十三和三个
        """,
    "二 and 两": """
        2个 => 两个
        2两 => 二两
        2天 => 两天
        2号线 => 二号线
        2楼 => 二楼
        2小时 => 两小时
        2点半 => 两点半
        2万2千 => 两万两千
        22个 => 二十二个
        12个 => 十二个
        200米 => 两百米
        2000人 => 两千人
        20000 => 两万
        2222人 => 两千二百二十二人
        2.5小时 => 二点五小时
        2/3的人 => 三分之二的人
        2倍 => 两倍
        2% => 百分之二
        1002人 => 一千零二人
        2-3天 => 两到三天
        """,
    "units": """
        16GB内存 => 十六吉字节内存
        512MB => 五百一十二兆字节
        1TB => 一太字节
        35μg/m³ => 每立方米三十五微克
        35µg/m³ => 每立方米三十五微克
        -5℃ => 零下五摄氏度
        25°C => 二十五摄氏度
        -5~3℃ => 零下五到三摄氏度
        -5℃~3℃ => 零下五摄氏度到三摄氏度
        120km/h => 每小时一百二十公里
        3kWh => 三千瓦时
        50mm² => 五十平方毫米
        5㎡ => 五平方米
        30㎝ => 三十厘米
        5kg => 五千克
        3-5kg => 三到五千克
        220V => 两百二十伏
        5000mAh => 五千毫安时
        2.4GHz => 二点四吉赫兹
        100Mbps => 一百兆比特每秒
        90° => 九十度
        北纬39°54′ => 北纬三十九度五十四分
        10min => 十分钟
        5h30min => 五小时三十分钟
        5km-10km => 五公里到十公里
        35微克/立方米 => 三十五微克每立方米
        100米/秒 => 一百米每秒
        10元/斤 => 十元每斤
        8000元/㎡ => 八千元每平方米
        5元/kg => 五元每千克
        """,
    "telephone and identity numbers, 幺 for 1": """
        13812345678 => 幺三八幺二三四五六七八
        138-1234-5678 => 幺三八幺二三四五六七八
        138 1234 5678 => 幺三八幺二三四五六七八
        +86 138 1234 5678 => 加八六幺三八幺二三四五六七八
        400-800-1234 => 四零零八零零幺二三四
        010-62345678 => 零幺零六二三四五六七八
        0755-12345678 => 零七五五幺二三四五六七八
        拨打110 => 拨打幺幺零
        打120急救 => 打幺二零急救
        119火警 => 幺幺九火警
        拨打12306 => 拨打幺二三零六
        10086客服 => 幺零零八六客服
        打电话给110、119 => 打电话给幺幺零、幺幺九
        拨打110、119、120 => 拨打幺幺零、幺幺九、幺二零
        110或者119都是报警电话 => 幺幺零或者幺幺九都是报警电话
        打110分 => 打一百一十分
        打110、120元 => 打一百一十、一百二十元
        一共110 => 一共一百一十
        身高110、120 => 身高一百一十、一百二十
        110路公交车 => 一百一十路公交车
        110米 => 一百一十米
        120元 => 一百二十元
        身份证号11010519900307123X => 身份证号幺幺零幺零五幺九九零零三零七幺二三X
        验证码：031415 => 验证码：零三幺四幺五
        尾号1702 => 尾号幺七零二
        QQ号是12345678 => QQ号是幺二三四五六七八
        邮编100084 => 邮编幺零零零八四
        020-8888-8888 => 零二零八八八八八八八八
        (010)62345678 => 零幺零六二三四五六七八
        1203室 => 幺二零三室
        17层1702 => 十七层幺七零二
        """,
    "money": """
        ￥3.5 => 三点五元
        ¥1,234.56 => 一千二百三十四点五六元
        $20 => 二十美元
        US$20 => 二十美元
        €50 => 五十欧元
        £2 => 两英镑
        ¥3.5亿 => 三点五亿元
        ￥5元 => 五元
        12元5角 => 十二元五角
        50-100元 => 五十到一百元
        1万-2万元 => 一万到两万元
        HKD13.5 => 十三点五港元
        """,
    "times, spans of time, scores": """
        10:30 => 十点三十分
        10:30:15 => 十点三十分十五秒
        8:05 => 八点零五分
        2:30 => 两点三十分
        11:00 => 十一点
        22：58 => 二十二点五十八分
        12:00-13:30 => 十二点到十三点三十分
        9:00~18:00 => 九点到十八点
        3:30pm => 下午三点三十分
        8:00 a.m.准时 => 上午八点准时
        周一-周五 => 周一到周五
        比分3:2 => 比分三比二
        比分10:30 => 比分十比三十
        比分定格在78:96 => 比分定格在七十八比九十六
        中国1-2 => 中国一比二
        湖人102-98火箭 => 湖人一百零二比九十八火箭
        1:0.5 => 一比零点五
        1:100 => 一比一百
        16:9 => 十六比九
        """,
    "shares, fractions, sums, ranges": """
        10~20% => 百分之十到二十
        5%~10% => 百分之五到百分之十
        5‰ => 千分之五
        100% => 百分之百
        ±5% => 正负百分之五
        1/2 => 二分之一
        3/16 => 十六分之三
        ½杯 => 二分之一杯
        3+2=5 => 三加二等于五
        3-2=1 => 三减二等于一
        (3+2)×4=20 => (三加二)乘四等于二十
        20÷4 => 二十除以四
        ≥60 => 大于等于六十
        2<=4 => 二小于等于四
        ±2的平方 => 正负二的平方
        10^3 => 十的三次方
        √2 => 根号二
        3-5天 => 三到五天
        20-30岁 => 二十到三十岁
        3~5个 => 三到五个
        100~200万 => 一百到两百万
        同比升高0.6个百分点 => 同比升高零点六个百分点
        300w粉丝 => 三百万粉丝
        127.0.0.1 => 一二七点零点零点一
        B2B => B to B
        """,
    "full-width, Roman and ringed characters": """
        价格１２３．５元 => 价格一百二十三点五元
        ＧＰＳ => GPS
        仅仅是２０１５年 => 仅仅是二零一五年
        10％ => 百分之十
        第Ⅲ章 => 第三章
        第XII章 => 第十二章
        II型 => 二型
        路易XIV => 路易十四
        世界大战II => 世界大战二
        Ⅳ级 => 四级
        ①②③ => 一二三
        ㊗你 => 祝你
        ٣个 => 三个
        """,
    "versions and models": """
        v2.0.1 => v二点零点一
        版本1.10.3 => 版本一点十点三
        V5.0 => V五点零
        i7-11800H => i七幺幺八零零H
        RTX 4090 => RTX四零九零
        iPhone 15 => iPhone十五
        A380 => A三八零
        iPhone 6s => iPhone六s
        Office 2019 => Office二零一九
        H2O => H二O
        H₂O => H二O
        CO₂浓度 => CO二浓度
        C919 => C九幺九
        波音747 => 波音七四七
        G1234次列车 => G幺二三四次列车
        PM2.5 => PM二点五
        PM₂.₅ => PM二点五
        C₆H₁₂O₆ => C六H十二O六
        用H.265编码 => 用H点二六五编码
        G.711 => G点七幺幺
        A.100 => A点一百
        COVID-19 => COVID十九
        H7N9 => H七N九
        A4纸 => A四纸
        5G网络 => 五G网络
        MP3 => MP三
        Win10 => Win十
        1st => 第一
        """,
    "arrows, comparisons, emphasis and about how many": """
        a->b => a到b
        设置=>通用 --> 关于 => 设置到通用到关于
        x>=3 => x大于等于三
        1==1 => 一等于一
        a===b => a等于b
        x!==y => x不等于y
        x===(y) => x等于(y)
        10%!==x => 百分之十不等于x
        状态==成功 => 状态等于成功
        ==重点==来了 => 重点来了
        ***重点***来了 => 重点来了
        *重点*来了 => 重点来了
        共**3**天 => 共三天
        foo__bar => foo bar
        手机号138****5678 => 手机号幺三八星号星号星号星号五六七八
        2**3 => 二的三次方
        2*3 => 二乘三
        长*宽*高 => 长星号宽星号高
        ~3天 => 约三天
        需要~3.5公里 => 需要约三点五公里
        大约~3天 => 大约三天
        2~3天 => 两到三天
        2 ~5 => 二到五
        好的~3点见 => 好的…三点见
        """,
    "addresses": """
        test@qq.com => test艾特qq点com
        zhang138@163.com => zhang一三八艾特一六三点com
        www.baidu.com => www点baidu点com
        https://a.cn/b?c=1 => https冒号斜杠斜杠a点cn斜杠b问号c等于一
        Node.js => Node点js
        """,
    "what needs nothing": """
        花儿开了，你去哪儿？ => 花儿开了，你去哪儿？
        I don't know这个 => I don't know这个
        T恤和U盘 => T恤和U盘
        Wi-Fi很快 => Wi-Fi很快
        “你好”，他说…… => “你好”，他说……
        二零二四 => 二零二四
        """,
}
ROWS = [
    pytest.param(*row.strip().split(" => "), id=row.strip())
    for table in CASES.values()
    for row in table.strip().splitlines()
]


@pytest.fixture(scope="module")
def normalizer() -> Normalizer:
    return Normalizer()


SHARED = Normalizer()


def bare(text: str) -> str:
    return text.replace(" ", "")


@pytest.mark.parametrize(("written", "spoken"), ROWS)
def test_spoken(normalizer: Normalizer, written: str, spoken: str) -> None:
    assert bare(normalizer.normalize(written).text) == bare(spoken)


@pytest.mark.parametrize(("written", "spoken"), ROWS)
def test_spoken_within_a_sentence(normalizer: Normalizer, written: str, spoken: str) -> None:
    """A rule must not lean on the text's ends; the surroundings are such as to change no reading."""
    found = normalizer.normalize(f"他们看见，{written}，就走了。")
    assert bare(found.text) == bare(f"他们看见，{spoken}，就走了。")


def test_lines_and_the_marks_of_headings_and_lists_are_silent(normalizer: Normalizer) -> None:
    assert [normalizer.normalize(text).text for text in ("=====", "*****", "## 题", "* 题")] == ["", "", "题", "题"]


@pytest.mark.parametrize("text", ["==", "=====", "==重点==", "²=="])
def test_an_operator_that_is_silent_is_named(normalizer: Normalizer, text: str) -> None:
    found = normalizer.normalize(text)
    assert "等于" not in found.text
    assert "=" in found.unreadable


def test_there_are_enough_cases() -> None:
    assert len(ROWS) >= 150


def heard_for(normalizer: Normalizer, written: str) -> list[tuple[str, str]]:
    found = normalizer.normalize(written)
    return [(said, written[start:end]) for said, (start, end) in zip(found.text, found.origins, strict=True)]


def test_digits_stand_for_themselves(normalizer: Normalizer) -> None:
    assert heard_for(normalizer, "1998年") == [("一", "1"), ("九", "9"), ("九", "9"), ("八", "8"), ("年", "年")]


def test_an_amount_stands_for_all_its_digits(normalizer: Normalizer) -> None:
    assert heard_for(normalizer, "有120个") == [
        ("有", "有"),
        ("一", "120"),
        ("百", "120"),
        ("二", "120"),
        ("十", "120"),
        ("个", "个"),
    ]


def test_what_is_said_before_its_turn_stands_for_the_whole(normalizer: Normalizer) -> None:
    assert {origin for _, origin in heard_for(normalizer, "5km/h")} == {"5km/h"}


def test_names_between_digits_stand_for_the_signs_there(normalizer: Normalizer) -> None:
    assert heard_for(normalizer, "8:05")[:2] == [("八", "8"), ("点", ":")]


def test_pictures_are_named(normalizer: Normalizer) -> None:
    found = normalizer.normalize("你好😀，再见👨‍👩‍👧👍🏻™")
    assert found.text == "你好，再见"
    assert found.unreadable == ("😀", "👨‍👩‍👧", "👍🏻", "™")


def test_a_keycap_is_its_digit(normalizer: Normalizer) -> None:
    found = normalizer.normalize("1️⃣你好")
    assert (found.text, found.unreadable) == ("一你好", ())


def test_rarer_currencies_have_names(normalizer: Normalizer) -> None:
    assert normalizer.normalize("票价R$5").text == "票价五巴西雷亚尔"


def test_threads_may_share_one() -> None:
    shared, texts = Normalizer(), [f'{n}"和R${n}' for n in range(100)]
    expected = [SHARED.normalize(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(shared.normalize, texts)) == expected


def test_letters_do_not_stick_to_what_was_digits(normalizer: Normalizer) -> None:
    assert normalizer.normalize("v2.0.1和i7").text == "v 二点零点一和i 七"


def test_units_that_are_words_are_left_alone(normalizer: Normalizer) -> None:
    """`min` and `cal` are units behind a number only."""
    assert normalizer.normalize("min和cal是3min").text == "min和cal是三分钟"


@pytest.mark.parametrize("digits", ["0", "2", "10", "12", "20", "105", "1010", "10000", "102000", "20012", "100000001"])
def test_quantities_have_one_reading(digits: str) -> None:
    """The reading, parsed back, is the number."""
    assert parsed(quantity(digits)) == int(digits)


@given(st.integers(0, 10**16 - 1))
def test_any_quantity_can_be_parsed_back(value: int) -> None:
    assert parsed(quantity(str(value))) == value


def parsed(read: str) -> int:
    """Return the value of a Chinese number, by the grammar and not by the code under test."""
    for name, step in (("亿", 10**8), ("万", 10**4)):
        if name in read:
            high, _, low = read.rpartition(name)
            return parsed(high) * step + (parsed(low) if low else 0)
    total, digit = 0, -1
    for sign in read.lstrip("零") or "零":
        if sign in "十百千":
            total += (1 if digit < 0 else digit) * {"十": 10, "百": 100, "千": 1000}[sign]
            digit = -1
        else:
            digit = 2 if sign == "两" else "零一二三四五六七八九".index(sign)
    return total + max(digit, 0)


def test_number_with_sign_and_decimals() -> None:
    assert number("-1,234.50") == "负一千二百三十四点五零"


@pytest.mark.parametrize(("numeral", "value"), [("IV", 4), ("XIV", 14), ("XC", 90), ("IIII", 0), ("IC", 0), ("DX", 0)])
def test_roman_numerals_are_canonical_or_none(numeral: str, value: int) -> None:
    assert roman(numeral) == value


MIXED = st.text(
    st.sampled_from(
        "0123456789.,:-~/%+=×℃°kmGBgvViXI第年月日点个元￥$@ 你好中儿，。！(（①Ⅲ²³３：😀\ufe0f\u200d\u0301·^#"
    )
)


@given(st.one_of(st.text(), MIXED))
def test_any_text_survives(text: str) -> None:
    found = SHARED.normalize(text)
    assert len(found.origins) == len(found.text)
    starts = [start for start, _ in found.origins]
    assert starts == sorted(starts)
    assert all(0 <= start < end <= len(text) for start, end in found.origins)
    assert not re.search("[0-9]", found.text)


@given(st.text(st.sampled_from("你好中国年月日点个儿一二0123456789.:-/%℃kmv ，。😀")))
def test_every_han_character_is_heard(text: str) -> None:
    """Each stands in the spoken text, or within what something else is heard for."""
    found = SHARED.normalize(text)
    covered = {position for start, end in found.origins for position in range(start, end)}
    assert [c for i, c in enumerate(text) if "\u4e00" <= c <= "\u9fff" and i not in covered] == []


@given(st.text(st.characters(categories=["So", "Sm", "Sc", "Sk", "No"])))
def test_no_symbol_is_dropped_silently(text: str) -> None:
    found = SHARED.normalize(text)
    covered = {position for start, end in found.origins for position in range(start, end)}
    named = "".join(found.unreadable)
    assert [c for i, c in enumerate(text) if i not in covered and c not in named] == []


def test_plain_text_takes_no_time(normalizer: Normalizer) -> None:
    text = "窗外的小鸟在枝头歌唱，阳光洒满了整个房间。"
    assert fastest(normalizer, text) < 0.1e-3


def test_twenty_characters_take_little_time(normalizer: Normalizer) -> None:
    assert fastest(normalizer, "今天是2024年5月6日，气温-5℃，约3-5天。") < 3e-3


def test_cost_grows_with_length_only(normalizer: Normalizer) -> None:
    short, long = fastest(normalizer, "共465篇，" * 10), fastest(normalizer, "共465篇，" * 100)
    # Ten times the text; the rest is room for a busy machine.
    assert long < 30 * short


@pytest.mark.parametrize("piece", ["1", "a1", "1-", "1/", "3:", "1.", "a.", "a@"])
def test_no_text_is_slow(normalizer: Normalizer, piece: str) -> None:
    """A clause has at most 200 characters that belong together, whatever they are."""
    assert fastest(normalizer, piece * (200 // len(piece))) < 30e-3


def fastest(normalizer: Normalizer, text: str) -> float:
    def once() -> float:
        start = time.perf_counter()
        normalizer.normalize(text)
        return time.perf_counter() - start

    return min(once() for _ in range(20))
