"""A visitor whose browser asks for Chinese gets Chinese: pages, the API and its errors."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from tools import catalogue

pytestmark = pytest.mark.django_db

PAGES = ["home", "product_list", "store_list", "login", "register", "password_reset", "basket"]
HIDDEN = re.compile(r"<(script|style|template|svg)\b.*?</\1>|<!--.*?-->", re.DOTALL)
WORD = re.compile(r"[A-Za-z]{3,}")
# The other language by its own name.
NAMES = {"English"}


@pytest.fixture
def chinese_visitor() -> Client:
    return Client(headers={"accept-language": "zh-CN,zh;q=0.9"})


def english_words(html: str) -> set[str]:
    body = html.partition("<body")[2]
    spoken = re.findall(r'(?:aria-label|placeholder|alt)="([^"]*)"', body)
    text = re.sub(r"<[^>]*>", " ", HIDDEN.sub("", "<body" + body))
    return set(WORD.findall(" ".join([re.sub(r"&\w+;", " ", text), *spoken]))) - NAMES


@pytest.mark.parametrize("name", PAGES)
def test_pages_speak_chinese(chinese_visitor: Client, name: str) -> None:
    html = chinese_visitor.get(reverse(name)).content.decode()
    assert 'lang="zh-hans"' in html
    assert english_words(html) == set()


def test_a_missing_page_is_explained_in_chinese(chinese_visitor: Client) -> None:
    answer = chinese_visitor.get("/no-such-page/")
    assert answer.status_code == 404
    assert "页面不存在" in answer.content.decode()


def test_the_api_words_its_problems_in_chinese(chinese_visitor: Client) -> None:
    problem = chinese_visitor.get("/api/v1/products/999999999").json()
    assert problem["title"] == "没有找到"
    assert "没有找到" in problem["detail"]
    unsigned = chinese_visitor.get("/api/v1/orders").json()
    assert unsigned["title"] == "请先登录"


def test_english_stays_english(client: Client) -> None:
    html = client.get(reverse("home")).content.decode()
    assert 'lang="en"' in html
    assert not re.search(r"[\u4e00-\u9fff]", html.partition("<main")[2].partition("</main>")[0])


def test_a_success_and_a_refusal_at_the_counter_read_differently() -> None:
    """已核销 alone would head the green page and the red one alike."""
    chinese = catalogue.read_catalogue(catalogue.catalogue_path())
    success, refusal = chinese.get("Redeemed", "success"), chinese.get("Already redeemed")
    assert success is not None
    assert refusal is not None
    assert success.string != refusal.string
