"""What people do in the shop while its servers die; tests/crash/shop.py runs one of COMMANDS.

Clients go through the pages and the API, in this process, with the real settings.
"""

from __future__ import annotations

import itertools
import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error, connections
from django.test import Client
from django.urls import reverse

from kernel.outbox import services as outbox
from members.services.accounts import issue_token
from tests import factories
from tests.factories import (
    PASSWORD,
    make_paid_order,
    make_product,
    make_staff,
    make_store,
    make_user,
    offer_of,
)
from vouchers.models import Voucher
from vouchers.services.refund import refund_voucher

STORM_THREADS = 8
# Names count from here: every process that seeds the one database must count elsewhere.
factories._count = itertools.count(os.getpid() * 1000)
FOLDER = Path(settings.DATA_DIR)


def client(token: str = "") -> Client:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return Client(headers=headers, SERVER_NAME="localhost")


def post(token: str, path: str, body: Any, key: str) -> Any:
    return client(token).post(
        f"/api/v1/{path}",
        json.dumps(body),
        content_type="application/json",
        headers={"Idempotency-Key": key},
    )


# Before ----------------------------------------------------------------------------------


def seed(vouchers: str) -> dict[str, Any]:
    """A store, a clerk, a buyer, and so many paid vouchers."""
    store = make_store()
    clerk, buyer = make_staff(store), make_user()
    product = make_product(stores=[store], price_fen=6800, stock=1000)
    codes: list[str] = []
    while len(codes) < int(vouchers):
        order = make_paid_order(buyer, offer_of(product), min(90, int(vouchers) - len(codes)))
        codes += Voucher.objects.filter(order_number=order.number).values_list("code", flat=True)
    return {
        "store": store.pk,
        "clerk": issue_token(user=clerk),
        "clerk_identifier": clerk.identifier,
        "buyer": issue_token(user=buyer),
        "buyer_id": buyer.pk,
        "product": product.pk,
        "offer": offer_of(product).pk,
        "codes": codes,
    }


def seed_events() -> dict[str, Any]:
    """Three paid orders and a refund of the last, whose reactions nobody has handled yet."""
    buyer = make_user()
    product = make_product(price_fen=6800, stock=1000)
    orders = [make_paid_order(buyer, offer_of(product)) for _ in range(3)]
    voucher = Voucher.objects.get(order_number=orders[-1].number)
    refund_voucher(owner=buyer, voucher_id=voucher.pk)
    return {
        "buyer_id": buyer.pk,
        "buyer_email": buyer.email,
        "product": product.pk,
        "voucher": voucher.pk,
    }


# The storm ---------------------------------------------------------------------------------


def storm(seed_file: str) -> dict[str, Any]:
    """Redeem every voucher, from many threads, each under a key of its own.

    Prints ``{"code", "id", "replayed"}`` for every redemption that was acknowledged. A
    thread whose database is gone stops.
    """
    facts = json.loads(Path(seed_file).read_text())
    left, lock = list(facts["codes"]), threading.Lock()

    def redeem(code: str) -> None:
        body = {"store": facts["store"], "code": code}
        answer = post(facts["clerk"], "console/redemptions", body, f"storm-{code}")
        if answer.status_code != 201:
            raise RuntimeError(f"{answer.status_code} {answer.content!r}")
        told = {
            "code": code,
            "id": answer.json()["id"],
            "replayed": "Idempotency-Replayed" in answer.headers,
        }
        with lock:
            print(json.dumps(told), flush=True)  # noqa: T201

    def work() -> bool:
        try:
            while True:
                with lock:
                    if not left:
                        return True
                    code = left.pop()
                redeem(code)
        except Error:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(STORM_THREADS) as pool:
        finished = [future.result() for future in [pool.submit(work) for _ in range(STORM_THREADS)]]
    return {"finished": all(finished)}


# Life without Valkey -------------------------------------------------------------------------


def log_in(seed_file: str) -> dict[str, Any]:
    """The clerk logs in; the session's cookies are kept."""
    facts = json.loads(Path(seed_file).read_text())
    visitor = _signed_in(facts)
    return {name: cookie.value for name, cookie in visitor.cookies.items()}


def _signed_in(facts: dict[str, Any]) -> Client:
    visitor = client()
    answer = visitor.post(
        reverse("login"), {"identifier": facts["clerk_identifier"], "password": PASSWORD}
    )
    assert answer.status_code == 302, answer.content
    return visitor


def visit(seed_file: str, cookies_file: str) -> dict[str, Any]:
    """Everything people come for; returns each step's status and the slowest one's seconds."""
    facts = json.loads(Path(seed_file).read_text())
    steps: dict[str, int] = {}
    seconds: dict[str, float] = {}

    def step(name: str, do: Any) -> Any:
        began = time.monotonic()
        answer = do()
        seconds[name] = time.monotonic() - began
        steps[name] = answer.status_code
        return answer

    old = client()
    old.cookies.load(json.loads(Path(cookies_file).read_text()))
    step("session of before", lambda: old.get(reverse("account")))
    guest = client()
    for name in ("home", "product_list", "store_list", "basket", "login"):
        step(name, lambda name=name: guest.get(reverse(name)))
    step("product_detail", lambda: guest.get(reverse("product_detail", args=[facts["product"]])))
    step("basket_add", lambda: guest.post(reverse("basket_add"), {"offer": facts["offer"]}))
    step("console", lambda: _signed_in(facts).get(reverse("console_store", args=[facts["store"]])))
    _buy_and_redeem(facts, step)
    return {"steps": steps, "slowest": max(seconds.values()), "seconds": seconds}


def _buy_and_redeem(facts: dict[str, Any], step: Any) -> None:
    identifier = {"identifier": facts["clerk_identifier"], "password": PASSWORD}
    step("api login", lambda: post("", "auth/login", identifier, "login-key-1"))
    lines = {"lines": [{"offer": facts["offer"], "quantity": 1}]}
    order = step("order", lambda: post(facts["buyer"], "orders", lines, "order-key-1")).json()
    payment = step(
        "payment",
        lambda: post(
            facts["buyer"],
            f"orders/{order['number']}/payments",
            {"gateway": "sandbox"},
            "payment-key-1",
        ),
    ).json()
    cashier = "/" + payment["pay_url"].split("/", 3)[3]
    step("cashier", lambda: client().post(cashier, {"outcome": "paid"}))
    code = Voucher.objects.get(order_number=order["number"]).code
    body = {"store": facts["store"], "code": code}
    redemption = step(
        "redeem", lambda: post(facts["clerk"], "console/redemptions", body, "redeem-key-1")
    ).json()
    undo = f"console/redemptions/{redemption['id']}/undo"
    step("undo", lambda: post(facts["clerk"], undo, {}, "undo-key-1"))


def drain() -> dict[str, Any]:
    """What a worker does when the sweep wakes it."""
    return {"done": outbox.drain()}


COMMANDS = {
    command.__name__.replace("_", "-"): command
    for command in (seed, seed_events, storm, log_in, visit, drain)
}
