"""Base classes of every admin page: one table of rights, one scope, money in yuan.

Every page names the right that shows it (``see``), the one that changes its rows (``edit``) and
the one of its actions (``act``); stores.rights says which roles hold them, and for whom. The
operator's people see the rows of every merchant; a merchant's staff those of their own
merchants or stores and nothing else: another row is not found. What is done with rows on a
page at all is said in ``operator_may`` and ``merchant_may``; Django's permission tables are
not used.
"""

from __future__ import annotations

import operator
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import models
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin, TabularInline
from unfold.views import ChangeList

from kernel.errors import Refusal
from kernel.http.forms import number_field_of
from stores.admin_forms import TenantForm, yuan_field
from stores.admin_input import MOST_ROWS, keep_keys, of_sent_rows, tolerant
from stores.errors import NotTrading, TooLate
from stores.models import Merchant, Store
from stores.rights import Right, Standing, platform_rights, standings_of

SEARCH_WORDS = 8
VIEW = frozenset({"view"})
EDIT = frozenset({"view", "change"})
ALL = frozenset({"view", "add", "change", "delete"})
NOTHING: frozenset[str] = frozenset()


def is_operator(request: HttpRequest) -> bool:
    """Whether the request comes from one of the operator's people, in any role."""
    return bool(desk_rights(request))


def person(request: HttpRequest) -> Any:
    """The signed-in person; the admin site lets nobody else in."""
    return request.user


def desk_rights(request: HttpRequest) -> frozenset[Right]:
    """What the person may do for the platform, looked up once per request."""
    found: frozenset[Right] | None = getattr(request, "_desk_rights", None)
    if found is None:
        found = platform_rights(request.user)
        request._desk_rights = found  # type: ignore[attr-defined]
    return found


def standings(request: HttpRequest) -> list[Standing]:
    """The person's memberships, looked up once per request."""
    found: list[Standing] | None = getattr(request, "_standings", None)
    if found is None:
        found = standings_of(request.user)
        request._standings = found  # type: ignore[attr-defined]
    return found


def holds(request: HttpRequest, right: Right) -> bool:
    """Whether the person holds ``right`` for the platform, or anywhere as staff."""
    return right in desk_rights(request) or any(right in row.rights for row in standings(request))


def merchant_ids_with(
    request: HttpRequest, right: Right | None, *, to_write: bool = False
) -> list[int]:
    """The merchants for the whole of which the person holds ``right``.

    ``to_write`` leaves out those that are not trading: a suspended business is only read.
    """
    return [
        row.merchant_id
        for row in standings(request)
        if right in row.rights and row.stores is None and (row.trading or not to_write)
    ]


def store_ids_with(
    request: HttpRequest, right: Right | None, *, to_write: bool = False
) -> list[int]:
    """The stores that the person holds ``right`` for because they are limited to them."""
    return [
        store_id
        for row in standings(request)
        if right in row.rights and (row.trading or not to_write)
        for store_id in sorted(row.stores or ())
    ]


def scope(
    request: HttpRequest,
    queryset: models.QuerySet[Any],
    path: str,
    right: Right | None,
    *,
    store_path: str | None = None,
    to_write: bool = False,
) -> models.QuerySet[Any]:
    """Keep the rows whose merchant (reached by ``path``) the person holds ``right`` for.

    Where a row has a store (``store_path``), people limited to some stores have theirs.
    """
    if right in desk_rights(request):
        return queryset
    merchants = merchant_ids_with(request, right, to_write=to_write)
    kept = models.Q(**{_in(path): merchants})
    if store_path is not None:
        kept |= models.Q(**{_in(store_path): store_ids_with(request, right, to_write=to_write)})
    return queryset.filter(kept)


def _in(path: str) -> str:
    return f"{path}__in" if path else "pk__in"


def no_store_yet() -> str:
    """Why there is no store to choose, and where to make one."""
    return format_html(
        '{} <a class="underline" href="{}">{}</a>',
        _("You have no store yet, and this needs one."),
        reverse("admin:stores_store_add"),
        _("Add a store"),
    )


