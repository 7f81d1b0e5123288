"""Makes `tts/frontend/data/english.txt.gz` and `english_letters.txt.gz` from the CMU Pronouncing Dictionary.

    python -m training.english cmudict.dict

The first holds each word's first pronunciation. The second says how a letter sounds in its surroundings: for each
stretch `letter, next, previous, next but one, ...` the phones that letter has most often there, where they differ
from what the shorter stretch says.
"""

import gzip
import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from tts.frontend.arpabet import encode, is_vowel
from tts.frontend.english_letters import Phones, aligned, context, first_costs

DATA = Path(__file__).resolve().parents[1] / "tts" / "frontend" / "data"
#: A stretch is kept when this many letters of the dictionary stand in it.
LEAST = 2
ROUNDS = 4

Words = dict[str, Phones]
Pieces = list[Phones]


def words_of(path: Path) -> Words:
    """Read a dictionary in CMU's format, the first pronunciation of every word of letters, - and '."""
    words: Words = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        word, *phones = line.partition(" #")[0].split()
        if re.fullmatch(r"[a-z][a-z'-]*", word):
            words.setdefault(word, tuple(phone.lower() for phone in phones))
    return words


def align(words: Words) -> dict[str, Pieces]:
    """Align all words, learning from each round what letters sound like."""
    cost = first_costs()
    found: dict[str, Pieces] = {}
    for _ in range(ROUNDS):
        found = {word: pieces for word, phones in words.items() if (pieces := aligned(word, phones, cost))}
        counts = Counter(
            (letter, tuple(phone.rstrip("012") for phone in piece))
            for word, pieces in found.items()
            for letter, piece in zip(word, pieces, strict=True)
        )
        totals = Counter[str]()
        for (letter, _piece), count in counts.items():
            totals[letter] += count
        cost = {key: -math.log(count / totals[key[0]]) for key, count in counts.items() if count > 5}
        # The vowel of bird and doctor belongs to the vowel letter, so that this never falls silent beside a mere r.
        cost["r", ("er",)] = 8.0
    return found


def plain(piece: Phones) -> str:
    """Return a letter's phones as a code, secondary stress as none."""
    return encode([phone.replace("2", "0") if is_vowel(phone) else phone for phone in piece])


def rules(found: dict[str, Pieces]) -> Iterator[tuple[str, str]]:
    """Yield every stretch whose phones differ from what the next shorter one that is kept says."""
    votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for word, pieces in found.items():
        for at, piece in enumerate(pieces):
            whole = context(word, at)
            code = plain(piece)
            for length in range(1, len(whole) + 1):
                votes[whole[:length]][code] += 1
    said: dict[str, str] = {}
    for stretch in sorted(votes, key=len):
        best, count = votes[stretch].most_common(1)[0]
        shorter = next((said[stretch[:n]] for n in range(len(stretch) - 1, 0, -1) if stretch[:n] in said), None)
        if best != shorter and (len(stretch) == 1 or (count >= LEAST and votes[stretch].total() >= LEAST)):
            said[stretch] = best
            yield stretch, best


def write(path: Path, lines: dict[str, str]) -> None:
    """Write a table, the same bytes for the same lines."""
    text = "".join(sorted(f"{key}\t{value}\n" for key, value in lines.items()))
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{path.name}: {len(lines)} lines, {len(text)} bytes, {path.stat().st_size} compressed")


def main() -> None:
    """Make both files."""
    words = words_of(Path(sys.argv[1]))
    write(DATA / "english.txt.gz", {word: encode(phones) for word, phones in words.items()})
    found = align({word: phones for word, phones in words.items() if word.isalpha()})
    write(DATA / "english_letters.txt.gz", dict(rules(found)))


if __name__ == "__main__":
    main()
