"""Components with a body of their own (templates/components/), each called by its name.

``{% nothing_here "ticket" title text action_label action_url %}``; what is left out has no part in it.
"""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("components/empty.html")
def nothing_here(
    icon_name: str,
    title: str,
    text: str = "",
    action_label: str = "",
    action_url: str = "",
    second_label: str = "",
    second_url: str = "",
    kind: str = "",
) -> dict[str, Any]:
    """Nothing here yet, and what to do next. ``kind``: ok, when something is done."""
    return {
        "icon_name": icon_name,
        "title": title,
        "text": text,
        "action_label": action_label,
        "action_url": action_url,
        "second_label": second_label,
        "second_url": second_url,
        "kind": kind,
    }


@register.inclusion_tag("components/picture.html")
def picture(
    src: str = "",
    alt: str = "",
    shape: str = "",
    css: str = "",
    icon_name: str = "",
    srcset: str = "",
    sizes: str = "",
    eager: bool = False,
) -> dict[str, Any]:
    """A picture in its frame, or the icon where there is none. ``shape``: square, wide, banner.

    ``alt`` for one that says something; ``eager`` for the one above the fold.
    """
    return {
        "src": src,
        "alt": alt,
        "shape": shape,
        "css": css,
        "icon_name": icon_name,
        "srcset": srcset,
        "sizes": sizes,
        "eager": eager,
    }


@register.inclusion_tag("components/stepper.html")
def stepper(
    name: str,
    label: str,
    value: Any = 1,
    min: Any = 1,
    max: Any = None,
    id: str = "",
    submit: bool = False,
) -> dict[str, Any]:
    """A quantity; without JavaScript a number field. ``submit`` posts its form on a change."""
    return {
        "name": name,
        "label": label,
        "value": value,
        "min": min,
        "max": max,
        "id": id,
        "submit": submit,
    }


@register.inclusion_tag("components/section_head.html")
def section_head(
    title: str,
    id: str = "",
    more_url: str = "",
    more_label: str = "",
    ends_at: Any = None,
    heading: str = "h2",
) -> dict[str, Any]:
    """The heading of a section. ``id`` for aria-labelledby; ``ends_at`` adds a countdown."""
    return {
        "title": title,
        "id": id,
        "more_url": more_url,
        "more_label": more_label,
        "ends_at": ends_at,
        "heading": heading,
    }


@register.inclusion_tag("components/result.html")
def result(
    kind: str, word: str, ago: str = "", what: str = "", left: str = "", why: str = ""
) -> dict[str, Any]:
    """The counter's answer to a scan. ``kind``: ok, refused, wait, undone, record."""
    return {"kind": kind, "word": word, "ago": ago, "what": what, "left": left, "why": why}


@register.inclusion_tag("components/stat.html")
def stat(label: str, value: str, note: str = "", trend: str = "") -> dict[str, Any]:
    """One figure, formatted already. ``trend``: up, down."""
    return {"label": label, "value": value, "note": note, "trend": trend}
