"""Which language a page speaks: the address first (``?lang=``), then cookie and browser.

``?lang=`` changes nothing but the page it stands on: no cookie, no redirect. It gives each
language an address of its own, for search engines and for links that are passed on.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

LANGUAGE_PARAMETER = "lang"


def asked_language(request: HttpRequest) -> str:
    """The language the address asks for, "" for none or one that we do not speak."""
    if LANGUAGE_PARAMETER not in request.META.get("QUERY_STRING", ""):
        return ""
    try:
        return translation.get_supported_language_variant(request.GET.get(LANGUAGE_PARAMETER, ""))
    except LookupError:
        return ""


def address_in_any_language(request: HttpRequest) -> str:
    """This address without ``?lang=``: where a switch of the language comes back to."""
    if not asked_language(request):
        return request.get_full_path()
    params = request.GET.copy()
    del params[LANGUAGE_PARAMETER]
    return f"{request.path}?{urlencode(params, doseq=True)}" if params else request.path


class LanguageMiddleware(LocaleMiddleware):
    """Django's, after a look at the address."""

    def process_request(self, request: HttpRequest) -> None:
        """Activate the language for this request."""
        asked = asked_language(request)
        if not asked:
            super().process_request(request)
            return
        translation.activate(asked)
        request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]
