from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from o2o.errors import InvalidInput, Refusal


class RefusableForm(forms.Form):
    """A form that shows what a service refused, beside the field it names.

    An empty field says what to do, where Django states that it "is required".
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stated = forms.Field.default_error_messages["required"]
        for field in self.fields.values():
            if field.error_messages.get("required") == stated:
                field.error_messages["required"] = _("Please fill this in.")

    def refuse(self, refusal: Refusal) -> None:
        """Take over the sentences of a refusal."""
        fields = refusal.extra.get("fields", {}) if isinstance(refusal, InvalidInput) else {}
        for name, messages in fields.items():
            self.add_error(name if name in self.fields else None, messages)
        if not fields:
            self.add_error(None, str(refusal))
