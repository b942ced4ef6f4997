"""The site as an app: manifest, service worker, the page shown without network, what to keep."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestFilesMixin, staticfiles_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language, gettext, pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kernel.clock import now
from kernel.http.context import site
from kernel.http.language import LANGUAGE_PARAMETER
from kernel.http.seo.public import public_file
from kernel.paper.identity import colour
from vouchers.models import Voucher
from vouchers.offline import PREFETCHED, account_key, change_mark

_ASSET = re.compile(rf'(?:href|src)="({re.escape(settings.STATIC_URL)}[^"#]+)')
_MANIFEST_SECONDS = 60 * 60
UNTOUCHED = ("/admin/", "/api/")
"""Never through the worker: the back office and programs must see the network as it is."""
UNKEPT = ("/console/",)
"""Never stored: a stored console would show a state of affairs that may be false at the counter."""


@public_file
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """static/sw.js with its settings; revalidated on every request, so that a release arrives."""
    response = HttpResponse(_worker(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@public_file
@require_safe
def offline_page(request: HttpRequest) -> HttpResponse:
    """What a visitor without network sees instead of a page (kept by the worker)."""
    response = render(request, "offline.html")
    response["Cache-Control"] = "no-cache"
    response["X-Robots-Tag"] = "noindex"
    return response


@public_file
@require_safe
def web_manifest(request: HttpRequest) -> HttpResponse:
    """Name, icons and shortcuts of the installed app, in the language of ``?lang=``."""
    response = JsonResponse(_manifest(request), content_type="application/manifest+json")
    response["Cache-Control"] = f"public, max-age={_MANIFEST_SECONDS}"
    return response


@login_required
@require_safe
@never_cache
def voucher_offline(request: HttpRequest) -> JsonResponse:
    """The pages worth keeping: the usable vouchers that end first, each with its change mark."""
    usable = Voucher.objects.filter(owner_id=request.user.pk).usable()
    vouchers = list(usable.order_by("valid_until", "id")[: PREFETCHED + 1])
    pages = [
        {"url": reverse("voucher_detail", args=[voucher.pk]), "mark": change_mark(voucher)}
        for voucher in vouchers[:PREFETCHED]
    ]
    return JsonResponse(
        {
            "account": account_key(request.user),
            "pages": pages,
            "complete": len(vouchers) <= PREFETCHED,
            "time": now(),
        }
    )


def _manifest(request: HttpRequest) -> dict[str, Any]:
    facts = site(request)["site"]
    icons = [_icon(name, size, purpose) for name, purpose in _ICONS for size in (192, 512)]
    mark = {"src": static("img/mark.svg"), "type": "image/svg+xml", "sizes": "any"}
    return {
        "id": "/",
        "name": facts["name"],
        "short_name": facts["name"],
        "description": facts["tagline"],
        "lang": get_language(),
        "dir": "ltr",
        "start_url": reverse("home"),
        "scope": "/",
        "display": "standalone",
        "theme_color": colour("surface"),
        "background_color": colour("paper"),
        "icons": [mark | {"purpose": "any"}, *icons],
        "shortcuts": [
            {"name": gettext("My vouchers"), "url": reverse("voucher_list"), "icons": [icons[0]]},
            {
                "name": gettext("Stores near me"),
                "short_name": pgettext("app shortcut", "Nearby"),
                "url": reverse("store_list"),
                "icons": [icons[0]],
            },
        ],
    }


_ICONS = (("app", "any"), ("app-maskable", "maskable"))


def _icon(name: str, size: int, purpose: str) -> dict[str, str]:
    return {
        "src": static(f"img/{name}-{size}.png"),
        "type": "image/png",
        "sizes": f"{size}x{size}",
        "purpose": purpose,
    }


def _worker() -> str:
    return _build_worker() if settings.DEBUG else _built_once()


@cache
def _built_once() -> str:
    return _build_worker()


def _build_worker() -> str:
    source = Path(str(finders.find("sw.js"))).read_text(encoding="utf-8")
    pages = {
        code: f"{reverse('offline_page')}?{urlencode({LANGUAGE_PARAMETER: code})}"
        for code, _name in settings.LANGUAGES
    }
    facts = {
        "hashed": isinstance(staticfiles_storage, ManifestFilesMixin),
        "staticUrl": settings.STATIC_URL,
        "mediaUrl": settings.MEDIA_URL,
        "offline": pages,
        "language": settings.LANGUAGE_CODE,
        "wallet": reverse("voucher_list"),
        "pages": reverse("voucher_offline"),
        "untouched": UNTOUCHED,
        "unkept": UNKEPT,
        "shell": _shell(),
    }
    body = json.dumps(facts, sort_keys=True)
    version = hashlib.sha256((body + source).encode()).hexdigest()[:12]
    return f'const CONFIG = {{ version: "{version}", ...{body} }};\n\n{source}'


def _shell() -> list[str]:
    """The static files of the page without network, under their hashed names."""
    found: dict[str, None] = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found |= dict.fromkeys(_ASSET.findall(render_to_string("offline.html")))
    return list(found)
