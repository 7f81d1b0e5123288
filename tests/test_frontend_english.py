"""English words are read as the CMU dictionary says, acronyms by their letters, and anything Latin somehow."""

import time
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tts.frontend.arpabet import LETTERS, PHONES, decode, encode, syllables
from tts.frontend.english import English, EnglishSyllable


@cache
def english() -> English:
    return English()


def shown(token: str) -> str:
    """Return the phones of a token, syllables apart, a stressed one behind an apostrophe."""
    return " . ".join(("'" if one.stressed else "") + " ".join(one.phones) for one in english().read(token))


def cut(token: str) -> list[str]:
    """Return the stretches of a token that its syllables stand for."""
    return [token[one.start : one.end] for one in english().read(token)]


# The phones and stresses of cmudict.dict at commit 0f8072f; syllables by maximal onset.
WORDS = """
hello         hh ah . 'l ow
world         'w er l d
computer      k ah m . 'p y uw . t er
internet      'ih n . t er . n eh t
software      's ao f . t w eh r
hardware      'hh aa r . d w eh r
coffee        'k aa . f iy
music         'm y uw . z ih k
video         'v ih . d iy . ow
email         iy . 'm ey l
apple         'ae . p ah l
orange        'ao . r ah n jh
banana        b ah . 'n ae . n ah
chocolate     'ch ao . k l ah t
hamburger     'hh ae m . b er . g er
beautiful     'b y uw . t ah . f ah l
important     ih m . 'p ao r . t ah n t
extra         'eh k . s t r ah
strength      's t r eh ng k th
monster       'm aa n . s t er
complete      k ah m . 'p l iy t
program       'p r ow . g r ae m
language      'l ae ng . g w ah jh
system        's ih . s t ah m
network       'n eh . t w er k
student       's t uw . d ah n t
teacher       't iy . ch er
university    y uw . n ah . 'v er . s ah . t iy
international ih n . t er . 'n ae . sh ah . n ah l
information   ih n . f er . 'm ey . sh ah n
technology    t eh k . 'n aa . l ah . jh iy
telephone     't eh . l ah . f ow n
million       'm ih l . y ah n
canyon        'k ae n . y ah n
figure        'f ih g . y er
question      'k w eh s . ch ah n
window        'w ih n . d ow
yesterday     'y eh . s t er . d ey
tomorrow      t ah . 'm aa . r ow
happy         'hh ae . p iy
birthday      'b er th . d ey
christmas     'k r ih . s m ah s
the           dh ah
of            'ah v
and           ah n d
is            'ih z
don't         'd ow n t
I'm           'ay m
o'clock       ah . 'k l aa k
google        'g uw . g ah l
facebook      'f ey s . b uh k
microsoft     'm ay . k r ow . 's ao f t
windows       'w ih n . d ow z
java          'jh aa . v ah
amazon        'ae . m ah . z aa n
twitter       't w ih . t er
radar         'r ey . d aa r
laser         'l ey . z er
box           'b aa k s
church        'ch er ch
judge         'jh ah jh
rhythm        'r ih . dh ah m
queue         'k y uw
through       'th r uw
enough        ih . 'n ah f
island        'ay . l ah n d
knife         'n ay f
psychology    s ay . 'k aa . l ah . jh iy
zoo           'z uw
genre         'zh aa n . r ah
singer        's ih ng . er
finger        'f ih ng . g er
anchor        'ae ng . k er
uncle         'ah ng . k ah l
sixths        's ih k s th s
world's       'w er l d z
t-shirt       't iy . sh er t
"""


@pytest.mark.parametrize("line", WORDS.strip().splitlines(), ids=lambda line: line.split()[0])
def test_words_of_the_dictionary(line: str) -> None:
    token, phones = line.split(maxsplit=1)
    assert shown(token) == shown(token.upper() if len(token) > 3 else token) == phones
    assert "".join(cut(token)) == token


@pytest.mark.parametrize(
    ("token", "phones"),
    [
        ("CPU", "'s iy . 'p iy . 'y uw"),
        ("GDP", "'jh iy . 'd iy . 'p iy"),
        ("NBA", "'eh n . 'b iy . 'ey"),
        ("BYD", "'b iy . 'w ay . 'd iy"),
        ("HTTP", "'ey ch . 't iy . 't iy . 'p iy"),
        ("YYDS", "'w ay . 'w ay . 'd iy . 'eh s"),
        ("AI", "'ey . 'ay"),
        ("ai", "'ey . 'ay"),
        ("IT", "'ay . 't iy"),
        ("US", "'y uw . 'eh s"),
        ("ROI", "'aa r . 'ow . 'ay"),  # a surname in the dictionary
        ("iOS", "'ay . 'ow . 'eh s"),
        ("npm", "'eh n . 'p iy . 'eh m"),
        ("https", "'ey ch . 't iy . 't iy . 'p iy . 'eh s"),
        ("CPUs", "'s iy . 'p iy . 'y uw z"),
        ("GPUs", "'jh iy . 'p iy . 'y uw z"),
        ("NBA's", "'eh n . 'b iy . 'ey z"),
        ("UPS's", "'y uw . 'p iy . 'eh s . ah z"),
        ("BBS's", "'b iy . 'b iy . 'eh s . ah z"),
    ],
)
def test_acronyms_are_spelled(token: str, phones: str) -> None:
    assert shown(token) == phones


