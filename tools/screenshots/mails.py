"""Every e-mail as a screen: the HTML of each kind, and all text parts on one sheet."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core import mail
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html, format_html_join

from kernel.message_kinds import all_kinds
from members.invitations import invitation_email
from members.models import User
from members.services.recovery import send_password_reset
from messages.models import Notification
from messages.services.email import notification_email
from stores.models import StaffInvitation, Store
from tools.screenshots.screens import Screen

LANGUAGES = ("en", "zh-hans")
# What a message of a kind that nobody got yet would tell.
EXAMPLE: dict[str, Any] = {
    "title_en": "Steamed dumplings for two",
    "title_zh": "双人蒸饺套餐",
    "store_en": "Pier Kitchen, Harbour",
    "store_zh": "码头厨房（港口店）",
    "merchant_en": "Pier Kitchen",
    "merchant_zh": "码头厨房",
    "author": "Mei",
    "contact": "Lin Qiao",
    "note": "The business licence cannot be read in the picture.",
    "number": "261122672066086418",
    "refund": "R261122726541796995",
    "rating": 5,
    "vouchers": 2,
    "uses": 1,
    "uses_left": 3,
    "uses_total": 8,
    "zone": "Asia/Shanghai",
    "paid_at": "2026-11-22T04:51:00Z",
    "redeemed_at": "2026-11-22T05:53:00Z",
    "until_on": "2026-11-29",
    "day_on": "2026-11-22",
    "total_fen": 26600,
    "amount_fen": 13600,
    "gross_fen": 12800,
    "commission_fen": 1024,
    "returns_fen": 0,
    "net_fen": 11776,
}
Parts = tuple[str, str, str]
"""Subject, HTML and text of an e-mail."""


def mail_screens(reader: User) -> Iterator[Screen]:
    """The e-mail of each kind of message, that of a forgotten password, and their texts."""
    texts: dict[str, list[Parts]] = defaultdict(list)
    for kind, mails in _mails(reader):
        name = "mail-" + kind.replace(".", "-").replace("_", "-")
        html = {language: parts[1] for language, parts in mails.items()}
        yield Screen(name, f"/drawn/{name}/", html=html)
        for language, parts in mails.items():
            texts[language].append(parts)
    sheets = {language: _text_sheet(language, parts) for language, parts in texts.items()}
    yield Screen("mail-texts", "/drawn/mail-texts/", html=sheets)


def _mails(reader: User) -> Iterator[tuple[str, dict[str, Parts]]]:
    found = {
        note.kind: note
        for note in Notification.objects.select_related("user")
        .order_by("kind", "-id")
        .distinct("kind")
    }
    for kind in all_kinds():
        note = found.get(kind) or Notification(
            user=reader, kind=kind, params=EXAMPLE, link=reverse("voucher_list")
        )
        mails = {}
        before = note.user.language
        for note.user.language in LANGUAGES:
            mails[note.user.language] = _parts(notification_email(note))
        note.user.language = before
        yield kind, mails
    yield "password_reset", _password_mails(reader)
    yield "invitation", _invitation_mails(reader)


def _invitation_mails(reader: User) -> dict[str, Parts]:
    store = Store.objects.select_related("merchant").earliest("pk")
    invitation = StaffInvitation(
        merchant=store.merchant, email="mei@example.com", role="clerk", invited_by=reader
    )
    mails = {}
    for language in LANGUAGES:
        with translation.override(language):
            secret = secrets.token_urlsafe(32)
            mail_of = invitation_email(invitation=invitation, stores=[store], token=secret)
            mails[language] = _parts(mail_of)
    return mails


def _password_mails(reader: User) -> dict[str, Parts]:
    backend, settings.EMAIL_BACKEND = (
        settings.EMAIL_BACKEND,
        "django.core.mail.backends.locmem.EmailBackend",
    )
    mails = {}
    try:
        for language in LANGUAGES:
            User.objects.filter(pk=reader.pk).update(language=language)
            send_password_reset(user_id=reader.pk)
            mails[language] = _parts(mail.outbox[-1])  # type: ignore[attr-defined]
    finally:
        settings.EMAIL_BACKEND = backend
        User.objects.filter(pk=reader.pk).update(language=reader.language)
    return mails


def _parts(message: mail.EmailMessage) -> Parts:
    html = str(getattr(message, "alternatives", [])[0][0])
    return str(message.subject), html, str(message.body)


def _text_sheet(language: str, mails: list[Parts]) -> str:
    """The text parts one below the other, as a plain mail program shows them."""
    style = (
        ":root { color-scheme: light dark } body { max-width: 72ch; margin: 24px auto;"
        " padding: 0 12px } pre { white-space: pre-wrap; overflow-wrap: anywhere }"
    )
    blocks = format_html_join(
        "", "<h2>{}</h2><pre>{}</pre><hr>", ((subject, text) for subject, _html, text in mails)
    )
    return format_html(
        '<!doctype html><html lang="{}"><meta charset="utf-8"><meta name="viewport"'
        ' content="width=device-width"><title>E-mails</title><style>{}</style>'
        "<body><h1>E-mails</h1>{}</body></html>",
        language,
        style,
        blocks,
    )