class RoleMixin:
    """Permissions by role and scoped choices, for pages and inlines alike."""

    merchant_path: ClassVar[str | None] = "merchant"
    store_path: ClassVar[str | None] = None
    """The way to the row's store, where there is one: people limited to stores see theirs."""
    operator_may: ClassVar[frozenset[str]] = ALL
    merchant_may: ClassVar[frozenset[str]] = NOTHING
    see: ClassVar[Right | None] = None
    edit: ClassVar[Right | None] = None
    act: ClassVar[Right | None] = None
    """The right of the list's actions, where it is not ``edit``."""
    scoped_choices: ClassVar[dict[str, str]] = {}
    """Foreign keys and many-to-many fields whose choices are scoped: field → path to the merchant."""

    def right_to(self, what: str) -> Right | None:
        """The right that ``what`` (view, add, change, delete) asks for; a row inside a page asks its page's."""
        page = self
        parent = getattr(self, "parent_model", None)
        if self.see is None and parent is not None:
            page = self.admin_site.get_model_admin(parent)  # type: ignore[attr-defined]
        return page.see if what == "view" else page.edit

    def _may(self, request: HttpRequest, what: str, obj: Any = None) -> bool:
        right = self.right_to(what)
        if right in desk_rights(request):
            return what in self.operator_may
        if what not in self.merchant_may:
            return False
        writes = what != "view"
        merchants = merchant_ids_with(request, right, to_write=writes)
        stores = store_ids_with(request, right, to_write=writes) if self._has_stores else []
        merchant_id, store_id = self._place_of(obj)
        if merchant_id is None or not writes:
            return bool(merchants or (stores and not (what == "add" and self.store_path == "")))
        return merchant_id in merchants or store_id in stores

    @property
    def _has_stores(self) -> bool:
        return self.store_path is not None or getattr(self, "parent_model", None) is Store

    def _place_of(self, obj: Any) -> tuple[int | None, int | None]:
        """The merchant and the store of ``obj``: of this page, or what an inline stands in."""
        store_id = obj.pk if isinstance(obj, Store) else getattr(obj, "store_id", None)
        return self._merchant_id_of(obj), store_id if self._has_stores else None

    def _merchant_id_of(self, obj: Any) -> int | None:
        """Whose row ``obj`` is: of this page, or the one that an inline stands in."""
        if obj is None or self.merchant_path is None:
            return None
        if isinstance(obj, Merchant):
            return obj.pk
        if not hasattr(obj, "merchant_id"):
            obj = operator.attrgetter(self.merchant_path.rpartition("__")[0].replace("__", "."))(
                obj
            )
        return getattr(obj, "merchant_id", None)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request, "view")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view") or self._may(request, "change", obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "add", obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "delete", obj)

    def _scope_choices(self, field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> None:
        path = self.scoped_choices.get(field.name)
        if field.name == "merchant" and path is None:
            path = ""
        if path is not None:
            model = field.remote_field.model
            rows = model._default_manager.all()
            kwargs["queryset"] = scope(
                request,
                rows,
                path,
                self.right_to("change"),
                store_path="" if model is Store and self._has_stores else None,
                to_write=True,
            )

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        self._scope_choices(db_field, request, kwargs)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
        return tolerant(field)

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        self._scope_choices(db_field, request, kwargs)
        field = super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and field.queryset.model is Store and not field.queryset.exists():
            field.help_text = field.error_messages["required"] = no_store_yet()
        return tolerant(field)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name.endswith("_fen"):
            return yuan_field(
                label=format_lazy(_("{field} (yuan)"), field=capfirst(db_field.verbose_name)),
                required=not db_field.blank,
                help_text=db_field.help_text,
            )
        if (number := number_field_of(db_field)) and not db_field.choices:
            kwargs.setdefault("form_class", number)
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]


class PreparedList(ChangeList):  # type: ignore[misc]
    """A list that asks only what its filters declare, and looks up at once what its rows need."""

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
        self.model_admin.prepare(self.result_list)


class TenantAdmin(RoleMixin, ModelAdmin):
    """A model page scoped by merchant. ``merchant_path`` None means: for the operator only."""

    form: type[forms.ModelForm] = TenantForm
    list_per_page = 30
    show_full_result_count = False
    empty_text: ClassVar[Any] = _("Nothing here yet.")
    list_filter_submit = True
    compressed_fields = True
    warn_unsaved_form = True
    empty_value_display = "—"
    operator_search_fields: ClassVar[tuple[str, ...]] = ()
    """Where the operator searches as well: a merchant must not try out people's addresses."""

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """A row is named by its key alone; any other column could be guessed at."""
        return bool(self.opts.pk.name == to_field)

    def for_the_platform(self, request: HttpRequest) -> bool:
        """Whether the page is drawn for one of the operator's people."""
        return is_operator(request)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PreparedList

    def prepare(self, rows: list[Any]) -> None:
        """Annotate one page of rows with what its columns show beyond the row itself."""

    def name_row(self, row: Any) -> str:
        """How a row is called where a person is asked about it."""
        return str(row)

    def get_search_fields(self, request: HttpRequest) -> Any:
        """Every field is searched as a reader compares (kernel/http/reads.py)."""
        fields = tuple(super().get_search_fields(request))
        if is_operator(request):
            fields += self.operator_search_fields
        return [field if field[0] in "^=@" else f"{field}__reads" for field in fields]

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """Search for the first words only: each costs a look at every column of every row."""
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
        return super().get_search_results(request, queryset, " ".join(words))

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        queryset = super().get_queryset(request)
        if self.merchant_path is None:
            return queryset if self.see in desk_rights(request) else queryset.none()
        return scope(request, queryset, self.merchant_path, self.see, store_path=self.store_path)

    def get_object(self, request: Any, object_id: Any, from_field: Any = None) -> Any:
        """The row, to look at, change, delete or read the history of; raises Http404.

        A row that is not there and a row of somebody else are told apart by nobody.
        """
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        return found

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

    def _sees_several(self, request: HttpRequest) -> bool:
        return is_operator(request) or len({row.merchant_id for row in standings(request)}) > 1

    def _merchant_is_implied(self, request: HttpRequest) -> bool:
        return (
            self.merchant_path == "merchant"
            and not is_operator(request)
            and len({row.merchant_id for row in standings(request)}) == 1
        )

    def implied_merchant(self, request: HttpRequest) -> Merchant:
        """The one merchant of the person, for rows they add."""
        return Merchant.objects.get(pk=standings(request)[0].merchant_id)


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


def adopt(obj: Any, made: Any) -> None:
    """Let the row of a form be the one that a service has just made."""
    obj.pk, obj._state.adding = made.pk, False


class ReadOnlyAdmin(TenantAdmin):
    """Books are read, never edited: their rows are written by services."""

    operator_may = VIEW
    merchant_may = VIEW


class BoundedRows:
    """Rows inside a page are counted before they are made into forms."""

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        most = self.get_max_num(request, obj)  # type: ignore[attr-defined]
        most = MOST_ROWS if most is None else min(most, MOST_ROWS)
        bounds = {"max_num": most, "absolute_max": MOST_ROWS}
        made = super().get_formset(request, obj, **bounds | kwargs)  # type: ignore[misc]
        return of_sent_rows(made)


class TenantTabularInline(BoundedRows, RoleMixin, TabularInline):
    """Rows inside a scoped page."""

    extra = 0
    hide_title = True
    operator_may = ALL
    merchant_may = ALL
