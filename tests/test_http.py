"""Tests of the HTTP door on the real server, with httpx, a bare socket and curl."""

import io
import json
import socket
import subprocess
import time
import wave
from typing import Any

import httpx
import pytest

from tests.server import Server, start_odd
from tts.codec import FORMATS


def post(server: Server, **body: Any) -> httpx.Response:
    """Return the answer to a request for speech."""
    return httpx.post(server.url + "/api/synthesize", json=body, timeout=60)


def raw_request(body: str) -> bytes:
    """Return a request for speech as it is on the network."""
    data = body.encode()
    head = f"POST /api/synthesize HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(data)}"
    return f"{head}\r\n\r\n".encode() + data


def test_streamed_wav_whole_wav_and_download_hold_the_same_samples(tone_server: Server) -> None:
    streamed = post(tone_server, text="你好，世界。")
    whole = post(tone_server, text="你好，世界。", stream=False)
    kept = httpx.get(tone_server.url + streamed.headers["X-Wav-Url"])
    assert streamed.headers["Transfer-Encoding"] == "chunked"
    assert int(whole.headers["Content-Length"]) == len(whole.content)
    assert streamed.content[4:8] == streamed.content[40:44] == b"\xff" * 4
    assert whole.content == kept.content
    assert streamed.content[44:] == whole.content[44:]
    with wave.open(io.BytesIO(whole.content)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (16_000, 1, 2)
        assert file.getnframes() * 2 == len(whole.content) - 44


def test_the_download_is_the_pcm_that_was_delivered(server: Server) -> None:
    """espeak-ng is not reproducible from call to call, so one and the same utterance is compared."""
    streamed = post(server, text="今天天气怎么样？我们去公园吧。", emotion="happy")
    kept = httpx.get(server.url + streamed.headers["X-Wav-Url"])
    assert len(kept.content) > 50_000
    assert streamed.content[44:] == kept.content[44:]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_comes_with_its_type(tone_server: Server, name: str) -> None:
    answer = post(tone_server, text="你好", format=name)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].replace(" ", "") == FORMATS[name].mime
    assert len(answer.content) > 500


def test_the_sample_rate_is_the_one_asked_for(tone_server: Server) -> None:
    for rate_hz in (8000, 22_050, 48_000):
        with wave.open(
            io.BytesIO(post(tone_server, text="你好世界", sample_rate=rate_hz, stream=False).content)
        ) as file:
            assert file.getframerate() == rate_hz
            assert abs(file.getnframes() / rate_hz - 0.4) < 0.002


def test_sound_leaves_before_the_end_is_made(odd_server: Server) -> None:
    """The engine takes 6 s after its first chunk."""
    begun_s = time.monotonic()
    with httpx.stream("POST", odd_server.url + "/api/synthesize", json={"text": "好", "voice": "slow"}) as answer:
        first = next(answer.iter_bytes())
        assert time.monotonic() - begun_s < 1.5
        assert len(first) >= 3200


def test_greenlets_tick_while_an_engine_blocks(odd_server: Server) -> None:
    """The engine's `next()` blocks for 2 s: the server must answer others at least 20 times meanwhile."""
    with httpx.stream("POST", odd_server.url + "/api/synthesize", json={"text": "好", "voice": "slow"}) as answer:
        chunks = answer.iter_bytes()
        next(chunks)
        end_s, ticks = time.monotonic() + 1.8, 0
        with httpx.Client() as client:
            while time.monotonic() < end_s:
                assert client.get(odd_server.url + "/healthz").status_code == 200
                ticks += 1
        assert ticks >= 20


@pytest.mark.parametrize("stream", [True, False])
def test_a_closed_body_stops_the_work(odd_server: Server, stream: bool) -> None:
    body = json.dumps({"text": "好", "voice": "endless", "stream": stream})
    with socket.create_connection(("127.0.0.1", odd_server.port)) as client:
        client.sendall(raw_request(body))
        time.sleep(0.5)
        assert odd_server.streams() == 1
    assert odd_server.becomes_idle(1)


def test_a_client_that_stops_reading_is_dropped(odd_server: Server) -> None:
    """The 32 MB are far more than what the network buffers; the server lets a client stall for 2 s."""
    body = json.dumps({"text": "好", "voice": "flood"})
    with socket.create_connection(("127.0.0.1", odd_server.port)) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(raw_request(body))
        time.sleep(1)
        assert odd_server.streams() == 1
        assert odd_server.becomes_idle(10)


def test_an_error_before_the_first_sound_has_a_status(odd_server: Server) -> None:
    answer = post(odd_server, text="好", voice="broken")
    assert answer.status_code == 500
    assert answer.json() == {"code": "engine_failed", "message": "it is broken"}


def test_an_error_after_the_first_sound_aborts_the_body(odd_server: Server) -> None:
    with httpx.stream("POST", odd_server.url + "/api/synthesize", json={"text": "好", "voice": "late"}) as answer:
        assert answer.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
            answer.read()


