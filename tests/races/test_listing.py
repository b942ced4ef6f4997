"""Several who change prices of one product at once: its listing says what the offers say in the end."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from django.db import connection, transaction

from catalog.models import ListingFact, Offer, Product
from catalog.services import listing, offers
from catalog.services.offers import set_normal_price
from catalog.services.prices import refresh_price
from catalog.services.products import VariantInput, add_variant
from tests.factories import make_product
from tests.races.together import PATIENCE_SECONDS, together, won

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def many_choices(count: int) -> Product:
    product = make_product(price_fen=9000, list_price_fen=20000)
    for number in range(count):
        choice = VariantInput(f"Choice {number}", "", 8000 + number, 5)
        add_variant(product=product, choice=choice, position=number + 1)
    return product


def test_of_many_writers_the_last_one_sees_all() -> None:
    product = many_choices(8)
    variants = list(product.variants.order_by("pk"))

    answers = together(
        [
            partial(set_normal_price, variant=variant, price_fen=1000 + 100 * number)
            for number, variant in enumerate(variants)
        ]
    )

    assert len(won(answers)) == len(variants)
    fact = ListingFact.objects.get(product=product)
    lowest = Offer.objects.filter(product=product, active=True).earliest("price_fen").price_fen
    assert fact.from_fen == lowest == 1000
    assert refresh_price() == 0, "nothing was left to do"


@pytest.mark.parametrize("locks", [True, False])
def test_a_writer_waits_for_the_other_before_it_reads(
    monkeypatch: pytest.MonkeyPatch, locks: bool
) -> None:
    """One has lowered a price to ¥3 and not committed; the other sets another choice to ¥5.

    The control reads without the lock, and lists say ¥5.
    """
    product = many_choices(1)
    first, second = product.variants.order_by("pk")
    if not locks:
        monkeypatch.setattr(listing, "lock_listed", lambda ids: sorted(set(ids)))
        monkeypatch.setattr(offers, "lock_listed", lambda ids: sorted(set(ids)))
    read, done = threading.Event(), threading.Event()

    def lower() -> None:
        try:
            read.wait(PATIENCE_SECONDS)
            with transaction.atomic():
                set_normal_price(variant=second, price_fen=500)
        finally:
            connection.close()
            done.set()

    thread = threading.Thread(target=lower)
    thread.start()
    with transaction.atomic():
        set_normal_price(variant=first, price_fen=300)
        read.set()
        waited = not done.wait(0.5)
    thread.join(PATIENCE_SECONDS)
    assert waited
    assert ListingFact.objects.get(product=product).from_fen == (300 if locks else 500)
