"""One thing is called the same everywhere, in Chinese too."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from kernel.http.promises import REFUND_SHOWN, REFUND_TIME
from kernel.http.templatetags.fmt import distance
from kernel.message_kinds import all_kinds
from tests.factories import make_user

ROOT = Path(settings.BASE_DIR)


@pytest.mark.parametrize(("metres", "said"), [(40, "50米内"), (320, "320米"), (4200, "4.2公里")])
def test_distances_are_chinese_in_chinese(metres: int, said: str) -> None:
    with translation.override("zh-hans"):
        assert distance(metres) == said


def test_how_long_a_refund_takes_is_promised_in_one_place() -> None:
    promise = str(REFUND_TIME)
    assert str(REFUND_SHOWN) in str(all_kinds()["refund_succeeded"].body)
    assert promise.lower().endswith(str(REFUND_SHOWN).lower())
    for template in ("vouchers/refund.html", "help/page.html"):
        assert "{% refund_time %}" in (ROOT / "templates" / template).read_text()


@pytest.mark.django_db
def test_the_date_picker_names_the_days_in_chinese(client) -> None:
    client.force_login(make_user("operator", language="zh-hans"))
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    script = client.get(reverse("admin:jsi18n")).content.decode()
    assert '"one letter Monday\\u0004M": "\\u4e00"' in script


@pytest.mark.django_db
def test_the_api_reference_is_ours_and_leads_back(client) -> None:
    page = client.get(reverse("api_docs")).content.decode()
    assert "<title>Linli API</title>" in page
    assert f'href="{reverse("help")}"' in page


@pytest.mark.django_db
def test_help_tells_how_long_a_refund_takes(client) -> None:
    assert str(REFUND_TIME) in client.get(reverse("help")).content.decode()
