"""Who may do what in the back office: one table of rights, one scope.

Every page names the right that shows it (``see``), the one that changes its rows (``edit``) and
the one of its actions (``act``); stores.rights says which roles hold them, and for whom. The
operator's people see the rows of every merchant; a merchant's staff those of their own
merchants or stores and nothing else: another row is not found. What is done with rows on a
page at all is said in ``operator_may`` and ``merchant_may``; Django's permission tables are
not used.
"""

from __future__ import annotations

import operator
from itertools import chain
from typing import Any, ClassVar, NamedTuple

from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext_lazy as _

from kernel.http.forms import typed_field_of, uncut
from stores.admin_forms import yuan_field
from stores.admin_input import tolerant
from stores.models import Merchant, Store
from stores.rights import Right, Standing, platform_rights, standings_of

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


class Reach(NamedTuple):
    """Whose rows somebody sees: those of whole merchants, and those of single stores."""

    merchants: list[int] | None
    """None: of every merchant."""
    stores: list[int]

    def __bool__(self) -> bool:
        return self.merchants is None or bool(self.merchants or self.stores)


def reach(request: HttpRequest, *rights: Right | None, to_write: bool = False) -> Reach:
    """Where the person holds one of ``rights``; lists and the figures of the overview ask this."""
    if desk_rights(request) & set(rights):
        return Reach(None, [])
    merchants = [merchant_ids_with(request, right, to_write=to_write) for right in rights]
    stores = [store_ids_with(request, right, to_write=to_write) for right in rights]
    return Reach(sorted({*chain(*merchants)}), sorted({*chain(*stores)}))


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
    merchants, stores = reach(request, right, to_write=to_write)
    if merchants is None:
        return queryset
    kept = models.Q(**{_in(path): merchants})
    if store_path is not None:
        kept |= models.Q(**{_in(store_path): stores})
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
        if (typed := typed_field_of(db_field)) and not db_field.choices:
            kwargs.setdefault("form_class", typed)
        return uncut(super().formfield_for_dbfield(db_field, request, **kwargs))  # type: ignore[misc]
