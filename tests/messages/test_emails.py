"""E-mails: both languages, text and HTML, once, and only where they make sense."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.conf import settings as django_settings
from django.utils import translation
from django.utils.html import escape

from kernel import clock
from kernel.http.templatetags.fmt import date_local
from kernel.message_kinds import all_kinds
from messages.models import Notification
from messages.services.email import EMAIL_MAX_AGE, notification_email, send_email
from messages.services.notify import notify
from messages.wording import word_notification
from tests.factories import make_product, make_user, make_voucher
from vouchers.models import Voucher
from vouchers.services.refund import refund_voucher

pytestmark = pytest.mark.django_db

# Every fact that any wording uses.
FACTS = {
    "title_en": "Noodles & <tea>",
    "title_zh": "面条",
    "store_en": "Lake Store",
    "store_zh": "湖滨店",
    "merchant_en": "Noodle House",
    "merchant_zh": "面馆",
    "number": "A1",
    "total_fen": 12345,
    "amount_fen": 6800,
    "net_fen": 99900,
    "commission_fen": 6000,
    "day_on": "2026-05-12",
    "redeemed_at": "2026-05-12T10:00:00+00:00",
    "zone": "Asia/Shanghai",
    "uses_left": 2,
    "uses_total": 10,
    "rating": 5,
    "author": "Li",
    "contact": "Wang",
    "clerk": "Zhao",
    "person": "Qian",
    "quantity": 3,
    "left": 4,
    "reference": "ICBC-77",
    "note": "Please add a licence.",
    "until_on": "2026-05-31",
    "vouchers": 1,
    "refund": "R1",
    "gross_fen": 105900,
    "returns_fen": 0,
    "paid_at": "2026-05-12T10:00:00+00:00",
    "items": [
        {
            "title_en": "Noodles & <tea>",
            "title_zh": "面条",
            "quantity": 2,
            "total_fen": 12345,
            "until_on": "2026-06-12",
        }
    ],
}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("kind", sorted(all_kinds()))
def test_every_kind_makes_a_whole_email_in_both_languages(kind, language):
    user = make_user(language=language)
    message = notify(user_id=user.pk, kind=kind, params=FACTS, link="/x/", dedupe_key="k")
    mail = notification_email(message)
    html = mail.alternatives[0].content
    for text in (mail.subject, mail.body, html):
        assert "{" not in text.replace("{ ", "").split("<style>")[0]
        assert text.strip()
    assert f'lang="{language}"' in html
    assert f"{django_settings.BASE_URL}/x/" in mail.body
    assert f'href="{django_settings.BASE_URL}/x/"' in html
    assert "\n" not in mail.subject


@pytest.mark.parametrize(
    ("language", "title", "moment"),
    [
        ("en", "Noodles & <tea>", "12 May 2026, 18:00"),
        ("zh-hans", "面条", "2026年5月12日 18:00"),
    ],
)
def test_facts_are_told_in_the_readers_language_and_the_stores_time(language, title, moment):
    user = make_user(language=language)
    message = notify(
        user_id=user.pk, kind="voucher_redeemed", params=FACTS, link="/x/", dedupe_key="k"
    )
    with translation.override("en" if language != "en" else "zh-hans"):
        mail = notification_email(message)
    assert title in mail.subject
    assert moment in mail.body


def test_text_is_not_escaped_and_html_is():
    user = make_user(language="en")
    message = notify(user_id=user.pk, kind="order_paid", params=FACTS, link="/x/", dedupe_key="k")
    mail = notification_email(message)
    assert "Noodles & <tea>" in mail.body
    assert "Noodles &amp; &lt;tea&gt;" in mail.alternatives[0].content


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("kind", sorted(all_kinds()))
def test_the_text_says_all_that_the_html_says_and_links_lead_here(kind, language):
    user = make_user(language=language)
    message = notify(user_id=user.pk, kind=kind, params=FACTS, link="/x/", dedupe_key="k")
    mail = notification_email(message)
    html = mail.alternatives[0].content
    with translation.override(language):
        words = word_notification(message)
    for part in (words.title, words.body, words.action, *(value for _, value in words.details)):
        assert part in mail.body
        assert escape(part) in html
    assert user.display_name in mail.body
    links = re.findall(r'(?:href|src)="([^"]*)"', html) + re.findall(r"\S+://\S+", mail.body)
    assert links
    assert all(link.startswith(f"{django_settings.BASE_URL}/") for link in links)
    assert "<table" not in html
    assert "<img" not in html, "nothing is fetched that tells when a mail was read"


def test_paid_tells_what_was_bought_and_until_when_and_never_a_code(drain, mailoutbox):
    voucher = make_voucher(owner=make_user(language="en"), product=make_product(), quantity=2)
    drain()
    mail = mailoutbox[0]
    assert f"{voucher.title} × 2" in mail.body
    assert f"valid until {date_local(voucher.last_day)}" in mail.body
    html = mail.alternatives[0].content
    for code in Voucher.objects.values_list("code", flat=True):
        assert code not in mail.body and code not in html


def test_a_refund_is_confirmed_when_asked_for_and_when_done(drain, mailoutbox):
    owner = make_user(language="en")
    voucher = make_voucher(owner=owner, product=make_product(price_fen=4_000))
    drain()
    mailoutbox.clear()
    refund_voucher(owner=owner, voucher_id=voucher.pk)
    drain()
    assert [mail.subject for mail in mailoutbox] == [
        "¥40 is on its way back",
        "¥40 refunded",
    ]


def test_a_message_is_mailed_once(drain, mailoutbox):
    user = make_user()
    message = notify(user_id=user.pk, kind="order_paid", params=FACTS, link="/x/", dedupe_key="k")
    drain()
    send_email(notification_id=message.pk)
    assert [mail.to for mail in mailoutbox] == [[user.email]]
    message.refresh_from_db()
    assert message.emailed_at is not None


def test_people_without_email_and_old_news_get_no_mail(drain, mailoutbox):
    by_phone = make_user(email=None, phone="13800000000")
    closed = make_user(is_active=False)
    notify(user_id=by_phone.pk, kind="order_paid", params=FACTS, link="/x/", dedupe_key="a")
    notify(user_id=closed.pk, kind="order_paid", params=FACTS, link="/x/", dedupe_key="b")
    with clock.at(clock.now() - EMAIL_MAX_AGE - dt.timedelta(hours=1)):
        notify(user_id=make_user().pk, kind="order_paid", params=FACTS, link="/", dedupe_key="c")
    drain()
    assert not mailoutbox
    assert Notification.objects.count() == 3
