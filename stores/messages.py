"""What people are told about a business and who works for it. Registered in AppConfig.ready."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.message_kinds import BUSINESS, Kind, News

STAFF = News("staff", _("Invitations that were accepted"), "see_staff")

KINDS = (
    Kind(
        "invitation_accepted",
        _("{person} works for {merchant} now"),
        _("They accepted your invitation and can begin at once."),
        _("See the staff"),
        "user",
        (
            (pgettext_lazy("fact", "Merchant"), "{merchant}"),
            (pgettext_lazy("fact", "Person"), "{person}"),
        ),
        BUSINESS,
        STAFF,
    ),
    Kind(
        "merchant_applied",
        _("New application: {merchant}"),
        _("{merchant} would like to sell here. {contact} is waiting for your answer."),
        _("Review the application"),
        "store",
        (
            (pgettext_lazy("fact", "Merchant"), "{merchant}"),
            (pgettext_lazy("fact", "Contact"), "{contact}"),
        ),
        BUSINESS,
    ),
    Kind(
        "merchant_approved",
        _("Welcome, {merchant}"),
        _("Your application was approved. Add your stores, your staff and your first product."),
        _("Open the back office"),
        "store",
    ),
    Kind(
        "merchant_rejected",
        _("Your application for {merchant}"),
        _("Your application needs changes. {note}"),
        _("See the application"),
        "store",
    ),
    Kind(
        "merchant_suspended",
        _("{merchant} is suspended"),
        _("Your products are not on sale for now; money you have earned stays yours. {note}"),
        _("Check my application"),
        "alert",
    ),
)