@pytest.mark.parametrize(
    ("token", "phones"),
    [
        ("NASA", "'n ae . s ah"),
        ("NATO", "'n ey . t ow"),
        ("APP", "'ae p"),
        ("NEW", "'n uw"),
        ("JSON", "'jh ey . s ah n"),
        ("it", "'ih t"),
        ("us", "'ah s"),
    ],
)
def test_some_capitals_are_words(token: str, phones: str) -> None:
    assert shown(token) == phones


@pytest.mark.parametrize(
    ("token", "parts", "phones"),
    [
        ("iPhone", ["i", "Phone"], "'ay . f ow n"),
        ("iPhones", ["i", "Phones"], "'ay . f ow n z"),
        ("WiFi", ["Wi", "Fi"], "'w ay . f ay"),
        ("Wi-Fi", ["Wi-", "Fi"], "'w ay . f ay"),
        ("YouTube", ["You", "Tube"], "'y uw . t y uw b"),
        ("JavaScript", ["Ja", "va", "Script"], "'jh aa . v ah . s k r ih p t"),
        ("OpenAI", ["O", "pen", "A", "I"], "'ow . p ah n . 'ey . 'ay"),
        ("ChatGPT", ["Chat", "G", "P", "T"], "'ch ae t . 'jh iy . 'p iy . 't iy"),
        ("ChatGPT's", ["Chat", "G", "P", "T's"], "'ch ae t . 'jh iy . 'p iy . 't iy z"),
        ("macOS", ["mac", "O", "S"], "'m ae k . 'ow . 'eh s"),
        ("VSCode", ["V", "S", "Code"], "'v iy . 'eh s . 'k ow d"),
        ("XMLParser", ["X", "M", "L", "Par", "ser"], "'eh k s . 'eh m . 'eh l . 'p aa r . s er"),
        ("T-shirt", ["T-", "shirt"], "'t iy . sh er t"),
        ("livestream", ["live", "stream"], "'l ay v . s t r iy m"),
        ("extra", ["ex", "tra"], "'eh k . s t r ah"),
    ],
)
def test_names_made_of_parts(token: str, parts: list[str], phones: str) -> None:
    assert cut(token) == parts
    assert shown(token) == phones


@pytest.mark.parametrize(
    ("token", "same"),
    [
        ("café", "cafe"),
        ("cafe\u0301", "cafe"),
        ("ＣＰＵ", "CPU"),
        ("ｈｅｌｌｏ", "hello"),
        ("don’t", "don't"),
        ("résumé", "resume"),
        ("Ⅳ", "IV"),
    ],
)
def test_accents_widths_and_quotes_do_not_matter(token: str, same: str) -> None:
    assert shown(token) == shown(same)
    assert "".join(dict.fromkeys(cut(token))) == token


@pytest.mark.parametrize("letter", LETTERS)
def test_single_letters_are_named(letter: str) -> None:
    expected = [tuple(phone.rstrip("012") for phone in part) for part in syllables(LETTERS[letter])]
    for token in (letter, letter.upper()):
        read = english().read(token)
        assert [one.phones for one in read] == expected
        assert {(one.start, one.end) for one in read} == {(0, 1)}
        assert [one.stressed for one in read] == [True, *[False] * (len(read) - 1)]


@pytest.mark.parametrize(
    ("token", "phones"),
    [
        ("blick", "'b l ih k"),
        ("snarfle", "'s n aa r . f ah l"),
        ("Pixiv", "'p ih k . s ih v"),
        ("flimbo", "'f l ih m . b ow"),
        ("wugs", "'w ah g z"),
    ],
)
def test_unknown_words_sound_as_they_look(token: str, phones: str) -> None:
    assert shown(token) == phones


@pytest.mark.parametrize("token", ["", " ", "-", "''", "123", "字", "!"])
def test_without_letters_there_is_nothing(token: str) -> None:
    assert english().read(token) == []


def test_codes_are_reversible() -> None:
    phones = ("ch", "ae1", "t", "zh", "uw2")
    assert decode(encode(phones)) == phones
    assert len(encode(phones)) == len(phones)


def legal(token: str, read: list[EnglishSyllable]) -> None:
    """Check that syllables hold what an engine can say, and lie in order within the token."""
    for one in read:
        assert one.phones
        assert set(one.phones) <= PHONES
        assert 0 <= one.start < one.end <= len(token)
    for left, right in pairwise(read):
        assert left.start <= right.start
        assert left.end <= right.end
        # They may share what cannot be divided: w, or the one character of æ.
        assert left.end <= right.start + 1 or (left.start, left.end) == (right.start, right.end)


LATIN = st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZéüßæøłəŋɑʘªｆĳǅﬁⅣK")
TOKENS = st.builds(lambda first, rest: first + rest, LATIN, st.text(LATIN | st.sampled_from("-'’\u0301s"), max_size=20))


@given(TOKENS)
def test_any_latin_token_is_read(token: str) -> None:
    read = english().read(token)
    assert read
    legal(token, read)
    covered = {at for one in read for at in range(one.start, one.end)}
    assert all(at in covered for at, character in enumerate(token) if character.isalpha())


@given(st.text())
def test_any_text_survives(token: str) -> None:
    legal(token, english().read(token))


def test_long_tokens_cost_no_more_than_their_length() -> None:
    def seconds(token: str) -> float:
        start = time.process_time()
        english().read(token)
        return time.process_time() - start

    for part in ("bramzo", "aB", "a's", "e-", "s", "A"):
        few = min(seconds(part * 400) for _ in range(5))
        many = min(seconds(part * 4000) for _ in range(3))
        assert many < 40 * max(few, 0.001), part
