"""The field of a picture that remembers what was chosen when its form is refused."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext
from unfold.widgets import UnfoldAdminImageSmallFieldWidget

from catalog.kept_models import KeptPicture
from catalog.services.kept_pictures import find_kept, token_of


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
            self.kept.small.url,
            gettext("Your picture is kept for an hour. Choose another one only to replace it."),
        )
