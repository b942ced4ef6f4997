"""Querysets compiled once, and rows inserted in one statement, behave as Django's own."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from catalog.models import Offer
from o2o.clock import now
from o2o.idempotency.models import IdempotencyKey
from o2o.outbox.models import OutboxEvent
from o2o.prepared import Compiled, Prepared, insert_rows
from tests.factories import make_flash_offer, make_product, offer_of

pytestmark = pytest.mark.django_db


def build(moment, offer_id):
    return Offer.objects.running(moment).filter(pk=offer_id).select_related("product__merchant")


def test_a_prepared_queryset_finds_what_the_queryset_finds():
    prepared = Prepared(build, dt.datetime, int)
    flash = make_flash_offer(make_product(), price_fen=100)
    for _ in range(8):  # PostgreSQL changes to its generic plan on the way
        found = prepared.first(now(), flash.pk)
        assert found == build(now(), flash.pk).get()
        assert found.product.merchant.name_en == flash.product.merchant.name_en
    assert prepared.first(flash.ends_at, flash.pk) is None
    assert prepared.first(now(), flash.pk + 1000) is None


def test_a_rolled_back_transaction_does_not_confuse_it():
    prepared = Prepared(build, dt.datetime, int)
    offer = offer_of(make_product())
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        prepared.first(now(), offer.pk)
        raise ZeroDivisionError
    assert prepared.first(now(), offer.pk) == offer


def test_nothing_is_prepared_behind_a_pooler(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    offer = offer_of(make_product())
    assert Prepared(build, dt.datetime, int).first(now(), offer.pk) == offer


def test_compiled_text_is_what_the_queryset_itself_would_say():
    compiled = Compiled(build, dt.datetime, int)
    for values in ((now(), 7), (now() + dt.timedelta(days=3), 31_608)):
        text, params = compiled.sql(*values)
        plain, plain_params = build(*values).query.sql_with_params()
        assert (text, tuple(params)) == (plain, plain_params)


def test_a_value_that_does_not_arrive_as_it_is_is_refused():
    with pytest.raises(ValueError, match="as it is"):
        Compiled(lambda pk: Offer.objects.filter(pk=pk + 1), int).sql(1)


@pytest.mark.django_db(transaction=True)
def test_a_locking_queryset_needs_a_transaction():
    prepared = Prepared(lambda pk: Offer.objects.select_for_update().filter(pk=pk), int)
    offer = offer_of(make_product())
    with pytest.raises(TransactionManagementError):
        prepared.first(offer.pk)
    with transaction.atomic():
        assert prepared.first(offer.pk) == offer


def test_inserted_rows_have_their_keys_in_order_and_the_same_values():
    rows = [OutboxEvent(topic=f"t{n}", payload={"n": [n, "中"]}) for n in range(5)]
    insert_rows(rows)
    assert [row.pk for row in rows] == sorted(row.pk for row in rows)
    for row in rows:
        stored = OutboxEvent.objects.get(pk=row.pk)
        assert (stored.topic, stored.payload) == (row.topic, row.payload)
        assert stored.created_at == row.created_at
        assert not row._state.adding
    key = IdempotencyKey(scope="s", key="k", fingerprint="f", body=None)
    insert_rows([key])
    assert IdempotencyKey.objects.get(pk=key.pk, body__isnull=True).status is None
