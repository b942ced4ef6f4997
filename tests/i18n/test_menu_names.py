"""A page is called what the menu calls it: in the back office, at the counter, in the account."""

from __future__ import annotations

import html as entities
import re
from typing import Any

import pytest
from django.test import Client

from tests.factories import Cast, cast, make_product, make_voucher

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast()


def _client(user: Any, language: str) -> Client:
    client = Client(headers={"accept-language": language})
    client.force_login(user)
    return client


def _plain(fragment: str) -> str:
    return " ".join(entities.unescape(re.sub(r"<[^>]+>", " ", fragment)).split())


def _office_menu(page: str) -> dict[str, str]:
    """The lists that the sidebar leads to, with their names there."""
    lists = r'<a href="(/admin/[a-z]+/[a-z]+/)(?:\?[^"]*)?"[^>]*>(.*?)</a>'
    menu = page[page.index('id="nav-sidebar-apps"') :].partition("</ol>\n\n</")[0]
    icon = r'<span class="material-symbols-outlined[^>]*>.*?</span>'
    found = re.findall(lists, menu, re.S)
    names = {address: _plain(re.sub(icon, "", inside, flags=re.S)) for address, inside in found}
    return {address: name for address, name in names.items() if name}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("role", ["operator", "owner"])
def test_a_list_of_the_back_office_is_called_what_its_menu_calls_it(
    people: Cast, role: str, language: str
) -> None:
    client = _client(getattr(people, role), language)
    menu = _office_menu(client.get("/admin/").content.decode())
    assert len(menu) > (20 if role == "operator" else 8), menu
    for address, name in menu.items():
        page = client.get(address).content.decode()
        headings = [_plain(part) for part in re.findall(r'class="min-w-0 truncate">(.*?)<', page)]
        assert name in headings, (address, name, headings)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_page_of_the_counter_is_called_what_its_tab_calls_it(people: Cast, language: str) -> None:
    client = _client(people.clerk, language)
    page = client.get(f"/console/{people.store.pk}/").content.decode()
    tabs = re.findall(r'<a class="console__tab" href="([^"]+)"[^>]*>(.*?)</a>', page, re.S)
    assert len(tabs) >= 2
    for address, inside in tabs:
        page = client.get(address, follow=True).content.decode()
        found = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.S)
        assert found and _plain(found[1]) == _plain(inside), address


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_page_of_the_account_is_called_what_its_menu_calls_it(
    people: Cast, language: str
) -> None:
    make_voucher(owner=people.buyer, product=make_product(merchant=people.merchant))
    client = _client(people.buyer, language)
    page = client.get("/account/").content.decode()
    rows = re.findall(r'<a class="menu__link" href="([^"]+)">.*?menu__text">([^<]+)<', page, re.S)
    assert len(rows) >= 5
    for address, name in rows:
        page = client.get(address, follow=True).content.decode()
        found = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.S)
        assert found and _plain(found[1]) == _plain(name), address
