"""One person in several spellings is one account."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.urls import reverse

from kernel.emails import show_email
from kernel.errors import InvalidInput
from kernel.outbox.models import OutboxEvent
from kernel.watch.models import Incident
from members.errors import IdentifierTaken
from members.identifiers import fold_identifier, read_identifier, spellings
from members.models import User
from members.services.accounts import register, sign_in
from members.services.recovery import request_password_reset
from tests.factories import PASSWORD, make_user

MOBILE = [
    "15912345678",
    "8615912345678",
    "86 159-1234-5678",
    "+86 (0)159 1234 5678",
    "0086 159 1234 5678",
    "015912345678",
    "\uff0b\uff18\uff16\u3000159\u20111234\u20115678",
    "\u202d159 1234 5678\u202c",
    "159\u200b1234\ufeff5678",
    "159.1234.5678",
    "159/1234\u22125678",
    "\u0661\u0665\u0669\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668",
]
EMAIL = [
    "mei@b\u00fccher.example",
    "Mei@B\u00dcCHER.example",
    "mei@xn--bcher-kva.example",
    "mei@XN--BCHER-KVA.Example.",
    "\u202amei@bu\u0308cher.example\u202c",
    "mei\u200b@b\u00fccher\u3002example",
    "\uff4d\uff45\uff49\uff20b\u00fccher.example ",
]


@pytest.mark.parametrize("typed", MOBILE, ids=ascii)
def test_a_mobile_number_has_one_spelling(typed: str) -> None:
    assert read_identifier(typed) == (None, "15912345678")


@pytest.mark.parametrize("typed", EMAIL, ids=ascii)
def test_an_email_has_the_spelling_of_mail_servers(typed: str) -> None:
    assert read_identifier(typed) == ("mei@xn--bcher-kva.example", None)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("+86 755 8888 1234", "075588881234"),
        ("0086 (0)10 8888 1234", "01088881234"),
        ("010-8888 1234", "01088881234"),
        ("+44 (0)20 7946 0018", "+442079460018"),
        ("0044 20 7946 0018", "+442079460018"),
        ("+1 (555) 010-0199", "+15550100199"),
        ("8612345", "8612345"),
    ],
)
def test_numbers_of_other_kinds_have_one_spelling_too(typed: str, folded: str) -> None:
    assert read_identifier(typed).phone == folded


@pytest.mark.parametrize(
    "address",
    [
        "u@" + "\u00f6" * 60 + ".example",
        "u@" + "d" * 64 + ".example",
        "u" * 65 + "@mail.example",
        '"u@' + "u" * 62 + '"@mail.example',
        "u@" + ".".join(["\u6d4b\u8bd5" * 8] * 12) + ".example",
        "a@b@c",
        "@mail.example",
        "li lei@mail.example",
        "l\u00ef@mail.example",
    ],
)
def test_an_address_that_no_mail_reaches_is_refused_at_its_field(address: str) -> None:
    with pytest.raises(ValidationError):
        read_identifier(address)


@pytest.mark.parametrize("text", ["", "@", "\x00", "\ud800@\udfff", "@" * 300, "(0)", "\u202e"])
def test_folding_never_raises(text: str) -> None:
    assert fold_identifier(fold_identifier(text)) == fold_identifier(text)


def test_people_see_the_domain_in_its_own_script() -> None:
    user = User(email="mei@xn--bcher-kva.example")
    assert user.identifier == "mei@b\u00fccher.example"
    assert show_email("li@mail.example") == "li@mail.example"
    assert show_email("li@xn--a.example") == "li@xn--a.example"


@pytest.mark.django_db
@pytest.mark.parametrize("spellings", [MOBILE, EMAIL], ids=["phone", "email"])
def test_all_spellings_open_one_account(spellings: list[str]) -> None:
    user = register(identifier=spellings[1], password=PASSWORD, display_name="Mei")
    for typed in spellings:
        with pytest.raises(IdentifierTaken):
            register(identifier=typed, password=PASSWORD, display_name="Mei")
        found = sign_in(request=None, identifier=typed, password=PASSWORD, client="10.0.0.1")
        assert found == user


@pytest.mark.django_db
def test_a_forgotten_password_is_found_by_any_spelling() -> None:
    user = make_user(email="mei@xn--bcher-kva.example")
    request_password_reset(email="Mei@B\u00fccher.example", client="10.0.0.1")
    assert OutboxEvent.objects.get(topic="password.forgotten").payload == {"user_id": user.pk}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["\u2800", "\u115f \u1160", "\u2067nomis", "\u00ad"], ids=ascii)
def test_a_name_that_nobody_can_read_is_refused_at_its_field(client, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        register(identifier="li@mail.example", password=PASSWORD, display_name=name)
    assert set(refused.value.extra["fields"]) == {"display_name"}
    facts = {"identifier": "li@mail.example", "display_name": name, "password": PASSWORD}
    page = client.post(reverse("register"), facts)
    assert "Enter" in page.context["form"].errors["display_name"][0]
    client.force_login(make_user(display_name="Wu"))
    page = client.post(reverse("settings"), {"display_name": name, "language": "en"})
    assert "display_name" in page.context["form"].errors
    assert set(User.objects.values_list("display_name", flat=True)) == {"Wu"}


@pytest.mark.django_db
def test_the_admin_stores_the_one_spelling(client) -> None:
    client.force_login(make_user("operator"))
    user = make_user(email="li@mail.example")
    facts = {"display_name": "Li\u200b", "language": "en", "is_active": "on"}
    facts |= {"email": "LI@B\u00fccher.example", "phone": "+86 159-1234-5678"}
    address = reverse("admin:members_user_change", args=[user.pk])
    assert client.post(address, facts).status_code == 302
    user.refresh_from_db()
    stored = (user.display_name, user.email, user.phone)
    assert stored == ("Li", "li@xn--bcher-kva.example", "15912345678")


# Accounts of before ------------------------------------------------------------------------


def heal() -> None:
    import_module("members.migrations.0003_one_spelling").fold(apps, None)


@pytest.mark.django_db
def test_old_spellings_are_folded_where_they_belong_to_one_account() -> None:
    phone = make_user(email=None, phone="8615912345678")
    email = make_user(email="Wu@b\u00fccher.example")
    heal()
    phone.refresh_from_db()
    email.refresh_from_db()
    assert (phone.phone, email.email) == ("15912345678", "wu@xn--bcher-kva.example")
    assert not Incident.objects.exists()


@pytest.mark.django_db
def test_twins_of_before_both_go_on_signing_in_and_the_operator_knows() -> None:
    first = make_user(email=None, phone="15912345678", password="first tea leaf 1")
    second = make_user(email=None, phone="8615912345678", password="second tea leaf 2")
    heal()
    heal()
    for user, password in ((first, "first tea leaf 1"), (second, "second tea leaf 2")):
        found = sign_in(
            request=None, identifier=user.phone or "", password=password, client="10.0.0.1"
        )
        assert found == user
    assert Incident.objects.get().subject == f"user:{second.pk}"


def test_both_spellings_are_told_apart() -> None:
    """An account that kept the spelling of before is still looked for by it."""
    assert spellings("Mei@B\u00fccher.example") == (
        "mei@b\u00fccher.example",
        "mei@xn--bcher-kva.example",
    )
    assert spellings("+86 138-0013-8000") == ("+8613800138000", "13800138000")
