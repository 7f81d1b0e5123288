"""What espeak-ng 1.52's Mandarin lacks: the syllables jiong, qiong, xiong (it spells them in English) and symbols."""

#: (espeak-ng's phonemes of the initial, tone) -> characters with that initial, -iong and that tone.
_CHARACTERS = {
    ("tS;j", "55"): "冂冋坰埛扃蘏蘔駫",
    ("tS;j", "214"): "㓏㖥㢠㤯㷗㷡䌹䐃䢛侰僒冏囧幜泂炯烱煚煛熲皛窘絅綗褧迥逈顈颎駉",
    ("tS;j", "51"): "㑋澃",
    ("tS;hj", "55"): "匔焪芎",
    ("tS;hj", "35"): "㒌㧭㮪㷀㼇䅃䆳䊄䓖䛪䠻儝卭宆惸桏棾橩焭煢琼瓊睘瞏穷穹窮竆笻筇茕藑藭蛩赹跫輁邛銎",
    ("S;j", "55"): "㐫兄兇凶匈哅忷恟汹洶胷胸訩詾讻賯",
    ("S;j", "35"): "䧺熊赨雄",
    ("S;j", "51"): "夐敻詗诇",
}

_REPAIRS = {
    character: f"[[{initial}'ong{tone}]]" for (initial, tone), row in _CHARACTERS.items() for character in row
} | {"兒": "儿"}


CHINESE_SYMBOLS = {
    "℃": "摄氏度", "℉": "华氏度", "°": "度", "×": "乘", "÷": "除以", "$": "美元", "€": "欧元", "£": "英镑", "¥": "元",
    "￥": "元", "₽": "卢布", "₩": "韩元", "+": "加", "＋": "加", "=": "等于", "＝": "等于", "&": "和", "＆": "和",
}  # fmt: skip


def repaired(character: str) -> str:
    """Return what espeak-ng must get to read a character: itself, or its phonemes."""
    return _REPAIRS.get(character, character)
