"""Measures how long reading takes: to the first sentence and to the last, for texts of every kind and length.

Run it from the checkout: `taskset -c 0 .venv/bin/python -m benchmarks.frontend [--runs N]`. The language is detected
each time. Times are medians by the clock, and `cpu` what the processor worked for them, which another's work hardly
changes. `jieba_ms` is what jieba alone takes to cut and tag 500 characters of prose: machines differ, the ratio hardly
does. `start` is what the reader costs before the first text, in a process of its own.
"""

import argparse
import json
import platform
import resource
import statistics
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

LENGTHS = (20, 100, 500, 5000)
#: Each is repeated to the length; from `one_slash` on they are what has been slow, or might be.
KINDS = {
    "prose": "今天天气很好，我们一起去公园散步吧。春天来了，花都开了，鸟儿在树上唱歌。银行行长说，他们还要重新考虑。",
    "unpunctuated": "中国的经济在最近几十年里取得了很大的发展人民的生活水平不断提高银行行长说他们还要继续努力",
    "numbers": "2024年3月5日，营收3,456.78万元，同比增长12.5%，约为2:1。请拨打400-810-1234，气温-5~10℃。",
    "mixed": "我用iPhone 15 Pro看YouTube上的OpenAI发布会，感觉AI很cool。Email发到a.b@example.com。",
    "traditional": "今天天氣很好，我們一起去公園散步吧。銀行行長說著話，圖書館裡的學生還在讀書。",
    "emoji": "你好😀👨‍👩‍👧🇨🇳，",
    "japanese": "今日はいい天気ですね。中国の銀行へ行きます。",
    "english": "The quick brown fox jumps over the lazy dog, and nobody minds. ",
    "digits": "1234567890",
    "one_slash": "1/",
    "brackets": "我((((((((((",
    "ones": "一一一",
    "hashes": "#",
    "addresses": "http://a.b/c?d=e&",
    "dots": "你..........",
    "unknown_words": "行",
    "particles": "的",
    "rare_characters": "闢汊贎鞙呭耭鸹秛纃臿夦騤蒚甂瑵貙魊倗諙莖芕魨瑔袎磮鏏楙墢",
    "signs": "我%_(-'#",
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


def jieba_ms(runs: int) -> float:
    """Return what jieba alone takes to cut and tag prose."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from jieba import posseg  # type: ignore[import-untyped]  # ships no types
    posseg.lcut("你好")
    return measured(posseg.cut, (KINDS["prose"] * 500)[:500], runs)["whole_ms"]


def times_ms(read: Read, text: str) -> tuple[float, float, float, float]:
    """Return the milliseconds to the first sentence or word and those of the processor, and the same to the last."""
    begun_s, begun_cpu_s = time.perf_counter(), time.process_time()
    pieces = iter(read(text))
    next(pieces, None)
    first_s, first_cpu_s = time.perf_counter() - begun_s, time.process_time() - begun_cpu_s
    for _ in pieces:
        pass
    whole_s, whole_cpu_s = time.perf_counter() - begun_s, time.process_time() - begun_cpu_s
    return first_s * 1000, first_cpu_s * 1000, whole_s * 1000, whole_cpu_s * 1000


def measured(read: Read, text: str, runs: int) -> dict[str, float]:
    """Return medians for one text, after one run that does not count."""
    times_ms(read, text)
    columns = zip(*(times_ms(read, text) for _ in range(runs)), strict=True)
    names = ("first_ms", "first_cpu_ms", "whole_ms", "whole_cpu_ms")
    return {name: round(statistics.median(column), 2) for name, column in zip(names, columns, strict=True)}


def worst(result: Mapping[str, Mapping[int, Mapping[str, float]]], name: str, lengths: Iterable[int]) -> dict[str, Any]:
    """Return the text that took longest, among those of some lengths, and its times."""
    rows = [(kind, length) for kind in result for length in lengths]
    kind, length = max(rows, key=lambda row: result[row[0]][row[1]][name])
    return {"text": f"{kind}, {length} characters", **result[kind][length]}


def main() -> None:
    """Print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    options = parser.parse_args()
    read, cost = started()
    result = {
        kind: {length: measured(read, (piece * length)[:length], options.runs) for length in LENGTHS}
        for kind, piece in KINDS.items()
    }
    head = {
        "benchmark": "frontend",
        "machine": f"{platform.node()} {platform.machine()} {platform.processor()}".strip(),
        "runs": options.runs,
        "start": cost,
        "jieba_ms": jieba_ms(options.runs),
        "worst_first": worst(result, "first_ms", LENGTHS),
        "worst_500": worst(result, "whole_ms", [500]),
    }
    print(json.dumps({**head, **result}))


if __name__ == "__main__":
    main()
