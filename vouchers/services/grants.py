"""Gifts: vouchers that are given and not sold. No money moves with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext

from catalog.models import Product
from kernel.bounds import read_zone
from kernel.clock import end_of_day, now
from kernel.errors import InvalidInput
from kernel.http.limits import hit
from kernel.outbox.services import publish
from kernel.plaintext import clean_text
from members.models import User
from stores.access import access_row, merchants_for, refuse_unless_trading, refuse_without
from stores.models import Merchant, Store
from stores.rights import Right
from stores.services.staff import lock_merchant
from vouchers.errors import GrantLimit, GrantUsed
from vouchers.explain import TermLine, explain
from vouchers.kinds import kind_of_product
from vouchers.models import BY_HAND, Grant, Redemption, Voucher, VoucherTerms
from vouchers.outcome import with_returned
from vouchers.services.issue import insert_with_codes
from vouchers.services.terms import Gift, freeze_gift, gift_terms
from vouchers.services.validity import last_end, zones_by_merchant

A_DAY, TO_ONE_PERSON_A_DAY = 50, 3
"""Gifts of one merchant within 24 hours, and of one merchant to one person."""
UNKNOWN_A_DAY = 30
"""Addresses without an account that one person may try: nobody finds out who is a member."""
MOST_USES, MOST_DAYS = 50, 365
MAX_TITLE, MAX_NOTE = 160, 500
DAY = dt.timedelta(days=1)
DAY_SECONDS = 24 * 60 * 60


class GrantAsked(NamedTuple):
    """What is given: a ``product`` of the merchant, or something in words of one's own.

    ``person`` is the e-mail or phone number of an account; ``valid_until`` the last day, in the
    time of the merchant's stores; ``stores`` where it can be used, none for every store (a
    product brings its own). ``note`` is read by the business and the operator alone.
    """

    person: str
    reason: str
    valid_until: dt.date
    uses: int = 1
    product: Product | None = None
    title_en: str = ""
    title_zh: str = ""
    stores: Sequence[Store] = ()
    note: str = ""


def grants_of(user: Any, right: Right = Right.SEE_VOUCHERS) -> QuerySet[Grant]:
    """The gifts that people gave for the merchants for which ``user`` holds ``right``."""
    rows = Grant.objects.select_related("merchant", "recipient", "issuer", "revoked_by")
    return rows.filter(merchant__in=merchants_for(user, right), issuer__isnull=False)


class GrantUse(NamedTuple):
    """One redemption of a gift as its giver sees it."""

    redemption: int
    store: str
    uses: int
    occurred_at: dt.datetime
    zone: str
    undone: bool


def with_uses(rows: QuerySet[Grant]) -> QuerySet[Grant]:
    """The gifts with their vouchers, what became of these, and each redemption; three queries more."""
    redemptions = Redemption.objects.select_related("store").order_by("occurred_at", "id")
    vouchers = with_returned(Voucher.objects.select_related("terms"))
    told = vouchers.prefetch_related(Prefetch("redemptions", redemptions))
    return rows.prefetch_related(Prefetch("vouchers", told))


def uses_of(voucher: Voucher) -> list[GrantUse]:
    """When and where a gift (of `with_uses`) was redeemed, the oldest first; undone ones too."""
    return [
        GrantUse(
            row.pk,
            row.store.name,
            row.uses,
            row.occurred_at,
            row.store.time_zone,
            bool(row.undone_at),
        )
        for row in voucher.redemptions.all()
    ]


def check_grant(*, merchant: Merchant, issuer: Any, asked: GrantAsked) -> User:
    """Return the guest who is meant, when ``issuer`` may give this; writes nothing.

    Raises NotFound (without Right.GIVE_VOUCHERS for the merchant), NotTrading, InvalidInput, TooManyAttempts
    after UNKNOWN_A_DAY addresses that belong to nobody.
    """
    return _check(merchant, issuer, asked, zone_of(merchant))


class Preview(NamedTuple):
    """What a gift would be: for whom, as it was typed, what it says, and its terms in sentences.

    Not the guest's name: it would tell who has which address before anything is given.
    """

    guest: str
    title: str
    lines: list[TermLine]


def preview_grant(*, merchant: Merchant, issuer: Any, asked: GrantAsked) -> Preview:
    """What the guest would get, in the reader's language; writes nothing. Errors as check_grant."""
    zone = zone_of(merchant)
    _check(merchant, issuer, asked, zone)
    terms = gift_terms(_gift(asked, _today(zone)))
    lines = explain(terms, last_day=asked.valid_until, zone=read_zone(zone))
    return Preview(clean_text(asked.person), terms.title, lines)


