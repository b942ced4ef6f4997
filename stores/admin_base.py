"""The ground of every admin page: two roles, one scope, money in yuan.

The operator (superuser) sees everything. A merchant's owner or manager sees the rows of
their own merchants and nothing else: another merchant's row is not found. What each role may
do is said per admin class in ``operator_may`` and ``merchant_may``; Django's permission
tables are not used.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from o2o.money import fen_to_yuan
from o2o.web.templatetags.fmt import datetime_local, fen
from stores.access import merchants_of
from stores.models import Merchant

VIEW = frozenset({"view"})
EDIT = frozenset({"view", "change"})
ALL = frozenset({"view", "add", "change", "delete"})
NOTHING: frozenset[str] = frozenset()


class YuanField(forms.DecimalField):
    """Typed in yuan with two decimals, stored in fen."""

    def __init__(self, **kwargs: Any) -> None:
        for unused in ("min_value", "max_value", "widget"):
            kwargs.pop(unused, None)
        super().__init__(
            min_value=0,
            max_digits=14,
            decimal_places=2,
            widget=UnfoldAdminDecimalFieldWidget(attrs={"inputmode": "decimal"}),
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        return fen_to_yuan(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        yuan = super().clean(value)
        return None if yuan is None else int(yuan * 100)

    def has_changed(self, initial: Any, data: Any) -> bool:
        shown = fen_to_yuan(initial) if isinstance(initial, int) else initial
        return super().has_changed(shown, data)


def money(field: str, label: Any) -> Any:
    """A list column that shows ``field`` (fen) as money."""

    @admin.display(description=label, ordering=field)
    def column(obj: Any) -> str:
        return fen(getattr(obj, field)) or "—"

    column.__name__ = f"show_{field}"
    return column


def moment(field: str, label: Any) -> Any:
    """A list column that shows an aware datetime in the shop's zone, by language."""

    @admin.display(description=label, ordering=field)
    def column(obj: Any) -> str:
        return datetime_local(getattr(obj, field), timezone.get_current_timezone()) or "—"

    column.__name__ = f"show_{field}"
    return column


def is_operator(request: HttpRequest) -> bool:
    """Whether the request is the platform operator's."""
    return bool(request.user.is_active and getattr(request.user, "is_superuser", False))


def person(request: HttpRequest) -> Any:
    """The signed-in person; the admin site lets nobody else in."""
    return request.user


def own_merchant_ids(request: HttpRequest) -> list[int]:
    """The merchants the person owns or manages, looked up once per request."""
    cached = getattr(request, "_own_merchant_ids", None)
    if cached is None:
        cached = list(merchants_of(request.user).values_list("pk", flat=True))
        request._own_merchant_ids = cached  # type: ignore[attr-defined]
    return cached


def scope(request: HttpRequest, queryset: models.QuerySet[Any], path: str) -> models.QuerySet[Any]:
    """Keep the rows whose merchant (reached by ``path``) is the person's own."""
    if is_operator(request):
        return queryset
    ids = own_merchant_ids(request)
    lookup = "pk__in" if path == "" else f"{path}__in"
    return queryset.filter(**{lookup: ids})


class RoleMixin:
    """Permissions by role and scoped choices, for pages and inlines alike."""

    merchant_path: ClassVar[str | None] = "merchant"
    operator_may: ClassVar[frozenset[str]] = ALL
    merchant_may: ClassVar[frozenset[str]] = NOTHING
    scoped_choices: ClassVar[dict[str, str]] = {}
    """Foreign keys and many-to-many fields whose choices are scoped: field → path to the merchant."""

    def _may(self, request: HttpRequest, what: str) -> bool:
        if is_operator(request):
            return what in self.operator_may
        return what in self.merchant_may and bool(own_merchant_ids(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request, "view")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view") or self._may(request, "change")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "delete")

    def _scope_choices(self, field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> None:
        path = self.scoped_choices.get(field.name)
        if field.name == "merchant" and path is None:
            path = ""
        if path is not None:
            model = field.remote_field.model
            kwargs["queryset"] = scope(request, model._default_manager.all(), path)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        self._scope_choices(db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        self._scope_choices(db_field, request, kwargs)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name.endswith("_fen"):
            return YuanField(
                label=_("%(field)s (yuan)") % {"field": db_field.verbose_name},
                required=not db_field.blank,
                help_text=db_field.help_text,
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]


class TenantAdmin(RoleMixin, ModelAdmin):
    """A model page scoped by merchant. ``merchant_path`` None means: for the operator only."""

    list_per_page = 30
    show_full_result_count = False
    list_filter_submit = True
    compressed_fields = True
    warn_unsaved_form = True

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        queryset = super().get_queryset(request)
        if self.merchant_path is None:
            return queryset if is_operator(request) else queryset.none()
        return scope(request, queryset, self.merchant_path)

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Filters by merchant are of use only to who sees several."""
        filters = super().get_list_filter(request)
        if is_operator(request) or len(own_merchant_ids(request)) > 1:
            return filters
        return [item for item in filters if "merchant" not in str(item)]

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> Any:
        """Someone with one business need not choose it."""
        exclude = list(super().get_exclude(request, obj) or [])
        if self._merchant_is_implied(request):
            exclude.append("merchant")
        return exclude

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if not self._merchant_is_implied(request):
            return fieldsets
        return [
            (name, {**options, "fields": [f for f in options["fields"] if f != "merchant"]})
            for name, options in fieldsets
        ]

    def _merchant_is_implied(self, request: HttpRequest) -> bool:
        return (
            self.merchant_path == "merchant"
            and not is_operator(request)
            and len(own_merchant_ids(request)) == 1
        )

    def implied_merchant(self, request: HttpRequest) -> Merchant:
        """The one merchant of the person, for rows they add."""
        return Merchant.objects.get(pk=own_merchant_ids(request)[0])

    def save_form(self, request: Any, form: Any, change: bool) -> Any:
        if not change and self._merchant_is_implied(request):
            form.instance.merchant = self.implied_merchant(request)
        return super().save_form(request, form, change)


class ReadOnlyAdmin(TenantAdmin):
    """Books are read, never edited: their rows are written by services."""

    operator_may = VIEW
    merchant_may = VIEW


class TenantTabularInline(RoleMixin, TabularInline):
    """Rows inside a scoped page."""

    extra = 0
    operator_may = ALL
    merchant_may = ALL


class TenantStackedInline(RoleMixin, StackedInline):
    """Rows inside a scoped page, one form below the other."""

    extra = 0
    operator_may = ALL
    merchant_may = ALL
