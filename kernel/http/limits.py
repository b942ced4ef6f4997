"""Rate limits counted in the cache, in fixed windows.

Counted first and compared afterwards, in one step of the cache: parallel guesses can't slip
through together between a look and a count. What turns out to be no guess is given back.

A lost cache forgets the counts, and counts nothing while it is unreachable: limits slow down
guessing, the size of the secrets is what makes it hopeless.
"""

from __future__ import annotations

import hashlib
import ipaddress
import time
from collections.abc import Iterable
from typing import NamedTuple, cast

from django.conf import settings
from django.core.cache import DEFAULT_CACHE_ALIAS, caches
from django.http import HttpRequest

from kernel.cache.backend import ForgivingRedisCache
from kernel.errors import TooManyAttempts


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


class Hit(NamedTuple):
    """One counted hit, which `give_back` takes away again when it was none (a right password)."""

    key: str
    seconds: int

    def give_back(self) -> None:
        if self.key:
            _count(self.key, -1, self.seconds)


NOT_COUNTED = Hit("", 0)


def hit(scope: str, who: str, *, limit: int, period_seconds: int) -> Hit:
    """Count a hit of ``who``, then compare: of any number at once exactly ``limit`` get through.

    Raises TooManyAttempts for the others in this window; those stay counted, which changes
    nothing until the window ends. While the cache is unreachable nothing is counted or refused.
    """
    if not settings.RATE_LIMITS:
        return NOT_COUNTED
    moment = int(time.time())
    window = moment // period_seconds
    counted = Hit(f"limit:{scope}:{_digest(who)}:{window}", period_seconds + 5)
    count = _count(counted.key, 1, counted.seconds)
    if count is None:
        return NOT_COUNTED
    if count > limit:
        raise TooManyAttempts(retry_after_seconds=(window + 1) * period_seconds - moment)
    return counted


def hit_all(limits: Iterable[tuple[str, str, int, int]]) -> list[Hit]:
    """`hit` each (scope, who, limit, period in seconds), or none of them when one refuses."""
    counted: list[Hit] = []
    try:
        for scope, who, limit, seconds in limits:
            counted.append(hit(scope, who, limit=limit, period_seconds=seconds))
    except TooManyAttempts:
        give_back(counted)
        raise
    return counted


def forgive(scope: str, who: str, *, period_seconds: int) -> None:
    """Forget what was counted of ``who`` in this window."""
    window = int(time.time()) // period_seconds
    _store().delete(f"limit:{scope}:{_digest(who)}:{window}")


def remember(scope: str, who: str, *, seconds: int) -> None:
    """Know ``who`` for so long, so that a limit meant for strangers can leave them out."""
    _store().set(f"known:{scope}:{_digest(who)}", 1, timeout=seconds)


def is_remembered(scope: str, who: str) -> bool:
    """Whether `remember` was told of ``who``; False where the cache was lost, as all counts are."""
    return _store().get(f"known:{scope}:{_digest(who)}") is not None


def give_back(hits: Iterable[Hit]) -> None:
    """Take back hits that were none."""
    for counted in hits:
        counted.give_back()


def _digest(who: str) -> str:
    return hashlib.sha256(who.encode(errors="surrogatepass")).hexdigest()[:32]


def _store() -> ForgivingRedisCache:
    return cast(ForgivingRedisCache, caches[DEFAULT_CACHE_ALIAS])


def _count(key: str, delta: int, seconds: int) -> int | None:
    return _store().count(key, delta, timeout=seconds)
