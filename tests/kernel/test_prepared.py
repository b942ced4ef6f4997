"""Querysets compiled once, and rows inserted in one statement, behave as Django's own."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import close_old_connections, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from catalog.models import Offer, Picture, Stock
from kernel.clock import now
from kernel.db import prepared
from kernel.db.prepared import Change, Compiled, Prepared, Statement, insert_rows
from kernel.idempotency.models import IdempotencyKey
from kernel.outbox.models import OutboxEvent
from members.models import User
from messages.models import Notification
from tests.factories import make_limited_offer, make_product, make_user, make_voucher, offer_of

pytestmark = pytest.mark.django_db


def build(moment, offer_id):
    return Offer.objects.running(moment).filter(pk=offer_id).select_related("product__merchant")


def test_a_prepared_queryset_finds_what_the_queryset_finds():
    prepared = Prepared(build, dt.datetime, int)
    limited = make_limited_offer(make_product(), price_fen=100)
    for _ in range(8):  # PostgreSQL changes to its generic plan on the way
        found = prepared.first(now(), limited.pk)
        assert found == build(now(), limited.pk).get()
        assert found.product.merchant.name_en == limited.product.merchant.name_en
    assert prepared.first(limited.ends_at, limited.pk) is None
    assert prepared.first(now(), limited.pk + 1000) is None


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
    with CaptureQueriesContext(connection) as asked:
        assert Prepared(build, dt.datetime, int).first(now(), offer.pk) == offer
    assert [row["sql"].split()[0] for row in asked] == ["SELECT"]
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", False)
    with CaptureQueriesContext(connection) as asked:
        assert Prepared(build, dt.datetime, int).first(now(), offer.pk) == offer
    assert "EXECUTE" in "".join(row["sql"] for row in asked)


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


def test_fields_that_fill_themselves_do_so():
    """auto_now and its like: what `save` asks a field before it writes."""
    field = OutboxEvent._meta.get_field("topic")
    before = type(field).pre_save
    try:
        type(field).pre_save = lambda self, row, add: f"{before(self, row, add)}!"
        row = OutboxEvent(topic="t", payload={})
        insert_rows([row])
    finally:
        type(field).pre_save = before
    assert OutboxEvent.objects.get(pk=row.pk).topic == "t!"


def test_rows_whose_value_is_taken_are_left_out():
    def keyed(*names: str) -> list[Notification]:
        facts = {"user": user, "kind": "order_paid"}
        return [Notification(dedupe_key=name, params={"of": name}, **facts) for name in names]

    user = make_user()
    assert insert_rows(keyed("a"), unless="dedupe_key") == []
    rows = keyed("b", "a", "c", "c")
    left_out = insert_rows(rows, unless="dedupe_key")
    assert left_out == [rows[1], rows[3]]
    assert [row.pk for row in left_out] == [None, None]
    for row in (rows[0], rows[2]):
        assert Notification.objects.get(pk=row.pk).params == {"of": row.dedupe_key}
    assert Notification.objects.count() == 3


def lowered(variant_id, pieces, most):
    stock = Stock.objects.filter(variant_id=variant_id, available__lte=most)
    return stock, {"available": pieces}


def test_a_change_is_made_by_whoever_finds_the_row_as_it_was():
    change = Change(lowered, int, int, int)
    one, other = (make_product(stock=9).variants.get().pk for _ in range(2))
    assert change.rows(one, 4, 8) == 0
    assert change.row(one, 4, 8) is None
    assert change.rows(one, 4, 9) == 1
    assert change.row(one, None, 9) == Stock.objects.get(variant_id=one)
    assert Stock.objects.get(variant_id=one).available is None
    assert Stock.objects.get(variant_id=other).available == 9


def test_the_changed_row_has_every_column_as_it_now_is():
    voucher = make_voucher()
    change = Change(
        lambda pk, code, moment: (
            type(voucher).objects.filter(pk=pk, code=code),
            {"valid_until": moment},
        ),
        *(int, str, dt.datetime),
    )
    moment = now() + dt.timedelta(days=3)
    found = change.row(voucher.pk, voucher.code, moment)
    stored = type(voucher).objects.get(pk=voucher.pk)
    assert found.valid_until == moment
    for field in stored._meta.concrete_fields:
        left, right = getattr(found, field.attname), getattr(stored, field.attname)
        assert (type(left), left) == (type(right), right), field


def test_a_change_by_a_value_that_no_column_holds_changes_nothing():
    change = Change(
        lambda topic, moment: (OutboxEvent.objects.filter(topic=topic), {"due_at": moment}),
        *(str, dt.datetime),
    )
    assert change.rows("a\x00b", now()) == 0
    assert change.row("\ud800", now()) is None


ALL = (Compiled, Prepared)
NO_ROW_HAS = (2**63, 10**30, -(2**64))


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("number", NO_ROW_HAS)
def test_a_number_beyond_every_column_finds_nothing(kind, number):
    asked = kind(build, dt.datetime, int)
    assert asked.first(now(), number) is None
    with transaction.atomic():
        assert asked.all(now(), number) == []
        assert Offer.objects.count() == 0  # the transaction goes on


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "\udfff!"])
def test_a_text_that_no_column_holds_finds_nothing(kind, text):
    asked = kind(lambda topic: OutboxEvent.objects.filter(topic=topic), str)
    assert asked.first(text) is None


@pytest.mark.parametrize("kind", ALL)
def test_the_rows_are_those_of_the_queryset_whatever_their_columns(kind):
    """Every field of a wide row: texts, JSON, arrays, numbers, moments, joined rows."""
    voucher = make_voucher()
    asked = kind(
        lambda pk: type(voucher).objects.select_related("terms", "owner").filter(pk=pk), int
    )
    found = asked.first(voucher.pk)
    expected = type(voucher).objects.select_related("terms", "owner").get(pk=voucher.pk)
    for one, other in (
        (found, expected),
        (found.terms, expected.terms),
        (found.owner, expected.owner),
    ):
        for field in one._meta.concrete_fields:
            left, right = getattr(one, field.attname), getattr(other, field.attname)
            assert (type(left), left) == (type(right), right), field


CHANGES = [
    ("members_user", "display_name", "varchar(80)", "varchar(60)"),
    ("members_user", "display_name", "text", "varchar(60)"),
    ("catalog_picture", "width", "bigint", "integer"),
]


@pytest.fixture
def committed(transactional_db):
    """Rows that other statements of the same connection see outside of any transaction."""


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("atomic", [False, True])
@pytest.mark.parametrize(("table", "column", "wider", "before"), CHANGES)
def test_a_column_may_change_under_a_prepared_statement(table, column, wider, before, atomic):
    row: User | Picture = make_user(display_name="Before")
    if table == "catalog_picture":
        row = Picture.objects.create(product=make_product(), image="a.webp", width=1, height=1)
    model = type(row)
    asked = Prepared(lambda pk: model.objects.filter(pk=pk), int)
    values = (row.pk,)
    assert asked.first(*values) == row
    alter = f"ALTER TABLE {table} ALTER COLUMN {column} TYPE"
    with connection.cursor() as cursor:
        cursor.execute(f"{alter} {wider}")
    try:
        if atomic:
            with transaction.atomic():
                assert asked.first(*values) == row
                assert asked.first(*values) == row
        else:
            assert asked.first(*values) == row
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"{alter} {before}")
    assert asked.first(*values) == row


@pytest.mark.usefixtures("committed")
def test_a_column_that_is_added_disturbs_nothing():
    offer = offer_of(make_product())
    asked = Prepared(build, dt.datetime, int)
    assert asked.first(now(), offer.pk) == offer
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE catalog_offer ADD COLUMN later integer")
    try:
        assert asked.first(now(), offer.pk) == offer
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE catalog_offer DROP COLUMN later")


def forget(what: str) -> None:
    with connection.connection.cursor() as raw:
        raw.execute(what)


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("what", ["DISCARD ALL", "DEALLOCATE ALL"])
def test_statements_that_the_server_forgot_are_prepared_again(what):
    offer = offer_of(make_product())
    asked = Prepared(build, dt.datetime, int)
    assert asked.first(now(), offer.pk) == offer
    forget(what)
    assert asked.first(now(), offer.pk) == offer


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("what", ["DISCARD ALL", "DEALLOCATE ALL"])
def test_so_they_are_inside_the_transaction_of_the_next_request(what):
    """A redemption locks its voucher there, where an error would have ended everything."""
    offer = offer_of(make_product())
    asked = Prepared(lambda pk: Offer.objects.select_for_update().filter(pk=pk), int)
    with transaction.atomic():
        assert asked.first(offer.pk) == offer
    forget(what)
    close_old_connections()  # what happens between two requests
    with transaction.atomic():
        assert asked.first(offer.pk) == offer


def test_the_name_of_a_statement_is_that_of_its_text():
    """Behind a pooler that nobody told us of, no statement is taken for another one."""
    offer = offer_of(make_product())
    one, same = (Prepared(build, dt.datetime, int) for _ in range(2))
    other = Prepared(lambda moment, pk: build(moment, pk).filter(price_fen__gt=1), dt.datetime, int)
    assert {asked.first(now(), offer.pk) for asked in (one, same, other)} == {offer}
    assert one._statement.name == same._statement.name != other._statement.name


@pytest.mark.django_db
def test_the_requests_that_are_watched_use_what_is_prepared(client):
    """What counts a request's statements must not make them go out as text."""
    product = make_product()
    forget("DEALLOCATE ALL")
    prepared._known.clear()
    assert client.get(f"/products/{product.pk}/").status_code == 200
    with connection.connection.cursor() as raw:
        raw.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'o2o_%'")
        assert raw.fetchone()[0] >= 2


