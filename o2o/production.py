"""What a server with real customers must not start with, unless somebody says so by name.

`ALLOW_UNSAFE=debug,sandbox` names what is meant, one by one; docs/operations.md lists the names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

SECRET_LETTERS = 50
DIFFERENT_LETTERS = 16
SAMPLES = ("django-insecure", "only-for-", "change", "secret", "example", "random characters")
"""How the keys of tutorials, of sample files and of our own documentation read."""


@dataclass(frozen=True, slots=True)
class Danger:
    """``name`` is what ALLOW_UNSAFE calls it; ``sentence`` names the variable and the way out."""

    name: str
    sentence: str


DEMO_DOMAIN = "@example.com"
"""Reserved (RFC 2606): nobody real has an address there."""
DEMO_PASSWORD = "harbour-lantern-26"  # noqa: S105 - printed on the screen by `make demo`
TOKEN_LETTERS = 16
NAMES = (
    "debug", "secret-key", "secret-key-fallbacks", "qr-secret", "metrics-token", "hosts", "sandbox", "demo-passwords",
)  # fmt: skip


def check_settings(
    *,
    debug: bool,
    secret_key: str,
    fallbacks: Iterable[str],
    qr_secret: str,
    metrics_token: str,
    hosts: Iterable[str],
    sandbox: bool,
    allowed: Iterable[str],
) -> None:
    """Raise ImproperlyConfigured for the first danger that ``allowed`` does not name."""
    allowed = set(allowed)
    unknown = sorted(allowed - set(NAMES))
    if unknown:
        raise ImproperlyConfigured(
            f"ALLOW_UNSAFE names {', '.join(unknown)}; it knows {', '.join(NAMES)}."
        )
    dangers = (
        *_dangers_of_secrets(secret_key, list(fallbacks), qr_secret, metrics_token),
        *_dangers_of_switches(debug, list(hosts), sandbox),
    )
    for danger in dangers:
        if danger.name not in allowed:
            raise ImproperlyConfigured(refusal(danger))


def _dangers_of_secrets(
    secret_key: str, fallbacks: list[str], qr_secret: str, metrics_token: str
) -> Iterator[Danger]:
    if _is_weak(secret_key):
        yield Danger("secret-key", f"SECRET_KEY can be guessed; {_GOOD_SECRET}")
    if any(map(_is_weak, fallbacks)):
        yield Danger(
            "secret-key-fallbacks",
            "SECRET_KEY_FALLBACKS holds a key that can be guessed, and whoever guesses it signs "
            f"in as anybody; take out keys with fewer than {SECRET_LETTERS} random characters.",
        )
    if qr_secret != secret_key and _is_weak(qr_secret):
        yield Danger("qr-secret", f"QR_SECRET can be guessed; {_GOOD_SECRET}")
    if metrics_token and len(metrics_token) < TOKEN_LETTERS:
        yield Danger(
            "metrics-token",
            f"METRICS_TOKEN can be guessed; set it to {TOKEN_LETTERS} or more random characters.",
        )


def _dangers_of_switches(debug: bool, hosts: list[str], sandbox: bool) -> Iterator[Danger]:
    if debug:
        yield Danger("debug", "DEBUG shows strangers the code and its variables; unset it.")
    if any(host.strip() in {"*", ".", "0.0.0.0"} for host in hosts):  # noqa: S104 - refused
        yield Danger("hosts", "ALLOWED_HOSTS accepts every name; list the names of this site.")
    if sandbox:
        yield Danger(
            "sandbox", "SANDBOX_GATEWAY gives goods away for simulated payments; unset it."
        )


_GOOD_SECRET = f"set it to {SECRET_LETTERS} or more random characters."


def _is_weak(secret: str) -> bool:
    lower = secret.lower()
    return (
        len(secret) < SECRET_LETTERS
        or len(set(secret)) < DIFFERENT_LETTERS
        or any(sample in lower for sample in SAMPLES)
    )


def refusal(danger: Danger) -> str:
    """What is wrong, what happened, and how to insist."""
    return (
        f"{danger.sentence} Nothing was started. "
        f"If it is meant all the same, add {danger.name} to ALLOW_UNSAFE."
    )
