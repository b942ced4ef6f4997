"""What the database or a parser refuses because of what was sent is a 400; our mistakes stay 500."""

from __future__ import annotations

import io
import json
from decimal import Decimal, InvalidOperation

import pytest
from django.db import DataError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path, resolve
from django.utils.datastructures import MultiValueDict
from rest_framework.exceptions import ParseError

from kernel.http.net import caused_by_input, refused_inputs
from kernel.http.parsers import DEEPEST, StrictJSONParser
from kernel.idempotency.models import IdempotencyKey
from kernel.watch.models import Incident
from members.services.accounts import issue_token
from o2o.urls import handler400, handler404, handler500  # noqa: F401
from o2o.urls import urlpatterns as ours
from tests.factories import cast, make_user

pytestmark = pytest.mark.django_db


def careless(request: HttpRequest) -> HttpResponse:
    """A view that forgot to read its input: each parameter makes one kind of error."""
    given = {**request.GET.dict(), **request.POST.dict()}
    with connection.cursor() as cursor:
        if "whole" in given:
            cursor.execute("SELECT %s::bigint", [given["whole"]])
        if "text" in given:
            cursor.execute("SELECT %s", [given["text"]])
        if "json" in request.GET:
            cursor.execute("SELECT %s", [json.loads(request.body)["text"]])
    if "decimal" in given:
        Decimal(given["decimal"]).quantize(Decimal("0.01"))
    if "digits" in given:
        int(given["digits"])
    if "key" in given:
        list(IdempotencyKey.objects.filter(pk=given["key"]))
    if "ours" in given:
        raise DataError("a sum of ours does not fit")
    if "written" in given:
        IdempotencyKey.objects.create(scope="net", key=given["written"][:20], fingerprint="f")
    return HttpResponse("fine")


urlpatterns = [path("careless/", careless, name="careless"), *ours]


@pytest.fixture
def calm(settings) -> Client:
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    "query",
    [
        {"whole": "9" * 25},
        {"decimal": "1e999999"},
        {"decimal": "9" * 40},
        {"digits": "7" * 5000},
        {"key": "7" * 5000},
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_input_that_nothing_holds_is_a_400(calm: Client, query: dict, method: str) -> None:
    before = refused_inputs()
    answer = getattr(calm, method)("/careless/", query)
    assert answer.status_code == 400
    assert "Nothing has been changed" in answer.content.decode()
    assert refused_inputs() == before + 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_nul_is_a_400_before_anything_is_careless(calm: Client, method: str) -> None:
    before = refused_inputs()
    for query in ({"text": "a\x00"}, {"a\x00": "text"}):
        answer = getattr(calm, method)("/careless/", query)
        assert answer.status_code == 400
        assert "Nothing has been changed" in answer.content.decode()
    assert refused_inputs() == before, "no news to the operator"


@pytest.mark.django_db(transaction=True)
def test_what_is_caught_is_shown_to_the_operator(calm: Client) -> None:
    calm.get("/careless/", {"whole": "9" * 25})
    incident = Incident.objects.get(kind="web.input")
    assert incident.subject == "careless GET"
    assert "out of range" in incident.error


@pytest.mark.parametrize("text", ["\\ud800", "a\\udfffb", "\\u0000"])
def test_half_a_character_in_json_is_a_400(calm: Client, text: str) -> None:
    body = f'{{"text": "{text}"}}'
    answer = calm.post("/careless/?json=1", body, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("query", [{"ours": "1"}, {"ours": "yes", "text": "plain"}])
def test_a_mistake_of_ours_stays_a_500(calm: Client, query: dict) -> None:
    before = refused_inputs()
    assert calm.get("/careless/", query).status_code == 500
    assert refused_inputs() == before


def test_an_error_of_another_kind_is_ours_whatever_was_sent() -> None:
    request = RequestFactory().get("/", {"a": "\x00", "b": "9" * 40})
    try:
        int("9" * 5000)
    except ValueError as too_long:
        assert not caused_by_input(request, too_long)  # forty digits were sent, not thousands
    for error in (KeyError("a"), ValueError("wrong"), TypeError("a"), AssertionError()):
        assert not caused_by_input(request, error)
    assert caused_by_input(request, DataError("integer out of range"))
    assert caused_by_input(request, InvalidOperation())


@pytest.mark.parametrize(
    "charset",
    ["zlib", "zip", "base64", "idna", "undefined", "hex", "rot13", "unicode_escape", "no-such"],
)
@pytest.mark.parametrize("address", ["/login/", "/city/", "/basket/add/", "/api/v1/auth/login"])
def test_an_encoding_that_is_none_is_a_400(client: Client, charset: str, address: str) -> None:
    for kind in ("application/x-www-form-urlencoded", "application/json", "text/plain"):
        answer = client.generic("POST", address, b"a=1", f"{kind}; charset={charset}")
        assert answer.status_code == 400
    assert client.get(
        "/", headers={"content-type": f"text/html; charset={charset}"}
    ).status_code in (
        200,
        400,
    )


@pytest.mark.parametrize("charset", ["utf-8", "UTF8"])
def test_an_encoding_that_texts_are_sent_in_is_read(client: Client, charset: str) -> None:
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    assert client.generic("POST", "/city/", b"city=x", kind).status_code == 302


@pytest.mark.parametrize("charset", ["zlib", "no-such", "undefined", "idna", ""])
def test_a_file_name_in_no_encoding_breaks_nothing(client: Client, charset: str) -> None:
    part = f"Content-Disposition: form-data; name=\"a\"; filename*={charset}''%C3%A9"
    body = f"--x\r\n{part}\r\n\r\nz\r\n--x--\r\n".encode()
    answer = client.generic("POST", "/city/", body, "multipart/form-data; boundary=x")
    assert answer.status_code in (302, 400)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"a=1&" * 3000, "application/x-www-form-urlencoded"),
        (b"--y", "multipart/form-data; boundary=x"),
        (b"--x", "multipart/form-data"),
        (b"a" * 6_000_000, "application/x-www-form-urlencoded"),
        (b'"' + b"a" * 6_000_000 + b'"', "application/json"),
    ],
)
def test_a_body_that_no_form_has_is_refused_in_words(
    client: Client, body: bytes, kind: str
) -> None:
    answer = client.post("/city/", body, content_type=kind)
    assert answer.status_code in (302, 400)
    assert answer.status_code == 302 or "could not read" in answer.content.decode()


