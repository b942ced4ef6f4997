"""The sandbox gateway's signature: Ed25519 over ``timestamp\\nnonce\\nbody\\n``.

The key pair is derived from settings.SECRET_KEY, so every process has it and nobody else.
The gateway signs with the private half; the adapter verifies with the public one. Keys of
SECRET_KEY_FALLBACKS are still believed, as sessions are.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from kernel.clock import now

_PURPOSE = b"o2o sandbox gateway, notification signature, 1"


@lru_cache(maxsize=8)
def _key_of(secret: str) -> Ed25519PrivateKey:
    seed = hmac.new(secret.encode(), _PURPOSE, hashlib.sha256).digest()
    return Ed25519PrivateKey.from_private_bytes(seed)


def _serial_of(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def _text(timestamp: str, nonce: str, body: bytes) -> bytes:
    return f"{timestamp}\n{nonce}\n".encode() + body + b"\n"


def sign(body: bytes) -> dict[str, str]:
    """Return the headers the gateway sends with ``body`` at this moment."""
    key = _key_of(settings.SECRET_KEY)
    timestamp, nonce = str(int(now().timestamp())), secrets.token_hex(16)
    return {
        "Sandbox-Serial": _serial_of(key.public_key()),
        "Sandbox-Timestamp": timestamp,
        "Sandbox-Nonce": nonce,
        "Sandbox-Signature": base64.b64encode(key.sign(_text(timestamp, nonce, body))).decode(),
    }


def verify(*, serial: str, timestamp: str, nonce: str, signature: str, body: bytes) -> bool:
    """Whether the gateway signed these very bytes; says nothing about when."""
    try:
        raw = base64.b64decode(signature, validate=True)
        text = _text(timestamp, nonce, body)
    except ValueError:
        return False
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        key = _key_of(secret).public_key()
        if not hmac.compare_digest(_serial_of(key).encode(), serial.encode()):
            continue
        try:
            key.verify(raw, text)
        except InvalidSignature:
            continue
        return True
    return False
