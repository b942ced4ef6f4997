"""Screens that no address gives on purpose, as HTML: error pages, e-mails."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core import mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from members.models import Notification, User
from members.services.notify import notification_email
from members.services.recovery import send_password_reset
from o2o.screenshots.screens import TEMPLATES, Screen

LANGUAGES = ("en", "zh-hans")


def error_screens() -> Iterator[Screen]:
    """The error pages, as an anonymous visitor of the home page gets them."""
    for name, template in TEMPLATES.items():
        html = {}
        for language in LANGUAGES:
            with translation.override(language):
                html[language] = render_to_string(template, request=_request())
        yield Screen(name, f"/drawn/{name}/", html=html)


def _request() -> HttpRequest:
    request = RequestFactory().get("/", headers={"host": "localhost"})
    request.user = AnonymousUser()
    request.session = SessionStore()  # type: ignore[assignment]
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    return request


def mail_screens(reader: User) -> Iterator[Screen]:
    """The e-mail of each kind of message somebody got, and that of a forgotten password."""
    for note in (
        Notification.objects.select_related("user").order_by("kind", "-id").distinct("kind")
    ):
        html = {}
        for note.user.language in LANGUAGES:
            html[note.user.language] = _html_part(notification_email(note))
        name = "mail-" + note.kind.replace(".", "-").replace("_", "-")
        yield Screen(name, f"/drawn/{name}/", html=html)
    before, settings.EMAIL_BACKEND = (
        settings.EMAIL_BACKEND,
        "django.core.mail.backends.locmem.EmailBackend",
    )
    language = reader.language
    try:
        html = {}
        for tag in LANGUAGES:
            User.objects.filter(pk=reader.pk).update(language=tag)
            send_password_reset(user_id=reader.pk)
            html[tag] = _html_part(mail.outbox[-1])  # type: ignore[attr-defined]
    finally:
        settings.EMAIL_BACKEND = before
        User.objects.filter(pk=reader.pk).update(language=language)
    yield Screen("mail-password-reset", "/drawn/mail-password-reset/", html=html)


def _html_part(message: mail.EmailMessage) -> str:
    parts = getattr(message, "alternatives", [])
    return str(parts[0][0]) if parts else f"<pre>{message.body}</pre>"
