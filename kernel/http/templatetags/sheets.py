"""The style sheets of a page: one joined file where files were collected, single ones elsewhere."""

from __future__ import annotations

from django import template
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from kernel.http.statics import bundle_file, sheet_files

register = template.Library()


@register.simple_tag
def style_sheets(kind: str) -> SafeString:
    """The links to the sheets of every "shop" or "console" page."""
    collected = getattr(staticfiles_storage, "hashed_files", {})
    files = [bundle_file(kind)] if bundle_file(kind) in collected else sheet_files(kind)
    return format_html_join(
        "\n", '<link rel="stylesheet" href="{}">', ((static(name),) for name in files)
    )
