"""What the owner of a voucher is told (o2o/reactions.py lists it). Each is sent once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import ngettext

from kernel.facts.services import About, Kind, record
from kernel.facts.traces import NOBODY
from messages.audience import may_be_heard
from messages.models import Notification
from messages.services.notify import notify, tell_business, tell_stores
from payments.models import Refund
from stores.models import Store
from vouchers.components import unused_fen
from vouchers.handover import collected_at
from vouchers.messages import REFUNDS_HERE
from vouchers.models import Redemption, Voucher
from vouchers.services.refund import pays_back_on_expiry
from vouchers.terms import terms_of

AT_COUNTER = NOBODY._replace(channel="counter")


def tell_owner_redeemed(*, redemption_id: int, **_: Any) -> None:
    """Handler of "voucher.redeemed": where and when, and of a times card what is left."""
    redemption = _redemption(redemption_id)
    if redemption is None or redemption.undone_at is not None:
        return
    voucher = redemption.voucher
    # As it was after this redemption, however late the message and whatever came since.
    uses_left = voucher.uses_total - redemption.first_use - redemption.uses
    notify(
        user_id=voucher.owner_id,
        kind=_redeemed_kind(voucher, uses_left),
        params={
            **title_of(voucher),
            **store_of(redemption),
            "redeemed_at": redemption.occurred_at.isoformat(),
            "zone": redemption.store.time_zone,
            "uses": redemption.uses,
            **_uses_of(voucher, uses_left),
        },
        link=reverse("voucher_detail", args=[voucher.pk]),
        dedupe_key=f"voucher_redeemed:{redemption.pk}",
    )


def follow_redemption(*, redemption_id: int, **_: Any) -> None:
    """Handler of "voucher.redeemed": count the visit, tell those of the store who want to hear it.

    But for who did it, and of an undone one nobody. The fact is written here and not by the counter,
    which would wait for it: its key and its moment are the redemption's, however late this runs.
    """
    redemption = _redemption(redemption_id)
    if redemption is None:
        return
    record(Kind.REDEEMED, [_came(redemption)], trace=AT_COUNTER, at=redemption.redeemed_at)
    if redemption.undone_at is not None:
        return
    tell_business(
        kind="redeemed_here",
        merchant_id=redemption.merchant_id,
        store_id=redemption.store_id,
        params={
            **title_of(redemption.voucher),
            **store_of(redemption),
            "clerk": redemption.staff.display_name,
            "redeemed_at": redemption.occurred_at.isoformat(),
            "zone": redemption.store.time_zone,
        },
        link=reverse("admin:vouchers_redemption_change", args=[redemption.pk]),
        dedupe_key=f"redeemed_here:{redemption.pk}",
        but=redemption.staff_id,
    )


def tell_owner_undone(*, redemption_id: int, **_: Any) -> None:
    """Handler of "redemption.undone"."""
    redemption = _redemption(redemption_id)
    if redemption is None:
        return
    notify(
        user_id=redemption.voucher.owner_id,
        kind="redemption_undone",
        params={
            **title_of(redemption.voucher),
            **store_of(redemption),
            **_uses_of(redemption.voucher, redemption.voucher.uses_left),
        },
        link=reverse("voucher_detail", args=[redemption.voucher_id]),
        dedupe_key=f"redemption_undone:{redemption.pk}",
    )


def tell_owner_expired(*, voucher_id: int, **_: Any) -> None:
    """Handler of "voucher.expired": the money comes back, or by the terms it does not."""
    voucher = Voucher.objects.select_related("terms").filter(pk=voucher_id).first()
    if voucher is None:
        return
    parts = list(
        voucher.refund_parts.filter(refund__reason=Refund.Reason.EXPIRED).select_related("refund")
    )
    lapsed = "gift_lapsed" if voucher.is_gift else "voucher_lapsed"
    notify(
        user_id=voucher.owner_id,
        kind="voucher_expired" if parts else lapsed,
        params={
            **title_of(voucher),
            "amount_fen": sum(part.amount_fen for part in parts),
            "refund": ", ".join(sorted({part.refund.number for part in parts})),
        },
        link=reverse("voucher_detail", args=[voucher.pk]),
        dedupe_key=f"voucher_expired:{voucher.pk}",
    )


def tell_owner_granted(*, voucher_id: int, **_: Any) -> None:
    """Handler of "voucher.granted": who gives what, and until when."""
    _tell_of_voucher(voucher_id, "voucher_granted")


def tell_owner_opened(*, voucher_id: int, **_: Any) -> None:
    """Handler of "voucher.opened": what it waited for has happened."""
    _tell_of_voucher(voucher_id, "voucher_opened")


def tell_owner_revoked(*, voucher_id: int, **_: Any) -> None:
    """Handler of "voucher.revoked": the business has taken its gift back."""
    _tell_of_voucher(voucher_id, "voucher_revoked")


def tell_owner_refund_requested(*, refund_id: int, **_: Any) -> None:
    """Handler of "refund.requested": an answer at once, for gateways take days.

    For refunds the customer asked for; expiry and after-sales send their own messages. Nobody
    is told that money is on its way who was told already that it is back.
    """
    if Notification.objects.filter(dedupe_key=f"refund_succeeded:{refund_id}").exists():
        return
    _tell_of_refund(refund_id, "refund_requested", only=Refund.Reason.UNUSED)


def tell_payer_refunded(*, refund_id: int, **_: Any) -> None:
    """Handler of "refund.succeeded": the money of a voucher is back. Late payments: orders.reactions."""
    _tell_of_refund(refund_id, "refund_succeeded")


def tell_business_refunded(*, refund_id: int, **_: Any) -> None:
    """Handler of "refund.succeeded": each merchant whose voucher a guest sent back, and its stores.

    Not of what expired: that comes by the hundred every night, and was never going to be served.
    """
    refund = Refund.objects.filter(pk=refund_id).exclude(reason=Refund.Reason.EXPIRED).first()
    if refund is None:
        return
    parts = refund.parts.select_related("voucher__terms").order_by("voucher")
    sold: dict[int, dict[int, Voucher]] = {}
    amounts: Counter[int] = Counter()
    for part in parts:
        sold.setdefault(part.voucher.merchant_id, {})[part.voucher_id] = part.voucher
        amounts[part.voucher.merchant_id] += part.amount_fen
    for merchant_id, vouchers in sold.items():
        first = next(iter(vouchers.values()))
        tell_business(
            kind="sale_refunded",
            merchant_id=merchant_id,
            params={
                **titles_of(list(vouchers.values())),
                "amount_fen": amounts[merchant_id],
                "refund": refund.number,
                "number": first.order_number,
            },
            link=reverse("admin:vouchers_voucher_change", args=[first.pk]),
            dedupe_key=f"sale_refunded:{refund.pk}:{merchant_id}",
        )
        if may_be_heard(REFUNDS_HERE, merchant_id=merchant_id):
            _tell_stores(refund, merchant_id, list(vouchers.values()))


def _tell_stores(refund: Refund, merchant_id: int, vouchers: Sequence[Voucher]) -> None:
    """Tell who works at the stores that would have served them, and hears no amounts."""
    every = frozenset(Store.objects.filter(merchant=merchant_id).values_list("pk", flat=True))
    places = {one.pk: every & (terms_of(one).store_ids or every) for one in vouchers}

    def params_for(stores: frozenset[int]) -> dict[str, Any]:
        here = [one for one in vouchers if places[one.pk] & stores]
        return {**titles_of(here), "vouchers": len(here)}

    tell_stores(
        kind="refunded_here",
        merchant_id=merchant_id,
        store_ids=frozenset().union(*places.values()),
        params_for=params_for,
        dedupe_key=f"refunded_here:{refund.pk}:{merchant_id}",
    )


def tell_owner_expiring(vouchers: Sequence[Voucher]) -> None:
    """Remind the owner of vouchers of one order line (terms joined) before their last day, once.

    ``vouchers`` are those that can still be used; they share owner, terms and last day.
    """
    first = vouchers[0]
    pays_back = pays_back_on_expiry(first, terms_of(first))
    notify(
        user_id=first.owner_id,
        kind="voucher_expiring" if pays_back else "voucher_lapsing",
        params={
            **title_of(first),
            "until_on": first.last_day.isoformat(),
            "amount_fen": sum(unused_fen(voucher) for voucher in vouchers),
            "vouchers": len(vouchers),
            **_uses_of(first, sum(voucher.uses_left for voucher in vouchers)),
            **collected_at_names(collected_at([first]).values()),
        },
        link=reverse("voucher_detail", args=[first.pk])
        if len(vouchers) == 1
        else reverse("voucher_list"),
        dedupe_key=reminder_key(first),
    )


def reminder_key(voucher: Voucher) -> str:
    """What makes a reminder happen once: ten vouchers of one purchase are one message."""
    if voucher.is_gift:
        return f"voucher_expiring:gift:{voucher.pk}"
    return f"voucher_expiring:{voucher.order_line_ref}:{voucher.owner_id}"


def _tell_of_voucher(voucher_id: int, kind: str) -> None:
    voucher = Voucher.objects.select_related("terms", "merchant").filter(pk=voucher_id).first()
    if voucher is None:
        return
    notify(
        user_id=voucher.owner_id,
        kind=kind,
        params={
            **title_of(voucher),
            "merchant_en": voucher.merchant.name_en,
            "merchant_zh": voucher.merchant.name_zh,
            "until_on": voucher.last_day.isoformat(),
        },
        link=reverse("voucher_detail", args=[voucher.pk]),
        dedupe_key=f"{kind}:{voucher.pk}",
    )


def _tell_of_refund(refund_id: int, kind: str, *, only: str = "") -> None:
    refund = Refund.objects.select_related("payment").filter(pk=refund_id).first()
    if refund is None or (only and refund.reason != only):
        return
    vouchers = list(
        Voucher.objects.filter(pk__in=refund.parts.values("voucher"))
        .select_related("terms")
        .order_by("pk")
    )
    if not vouchers:
        return
    notify(
        user_id=refund.payment.payer_id,
        kind=kind,
        params={
            **titles_of(vouchers),
            "amount_fen": refund.amount_fen,
            "refund": refund.number,
        },
        link=reverse("voucher_detail", args=[vouchers[0].pk])
        if len(vouchers) == 1
        else reverse("voucher_list"),
        dedupe_key=f"{kind}:{refund.pk}",
    )


def title_of(voucher: Voucher) -> dict[str, str]:
    """The {title} of wordings, as it was at purchase (select_related terms)."""
    english, chinese = voucher.terms.titles
    return {"title_en": english, "title_zh": chinese}


def titles_of(vouchers: Sequence[Voucher]) -> dict[str, str]:
    """The {title} of what is about several vouchers: the first one, and how many more."""
    return title_and_more(*vouchers[0].terms.titles, len(vouchers) - 1)


def title_and_more(english: str, chinese: str, more: int) -> dict[str, str]:
    """The {title} of a thing that stands for ``more`` others as well."""
    titles = {"title_en": english, "title_zh": chinese}
    if not more:
        return titles
    for key, language in (("title_en", "en"), ("title_zh", "zh-hans")):
        with translation.override(language):
            sentence = ngettext("%(title)s and %(more)s more", "%(title)s and %(more)s more", more)
            titles[key] = sentence % {"title": titles[key], "more": more}
    return titles


def store_of(redemption: Redemption) -> dict[str, str]:
    """The {store} of wordings (select_related store)."""
    return {"store_en": redemption.store.name_en, "store_zh": redemption.store.name_zh}


def collected_at_names(stores: Iterable[Store]) -> dict[str, str]:
    """The {collect} of wordings: where goods were set aside; nothing where none were."""
    places = list(stores)
    names = {
        "collect_en": " · ".join(store.name_en for store in places),
        "collect_zh": " · ".join(store.name_zh or store.name_en for store in places),
    }
    return names if places else {}


def _redeemed_kind(voucher: Voucher, uses_left: int) -> str:
    """A single voucher has nothing left to count; cards and goods say when it was the last one."""
    if voucher.uses_total == 1:
        goods = voucher.kind == Voucher.Kind.PICKUP
        return "goods_handed_over" if goods else "voucher_redeemed"
    if voucher.kind == Voucher.Kind.PICKUP:
        return "goods_redeemed" if uses_left else "goods_collected"
    return "card_redeemed" if uses_left else "card_used_up"


def _uses_of(voucher: Voucher, uses_left: int) -> dict[str, int]:
    """What is left of a times card or of goods; of a single voucher nothing is told."""
    if voucher.uses_total == 1:
        return {}
    name = "pieces" if voucher.kind == Voucher.Kind.PICKUP else "uses"
    return {f"{name}_left": uses_left, f"{name}_total": voucher.uses_total}


def _came(redemption: Redemption) -> About:
    """That the guest came; goes on with what is known of how the voucher was bought."""
    line = redemption.voucher.order_line_ref
    return About(
        key=str(redemption.pk),
        merchant_id=redemption.merchant_id,
        store_id=redemption.store_id,
        product_id=redemption.voucher.product_id,
        number=redemption.uses,
        follows=f"{Kind.CHECKOUT.value}:{line}" if line else "",
    )


def _redemption(redemption_id: int) -> Redemption | None:
    return (
        Redemption.objects.select_related("store", "staff", "voucher__terms")
        .filter(pk=redemption_id)
        .first()
    )
