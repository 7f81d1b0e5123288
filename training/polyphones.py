"""Makes the data that Chinese characters are read with: characters, words, and the weights that weigh them.

    python training/polyphones.py words                         # from pypinyin, see requirements-polyphones.txt
    python training/polyphones.py weights cpp/dev [cpp/train]   # from g2pM and CPP, each a pair .sent and .lb
    python training/polyphones.py check cpp/dev                 # how many of a pair are read right

Run from the top of the checkout with the program on the path; what is made lies in `tts/frontend/data`.
"""

import argparse
import io
import pickle
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tts.frontend.contexts import Contexts
from tts.frontend.network import START, STOP, UNKNOWN, Network
from tts.frontend.phrases import Phrases, Words, parsed
from tts.frontend.pinyin import DATA, Pinyin
from tts.frontend.polyphones import IDIOM, evidence

FOLDS = 5
BIAS_DECAY, TRUST_DECAY = 1e-3, 1e-5  # of squares, beside a mean log loss; chosen by cross-validation
LONGEST_WORD = 7
NAMES = {"r5": "er5"}  # CPP writes the suffix as CC-CEDICT does


@dataclass(frozen=True)
class Example:
    """A sentence with one character that somebody read."""

    text: str
    position: int
    reading: str


@dataclass(frozen=True)
class Table:
    """Examples as arrays: what speaks for each candidate."""

    features: torch.Tensor  # (examples, most candidates, features)
    bias_rows: torch.Tensor  # (examples, most candidates), rows of the biases
    closed: torch.Tensor  # (examples, most candidates), -1e9 where there is no candidate
    right: torch.Tensor  # (examples,), which candidate is right


def examples(pair: Path) -> Iterator[Example]:
    """Yield what a pair of files holds; in `.sent` the character stands between two `▁`."""
    sentences = pair.with_suffix(".sent").read_text(encoding="utf-8").splitlines()
    labels = pair.with_suffix(".lb").read_text(encoding="utf-8").split()
    for sentence, label in zip(sentences, labels, strict=True):
        before, character, after = sentence.split("▁")
        reading = label.replace("u:", "v")
        yield Example(before + character + after, len(before), NAMES.get(reading, reading))


# Words


def syllable(accented: str) -> str:
    """Return pypinyin's `lǜ` as `lv4`."""
    from pypinyin.contrib.tone_convert import to_tone3

    return str(to_tone3(accented, neutral_tone_with_five=True, v_to_u=False)).replace("ü", "v")


def make_words() -> None:
    """Write `characters.txt` and `phrases.txt`."""
    from pypinyin.phrases_dict import phrases_dict
    from pypinyin.pinyin_dict import pinyin_dict
    from pypinyin_dict.pinyin_data.ktghz2013 import pinyin_dict as standard_dict

    standard = {chr(code): [syllable(it) for it in readings.split(",")] for code, readings in standard_dict.items()}
    polyphones = candidates()
    readings: dict[str, list[str]] = {}
    for code, listed in sorted(pinyin_dict.items()):
        usual = [syllable(it) for it in listed.split(",")]
        known = standard.get(chr(code), usual[:3])
        first = usual[0] if usual[0] in known else known[0]
        readings[chr(code)] = list(dict.fromkeys([first, *known, *polyphones.get(chr(code), ())]))
    lines = [f"{character} {' '.join(listed)}" for character, listed in readings.items() if ord(character) < 0x30000]
    write("characters.txt", lines)

    lines = []
    for word, syllables in sorted(phrases_dict.items()):
        told = [
            told_reading(character, syllable(it[0]), readings) for character, it in zip(word, syllables, strict=False)
        ]
        if 2 <= len(word) == len(syllables) <= LONGEST_WORD and any(it != "-" for it in told):
            lines.append(f"{word} {' '.join(told)}")
    write("phrases.txt", lines)


def told_reading(character: str, reading: str, readings: dict[str, list[str]]) -> str:
    """Return the reading where there is a choice, else `-`; 一 and 不 are read as they stand alone."""
    known = readings.get(character, [])
    return reading if len(known) > 1 and reading in known and character not in "一不" else "-"


