"""Whose doing a fact is, as far as that may be known."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import NamedTuple

from django.conf import settings

_ROBOT = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|facebookexternalhit|headlesschrome|lighthouse|curl/|wget/|"
    r"^whatsapp/|^viber|line-poker|slack-imgproxy|kakaotalk-scrap|embedly|iframely|vkshare|cardyb|"
    r"meta-external|^mastodon/|python-|go-http|java/|okhttp|scrapy|monitor|pingdom|uptime",
    re.IGNORECASE,
)
_TABLET = re.compile(r"ipad|tablet|android(?!.*mobile)", re.IGNORECASE)
_PHONE = re.compile(r"mobi|iphone|android", re.IGNORECASE)
_LENGTH = 32


class Trace(NamedTuple):
    """What is known of who does something.

    ``visitor`` is the key of a browser whose person agreed to be counted. Of others there is the
    ``origin`` (address and browser), which is never kept: a hash that changes every day is made of it
    when the row is written. ``visit`` ties an order to the codes that were scanned in the same visit, and is kept
    with touches alone; ``stay`` ties together what somebody who agreed does until the browser is closed;
    ``subject`` stands for a person who is signed in and agreed. ``counts`` is False for robots and for pages that are
    fetched ahead.
    """

    visitor: str = ""
    origin: str = ""
    visit: str = ""
    subject: str = ""
    channel: str = ""
    device: str = ""
    agreed: bool = False
    counts: bool = True
    stay: str = ""


NOBODY = Trace(counts=False)


def subject_key(user_id: int) -> str:
    """The key that stands for a person in facts: whoever has the facts alone can't tell whose it is."""
    return _hash(settings.SECRET_KEY.encode(), f"subject:{user_id}")


def kept_key(cookie: str) -> str:
    """How the key in a cookie is kept: from the row nobody can make the cookie."""
    return hashlib.sha256(cookie.encode()).hexdigest()[:_LENGTH] if cookie else ""


def day_hash(salt: bytes, origin: str) -> str:
    """A visitor of one day who has no key: the same only as long as the salt is."""
    return _hash(salt, origin)


def is_robot(agent: str) -> bool:
    """Whether the name that a program gives itself is that of no browser."""
    return not agent or _ROBOT.search(agent) is not None


def device_of(agent: str) -> str:
    """The class of the device: phone, tablet, desktop; "" where nothing is said."""
    if not agent:
        return ""
    if _TABLET.search(agent):
        return "tablet"
    return "phone" if _PHONE.search(agent) else "desktop"


def _hash(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:_LENGTH]
