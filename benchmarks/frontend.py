"""Measures how long reading takes: to the first sentence and to the last, for texts of every kind and length.

Run it from the checkout: `taskset -c 0 .venv/bin/python -m benchmarks.frontend [--runs N]`. The language is detected
each time. Beside the milliseconds stands what jieba alone takes to cut and tag the same text: machines differ, the
ratio hardly does. `start` is what the reader costs before the first text, in a process of its own.
"""

import argparse
import json
import platform
import resource
import statistics
import time
import warnings
from collections.abc import Callable, Iterable

LENGTHS = (20, 100, 500, 5000)
#: Each is repeated to the length; none but the adversarial ones has a rule of its own.
KINDS = {
    "prose": "今天天气很好，我们一起去公园散步吧。春天来了，花都开了，鸟儿在树上唱歌。银行行长说，他们还要重新考虑。",
    "unpunctuated": "中国的经济在最近几十年里取得了很大的发展人民的生活水平不断提高银行行长说他们还要继续努力",
    "numbers": "2024年3月5日，营收3,456.78万元，同比增长12.5%，约为2:1。请拨打400-810-1234，气温-5~10℃。",
    "mixed": "我用iPhone 15 Pro看YouTube上的OpenAI发布会，感觉AI很cool。Email发到a.b@example.com。",
    "traditional": "今天天氣很好，我們一起去公園散步吧。銀行行長說著話，圖書館裡的學生還在讀書。",
    "digits": "1234567890",
    "emoji": "你好😀👨‍👩‍👧🇨🇳，",
    "japanese": "今日はいい天気ですね。中国の銀行へ行きます。",
    "english": "The quick brown fox jumps over the lazy dog, and nobody minds. ",
    "one_slash": "1/",
    "brackets": "我((((((((((",
    "ones": "一一一",
    "hashes": "#",
    "addresses": "http://a.b/c?d=e&",
    "dots": "你..........",
    "unknown_words": "行",
    "particles": "的",
}

#: Yields what becomes of a text, piece by piece.
Read = Callable[[str], Iterable[object]]


def started() -> tuple[Read, dict[str, float]]:
    """Return what reads a text, and what it cost to make that."""
    begun_s, begun_kb = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    from tts.frontend import Reader

    reader = Reader()
    made_s = time.perf_counter()
    next(reader.read("你好，银行行长。"))
    cost = {
        "ms": round((made_s - begun_s) * 1000, 1),
        "first_text_ms": round((time.perf_counter() - made_s) * 1000, 1),
        "mb": round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - begun_kb) / 1024, 1),
    }
    return reader.read, cost


def reference() -> Read:
    """Return jieba alone, which cuts and tags."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from jieba import posseg  # type: ignore[import-untyped]  # ships no types
    posseg.lcut("你好")
    cut: Read = posseg.cut
    return cut


def times_ms(read: Read, text: str) -> tuple[float, float]:
    """Return the milliseconds to the first sentence or word, and to the last."""
    begun_s = time.perf_counter()
    pieces = iter(read(text))
    next(pieces, None)
    first_s = time.perf_counter() - begun_s
    for _ in pieces:
        pass
    return first_s * 1000, (time.perf_counter() - begun_s) * 1000


def measured(read: Read, alone: Read, text: str, runs: int) -> dict[str, float]:
    """Return medians for one text, after one run that does not count."""
    ours = [times_ms(read, text) for _ in range(runs + 1)][1:]
    others = [times_ms(alone, text)[1] for _ in range(runs)]
    whole_ms, reference_ms = statistics.median(whole for _, whole in ours), statistics.median(others)
    return {
        "first_ms": round(statistics.median(first for first, _ in ours), 2),
        "whole_ms": round(whole_ms, 2),
        "jieba_ms": round(reference_ms, 2),
        "ratio": round(whole_ms / reference_ms, 2),
    }


def main() -> None:
    """Print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    options = parser.parse_args()
    read, cost = started()
    alone = reference()
    result = {
        kind: {length: measured(read, alone, (piece * length)[:length], options.runs) for length in LENGTHS}
        for kind, piece in KINDS.items()
    }
    rows = [row for kind in result.values() for row in kind.values()]
    worst = {
        "first_ms": max(row["first_ms"] for row in rows),
        "whole_500_ms": max(kind[500]["whole_ms"] for kind in result.values()),
    }
    machine = f"{platform.node()} {platform.machine()} {platform.processor()}".strip()
    head = {"benchmark": "frontend", "machine": machine, "runs": options.runs, "start": cost, "worst": worst}
    print(json.dumps({**head, **result}))


if __name__ == "__main__":
    main()
