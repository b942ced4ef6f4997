"""Who may do what at every address of the site: one rule per URL name.

A rule says, per method, what each role is answered. What it does not say is "not found" for
people and "sign in first" for guests; a method that it does not name is not allowed to
anybody. Every rule is about a row of the first business of tests/access/world.py: its own
people see it, all others are strangers to it. ``beside`` lists other rows, which nobody of
these roles may reach.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from kernel.clock import now
from tests.access.world import ROLES, World, cashier_token

LOGIN = "to the login page"
GO = "on to another page"
Answer = int | str
Answers = dict[str, Answer]
Make = Callable[[World], dict[str, Any]]

ANY_METHOD = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""What some of Django's own views leave open."""

KEY = "access-test-form-key"


@dataclass(frozen=True)
class Rule:
    """What a URL answers. ``args`` and ``data`` are made from the world."""

    methods: dict[str, Answers]
    args: Make = lambda w: {}
    data: Make = lambda w: {}
    query: str | Callable[[World], str] = ""
    beside: tuple[Make, ...] = ()
    shown_to: frozenset[str] = field(default=frozenset({"customer"}))
    """Who may see the codes and numbers of the customer's vouchers and orders there."""


def page(answer: Answer = 200) -> Answers:
    """The same for everybody, guests included."""
    return dict.fromkeys(ROLES, answer)


def people(answer: Answer = 200, **others: Answer) -> Answers:
    """The same for everybody who is signed in, on pages."""
    return page(answer) | {"guest": LOGIN} | others


def only(answer: Answer, *roles: str) -> Answers:
    """For these roles alone, on pages."""
    return people(404) | dict.fromkeys(roles, answer)


def bearers(answer: Answer = 200) -> Answers:
    """For everybody with a token, in the API."""
    return page(answer) | {"guest": 401}


def bearer(answer: Answer, *roles: str) -> Answers:
    """For the tokens of these roles alone, in the API."""
    return bearers(404) | dict.fromkeys(roles, answer)


def worker(answer: Answer, *roles: str) -> Answers:
    """As `bearer`; who works for a business or the platform is told which right is missing."""
    return bearers(404) | dict.fromkeys(WORKING, 403) | dict.fromkeys(roles, answer)


def ours(answer: Answer, *roles: str) -> Answers:
    """Of the first business: its own people and the operator's are told which right is missing.

    To everybody else the row is not there.
    """
    return bearers(404) | dict.fromkeys((*EMPLOYED, *DESKS), 403) | dict.fromkeys(roles, answer)


def ours_page(answer: Answer, *roles: str) -> Answers:
    """As `ours`, on pages: a guest signs in first."""
    return ours(answer, *roles) | {"guest": LOGIN}


def desk(answer: Answer, *roles: str) -> Answers:
    """Of the platform's own: the operator's people are told which right is missing, nobody else."""
    return bearers(404) | dict.fromkeys(DESKS, 403) | dict.fromkeys(roles, answer)


def at_store(answers: Answers, *roles: str) -> Answers:
    """Who holds the right at another store of the business: this one's row is not there."""
    return answers | dict.fromkeys(roles, 404)


RUN = ("owner", "manager")
ASKS = ("desk_finance", "operator")
SEES_STAFF = (*RUN, "reader", "support", "risk", "operator")
SEES_CODES = (*RUN, "reader", "support", "risk", "operator")
SEES_CAMPAIGNS = (*RUN, "finance", "reader", "support", "desk_finance", "risk", "operator")
SEES_MONEY = (*RUN, "finance", "reader", "operator", "support", "desk_finance")
SEES_RESULTS = (*RUN, "finance", "reader", "operator", "support", "desk_finance")
ENTERS_COSTS = (*RUN, "finance", "operator")
COUNTER = ("clerk", "owner", "manager")
EMPLOYED = (*COUNTER, "other_clerk", "finance", "reader", "local_manager")
EMPLOYED_ELSEWHERE = ("other_owner", "suspended_owner")
DESKS = ("support", "desk_finance", "risk", "operator")
WORKING = (*EMPLOYED, *EMPLOYED_ELSEWHERE, *DESKS)
ELSEWHERE = ("other_clerk", "local_manager")
COUNTS = (*COUNTER, "other_clerk", "local_manager")


def _voucher(w: World) -> dict[str, Any]:
    return {"pk": w.mine.fresh.pk}


def _order(w: World) -> dict[str, Any]:
    return {"number": w.mine.waiting.number}


def _store(w: World) -> dict[str, Any]:
    return {"store_id": w.mine.store.pk}


def _redemption(w: World) -> dict[str, Any]:
    return {"store_id": w.mine.store.pk, "pk": w.mine.redemption.pk}


def _scan(w: World) -> dict[str, Any]:
    return {"store": w.mine.store.pk, "code": w.mine.fresh.code, "uses": 1}


