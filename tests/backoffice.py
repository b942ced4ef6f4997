"""Fill in a page of the back office as a browser does: everything it shows, then what is typed."""

from __future__ import annotations

from typing import Any


def shown(response: Any) -> dict[str, Any]:
    """What a browser would send back from the form of this page, untouched."""
    data: dict[str, Any] = {}
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            _take(data, bound)
    return data


def _take(data: dict[str, Any], bound: Any) -> None:
    widget, value = bound.field.widget, bound.value()
    if getattr(widget, "needs_multipart_form", False) or value is None or value is False:
        return
    if hasattr(widget, "decompress"):
        for number, part in enumerate(widget.decompress(value)):
            data[f"{bound.html_name}_{number}"] = "" if part is None else str(part)
        return
    data[bound.html_name] = value
    if bound.field.show_hidden_initial:
        data[bound.html_initial_name] = value
