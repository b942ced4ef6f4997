"""What is wrong in a form of the back office, by field and tab: a tab may hide the field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django import template
from django.conf import settings
from django.forms import BaseForm
from django.utils.html import strip_tags
from django.utils.text import capfirst, slugify
from django.utils.translation import gettext as _

register = template.Library()


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
