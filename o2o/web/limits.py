"""Rate limits counted in the cache, in fixed windows.

A lost cache forgets the counts: limits slow down guessing, the size of the secrets is what
makes it hopeless.
"""

from __future__ import annotations

import hashlib
import ipaddress
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from o2o.errors import TooManyAttempts


def client_address(request: HttpRequest) -> str:
    """Whom to count a visitor as: the address, or the /64 network of an IPv6 one.

    Behind a proxy (TRUST_PROXY) the address is the last one of X-Forwarded-For, the only one
    the proxy itself has written.
    """
    text = request.META.get("REMOTE_ADDR", "")
    if settings.TRUST_PROXY:
        text = request.headers.get("X-Forwarded-For", text).rsplit(",", 1)[-1].strip()
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text or "unknown"
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _key(scope: str, who: str, window: int) -> str:
    digest = hashlib.sha256(who.encode()).hexdigest()[:32]
    return f"limit:{scope}:{digest}:{window}"


def check_limit(scope: str, who: str, *, limit: int, period_seconds: int) -> None:
    """Raise TooManyAttempts when ``who`` already has ``limit`` counted hits in this window."""
    if not settings.RATE_LIMITS:
        return
    moment = int(time.time())
    window = moment // period_seconds
    if (cache.get(_key(scope, who, window)) or 0) >= limit:
        raise TooManyAttempts(retry_after_seconds=(window + 1) * period_seconds - moment)


def count_hit(scope: str, who: str, *, period_seconds: int) -> None:
    """Count one hit of ``who`` in the current window."""
    key = _key(scope, who, int(time.time()) // period_seconds)
    cache.add(key, 0, timeout=period_seconds + 5)
    try:
        cache.incr(key)
    except ValueError:
        return  # the cache is away or the key just ran out; the next hit counts again


def hit(scope: str, who: str, *, limit: int, period_seconds: int) -> None:
    """Check and count in one call."""
    check_limit(scope, who, limit=limit, period_seconds=period_seconds)
    count_hit(scope, who, period_seconds=period_seconds)
