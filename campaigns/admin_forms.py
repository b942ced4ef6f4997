"""The form of a campaign's draft: what is promised, under which conditions, and how much of it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextInputWidget,
    UnfoldAdminTimeWidget,
    UnfoldBooleanSwitchWidget,
)

from campaigns.benefits import MOST_PIECES
from campaigns.conditions.base import Said
from campaigns.conditions.moments import DAY_MINUTES
from campaigns.conditions.orders import MOST_PIECES as MOST_BOUGHT
from campaigns.models import Batch, Benefit, Campaign, Condition
from campaigns.services.campaigns import MOST_COUPONS, CampaignAsked, check_campaign
from campaigns.services.funders import Share
from campaigns.terms import Gives, Terms, Tier, terms_of
from catalog.models import Category, Product
from kernel.http.forms import ClockField, DecimalField, MomentField, WholeField
from payments.parties import merchant_key, merchant_of
from stores.admin_forms import TenantForm, yuan_field
from stores.codes.models import Code
from stores.models import City, Merchant, Store

Kind = Condition.Kind
PLAIN = (
    *(
        "name_en",
        "name_zh",
        "way",
        "begins_at",
        "ends_at",
        "per_person",
        "uses_per_person",
        "per_payer",
    ),
    *("budget_fen", "budget_count", "group", "priority", "commission_base"),
)
TIERS = (2, 3, 4)
SHOWN_AT = {
    "owner": "whose",
    "funders": "platform_share",
    "hours": "weekdays",
    "period": "to_at",
}
"""Where the form says what is wrong with a part that has several fields."""
OF_ROWS = (Kind.PRODUCTS, Kind.CATEGORIES, Kind.STORES, Kind.CITIES, Kind.CODES)


def _share(label: Any) -> DecimalField:
    return DecimalField(
        label=label,
        required=False,
        min_value=0,
        max_value=100,
        max_digits=4,
        decimal_places=1,
        widget=UnfoldAdminDecimalFieldWidget(),
    )


def _minute(clock: dt.time | None, otherwise: int) -> int:
    """The minute of the day; midnight as an end is the end of the day."""
    return otherwise if clock is None else (clock.hour * 60 + clock.minute) or otherwise


def _clock(minute: int | None) -> dt.time | None:
    return None if minute is None else dt.time(minute // 60 % 24, minute % 60)


def _tier_off() -> DecimalField:
    return DecimalField(
        label=_("takes off instead (yuan or %)"),
        required=False,
        min_value=0,
        max_digits=10,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget(),
    )


class CampaignForm(TenantForm):
    """What is promised, under which conditions and how much of it; the service judges it."""

    editor: ClassVar[Any] = None
    kind = forms.ChoiceField(
        label=_("what it takes off"), choices=Benefit.Kind.choices, widget=UnfoldAdminSelectWidget()
    )
    amount_fen = yuan_field(label=_("amount off (yuan)"), required=False)
    percent = DecimalField(
        label=_("share off (%)"),
        required=False,
        min_value=0,
        max_value=100,
        max_digits=4,
        decimal_places=1,
        widget=UnfoldAdminDecimalFieldWidget(),
    )
    every = WholeField(
        label=_("of how many pieces"),
        required=False,
        min_value=1,
        max_value=MOST_PIECES,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text=_("Such as 2: every second piece. Of a gift: how many pieces of it."),
    )
    price_fen = yuan_field(
        label=_("for this price (yuan)"),
        required=False,
        help_text=_("Of all together, of so many pieces, or of each gift: 0 is free."),
    )
    gifts = forms.ModelMultipleChoiceField(
        Product.objects.none(),
        label=_("gifts to choose from, or the one item"),
        required=False,
        widget=UnfoldAdminSelectMultipleWidget(),
    )
    at_most_fen = yuan_field(
        label=_("at most (yuan)"), required=False, help_text=_("Of a share. Empty means no limit.")
    )
    minimum = yuan_field(
        label=_("minimum spend (yuan)"),
        required=False,
        help_text=_("Of the items that it covers. Empty means none."),
    )
    products = forms.ModelMultipleChoiceField(
        Product.objects.none(),
        label=_("only these products"),
        required=False,
        widget=UnfoldAdminSelectMultipleWidget(),
    )
    categories = forms.ModelMultipleChoiceField(
        Category.objects.none(),
        label=_("only these categories"),
        required=False,
        widget=UnfoldAdminSelectMultipleWidget(),
    )
    stores = forms.ModelMultipleChoiceField(
        Store.objects.none(),
        label=_("only what is collected at these stores"),
        required=False,
        widget=UnfoldAdminSelectMultipleWidget(),
    )
    cities = forms.ModelMultipleChoiceField(
        City.objects.none(),
        label=_("only what is collected in these cities"),
        required=False,
        widget=UnfoldAdminSelectMultipleWidget(),
    )
    codes = forms.ModelMultipleChoiceField(
        Code.objects.none(),
        label=_("only for guests who followed these codes"),
        required=False,
        widget=UnfoldAdminSelectMultipleWidget(),
        help_text=_("The first or the last code before the order counts."),
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("only on these weekdays"),
        required=False,
        coerce=int,
        choices=[(day + 1, name) for day, name in WEEKDAYS.items()],
        widget=UnfoldAdminSelectMultipleWidget(),
    )
    from_hour = ClockField(
        label=_("from (time)"),
        required=False,
        widget=UnfoldAdminTimeWidget(),
        help_text=_("In the time zone of the store. Empty: the whole day."),
    )
    to_hour = ClockField(label=_("until (time)"), required=False, widget=UnfoldAdminTimeWidget())
    from_at = MomentField(
        label=_("only orders from"), required=False, widget=UnfoldAdminSplitDateTimeWidget()
    )
    to_at = MomentField(
        label=_("only orders until"), required=False, widget=UnfoldAdminSplitDateTimeWidget()
    )
    pieces = WholeField(
        label=_("minimum of pieces"),
        required=False,
        min_value=1,
        max_value=MOST_BOUGHT,
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    minimum_before = yuan_field(
        label=_("minimum spend before other discounts (yuan)"), required=False
    )
    first_ever = forms.BooleanField(
        label=_("only for somebody's first order at any business"),
        required=False,
        widget=UnfoldBooleanSwitchWidget(),
    )
    first_order = forms.BooleanField(
        label=_("only for the first order here"), required=False, widget=UnfoldBooleanSwitchWidget()
    )
    claiming = forms.ChoiceField(
        label=_("how guests get a coupon"),
        choices=Batch.Claiming.choices,
        initial=Batch.Claiming.OPEN,
        required=False,
        widget=UnfoldAdminSelectWidget(),
        help_text=_("Codes are made when it starts; then you can download them for the printer."),
    )
    coupons = WholeField(
        label=_("how many coupons"),
        required=False,
        min_value=1,
        max_value=MOST_COUPONS,
        initial=100,
        widget=UnfoldAdminIntegerFieldWidget(),
        help_text=_("Of a campaign that applies by itself there are none."),
    )
    tier_2_minimum, tier_2_off = yuan_field(label=_("over (yuan)"), required=False), _tier_off()
    tier_3_minimum, tier_3_off = yuan_field(label=_("over (yuan)"), required=False), _tier_off()
    tier_4_minimum, tier_4_off = yuan_field(label=_("over (yuan)"), required=False), _tier_off()

    whose = forms.ChoiceField(
        label=_("whose campaign"),
        required=False,
        choices=[
            ("", _("the merchant's own")),
            ("platform", _("the platform's")),
            ("partner", _("a partner's")),
        ],
        widget=UnfoldAdminSelectWidget(),
    )
    partner = forms.ModelChoiceField(
        Merchant.objects.filter(state=Merchant.State.APPROVED),
        label=_("partner"),
        required=False,
        to_field_name="slug",
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("The short name in the address of its page."),
    )
    platform_share = _share(_("the platform bears (%)"))
    partner_share = _share(_("the partner bears (%)"))

    class Meta:
        model = Campaign
        fields = ("merchant", *PLAIN)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "coupons" not in self.fields:  # only looked at
            return
        mine = self._merchants()
        rows: dict[str, Any] = {
            Kind.PRODUCTS: Product.objects.filter(merchant__in=mine).exclude(
                state=Product.State.ARCHIVED
            ),
            Kind.CATEGORIES: Category.objects.filter(products__merchant__in=mine).distinct(),
            Kind.STORES: Store.objects.filter(merchant__in=mine),
            Kind.CITIES: City.objects.filter(stores__merchant__in=mine).distinct(),
            Kind.CODES: Code.objects.open().filter(merchant__in=mine),
        }
        rows["gifts"] = rows[Kind.PRODUCTS]
        for name, found in rows.items():
            self.fields[name].queryset = found  # type: ignore[attr-defined]
        if self.instance.pk:
            self._show_terms(terms_of(self.instance))

    def _merchants(self) -> Any:
        """Whose products and stores can be chosen: the one business, or all that may be."""
        if self.instance.pk:
            return [self.instance.merchant_id]
        if self.implied_merchant:
            return [self.implied_merchant]
        return self.fields["merchant"].queryset  # type: ignore[attr-defined]

    def _show_terms(self, terms: Terms) -> None:
        gives = terms.gives
        shown: dict[str, Any] = {
            "kind": gives.kind,
            "amount_fen": gives.amount_fen,
            "percent": None if gives.permille is None else gives.permille / 10,
            "at_most_fen": gives.at_most_fen,
            "every": gives.every,
            "price_fen": gives.price_fen,
            "gifts": list(gives.products),
            "minimum": terms.minimum_fen or None,
            "first_order": terms.has(Kind.FIRST_ORDER),
            "first_ever": terms.has(Kind.FIRST_EVER),
            **self._shown_moments(terms),
            **self._shown_funders(terms),
            "pieces": (terms.said(Kind.PIECES) or Said(Kind.PIECES)).count,
            "minimum_before": (terms.said(Kind.MINIMUM_BEFORE) or Said(Kind.PIECES)).amount_fen,
            "claiming": None if self.instance.is_automatic else self.instance.batch.claiming,
            "coupons": None if self.instance.is_automatic else self.instance.batch.count,
            **{
                f"tier_{number}_{name}": value
                for number, tier in zip(TIERS, gives.tiers, strict=False)
                for name, value in (
                    ("minimum", tier.minimum_fen),
                    ("off", Decimal(tier.off) / (100 if gives.permille is None else 10)),
                )
            },
            **{kind: list(terms.keys(kind)) for kind in OF_ROWS},
        }
        self.initial.update(shown)

    def _shown_moments(self, terms: Terms) -> dict[str, Any]:
        hours = terms.said(Kind.HOURS) or Said(Kind.HOURS)
        period = terms.said(Kind.PERIOD) or Said(Kind.PERIOD)
        return {
            "weekdays": list(hours.keys),
            "from_hour": _clock(hours.from_minute),
            "to_hour": _clock(hours.to_minute),
            "from_at": period.from_at,
            "to_at": period.to_at,
        }

    def _shown_funders(self, terms: Terms) -> dict[str, Any]:
        owner = self.instance.owner
        own = merchant_key(self.instance.merchant_id)
        shares = dict(terms.funders)
        of_platform = shares.pop("platform", 0)
        partner, of_partner = next(
            ((key, share) for key, share in shares.items() if key != own), ("", 0)
        )
        rows = Merchant.objects.filter(pk=merchant_of(partner) or 0) if partner else None
        slug = rows.values_list("slug", flat=True).first() if rows is not None else None
        return {
            "whose": owner if owner in ("", "platform") else "partner",
            "partner": slug,
            "platform_share": Decimal(of_platform) / 10 if of_platform else None,
            "partner_share": Decimal(of_partner) / 10 if of_partner else None,
        }

    def _funders(self) -> tuple[Share, ...]:
        """Those that were filled in; the merchant bears the rest."""
        data = self.cleaned_data
        partner = merchant_key(data["partner"].pk) if data["partner"] else ""
        parts = (("platform", data["platform_share"]), (partner, data["partner_share"]))
        found = [Share(party, int(share * 10)) for party, share in parts if share]
        left = 1000 - sum(share.permille for share in found)
        chosen = data.get("merchant") or self.implied_merchant
        merchant_id = self.instance.merchant_id or (chosen.pk if chosen else 0)
        if found and left > 0:
            found.append(Share(merchant_key(merchant_id), left))
        return tuple(found)

    def _owner(self) -> str:
        data = self.cleaned_data
        if data["whose"] == "partner":
            return merchant_key(data["partner"].pk) if data["partner"] else "partner"
        return str(data["whose"])

    def _moments(self) -> list[Said]:
        """Hours without a weekday are of all days, a weekday without hours is the whole of it."""
        data, found = self.cleaned_data, []
        if data["weekdays"] or data["from_hour"] or data["to_hour"]:
            days = tuple(data["weekdays"]) or tuple(range(1, 8))
            begins, ends = _minute(data["from_hour"], 0), _minute(data["to_hour"], DAY_MINUTES)
            found.append(Said(Kind.HOURS, days, from_minute=begins, to_minute=ends))
        if data["from_at"] or data["to_at"]:
            found.append(Said(Kind.PERIOD, from_at=data["from_at"], to_at=data["to_at"]))
        return found

    def asked(self) -> CampaignAsked:
        """What the form asks for."""
        data = self.cleaned_data
        share = data["percent"]
        chosen = {kind: tuple(row.pk for row in data[kind]) for kind in OF_ROWS}
        conditions = [Said(kind, keys) for kind, keys in chosen.items() if keys]
        if data["first_order"]:
            conditions.append(Said(Kind.FIRST_ORDER))
        if data["first_ever"]:
            conditions.append(Said(Kind.FIRST_EVER))
        conditions += self._moments()
        if data["pieces"] is not None:
            conditions.append(Said(Kind.PIECES, count=data["pieces"]))
        if data["minimum_before"] is not None:
            conditions.append(Said(Kind.MINIMUM_BEFORE, amount_fen=data["minimum_before"]))
        if data["minimum"] is not None:
            conditions.append(Said(Kind.MINIMUM, amount_fen=data["minimum"]))
        return CampaignAsked(
            gives=Gives(
                data["kind"],
                data["amount_fen"],
                None if share is None else int(share * 10),
                data["at_most_fen"],
                self._tiers(),
                data["every"],
                data["price_fen"],
                tuple(row.pk for row in data["gifts"]),
            ),
            conditions=conditions,
            coupons=data["coupons"] or 0,
            claiming=data["claiming"] or Batch.Claiming.OPEN,
            owner=self._owner(),
            funders=self._funders(),
            **{name: data[name] for name in PLAIN},
        )

    def _tiers(self) -> tuple[Tier, ...]:
        """Those that were filled in; half of one is wrong and the service says so."""
        data = self.cleaned_data
        of = 100 if data["kind"] == Benefit.Kind.AMOUNT else 10
        found = [(data[f"tier_{n}_minimum"], data[f"tier_{n}_off"]) for n in TIERS]
        return tuple(
            Tier(minimum or 0, int((off or 0) * of))
            for minimum, off in found
            if minimum is not None or off is not None
        )

    def judge(self) -> None:
        merchant = self.cleaned_data.get("merchant") or self.implied_merchant
        if self.instance.pk:
            merchant = self.instance.merchant
        if merchant is not None and not self.errors and "coupons" in self.fields:
            check_campaign(merchant=merchant, asked=self.asked(), by=self.editor)

    def _show(self, refusal: Any) -> None:
        fields = refusal.extra.get("fields") or {}
        if "permille" in fields:
            fields["percent"] = fields.pop("permille")
        for name, field in (
            ("owner", "whose"),
            ("funders", "platform_share"),
            ("hours", "weekdays"),
            ("period", "to_at"),
        ):
            if name in fields:
                fields[field] = fields.pop(name)
        if "tiers" in fields:
            fields["tier_2_minimum"] = fields.pop("tiers")
        of_gifts = (Benefit.Kind.GIFT, Benefit.Kind.ITEM)
        if "products" in fields and self.cleaned_data.get("kind") in of_gifts:
            fields["gifts"] = fields.pop("products")
        super()._show(refusal)
