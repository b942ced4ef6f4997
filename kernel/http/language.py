"""Which language a page speaks: the address first (``?lang=``), then cookie and browser.

``?lang=`` gives each language an address of its own, for search engines and for links that are
passed on. Who opens a page by one goes on in its language, as after a tap on the language switch:
links inside the shop name no language. No answer is shared for it, pages vary by cookie
(kernel/http/seo/exposure.py). Files and the API only answer in it.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

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


def remember_language(response: HttpResponseBase, language: str) -> None:
    """Speak ``language`` from the next page on."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.SESSION_COOKIE_AGE,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def _somebody_goes_there(request: HttpRequest) -> bool:
    """Whether a person opens the address; a page or its service worker may fetch it by itself."""
    if request.method != "GET" or request.headers.get("Sec-Purpose"):
        return False
    return request.headers.get("Sec-Fetch-Dest", "document") == "document"


class LanguageMiddleware(MiddlewareMixin):
    """Django's LocaleMiddleware, which looks for ``?lang=`` instead of a language in the path."""

    def process_request(self, request: HttpRequest) -> None:
        """Activate the language for this request: the address's, else the cookie's or browser's."""
        asked = asked_language(request)
        translation.activate(asked or translation.get_language_from_request(request))
        request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Say the language, and let the one of a page's address go on from there."""
        asked = asked_language(request)
        if asked and asked != request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME):
            is_page = response.headers.get("Content-Type", "").startswith("text/html")
            if is_page and _somebody_goes_there(request) and response.status_code < 400:
                remember_language(response, asked)
        patch_vary_headers(response, ("Accept-Language",))
        response.headers.setdefault("Content-Language", translation.get_language() or "")
        return response
