"""The field of a picture that remembers what was chosen when its form is refused."""

from __future__ import annotations

import base64
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.html import format_html
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminImageSmallFieldWidget

from kernel.media.pictures import PictureError, webp_sizes
from stores.models import KeptPicture
from stores.services.kept_pictures import KeptUpload, find_kept, keep_picture, token_of

PREVIEW_PIXELS = (192, 192)


class KeptImageWidget(UnfoldAdminImageSmallFieldWidget):
    """Shows a kept picture with its thumbnail, and sends its token back with the form."""

    kept: KeptPicture | None = None
    """What the form has kept; a bound file field shows its first value only."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The file that was chosen now, else the one that was kept before."""
        chosen = super().value_from_datadict(data, files, name)
        token = data.get(f"{name}-kept")
        return find_kept(token) if chosen is None and token else chosen

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        if self.kept is None:
            return super().render(name, value, attrs, renderer)
        return format_html(
            '{}<input type="hidden" name="{}-kept" value="{}">'
            '<p><img src="{}" alt="" width="96" loading="lazy"> {}</p>',
            super().render(name, None, attrs, renderer),
            name,
            token_of(self.kept),
            _preview(self.kept),
            gettext("Your picture is kept for an hour. Choose another one only to replace it."),
        )


def keep_upload(form: Any, name: str) -> KeptPicture | None:
    """Keep what was chosen for the field ``name`` while other fields of ``form`` are mended.

    None where nothing new was chosen. Raises ValidationError for what is no picture.
    """
    upload = form.cleaned_data.get(name)
    if not isinstance(upload, UploadedFile):
        return None
    try:
        kept = upload.kept if isinstance(upload, KeptUpload) else keep_picture(upload)
    except PictureError:
        raise ValidationError(
            gettext("This file is not a JPEG, PNG or WebP picture, or it is too large.")
        ) from None
    form.fields[name].widget.kept = kept
    return kept


def _preview(kept: KeptPicture) -> str:
    (small,), _pixels = webp_sizes(bytes(kept.content), PREVIEW_PIXELS)
    return f"data:image/webp;base64,{base64.b64encode(small).decode()}"
