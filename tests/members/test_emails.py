"""E-mails: both languages, text and HTML, once, and only where they make sense."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings as django_settings
from django.utils import translation

from members.models import Notification
from members.services.notify import EMAIL_MAX_AGE, notification_email, notify, send_email
from members.wording import KINDS
from o2o import clock
from tests.factories import make_user

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
    "rating": 5,
    "author": "Li",
    "contact": "Wang",
    "note": "Please add a licence.",
}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("kind", sorted(KINDS))
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
