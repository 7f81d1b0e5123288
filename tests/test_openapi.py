"""The OpenAPI document, and schemathesis, which asks the real server what the document allows and what it does not."""

from typing import Any

import httpx
import ormsgpack
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import BaseSchema, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.server import Server, start
from tts.codec import FORMATS
from tts.web import create_app, fish, openai
from tts.web.openapi import OPERATIONS

CONFORMANCE = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
#: Doors that take nothing but what the document allows.
STRICT = ("routes.synthesize", "routes.read")
FUZZED = [
    *((endpoint, GenerationMode.POSITIVE) for endpoint in OPERATIONS),
    *((endpoint, GenerationMode.NEGATIVE) for endpoint, operation in OPERATIONS.items() if operation.bodies),
]


@schemathesis.serializer("application/msgpack", "application/x-msgpack")
def pack(_context: Any, value: Any) -> bytes:
    return ormsgpack.packb(value, str, ormsgpack.OPT_PASSTHROUGH_BIG_INT)


@pytest.fixture(scope="module")
def described(tone_server: Server) -> BaseSchema:
    """Return the document of the real server."""
    return loaded(httpx.get(tone_server.url + "/openapi.json").json(), tone_server)


def loaded(document: dict[str, Any], server: Server) -> BaseSchema:
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=server.url)
    return schema


def all_operations(described: Any) -> list[Any]:
    return [found.ok() for found in described.get_all_operations()]


def operations_of(described: BaseSchema, endpoint: str) -> list[Any]:
    names = [f"{endpoint.replace('.', '_')}_{method}" for method in ("get", "post")]
    return [one for one in all_operations(described) if one.definition.raw["operationId"] in names]


def test_the_document_is_valid(described: BaseSchema) -> None:
    described.validate()


@pytest.mark.parametrize(("endpoint", "mode"), FUZZED, ids=lambda one: getattr(one, "value", one))
@seed(20261121)
@settings(
    max_examples=20,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(data=st.data())
def test_every_answer_is_as_described(
    described: BaseSchema, endpoint: str, mode: GenerationMode, data: st.DataObject
) -> None:
    operation = data.draw(st.sampled_from(operations_of(described, endpoint)))
    case = data.draw(operation.as_strategy(mode))
    response = case.call(timeout=30)
    assert response.status_code < 500 or response.status_code == 503, response.text
    case.validate_response(response, [*CONFORMANCE, *[negative_data_rejection] * (endpoint in STRICT)])


SPOKEN: dict[str, list[dict[str, Any]]] = {
    "routes.synthesize": [
        {"text": "你好。", "format": name, "stream": stream} for name in FORMATS for stream in (True, False)
    ],
    "openai.create_speech": [
        *({"input": "你好。", "response_format": name} for name in openai.FORMATS),
        {"input": "你好。", "stream_format": "sse", "speed": 9, "emotion": "sad"},
    ],
    "fish.tts": [{"text": "你好。", "format": name} for name in ("wav", "pcm", "mp3", "opus", "flac")],
    "fish.generate": [{"text": "Hello.", "language": "en", "references": [1]}],
    "routes.read": [{"ssml": "<speak>一<mark name='a'/><emphasis>二</emphasis></speak>", "plain": True}],
}


@pytest.mark.parametrize(("endpoint", "body"), [(name, body) for name, bodies in SPOKEN.items() for body in bodies])
def test_what_is_spoken_is_as_described(described: BaseSchema, endpoint: str, body: dict[str, Any]) -> None:
    (operation,) = operations_of(described, endpoint)
    kinds = fish.BODIES if endpoint.startswith("fish") else ("application/json",)
    for kind in kinds:
        if not (kind in fish.FORMS and "references" in body):
            case = operation.Case(body=body, media_type=kind)
            response = case.call(timeout=30)
            assert response.status_code == 200, response.text
            case.validate_response(response, CONFORMANCE)


@pytest.mark.parametrize("endpoint", [name for name, operation in OPERATIONS.items() if operation.bodies])
def test_what_no_door_reads_is_refused_as_described(described: BaseSchema, tone_server: Server, endpoint: str) -> None:
    (operation,) = operations_of(described, endpoint)
    case = operation.Case(body={}, media_type="application/json")
    for kind, content in (("application/json", b" " * 1_000_001), ("application/json", b"{"), ("text/csv", b"a,b")):
        answer = httpx.post(tone_server.url + operation.path, content=content, headers={"Content-Type": kind})
        assert answer.status_code == (
            413 if len(content) > 9 else 415 if "fish" in endpoint and b"," in content else 400
        )
        case.validate_response(answer, CONFORMANCE)


def test_a_recording_is_as_described(described: BaseSchema, tone_server: Server) -> None:
    made = httpx.post(tone_server.url + "/api/synthesize", json={"text": "好", "stream": False})
    token = made.headers["X-Wav-Url"].rsplit("/", 1)[1].removesuffix(".wav")
    (operation,) = operations_of(described, "routes.audio")
    for wanted, status in (("", 200), ("bytes=0-9", 206), ("bytes=9999999-", 416)):
        case = operation.Case(path_parameters={"token": token}, headers={"Range": wanted} if wanted else {})
        response = case.call(timeout=30)
        assert response.status_code == status
        case.validate_response(response, CONFORMANCE)


def test_every_http_door_is_described() -> None:
    app = create_app({"engines": ("tone",)})
    app.extensions["tts"].close()
    doors = {rule.endpoint for rule in app.url_map.iter_rules() if not rule.websocket}
    assert doors - {"static", "routes.page"} == set(OPERATIONS)


def test_the_documents_ask_for_a_key_as_every_door_does() -> None:
    with start(TTS_ENGINES="tone", TTS_API_KEYS="secret") as locked:
        for name in ("openapi", "asyncapi"):
            assert httpx.get(f"{locked.url}/{name}.json").status_code == 401
        document = httpx.get(locked.url + "/openapi.json", headers={"xi-api-key": "secret"}).json()
        sockets = httpx.get(locked.url + "/asyncapi.json", params={"authorization": "secret"}).json()
        schema = loaded(document, locked)
        for operation in all_operations(schema):
            if "{" not in operation.path:
                case = operation.Case(body={} if operation.method == "post" else None, media_type="application/json")
                response = case.call(timeout=30)
                assert response.status_code == (200 if operation.path in ("/healthz", "/readyz") else 401)
                case.validate_response(response, CONFORMANCE)
    assert [list(way) for way in document["security"]] == [["bearer"], ["header"], ["query"]]
    assert document["paths"]["/healthz"]["get"]["security"] == []
    assert len(sockets["servers"]["this"]["security"]) == 3
