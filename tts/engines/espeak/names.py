"""What espeak-ng's voices are called in their own languages, after CLDR, and which come first in the menu."""

#: espeak-ng's code -> the name of the language in itself.
AUTONYMS = {
    "af": "Afrikaans", "am": "አማርኛ", "an": "aragonés", "ar": "العربية", "as": "অসমীয়া", "az": "azərbaycan",
    "ba": "башҡорт теле", "be": "беларуская", "bg": "български", "bn": "বাংলা", "bpy": "বিষ্ণুপ্রিয়া মণিপুরী",
    "bs": "bosanski", "ca": "català", "ca-ba": "català (balear)", "ca-nw": "català (nord-occidental)",
    "ca-va": "català (valencià)", "chr": "ᏣᎳᎩ", "cmn": "普通话", "cmn-latn-pinyin": "普通话（拼音）", "cs": "čeština",
    "cv": "чӑваш", "cy": "Cymraeg", "da": "dansk", "de": "Deutsch", "el": "Ελληνικά", "en-029": "English (Caribbean)",
    "en-gb": "English (United Kingdom)", "en-gb-scotland": "English (Scotland)",
    "en-gb-x-gbclan": "English (Lancaster)", "en-gb-x-gbcwmd": "English (West Midlands)",
    "en-gb-x-rp": "English (Received Pronunciation)", "en-shaw": "English (Shavian)",
    "en-us": "English (United States)", "en-us-nyc": "English (New York City)", "eo": "Esperanto",
    "es": "español (España)", "es-419": "español (Latinoamérica)", "et": "eesti", "eu": "euskara", "fa": "فارسی",
    "fa-latn": "fârsi (Pinglish)", "fi": "suomi", "fr-be": "français (Belgique)", "fr-ch": "français (Suisse)",
    "fr-fr": "français (France)", "ga": "Gaeilge", "gd": "Gàidhlig", "gn": "avañe’ẽ", "grc": "Ἀρχαία Ἑλληνική",
    "gu": "ગુજરાતી", "hak": "Hak-kâ-fa", "haw": "ʻŌlelo Hawaiʻi", "he": "עברית", "hi": "हिन्दी", "hr": "hrvatski",
    "ht": "Kreyòl Ayisyen", "hu": "magyar", "hy": "հայերեն", "hyw": "արեւմտահայերէն", "ia": "interlingua",
    "id": "Bahasa Indonesia", "io": "Ido", "is": "íslenska", "it": "italiano", "ja": "日本語", "jbo": "la .lojban.",
    "ka": "ქართული", "kk": "қазақ тілі", "kl": "kalaallisut", "kn": "ಕನ್ನಡ", "ko": "한국어", "kok": "कोंकणी",
    "ku": "kurdî", "ky": "кыргызча", "la": "Latina", "lb": "Lëtzebuergesch", "lt": "lietuvių", "ltg": "latgalīšu",
    "lv": "latviešu", "mi": "Māori", "mk": "македонски", "ml": "മലയാളം", "mr": "मराठी", "ms": "Bahasa Melayu",
    "mt": "Malti", "my": "မြန်မာ", "nb": "norsk bokmål", "nci": "Nāhuatl", "ne": "नेपाली", "nl": "Nederlands",
    "nog": "ногайша", "om": "Oromoo", "or": "ଓଡ଼ିଆ", "pa": "ਪੰਜਾਬੀ", "pap": "Papiamentu", "pl": "polski",
    "pt": "português (Portugal)", "pt-br": "português (Brasil)", "qu": "Runasimi", "quc": "Kʼicheʼ", "ro": "română",
    "ru": "русский", "ru-cl": "русский (классический)", "ru-lv": "русский (Латвия)", "sd": "سنڌي", "shn": "တႆး",
    "si": "සිංහල", "sk": "slovenčina", "sl": "slovenščina", "smj": "julevsámegiella", "sq": "shqip", "sr": "српски",
    "sv": "svenska", "sw": "Kiswahili", "ta": "தமிழ்", "te": "తెలుగు", "th": "ไทย", "ti": "ትግርኛ",
    "tk": "türkmen dili", "tn": "Setswana", "tr": "Türkçe", "tt": "татар", "ug": "ئۇيغۇرچە", "uk": "українська",
    "ur": "اردو", "uz": "o‘zbek", "vi": "Tiếng Việt", "vi-vn-x-central": "Tiếng Việt (miền Trung)",
    "vi-vn-x-south": "Tiếng Việt (miền Nam)", "yue": "粵語", "yue-latn-jyutping": "粵語（粵拼）",
}  # fmt: skip

#: (female, male) in the languages that come first; elsewhere the signs ♀ and ♂ say it to everybody.
_SEXES = {
    "cmn": ("女声", "男声"), "yue": ("女聲", "男聲"), "en": ("female", "male"), "ja": ("女性", "男性"),
    "ko": ("여성", "남성"), "fr": ("voix féminine", "voix masculine"), "de": ("weiblich", "männlich"),
    "es": ("voz femenina", "voz masculina"), "ru": ("женский голос", "мужской голос"),
    "it": ("voce femminile", "voce maschile"), "pt": ("voz feminina", "voz masculina"),
}  # fmt: skip

#: The order of the menu; the rest follows by code.
FIRST = (
    "cmn", "yue", "en-us", "en-gb", "ja", "ko", "fr-fr", "de", "es", "es-419", "ru", "it", "pt-br", "pt", "ar", "hi",
    "id", "vi", "th", "tr", "nl", "pl", "uk", "fa", "he", "el", "cs", "sv", "da", "nb", "fi", "hu", "ro", "bn", "ur",
)  # fmt: skip


def name(code: str, fallback: str, female: bool) -> str:
    """Return what the menu shows for a voice, e.g. `普通话（女声）`."""
    words = _SEXES.get(code.split("-")[0], ("♀", "♂"))
    language, sex = AUTONYMS.get(code, fallback), words[0 if female else 1]
    if code.split("-")[0] in ("cmn", "yue", "ja"):
        return language.replace("）", f"・{sex}）") if "）" in language else f"{language}（{sex}）"
    return f"{language[:-1]}, {sex})" if language.endswith(")") else f"{language} ({sex})"
