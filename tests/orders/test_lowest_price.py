"""The lowest running price of a variant wins, whichever of its offers is asked for."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from catalog.errors import QuotaGone
from catalog.models import Offer
from catalog.services.offers import set_normal_price
from members.models import User
from orders.basket_view import basket_view
from orders.models import Basket, Order, OrderLine
from orders.services.basket import add_line, basket_of
from orders.services.cancel import cancel_order
from orders.services.place import place_order
from tests.factories import make_limited_offer, make_product, make_user, offer_of, variant_of

pytestmark = pytest.mark.django_db

_keys = itertools.count(1)


def a_pair(**fields: Any) -> tuple[Offer, Offer]:
    """The normal price of a variant, ¥50, and a limited-time one of ¥40 that runs beside it."""
    product = make_product(price_fen=5000, list_price_fen=6000)
    return offer_of(product), make_limited_offer(product, price_fen=4000, **fields)


def ask(*lines: tuple[Offer, int], user: User | None = None, path: str = "quotes") -> Any:
    client = APIClient()
    if user is not None:
        client.force_authenticate(user)
    body = {"lines": [{"offer": offer.pk, "quantity": n} for offer, n in lines]}
    key = {"Idempotency-Key": f"test-lowest-key-{next(_keys):08d}"}
    return client.post(f"/api/v1/{path}", body, format="json", headers=key)


def sold(offer: Offer) -> int:
    offer.refresh_from_db()
    return offer.quota_sold


def test_the_normal_offer_is_sold_at_the_limited_price_that_runs() -> None:
    normal, limited = a_pair(quota=5)
    buyer = make_user()
    (line,) = ask((normal, 2)).json()["lines"]
    assert (line["line"], line["offer"], line["unit_price_fen"]) == (
        str(normal.pk), limited.pk, 4000,
    )  # fmt: skip
    placed = ask((normal, 2), user=buyer, path="orders").json()
    assert (placed["total_fen"], placed["lines"][0]["offer"]) == (8000, limited.pk)
    assert sold(limited) == 2
    cancel_order(buyer=buyer, number=placed["number"])
    assert sold(limited) == 0, "the quota gets its pieces back"


def test_a_line_that_the_quota_cannot_take_whole_stays_at_its_price() -> None:
    normal, limited = a_pair(quota=3)
    (line,) = ask((normal, 4)).json()["lines"]
    assert (line["offer"], line["payable_fen"]) == (normal.pk, 20_000)
    place_order(buyer=make_user(), lines=[(normal.pk, 4)])
    assert sold(limited) == 0


def test_lines_of_one_order_share_the_quota() -> None:
    normal, limited = a_pair(quota=3)
    both = ask((normal, 2), (limited, 2)).json()["lines"]
    assert {line["line"]: line["unit_price_fen"] for line in both} == {
        str(normal.pk): 5000, str(limited.pk): 4000,
    }  # fmt: skip
    fits = place_order(buyer=make_user(), lines=[(normal.pk, 1), (limited.pk, 2)])
    assert fits.total_fen == 3 * 4000
    assert sold(limited) == 3


def test_the_limit_per_person_counts_what_this_buyer_has() -> None:
    normal, _limited = a_pair(per_person_limit=2)
    buyer, other = make_user(), make_user()
    place_order(buyer=buyer, lines=[(normal.pk, 1)])
    assert ask((normal, 1), user=buyer).json()["total_fen"] == 4000
    assert ask((normal, 2), user=buyer).json()["total_fen"] == 10_000
    assert ask((normal, 2), user=other).json()["total_fen"] == 8000
    assert ask((normal, 2)).json()["total_fen"] == 8000


def test_a_lowered_normal_price_beats_the_limited_one() -> None:
    normal, limited = a_pair()
    cheaper = set_normal_price(variant=normal.variant, price_fen=3000)
    (line,) = ask((limited, 1)).json()["lines"]
    assert (line["offer"], line["unit_price_fen"]) == (cheaper.pk, 3000)


def test_nothing_dearer_is_taken_for_a_limited_price_that_is_gone() -> None:
    _normal, limited = a_pair(quota=1)
    place_order(buyer=make_user(), lines=[(limited.pk, 1)])
    with pytest.raises(QuotaGone), transaction.atomic():
        place_order(buyer=make_user(), lines=[(limited.pk, 1)])
    assert ask((limited, 1)).json()["code"] == "quota_gone"


def test_prices_of_another_variant_or_period_do_not_count() -> None:
    normal, limited = a_pair()
    Offer.objects.filter(pk=limited.pk).update(active=False)
    other = make_limited_offer(make_product(price_fen=9000), price_fen=100)
    assert other.variant_id != normal.variant_id
    assert ask((normal, 1)).json()["total_fen"] == 5000


def test_it_costs_no_statement_more() -> None:
    plain = offer_of(make_product(price_fen=5000))
    normal, _limited = a_pair()
    counts = []
    for offer in (plain, normal):
        buyer = make_user()
        place_order(buyer=buyer, lines=[(offer.pk, 1)])  # prepares what is prepared
        with CaptureQueriesContext(
            connection,
        ) as queries:
            place_order(buyer=buyer, lines=[(offer.pk, 1)])
        counts.append(len(queries))
    assert counts[0] == counts[1]


def of_basket(owner: User) -> Basket:
    return basket_of(owner=owner)


def test_basket_and_checkout_show_the_price_that_is_charged() -> None:
    normal, limited = a_pair(quota=3)
    buyer = make_user()
    add_line(basket=of_basket(buyer), offer_id=normal.pk, quantity=2)
    (row,) = basket_view(of_basket(buyer)).rows
    assert (row.sold, row.line and row.line.gross_fen, row.most) == (limited, 8000, 99)
    client = Client()
    client.force_login(buyer)
    page = client.get(reverse("basket")).content.decode()
    assert "countdown" in page.split("</main>")[0]
    assert "¥80" in page
    form = client.get(reverse("checkout")).content.decode()
    fields = {
        name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', form)[1]  # type: ignore[index]
        for name in ("form_key", "seen")
    }
    client.post(reverse("checkout"), fields | {"gateway": "sandbox"})
    assert Order.objects.get(buyer=buyer).total_fen == 8000
    assert OrderLine.objects.get().offer == limited
    assert not of_basket(buyer).lines.exists()


def test_more_than_the_quota_takes_is_told_with_its_price() -> None:
    """Between basket and order somebody else took the last pieces: the page says what changed."""
    normal, limited = a_pair(quota=3)
    buyer = make_user()
    add_line(basket=of_basket(buyer), offer_id=normal.pk, quantity=2)
    seen = basket_view(of_basket(buyer)).quote.digest
    place_order(buyer=make_user(), lines=[(limited.pk, 2)])
    client = APIClient()
    client.force_authenticate(buyer)
    body = {"lines": [{"offer": normal.pk, "quantity": 2}], "quote": seen}
    answer = client.post(
        "/api/v1/orders", body, format="json", headers={"Idempotency-Key": "test-lowest-changed-1"}
    ).json()
    assert answer["code"] == "quote_changed"
    assert answer["changes"][0] == {
        "line": str(normal.pk), "field": "unit_price_fen", "old": 4000, "new": 5000,
    }  # fmt: skip
    assert variant_of(normal.product) == normal.variant


def test_a_basket_line_that_only_the_cheaper_price_can_fill_is_buyable() -> None:
    """The usual price fell below a limited-time one whose quota is gone."""
    normal, limited = a_pair(quota=1)
    buyer = make_user()
    add_line(basket=of_basket(buyer), offer_id=limited.pk, quantity=1)
    place_order(buyer=make_user(), lines=[(limited.pk, 1)])
    (gone,) = basket_view(of_basket(buyer)).rows
    assert gone.sold_out
    cheaper = set_normal_price(variant=normal.variant, price_fen=3000)
    view = basket_view(of_basket(buyer))
    assert (view.rows[0].sold, view.ready, view.quote.total_fen) == (cheaper, True, 3000)
