"""The forms behind the admin pages: money in yuan, the merchant understood, small pictures."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.files.base import ContentFile
from django.db.models import CheckConstraint
from django.utils.text import capfirst
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from kernel.errors import InvalidInput, Refusal
from kernel.http.forms import YuanField, uncut
from stores.kept_widget import keep_upload
from stores.models import Merchant


def yuan_field(**options: Any) -> YuanField:
    """An amount in the dress of the back office; how much there may be, the model's field says."""
    widget = UnfoldAdminDecimalFieldWidget(attrs={"inputmode": "decimal"})
    return YuanField(widget=widget, **options)


class TenantForm(forms.ModelForm):
    """Knows the one merchant of the person also where the form does not ask for it."""

    implied_merchant: ClassVar[Merchant | None] = None
    also_saved: ClassVar[tuple[str, ...]] = ()
    """Model fields that the form fills from fields of other names."""
    refused: ClassVar[Refusal | None] = None
    """What a service refused when this form was being saved; see TenantAdmin.changeform_view."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in map(uncut, self.fields.values()):
            if field.label:  # Django begins the labels of model fields with a capital, ours alike
                field.label = capfirst(str(field.label))
        if self.implied_merchant and self.instance._state.adding:
            self.instance.merchant = self.implied_merchant

    def _get_validation_exclusions(self) -> set[str]:
        """Uniqueness per merchant is checked although the merchant is not asked for."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"merchant"} if self.implied_merchant else excluded

    def judge(self) -> None:
        """Ask the service about ``self.instance``; it raises InvalidInput with the fields."""

    def _post_clean(self) -> None:
        """Show what the service refuses, beside the field it names: rules stand there once."""
        super()._post_clean()  # type: ignore[misc]
        try:
            self.judge()
        except InvalidInput as refusal:
            self._show(refusal)
        if self.refused is not None:
            self._show(self.refused)

    def _show(self, refusal: Refusal) -> None:
        reasons = refusal.by_field or {NON_FIELD_ERRORS: [str(refusal)]}
        for name, texts in reasons.items():
            shown = next((n for n in (name, f"{name}_text") if n in self.fields), None)
            if shown not in self.errors and (shown or not self.errors):
                self.add_error(shown, texts)
        self._drop_constraints()

    def _drop_constraints(self) -> None:
        """Leave out the database's own words for what the service has said in people's."""
        checks = [c for c in self._meta.model._meta.constraints if isinstance(c, CheckConstraint)]
        said = {str(check.get_violation_error_message()) for check in checks}
        texts: list[str] = [str(text) for text in self.errors.pop(NON_FIELD_ERRORS, ())]
        for text in texts:
            if text not in said or not self.errors:
                self.add_error(None, text)

    def saved_fields(self) -> set[str]:
        """The columns that this form may write: never a roll-up that it did not show."""
        columns = {field.name for field in self._meta.model._meta.concrete_fields}
        return columns & {*self.fields, *self.also_saved}

    def clean_shrunk_picture(self, name: str) -> Any:
        """Return an uploaded picture as a small WebP file without the camera's data.

        It is kept while other fields are being mended: its widget is a KeptImageWidget.
        """
        kept = keep_upload(self, name)
        upload: Any = self.cleaned_data.get(name)
        if kept is None:
            return upload
        stem = (upload.name or "picture").rsplit(".", 1)[0]
        return ContentFile(bytes(kept.content), name=f"{stem}.webp")