def _plan_body(w: World) -> dict[str, Any]:
    return {
        "merchant": w.mine.merchant.pk,
        "channel": "article",
        "begins_on": "2026-05-01",
        "ends_on": "2026-05-31",
        "cost_fen": 5000,
    }


_no_voucher: Make = lambda w: {"pk": 10**9}  # noqa: E731
_no_order: Make = lambda w: {"number": "0000000000"}  # noqa: E731
_no_store: Make = lambda w: {"store_id": 10**9}  # noqa: E731
_mixed_redemptions: tuple[Make, ...] = (
    lambda w: {"store_id": w.mine.store.pk, "pk": w.theirs.redemption.pk},
    lambda w: {"store_id": w.second_store.pk, "pk": w.mine.redemption.pk},
    lambda w: {"store_id": w.mine.store.pk, "pk": 10**9},
)

HOME: dict[str, Rule] = {
    "home": Rule({"GET": page()}),
    "styleguide": Rule({"GET": page()}),
    "help": Rule({"GET": page()}),
    "robots": Rule({"GET": page()}),
    "sitemap": Rule({"GET": page()}),
    "sitemap_part": Rule({"GET": page()}, args=lambda w: {"section": "pages", "number": 1}),
    "choose_city": Rule(
        {"POST": page(GO)}, data=lambda w: {"city": w.mine.store.city.slug, "next": "/"}
    ),
    "set_language": Rule(
        dict.fromkeys((*ANY_METHOD, "OPTIONS"), page(GO)),
        data=lambda w: {"language": "en", "next": "/"},
    ),
    "code": Rule(
        {"GET": page(GO)},
        args=lambda w: {"code": w.code.code},
        beside=(lambda w: {"code": "0000000"},),
    ),
    "code_with_a_slash": Rule(
        {"GET": page(GO)},
        args=lambda w: {"code": w.code.code},
        beside=(lambda w: {"code": "0000000"},),
    ),
    "store_list": Rule({"GET": page()}),
    "store_detail": Rule(
        {"GET": page()},
        args=lambda w: {"pk": w.mine.store.pk},
        beside=(lambda w: {"pk": w.hidden_store.pk}, _no_voucher),
    ),
    "occasion_list": Rule({"GET": page()}),
    "occasion_detail": Rule({"GET": page()}, args=lambda w: {"code": "family"}),
    "product_list": Rule({"GET": page()}),
    "product_detail": Rule(
        {"GET": page()},
        args=lambda w: {"pk": w.mine.product.pk},
        beside=(lambda w: {"pk": w.draft.pk}, _no_voucher),
    ),
    "product_stores": Rule(
        {"GET": page()},
        args=lambda w: {"pk": w.mine.product.pk},
        beside=(lambda w: {"pk": w.draft.pk}, _no_voucher),
    ),
    "product_review_list": Rule(
        {"GET": page()},
        args=lambda w: {"pk": w.mine.product.pk},
        beside=(lambda w: {"pk": w.draft.pk}, _no_voucher),
    ),
    "store_review_list": Rule(
        {"GET": page()},
        args=lambda w: {"pk": w.mine.store.pk},
        beside=(lambda w: {"pk": w.hidden_store.pk}, _no_voucher),
    ),
    "service_worker": Rule({"GET": page()}),
    "web_manifest": Rule({"GET": page()}),
    "offline_page": Rule({"GET": page()}),
    "media": Rule({"GET": page(404)}, args=lambda w: {"path": "nothing/here.png"}),
    "schema": Rule({"GET": page()}),
    "api_docs": Rule({"GET": page()}),
}

MEMBERS: dict[str, Rule] = {
    "login": Rule({"GET": page(GO) | {"guest": 200}, "POST": page(GO) | {"guest": 200}}),
    "register": Rule({"GET": page(GO) | {"guest": 200}, "POST": page(GO) | {"guest": 200}}),
    "logout": Rule({"POST": page(GO)}),
    "password_reset": Rule({"GET": page(), "POST": page()}),
    "password_reset_confirm": Rule(
        dict.fromkeys(ANY_METHOD, page()),
        args=lambda w: {"uidb64": "MQ", "token": "set-password"},
    ),
    "account": Rule({"GET": people()}),
    "settings": Rule({"GET": people(), "POST": people()}),
    "privacy": Rule({"GET": page(), "POST": page(GO)}, data=lambda w: {"consent": "no"}),
    "password_change": Rule({"GET": people(), "POST": people()}),
    "email_add": Rule({"GET": people(), "POST": people()}),
    "email_confirm": Rule(
        {"GET": page(410), "POST": page(410)}, args=lambda w: {"token": "not-ours"}
    ),
    "api_keys": Rule({"GET": people(), "POST": people(400)}),
    "log_out_others": Rule({"POST": people(GO)}),
    "mail_off": Rule({"GET": page(404), "POST": page(404)}, args=lambda w: {"token": "not-ours"}),
    "inbox": Rule({"GET": people()}),
    "message_preferences": Rule(
        {"GET": only(200, *EMPLOYED, *EMPLOYED_ELSEWHERE), "POST": only(GO, *EMPLOYED)},
        data=lambda w: {"merchant": w.mine.merchant.pk, "hear": ["sales:inbox"]},
    ),
    "bell": Rule({"GET": people()}),
    "inbox_read": Rule({"POST": people(GO)}),
    "notification_open": Rule(
        {"POST": only(GO, "customer")},
        args=lambda w: {"pk": w.note.pk},
        beside=(_no_voucher,),
    ),
    "merchant_apply": Rule({"GET": people(), "POST": people()}),
}

