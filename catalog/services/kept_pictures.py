"""Pictures chosen in a form that was refused: kept for an hour, so that nobody chooses twice."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from django.core import signing
from django.core.files.base import File
from django.core.files.uploadedfile import InMemoryUploadedFile

from catalog.kept_models import KeptPicture
from catalog.models import Picture
from catalog.services.pictures import fill_picture
from o2o.clock import now
from o2o.watch.services import try_each

KEPT_FOR = dt.timedelta(hours=1)
_SIGNER = signing.Signer(salt="catalog.kept-picture")
FILES = ("image", "small", "card")


class KeptUpload(InMemoryUploadedFile):
    """A kept picture that stands for the file it was uploaded as."""

    kept: KeptPicture


def keep_picture(content: bytes | File[Any]) -> KeptPicture:
    """Store an upload in its sizes until it is used or KEPT_FOR is over. Raises BadPicture."""
    picture = Picture()
    fill_picture(picture=picture, content=content)
    facts = {name: getattr(picture, name) for name in (*FILES, "width", "height")}
    return KeptPicture.objects.create(**facts)


def token_of(kept: KeptPicture) -> str:
    """What a form sends back to name its kept picture; nobody else can write it."""
    return _SIGNER.sign(str(kept.pk))


def find_kept(token: str) -> KeptUpload | None:
    """The kept picture of ``token``, or None when it is none, was used, or an hour has passed."""
    try:
        pk = int(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    kept = KeptPicture.objects.filter(pk=pk, kept_at__gt=now() - KEPT_FOR).first()
    if kept is None:
        return None
    try:
        with kept.image.open("rb") as file:
            data = file.read()
    except OSError:
        return None
    upload = KeptUpload(io.BytesIO(data), None, kept.image.name, "image/webp", len(data), None)
    upload.kept = kept
    return upload


def use_kept(*, kept: KeptPicture, picture: Picture) -> None:
    """Give the files to ``picture``, which the caller saves; the kept row ends, its files stay."""
    for name in (*FILES, "width", "height"):
        value = getattr(kept, name)
        setattr(picture, name, value.name if name in FILES else value)
    KeptPicture.objects.filter(pk=kept.pk).delete()


def sweep_kept_pictures() -> int:
    """Delete what was kept and never used, with its files; return how many.

    An hour after it could last be used: nobody who is saving just now loses a file.
    """
    old = list(KeptPicture.objects.filter(kept_at__lte=now() - 2 * KEPT_FOR).order_by("pk")[:500])
    done = try_each(
        old, _forget, kind="catalog.kept_picture", subject=lambda kept: f"kept:{kept.pk}"
    )
    return len(done)


def _forget(kept: KeptPicture) -> None:
    """The row goes first: whoever is using it has deleted it, and the files are theirs."""
    if not KeptPicture.objects.filter(pk=kept.pk).delete()[0]:
        return
    for name in FILES:
        file = getattr(kept, name)
        if file:
            file.storage.delete(file.name)
