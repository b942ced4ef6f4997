"""Component tags: small pieces of markup too frequent, or too exact, to write by hand.

Everything with a body of its own is a partial in ``templates/components/``; see docs/design.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from kernel.cache.memo import drawn
from kernel.clock import now
from kernel.http.templatetags import fmt
from kernel.http.templatetags.fmt import unbroken

register = template.Library()

STARS = 5
CHECKBOX_TYPES = {"checkbox"}
GROUP_TYPES = {"radio", "checkbox"}
_TICKING = SafeString("<!--countdown-->")
"""Where a kept card has its countdown, the one part of it that changes by the second."""
_FAR = SafeString("<!--distance-->")
"""Where it has the way to the visitor: as many cards as visitors would push everybody's out."""


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """An icon of static/img/icons.svg. Decoration unless ``label`` says what it means."""
    if not label:
        return _silent_icon(str(name), css)
    return _svg(name, css, format_html('role="img" aria-label="{}"', label))


@cache
def _silent_icon(name: str, css: str) -> SafeString:
    """A page has sixty of them; templates name them, so there are a few hundred."""
    return _svg(name, css, mark_safe('aria-hidden="true"'))


def _svg(name: str, css: str, said: SafeString) -> SafeString:
    classes = f"icon {css}" if css else "icon"
    href = f"{static('img/icons.svg')}#{name}"
    return format_html('<svg class="{}" {}><use href="{}"></use></svg>', classes, said, href)


@register.simple_tag
def product_card(
    card: Mapping[str, Any], heading: str = "h3", row: bool = False, eager: bool = False
) -> SafeString:
    """A deal as a card, components/product_card.html; a card already drawn is not drawn again.

    ``row``: the picture at the start, for lists. ``eager``: the first card of a page.
    """
    ends_at = card.get("ends_at")
    metres = card.get("distance_metres")
    still = {**card, "ends_at": None, "countdown": _TICKING if ends_at else ""}
    still |= {"distance_metres": None, "distance": "" if metres is None else _FAR}
    html = drawn("components/product_card.html", still, heading=heading, row=row, eager=eager)
    if ends_at:
        html = SafeString(html.replace(_TICKING, countdown(ends_at)))
    if metres is None:
        return html
    return SafeString(html.replace(_FAR, conditional_escape(fmt.distance(metres))))


@register.simple_tag
def price(amount_fen: int | None, css: str = "", suffix: str = "") -> SafeString:
    """An amount as a price: small currency sign and decimals, ".00" dropped.

    ``css``: "large", "small", "plain" (not in the price colour), "list" (struck through, and
    announced as the usual price). ``suffix``: a word after it, such as "from" or "each".
    """
    if amount_fen is None or amount_fen == "":
        return SafeString("")
    sign, yuan, rest = fmt.split_fen(int(amount_fen))
    minor = format_html('<span class="price__minor">.{}</span>', rest) if rest != "00" else ""
    after = format_html('<span class="price__suffix">{}</span>', suffix) if suffix else ""
    classes = " ".join(["price", *(f"price--{word}" for word in css.split())])
    inner = format_html(
        '{}<span class="price__sign">{}</span>{}{}{}', sign, fmt.SIGN, yuan, minor, after
    )
    if "list" in css.split():
        said = gettext("Usual price")
        return format_html(
            '<s class="{}"><span class="visually-hidden">{} </span>{}</s>', classes, said, inner
        )
    return format_html('<span class="{}">{}</span>', classes, inner)


@register.simple_tag
def price_range(low_fen: int, high_fen: int | None = None, css: str = "") -> SafeString:
    """One price, or "¥68 – ¥128" when the two differ."""
    if high_fen is None or low_fen == high_fen:
        return price(low_fen, css)
    return format_html("{} <span>–</span> {}", price(low_fen, css), price(high_fen, css))


@register.simple_tag
def stars(rating: Any, count: int | None = None, full: bool = False, css: str = "") -> SafeString:
    """A rating of five: one star and the figure, or (``full``) five stars. "" without a rating."""
    if not rating:
        return SafeString("")
    value = float(rating)
    shown = f"{value:.1f}"
    halves = round(value * 2)
    names = ["star-filled"]
    if full:
        names = [
            "star-filled" if halves >= 2 * n else "star-half" if halves == 2 * n - 1 else "star"
            for n in range(1, STARS + 1)
        ]
    drawn = format_html_join("", "{}", ((icon(name),) for name in names))
    tally = f"({fmt.compact(count)})" if count else ""
    return format_html(
        '<span class="rating {}"><span class="visually-hidden">{}</span>'
        '<span class="rating__stars" aria-hidden="true">{}</span>'
        '<span class="rating__value" aria-hidden="true">{}</span>'
        '<span aria-hidden="true">{}</span></span>',
        css,
        _said_rating(shown, count),
        drawn,
        shown,
        tally,
    )


def _said_rating(shown: str, count: int | None) -> str:
    if not count:
        return gettext("Rated %(rating)s out of 5") % {"rating": shown}
    return ngettext(
        "Rated %(rating)s out of 5 from %(count)s review",
        "Rated %(rating)s out of 5 from %(count)s reviews",
        count,
    ) % {"rating": shown, "count": count}


