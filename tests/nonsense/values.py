"""What nobody means: values that some column, parser or rule might not expect."""

from __future__ import annotations

import json
from random import Random
from typing import Any

NUMBERS = [
    *("-1", "0", "32768", "2147483648", "9223372036854775808", str(10**30), "-" + "9" * 25),
    *("1e30", "1e999999", "-1E400", "NaN", "Infinity", "0x10", "1_000", "1.5", "٣", "፩", "❶", "½"),
    "9" * 5000,
]
TEXTS = [
    *("", " ", "\x00", "a\x00b", "\x1f", "\r\n", "\ufeff", "\u3164", "\u202eabc\u202c", "\u2028"),
    *(
        "x" * 10_000,
        "中" * 4_000,
        "word " * 2_000,
        "'\"><img src=x>",
        "%00",
        "%ED%A0%80",
        "{{ 7 }}",
    ),
    *("../../etc/passwd", "null", "true", "[]", "[" * 300, "a,b", "a=b&c", "🔥" * 50, "\\", "%s"),
]
MOMENTS = [
    *("0001-01-01", "9999-12-31", "99999-01-01", "2026-02-30", "2026-11-01T25:61", "24:00"),
    *("0001-01-01 00:00:00+14:00", "9999-12-31T23:59:59-12:00", "-1-01-01", "1e9"),
]
WORDS = [*NUMBERS, *TEXTS, *MOMENTS]
HALVES = ["\ud800", "a\udfffb", "\udc00\ud800"]
DEEP = json.loads("[" * 25 + "]" * 25)
JSON: list[Any] = [
    *WORDS,
    *HALVES,
    *(None, True, False, -1, 0, 2**31, 2**63, 10**30, -(10**30), 1.5, 1e308, [], {}, [[]], DEEP),
    *({"a": DEEP}, ["x"] * 500, {"x": 1}),
]
BODIES = [
    b"",
    b"[" * 1_000,
    b'{"a":' * 5_000,
    b"[" * 200_000,
    b"null",
    b"[]",
    b"7",
    b'"text"',
    b"\xff\xfe\x00",
    b"\xed\xa0\x80",
    b"NaN",
    b'{"code": 1e999999}',
    b'{"store": 1, "store": []}',
    b'{"\\ud800": 1}',
    b'{"a": "\\u0000"}',
    b"{" + b'"a":1,' * 5_000 + b'"b":1}',
    b"1" * 10_000,
]
CHARSETS = ["utf-16", "utf-7", "zlib", "rot13", "idna", "punycode", "base64", "x-none", "", "\xff"]
"""Some are no charsets although Python decodes by them, some no program knows."""
HEADERS = [
    {"accept-language": "x" * 5_000},
    {"accept-language": "zh-hans;q=9e99, *;q=NaN, \x80"},
    {"accept": "application/xml;q=x, */*;" + "a" * 3_000},
    {"content-type": "application/json; charset=zlib"},
    {"content-type": "multipart/form-data; boundary=" + "b" * 300},
    {"content-type": "a/b/c; =; charset"},
    {"authorization": "Bearer " + "x" * 9_000},
    {"authorization": "Bearer \xff\xfe"},
    {"authorization": "Bearer a b c"},
    {"authorization": "Basic ===="},
    {"idempotency-key": "x" * 5_000},
    {"idempotency-key": "\x00" * 20},
    {"referer": "javascript:alert(1)"},
    {"referer": "http://[::1"},
    {"x-forwarded-for": "1.2.3.4, \x00, " + "9" * 4_000},
    {"user-agent": "\x00" + "u" * 9_000},
    {"if-modified-since": "Thu, 99 Foo 99999 99:99:99 GMT"},
    {"if-none-match": '"' + "e" * 5_000},
    {"range": "bytes=-" + "9" * 40},
    {"hx-request": "true", "hx-current-url": "http://[", "hx-target": "\x00"},
    {"x-http-method-override": "DELETE"},
    {"host": "a" * 300},
    {"host": "[::1"},
    {"accept-encoding": "gzip;q=NaN, br;q=1e9, *;q=-1"},
]


def some(random: Random, values: list[Any], count: int) -> list[Any]:
    """``count`` of ``values``, or all of them where there are no more."""
    return list(values) if count >= len(values) else random.sample(values, count)
