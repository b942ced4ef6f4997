"""Whatever page, list, admin, API and message say of one thing is the same: a walk over the city."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.db.models import Avg, Count, Q, Sum
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.text import capfirst

from catalog.cards import pieces_left
from catalog.models import Offer, Product
from console.day import access_day, see_sold
from demo.content import CITY
from insights.selectors import balances, review_score, sales_by_day
from kernel.clock import at, now
from kernel.http.templatetags.fmt import compact, fen
from members.models import User
from members.services.accounts import issue_token
from messages.models import Notification
from orders.models import Order, OrderLine
from payments.models import Account, LedgerEntry, Refund
from reviews.models import Review
from stores.access import stores_for_staff
from stores.models import Merchant, Store
from tests.demo.city import DemoCity, make_city
from vouchers.day import figures_of_day
from vouchers.models import Redemption, RefundPart, Voucher
from vouchers.outcome import VoucherState
from vouchers.states import RedemptionState, with_state, word_standing

pytestmark = pytest.mark.django_db


class Notes:
    """What was said of one thing, and where; every disagreement is kept for the end."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.compared: Counter[str] = Counter()

    def same(self, thing: Any, fact: str, **said: Any) -> None:
        self.compared[fact] += 1
        if len({repr(value) for value in said.values()}) > 1:
            self.wrong.append(f"{thing}, {fact}: {said}")


def as_(user: User | None) -> Client:
    """A browser that speaks English, signed in to pages and to the API."""
    if user is None:
        return Client(headers={"accept-language": "en"})
    token = f"Bearer {issue_token(user=user)}"
    client = Client(headers={"accept-language": "en", "authorization": token})
    client.force_login(user)
    return client


def text_of(html: str) -> str:
    return " ".join(unescape(strip_tags(html)).split())


