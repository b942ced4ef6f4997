"""Rows inside an admin page: how many there may be, and which came new, changed or gone."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.utils import flatten_fieldsets
from django.http import HttpRequest
from unfold.admin import TabularInline

from stores.admin_input import MOST_ROWS, of_sent_rows
from stores.admin_reading import ReadsAsForm, plain_name
from stores.admin_rights import ALL, RoleMixin


class BoundedRows:
    """Rows inside a page are counted before they are made into forms."""

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        most = self.get_max_num(request, obj)  # type: ignore[attr-defined]
        most = MOST_ROWS if most is None else min(most, MOST_ROWS)
        bounds = {"max_num": most, "absolute_max": MOST_ROWS}
        if "fields" not in kwargs:  # columns that draw a form's field are no fields of the form
            shown = flatten_fieldsets(self.get_fieldsets(request, obj))  # type: ignore[attr-defined]
            kwargs["fields"] = [field for field in shown if plain_name(field) is field]
        made = super().get_formset(request, obj, **bounds | kwargs)  # type: ignore[misc]
        return of_sent_rows(made)


class TenantTabularInline(BoundedRows, RoleMixin, ReadsAsForm, TabularInline):
    """Rows inside a scoped page."""

    extra = 0
    hide_title = True
    operator_may = ALL
    merchant_may = ALL


def note_rows(formset: Any) -> None:
    """Let a formset say which rows came new, changed or to be deleted; nothing is written.

    The page's history is made of ``new_objects``, ``changed_objects`` and ``deleted_objects``.
    """
    formset.save(commit=False)


def kept_rows(formset: Any) -> list[Any]:
    """The rows that stand in a formset once `note_rows` has read it, new ones last."""
    gone = {row.pk for row in formset.deleted_objects}
    old = [form.instance for form in formset.initial_forms]
    return [row for row in old if row.pk not in gone] + list(formset.new_objects)
