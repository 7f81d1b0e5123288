"""Lets a voice say phones and marks that no recording holds: they are said like their neighbours."""

import json
from functools import cache
from importlib.resources import files

import torch

from training.networks.sambert import Sambert
from training.networks.sizes import TABLES

#: English phones, as a Chinese speaker may say them who knows only her own.
ENGLISH = {
    "aa": "a_c", "ae": "ai_c", "ah": "e_c", "ao": "o_c", "aw": "ao_c", "ay": "ai_c", "b": "b_c", "ch": "ch_c",
    "d": "d_c", "dh": "z_c", "eh": "ei_c", "er": "er_c", "ey": "ei_c", "f": "f_c", "g": "g_c", "hh": "h_c",
    "ih": "i_c", "iy": "i_c", "jh": "zh_c", "k": "k_c", "l": "l_c", "m": "m_c", "n": "n_c", "ng": "eng_c",
    "ow": "ou_c", "oy": "o_c", "p": "p_c", "r": "r_c", "s": "s_c", "sh": "sh_c", "t": "t_c", "th": "s_c",
    "uh": "u_c", "uw": "u_c", "v": "w_c", "w": "w_c", "y": "y_c", "z": "z_c", "zh": "r_c",
}  # fmt: skip
_RARE = {"io_c": "o_c", "ueng_c": "eng_c", "pau": "#3"}
_MARKS = {"tone0": "tone5", "s_both": "s_end", "s_middle": "s_begin", "word_both": "word_end"}
#: Heard fewer times than this, a phone is not yet known.
FEWEST = 10


@cache
def _names() -> dict[str, list[str]]:
    inventory = files("tts.engines.sambert") / "data" / "inventory.json"
    read: dict[str, list[str]] = json.loads(inventory.read_text(encoding="utf-8"))
    return read


def neighbour(phone: str) -> str | None:
    """Return the phone that is most like one, or None where there is none; 儿 at the end of a syllable is not heard."""
    if phone.endswith("r_c") and phone not in ("er_c", "r_c"):
        return phone.removesuffix("r_c") + "_c"
    return ENGLISH.get(phone) or _RARE.get(phone)


@torch.no_grad()
def fill(network: Sambert, heard: list[int]) -> list[str]:
    """Give phones that were heard too seldom the rows of their neighbours, and return their names.

    `heard` says how often the lessons hold each phone.
    """
    phones, filled = _names()["phone"], []
    rows = network.text_encoder.get_submodule(TABLES[0]).get_parameter("weight")
    for at, phone in enumerate(phones):
        like = neighbour(phone)
        if like and heard[at] < FEWEST:
            rows[at] = rows[phones.index(like)]
            filled.append(phone)
    for table, field in zip(TABLES[1:], ("tone", "syllable", "word"), strict=True):
        rows, names = network.text_encoder.get_submodule(table).get_parameter("weight"), _names()[field]
        for mark, like in _MARKS.items():
            if mark in names:
                rows[names.index(mark)] = rows[names.index(like)]
    return filled
