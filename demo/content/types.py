"""The shapes of the demo city: frozen, literal, free of Django.

The seeder reads these and calls the real services; nothing here knows a model. Units: every amount is an integer
count of fen (one hundredth of a yuan), positions are WGS 84 degrees, times of day are the store's local time as
"HH:MM", and everything dated is relative to the day or hour of seeding, so the city is alive whenever it is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, TypeVar
from zlib import crc32

Language = Literal["en", "zh"]
ProductKind = Literal["voucher", "times_card", "goods"]
RefundKind = Literal["anytime", "within_days", "none"]
MerchantStatus = Literal["approved", "pending"]
LimitedPhase = Literal["upcoming", "live", "ended"]
Row = TypeVar("Row", "Merchant", "Store", "Category")


@dataclass(frozen=True, slots=True)
class Text:
    """One text in the city's two languages, each written natively rather than translated word by word."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class District:
    """A named quarter of the city with the point its stores gather around."""

    slug: str
    name: Text
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Category:
    """A node of the two-level tree. `parent` is None for the ten trades; `trade` is the slug of its top node."""

    slug: str
    name: Text
    trade: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class OpenSpan:
    """Open on `weekday` (Monday is 0) from `opens` to `closes`; `closes` at or before `opens` is the next day's time.

    "00:00" to "00:00" is the whole day. Several spans on one weekday are split shifts.
    """

    weekday: int
    opens: str
    closes: str

    @property
    def past_midnight(self) -> bool:
        """Whether the span runs into the next day (midnight itself included)."""
        return self.closes <= self.opens


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days with other hours than the week's: closed when `spans` is empty, else open by these (opens, closes) pairs.

    Exactly one of `in_days` (days after seeding) and `month_day` (the next such date) says when it starts.
    """

    name: Text
    in_days: int | None = None
    month_day: tuple[int, int] | None = None
    days: int = 1
    spans: tuple[tuple[str, str], ...] = ()

    def first_date(self, today: date) -> date:
        """The first day it covers, at or after `today`."""
        if self.in_days is not None:
            return today + timedelta(days=self.in_days)
        assert self.month_day is not None
        month, day = self.month_day
        this_year = date(today.year, month, day)
        return this_year if this_year >= today else date(today.year + 1, month, day)


@dataclass(frozen=True, slots=True)
class Merchant:
    """A business. `trade` is its top category; `commission_rate` a fraction of the sale (0.08 is eight per cent).

    `emblem` is what its mark and its shop signs show, a name of `demo.art.EMBLEMS[trade]`.
    """

    slug: str
    trade: str
    name: Text
    legal_name: Text
    story: Text
    phone: str
    email: str
    commission_rate: Decimal
    emblem: str
    status: MerchantStatus = "approved"

    @property
    def art_seed(self) -> int:
        """The seed of its drawing: stable for a slug, so a picture survives re-seeding."""
        return crc32(self.slug.encode())


@dataclass(frozen=True, slots=True)
class Store:
    """One place with a door. `services` are keys of `City.services`; `transit` says how to get there in one line."""

    slug: str
    merchant: str
    name: Text
    district: str
    address: Text
    latitude: float
    longitude: float
    phone: str
    hours: tuple[OpenSpan, ...]
    services: tuple[str, ...]
    transit: Text
    holidays: tuple[Holiday, ...] = ()

    @property
    def art_seed(self) -> int:
        """The seed of its drawing: stable for a slug, so a picture survives re-seeding."""
        return crc32(self.slug.encode())


@dataclass(frozen=True, slots=True)
class Included:
    """One line of what the buyer gets: `quantity` of `name`, each worth `value_fen` at the counter."""

    name: Text
    quantity: int
    value_fen: int

    @property
    def total_fen(self) -> int:
        """What the whole line is worth."""
        return self.quantity * self.value_fen


@dataclass(frozen=True, slots=True)
class Limited:
    """A limited-time price with a quota. Offsets are hours from the moment of seeding, negative for the past."""

    price_fen: int
    quota: int
    per_person_limit: int
    starts_in_hours: int
    ends_in_hours: int

    @property
    def phase(self) -> LimitedPhase:
        """Where it stands at the moment of seeding."""
        if self.ends_in_hours <= 0:
            return "ended"
        return "upcoming" if self.starts_in_hours > 0 else "live"


@dataclass(frozen=True, slots=True)
class Blackout:
    """One rule of when a voucher cannot be used. Given parts must all hold; a part left empty always holds.

    `weekdays`: Monday is 0. `dates`: inclusive ranges ((month, day), (month, day)), every year; a range may run over
    New Year. `windows`: (from, to) times of day, to exclusive.
    """

    weekdays: tuple[int, ...] = ()
    dates: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()
    windows: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Refund:
    """The promise: `anytime` before use, `within_days` of purchase while unused, or `none`.

    `auto_on_expiry`: what is unused when validity ends is paid back without asking.
    """

    kind: RefundKind = "anytime"
    days: int | None = None
    auto_on_expiry: bool = True


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where produce comes from: the farm, the batch on the crate, and when it was picked, in words."""

    farm: Text
    origin: Text
    batch: str
    harvested: Text