def test_no_secret_of_the_inside_leaves(odd_server: Server) -> None:
    answer = post(odd_server, text="好", voice="late", stream=False)
    assert answer.status_code == 500
    assert answer.json()["code"] == "engine_failed"
    assert "secret" not in answer.text


def test_a_text_with_nothing_to_say_is_refused(server: Server, odd_server: Server) -> None:
    for answer in (post(server, text="。。。"), post(odd_server, text="好", voice="mute")):
        assert answer.status_code == 400
        assert answer.json() == {"code": "bad_request", "message": "text: nothing in it can be spoken"}


def test_a_recording_of_a_stopped_utterance_is_not_there(odd_server: Server) -> None:
    with httpx.stream("POST", odd_server.url + "/api/synthesize", json={"text": "好", "voice": "endless"}) as answer:
        url = answer.headers["X-Wav-Url"]
    assert odd_server.becomes_idle()
    assert httpx.get(odd_server.url + url).status_code == 404


def test_a_download_asked_for_early_waits_for_the_end(odd_server: Server) -> None:
    with httpx.stream("POST", odd_server.url + "/api/synthesize", json={"text": "好", "voice": "slow"}) as answer:
        url = answer.headers["X-Wav-Url"]
        chunks = answer.iter_bytes()
        next(chunks)
        with httpx.Client(timeout=30) as client, client.stream("GET", odd_server.url + url) as early:
            # The answer's head comes only when the recording is whole; reading both sides here would
            # wait for ever if the download held up the utterance.
            data = early.read()
        delivered = b"".join(chunks)
    assert len(data) - 44 == 4 * 3200
    assert data[-len(delivered) :] == delivered


def test_busy_has_a_status_and_says_when_to_come_back() -> None:
    with start_odd(max_streams=1) as server:
        with httpx.stream("POST", server.url + "/api/synthesize", json={"text": "好", "voice": "endless"}):
            answer = post(server, text="好")
        assert answer.status_code == 503
        assert answer.json()["code"] == "busy"
        assert answer.headers["Retry-After"]
        assert server.becomes_idle()
        assert post(server, text="好").status_code == 200


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({}, "bad_request", "text: is required"),
        ({"text": ""}, "bad_request", "text: is blank"),
        ({"text": " \n　"}, "bad_request", "text: is blank"),
        ({"text": "好" * 501}, "text_too_long", "at most 500"),
        ({"text": 5}, "bad_request", "text: must be a string, not 5"),
        ({"text": "好", "voice": "nobody"}, "unknown_voice", "voice: no voice 'nobody'; choices: "),
        ({"text": "好", "emotion": "hapy"}, "unknown_emotion", "choices: happy"),
        ({"text": "好", "format": "ogg"}, "bad_request", "format: must be one of pcm, wav"),
        ({"text": "好", "speed": 3}, "bad_request", "speed: must be a number from 0.5 to 2, not 3"),
        ({"text": "好", "window_ms": 500}, "bad_request", "'window_ms': no such field; choices: "),
        ({"text": "好", "language": "tlh"}, "bad_request", "language: no voice speaks 'tlh'; choices: "),
        ({"text": "好", "language": "not a tag"}, "bad_request", "is not a BCP-47 tag"),
        ([], "bad_request", "must be an object"),
        ({"ssml": "<speak>好"}, "bad_ssml", "ssml: line 1, column 9: not well-formed XML"),
        (
            {"ssml": "<speak>\n<b>好</b></speak>"},
            "bad_ssml",
            "line 2, column 1: <b> is not known; in <speak> there may",
        ),
        ({"ssml": "好"}, "bad_ssml", "line 1, column 1"),
        ({"ssml": "<speak>好</speak>", "text": "好"}, "bad_request", "ssml: cannot stand beside text"),
        ({"ssml": f"<speak>{'好' * 501}</speak>"}, "text_too_long", "ssml: has 501 characters; at most 500"),
        ({"ssml": "<speak><voice name='nobody'>好</voice></speak>"}, "unknown_voice", "choices: tone-zh"),
    ],
)
def test_bad_requests(tone_server: Server, body: Any, code: str, message: str) -> None:
    answer = httpx.post(tone_server.url + "/api/synthesize", json=body)
    assert answer.status_code == 400
    assert answer.json()["code"] == code
    assert message in answer.json()["message"]


def test_ssml_is_spoken(tone_server: Server) -> None:
    ssml = '<speak>你<break time="500ms"/>好<emotion category="disgust">吧</emotion></speak>'
    answer = post(tone_server, ssml=ssml, stream=False)
    assert len(answer.content) == 44 + 2 * 16 * (300 + 500)
    (warning,) = json.loads(answer.headers["X-Warnings"])
    assert warning == {"code": "not_honoured", "message": "tone-zh does not know 'disgust' and stays neutral"}


def test_tags_in_text_are_text(tone_server: Server) -> None:
    """The tone hums for every character it is given."""
    answer = post(tone_server, text="<s>好</s>", stream=False)
    assert len(answer.content) > 44 + 2 * 16 * 200