def renamed(pk: int, name: str):
    return User.objects.filter(pk=pk), {"display_name": name}


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("what", ["DISCARD ALL", "DEALLOCATE ALL"])
def test_changes_and_inserts_that_the_server_forgot_are_prepared_again(what):
    user, change = make_user(), Change(renamed, int, str)
    for name in ("One", "Two"):
        assert change.row(user.pk, name).display_name == name
        assert change.rows(user.pk, name) == 1
        row = OutboxEvent(topic=name, payload={})
        insert_rows([row])
        assert OutboxEvent.objects.get(pk=row.pk).topic == name
        forget(what)
        close_old_connections()


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("wider", ["varchar(80)", "text"])
def test_a_column_may_grow_under_a_prepared_change(wider):
    user, change = make_user(), Change(renamed, int, str)
    alter = "ALTER TABLE members_user ALTER COLUMN display_name TYPE"
    with connection.cursor() as cursor:
        assert change.row(user.pk, "Before").display_name == "Before"
        cursor.execute(f"{alter} {wider}")
        try:
            long = "x" * 70
            with transaction.atomic():
                assert change.row(user.pk, long).display_name == long
            assert change.rows(user.pk, "After") == 1
        finally:
            cursor.execute(f"{alter} varchar(60)")
    assert User.objects.get(pk=user.pk).display_name == "After"


def test_changes_inserts_and_own_sql_are_plain_behind_a_pooler(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    user = make_user()
    assert Change(renamed, int, str).row(user.pk, "Plain").display_name == "Plain"
    assert insert_rows([OutboxEvent(topic="t", payload={})]) == []
    own = Statement("SELECT display_name::text FROM members_user WHERE id = ANY(%s)", "bigint[]")
    assert own.rows([user.pk]) == [("Plain",)]
    assert own.rows([]) == []


def test_one_text_for_values_of_two_types_is_two_statements():
    number, word = Statement("SELECT %s AS said", "bigint"), Statement("SELECT %s AS said", "text")
    assert (number.rows(7), word.rows("seven")) == ([(7,)], [("seven",)])


def test_sql_of_our_own_runs_prepared():
    user = make_user(display_name="Own")
    own = Statement("SELECT display_name::text FROM members_user WHERE id = ANY(%s)", "bigint[]")
    emptied = Statement("UPDATE members_user SET display_name = %s WHERE id = %s", "text", "bigint")
    for _ in range(2):
        assert own.rows([user.pk, 0]) == [("Own",)]
    assert own.rows([]) == []
    assert emptied.changed("", user.pk) == 1
    assert emptied.changed("", 0) == 0
