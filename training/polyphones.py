"""Fits the weights that decide how Chinese characters are read, `polyphones.npz`, to sentences that somebody read.

    python -m training.polyphones weights cpp/dev [cpp/train]   # from g2pM and CPP, each a pair .sent and .lb
    python -m training.polyphones folds cpp/dev                 # the same, each part by weights that never saw it
    python -m training.polyphones check cpp/dev                 # how many of a pair the weights that ship read right
    python -m training.polyphones measure cpp/dev               # both: what ships, then the folds, in a minute or two

Run from the top of the checkout with the packages of requirements-polyphones.txt.
"""

import argparse
import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from training.pronunciations import NAMES, candidates, shipped
from tts.frontend.network import START, STOP, UNKNOWN, Network
from tts.frontend.pinyin import DATA, Pinyin
from tts.frontend.polyphones import IDIOM, Polyphones, evidence
from tts.frontend.vocabulary import Phrases, Words, parsed
from tts.frontend.words import Words as Segmenter

FOLDS = 5
BIAS_DECAY, TRUST_DECAY = 1e-3, 1e-5  # of squares, beside a mean log loss; chosen by cross-validation


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
            classes = [self.classes[reading] for reading in listed]
            features[number, : len(listed), :4] = evidence(reader.scores(it.text, [it.position], [classes])[0].tolist())
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


class Held(Pinyin):
    """The whole program with weights of its own."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        super().__init__()
        self._polyphones = Polyphones(weights, self._contexts)


def cross_validate(fit: Fit) -> None:
    """Print how the whole program reads examples whose labels the weights never saw, and the weights alone.

    The contexts, the phrases and the network are the same for all folds: the number is honest about the weights, not
    about contexts that somebody wrote with the same examples in view. What they turn from wrong to right and back is
    printed for that reason.
    """
    fold = np.random.default_rng(0).permutation(len(fit.known)) % FOLDS
    alone = right = 0
    turned = Counter[str]()
    wrong: dict[str, Counter[str]] = {}
    for held_out in range(FOLDS):
        trust, biases = fit.fit(np.flatnonzero(fold != held_out))
        program = Held(fit.stored(trust, biases))
        tested = np.flatnonzero(fold == held_out)
        best = fit.totals(tested, trust, biases).argmax(1).tolist()
        for number, choice in zip(tested, best, strict=True):
            it = fit.known[number]
            character = it.text[it.position]
            said = program.read(it.text, it.position, it.position + 1, neutral=False)[0]
            weighed = fit.candidates[character][choice]
            alone += weighed == it.reading
            right += said == it.reading
            if (weighed == it.reading) != (said == it.reading):
                turned["right" if said == it.reading else "wrong"] += 1
            if said != it.reading:
                wrong.setdefault(character, Counter())[f"{it.reading} as {said}"] += 1
    size = len(fit.known)
    print(f"{FOLDS}-fold: weights {100 * alone / size:.2f} %, program {100 * right / size:.2f} %")
    print(f"words and contexts turned {turned['right']} right and {turned['wrong']} wrong")
    for character, errors in sorted(wrong.items(), key=lambda row: -row[1].total()):
        print(character, errors.total(), ", ".join(f"{error} {count}" for error, count in errors.most_common()))


def folds(pairs: list[Path]) -> None:
    """Print what cross-validation says, without writing anything."""
    cross_validate(Fit([it for pair in pairs for it in examples(pair)]))


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
    """Print how many characters the program reads right, and those it reads wrong most often.

    CPP gives characters the tone they have alone, so words that end in a neutral tone are counted both ways; so are
    sentences with and without the words that the segmenter finds in them.
    """
    pinyin, segmenter = Pinyin(), Segmenter()
    known = [it for pair in pairs for it in examples(pair)]
    for segmented, neutral in ((False, False), (True, False), (True, True)):
        wrong = Counter[tuple[str, str, str]]()
        for it in known:
            words = [(token.start, token.end) for token in segmenter.cut(it.text)] if segmented else None
            said = pinyin.read(it.text, it.position, it.position + 1, words, neutral)[0]
            if said != it.reading:
                wrong[it.text[it.position], it.reading, said] += 1
        right = len(known) - wrong.total()
        print(f"segmented={segmented} neutral={neutral}: {right} of {len(known)}, {100 * right / len(known):.2f} %")
        print(*(" ".join(key) for key, _ in wrong.most_common(20)), sep=", ")


def measure(pairs: list[Path]) -> None:
    """Print how the program that ships reads the pairs, and how it does with weights that never saw them."""
    check(pairs)
    folds(pairs)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["weights", "folds", "check", "measure"])
    parser.add_argument("pairs", nargs="+", type=Path)
    chosen = parser.parse_args()
    {"weights": make_weights, "folds": folds, "check": check, "measure": measure}[chosen.what](chosen.pairs)