def body(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return str(answer.content.decode())


def api(client: Client, url: str) -> list[dict[str, Any]]:
    """All rows of a list of the API, page by page."""
    rows, following = [], url
    while following:
        answer = client.get(following)
        assert answer.status_code == 200, (following, answer.content)
        rows += answer.json()["results"]
        following = answer.json()["next"]
    return rows


def admin_rows(client: Client, model: type[Any]) -> dict[int, list[str]]:
    """The cells of an admin list in words, by the id that its row leads to."""
    meta = model._meta
    url = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    found: dict[int, list[str]] = {}
    for page in range(1, 50):
        answer = client.get(f"{url}?p={page}")
        if answer.status_code == 302:  # behind the last page
            break
        html = answer.content.decode()
        before = len(found)
        for row in re.split(r"<tr\b", html)[1:]:
            if named := re.search(rf"{meta.model_name}/(\d+)/change/", row):
                cells = re.split(r"<t[dh]\b[^>]*>", row.split("</tr>")[0])[1:]
                found[int(named[1])] = [text_of(cell) for cell in cells]
        if len(found) == before:
            break
    return found


def first_price(html: str) -> str:
    """The first price that is to be paid, as "¥12.50"."""
    found = re.search(r'<span class="price(?: price--large)?">(.*?</span>.*?)</span>', html, re.S)
    shown = re.search(r"¥[\d,]+(?:\.\d\d)?", text_of(html if found is None else found[0]))
    return shown[0] if shown else ""


def rating_of(html: str) -> tuple[str, str]:
    """The stars and their count as drawn: ("4.5", "(12)")."""
    value = re.search(r'rating__value"[^>]*>([\d.]+)<', html)
    count = re.search(r"</span><span aria-hidden=\"true\">\((.*?)\)</span>", html)
    return (value[1] if value else "", count[1] if count else "")


def rated(average: Any, count: int) -> tuple[str, str]:
    return (f"{float(average):.1f}", str(compact(count))) if count else ("", "")


def linked_data(html: str, kind: str) -> dict[str, Any]:
    for found in re.findall(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', html, re.S):
        data = json.loads(found)
        for thing in data.get("@graph", [data]) if isinstance(data, dict) else data:
            if thing.get("@type") == kind:
                return dict(thing)
    return {}


def cards_of_all(client: Client) -> Iterator[tuple[int, str]]:
    """Every card of the list of deals, page by page."""
    url = "/products/?city="
    while url:
        answer = client.get(url)
        for card in re.findall(r'<article class="card.*?</article>', answer.content.decode(), re.S):
            named = re.search(r'href="/products/(\d+)/"', card)
            assert named
            yield int(named[1]), card
        following = answer.context["next_url"]
        url = f"/products/{following}" if following else ""


def sample(products: dict[int, Product]) -> dict[int, Product]:
    """Every product with a limited-time price or several choices, and each twelfth of the others."""
    special = {
        row["product_id"]
        for row in Offer.objects.values("product_id").annotate(n=Count("pk")).filter(n__gt=1)
    }
    return {pk: row for pk, row in products.items() if pk in special or pk % 12 == 0}


def walk_products(notes: Notes) -> None:
    client = as_(None)
    cards, rows = dict(cards_of_all(client)), {r["id"]: r for r in api(client, "/api/v1/products")}
    products = {product.pk: product for product in Product.objects.on_sale()}
    notes.same("all", "products on sale", page=set(cards), api=set(rows), kept=set(products))
    reviews = {
        row["product_id"]: rated(row["average"], row["number"])
        for row in Review.objects.filter(state=Review.State.PUBLISHED)
        .values("product_id")
        .annotate(average=Avg("rating"), number=Count("pk"))
        .order_by()
    }
    offers: dict[int, list[Offer]] = defaultdict(list)
    running = Offer.objects.running().filter(product__in=products)
    for offer in running.select_related("variant__stock").order_by("price_fen", "id"):
        offers[offer.product_id].append(offer)
    for pk, product in sample(products).items():
        page, detail = body(client, f"/products/{pk}/"), client.get(f"/api/v1/products/{pk}").json()
        buy = page.split('id="buy-panel"')[1].split("</aside>")[0]
        head = page.split("<h1>")[1].split("</header>")[0]
        card, row, data = cards[pk], rows[pk], linked_data(page, "Product")
        buyable = [offer for offer in offers[pk] if pieces_left(offer) != 0]
        price = min(offer.price_fen for offer in buyable or offers[pk])
        stars = data.get("aggregateRating", {})
        offered = data["offers"] if isinstance(data["offers"], list) else [data["offers"]]
        notes.same(
            product,
            "price now",
            rule=fen(price),
            card=first_price(card.split("card__foot")[1]),
            page=first_price(buy),
            row=fen(row["price_fen"]),
            detail=fen(detail["price_fen"]),
            data=fen(min(round(float(offer["price"]) * 100) for offer in offered)),
        )
        notes.same(
            product,
            "sold out",
            rule=not buyable,
            card="Sold out" in card,
            page="Sold out" in buy,
            row=row["sold_out"],
            detail=detail["sold_out"],
            data=all(offer["availability"].endswith("SoldOut") for offer in offered),
        )
        notes.same(
            product,
            "limited time",
            card="Limited time" in card or ("Sold out" in card and row["ends_at"] is not None),
            page="Limited time" in buy,
            row=row["ends_at"] is not None,
            detail=detail["ends_at"] is not None,
        )
        notes.same(product, "end", row=row["ends_at"], detail=detail["ends_at"])
        notes.same(
            product,
            "rating",
            reviews=reviews.get(pk, ("", "")),
            card=rating_of(card),
            page=rating_of(head),
            row=rated(row["rating"] or 0, row["rating_count"]),
            detail=rated(detail["rating"] or 0, detail["rating_count"]),
            data=rated(stars.get("ratingValue", 0), int(stars.get("reviewCount", 0))),
        )
        sold = [re.search(r"([\d.,kK+]+) sold", text_of(html)) for html in (card, head)]
        shown = ["0" if found is None else found[1] for found in sold]
        notes.same(
            product,
            "sold",
            card=shown[0],
            page=shown[1],
            row=compact(row["sales_count"]),
            detail=compact(detail["sales_count"]),
        )


def walk_prices(notes: Notes, city: DemoCity) -> None:
    """Lists are sorted and filtered by the price that they show, and the back office says it too."""
    client, column = as_(None), admin_rows(as_(city.cast.operator), Product)
    shown = {row["id"]: row["price_fen"] for row in api(client, "/api/v1/products")}
    for sort, turned in (("price", False), ("-price", True)):
        prices = [row["price_fen"] for row in api(client, f"/api/v1/products?sort={sort}")]
        notes.same(sort, "order of prices", list=prices, right=sorted(prices, reverse=turned))
    limits = sorted(set(shown.values()))
    for limit in limits[:: max(1, len(limits) // 6)]:
        below = {row["id"] for row in api(client, f"/api/v1/products?max_price_fen={limit}")}
        right = {pk for pk, price in shown.items() if price <= limit}
        notes.same(limit, "what a highest price lets in", api=below, shown=right)
    for pk, price in shown.items():
        cells = column[pk]
        notes.same(pk, "price in the back office", api=fen(price, "exact"), operator=cells[4])


def walk_offers(notes: Notes, city: DemoCity) -> None:
    of_operator = admin_rows(as_(city.cast.operator), Offer)
    of_owner: dict[int, list[str]] = {}
    for owner in city.cast.owners.values():
        if owner.memberships.exists():
            of_owner |= admin_rows(as_(owner), Offer)
    client, listed = as_(None), defaultdict(set)
    products = sample({product.pk: product for product in Product.objects.on_sale()})
    for offer in Offer.objects.filter(product__in=products).select_related("variant", "product"):
        if offer.product_id not in listed:
            detail = client.get(f"/api/v1/products/{offer.product_id}").json()
            listed[offer.product_id] = {row["id"] for row in detail["offers"]}
        stage = str(offer.stage().label)
        notes.same(
            offer.pk,
            "stage of an offer",
            rule=stage,
            operator=of_operator[offer.pk][-1],
            owner=of_owner[offer.pk][-1],
        )
        notes.same(
            offer.pk,
            "running or not",
            rule=offer.stage() == Offer.Stage.RUNNING,
            api=offer.pk in listed[offer.product_id],
        )


def walk_redemptions(notes: Notes, city: DemoCity) -> None:
    of_operator = admin_rows(as_(city.cast.operator), Redemption)
    said: dict[str, dict[int, Any]] = defaultdict(dict)
    redemptions = with_state(Redemption.objects.select_related("store", "merchant"))
    owners = {owner.pk: owner for owner in city.cast.owners.values()}
    days = {(row.store, row.store.local_day(row.occurred_at)) for row in redemptions}
    for owner in owners.values():
        if owner.memberships.exists():
            said["owner"] |= {pk: row[-1] for pk, row in admin_rows(as_(owner), Redemption).items()}
    slugs = {merchant.pk: slug for slug, merchant in city.shop.merchants.items()}
    for store, day in days:
        clerk = as_(city.cast.clerks[slugs[store.merchant_id]])
        html = body(clerk, f"/console/{store.pk}/today/?date={day}")
        for row in re.findall(r'<li class="menu__item redeemed">.*?</li>', html, re.S):
            named = re.search(r"redemptions/(\d+)/", row) or re.search(r"/(\d+)/\"", row)
            badge = re.search(r'badge__word">(.*?)<', row)
            assert named, row
            said["console"][int(named[1])] = badge[1] if badge else "—"
            page = body(clerk, reverse("console_result", args=[store.pk, int(named[1])]))
            shown = re.search(r'badge__word">(.*?)<', page.split("data-result")[1])
            said["result"][int(named[1])] = shown[1] if shown else "Undone"
        for line in api(clerk, f"/api/v1/console/redemptions?store={store.pk}&date={day}"):
            said["api"][line["id"]] = line["state"]
            said["kept"][line["id"]] = line["uses"] - line["returned_uses"]
        whole = [pk for pk, state in said["api"].items() if state in ("undone", "returned")]
        kept = {pk: uses for pk, uses in said["kept"].items() if pk not in whole}
        counted = {
            row.pk
            for row in redemptions
            if (row.store, row.store.local_day(row.occurred_at)) == (store, day)
        }
        total = figures_of_day(store, day).total
        head = re.search(r'pagehead__lead">[^<]*·\s*(\d+) at', html)
        notes.same(
            f"{store} on {day}",
            "uses of a day",
            page=int(head[1]) if head else None,
            figure=total.uses,
            rows=sum(row.uses for row in redemptions if row.pk in counted and not row.undone_at),
        )
        notes.same(
            f"{store} on {day}",
            "uses kept of a day",
            figure=total.kept_uses,
            rows=sum(kept[pk] for pk in counted & kept.keys()),
        )
    for row in redemptions:
        state = RedemptionState(row.standing)
        word = str(capfirst(state.label))
        told = str(capfirst(word_standing(state, value_fen=row.value_fen)))
        notes.same(
            row.pk,
            f"state of a redemption: {state.value}",
            rule=told,
            operator=capfirst(of_operator[row.pk][-1]),
            owner=capfirst(said["owner"][row.pk]),
            console=said["console"][row.pk],
            result=said["result"][row.pk],
        )
        api_word = str(capfirst(RedemptionState(said["api"][row.pk]).label))
        notes.same(row.pk, "state of a redemption by API", rule=word, api=api_word)


def buyers() -> list[User]:
    """Everybody with a refund, and the printed customers."""
    refunded = Voucher.objects.filter(pk__in=RefundPart.objects.values("voucher")).values("owner")
    printed = User.objects.filter(email__startswith="customer").order_by("pk")[:8].values("pk")
    return list(User.objects.filter(Q(pk__in=refunded) | Q(pk__in=printed)))


def walk_orders(notes: Notes, city: DemoCity) -> None:
    of_operator = admin_rows(as_(city.cast.operator), OrderLine)
    of_owner: dict[int, list[str]] = {}
    for owner in city.cast.owners.values():
        if owner.memberships.exists():
            of_owner |= admin_rows(as_(owner), OrderLine)
    for buyer in buyers():
        client = as_(buyer)
        for row in api(client, "/api/v1/orders"):
            order = Order.objects.get(number=row["number"])
            detail = client.get(f"/api/v1/orders/{order.number}").json()
            refunds = RefundPart.objects.filter(voucher__order_number=order.number)
            net = order.total_fen - (refunds.aggregate(sum=Sum("amount_fen"))["sum"] or 0)
            net = net if order.paid_at else 0
            page = body(client, f"/orders/{order.number}/")
            total = page.split("facts__row--total")[1].split("</div>")[0]
            notes.same(
                order.number,
                "paid net of refunds",
                rule=fen(net),
                row=fen(row["net_fen"]),
                detail=fen(detail["net_fen"]),
                page=first_price(total) if order.paid_at else fen(0),
            )
            vouchers = Voucher.objects.filter(order_number=order.number).count()
            notes.same(order.number, "vouchers", api=len(detail["vouchers"]), kept=vouchers)
            for kept, line in zip(order.lines.order_by("pk"), detail["lines"], strict=True):
                amount = fen(line["net_fen"], "exact") or "—"
                notes.same(
                    kept.pk,
                    "a line after refunds",
                    api=amount,
                    operator=amount if amount in of_operator[kept.pk] else of_operator[kept.pk],
                    owner=amount if amount in of_owner[kept.pk] else of_owner[kept.pk],
                )


def walk_vouchers(notes: Notes, city: DemoCity) -> None:
    of_operator = admin_rows(as_(city.cast.operator), Voucher)
    for buyer in buyers():
        client = as_(buyer)
        rows = api(client, "/api/v1/vouchers")
        states = Counter(row["state"] for row in rows)
        counts = client.get("/vouchers/").context["tabs"]
        shown = {re.sub(r"\W+", "", str(tab["label"])): tab["count"] for tab in counts}
        notes.same(
            buyer,
            "the wallet's counts",
            tabs=[shown[name] for name in ("Usable", "Used", "Refunds", "Expired")],
            api=[
                states["active"],
                states["used"],
                states["refunding"] + states["refunded"],
                states["expired"],
            ],
        )
        for row in rows:
            voucher = Voucher.objects.get(pk=row["id"])
            cells = of_operator[voucher.pk]
            label = str(VoucherState(row["standing"]).label)
            notes.same(
                voucher.pk,
                "state of a voucher",
                api=label.lower(),
                operator=cells[-2].lower(),
            )
            notes.same(
                voucher.pk,
                "uses",
                api=f"{row['uses_used']} / {row['uses_total']}",
                operator=cells[-3],
            )
    for message in Notification.objects.filter(kind__startswith="refund"):
        amount = message.params.get("amount_fen")
        refund = Refund.objects.filter(number=message.params.get("refund")).first()
        if refund is not None:
            notes.same(message.pk, "refund in a message", inbox=amount, kept=refund.amount_fen)


def walk_counter_day(city: DemoCity) -> None:
    """One counter has a day worth looking at: two people, a till, a slip, sales of the night."""
    slug = next(iter(city.shop.merchants))
    owner, clerk = city.cast.owners[slug], city.cast.clerks[slug]
    store = next(row for row in stores_for_staff(clerk) if row.devices.exists())
    yesterday = store.local_day(now()) - dt.timedelta(days=1)
    figures = figures_of_day(store, yesterday)
    assert {owner.pk, clerk.pk} <= {share.pk for share in figures.clerks()}
    assert figures.has_devices and figures.total.undone and figures.total.value_fen
    viewer = access_day(user=owner, store_id=store.pk)
    assert see_sold(viewer, yesterday).pieces and see_sold(viewer, store.local_day(now())).pieces


def walk_stores(notes: Notes) -> None:
    client = as_(None)
    rows = {row["id"]: row for row in api(client, "/api/v1/stores")}
    reviews = {
        row["store_id"]: rated(row["average"], row["number"])
        for row in Review.objects.filter(state=Review.State.PUBLISHED)
        .values("store_id")
        .annotate(average=Avg("rating"), number=Count("pk"))
        .order_by()
    }
    for store in Store.objects.open_for_business():
        if not store.rating_count and store.pk % 8:
            continue
        page = body(client, f"/stores/{store.pk}/")
        detail, row = client.get(f"/api/v1/stores/{store.pk}").json(), rows[store.pk]
        card = body(client, f"/stores/?city=&q={store.name_en}").split(f'"/stores/{store.pk}/"')[1]
        listed = len(api(client, f"/api/v1/stores/{store.pk}/reviews"))
        notes.same(
            store,
            "rating of a store",
            reviews=reviews.get(store.pk, ("", "")),
            page=rating_of(page.split("<h1")[1].split("</header>")[0]),
            card=rating_of(card.split("</article>")[0]),
            row=rated(row["rating"] or 0, row["rating_count"]),
            detail=rated(detail["rating"] or 0, detail["rating_count"]),
        )
        notes.same(store, "reviews of a store", listed=listed, count=row["rating_count"])
        notes.same(store, "open now", row=row["open_now"], detail=detail["open_now"])


def walk_merchants(notes: Notes, city: DemoCity) -> None:
    totals: Counter[str] = Counter()
    for slug, merchant in city.shop.merchants.items():
        if merchant.state != Merchant.State.APPROVED:
            continue
        scope = [merchant.pk]
        lines = OrderLine.objects.filter(merchant=merchant, order__state=Order.State.PAID)
        refunds = RefundPart.objects.filter(voucher__merchant=merchant)
        sold = (lines.aggregate(sum=Sum("payable_fen"))["sum"] or 0) - (
            refunds.aggregate(sum=Sum("amount_fen"))["sum"] or 0
        )
        figure = sum(sales_by_day(merchants=scope).values)
        html = text_of(body(as_(city.cast.owners[slug]), "/admin/"))
        notes.same(slug, "sales of a month", figure=figure, lines=sold)
        notes.same(slug, "sales are shown", page=fen(figure) in html, rule=True)
        kept = balances(merchants=scope)
        totals.update(kept)
        score = review_score(merchants=scope)
        notes.same(
            slug,
            "reviews of a merchant",
            figure=score["count"],
            stores=sum(store.rating_count for store in merchant.stores.all()),
            products=sum(product.rating_count for product in merchant.products.all()),
        )
    notes.same("all", "balances", each=dict(totals), together=balances(merchants=None))
    escrow = LedgerEntry.objects.filter(account=Account.ESCROW).aggregate(sum=Sum("amount_fen"))
    notes.same("all", "escrow", ledger=-(escrow["sum"] or 0), figure=totals["escrow"])


def walk_messages(city: DemoCity) -> None:
    """Owners and the counter's people have messages of what happened: old ones read, new ones not."""
    rows = Notification.objects.in_inbox().filter(merchant__isnull=False)
    assert {"sale_made", "statement_issued", "redeemed_here"} <= set(
        rows.values_list("kind", flat=True)
    )
    for merchant in Merchant.objects.filter(order_lines__order__state="paid").distinct():
        owner = merchant.staff.get(role="owner").user
        assert rows.filter(user=owner, kind="sale_made").exists(), merchant
    first = CITY.merchants[0].slug
    for person in (city.cast.owners[first], city.cast.clerks[first]):
        heard = rows.filter(user=person, kind="redeemed_here")
        assert heard.filter(read_at__isnull=True).exists(), person
    latest = now() - dt.timedelta(days=3)
    assert not rows.filter(created_at__lt=latest, read_at__isnull=True).exists()


def test_every_screen_says_the_same_of_one_thing(settings: Any) -> None:
    settings.SANDBOX_GATEWAY = True
    settings.SHARED_PART_SECONDS = 0
    city, notes = make_city(), Notes()
    walk_counter_day(city)
    walk_messages(city)
    with at(now()):
        walk_products(notes)
        walk_prices(notes, city)
        walk_offers(notes, city)
        walk_redemptions(notes, city)
        walk_orders(notes, city)
        walk_vouchers(notes, city)
        walk_stores(notes)
        walk_merchants(notes, city)
    assert not notes.wrong, "\n".join(notes.wrong)
    for state in (
        "live",
        "undone",
        "partly_returned",
        "returned",
        "released",
        "settled",
        "paid_out",
    ):
        assert notes.compared[f"state of a redemption: {state}"], state
    assert len(notes.compared) > 20
