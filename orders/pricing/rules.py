"""Rules of price as data, and the registry of those who know which rules there are.

Rules come from rooms above (campaigns, members); none of them is known here. A room registers
its source in ``AppConfig.ready``; the pipeline itself is given rules and asks nobody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from kernel.bilingual import pick
from kernel.facts.traces import NOBODY, Trace
from orders.pricing.benefits import Benefit
from payments.parties import PERSON, BadParty, parse_party

ITEM, MERCHANT_THRESHOLD, MERCHANT_COUPON = "item", "merchant_threshold", "merchant_coupon"
PLATFORM_COUPON, POINTS = "platform_coupon", "points"
LAYERS = (ITEM, MERCHANT_THRESHOLD, MERCHANT_COUPON, PLATFORM_COUPON, POINTS)
"""In this order. Stored value comes after them all and is a tender, no discount."""
STACKED = LAYERS[1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerFacts:
    """What rules may know about the buyer: who (None for a guest), and traits that they name."""

    person_id: int | None = None
    traits: frozenset[str] = frozenset()


class Item(NamedTuple):
    """So many pieces of an offer at its price; what a rule may look at.

    ``key`` names the line: the offer that was asked for, where a cheaper one of its variant
    (``offer_id``) is what it is sold at. ``store_id`` is the store that it is bound to, where it is
    collected at one.
    """

    offer_id: int
    product_id: int
    category_id: int
    merchant_id: int
    quantity: int
    list_price_fen: int
    price_fen: int
    asked_id: int = 0
    title_en: str = ""
    title_zh: str = ""
    store_id: int | None = None

    @property
    def named(self) -> int:
        """The offer that was asked for: it names the line."""
        return self.asked_id or self.offer_id

    @property
    def key(self) -> str:
        return str(self.named)

    @property
    def title(self) -> str:
        """As the order will have it: product and variant."""
        return pick(self.title_en, self.title_zh)


class FeeLine(NamedTuple):
    """A line without a product: ``payee`` (a party's key) gets the amount. No rule lowers it."""

    payee: str
    label_en: str
    label_zh: str
    amount_fen: int

    @property
    def label(self) -> str:
        return pick(self.label_en, self.label_zh)


class Ask(NamedTuple):
    """How something is bought: coupons and codes given, channel, store, method, tender, slot.

    ``coupons`` None: the best of the buyer's own at each merchant; otherwise these and no others.
    """

    coupons: tuple[int, ...] | None = None
    coupon_codes: tuple[str, ...] = ()
    channel: str = "web"
    store: int | None = None
    method: str = ""
    tender: str = ""
    slot: str = ""


class Asked(NamedTuple):
    """A question for the price, complete: who buys what, how and when.

    ``campaigning`` are the merchants among the items' that have campaigns: nobody has to ask for
    those of the others. ``trace`` is whose doing it is: which codes were followed before.
    """

    buyer: BuyerFacts
    items: tuple[Item, ...]
    ask: Ask
    moment: dt.datetime
    campaigning: frozenset[int] = frozenset()
    trace: Trace = NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """When a rule applies; what is empty does not restrict.

    ``merchants``, ``categories``, ``products``, ``offers`` say for which items, and ``collected_at`` at
    which stores they are collected; the minimum counts these items, at what the layers before left of
    them; ``minimum_before_fen`` at their prices, before any layer. ``known`` is why it does not apply to this
    buyer, where its source knows that already, and ``known_from`` from when on it will.
    """

    known: str = ""
    known_from: dt.datetime | None = None
    elsewhere_code: str = "collected_elsewhere"
    minimum_before_fen: int = 0
    collected_at: frozenset[int] = frozenset()
    merchants: frozenset[int] = frozenset()
    categories: frozenset[int] = frozenset()
    products: frozenset[int] = frozenset()
    offers: frozenset[int] = frozenset()
    minimum_fen: int = 0
    minimum_pieces: int = 0
    traits: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    stores: frozenset[int] = frozenset()
    methods: frozenset[str] = frozenset()
    tenders: frozenset[str] = frozenset()
    slots: frozenset[str] = frozenset()
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None

    @property
    def which(self) -> tuple[frozenset[int], ...]:
        """What says which items it is about: rules that say the same cover the same."""
        return self.merchants, self.categories, self.products, self.offers, self.collected_at

    def covers(self, item: Item) -> bool:
        """Whether the rule is about this item."""
        return (
            (not self.merchants or item.merchant_id in self.merchants)
            and (not self.categories or item.category_id in self.categories)
            and (not self.products or item.product_id in self.products)
            and (not self.offers or item.offer_id in self.offers)
            and (not self.collected_at or item.store_id in self.collected_at)
        )

    @property
    def elsewhere(self) -> Condition:
        """The same wherever it is collected."""
        return replace(self, collected_at=frozenset())

    def unmet(self, asked: Asked) -> str:
        """The code of the first condition beside the items that is not met, or ""."""
        ask = asked.ask
        if self.known:
            return self.known
        if self.starts_at is not None and asked.moment < self.starts_at:
            return "not_started"
        if self.ends_at is not None and asked.moment >= self.ends_at:
            return "ended"
        if not self.traits <= asked.buyer.traits:
            return "not_for_buyer"
        for code, wanted, value in (
            ("not_for_channel", self.channels, ask.channel),
            ("not_for_store", self.stores, ask.store),
            ("not_for_method", self.methods, ask.method),
            ("not_for_tender", self.tenders, ask.tender),
            ("not_for_slot", self.slots, ask.slot),
        ):
            if wanted and value not in wanted:
                return code
        return ""


class ItemPrice(NamedTuple):
    """A price per piece; the lowest price of an item counts, prices are never stacked."""

    unit_price_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of price. ``source`` names it in answers and on orders, once per quote.

    ``funder`` is the key of the party that bears it (platform, merchant:7, another merchant). Of the
    rules of one ``group`` in a layer one applies, the best for the buyer; of equal ones the lowest
    ``priority``, then the lowest ``id``. A rule without a group stands beside all others.
    ``code`` or ``coupon`` is what the buyer has presented to call it up. ``campaign`` is what a contract
    of commission may name it by. ``left_fen`` is what is left of its budget, None without one: it takes
    off all of its amount or nothing. ``funders`` are parties with their ‰, where several bear it instead
    of ``funder``; ``in_base`` says whether commission is taken on it, None: as the contract says.
    ``target`` says what it lowers, where that is something else than what its condition is about: a
    gift; ``target_en`` and ``target_zh`` what it is called.
    """

    source: str
    layer: str
    funder: str
    benefit: Benefit | ItemPrice
    id: int
    label_en: str = ""
    label_zh: str = ""
    condition: Condition = field(default_factory=Condition)
    group: str = ""
    priority: int = 0
    code: str = ""
    coupon: int | None = None
    campaign: str = ""
    left_fen: int | None = None
    funders: tuple[tuple[str, int], ...] = ()
    in_base: bool | None = None
    target: Condition | None = None
    target_en: str = ""
    target_zh: str = ""

    @property
    def lowers(self) -> Condition:
        """Says which items it lowers."""
        return self.target or self.condition

    def __post_init__(self) -> None:
        if self.layer not in LAYERS:
            raise ValueError(f"{self.layer!r} is no layer")
        if isinstance(self.benefit, ItemPrice) != (self.layer == ITEM):
            raise ValueError("the layer of item prices takes prices, and the others amounts")
        for party in (self.funder, *(party for party, _permille in self.funders)):
            if parse_party(party).kind == PERSON:
                raise BadParty(f"{party!r} funds no discounts")
        if self.funders and sum(permille for _party, permille in self.funders) != 1000:
            raise ValueError("the shares of those who bear it are 1000 together")

    @property
    def order(self) -> tuple[int, int]:
        """Who comes first where everything else is equal."""
        return self.priority, self.id


TraitSource = Callable[[int], Iterable[str]]
_trait_sources: list[TraitSource] = []


def register_traits(source: TraitSource) -> None:
    """Add a source of what is true of a person ("member:gold"), in ``AppConfig.ready``.

    It reads, in a fixed number of statements, and names its traits with its room in front.
    """
    if source not in _trait_sources:
        _trait_sources.append(source)


def facts_of(person_id: int | None) -> BuyerFacts:
    """What every source knows of a person; nothing of a guest."""
    if person_id is None:
        return BuyerFacts()
    traits = frozenset(trait for source in _trait_sources for trait in source(person_id))
    return BuyerFacts(person_id=person_id, traits=traits)


RuleSource = Callable[[Asked], Iterable[Rule]]
_sources: list[RuleSource] = []


def register_rules(source: RuleSource) -> None:
    """Add a source of rules, in ``AppConfig.ready``. It reads, in a fixed number of statements."""
    if source not in _sources:
        _sources.append(source)


def rules_for(asked: Asked) -> list[Rule]:
    """The rules that every source holds against this question."""
    return [rule for source in _sources for rule in source(asked)]
