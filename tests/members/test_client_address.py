"""Whom a limit counts."""

from __future__ import annotations

import pytest

from kernel.http.limits import client_address


@pytest.mark.parametrize(
    ("trusted", "remote", "forwarded", "counted"),
    [
        (False, "1.2.3.4", "9.9.9.9", "1.2.3.4"),
        (True, "10.0.0.1", "9.9.9.9", "9.9.9.9"),
        # The visitor wrote all but the last address; the proxy wrote the last.
        (True, "10.0.0.1", "6.6.6.6, 9.9.9.9", "9.9.9.9"),
        (True, "10.0.0.1", None, "10.0.0.1"),
        (False, "2001:db8:1:2:aaaa::1", None, "2001:db8:1:2::/64"),
        (False, "2001:db8:1:2:bbbb::2", None, "2001:db8:1:2::/64"),
        (False, "", None, "unknown"),
    ],
)
def test_the_address_that_counts(rf, settings, trusted, remote, forwarded, counted):
    settings.TRUST_PROXY = trusted
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert client_address(rf.get("/", REMOTE_ADDR=remote, headers=headers)) == counted