@register.simple_tag
def badge(text: str, kind: str = "", icon_name: str = "") -> SafeString:
    """A fact in a small frame. ``kind``: brand, ok, warn, danger, info, ink, solid, or nothing."""
    drawn = icon(icon_name) if icon_name else ""
    modifier = f" badge--{kind}" if kind else ""
    return format_html(
        '<span class="badge{}">{}<span class="badge__word">{}</span></span>', modifier, drawn, text
    )


@register.simple_tag
def open_state(is_open: bool, note: str = "") -> SafeString:
    """Whether a store is open at this moment, by dot and word, with an optional note."""
    word = gettext("Open now") if is_open else gettext("Closed now")
    modifier = "" if is_open else " open--closed"
    after = format_html(" <span>{}</span>", unbroken(note)) if note else ""
    return format_html('<span class="open{}">{}</span>{}', modifier, word, after)


@register.simple_tag
def server_time() -> int:
    """The server's clock in milliseconds since 1970, for countdowns that trust no phone."""
    return int(now().timestamp() * 1000)


@register.simple_tag
def countdown(ends_at: dt.datetime | None, css: str = "") -> SafeString:
    """Time left until an aware ``ends_at``; countdown.js keeps it going on the server's clock.

    Without JavaScript, and for a screen reader, it says the moment instead of ticking.
    """
    if not ends_at:
        return SafeString("")
    seconds = max(0, int((ends_at - now()).total_seconds()))
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, secs = divmod(rest, 60)
    until = gettext("until %(moment)s") % {"moment": fmt.datetime_local(ends_at)}
    return format_html(
        '<span class="countdown{}{}" data-ends-at="{}" data-over-word="{}">{}'
        '<time class="countdown__until" datetime="{}">{}</time>'
        '<span class="countdown__ticks" aria-hidden="true">'
        '<span{}><span data-part="days">{}</span> {}</span>'
        '<span class="countdown__pair"{}><span class="countdown__unit" data-part="hours">{}</span>:</span>'
        '<span class="countdown__unit" data-part="minutes">{}</span>:'
        '<span class="countdown__unit" data-part="seconds">{}</span></span></span>',
        f" {css}" if css else "",
        "" if seconds else " countdown--over",
        int(ends_at.timestamp() * 1000),
        gettext("Ended"),
        icon("clock", css="icon--s"),
        ends_at.isoformat(),
        until if seconds else gettext("Ended"),
        "" if days else SafeString(" hidden"),
        days,
        gettext("d"),
        "" if days or hours else SafeString(" hidden"),
        f"{hours:02d}",
        f"{minutes:02d}",
        f"{secs:02d}",
    )


@register.simple_tag
def field(
    bound: BoundField, help_text: str = "", css: str = "", mark_optional: bool = True
) -> SafeString:
    """A form field with its label, help, errors and the ARIA that ties them together.

    ``mark_optional=False`` leaves "(optional)" away where everything is: filters.
    """
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "") or ""
    attrs: dict[str, Any] = {}
    if bound.is_hidden:
        return SafeString(bound.as_widget())
    if widget.use_fieldset and kind in GROUP_TYPES:
        shape = "group"
    elif kind in CHECKBOX_TYPES:
        shape, attrs["class"] = "checkbox", "choice__box"
    else:
        shape, attrs["class"] = "input", f"input {widget.attrs.get('class', '')}".strip()
    if help_text and not bound.help_text:
        bound.help_text = help_text
    return render_to_string(
        "components/field.html",
        {
            "field": bound,
            "shape": shape,
            "kind": kind,
            "control": "" if shape == "group" else bound.as_widget(attrs=attrs),
            "css": css,
            "optional": mark_optional and not bound.field.required,
        },
    )


@register.simple_tag
def form_errors(form: BaseForm, focus: bool = True) -> SafeString:
    """The summary above a refused form: what is wrong in it, each linked to its field.

    ``focus``: the page opens at it, so that nobody has to look for what went wrong.
    """
    if not form.is_bound or not form.errors:
        return SafeString("")
    wrong = [bound for bound in form if bound.errors]
    return render_to_string(
        "components/form_errors.html", {"form": form, "wrong": wrong, "focus": focus}
    )


@register.simple_block_tag
def sheet(content: str, id: str, title: str, foot: str = "", css: str = "") -> SafeString:
    """A sheet from the bottom (phone) or a panel (desktop); opened by ``data-open="ID"``."""
    context = {"id": id, "title": title, "body": content, "foot": foot, "css": css}
    return render_to_string("components/sheet.html", context)


@register.simple_block_tag
def dialog(content: str, id: str, title: str) -> SafeString:
    """A dialog that asks one question; its body holds the sentence, the form and buttons."""
    context = {"id": id, "title": title, "body": content}
    return render_to_string("components/dialog.html", context)


@register.simple_block_tag
def alert(content: str, kind: str = "info", title: str = "", role: str = "") -> SafeString:
    """A notice inside the page. ``kind``: info, ok, warn, danger. ``role``: alert or status."""
    context = {"kind": kind, "title": title, "body": content, "role": role}
    return render_to_string("components/alert.html", context)
