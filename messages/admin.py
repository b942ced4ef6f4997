"""What people were told, in the admin: for those of the platform who may see people."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from messages.models import Notification
from messages.wording import word_notification
from stores.admin_base import TenantAdmin
from stores.admin_columns import moment
from stores.admin_filters import DayFilter
from stores.admin_rights import VIEW
from stores.rights import Right


@admin.register(Notification)
class NotificationAdmin(TenantAdmin):
    see = Right.SEE_PEOPLE
    merchant_path = None
    operator_may = VIEW
    list_display = (
        "show_title",
        "user",
        moment("created_at", _("created")),
        moment("read_at", pgettext_lazy("moment", "read")),
        moment("emailed_at", pgettext_lazy("moment", "e-mailed")),
    )
    list_filter = (("created_at", DayFilter),)
    list_select_related = ("user",)
    search_fields = ("user__display_name", "user__email", "user__phone")
    search_help_text = _("Name, e-mail or phone")
    fields = ("show_title", "show_body", *list_display[1:], "gathered_at", "show_dispatches")
    readonly_fields = fields

    @admin.display(description=_("message"))
    def show_title(self, notification: Notification) -> str:
        return word_notification(notification).title

    @admin.display(description=_("text"))
    def show_body(self, notification: Notification) -> str:
        return word_notification(notification).body

    @admin.display(description=_("sent"))
    def show_dispatches(self, notification: Notification) -> str:
        """What became of each way out of the house."""
        rows = notification.dispatches.all()
        return ", ".join(f"{row.get_channel_display()}: {row.get_state_display()}" for row in rows)