@dataclass(frozen=True, slots=True)
class Product:
    """Something to buy online and receive in a store.

    `kind`: `voucher` is used once, `times_card` has `uses` uses, `goods` are picked up at the counter.
    `valid_days` count from purchase; `usable_after_hours` delays the first use. `stores` are slugs of the merchant's
    stores. `stock` None is unlimited, 0 sold out. `motif` names the drawing in `demo.art`. `popularity` (1-10) is
    how often the seeder should sell it. `notes` are the lines of small print a guest should know beforehand.
    """

    slug: str
    merchant: str
    category: str
    kind: ProductKind
    title: Text
    description: Text
    included: tuple[Included, ...]
    price_fen: int
    stores: tuple[str, ...]
    motif: str
    valid_days: int = 90
    uses: int = 1
    usable_after_hours: int = 0
    uses_per_visit: int | None = None
    uses_per_day: int | None = None
    uses_per_person: int | None = None
    stock: int | None = None
    per_person_limit: int | None = None
    limited: Limited | None = None
    blackouts: tuple[Blackout, ...] = ()
    refund: Refund = field(default_factory=Refund)
    notes: tuple[Text, ...] = ()
    provenance: Provenance | None = None
    popularity: int = 5

    @property
    def list_price_fen(self) -> int:
        """The counter price: the sum of what is included, so that "what is saved" always adds up on the page."""
        return sum(line.total_fen for line in self.included)

    @property
    def art_seed(self) -> int:
        """The seed of its drawing: stable for a slug, so a picture survives re-seeding."""
        return crc32(self.slug.encode())


@dataclass(frozen=True, slots=True)
class ReviewText:
    """A sentence or three in one language that fits any product of `trade`, or only those with one of `motifs`."""

    trade: str
    language: Language
    rating: int
    text: str
    motifs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplyText:
    """A merchant's answer in one language, fit for any review whose rating lies in `ratings`."""

    language: Language
    ratings: tuple[int, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A buyer: how the name is shown and which language they read and write."""

    display_name: str
    language: Language


@dataclass(frozen=True, slots=True)
class City:
    """Everything, with every reference by slug. Look-ups are linear; the whole city is a few hundred rows."""

    slug: str
    name: Text
    time_zone: str
    latitude: float
    longitude: float
    radius_km: float
    tagline: Text
    districts: tuple[District, ...]
    categories: tuple[Category, ...]
    services: dict[str, Text]
    merchants: tuple[Merchant, ...]
    stores: tuple[Store, ...]
    products: tuple[Product, ...]
    reviews: tuple[ReviewText, ...]
    replies: tuple[ReplyText, ...]
    customers: tuple[Customer, ...]
    staff: tuple[Text, ...]

    @property
    def trades(self) -> tuple[str, ...]:
        """Slugs of the ten top categories, in shop-window order."""
        return tuple(category.slug for category in self.categories if category.parent is None)

    def merchant(self, slug: str) -> Merchant:
        """The merchant of that slug; KeyError when there is none."""
        return _by_slug(self.merchants, slug)

    def store(self, slug: str) -> Store:
        """The store of that slug; KeyError when there is none."""
        return _by_slug(self.stores, slug)

    def category(self, slug: str) -> Category:
        """The category of that slug; KeyError when there is none."""
        return _by_slug(self.categories, slug)

    def stores_of(self, merchant: str) -> tuple[Store, ...]:
        """The stores of one merchant, in the order written."""
        return tuple(store for store in self.stores if store.merchant == merchant)

    def trade_of(self, product: Product) -> str:
        """The trade whose palette and motifs draw the product."""
        return self.category(product.category).trade


def _by_slug(rows: tuple[Row, ...], slug: str) -> Row:
    for row in rows:
        if row.slug == slug:
            return row
    raise KeyError(slug)
