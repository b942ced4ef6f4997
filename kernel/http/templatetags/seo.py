"""The head of a page for search engines and link previews; templates load ``seo``.

{% meta_title %}…{% endmeta_title %}              <title>, and the title of a shared link
{% meta_description %}…{% endmeta_description %}  the same for the description
{% page_links %}          canonical and hreflang of a public page; noindex on every other
{% social_card %}         the rest of a shared link's card; kind="product" src=… alt=…
{% json_ld data %}        schema.org data, escaped
{% crumbs_ld crumbs %}    the same for the breadcrumbs that the page shows
{% same_page %}           this address without ?lang=
"""

from __future__ import annotations

import html
from typing import Any

from django import template
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from kernel.http.language import address_in_any_language
from kernel.http.seo import structured
from kernel.http.seo.public import absolute, alternates, canonical, is_search, public_page_of

register = template.Library()
Context = dict[str, Any]
LOCALES = {"en": "en_US", "zh-hans": "zh_CN"}
META = '<meta property="{}" content="{}">\n  '
DESCRIPTION_LENGTH = 160


class _Told(template.Node):
    """Text between two tags, told to browsers and again to link previews."""

    def __init__(self, nodelist: template.NodeList, markup: str, name: str, most: int) -> None:
        self.nodelist, self.markup, self.name, self.most = nodelist, markup, name, most

    def render(self, context: template.Context) -> SafeString:
        # What blocks give is escaped already; quotes in translated sentences are not.
        text = " ".join(html.unescape(self.nodelist.render(context)).split())
        text = text.replace("。 ", "。")  # two sentences side by side; Chinese has no space there
        if self.most and len(text) > self.most:
            text = f"{text[: self.most - 1].rstrip()}…"
        told = format_html(self.markup, text)
        if public_page_of(context.get("request")) is None:
            return told
        name = (context.get("site") or {}).get("name", "")
        return told + format_html("\n  " + META.strip(), self.name, text.removesuffix(f" · {name}"))


def _told(markup: str, name: str, end: str, most: int = 0) -> Any:
    def compile_tag(parser: Any, token: Any) -> _Told:
        nodelist = parser.parse((end,))
        parser.delete_first_token()
        return _Told(nodelist, markup, name, most)

    return compile_tag


register.tag("meta_title", _told("<title>{}</title>", "og:title", "endmeta_title"))
register.tag(
    "meta_description",
    _told(
        '<meta name="description" content="{}">',
        "og:description",
        "endmeta_description",
        DESCRIPTION_LENGTH,
    ),
)


@register.simple_tag(takes_context=True)
def page_links(context: Context) -> SafeString:
    """Where this page lives, in which languages; or that it is nobody's to find."""
    request = context.get("request")
    page = public_page_of(request)
    if request is None or page is None:
        return mark_safe('<meta name="robots" content="noindex">')
    links = format_html('<link rel="canonical" href="{}">', canonical(request, page))
    if is_search(request, page):
        return links + mark_safe('\n  <meta name="robots" content="noindex, follow">')
    return links + format_html_join(
        "", '\n  <link rel="alternate" hreflang="{}" href="{}">', alternates(request, page)
    )


@register.simple_tag(takes_context=True)
def social_card(
    context: Context,
    kind: str = "website",
    src: str = "",
    alt: str = "",
    width: int | None = None,
    height: int | None = None,
) -> SafeString:
    """og: and twitter: of a public page; without ``src`` the card shows the drawn street."""
    request = context.get("request")
    page = public_page_of(request)
    if request is None or page is None:
        return SafeString("")
    here = get_language() or ""
    name = context.get("site", {}).get("name", "")
    if not src:
        src, (width, height) = structured.brand_card(), structured.CARD_PIXELS
    facts = [
        ("og:type", kind),
        ("og:url", canonical(request, page)),
        ("og:site_name", name),
        ("og:locale", LOCALES.get(here, here)),
        *(("og:locale:alternate", tag) for code, tag in LOCALES.items() if code != here),
        ("og:image", absolute(src)),
        *([("og:image:width", width), ("og:image:height", height)] if width and height else []),
        ("og:image:alt", alt or name),
    ]
    card = mark_safe('<meta name="twitter:card" content="summary_large_image">')
    return format_html_join("", META, facts) + card


@register.simple_tag
def json_ld(data: structured.Thing) -> SafeString:
    """schema.org data as a block that is read and never run."""
    return structured.script(data)


@register.simple_tag(takes_context=True)
def crumbs_ld(context: Context, crumbs: Any) -> SafeString:
    """The breadcrumbs of components/crumbs.html."""
    here = structured.page_address(context["request"])
    return structured.script(structured.breadcrumbs(crumbs, here))


@register.simple_tag(takes_context=True)
def same_page(context: Context) -> str:
    """This address in whatever language is chosen next."""
    request: HttpRequest | None = context.get("request")
    return address_in_any_language(request) if request else "/"
