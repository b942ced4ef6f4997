"""A person asks to sell here and sees what becomes of it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from messages.wording import word_notification
from stores.models import Merchant
from stores.services.merchants import approve_merchant, reject_merchant, suspend_merchant
from stores.services.platform import give_platform_role
from tests.factories import make_user

pytestmark = pytest.mark.django_db
APPLY = "/merchants/apply/"


@pytest.fixture
def applicant(client):
    user = make_user(email="wang@example.com", display_name="Wang")
    client.force_login(user)
    return user


@pytest.fixture
def operator():
    return make_user("operator")


def send(client, **changes):
    facts = {
        "name_zh": "王记面馆",
        "name_en": "",
        "contact_name": "Wang",
        "contact_phone": "1380000",
    }
    return client.post(APPLY, facts | changes)


def text(client):
    return client.get(APPLY).content.decode()


def test_a_guest_logs_in_first(client):
    assert client.get(APPLY).url == f"{reverse('login')}?next={APPLY}"


def test_the_form_knows_what_the_account_knows(client, applicant):
    page = text(client)
    assert 'value="wang@example.com"' in page
    assert 'value="Wang"' in page


def test_all_mistakes_are_told_at_once(client, applicant):
    html = send(client, name_zh="", contact_phone="").content.decode()
    assert "Enter the name in at least one language." in html
    assert html.count('aria-invalid="true"') == 2


def test_applying_shows_the_state_and_no_second_form(client, applicant):
    assert send(client).url == APPLY
    merchant = Merchant.objects.get()
    assert (merchant.applicant, merchant.state, merchant.name) == (applicant, "applied", "王记面馆")
    page = text(client)
    assert "We review it" in page
    assert "Send my application" not in page


def test_sending_twice_makes_one_application(client, applicant):
    send(client)
    assert send(client, name_zh="王记二店").url == APPLY
    assert Merchant.objects.get().name_zh == "王记面馆"


def test_a_name_is_needed_in_one_language(client, applicant):
    page = send(client, name_zh=" ")
    assert "in at least one language" in page.content.decode()
    assert not Merchant.objects.exists()


def test_the_operator_hears_of_it_once(client, applicant, operator, drain):
    send(client)
    drain()
    message = operator.notifications.get()
    assert "王记面馆" in word_notification(message).title
    assert client.get(message.link).status_code == 302, "the link asks a stranger to log in"
    client.force_login(operator)
    assert client.get(message.link).status_code == 200


def test_an_approved_applicant_is_told_and_let_in(client, applicant, operator, drain):
    send(client)
    approve_merchant(merchant_id=Merchant.objects.get().pk, decided_by=operator)
    drain()
    assert applicant.notifications.get().kind == "merchant_approved"
    assert reverse("admin:index") in text(client)
    assert client.get(reverse("admin:index")).status_code == 200
    assert "Send my application" not in text(client)


def test_a_phone_that_nobody_can_call_is_refused(client, applicant):
    for phone in ("1", "call me", "5.7E+10"):
        assert (
            "Enter a phone number that we can call"
            in send(client, contact_phone=phone).content.decode()
        )
    assert not Merchant.objects.exists()


def test_another_application_hides_no_business(client, applicant, operator, drain):
    send(client, name_en="First Noodles")
    approve_merchant(merchant_id=Merchant.objects.get().pk, decided_by=operator)
    drain()
    client.post(
        f"{APPLY}?another",
        {"name_en": "Second Noodles", "contact_name": "Wang", "contact_phone": "1380000"},
    )
    assert Merchant.objects.count() == 2
    page = text(client)
    assert "First Noodles" in page
    assert reverse("admin:index") in page


def test_a_refused_application_says_why_and_can_be_mended(client, applicant, operator, drain):
    send(client)
    drain()
    merchant = Merchant.objects.get()
    reject_merchant(merchant_id=merchant.pk, decided_by=operator, note="Licence missing.")
    drain()
    message = applicant.notifications.get()
    assert "Licence missing." in word_notification(message).body
    page = text(client)
    assert "Licence missing." in page
    assert 'value="王记面馆"' in page
    send(client, contact_phone="1390000")
    merchant.refresh_from_db()
    assert (merchant.state, merchant.contact_phone) == ("applied", "1390000")
    drain()
    assert operator.notifications.filter(kind="merchant_applied").count() == 2


def test_whoever_may_decide_hears_of_an_application(client, applicant, drain):
    owner, support = make_user(), make_user()
    give_platform_role(user=owner, role="owner")
    type(owner).objects.filter(pk=owner.pk).update(is_superuser=False)
    give_platform_role(user=support, role="support")
    send(client)
    drain()
    assert owner.notifications.filter(kind="merchant_applied").exists()
    assert not support.notifications.exists()


def test_a_suspended_business_is_told(client, applicant, operator, drain):
    send(client)
    merchant = Merchant.objects.get()
    approve_merchant(merchant_id=merchant.pk, decided_by=operator)
    suspend_merchant(merchant_id=merchant.pk, decided_by=operator, note="Call us.")
    drain()
    kinds = set(applicant.notifications.values_list("kind", flat=True))
    assert "merchant_suspended" in kinds
    assert "Call us." in text(client)


def test_nobody_sees_the_application_of_somebody_else(client, applicant):
    send(client)
    client.force_login(make_user())
    assert "王记面馆" not in text(client)


def test_applications_are_limited(client, applicant, settings):
    settings.RATE_LIMITS = True
    answers = [send(client, name_zh="").status_code for _ in range(12)]
    assert set(answers) == {200}, "mistakes in the form are not counted"
    send(client)
    Merchant.objects.update(state="rejected")
    for _ in range(12):
        send(client)
        Merchant.objects.update(state="rejected")
    assert "Too many attempts" in send(client).content.decode()
