"""`type` of a problem document leads to where its code is explained."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from kernel.errors import Refusal


def anchors(language: str = "en") -> dict[str, str]:
    page = Client(headers={"accept-language": language}).get("/api/docs/").content.decode()
    rows = re.findall(r'<dt id="([^"]+)">[^<]*</dt>\s*<dd>([^<]*)</dd>', page)
    return {code: unescape(sentence) for code, sentence in rows}


def refusals(base: type[Refusal] = Refusal) -> list[type[Refusal]]:
    own = [base] if not base.__module__.startswith("tests") else []
    return own + [kind for child in base.__subclasses__() for kind in refusals(child)]


@pytest.mark.django_db
def test_every_code_of_a_refusal_is_explained_in_the_docs() -> None:
    explained, chinese = anchors(), anchors("zh-hans")
    assert len(refusals()) > 50 and explained.keys() == chinese.keys()
    for kind in refusals():
        assert explained[kind.code], kind
    assert "limit" in explained["person_limit_reached"] and "限" in chinese["person_limit_reached"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "/api/v1/orders"), ("get", "/api/v1/nothing"), ("delete", "/api/v1/products")],
)
def test_a_real_error_leads_to_an_anchor(method: str, path: str) -> None:
    told = getattr(Client(), method)(path).json()
    page, anchor = told["type"].split("#")
    assert page == "/api/docs/" and anchor == told["code"] and anchor in anchors()
