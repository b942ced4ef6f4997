"""The codes of a campaign as a file, for the printer; any number of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from django.http import StreamingHttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from campaigns.codes import write_coupon_code
from campaigns.models import Campaign, CouponCode
from kernel.http.csv_answer import csv_stream
from kernel.http.seo.public import absolute

PAGE = 5000


def address_of_coupon_code(code: str) -> str:
    """What the QR code of a code says: "My coupons" with the code in its field."""
    return absolute(f"{reverse('coupon_list')}?{urlencode({'code': code})}")


def state_of_code(row: CouponCode) -> str:
    """free, claimed or revoked: of a code with its coupon's key."""
    if row.revoked_at is not None:
        return "revoked"
    return "free" if row.coupon_id is None else "claimed"


def codes_file(campaign: Campaign) -> StreamingHttpResponse:
    """Every code with its address and where it stands, in the order in which they were made."""
    header = (gettext("Code"), gettext("Address"), gettext("State"))
    return csv_stream(f"codes-{campaign.pk}.csv", header, chain.from_iterable(_pages(campaign.pk)))


def _pages(campaign_id: int) -> Iterator[list[Sequence[object]]]:
    """By key, a statement each: no cursor of the server has to be held open."""
    words = {
        "free": gettext("free"),
        "claimed": gettext("claimed"),
        "revoked": gettext("taken back"),
    }
    base = address_of_coupon_code("")
    rows, last = CouponCode.objects.filter(campaign=campaign_id).order_by("pk"), 0
    while page := list(rows.filter(pk__gt=last)[:PAGE]):
        last = page[-1].pk
        yield [
            (write_coupon_code(row.code), f"{base}{row.code}", words[state_of_code(row)])
            for row in page
        ]
