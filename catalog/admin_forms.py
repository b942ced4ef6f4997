"""The forms of the catalog's admin pages: terms as lines of text, prices and stock in one row."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from catalog.blackout_text import format_blackout, parse_blackout
from catalog.errors import CategoryNotAllowed
from catalog.models import Category, Offer, Picture, Product, Variant
from catalog.occasions import Occasion
from catalog.readable import readable_facts, readable_lines
from catalog.services.categories import check_shelf
from catalog.services.likely_prices import price_question
from catalog.services.offers import check_offer
from catalog.services.products import check_category, check_places, check_product
from catalog.terms_text import (
    format_included,
    format_notes,
    format_provenance,
    parse_included,
    parse_notes,
    parse_provenance,
)
from kernel.bounds import MAX_COUNT, MAX_JSON_CHARS, validate_price_fen
from kernel.http.forms import WholeField
from kernel.http.templatetags.fmt import fen
from stores.admin_forms import TenantForm, yuan_field
from stores.kept_widget import KeptImageWidget, keep_upload

TRADES = {
    "restaurants": _("Restaurants"),
    "coffee": _("Coffee and bakery"),
    "beauty": _("Hair and beauty"),
    "fitness": _("Fitness"),
    "cinema": _("Cinema"),
    "hotel": _("Hotels"),
    "produce": _("Fresh produce"),
    "kids": _("Children"),
    "car-care": _("Car care"),
    "pets": _("Pets"),
    "gift": _("Something else"),
}


class CategoryForm(TenantForm):
    """The trade is chosen by name: it gives the shelf its icon and its missing pictures."""

    trade = forms.ChoiceField(
        label=_("Trade"),
        choices=list(TRADES.items()),
        widget=UnfoldAdminSelectWidget(),
        help_text=_("Gives the category its icon."),
    )

    class Meta:
        model = Category
        fields = ("name_en", "name_zh", "parent", "merchants", "position", "trade", "slug")
        help_texts: ClassVar = {
            "parent": _("Empty means a trade of its own, shown on the home page."),
            "position": _("Smaller numbers stand first."),
            "slug": _("The last part of the category's address: letters, digits and hyphens."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = self.instance.trade
        if known not in TRADES:
            self.fields["trade"].choices = [*TRADES.items(), (known, known)]  # type: ignore[attr-defined]

    def judge(self) -> None:
        check_shelf(self.instance)


def ask_about_price(
    form: forms.ModelForm, *, price_fen: int, list_price_fen: int | None, former_fen: int | None
) -> None:
    """Refuse a price that looks like a slip, with a box to tick that says it is meant.

    The box holds the price it was ticked for: another price is asked about again.
    """
    question = price_question(
        price_fen=price_fen, list_price_fen=list_price_fen, former_fen=former_fen
    )
    name = form.add_prefix("confirm_price")
    if not question or form.data.get(name) == str(price_fen):
        return
    box = format_html(
        '{} <label><input type="checkbox" name="{}" value="{}"> {}</label>',
        question,
        name,
        price_fen,
        gettext("Yes, %(price)s is right.") % {"price": fen(price_fen)},
    )
    form.add_error("price_fen", ValidationError(box, code="price_unconfirmed"))


class VariantForm(forms.ModelForm):
    """A variant with its normal price and its stock in one row."""

    price_fen = yuan_field(label=_("Price (yuan)"))
    available = WholeField(
        label=_("Stock"),
        min_value=0,
        max_value=MAX_COUNT,
        required=False,
        # Guests buy while a merchant types: only a number that was changed here is written.
        show_hidden_initial=True,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text=_("Empty means unlimited."),
    )
    low_stock_at = WholeField(
        label=_("Low at"),
        min_value=0,
        max_value=MAX_COUNT,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text=_("You are told when so many or fewer are left. Empty: you are not told."),
    )

    class Meta:
        model = Variant
        fields = ("name_en", "name_zh", "position", "active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            return
        normal = next(
            (o for o in self.instance.offers.all() if o.kind == Offer.Kind.NORMAL and o.active),
            None,
        )
        self.fields["price_fen"].initial = normal.price_fen if normal else None
        stock = getattr(self.instance, "stock", None)
        self.fields["available"].initial = stock.available if stock else None
        self.fields["low_stock_at"].initial = stock.low_stock_at if stock else None
        if stock and stock.by_store:
            self.fields["available"].disabled = True
            self.fields["available"].help_text = _("What the stores have to spare.")

    def clean_price_fen(self) -> int:
        price_fen: int = self.cleaned_data["price_fen"]
        validate_price_fen(price_fen)
        return price_fen

    def has_changed(self) -> bool:
        # A new product's first variant counts even when only its defaults are kept.
        return super().has_changed() or not self.instance.pk


class VariantFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """The variants of a product, whose list price stands in the form above them."""

    def clean(self) -> None:
        super().clean()
        product = self.instance
        before = Product.objects.filter(pk=product.pk).values_list("list_price_fen", flat=True)
        moved = product.list_price_fen != before.first()
        for form in self.forms:
            price_fen = form.cleaned_data.get("price_fen")
            if price_fen is not None and (moved or "price_fen" in form.changed_data):
                ask_about_price(
                    form,
                    price_fen=price_fen,
                    list_price_fen=product.list_price_fen,
                    former_fen=form.fields["price_fen"].initial,
                )


class PictureForm(forms.ModelForm):
    """A new file is stored in our sizes, and kept while other fields are being mended."""

    content: bytes | None = None
    """What was chosen, now or before a refusal; None where nothing was."""

    class Meta:
        model = Picture
        fields = ("image", "alt_en", "alt_zh", "position")
        widgets: ClassVar = {"image": KeptImageWidget}

    def clean_image(self) -> Any:
        upload = self.cleaned_data["image"]
        kept = keep_upload(self, "image")
        if kept is not None:
            upload.seek(0)
            self.content = upload.read()
        return upload


def _lines(label: Any, help_text: Any, rows: int) -> forms.CharField:
    widget = UnfoldAdminTextareaWidget(attrs={"rows": rows})
    return forms.CharField(
        label=label,
        required=False,
        widget=widget,
        help_text=help_text,
        max_length=MAX_JSON_CHARS,
    )


class ProductForm(TenantForm):
    """Products with their terms typed as lines of text."""

    also_saved = ("included", "blackout", "notes", "provenance")
    texts: ClassVar[dict[str, tuple[Any, Any]]] = {
        "included": (format_included, parse_included),
        "blackout": (format_blackout, parse_blackout),
        "notes": (format_notes, parse_notes),
        "provenance": (format_provenance, parse_provenance),
    }

    included_text = _lines(
        _("What is included"),
        _("One line each: 2 × Pork dumplings | 猪肉水饺 | 36.00 (value in yuan)."),
        5,
    )
    blackout_text = _lines(
        _("Blackout times"),
        _("One line each: “Sat Sun 11:30-13:30” or “2026-10-01..2026-10-07”, store time."),
        3,
    )
    notes_text = _lines(
        _("good to know"), _("One line each: Please book a day ahead | 请提前一天预约."), 3
    )
    provenance_text = _lines(
        _("Where it comes from"),
        _(
            "For produce, one line each: farm: Hillside Farm | 山边农场. Also origin, batch, harvested."
        ),
        3,
    )

    occasions = forms.MultipleChoiceField(
        label=_("occasions"),
        choices=Occasion.choices,
        required=False,
        widget=UnfoldAdminSelectMultipleWidget(),
        help_text=_("The pages of these occasions list it."),
    )

    class Meta:
        model = Product
        fields = (
            "merchant",
            "category",
            "kind",
            "state",
            "title_en",
            "title_zh",
            "description_en",
            "description_zh",
            "external_code",
            "list_price_fen",
            "uses",
            "validity_days",
            "usable_after_hours",
            *("uses_per_visit", "uses_per_day", "uses_per_person"),
            "refund_rule",
            "refund_days",
            "refund_on_expiry",
            "stores",
        )
        # What it is good for stands in rows of its own: `save_related` hands it to its service.
        help_texts: ClassVar = {
            "title_en": _("One language is enough; both is better."),
            "list_price_fen": _(
                "What the same costs at the counter. The price online is set under “Price and stock”."
            ),
            "external_code": _("For imports and your till; guests do not see it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.state_before = self.instance.state
        if self.instance.pk and "occasions" in self.fields:
            rows = self.instance.occasion_rows.values_list("occasion", flat=True)
            self.fields["occasions"].initial = list(rows)
        for name, (to_text, _from_text) in self.texts.items():
            if self.instance.pk and f"{name}_text" in self.fields:
                self.fields[f"{name}_text"].initial = to_text(self._readable(name))

    def _readable(self, name: str) -> Any:
        """What can be read of a stored value; saving the form drops the rest."""
        if name == "provenance":
            return readable_facts(self.instance)
        return readable_lines(self.instance, name)

    def saved_fields(self) -> set[str]:
        """All but the state: putting on sale is a service's work."""
        return super().saved_fields() - {"state"}

    def _take_lines(self, name: str) -> str:
        text: str = self.cleaned_data[f"{name}_text"]
        setattr(self.instance, name, self.texts[name][1](text))
        return text

    def clean_included_text(self) -> str:
        return self._take_lines("included")

    def clean_blackout_text(self) -> str:
        return self._take_lines("blackout")

    def clean_notes_text(self) -> str:
        return self._take_lines("notes")

    def clean_provenance_text(self) -> str:
        return self._take_lines("provenance")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        merchant = data.get("merchant") or getattr(self.instance, "merchant", None)
        if merchant and data.get("category"):
            try:
                check_category(merchant=merchant, category=data["category"])
            except CategoryNotAllowed as refusal:
                self.add_error("category", str(refusal))
        return data

    def judge(self) -> None:
        check_product(self.instance)
        if self.instance.merchant_id:
            check_places(self.instance, self.cleaned_data.get("stores") or [])


class OfferForm(TenantForm):
    """A limited-time price. Once made, its price stands; its end, quota and limit can change."""

    class Meta:
        model = Offer
        fields = ("variant", "price_fen", "starts_at", "ends_at", "quota", "per_person_limit")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.instance.pk and data.get("variant"):
            self.instance.kind = Offer.Kind.LIMITED
            self.instance.product = data["variant"].product
            self.instance.merchant = data["variant"].product.merchant
            if "price_fen" in data:
                self._ask_about_price(data["variant"], data["price_fen"])
        return data

    def _ask_about_price(self, variant: Variant, price_fen: int) -> None:
        normal = variant.offers.filter(kind=Offer.Kind.NORMAL, active=True)
        ask_about_price(
            self,
            price_fen=price_fen,
            list_price_fen=variant.product.list_price_fen,
            former_fen=normal.values_list("price_fen", flat=True).first(),
        )

    def judge(self) -> None:
        check_offer(self.instance)
