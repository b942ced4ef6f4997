"""Pictures chosen in a form that was refused: kept for an hour, so that nobody chooses twice."""

from __future__ import annotations

import datetime as dt
import io
from typing import IO, Any

from django.core import signing
from django.core.files.uploadedfile import InMemoryUploadedFile

from kernel.clock import now
from kernel.media.pictures import MAX_BYTES, webp_sizes
from stores.models import KeptPicture

KEPT_FOR = dt.timedelta(hours=1)
KEPT_PIXELS = (1200, 1200)
_SIGNER = signing.Signer(salt="kept-picture")


class KeptUpload(InMemoryUploadedFile):
    """A kept picture that stands for the file it was uploaded as."""

    kept: KeptPicture


def keep_picture(content: bytes | IO[bytes]) -> KeptPicture:
    """Keep an upload for KEPT_FOR, at most 1200 pixels wide and high. Raises PictureError."""
    data = content if isinstance(content, bytes) else content.read(MAX_BYTES + 1)
    (shrunk,), _pixels = webp_sizes(data, KEPT_PIXELS)
    return KeptPicture.objects.create(content=shrunk)


def token_of(kept: KeptPicture) -> str:
    """What a form sends back to name its kept picture; nobody else can write it."""
    return _SIGNER.sign(str(kept.pk))


def find_kept(token: str) -> KeptUpload | None:
    """The kept picture of ``token``, or None when it is none or an hour has passed."""
    try:
        pk = int(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    kept = KeptPicture.objects.filter(pk=pk, kept_at__gt=now() - KEPT_FOR).first()
    if kept is None:
        return None
    data = bytes(kept.content)
    file: Any = io.BytesIO(data)
    upload = KeptUpload(file, None, "picture.webp", "image/webp", len(data), None)
    upload.kept = kept
    return upload


def sweep_kept_pictures() -> int:
    """Delete what can't be used any more; return how many."""
    return KeptPicture.objects.filter(kept_at__lte=now() - KEPT_FOR).delete()[0]