def grant_voucher(
    *, merchant: Merchant, issuer: Any, asked: GrantAsked, held_for: str = ""
) -> Voucher:
    """Give a voucher: usable at once, or held until ``held_for`` (Voucher.Wait) has happened.

    Costs nothing, takes no stock, has no order and no payment, moves no money when it is redeemed
    or expires. Locks the merchant, so that the limits count every gift. Writes the grant, the
    voucher, outbox "voucher.granted" {voucher_id}. Errors as check_grant, and GrantLimit.
    """
    zone = zone_of(merchant)
    recipient = _check(merchant, issuer, asked, zone)
    with transaction.atomic():
        lock_merchant(merchant)
        _refuse_beyond_limits(merchant, recipient)
        grant = Grant.objects.create(
            merchant=merchant,
            recipient=recipient,
            issuer=issuer,
            reason=asked.reason,
            note=clean_text(asked.note),
        )
        voucher = _issue(grant, asked, held_for, zone)
        publish("voucher.granted", voucher_id=voucher.pk)
    return voucher


def why_kept(grant: Grant, vouchers: Iterable[Voucher] | None = None) -> str:
    """Why the gift cannot be taken back now, in a sentence; "" where nothing of it was used.

    ``vouchers``: the gift's own, where they are at hand or locked.
    """
    for voucher in grant.vouchers.all() if vouchers is None else vouchers:
        if voucher.state == Voucher.State.REVOKED:
            return gettext("It was taken back already.")
        if voucher.uses_used:
            return gettext("It stays with the guest: %(used)d of %(total)d was used.") % {
                "used": voucher.uses_used,
                "total": voucher.uses_total,
            }
        if voucher.state not in Voucher.OPEN or voucher.valid_until <= now():
            return gettext("It can't be used any more.")
    return ""


def revoke_grant(*, grant_id: int, by: Any) -> Grant:
    """Take a gift back of which nothing was used. ``by`` may give its vouchers.

    Locks its vouchers and judges them by `why_kept`. Writes: held or active → revoked, the grant's
    end, outbox "voucher.revoked" {voucher_id}. Raises NotFound, NotTrading, GrantUsed.
    """
    rows = grants_of(by, Right.GIVE_VOUCHERS)
    grant = access_row(rows, user=by, right=Right.GIVE_VOUCHERS, pk=grant_id)
    refuse_unless_trading(merchant_id=grant.merchant_id, by=by)
    with transaction.atomic():
        locked = grant.vouchers.select_for_update(of=("self",), no_key=True).order_by("pk")
        vouchers = list(locked)
        if why_kept(grant, vouchers):
            raise GrantUsed
        for voucher in vouchers:
            Voucher.objects.filter(pk=voucher.pk).update(state=Voucher.State.REVOKED)
            publish("voucher.revoked", voucher_id=voucher.pk)
        grant.revoked_at, grant.revoked_by = now(), by
        grant.save(update_fields=["revoked_at", "revoked_by"])
    return grant


def _check(merchant: Merchant, issuer: Any, asked: GrantAsked, zone: str) -> User:
    refuse_without(user=issuer, right=Right.GIVE_VOUCHERS, merchant_id=merchant.pk)
    refuse_unless_trading(merchant_id=merchant.pk, by=issuer)
    if problems := _problems(merchant, asked, _today(zone)):
        raise InvalidInput(fields=problems)
    return find_guest(asked.person, issuer)


def _problems(merchant: Merchant, asked: GrantAsked, today: dt.date) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    titles = (clean_text(asked.title_en), clean_text(asked.title_zh))
    if asked.product is None and not any(titles):
        problems["title_en"] = [
            gettext("Choose a product, or say in your own words what you give.")
        ]
    if asked.product is not None and any(titles):
        problems["title_en"] = [gettext("Choose a product or use your own words, not both.")]
    if max(map(len, titles)) > MAX_TITLE:
        problems["title_en"] = [gettext("Use %(most)d letters at most.") % {"most": MAX_TITLE}]
    if asked.product is not None and asked.product.merchant_id != merchant.pk:
        problems["product"] = [gettext("Choose a product of this business.")]
    if any(store.merchant_id != merchant.pk for store in asked.stores):
        problems["stores"] = [gettext("Choose stores of this business only.")]
    if asked.product is not None and asked.stores:
        text = gettext("Leave this empty: a product can be used at the stores it is sold for.")
        problems["stores"] = [text]
    if asked.reason not in dict(BY_HAND):
        problems["reason"] = [gettext("Choose a reason.")]
    if len(asked.note) > MAX_NOTE:
        problems["note"] = [gettext("Use %(most)d letters at most.") % {"most": MAX_NOTE}]
    if not 1 <= asked.uses <= MOST_USES:
        problems["uses"] = [gettext("Give between 1 and %(most)d uses.") % {"most": MOST_USES}]
    if not today <= asked.valid_until <= today + MOST_DAYS * DAY:
        text = gettext("Choose a last day between today and %(days)d days from now.")
        problems["valid_until"] = [text % {"days": MOST_DAYS}]
    return problems