BUYING: dict[str, Rule] = {
    "basket": Rule({"GET": page()}),
    "basket_add": Rule(
        {"POST": page(GO)}, data=lambda w: {"offer": w.mine.product.offers.first().pk}
    ),
    "basket_line": Rule(
        {"POST": page(GO)}, args=lambda w: {"offer_id": 1}, data=lambda w: {"quantity": 1}
    ),
    "basket_stores": Rule({"POST": page(GO)}, data=lambda w: {"store-1": 1}),
    "basket_renew": Rule({"POST": page(GO)}, args=lambda w: {"offer_id": 1}),
    "checkout": Rule(
        {"GET": people(GO), "POST": people(GO)},
        data=lambda w: {"form_key": KEY, "gateway": "sandbox", "seen": "1~1.1.1.0"},
    ),
    "order_list": Rule({"GET": people()}),
    "order_detail": Rule({"GET": only(200, "customer")}, args=_order, beside=(_no_order,)),
    "order_pay": Rule(
        {"GET": only(200, "customer"), "POST": only(GO, "customer")},
        args=_order,
        data=lambda w: {"form_key": KEY, "gateway": "sandbox"},
        beside=(_no_order,),
    ),
    "order_cancel": Rule({"POST": only(GO, "customer")}, args=_order, beside=(_no_order,)),
    # A gateway's server has no account: the signature lets it in, and here there is none.
    "payment_notify": Rule({"POST": page(401)}, args=lambda w: {"gateway": "sandbox"}),
    # It stands for a foreign site: whoever has the secret address may decide.
    "sandbox_cashier": Rule(
        {"GET": page(), "POST": page(GO)},
        args=lambda w: {"token": cashier_token(w.mine.waiting)},
        data=lambda w: {"outcome": "paid"},
        beside=(lambda w: {"token": "no-such-token"},),
        shown_to=frozenset(ROLES),
    ),
}

WALLET: dict[str, Rule] = {
    "voucher_list": Rule({"GET": people()}),
    "voucher_detail": Rule({"GET": only(200, "customer")}, args=_voucher, beside=(_no_voucher,)),
    "voucher_pulse": Rule({"GET": only(200, "customer")}, args=_voucher, beside=(_no_voucher,)),
    "voucher_qr": Rule({"GET": only(200, "customer")}, args=_voucher, beside=(_no_voucher,)),
    "voucher_offline": Rule({"GET": people()}),
    "voucher_calendar": Rule({"GET": only(200, "customer")}, args=_voucher, beside=(_no_voucher,)),
    "voucher_picture": Rule({"GET": only(200, "customer")}, args=_voucher, beside=(_no_voucher,)),
    "voucher_sheet": Rule({"GET": only(200, "customer")}, args=_voucher, beside=(_no_voucher,)),
    "voucher_refund": Rule(
        {"GET": only(200, "customer"), "POST": only(GO, "customer")},
        args=_voucher,
        data=lambda w: {"form_key": KEY},
        beside=(_no_voucher,),
    ),
    "coupon_list": Rule({"GET": people()}),
    "coupon_centre": Rule({"GET": page()}),
    "coupon_code": Rule({"POST": people(GO)}, data=lambda w: {"code": "7K2M-9QX4"}),
    "campaign_claim": Rule(
        {"GET": page(), "POST": people(GO)},
        args=lambda w: {"pk": w.campaign.pk},
        beside=(_no_voucher,),
    ),
    "sale_detail": Rule(
        {"GET": page()},
        args=lambda w: {"pk": w.sale.pk},
        beside=(_no_voucher,),
    ),
    "sale_place": Rule(
        {"POST": people(GO)},
        args=lambda w: {"pk": w.sale.pk},
        beside=(_no_voucher,),
    ),
    "review_write": Rule(
        {"GET": only(200, "customer"), "POST": only(GO, "customer")},
        args=lambda w: {"pk": w.mine.used.pk},
        data=lambda w: {"rating": 5, "text": "Good."},
        beside=(_no_voucher,),
    ),
}

