"""What `make demo` prints: addresses and logins, the operator's people by their part."""

from __future__ import annotations

from pathlib import Path

from o2o.embedded.table import demo_table


def test_the_operator_s_logins_say_their_part() -> None:
    logins: list[dict[str, object]] = [
        {"role": "operator", "desk": "finance", "identifier": "f@example.com", "password": "x"},
        {"role": "customer", "identifier": "c@example.com", "password": "x"},
    ]
    rows = [line.split() for line in demo_table("http://here/", logins, Path("logs")).splitlines()]
    assert ["operator,", "finance", "f@example.com", "x"] in rows
    assert ["customer", "c@example.com", "x"] in rows