def find_guest(text: str, issuer: Any) -> User:
    """Whose account has this e-mail or phone number: whom somebody of a business gives something.

    Raises InvalidInput for nobody's, TooManyAttempts after UNKNOWN_A_DAY of these.
    """
    # Counted before it is looked at, so that the limit itself tells nobody anything.
    guess = hit("grant-person", str(issuer.pk), limit=UNKNOWN_A_DAY, period_seconds=DAY_SECONDS)
    user = User.objects.signing_in_with(text.strip()) if text.strip() else None
    if user is None or not user.is_active:
        said = gettext(
            "No guest signs in with this address. Ask which e-mail or phone number they use here."
        )
        raise InvalidInput(fields={"person": [said]})
    guess.give_back()
    return user


def _refuse_beyond_limits(merchant: Merchant, recipient: User) -> None:
    given = Grant.objects.filter(merchant=merchant, issuer__isnull=False)
    lately = given.filter(created_at__gt=now() - DAY)
    if lately.filter(recipient=recipient).count() >= TO_ONE_PERSON_A_DAY:
        text = gettext(
            "This guest has been given %(most)d gifts of this business within a day. "
            "Nothing was given; go on tomorrow."
        )
        raise GrantLimit(text % {"most": TO_ONE_PERSON_A_DAY}, limit="person")
    if lately.count() >= A_DAY:
        text = gettext(
            "This business has given %(most)d gifts within a day. Nothing was given; "
            "go on tomorrow, or ask the platform."
        )
        raise GrantLimit(text % {"most": A_DAY}, limit="merchant")


def _issue(grant: Grant, asked: GrantAsked, held_for: str, zone: str) -> Voucher:
    terms = _terms(asked, _today(zone))
    return insert_gift(
        grant=grant,
        product=asked.product,
        terms=terms,
        uses=asked.uses,
        valid_until=end_of_day(asked.valid_until, read_zone(zone)),
        zone=zone,
        held_for=held_for,
    )


def insert_gift(
    *,
    grant: Grant,
    product: Product | None,
    terms: VoucherTerms,
    uses: int,
    valid_until: dt.datetime,
    zone: str,
    held_for: str = "",
) -> Voucher:
    """The voucher of a grant, written: it costs nothing and takes no stock; held where it waits for something."""
    voucher = Voucher(
        kind=kind_of_product(terms.body["kind"]).code,
        owner_id=grant.recipient_id,
        merchant_id=grant.merchant_id,
        grant=grant,
        product=product,
        units=0,
        terms=terms,
        paid_fen=0,
        value_fen=0,
        received_fen=0,
        commission_rate=0,
        commission_fixed_fen=0,
        referral_fen=0,
        uses_total=uses,
        state=Voucher.State.HELD if held_for else Voucher.State.ACTIVE,
        held_for=held_for,
        valid_until=valid_until,
        time_zone=zone,
    )
    insert_with_codes([voucher])
    return voucher


def _terms(asked: GrantAsked, today: dt.date) -> VoucherTerms:
    return freeze_gift(_gift(asked, today))


def _gift(asked: GrantAsked, today: dt.date) -> Gift:
    return Gift(
        product=asked.product,
        title_en=clean_text(asked.title_en),
        title_zh=clean_text(asked.title_zh),
        uses=asked.uses,
        days=max(1, (asked.valid_until - today).days),
        store_ids=sorted({store.pk for store in asked.stores}),
    )


def _today(zone: str) -> dt.date:
    return now().astimezone(read_zone(zone)).date()


def zone_of(merchant: Merchant) -> str:
    """The zone of the merchant's stores whose day ends last."""
    day = now().date()
    zones = zones_by_merchant({merchant.pk}).get(merchant.pk, set())
    return last_end(zones, lambda _zone: day)[1]