DEEP = [b"[" * 1000, b"[" * 100_000, b'{"a":' * 500, b"[" * 40 + b"]" * 40]


@pytest.mark.parametrize(
    "body", [*DEEP, b'{"code": 1e999}', b"NaN", b"\xff", b'{"code": "\\ud801"}']
)
@pytest.mark.parametrize(
    "address", ["/api/v1/auth/login", "/api/v1/console/previews", "/api/v1/orders"]
)
def test_json_that_no_parser_takes_is_a_problem(client: Client, address: str, body: bytes) -> None:
    token = issue_token(user=cast().clerk)
    headers = {"authorization": f"Bearer {token}", "idempotency-key": "nonsense-1"}
    answer = client.post(address, body, content_type="application/json", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["code"] == "parse_error"


def test_json_may_be_as_deep_as_ours_and_hold_any_character() -> None:
    good = {"a": [[[{"b": "中😀\u2028"}]]], "c": 1.5}
    for ascii_only in (True, False):
        raw = json.dumps(good, ensure_ascii=ascii_only).encode()
        assert StrictJSONParser().parse(io.BytesIO(raw)) == good
        assert StrictJSONParser().parse(io.BytesIO(b"\xef\xbb\xbf" + raw)) == good
    edge = b"[" * DEEPEST + b"]" * DEEPEST
    assert StrictJSONParser().parse(io.BytesIO(edge))
    with pytest.raises(ParseError):
        StrictJSONParser().parse(io.BytesIO(b"[" + edge + b"]"))


def test_a_body_larger_than_any_of_ours_is_refused_unread(client: Client) -> None:
    body = b'{"email": "' + b"a" * 6_000_000 + b'"}'
    answer = client.post("/api/v1/auth/login", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("address", ["/basket/add/", "/city/", "/logout/", "/inbox/read/"])
def test_an_address_opened_in_the_wrong_way_says_so(client: Client, address: str) -> None:
    client.force_login(make_user())
    answer = client.get(address)
    assert answer.status_code == 405
    assert "POST" in answer["Allow"]
    assert "cannot be opened this way" in answer.content.decode()
    assert (
        "不能这样打开"
        in client.get(address, headers={"accept-language": "zh-hans"}).content.decode()
    )


@pytest.mark.parametrize("method", ["options", "put", "delete", "patch", "trace"])
@pytest.mark.parametrize("address", ["/", "/products/", "/help/", "/api/docs/", "/robots.txt"])
def test_a_page_that_is_only_read_answers_other_methods_in_words(
    client: Client, address: str, method: str
) -> None:
    answer = getattr(client, method)(address)
    assert answer.status_code == 405
    assert answer.content
    if address.startswith("/api/"):
        assert answer.json()["code"] == "method_not_allowed"


def test_what_comes_with_a_request_is_all_looked_through() -> None:
    nul = "a\x00"
    factory = RequestFactory()
    error = DataError("x")
    for request in (
        factory.get("/", {"a": nul}),
        factory.get("/", {nul: "a"}),
        factory.post("/", {"a": nul}),
        factory.post("/", '{"a": "\\u0000"}', content_type="application/json"),
    ):
        request.resolver_match = resolve("/")
        assert caused_by_input(request, error)
    cookie = factory.get("/")
    cookie.COOKIES["a"] = nul
    assert caused_by_input(cookie, error)
    assert not caused_by_input(factory.get("/", MultiValueDict({"a": ["plain"]})), error)


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "text/plain", "a/b", ""])
def test_a_gateway_s_message_is_read_as_it_came_whatever_it_calls_itself(
    client: Client, kind: str
) -> None:
    answer = client.generic("POST", "/payments/notify/sandbox/", b"--x\r\n\r\n--x--", kind)
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/products/", "/api/v1/products"])
def test_an_address_without_end_is_refused_instead_of_repeated_in_each_link(path: str) -> None:
    answer = Client().get(f"{path}?q={'a' * 20_000}")
    assert answer.status_code == 400
    assert len(answer.content) < 20_000
