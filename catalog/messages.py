"""What the people who run a business are told about their goods. Registered in AppConfig.ready."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.message_kinds import BUSINESS, Channel, Kind, News

STOCK = News(
    "stock",
    _("Products that run low"),
    "see_stock",
    (Channel.INBOX, Channel.EMAIL),
    at_store=True,
    counter="count_stock",
)
_PRODUCT = (pgettext_lazy("fact", "Product"), "{title}")

KINDS = (
    Kind(
        "stock_low",
        _("Only {left} left: {title}"),
        _("Say how many there are once you have more; nothing is sold beyond that."),
        _("See the product"),
        "alert",
        (_PRODUCT, (pgettext_lazy("fact", "Left"), "{left}")),
        BUSINESS,
        STOCK,
    ),
    Kind(
        "stock_gone",
        _("Sold out: {title}"),
        _("Say how many there are once you have more; until then nobody can buy it."),
        _("See the product"),
        "alert",
        (_PRODUCT,),
        BUSINESS,
        STOCK,
    ),
)
