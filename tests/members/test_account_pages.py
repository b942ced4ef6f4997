"""“Me” and its settings."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.factories import cast, make_user

pytestmark = pytest.mark.django_db


def test_me_shows_the_doors_of_each_role(client):
    people = cast()
    doors = {
        people.buyer: {"console": False, "admin": False, "apply": True},
        people.clerk: {"console": True, "admin": False, "apply": False},
        people.teammate: {"console": True, "admin": True, "apply": False},
        people.owner: {"console": True, "admin": True, "apply": False},
        people.operator: {"console": False, "admin": True, "apply": False},
    }
    for user, expected in doors.items():
        client.force_login(user)
        page = client.get(reverse("account")).content.decode()
        main = page[page.index("<main") : page.index("</main>")]
        seen = {
            "console": "Scan and redeem vouchers" in main,
            "admin": f'href="{reverse("admin:index")}"' in main,
            "apply": f'href="{reverse("merchant_apply")}"' in main,
        }
        assert seen == expected, user.display_name


def test_settings_store_name_and_language(client):
    user = make_user(language="en")
    client.force_login(user)
    answer = client.post(reverse("settings"), {"display_name": " 小李 ", "language": "zh-hans"})
    user.refresh_from_db()
    assert (user.display_name, user.language) == ("小李", "zh-hans")
    assert 'lang="zh-hans"' in client.get(answer.url).content.decode()


def test_settings_refuse_an_unknown_language_and_an_empty_name(client):
    user = make_user(language="en", display_name="Li")
    client.force_login(user)
    assert (
        client.post(reverse("settings"), {"display_name": " ", "language": "xx"}).status_code == 200
    )
    user.refresh_from_db()
    assert (user.display_name, user.language) == ("Li", "en")


@pytest.mark.parametrize("name", ["account", "settings", "password_change", "inbox"])
def test_a_guest_is_led_to_the_login(client, name):
    assert client.get(reverse(name)).url.startswith(reverse("login"))


def test_account_pages_ask_the_database_little(client, django_assert_max_num_queries):
    client.force_login(cast().owner)
    for name in ("account", "settings", "inbox"):
        client.get(reverse(name))
        with django_assert_max_num_queries(8):
            client.get(reverse(name))