CONSOLE: dict[str, Rule] = {
    "console_home": Rule(
        {
            "GET": only(GO, "clerk", "other_clerk", "local_manager", "other_owner")
            | dict.fromkeys(("owner", "manager", "finance", "reader"), 200)
        }
    ),
    # The code is the proof: whoever carries the till to its place needs no account.
    "console_codes": Rule({"GET": people()}),
    "console_enrol": Rule({"GET": page(), "POST": page(404)}, data=lambda w: {"code": "00000000"}),
    "console_store": Rule(
        {"GET": at_store(ours_page(200, *COUNTER), *ELSEWHERE)}, args=_store, beside=(_no_store,)
    ),
    "console_preview": Rule(
        {
            "GET": at_store(ours_page(GO, *COUNTER), *ELSEWHERE),
            "POST": at_store(ours_page(200, *COUNTER), *ELSEWHERE),
        },
        args=_store,
        data=lambda w: {"code": w.mine.fresh.code},
        beside=(_no_store,),
        shown_to=frozenset(COUNTER),
    ),
    "console_redeem": Rule(
        {
            "GET": at_store(ours_page(GO, *COUNTER), *ELSEWHERE),
            "POST": at_store(ours_page(GO, *COUNTER), *ELSEWHERE),
        },
        args=_store,
        data=lambda w: {"form_key": KEY, "code": w.mine.fresh.code, "uses": 1},
        beside=(_no_store,),
    ),
    "console_decode": Rule(
        {"POST": at_store(ours_page(200, *COUNTER), *ELSEWHERE)}, args=_store, beside=(_no_store,)
    ),
    "console_coupons": Rule(
        {
            "GET": at_store(ours_page(200, *COUNTER), *ELSEWHERE),
            "POST": at_store(ours_page(409, *COUNTER), *ELSEWHERE),
        },
        args=_store,
        data=lambda w: {"campaign": w.campaign.pk, "reason": "thanks", "form_key": KEY},
        beside=(_no_store,),
    ),
    "console_stock": Rule(
        {"GET": at_store(ours_page(200, *COUNTER), *ELSEWHERE)}, args=_store, beside=(_no_store,)
    ),
    "console_stock_tell": Rule(
        {"POST": at_store(ours_page(GO, *COUNTER), *ELSEWHERE)},
        args=lambda w: {"store_id": w.mine.store.pk, "pk": w.mine.store.stock_levels.first().pk},
        data=lambda w: {"what": "receive", "number": "1", "form_key": KEY},
        beside=(
            lambda w: {"store_id": w.mine.store.pk, "pk": w.theirs.store.stock_levels.first().pk},
        ),
    ),
    "console_today": Rule(
        {"GET": at_store(ours_page(200, *COUNTER, "finance", "reader"), *ELSEWHERE)},
        args=_store,
        beside=(_no_store,),
    ),
    "console_day_file": Rule(
        {"GET": at_store(ours_page(200, *COUNTER, "reader"), *ELSEWHERE)},
        args=_store,
        beside=(_no_store,),
    ),
    "console_result": Rule(
        {"GET": at_store(ours_page(200, *COUNTER), *ELSEWHERE)},
        args=_redemption,
        beside=_mixed_redemptions,
    ),
    "console_undo": Rule(
        {
            "GET": at_store(ours_page(GO, *COUNTER), *ELSEWHERE),
            "POST": at_store(ours_page(GO, *COUNTER), *ELSEWHERE),
        },
        args=_redemption,
        beside=_mixed_redemptions,
    ),
}


def _link(w: World) -> dict[str, Any]:
    return {"token": w.invitation_token}


def _invitation(w: World) -> dict[str, Any]:
    return {"pk": w.invitation.pk}


def _code(w: World) -> dict[str, Any]:
    return {"pk": w.code.pk}


def _campaign(w: World) -> dict[str, Any]:
    return {"pk": w.campaign.pk}


def _promise() -> dict[str, Any]:
    """What a campaign of the API promises."""
    return {
        "name_en": "Quiet week",
        "begins_at": "2026-01-01T00:00:00Z",
        "ends_at": "2199-01-01T00:00:00Z",
        "benefit": {"kind": "amount", "amount_fen": 2000},
        "conditions": [{"kind": "minimum", "amount_fen": 10000}],
        "coupons": 10,
    }


def _one_line(w: World) -> list[dict[str, Any]]:
    return [{"offer": w.mine.product.offers.earliest("id").pk, "quantity": 1}]


def _device(w: World) -> dict[str, Any]:
    return {"pk": w.device.pk}


STAFF: dict[str, Rule] = {
    # Whoever has the secret link may say no; a yes needs an account (tests/stores).
    "invitation": Rule(
        {"GET": page(), "POST": page(GO)},
        args=_link,
        data=lambda w: {"answer": "no", "sure": "yes"},
        beside=(lambda w: {"token": "no-such-token"},),
    ),
}

