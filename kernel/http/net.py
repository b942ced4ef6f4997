"""The safety net: input that only the database or a parser refuses is answered 400, not 500.

Readers (`kernel.http.reading`), forms and serializers say which field is wrong. Behind them stands
this, because a field will be forgotten some day. It must not make our own mistakes look like
the visitor's, so two things are asked before it answers:

- the error is of a kind that input can cause: a value too large for its column, a character
  that no text holds, a number without an end or of thousands of digits, a nesting without an end, a word too long for
  an index;
- the request carries something of that kind.

Anything else stays a 500. What is caught is reported to the operator (kind ``web.input``) with
the view's name, logged with its traceback, and counted: it is a field that somebody should bound.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import DecimalException
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db import DataError, OperationalError
from django.http import HttpRequest, HttpResponse, QueryDict

from kernel.http.failures import bad_request, not_found, unstorable
from kernel.http.reading import NOT_IN_TEXTS, has_control_characters
from kernel.watch.models import SENT
from kernel.watch.services import report_incident

GetResponse = Callable[[HttpRequest], HttpResponse]
COUNTER = "web:refused-inputs"
CHARSETS = frozenset(
    {"utf-8", "ascii", "iso8859-1", "cp1252", "gb2312", "gbk", "gb18030", "big5", "shift_jis"}
)
"""What a form may be written in. Python knows "encodings" that are none: zlib, idna, undefined."""
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
PROGRAM_LIMIT_EXCEEDED = "54000"  # PostgreSQL: a row or a word too large for its index

_LARGE = re.compile(r"\d{5}|[eE]\+?\d{3}|inf|nan", re.IGNORECASE)
_ENDLESS = re.compile(r"\d{1000}")
_DEEP = re.compile(r"(?:[\[{]\s*(?:\"[^\"]*\"\s*:\s*)?){64}")
_LONG = re.compile(r"\S{600}")


def _too_many_digits(error: ValueError) -> bool:
    """Whether Python has refused to read a number of thousands of digits; Django wraps the error."""
    causes = (error, error.__cause__, error.__context__)
    return any("Exceeds the limit" in str(cause) for cause in causes)


class _Kind(NamedTuple):
    """Errors that input can cause, and what such an input looks like."""

    causes: Callable[[Exception], bool]
    looks: re.Pattern[str]


_KINDS = (
    _Kind(lambda error: isinstance(error, DataError | OverflowError | DecimalException), _LARGE),
    _Kind(lambda error: isinstance(error, DataError | UnicodeError), NOT_IN_TEXTS),
    _Kind(lambda error: isinstance(error, ValueError) and "NUL (0x00)" in str(error), NOT_IN_TEXTS),
    _Kind(lambda error: isinstance(error, ValueError) and _too_many_digits(error), _ENDLESS),
    _Kind(lambda error: isinstance(error, RecursionError), _DEEP),
    _Kind(
        lambda error: (
            isinstance(error, OperationalError)
            and getattr(error.__cause__, "pgcode", "") == PROGRAM_LIMIT_EXCEEDED
        ),
        _LONG,
    ),
)


LONGEST_QUERY = 16 * 1024
"""Bytes of an address behind its "?". A list repeats them in each of its links."""


class InputMiddleware:
    """Stands before sessions and forms: see the module."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """A cookie with control characters is none of ours: it is not there."""
        for name in [
            key for key, value in request.COOKIES.items() if has_control_characters(value)
        ]:
            del request.COOKIES[name]
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower() != "utf-8":
            known = _charset(charset)
            if known == "utf-8" or known not in CHARSETS:
                request.encoding = "utf-8"  # also for what is asked before the view
            request._unreadable = known not in CHARSETS  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Read the body here, where a refusal becomes a page in the visitor's language.

        NUL is refused once for all ways in, filters and forms (JSON: kernel.http.parsers): no column
        holds it and nobody means it, so it is answered 400 and is no news to the operator.
        Raises what Django turns into 400 itself: a body too large, too many fields, a form
        whose parts cannot be told apart.
        """
        if len(request.META.get("QUERY_STRING", "")) > LONGEST_QUERY:
            return bad_request(request, ValueError("query"))
        if getattr(request, "_unreadable", False):
            return bad_request(request, LookupError("charset"))
        if "\x00" in request.path_info:
            return not_found(request, ValueError("path"))
        if names := _with_nul(request.GET):
            return unstorable(request, names)
        if request.method not in WRITING:
            return None
        try:
            if request.content_type not in FORMS or getattr(view, "csrf_exempt", False):
                request.body  # noqa: B018 - of one who signs it, the view needs the raw bytes
            elif request.method == "POST" and (names := _with_nul(request.POST)):
                # reading it has parsed it
                return unstorable(request, names)
        except (LookupError, UnicodeError, OSError) as error:
            return refuse_input(request, error)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer 400 for an error that the request's input has caused; else leave it be."""
        return refuse_input(request, error) if caused_by_input(request, error) else None


def _with_nul(params: QueryDict) -> list[str]:
    """The names of an address or a form that hold the character NUL, or whose values do."""
    return [
        name.replace("\x00", "")
        for name, values in params.lists()
        if any("\x00" in text for text in (name, *values))
    ]


def refuse_input(request: HttpRequest, error: Exception) -> HttpResponse:
    """Report, count, and answer with a page or a problem document."""
    match = request.resolver_match
    where = match.view_name if match else "?"
    report_incident(kind=SENT, subject=f"{where} {request.method}", error=error)
    cache.add(COUNTER, 0, timeout=None)
    with suppress(ValueError):  # the cache cannot be reached, or has just dropped it
        cache.incr(COUNTER)
    return bad_request(request, error)


def refused_inputs() -> int:
    """How many requests the net has caught since the cache was last emptied."""
    return int(cache.get(COUNTER) or 0)


def caused_by_input(request: HttpRequest, error: Exception) -> bool:
    """Whether ``error`` is of a kind that input can cause, and ``request`` carries such input."""
    looks = [kind.looks for kind in _KINDS if kind.causes(error)]
    return bool(looks) and any(look.search(text) for text in _texts(request) for look in looks)


def _texts(request: HttpRequest) -> Iterator[str]:
    """Everything that came with the request, as text."""
    yield request.path_info
    for params in (request.GET, request.POST):
        for name, values in params.lists():
            yield name
            yield from map(str, values)
    yield from request.COOKIES.values()
    for _field, uploads in request.FILES.lists():
        yield from (str(getattr(upload, "name", "")) for upload in uploads)
    if request.content_type not in FORMS and request.method in WRITING:
        yield _plain(request.body)


def _plain(body: bytes) -> str:
    """A body as text, with what JSON writes as \\uXXXX written out."""
    text = body.decode("utf-8", "replace")
    return re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)


def _charset(name: str) -> str:
    """What Python calls it; "" for a name that nobody knows: a guess would read other words."""
    try:
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""
