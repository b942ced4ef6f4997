"""The back office: what needs doing comes first, and everything reads as words."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Stock
from insights.incidents import words_of
from insights.selectors import busiest_stores, redemptions_by_day
from kernel.clock import now
from kernel.outbox.models import OutboxEvent
from kernel.outbox.services import drain as drain_outbox
from kernel.watch.models import Incident
from members.models import User
from payments.models import LedgerEntry
from payments.services.settlement import settle_merchant
from reviews.services.reviews import write_review
from stores.models import PlatformRole, StaffMembership, Store
from stores.services.platform import give_platform_role
from tests.factories import (
    Cast,
    cast,
    make_product,
    make_staff,
    make_user,
    make_voucher,
    redeem,
    variant_of,
)
from vouchers.models import Redemption
from vouchers.services.refund import return_redeemed
from vouchers.services.release import write_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return cast()


def desk_of(user) -> tuple[Client, str]:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client, client.get(reverse("admin:index")).content.decode()


def rows(client: Client, url: str) -> int:
    return client.get(url).context["cl"].result_count


def task(page: str, words: str) -> str:
    """Where the task of these words leads."""
    found = re.search(rf'href="([^"]*)"[^>]*>(?:(?!</a>).)*{words}', page, re.S)
    assert found, words
    return found[1].replace("&amp;", "&")


def reviewed(people: Cast):
    product = make_product(merchant=people.merchant)
    voucher = make_voucher(owner=people.buyer, product=product)
    redeem(voucher, store=people.store, staff=people.clerk)
    write_review(author=people.buyer, voucher_id=voucher.pk, rating=4, text="Good soup.")
    return product


def test_a_merchant_finds_what_waits_and_each_task_opens_its_own_list(people: Cast) -> None:
    product = reviewed(people)
    Stock.objects.filter(variant=variant_of(product)).update(available=0)
    make_product(merchant=people.merchant)
    client, page = desk_of(people.owner)
    assert rows(client, task(page, "1 review waits for your reply")) == 1
    assert rows(client, task(page, "1 product on sale is sold out")) == 1


def test_a_desk_with_nothing_to_do_says_so(people: Cast) -> None:
    make_product(merchant=people.merchant)
    _client, page = desk_of(people.owner)
    assert "All done." in page
    assert "Nothing was sold in the last 30 days." in page


def test_a_new_business_is_told_its_first_steps() -> None:
    client, page = desk_of(make_user("merchant"))
    for words in ("Add your first store", "Add your first product"):
        assert client.get(task(page, words)).status_code == 200


def test_every_figure_leads_to_its_rows(people: Cast) -> None:
    reviewed(people)
    for user in (people.owner, people.operator):
        client, page = desk_of(user)
        figures = re.findall(r'<a class="desk__figure" href="([^"]*)"', page)
        assert len(figures) >= 7
        for url in figures:
            assert client.get(url.replace("&amp;", "&")).status_code == 200, url


def test_the_operator_finds_applications_and_tasks_that_keep_failing(people: Cast) -> None:
    reviewed(people)
    drain_outbox()
    event = OutboxEvent.objects.filter(topic="voucher.redeemed").earliest("id")
    event.deliveries.filter(consumer="tell_owner_redeemed").update(
        attempts=3, error="boom", done_at=None
    )
    client, page = desk_of(people.operator)
    url = task(page, "1 task in the background keeps failing")
    listed = client.get(url).content.decode()
    assert "Tell the owner of a redemption" in listed
    assert people.store.name in listed, "what it is about, by name"
    assert "redemption_id" not in listed
    change = client.get(reverse("admin:outbox_outboxevent_change", args=[event.pk]))
    assert "redemption_id" not in change.content.decode()
    assert "boom" in change.content.decode()
    assert "Plan the invitation to a review" in change.content.decode(), "and its other tasks"


def test_the_outbox_costs_the_same_for_any_number_of_rows(
    people: Cast, django_assert_max_num_queries
) -> None:
    for _time in range(4):
        reviewed(people)
    client, _page = desk_of(people.operator)
    with django_assert_max_num_queries(16):
        client.get(reverse("admin:outbox_outboxevent_changelist"))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_ledger_speaks_in_words(people: Cast, language: str) -> None:
    reviewed(people)
    client = Client(headers={"accept-language": language})
    client.force_login(people.operator)
    page = client.get(reverse("admin:payments_ledgertransaction_changelist")).content.decode()
    cells = " ".join(re.findall(r"<t[dh][^>]*>.*?</t[dh]>", page, re.S))
    assert "redeem:" not in cells
    assert ("Redemption" if language == "en" else "核销") in cells


def test_the_books_call_a_redemption_by_what_a_person_recognises(people: Cast) -> None:
    """Product, the end of the code, the store: in the list, on the page and on the statement."""
    reviewed(people)
    redemption = Redemption.objects.get()
    write_release(redemption)
    moment = now()
    statement = settle_merchant(merchant_id=people.merchant.pk, day=moment.date(), cutoff_at=moment)
    assert statement is not None
    entry = LedgerEntry.objects.filter(transaction__key=f"redeem:{redemption.pk}").first()
    assert entry is not None
    client, _page = desk_of(people.owner)
    for url in (
        reverse("admin:payments_ledgerentry_changelist"),
        reverse("admin:payments_ledgerentry_change", args=[entry.pk]),
        reverse("admin:payments_statement_change", args=[statement.pk]),
    ):
        page = client.get(url).content.decode()
        voucher = redemption.voucher
        assert f"{voucher.title} •••• {voucher.code[8:]} · {people.store.name} · " in page, url
        assert voucher.code not in page


def test_the_ledger_costs_the_same_for_any_number_of_rows(
    people: Cast, django_assert_max_num_queries
) -> None:
    for _time in range(4):
        reviewed(people)
    client, _page = desk_of(people.owner)
    with django_assert_max_num_queries(16):
        client.get(reverse("admin:payments_ledgerentry_changelist"))


def test_the_ledger_shows_whose_money_moves_where_it_is_and_how_much(
    people: Cast, django_assert_max_num_queries
) -> None:
    for _time in range(4):
        reviewed(people)
    client, _page = desk_of(people.operator)
    with django_assert_max_num_queries(14):
        page = client.get(reverse("admin:payments_ledgertransaction_changelist")).content.decode()
    row = next(row for row in re.findall(r"<tr.*?</tr>", page, re.S) if "Redemption" in row)
    assert people.merchant.name in row
    assert "¥50.00" in row, "the sum of the debits"
    event = LedgerEntry.objects.filter(transaction__kind="redeem").first()
    assert event is not None
    address = reverse("admin:payments_ledgertransaction_change", args=[event.transaction_id])
    page = client.get(address).content.decode()
    for word in ("paid, not redeemed yet", people.merchant.name, "••••", "value", "¥50.00"):
        assert word in page, word
    with django_assert_max_num_queries(16):
        client.get(address)


def test_an_incident_of_a_database_that_was_busy_blames_no_row() -> None:
    slow = "OperationalError: canceling statement due to statement timeout"
    for error in (slow, slow.replace("statement timeout", "lock timeout")):
        words = words_of(Incident(kind="catalog.card", subject="product:7", error=error))
        assert "took too long" in str(words.advice)
    bad = Incident(kind="catalog.card", subject="product:7", error="ValueError: no price")
    assert "look for a value" in str(words_of(bad).advice)


def test_a_list_without_rows_says_what_to_do_next() -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_user("merchant"))
    products = client.get(reverse("admin:catalog_product_changelist")).content.decode()
    assert "Add your first product" in products
    searched = client.get(reverse("admin:catalog_product_changelist"), {"q": "zzz"})
    assert "Nothing matches the search" in searched.content.decode()


def test_days_are_whole_days(people: Cast) -> None:
    product = make_product(merchant=people.merchant)
    voucher = make_voucher(owner=people.buyer, product=product)
    day = voucher.created_at.astimezone(voucher.zone).date().isoformat()
    client = Client()
    client.force_login(people.operator)
    url = reverse("admin:vouchers_voucher_changelist")
    assert rows(client, f"{url}?created_at_from={day}&created_at_to={day}") == 1
    assert rows(client, f"{url}?created_at_to=2020-01-01") == 0
    assert rows(client, f"{url}?created_at_from=no-day") == 1


def test_what_is_given_back_is_redeemed_no_more(people: Cast) -> None:
    product = make_product(merchant=people.merchant, price_fen=5000)
    for _number in range(2):
        voucher = make_voucher(owner=people.buyer, product=product)
        used = redeem(voucher, store=people.store, staff=people.clerk)
    assert redemptions_by_day(merchants=None).values[-1] == 10_000
    return_redeemed(redemption_id=used.pk, uses=1, requested_by=people.operator)
    for merchants in (None, [people.merchant.pk]):
        assert redemptions_by_day(merchants=merchants).values[-1] == 5000
        assert [row["total_fen"] for row in busiest_stores(merchants=merchants)] == [5000]


def manager_of(store: Store) -> User:
    """Somebody who manages this one store."""
    user = make_staff(store, role="manager")
    membership = StaffMembership.objects.get(user=user)
    membership.limited = True
    membership.save()
    membership.stores.add(store)
    return user


def leads(client: Client, page: str) -> list[int]:
    """What every list that the page leads to answers."""
    main = page.partition('class="desk"')[2]
    found = [url.replace("&amp;", "&") for url in re.findall(r'href="(/admin/[^"]*)"', main)]
    return [client.get(url).status_code for url in found]


def test_who_is_limited_to_a_store_reads_the_figures_of_that_store(people: Cast) -> None:
    reviewed(people)
    client, page = desk_of(manager_of(people.store))
    desk = client.get(reverse("admin:index")).context
    redeemed = next(figure for figure in desk["month"] if figure["title"] == "Redeemed")
    assert "50.00" in redeemed["value"]
    assert [row[1] for row in desk["busiest_stores"]["rows"]] == [1]
    assert "1 review waits for your reply" in page
    assert str(people.store) in page and "Your business" not in page
    # Sales and money are of the whole business: not shown, which is not the same as none.
    assert "Sold" not in page.partition('class="desk"')[2]
    assert not desk["flow"] and desk["best_sellers"] is None
    client, page = desk_of(manager_of(people.other_store))
    assert "50.00" not in page.partition('class="desk"')[2]
    assert "Put a product on sale" not in page


@pytest.mark.parametrize("role", ["owner", "manager", "finance", "reader", "of one store"])
def test_the_overview_leads_a_merchants_people_nowhere_they_may_not_go(
    people: Cast, role: str
) -> None:
    reviewed(people)
    one = role == "of one store"
    user = manager_of(people.store) if one else make_staff(people.store, role=role)
    client, page = desk_of(user)
    assert set(leads(client, page)) == {200}


@pytest.mark.parametrize("role", [*PlatformRole.Role])
def test_the_overview_leads_the_operators_people_nowhere_they_may_not_go(
    people: Cast, role: str
) -> None:
    reviewed(people)
    user = make_user()
    give_platform_role(user=user, role=role, by=None)
    client, page = desk_of(user)
    assert set(leads(client, page)) == {200}


def test_the_chart_names_its_axes_and_stands_as_a_table_beside_it(people: Cast) -> None:
    redeem(make_voucher(product=make_product(merchant=people.merchant, stores=[people.store])))
    _client, page = desk_of(people.owner)
    text = unescape(page)
    assert '"text": "yuan (¥)"' in json_text(text) and '"text": "day"' in json_text(text)
    table = text.split("The same as a table", 1)[1].split("</table>", 1)[0]
    assert "<caption>Sold and redeemed per day, in yuan</caption>" in table
    for heading in ("Day", "Sold", "Redeemed"):
        assert f'<th scope="col">{heading}</th>' in table
    assert table.count('<th scope="row">') == 30
    today = table.split('<th scope="row">', 2)[1]
    assert today.count("¥") == 2 and "¥0.00" not in today, "the last day stands first"


def json_text(page: str) -> str:
    """The options of the chart as they are written, with ¥ unescaped."""
    return page.replace("\\u00a5", "¥")
