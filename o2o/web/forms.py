from __future__ import annotations

from django import forms

from o2o.errors import InvalidInput, Refusal


class RefusableForm(forms.Form):
    """A form that shows what a service refused, beside the field it names."""

    def refuse(self, refusal: Refusal) -> None:
        """Take over the sentences of a refusal."""
        fields = refusal.extra.get("fields", {}) if isinstance(refusal, InvalidInput) else {}
        for name, messages in fields.items():
            self.add_error(name if name in self.fields else None, messages)
        if not fields:
            self.add_error(None, str(refusal))
