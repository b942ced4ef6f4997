"""Settings: which e-mails a person gets, and logging out everywhere else."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from kernel.message_kinds import BUSINESS, MAIL_GROUPS, REMINDERS, REVIEWS, all_kinds
from members.models import ApiToken
from members.services.accounts import issue_token
from messages.services.email import mail_off_url, notification_email
from messages.services.notify import notify
from tests.factories import make_user
from tests.messages.test_emails import FACTS

pytestmark = pytest.mark.django_db


def mailed(user, kind):
    message = notify(user_id=user.pk, kind=kind, params=FACTS, link="/x/", dedupe_key=kind)
    return notification_email(message)


def save(client, user, *wanted):
    form = {"display_name": user.display_name, "language": user.language, "mail": wanted}
    client.post(reverse("settings"), form)
    user.refresh_from_db()


def test_mail_that_a_person_does_not_want_is_not_sent_and_the_inbox_has_it(
    client, drain, mailoutbox
):
    user = make_user()
    client.force_login(user)
    save(client, user, REVIEWS)
    assert user.mail_off == [REMINDERS]
    for kind in ("voucher_expiring", "review_invited", "order_paid"):
        notify(user_id=user.pk, kind=kind, params=FACTS, link="/x/", dedupe_key=kind)
    drain()
    assert len(mailoutbox) == 2
    assert user.notifications.count() == 3
    save(client, user, REVIEWS, REMINDERS)
    assert user.mail_off == []


def test_what_is_about_money_cannot_be_switched_off():
    kinds = {code for code, kind in all_kinds().items() if kind.news is None}  # guests are told
    money = {kind for kind in kinds if kind.startswith(("refund", "late_", "order_"))}
    assert money and all(not all_kinds()[kind].group for kind in money)
    assert {wording.group for wording in all_kinds().values()} - {""} == set(MAIL_GROUPS)


def test_customers_are_not_asked_about_mail_for_businesses(client):
    user = make_user(mail_off=[BUSINESS])
    client.force_login(user)
    assert f'value="{BUSINESS}"' not in client.get(reverse("settings")).content.decode()
    save(client, user, REVIEWS, REMINDERS)
    assert user.mail_off == [BUSINESS], "a choice that was not offered stays"
    owner = make_user("merchant")
    owner.refresh_from_db()
    client.force_login(owner)
    assert f'value="{BUSINESS}"' in client.get(reverse("settings")).content.decode()


def test_the_link_in_a_mail_switches_its_kind_off_without_logging_in():
    user = make_user(language="en")
    mail = mailed(user, "voucher_expiring")
    (url,) = re.findall(r"<(.*)>", mail.extra_headers["List-Unsubscribe"])
    assert url in mail.body and url in mail.alternatives[0].content
    stranger = Client(enforce_csrf_checks=True)
    path = url.partition("//")[2].partition("/")[2]
    page = stranger.get(f"/{path}")
    user.refresh_from_db()
    assert "Switch these e-mails off?" in page.content.decode()
    assert user.mail_off == [], "programs that follow links switch nothing"
    stranger.post(f"/{path}", {"List-Unsubscribe": "One-Click"})
    user.refresh_from_db()
    assert user.mail_off == [REMINDERS]
    stranger.post(f"/{path}", {"wanted": "yes"})
    user.refresh_from_db()
    assert user.mail_off == []


def test_mail_about_money_has_no_switch_and_a_forged_link_is_not_found(client):
    mail = mailed(make_user(), "refund_succeeded")
    assert "List-Unsubscribe" not in mail.extra_headers
    assert "/mail/off/" not in mail.body
    url = mail_off_url(make_user(), REMINDERS)
    assert client.post(f"{url[:-3]}/").status_code == 404


def test_logging_out_elsewhere_ends_other_sessions_and_tokens_and_keeps_this_one():
    user = make_user()
    here, elsewhere = Client(), Client()
    for browser in (here, elsewhere):
        browser.force_login(user)
    issue_token(user=user)
    here.post(reverse("log_out_others"))
    assert here.get(reverse("account")).status_code == 200
    assert elsewhere.get(reverse("account")).status_code == 302
    assert not ApiToken.objects.filter(user=user).exists()
    here.post(reverse("log_out_others"))
    assert here.get(reverse("account")).status_code == 200
