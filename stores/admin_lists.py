"""The lists of the back office: what is asked of the database, searched, filtered and acted on."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import models
from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from kernel.http.language import LANGUAGE_PARAMETER
from stores.admin_input import keep_keys
from stores.admin_rights import (
    RoleMixin,
    desk_rights,
    is_operator,
    merchant_ids_with,
    scope,
    standings,
    store_ids_with,
)
from stores.errors import NotTrading
from stores.rights import Right

SEARCH_WORDS = 8


def _is_of_a_person(path: str) -> bool:
    """Whether ``path`` leads to an account's e-mail or phone."""
    return "__" in path and path.rpartition("__")[2] in {"email", "phone"}


class PreparedList(ChangeList):  # type: ignore[misc]
    """A list that asks only what its filters declare, and looks up at once what its rows need."""

    def get_filters_params(self, params: Any = None) -> Any:
        """Without the language, which `?lang=` may name on every page."""
        asked = super().get_filters_params(params)
        asked.pop(LANGUAGE_PARAMETER, None)
        return asked

    def get_filters(self, request: HttpRequest) -> Any:
        """Refuse what no declared filter has asked for.

        Django lets an address compare any column of the row: ``?code__startswith=4`` would
        tell a code digit by digit to people who see its last ones only.
        """
        found = super().get_filters(request)
        for parameter in found[2]:
            raise DisallowedModelAdminLookup(f"Filtering by {parameter} not allowed")
        return found

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.full_result_count = self.result_count  # the foot of the list says it, and leads to all
        self.result_list = list(self.result_list)  # type: ignore[has-type]
        self.model_admin.prepare(request, self.result_list)


class TenantList(RoleMixin, ModelAdmin):
    """The list of a page scoped by merchant."""

    list_per_page = 30
    show_full_result_count = False
    empty_text: ClassVar[Any] = _("Nothing here yet.")
    list_filter_submit = True
    empty_value_display = "—"
    operator_search_fields: ClassVar[tuple[str, ...]] = ()
    """Where the operator searches as well: a merchant must not try out people's addresses."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PreparedList

    def prepare(self, request: HttpRequest, rows: list[Any]) -> None:
        """Annotate one page of rows with what its columns show beyond the row itself."""

    def name_row(self, row: Any) -> str:
        """How a row is called where a person is asked about it."""
        return str(row)

    def get_search_fields(self, request: HttpRequest) -> Any:
        """Every field is searched as a reader compares (kernel/http/reads.py)."""
        fields = tuple(super().get_search_fields(request))
        if is_operator(request):
            fields += self.operator_search_fields
        if Right.SEE_PEOPLE not in desk_rights(request):
            fields = tuple(field for field in fields if not _is_of_a_person(field))
        return [field if field[0] in "^=@" else f"{field}__reads" for field in fields]

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, self.first_words(request, search_term))

    def first_words(self, request: HttpRequest, search_term: str) -> str:
        """The first words only, and a word about it: each costs a look at every column of every row."""
        given = search_term.split()
        words = given[:SEARCH_WORDS]
        if len(words) < len(given) and not getattr(request, "_cut_search", False):
            request._cut_search = True  # type: ignore[attr-defined]  # lists ask more than once
            text = ngettext(
                "Only the first %(count)d word was searched for.",
                "Only the first %(count)d words were searched for.",
                len(words),
            )
            self.message_user(request, text % {"count": len(words)}, messages.WARNING)
        return " ".join(words)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        queryset = super().get_queryset(request)
        if self.merchant_path is None:
            return queryset if self.see in desk_rights(request) else queryset.none()
        return scope(request, queryset, self.merchant_path, self.see, store_path=self.store_path)

    def get_actions(self, request: HttpRequest) -> Any:
        """Whoever may only read is offered nothing to do."""
        return super().get_actions(request) if self._acts(request) else {}

    def _acts(self, request: HttpRequest) -> bool:
        right = self.act or self.edit
        return (
            right in desk_rights(request)
            or bool(merchant_ids_with(request, right, to_write=True))
            or (self._has_stores and bool(store_ids_with(request, right, to_write=True)))
        )

    def writable(
        self, request: HttpRequest, queryset: models.QuerySet[Any]
    ) -> models.QuerySet[Any]:
        """Of the rows that are seen, those that the person's actions reach."""
        if self.merchant_path is None:
            return queryset
        right, stores = self.act or self.edit, self.store_path
        return scope(request, queryset, self.merchant_path, right, store_path=stores, to_write=True)

    def response_action(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> Any:
        """Actions reach the rows that the person may change, of those that are seen.

        Raises Http404 when a chosen row is not there, or somebody else's.
        """
        chosen = set(request.POST.getlist(ACTION_CHECKBOX_NAME))
        if self.get_queryset(request).filter(pk__in=chosen).count() != len(chosen):
            raise Http404
        queryset = self.writable(request, queryset)
        return super().response_action(request, queryset)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Say once per list why nothing can be changed."""
        keep_keys(request)
        rows = standings(request)
        reads_only = rows and not any(row.trading for row in rows)
        if request.method in {"GET", "HEAD"} and reads_only and not is_operator(request):
            self.message_user(request, NotTrading.message, messages.WARNING)
        return super().changelist_view(request, extra_context)

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Filters by merchant are of use only to who sees several."""
        filters = super().get_list_filter(request)
        if self._sees_several(request):
            return filters
        return [item for item in filters if "merchant" not in str(item)]

    def get_list_display(self, request: HttpRequest) -> Any:
        columns = super().get_list_display(request)
        if self._sees_several(request):
            return columns
        return [column for column in columns if column != "merchant"]

    def _sees_several(self, request: HttpRequest) -> bool:
        return is_operator(request) or len({row.merchant_id for row in standings(request)}) > 1