def write(name: str, lines: list[str]) -> None:
    """Write a data file and say how large it became."""
    (DATA / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{name}: {len(lines)} lines, {(DATA / name).stat().st_size / 1e3:.0f} kB")


# Weights


def shipped(name: str) -> Any:
    """Return what g2pM ships in a pickle; only its own wheel is read."""
    spec = find_spec("g2pM")
    if not spec or not spec.submodule_search_locations:
        raise SystemExit("pip install g2pM")
    return pickle.loads(Path(spec.submodule_search_locations[0], name).read_bytes())  # noqa: S301


def candidates() -> dict[str, list[str]]:
    """Return the characters that g2pM decides, with the readings it chooses from."""
    listed = {
        character: [it.replace("u:", "v") for it in known] for character, known in shipped("digest_cedict.pkl").items()
    }
    return {character: [NAMES.get(it, it) for it in known] for character, known in listed.items() if len(known) > 1}


def network() -> dict[str, np.ndarray]:
    """Return g2pM's network in the shapes of `tts.frontend.network`."""
    state = shipped("np_ckpt.pkl")
    rows = shipped("char2idx.pkl")
    special = {"시": START, "끝": STOP, "<UNK>": UNKNOWN}
    alphabet = {special.get(name, name): row for name, row in rows.items() if len(name) == 1 or name in special}
    both = [
        [state[f"lstm.{part}_l0{way}"].T for way in ("", "_reverse")]
        for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    ]
    inward, onward, bias_in, bias_on = map(np.stack, both)
    return {
        "alphabet": np.array("".join(alphabet)),
        "embedding": state["embedding.weight"][list(alphabet.values())],
        "inward": inward,
        "onward": onward,
        "bias": (bias_in + bias_on)[:, None],
        "hidden": state["logit_layer.0.weight"].T,
        "hidden_bias": state["logit_layer.0.bias"],
        "out": state["logit_layer.2.weight"].T,
        "out_bias": state["logit_layer.2.bias"],
    }


def half(weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return weights as they are stored, so that training sees what the program will see."""
    return {name: it.astype(np.float16) if it.dtype.kind == "f" else it for name, it in weights.items()}


class Fit:
    """Fits how far the network, the words and each reading's frequency are trusted."""

    def __init__(self, known: list[Example]) -> None:
        self.weights = half(network())
        self.classes = {NAMES.get(name, name).replace("u:", "v"): row for name, row in shipped("class2idx.pkl").items()}
        self.candidates = candidates()
        self.rows = {
            pair: row for row, pair in enumerate((c, r) for c, known in self.candidates.items() for r in known)
        }
        self.known = [it for it in known if it.reading in self.candidates.get(it.text[it.position], ())]
        self.table = self._table()

    def _table(self) -> Table:
        reader, phrases = Network(self.weights), Phrases(parsed((DATA / "phrases.txt").read_text("utf-8").splitlines()))
        most = max(map(len, self.candidates.values()))
        size = len(self.known)
        features = np.zeros((size, most, 4 + IDIOM - 1), np.float32)
        rows, closed = np.zeros((size, most), np.int64), np.full((size, most), -1e9, np.float32)
        for number, it in enumerate(self.known):
            character = it.text[it.position]
            listed = self.candidates[character]
            scores = reader.scores(it.text, [it.position])[0][[self.classes[reading] for reading in listed]]
            features[number, : len(listed), :4] = evidence(scores)
            word = phrases.around(it.text, it.position, it.position + 1, Words())[0]
            if word and (told := word.readings[it.position - word.start]) in listed:
                features[number, listed.index(told), 4 + min(len(word.readings), IDIOM) - 2] = 1
            rows[number, : len(listed)] = [self.rows[character, reading] for reading in listed]
            closed[number, : len(listed)] = 0
        right = [self.candidates[it.text[it.position]].index(it.reading) for it in self.known]
        return Table(*map(torch.tensor, (features, rows, closed, right)))

    def fit(self, chosen: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the trust, shape (features,), and the biases, shape (rows,), that suit the chosen examples."""
        table = self.table
        trust = torch.zeros(table.features.shape[-1], requires_grad=True)
        biases = torch.zeros(len(self.rows), requires_grad=True)
        search = torch.optim.LBFGS([trust, biases], max_iter=200, line_search_fn="strong_wolfe")

        def loss() -> torch.Tensor:
            search.zero_grad()
            total = self.totals(chosen, trust, biases)
            value = torch.nn.functional.cross_entropy(total, table.right[chosen])
            value = value + TRUST_DECAY * trust.square().sum() + BIAS_DECAY * biases.square().sum()
            value.backward()
            return value

        search.step(loss)
        return trust.detach(), biases.detach()

    def totals(self, chosen: np.ndarray, trust: torch.Tensor, biases: torch.Tensor) -> torch.Tensor:
        """Return what speaks for each candidate, shape (examples, most candidates)."""
        return self.table.features[chosen] @ trust + biases[self.table.bias_rows[chosen]] + self.table.closed[chosen]

    def stored(self, trust: torch.Tensor, biases: torch.Tensor) -> dict[str, np.ndarray]:
        """Return everything that `tts.frontend.polyphones` reads."""
        pairs = [(character, reading) for character, known in self.candidates.items() for reading in known]
        return half(self.weights) | {
            "characters": np.array("".join(self.candidates)),
            "counts": np.array([len(known) for known in self.candidates.values()], np.int8),
            "readings": np.array(" ".join(reading for _, reading in pairs)),
            "classes": np.array([self.classes[reading] for _, reading in pairs], np.int16),
            "biases": biases.numpy().astype(np.float16),
            "trust": trust[:4].numpy(),
            "word_trust": trust[4:].numpy(),
        }


def cross_validate(fit: Fit) -> None:
    """Print how many held-out examples are read right, by the weights alone and with the contexts on top."""
    contexts = Contexts((DATA / "polyphones.txt").read_text("utf-8").splitlines())
    fold = np.random.default_rng(0).permutation(len(fit.known)) % FOLDS
    alone = both = 0
    for held_out in range(FOLDS):
        trust, biases = fit.fit(np.flatnonzero(fold != held_out))
        tested = np.flatnonzero(fold == held_out)
        best = fit.totals(tested, trust, biases).argmax(1).tolist()
        for number, choice in zip(tested, best, strict=True):
            it = fit.known[number]
            reading = fit.candidates[it.text[it.position]][choice]
            alone += reading == it.reading
            both += (contexts.find(it.text, it.position) or reading) == it.reading
    print(
        f"{FOLDS}-fold: {100 * alone / len(fit.known):.2f} % alone, {100 * both / len(fit.known):.2f} % with contexts"
    )


def make_weights(pairs: list[Path]) -> None:
    """Write `polyphones.npz`."""
    fit = Fit([it for pair in pairs for it in examples(pair)])
    cross_validate(fit)
    save(DATA / "polyphones.npz", fit.stored(*fit.fit(np.arange(len(fit.known)))))


def save(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write arrays as `numpy.savez_compressed` does, but without the time of day: the same arrays, the same file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            held = io.BytesIO()
            np.save(held, array)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), held.getvalue(), zipfile.ZIP_DEFLATED)
    print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB")


def check(pairs: list[Path]) -> None:
    """Print how many characters the program reads right, and those it reads wrong most often."""
    pinyin = Pinyin()
    right, wrong = 0, Counter[tuple[str, str, str]]()
    for it in (it for pair in pairs for it in examples(pair)):
        said = pinyin.read(it.text, it.position, it.position + 1)[0]
        right += said == it.reading
        wrong[it.text[it.position], it.reading, said] += said != it.reading
    print(f"{right} of {right + wrong.total()}: {100 * right / (right + wrong.total()):.2f} %")
    print([key for key, _ in wrong.most_common(20)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["words", "weights", "check"])
    parser.add_argument("pairs", nargs="*", type=Path)
    chosen = parser.parse_args()
    if chosen.what == "words":
        make_words()
    else:
        {"weights": make_weights, "check": check}[chosen.what](chosen.pairs)
