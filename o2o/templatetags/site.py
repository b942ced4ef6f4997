"""``{% site_ld %}``: the site and its search for search engines, on the front page."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from kernel.http.seo import structured

register = template.Library()
Context = dict[str, Any]


@register.simple_tag(takes_context=True)
def site_ld(context: Context) -> SafeString:
    """The site as a whole."""
    about = context["site"]
    return structured.script(
        structured.site(
            about["name"],
            str(about["tagline"]),
            home=reverse("home"),
            search=reverse("product_list"),
        )
    )
