"""Whether the accounts of the demo city are still open to everybody, asked when the web starts."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, check_password
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from o2o.production import DEMO_DOMAIN, DEMO_PASSWORD, Danger, refusal

MOST = 20
"""Each hash takes some 50 ms; the accounts that may do most come first."""


def check_demo_accounts(*, allowed: Iterable[str]) -> None:
    """Raise ImproperlyConfigured when a demo account still opens with the demo's password.

    Without a database there is nothing to ask: the web starts and says at /readyz what is missing.
    """
    if "demo-passwords" in allowed:
        return
    users = get_user_model().objects
    accounts = users.filter(email__endswith=DEMO_DOMAIN, is_active=True)
    accounts = accounts.exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    try:
        found = list(
            accounts.order_by("-is_superuser", "-is_staff", "id").values_list("email", "password")[
                :MOST
            ]
        )
    except DatabaseError:
        return
    for email, encoded in found:
        if check_password(DEMO_PASSWORD, encoded):
            sentence = (
                f"The demo account {email} still has the password that the demo prints; "
                "change it or close the account."
            )
            raise ImproperlyConfigured(refusal(Danger("demo-passwords", sentence)))
