"""What is wrong in a form of the back office, by field and tab: a tab may hide the field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.contrib import admin
from django.forms import BaseForm
from django.urls import resolve
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _

register = template.Library()
_LINK = re.compile(r'\s*<a href="(/admin/[^"]*)"[^>]*>([^<]*)</a>\s*')


class Trouble(NamedTuple):
    """``tab``: its key in the page, "general" for the first one; ``place``: field, or tab and field."""

    tab: str
    anchor: str
    place: str
    texts: list[str]


@register.simple_tag(takes_context=True)
def troubles(context: dict[str, Any]) -> list[Trouble]:
    """{% troubles as found %}: every field with an error, in the order of the page."""
    found: list[Trouble] = []
    if "adminform" in context:
        found += _of_form(context["adminform"].form, tab="general", lead="")
    for inline in context.get("inline_admin_formsets") or ():
        formset = inline.formset
        tab = slugify(formset.prefix) if getattr(inline.opts, "tab", False) else "general"
        title = capfirst(str(inline.opts.verbose_name_plural))
        for number, form in enumerate(formset.forms, start=1):
            lead = _("%(tab)s, row %(number)d") % {"tab": title, "number": number}
            found += _of_form(form, tab=tab, lead=lead)
        if texts := _plain(formset.non_form_errors()):
            found.append(Trouble(tab, tab, title, texts))
    return found


def _of_form(form: BaseForm, *, tab: str, lead: str) -> Iterator[Trouble]:
    for name, errors in form.errors.items():
        if name not in form.fields:
            if lead:  # the page shows those of its own form above
                yield Trouble(tab, tab, lead, _plain(errors))
            continue
        label = capfirst(str(form[name].label))
        place = f"{lead}: {label}" if lead else label
        yield Trouble(tab, form[name].id_for_label or tab, place, _plain(errors))


def _plain(errors: Iterable[Any]) -> list[str]:
    """Their words alone: what can be ticked stands at the field."""
    return [strip_tags(str(error)) for error in errors]


@register.simple_tag(takes_context=True)
def menu_name(context: dict[str, Any], part: dict[str, Any]) -> str:
    """{% menu_name part %}: what the menu calls the list that a part of the heading leads to.

    One word per thing: the name of the model is left to places that no menu leads to.
    """
    address = str(part.get("link") or "")
    for group in settings.UNFOLD["SIDEBAR"]["navigation"]:
        for item in group["items"]:
            allowed = item.get("permission", lambda request: True)
            if str(item["link"]).split("?")[0] == address and allowed(context["request"]):
                return str(item["title"])
    return capfirst(str(part["title"]))


@register.simple_tag(takes_context=True)
def reachable(context: dict[str, Any], shown: Any) -> Any:
    """{% reachable value %}: a link to a row of the back office, or its words where it is not the reader's.

    Django links every related row of a page that is read, also one that its reader may not open.
    """
    found = _LINK.fullmatch(str(shown))
    if not found or not isinstance(shown, SafeString):
        return shown
    request = context["request"]
    name = resolve(urlsplit(unescape(found[1])).path)
    page = _page_of(name.url_name or "")
    if page is None:
        return shown
    key = str(name.kwargs.get("object_id"))
    if page.has_view_permission(request) and page.get_queryset(request).filter(pk=key).exists():
        return shown
    return mark_safe(found[2])  # noqa: S308 - escaped where the link was made


def _page_of(url_name: str) -> Any:
    """The page of the back office with rows of this address, such as "stores_store_change"."""
    for model, page in admin.site._registry.items():
        if url_name == f"{model._meta.app_label}_{model._meta.model_name}_change":
            return page
    return None
