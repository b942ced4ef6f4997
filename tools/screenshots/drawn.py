"""Screens that no address gives on purpose, as HTML: error pages."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from kernel.errors import TooManyAttempts
from tools.screenshots.mails import LANGUAGES
from tools.screenshots.screens import TEMPLATES, Screen


def error_screens() -> Iterator[Screen]:
    """The error pages, as an anonymous visitor of the home page gets them."""
    for name, template in TEMPLATES.items():
        html = {}
        for language in LANGUAGES:
            with translation.override(language):
                html[language] = render_to_string(
                    template, {"refusal": TooManyAttempts(retry_after_seconds=40)}, _request()
                )
        yield Screen(name, f"/drawn/{name}/", html=html)


def _request() -> HttpRequest:
    request = RequestFactory().get("/", headers={"host": "localhost"})
    request.user = AnonymousUser()
    request.session = SessionStore()  # type: ignore[assignment]
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    return request