API: dict[str, Rule] = {
    "api_invitations": Rule(
        {
            "GET": worker(200, *SEES_STAFF, "other_owner", "suspended_owner"),
            "POST": ours(201, *RUN, "operator"),
        },
        data=lambda w: {
            "merchant": w.mine.merchant.slug,
            "email": "somebody@example.com",
            "role": "clerk",
            "stores": [w.mine.store.pk],
        },
    ),
    "api_invitation_resend": Rule(
        {"POST": ours(200, *RUN, "operator")},
        args=_invitation,
        beside=(_no_voucher,),
    ),
    # The invitation of the world is mailed: it has no link to make anew.
    "api_invitation_link": Rule(
        {"POST": ours(400, *SEES_STAFF)}, args=_invitation, beside=(_no_voucher,)
    ),
    "api_invitation_revoke": Rule(
        {"POST": ours(204, *RUN, "operator")},
        args=_invitation,
        beside=(_no_voucher,),
    ),
    "api_invitation_read": Rule({"POST": page()}, data=_link),
    # The only owner does not become a clerk by a yes.
    "api_invitation_accept": Rule({"POST": bearers(204) | {"owner": 409}}, data=_link),
    "api_invitation_decline": Rule({"POST": page(204)}, data=_link),
    "api_staff": Rule({"GET": worker(200, *SEES_STAFF, "other_owner", "suspended_owner")}),
    "api_store_groups": Rule(
        {
            "GET": worker(200, *SEES_STAFF, "desk_finance", "other_owner", "suspended_owner"),
            "POST": ours(201, *RUN, "operator"),
        },
        data=lambda w: {
            "merchant": w.mine.merchant.slug,
            "name": "North",
            "stores": [w.mine.store.pk],
        },
    ),
    "api_store_group": Rule(
        {
            "GET": ours(200, *SEES_STAFF, "desk_finance"),
            "PATCH": ours(200, *RUN, "operator"),
            "DELETE": ours(204, *RUN, "operator"),
        },
        args=lambda w: {"pk": w.mine.merchant.store_groups.get().pk},
        data=lambda w: {"name": "South side"},
        beside=(_no_voucher,),
    ),
    "api_review_reply": Rule(
        {
            "PUT": at_store(ours(200, *RUN, "operator"), "local_manager"),
            "DELETE": at_store(ours(204, *RUN, "operator"), "local_manager"),
        },
        args=lambda w: {"pk": w.mine.review.pk},
        data=lambda w: {"text": "Thank you."},
        beside=(_no_voucher,),
    ),
    "api_staff_member": Rule(
        {
            "PATCH": ours(200, *RUN, "operator"),
            "DELETE": ours(204, *RUN, "operator"),
        },
        args=lambda w: {"pk": w.people["clerk"].memberships.get(merchant=w.mine.merchant).pk},
        data=lambda w: {"role": "manager", "limited": True},
        beside=(_no_voucher,),
    ),
    "api_office_campaigns": Rule(
        {
            "GET": worker(200, *SEES_CAMPAIGNS, *EMPLOYED_ELSEWHERE),
            "POST": ours(201, *RUN, "operator"),
        },
        data=lambda w: _promise() | {"merchant": w.mine.merchant.pk},
    ),
    "api_campaign_templates": Rule(
        {"GET": ours(200, *RUN, "operator")}, query=lambda w: f"merchant={w.mine.merchant.pk}"
    ),
    "api_office_campaign": Rule(
        {"GET": ours(200, *SEES_CAMPAIGNS)}, args=_campaign, beside=(_no_voucher,)
    ),
    "api_office_campaign_plan": Rule(
        {"PUT": ours(200, *RUN, "operator")},
        args=_campaign,
        data=lambda w: {"stop_uses": 40},
        beside=(_no_voucher,),
    ),
    # The campaign of the world runs.
    "api_office_campaign_start": Rule(
        {"POST": ours(409, *RUN, "operator")}, args=_campaign, beside=(_no_voucher,)
    ),
    "api_office_campaign_pause": Rule(
        {"POST": ours(200, *RUN, "operator")}, args=_campaign, beside=(_no_voucher,)
    ),
    "api_office_campaign_end": Rule(
        {"POST": ours(200, *RUN, "operator")}, args=_campaign, beside=(_no_voucher,)
    ),
    "api_office_campaign_copy": Rule(
        {"POST": ours(201, *RUN, "operator")}, args=_campaign, beside=(_no_voucher,)
    ),
    "api_campaign_trials": Rule(
        {"POST": ours(200, *SEES_CAMPAIGNS)},
        args=_campaign,
        data=lambda w: {"lines": _one_line(w)},
        beside=(_no_voucher,),
    ),
    "api_draft_trials": Rule(
        {"POST": ours(200, *RUN, "operator")},
        data=lambda w: {
            "merchant": w.mine.merchant.pk,
            "lines": _one_line(w),
            "campaign": _promise(),
        },
    ),
    "api_statements": Rule({"GET": worker(200, *SEES_MONEY, "other_owner", "suspended_owner")}),
    "api_statement": Rule(
        {"GET": ours(200, *SEES_MONEY)},
        args=lambda w: {"pk": w.mine.merchant.statements.latest("pk").pk},
        beside=(_no_voucher,),
    ),
    "api_statement_sheet": Rule(
        {"GET": ours(200, *SEES_MONEY)},
        args=lambda w: {"pk": w.mine.merchant.statements.latest("pk").pk},
        beside=(_no_voucher,),
    ),
    # The world's statement is paid out: who may not pay out is told of no statement.
    "api_statement_payout": Rule(
        {"POST": ours(409, *ASKS)},
        args=lambda w: {"pk": w.mine.merchant.statements.latest("pk").pk},
        data=lambda w: {"bank_reference": "BOC-77"},
        beside=(_no_voucher,),
    ),
    "api_devices": Rule(
        {
            "GET": worker(200, *RUN, "local_manager", "other_owner", "suspended_owner", "operator"),
            "POST": page(404),
        },
        data=lambda w: {"code": "00000000"},
    ),
    "api_codes": Rule(
        {
            "GET": worker(200, *SEES_CODES, "local_manager", *EMPLOYED_ELSEWHERE),
            "POST": ours(201, *RUN, "operator"),
        },
        data=lambda w: {"merchant": w.mine.merchant.pk, "kind": "link", "name": "Newsletter"},
    ),
    "api_code": Rule(
        {
            "GET": at_store(ours(200, *SEES_CODES), "local_manager"),
            "PUT": at_store(ours(200, *RUN, "operator"), "local_manager"),
        },
        args=_code,
        data=lambda w: {"name": "Renamed"},
        beside=(_no_voucher,),
    ),
    "api_code_close": Rule(
        {"POST": at_store(ours(200, *RUN, "operator"), "local_manager")},
        args=_code,
        beside=(_no_voucher,),
    ),
    "api_code_sheet": Rule(
        {"GET": at_store(ours(200, *SEES_CODES), "local_manager")},
        args=_code,
        beside=(_no_voucher,),
    ),
    "api_code_figures": Rule(
        {"GET": at_store(ours(200, *SEES_CODES), "local_manager")},
        args=_code,
        beside=(_no_voucher,),
    ),
    "api_funnel": Rule(
        {"GET": ours(200, *SEES_CODES)}, query=lambda w: f"merchant={w.mine.merchant.pk}"
    ),
    "api_results": Rule(
        {"GET": ours(200, *SEES_RESULTS)}, query=lambda w: f"merchant={w.mine.merchant.pk}"
    ),
    "api_result_orders": Rule(
        {"GET": ours(200, *SEES_RESULTS)},
        query=lambda w: f"merchant={w.mine.merchant.pk}",
        shown_to=frozenset({"customer", *SEES_RESULTS}),  # numbers of orders, as the list of sales
    ),
    "api_channel_plans": Rule(
        {
            "GET": worker(200, *SEES_RESULTS, *EMPLOYED_ELSEWHERE),
            "POST": ours(201, *ENTERS_COSTS),
        },
        data=_plan_body,
    ),
    "api_channel_plan": Rule(
        {
            "GET": ours(200, *SEES_RESULTS),
            "PUT": ours(200, *ENTERS_COSTS),
            "DELETE": ours(204, *ENTERS_COSTS),
        },
        args=lambda w: {"pk": w.plan.pk},
        data=_plan_body,
        beside=(_no_voucher,),
    ),
    "api_campaign_codes": Rule(
        {"POST": ours(201, *RUN, "operator")},
        args=lambda w: {"pk": w.campaign.pk},
        data=lambda w: {"name": "City paper", "channel": "article"},
        beside=(_no_voucher,),
    ),
    "api_device_codes": Rule(
        {"POST": at_store(ours(201, *RUN, "operator"), "local_manager")},
        data=lambda w: {"store": w.mine.store.pk, "name": "Till 2"},
    ),
    "api_device_code": Rule(
        {"POST": at_store(ours(200, *RUN, "operator"), "local_manager")},
        args=_device,
        beside=(_no_voucher,),
    ),
    "api_device_revoke": Rule(
        {"POST": at_store(ours(200, *RUN, "operator"), "local_manager")},
        args=_device,
        beside=(_no_voucher,),
    ),
    "api_approvals": Rule(
        {
            "GET": worker(200, *ASKS),
            "POST": worker(201, *ASKS),
        },
        data=lambda w: {
            "kind": "commission",
            "payload": {"merchant": str(w.theirs.merchant.pk), "to": "0.08"},
        },
    ),
    # Whoever asked is not the second person, and may only withdraw it.
    "api_approval_agree": Rule(
        {"POST": desk(200, "operator")},
        args=lambda w: {"pk": w.approval.pk},
        data=lambda w: {"digest": w.approval.digest},
        beside=(_no_voucher,),
    ),
    "api_approval_withdraw": Rule(
        {"POST": desk(200, "desk_finance")},
        args=lambda w: {"pk": w.approval.pk},
        beside=(_no_voucher,),
    ),
    "api_approval_reject": Rule(
        {"POST": desk(200, *ASKS)},
        args=lambda w: {"pk": w.approval.pk},
        beside=(_no_voucher,),
    ),
    "api_store_list": Rule({"GET": page()}),
    "api_store_detail": Rule(
        {"GET": page()},
        args=lambda w: {"pk": w.mine.store.pk},
        beside=(lambda w: {"pk": w.hidden_store.pk}, _no_voucher),
    ),
    "api_occasions": Rule({"GET": page()}),
    "api_product_list": Rule({"GET": page()}),
    "api_product_detail": Rule(
        {"GET": page()},
        args=lambda w: {"pk": w.mine.product.pk},
        beside=(lambda w: {"pk": w.draft.pk}, _no_voucher),
    ),
    "api_product_stores": Rule(
        {"GET": page()},
        args=lambda w: {"pk": w.mine.product.pk},
        beside=(lambda w: {"pk": w.draft.pk}, _no_voucher),
    ),
    "api_product_reviews": Rule(
        {"GET": page()},
        args=lambda w: {"pk": w.mine.product.pk},
        beside=(lambda w: {"pk": w.draft.pk}, _no_voucher),
    ),
    "api_store_reviews": Rule(
        {"GET": page()},
        args=lambda w: {"pk": w.mine.store.pk},
        beside=(lambda w: {"pk": w.hidden_store.pk}, _no_voucher),
    ),
    "api_product_campaigns": Rule(
        {"GET": page()},
        args=lambda w: {"pk": w.mine.product.pk},
        beside=(lambda w: {"pk": w.draft.pk}, _no_voucher),
    ),
    "api_store_campaigns": Rule(
        {"GET": page()},
        args=lambda w: {"pk": w.mine.store.pk},
        beside=(lambda w: {"pk": w.hidden_store.pk}, _no_voucher),
    ),
    "api_campaigns": Rule({"GET": page()}),
    "api_coupons": Rule(
        {"GET": bearers(), "POST": bearers(404)}, data=lambda w: {"code": "7K2M-9QX4"}
    ),
    "api_campaign_coupons": Rule(
        {"POST": bearers(201)},
        args=lambda w: {"pk": w.campaign.pk},
        beside=(_no_voucher,),
    ),
    "api_sale": Rule(
        {"GET": page()},
        args=lambda w: {"pk": w.sale.pk},
        beside=(_no_voucher,),
    ),
    "api_sale_place": Rule(
        {"POST": bearers(200), "GET": bearers(), "DELETE": bearers(204)},
        args=lambda w: {"pk": w.sale.pk},
        beside=(_no_voucher,),
    ),
    "api_reviews": Rule(
        {"POST": bearer(201, "customer")},
        data=lambda w: {"voucher": w.mine.used.pk, "rating": 4, "text": "Good."},
    ),
    "api_login": Rule(
        {"POST": page(401)}, data=lambda w: {"identifier": "nobody@example.com", "password": "x"}
    ),
    "api_logout": Rule({"POST": bearers(204)}),
    "api_email": Rule(
        {"POST": bearers(400)}, data=lambda w: {"email": "new@example.com", "password": "x"}
    ),
    "api_keys_list": Rule(
        {"GET": bearers(), "POST": bearers(201)},
        data=lambda w: {"name": "Till", "scopes": ["catalog:read"]},
    ),
    "api_key": Rule({"DELETE": bearers(404)}, args=lambda w: {"pk": 10**9}),
    "api_messages": Rule({"GET": bearers()}),
    "api_messages_read": Rule({"POST": bearers()}),
    "api_message_preferences": Rule(
        {"GET": bearers(), "PATCH": bearer(200, *EMPLOYED)},
        data=lambda w: {
            "merchant": w.mine.merchant.pk,
            "news": [],
        },
    ),
    "api_email_confirm": Rule({"POST": page(410)}, data=lambda w: {"token": "not-ours"}),
    "api_orders": Rule(
        {"GET": bearers(), "POST": bearers(201)},
        data=lambda w: {"lines": [{"offer": w.mine.product.offers.first().pk, "quantity": 1}]},
    ),
    "api_quotes": Rule(
        {"POST": page()},
        data=lambda w: {"lines": [{"offer": w.mine.product.offers.first().pk, "quantity": 1}]},
    ),
    "api_order": Rule({"GET": bearer(200, "customer")}, args=_order, beside=(_no_order,)),
    "api_order_cancel": Rule({"POST": bearer(200, "customer")}, args=_order, beside=(_no_order,)),
    "api_order_payments": Rule(
        {"POST": bearer(201, "customer")},
        args=_order,
        data=lambda w: {"gateway": "sandbox"},
        beside=(_no_order,),
    ),
    "api_vouchers": Rule({"GET": bearers()}),
    "api_voucher": Rule({"GET": bearer(200, "customer")}, args=_voucher, beside=(_no_voucher,)),
    "api_voucher_qr": Rule(
        {"GET": bearer(200, "customer")},
        args=lambda w: {"pk": w.mine.fresh.pk, "form": "png"},
        beside=(lambda w: {"pk": 10**9, "form": "svg"},),
    ),
    "api_voucher_refund": Rule(
        {"GET": bearer(200, "customer"), "POST": bearer(200, "customer")},
        args=_voucher,
        beside=(_no_voucher,),
    ),
    "api_grants": Rule(
        {
            "GET": worker(200, *SEES_STAFF, "other_owner", "suspended_owner"),
            "POST": ours(201, *RUN, "operator"),
        },
        data=lambda w: {
            "merchant": w.mine.merchant.slug,
            "person": w.people["customer"].email,
            "title_en": "A dessert",
            "valid_until": (now() + dt.timedelta(days=30)).date().isoformat(),
            "reason": "thanks",
        },
    ),
    # The world's campaign is one that guests claim themselves: who may give reads so.
    "api_coupon_grants": Rule(
        {"POST": ours(409, *RUN, "operator")},
        data=lambda w: {"campaign": w.campaign.pk, "reason": "thanks"},
    ),
    "api_coupon_codes": Rule(
        {"GET": ours(200, *RUN, "operator")},
        args=lambda w: {"pk": w.campaign.pk},
        beside=(_no_voucher,),
    ),
    "api_coupon_revocations": Rule(
        {"POST": ours(201, *RUN, "operator")},
        data=lambda w: {"number": w.coupon.number, "reason": "A mistake."},
    ),
    "api_grant": Rule(
        {"GET": ours(200, *SEES_STAFF)}, args=lambda w: {"pk": w.gift.pk}, beside=(_no_voucher,)
    ),
    "api_redemption_returns": Rule(
        {"POST": at_store(ours(201, *RUN, "operator", "support"), "local_manager")},
        args=lambda w: {"pk": w.mine.redemption.pk},
        data=lambda w: {"uses": 1},
        beside=(_no_voucher,),
    ),
    "api_stock": Rule(
        {"GET": ours(200, *COUNTS, "reader", "support", "risk", "operator")},
        query=lambda w: f"merchant={w.mine.merchant.slug}",
    ),
    "api_stock_movements": Rule(
        {"POST": ours(200, *COUNTS, "operator")},
        data=lambda w: {
            "merchant": w.mine.merchant.slug,
            "lines": [{"key": "a", "variant": 1, "store": 1, "reason": "received", "delta": 1}],
        },
    ),
    "api_stock_counts": Rule(
        {"POST": ours(200, *COUNTS, "operator")},
        data=lambda w: {
            "merchant": w.mine.merchant.slug,
            "store": w.mine.store.pk,
            "lines": [{"key": "b", "variant": 1, "counted": 1}],
        },
    ),
    # Nothing is counted by store there: whoever may send it is told so.
    "api_stock_transfers": Rule(
        {"POST": at_store(ours(409, *RUN, "operator"), "local_manager")},
        data=lambda w: {
            "merchant": w.mine.merchant.slug,
            "variant": w.mine.product.variants.get().pk,
            "from_store": w.mine.store.pk,
            "to_store": w.second_store.pk,
            "quantity": 1,
        },
    ),
    "api_grant_revoke": Rule(
        {"POST": ours(200, *RUN, "operator")},
        args=lambda w: {"pk": w.gift.pk},
        beside=(_no_voucher,),
    ),
    "api_console_previews": Rule({"POST": at_store(ours(200, *COUNTER), *ELSEWHERE)}, data=_scan),
    "api_console_day": Rule(
        {"GET": at_store(ours(200, *COUNTER, "finance", "reader"), *ELSEWHERE)},
        query=lambda w: f"store={w.mine.store.pk}",
    ),
    "api_console_sales": Rule(
        {"GET": at_store(ours(200, *RUN, "finance", "reader"), *ELSEWHERE)},
        query=lambda w: f"store={w.mine.store.pk}",
    ),
    "api_console_redemptions": Rule(
        {
            "GET": at_store(ours(200, *COUNTER), *ELSEWHERE),
            "POST": at_store(ours(201, *COUNTER), *ELSEWHERE),
        },
        data=_scan,
        query=lambda w: f"store={w.mine.store.pk}",
    ),
    "api_console_undo": Rule(
        {"POST": at_store(ours(200, *COUNTER), *ELSEWHERE)},
        args=lambda w: {"pk": w.mine.redemption.pk},
        beside=(_no_voucher,),
    ),
}

RULES = HOME | MEMBERS | BUYING | WALLET | CONSOLE | STAFF | API