@pytest.mark.parametrize("door", ["synthesize", "read"])
def test_doors_agree_on_what_is_no_ssml(tone_server: Server, door: str) -> None:
    answer = httpx.post(f"{tone_server.url}/api/{door}", json={"ssml": "<speak><break time='1'/>好</speak>"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_ssml")
    assert answer.json()["message"].startswith("ssml: line 1, column 8: <break> time must be from 50ms")


def test_how_ssml_is_read(server: Server) -> None:
    """Each code point of the SSML has its entry, tags too."""
    ssml = '<speak>银<emphasis>行</emphasis><mark name="m"/>有<sub alias="万维">W</sub><break time="1s"/>了</speak>'
    told = httpx.post(
        server.url + "/api/read", json={"ssml": ssml, "readings": {str(ssml.index("了")): "liao3"}}
    ).json()
    assert "".join(entry["char"] for entry in told["characters"]) == ssml
    spoken = {entry["char"]: entry["pinyin"] for entry in told["characters"] if entry["pinyin"]}
    assert spoken == {"银": "yin2", "行": "hang2", "有": "you3", "W": "wan4 wei2", "了": "liao3"}
    assert "xing2" in told["characters"][ssml.index("行")]["others"]
    assert [(one["text"], one["rest_ms"], one["style"]) for one in told["sentences"]] == [
        ("银", 0.0, {}),
        ("行", 0.0, {"emphasis": "moderate"}),
        ("有万维", 0.0, {}),
        ("了", 1000.0, {}),
    ]
    assert told["sentences"][2]["marks"] == [{"name": "m", "start": ssml.index("有")}]


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe\x00", b"NaN", b'{"text": "\\ud800"}'])
def test_bodies_that_are_no_request(tone_server: Server, data: bytes) -> None:
    answer = httpx.post(tone_server.url + "/api/synthesize", content=data, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_request"


def test_other_errors_speak_the_same_language(tone_server: Server) -> None:
    wrong_type = httpx.post(tone_server.url + "/api/synthesize", content=b"text=hi")
    huge = httpx.post(
        tone_server.url + "/api/synthesize", content=b" " * 1_100_000, headers={"Content-Type": "application/json"}
    )
    assert (wrong_type.status_code, wrong_type.json()["code"]) == (400, "bad_request")
    assert (huge.status_code, huge.json()["code"]) == (413, "bad_request")
    assert httpx.get(tone_server.url + "/nothing").json()["code"] == "not_found"
    assert httpx.get(tone_server.url + "/api/synthesize").status_code == 405
    assert httpx.get(tone_server.url + "/api/audio/none.wav").json()["code"] == "not_found"


def test_random_bytes_do_not_hurt(tone_server: Server) -> None:
    for data in (b"\x00" * 1000, b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00", b"POST /api/synthesize HTTP/1.1\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", tone_server.port), timeout=5) as client:
            client.sendall(data)
    assert post(tone_server, text="好").status_code == 200


def test_warnings_come_in_a_header(server: Server) -> None:
    """What is known before the first sound comes with it, the rest with the recording; a whole body has all."""
    whole = post(server, text="Hello 世界", voice="espeak-en-us", stream=False)
    early = post(server, text="世界 hello", voice="espeak-en-us")
    late = post(server, text="Hello 世界", voice="espeak-en-us")
    assert "X-Warnings" not in late.headers
    kept = httpx.get(server.url + late.headers["X-Wav-Url"])
    for answer in (whole, early, kept):
        (warning,) = json.loads(answer.headers["X-Warnings"])
        assert warning["code"] == "other_voice"
        assert "世界" in warning["message"]


def test_a_language_must_be_the_voices(tone_server: Server) -> None:
    answer = post(tone_server, text="hello", voice="tone-zh", language="en")
    assert answer.status_code == 400
    assert "tone-zh speaks zh, not 'en'" in answer.json()["message"]


def test_voices_are_listed(server: Server) -> None:
    listed = httpx.get(server.url + "/api/voices").json()
    assert listed["default_voice"] == listed["voices"][0]["id"] == "espeak-cmn"
    assert listed["voices"][0]["emotions"][1] == {"id": "happy", "label": {"zh": "高兴", "en": "Happy"}}
    assert not listed["voices"][0]["reproducible"]
    assert {entry["id"] for entry in listed["formats"]} == set(FORMATS)
    assert listed["limits"] == {"max_chars": 500}
    assert len({voice["language"] for voice in listed["voices"]}) > 100


def test_other_sites_are_not_invited(tone_server: Server) -> None:
    answer = httpx.get(tone_server.url + "/api/voices", headers={"Origin": "https://elsewhere.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_curl_gets_a_wav(server: Server, tmp_path: Any) -> None:
    file = tmp_path / "out.wav"
    command = ["curl", "-sS", "-N", "--fail", "-o", str(file), "-H", "Content-Type: application/json"]
    subprocess.run([*command, "-d", '{"text": "你好，世界"}', server.url + "/api/synthesize"], check=True, timeout=30)
    data = file.read_bytes()
    assert data[:4] == b"RIFF"
    assert len(data) > 30_000
