"""The base classes of every admin page: lists, forms that write through services, books that are read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest

from kernel.errors import Refusal
from kernel.numerals import read_number
from stores.admin_forms import TenantForm
from stores.admin_inlines import note_rows
from stores.admin_lists import TenantList
from stores.admin_reading import ReadsAsForm
from stores.admin_rights import VIEW, is_operator, standings
from stores.errors import TooLate
from stores.models import Merchant
from stores.rights import Right, word_missing


class TenantAdmin(ReadsAsForm, TenantList):
    """A model page scoped by merchant. ``merchant_path`` None means: for the operator only."""

    form: type[forms.ModelForm] = TenantForm
    compressed_fields = True
    warn_unsaved_form = True
    change_form_outer_before_template = "admin/actions_here.html"

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """A row is named by its key alone; any other column could be guessed at."""
        return bool(self.opts.pk.name == to_field)

    def for_the_platform(self, request: HttpRequest) -> bool:
        """Whether the page is drawn for one of the operator's people."""
        return is_operator(request)

    def get_object(self, request: Any, object_id: Any, from_field: Any = None) -> Any:
        """The row, to look at, change, delete or read the history of; raises Http404.

        A row that is not there and a row of somebody else are told apart by nobody. One of the
        person's own business, on a page that their role does not show, is 403 and names the right.
        """
        found = super().get_object(request, object_id, from_field)
        if found is None:
            if not self.has_view_permission(request) and self._is_ours(request, object_id):
                raise PermissionDenied(word_missing(self.asked_of("view")))
            raise Http404
        return found

    def asked_of(self, what: str) -> tuple[Right, ...]:
        """The rights of which ``what`` (view, add) takes one."""
        right = self.right_to(what)
        return (right,) if right else ()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied(word_missing(self.asked_of("view")))
        return super().changelist_view(request, extra_context)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        somebody = "add" in self.operator_may | self.merchant_may
        if somebody and not self.has_add_permission(request):
            raise PermissionDenied(word_missing(self.asked_of("add")))
        return super().add_view(request, form_url, extra_context)

    def _is_ours(self, request: HttpRequest, object_id: Any) -> bool:
        """Whether the row is of a business that the person works for; the operator works for all."""
        key = read_number(object_id)
        if key is None:
            return False
        rows = self.model._default_manager.filter(pk=key)
        if not is_operator(request):
            if self.merchant_path is None:
                return False
            mine = [standing.merchant_id for standing in standings(request)]
            rows = rows.filter(**{f"{self.merchant_path or 'pk'}__in": mine})
        return bool(rows.exists())

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

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A row stays with its merchant."""
        fixed = tuple(super().get_readonly_fields(request, obj))
        if obj is not None and self.merchant_path == "merchant" and "merchant" not in fixed:
            return (*fixed, "merchant")
        return fixed

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if self._merchant_is_implied(request) and issubclass(form, TenantForm):
            form.implied_merchant = self.implied_merchant(request)
        if issubclass(form, TenantForm):
            form.refused = getattr(request, "_refused", None)
        return form

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Show the form again, as it was typed, when a service refuses what passed the form.

        A sale or a colleague may come between the look and the writing; nothing is saved then.
        """
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Refusal as refusal:
            if request.method != "POST" or hasattr(request, "_refused"):
                raise
            request._refused = refusal  # type: ignore[attr-defined]
            for upload in request.FILES.values():
                upload.seek(0)  # type: ignore[union-attr]
            return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Call the service that writes such a row, as every page that may add or change does."""
        raise NotImplementedError(f"{type(self).__name__} writes through no service")

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Call the service that takes such a row away, as every page that may delete does."""
        raise NotImplementedError(f"{type(self).__name__} deletes through no service")

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def save_formset(self, request: Any, form: Any, formset: Any, change: bool) -> None:
        """Note that no row inside the page was touched; a page with editable ones has its own."""
        if formset.has_changed():
            raise NotImplementedError(f"{type(self).__name__} writes {formset.model.__name__} rows")
        note_rows(formset)

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        """Hand the rows inside the page on; many-to-many fields went to the service with the rest."""
        for formset in formsets:
            self.save_formset(request, form, formset, change)
        if change:
            self._press_button(request, form.instance)

    def _press_button(self, request: HttpRequest, obj: Any) -> None:
        """Do what the button says that was pressed instead of “Save”."""
        offered = self.get_actions_submit_line(request, obj.pk)
        self._refuse_gone(request, {action.action_name for action in offered})
        for action in offered:
            if action.action_name in request.POST:
                acting: Any = request
                acting._acting = True
                try:
                    action.method(request, obj)
                finally:
                    acting._acting = False

    def _refuse_gone(self, request: HttpRequest, offered: set[str]) -> None:
        """A button that is not offered any more must not look as if it had done its work."""
        names = {f"{self.opts.app_label}_{self.opts.model_name}_{n}" for n in self._buttons()}
        if names & request.POST.keys() - offered:
            raise TooLate

    def _buttons(self) -> tuple[str, ...]:
        return tuple(map(str, self.actions_submit_line or ()))

    def message_user(
        self, request: HttpRequest, message: Any, level: Any = messages.INFO, *args: Any, **kw: Any
    ) -> None:
        if getattr(request, "_acting", False) and level in {messages.INFO, messages.SUCCESS}:
            request._told = True  # type: ignore[attr-defined]
        super().message_user(request, message, level, *args, **kw)

    def response_change(self, request: HttpRequest, obj: Any) -> Any:
        """A button that saves and does something more has said what came of it: once is enough."""
        if getattr(request, "_told", False):
            return self.response_post_save_change(request, obj)
        return super().response_change(request, obj)

    def _merchant_is_implied(self, request: HttpRequest) -> bool:
        return (
            self.merchant_path == "merchant"
            and not is_operator(request)
            and len({row.merchant_id for row in standings(request)}) == 1
        )

    def implied_merchant(self, request: HttpRequest) -> Merchant:
        """The one merchant of the person, for rows they add."""
        return Merchant.objects.get(pk=standings(request)[0].merchant_id)


def adopt(obj: Any, made: Any) -> None:
    """Let the row of a form be the one that a service has just made."""
    obj.pk, obj._state.adding = made.pk, False


class ReadOnlyAdmin(TenantAdmin):
    """Books are read, never edited: their rows are written by services."""

    operator_may = VIEW
    merchant_may = VIEW
