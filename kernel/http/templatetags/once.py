"""The hidden one-time key of a form that `kernel.http.once.page_once` protects."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kernel.http.once import FORM_KEY
from kernel.ids import new_token

register = template.Library()


@register.simple_tag
def form_key() -> SafeString:
    """A hidden input with a fresh key. One per form and page view, inside the form element."""
    return format_html('<input type="hidden" name="{}" value="{}">', FORM_KEY, new_token())
