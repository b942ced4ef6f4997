"""From the application to the first sale: what a merchant and the operator do in the admin."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, expect

from catalog.models import Product, Stock
from stores.models import Merchant, StaffInvitation, StaffMembership, Store
from stores.services.invitations import accept_invitation, renew_token
from tests.browser.person import PHONE, Person
from tests.factories import make_paid_order, make_product, offer_of
from tests.journeys.steps import add_to_basket, buy, log_in, pay, sign_in
from tests.journeys.town import build, picture
from vouchers.models import Voucher

BAKERY = "Morning Bakery"


def pick(person: Person, name: str, words: str) -> None:
    """Choose in a search box of the admin: open it, type, take the first hit."""
    box = person.page.locator(f".field-{name} .select2-selection").first
    box.click()
    person.page.locator(".select2-search__field").last.fill(words)
    person.page.locator(".select2-results__option", has_text=words).first.click()


def fill(person: Person, **values: str) -> None:
    """Fill form fields by their names."""
    for name, value in values.items():
        person.page.locator(f"#id_{name}").fill(value)


def save(person: Person, words: str = "") -> None:
    """Press Save; the admin says that it was saved."""
    person.page.get_by_role("button", name="Save", exact=True).click()
    person.page.wait_for_load_state()
    errors = person.page.locator(".errornote, .errorlist, .text-red-600")
    assert errors.count() == 0, errors.all_inner_texts()
    if words:
        person.sees(words)


def tab(person: Person, name: str) -> Locator:
    """Open a tab of a form."""
    person.page.locator("#tabs-items a, nav a", has_text=name).first.click()
    return person.page.locator("form")


def test_a_baker_applies_is_approved_and_sells(
    visitor: Callable[..., Person], drain: Callable[..., int]
) -> None:
    build()
    ada = visitor(width=PHONE)
    _apply(ada)
    drain()

    operator = visitor()
    _approve(operator)
    drain()
    ada.open("/inbox/")
    ada.sees(BAKERY)
    ada.open("/account/")
    ada.main.locator("a[href='/admin/']").click()
    ada.sees(BAKERY)

    baker = visitor()
    baker.open("/login/?next=/admin/")
    log_in(baker, "mei@example.com")
    _open_a_store(baker)
    _put_bread_on_sale(baker)

    guest = visitor(width=PHONE)
    guest.open("/products/?q=sourdough")
    guest.page.locator(".card__link", has_text="Sourdough loaf").click()
    guest.sees("12 Market Street")
    add_to_basket(guest)
    guest.open("/basket/")
    guest.sees("¥32")
    guest.open(f"/products/{Product.objects.get(title_en='Sourdough loaf').pk}/")
    buy(guest, "clerk@example.com")
    pay(guest, "¥32")
    guest.reads("Paid")
    assert Voucher.objects.get().merchant.name_en == BAKERY
    assert Stock.objects.get(variant__product__title_en="Sourdough loaf").available == 11

    baker.open("/admin/vouchers/voucher/")
    baker.sees("Sourdough loaf")
    assert Voucher.objects.get().code not in baker.page.content(), "the code is the customer's"


def _apply(ada: Person) -> None:
    ada.open("/merchants/apply/")
    log_in(ada, "mei@example.com")
    ada.page.locator("main [name=name_en]").fill(BAKERY)
    ada.page.locator("main [name=name_zh]").fill("早安面包房")
    ada.page.locator("main [name=story_en]").fill("Sourdough from six in the morning.")
    ada.page.locator("main [name=contact_phone]").fill("0571 8888 1111")
    ada.page.locator("main [name=trades]").first.check()
    ada.button("Send my application").click()
    ada.reads("We have received your application and will write to you soon.")


def _approve(operator: Person) -> None:
    operator.open("/admin/")
    log_in(operator, "operator@example.com")
    operator.page.locator(".desk__task", has_text="1 merchant waits for your decision").click()
    operator.page.wait_for_url("**/admin/stores/merchant/?state__exact=applied")
    operator.page.locator("#result_list").get_by_role("link", name=BAKERY).click()
    fill(operator, commission_rate="5", decision_note="Welcome.")
    operator.page.get_by_role("button", name="Save and approve").click()
    operator.sees(f"{BAKERY}: approved.")
    merchant = Merchant.objects.get(name_en=BAKERY)
    assert (merchant.state, str(merchant.commission_rate)) == ("approved", "0.0500")
    assert merchant.decision_note == "Welcome."


def _open_a_store(baker: Person) -> None:
    baker.open("/admin/stores/store/add/")
    fill(
        baker,
        name_en="Morning Bakery, Market",
        name_zh="早安面包房（市场店）",
        address_en="12 Market Street",
        latitude="30.25",
        longitude="120.16",
    )
    pick(baker, "city", "Linwan")
    tab(baker, "Opening hours")
    for day in range(2):
        fill(baker, **{f"hours-{day}-opens": "06:00", f"hours-{day}-closes": "18:00"})
    save(baker)
    store = Store.objects.get(name_en="Morning Bakery, Market")
    assert store.merchant.name_en == BAKERY
    assert store.time_zone == "Asia/Shanghai"
    assert store.hours.count() == 2, "days without times are not kept"


def _put_bread_on_sale(baker: Person) -> None:
    baker.open("/admin/catalog/product/add/")
    baker.page.locator("#id_category").select_option(label="Restaurants")
    baker.page.locator("#id_state").select_option("active")
    fill(baker, title_en="Sourdough loaf", title_zh="酸面包", list_price_fen="40.00")
    fill(baker, included_text="1 × Loaf, one kilogram | 一公斤面包 | 40.00")
    tab(baker, "Price and stock")
    fill(baker, **{"variants-0-price_fen": "32.00", "variants-0-available": "12"})
    tab(baker, "Pictures")
    baker.page.get_by_text("Add another Picture").click()
    baker.page.locator("#id_pictures-0-image").set_input_files(
        {"name": "loaf.png", "mimeType": "image/png", "buffer": picture(size=(1600, 1200))}
    )
    save(baker)
    loaf = Product.objects.get(title_en="Sourdough loaf")
    assert (loaf.state, loaf.price_fen, loaf.merchant.name_en) == ("active", 3200, BAKERY)
    cover = loaf.pictures.get()
    assert (cover.width, cover.image.name.endswith(".webp"), bool(cover.small)) == (
        1200,
        True,
        True,
    )


def test_what_is_typed_wrong_is_told_at_its_field(visitor: Callable[..., Person]) -> None:
    town = build()
    wang = visitor()
    sign_in(wang, town.owner)
    wang.open(f"/admin/catalog/product/{town.dumplings.pk}/change/")
    fill(wang, blackout_text="Someday 11:00-12:00", uses="4")
    wang.page.get_by_role("button", name="Save", exact=True).click()
    wang.sees("Line 1: write")
    wang.sees("Only a times card has more than one use.")
    town.dumplings.refresh_from_db()
    assert (town.dumplings.blackout, town.dumplings.uses) == ([], 1)


def test_a_sale_while_the_form_is_open_is_not_undone_by_saving(
    visitor: Callable[..., Person], drain: Callable[..., int]
) -> None:
    town = build()
    wang = visitor()
    sign_in(wang, town.owner)
    wang.open(f"/admin/catalog/product/{town.dumplings.pk}/change/")
    make_paid_order(town.customer, offer_of(town.dumplings), 3)
    drain()
    fill(wang, title_en="Steamed dumplings, fresh")
    save(wang)
    town.dumplings.refresh_from_db()
    assert town.dumplings.title_en == "Steamed dumplings, fresh"
    assert town.dumplings.sales_count == 3
    assert Stock.objects.get(variant__product=town.dumplings).available == 97


def test_a_limited_time_price_is_set_and_ended(visitor: Callable[..., Person]) -> None:
    town = build()
    wang = visitor()
    sign_in(wang, town.owner)
    wang.open("/admin/catalog/offer/add/")
    pick(wang, "variant", "Steamed dumplings")
    fill(wang, price_fen="49.00", quota="10")
    fill(wang, starts_at_0="2026-01-01", starts_at_1="00:00")
    fill(wang, ends_at_0="2029-01-01", ends_at_1="00:00")
    save(wang)
    guest = visitor(width=PHONE)
    guest.open(f"/products/{town.dumplings.pk}/")
    expect(guest.page.locator("#buy-panel .price").first).to_contain_text("49")

    wang.open("/admin/catalog/offer/?kind__exact=limited")
    row = wang.page.locator("#result_list tr", has_text="Steamed dumplings")
    row.locator("input[type=checkbox]").check()
    wang.page.locator("select[name=action]").select_option("end_now")
    wang.page.get_by_role("button", name="Run").click()
    wang.sees("The normal price applies from now on.")
    wang.page.get_by_role("button", name="End now").click()
    guest.page.reload()
    expect(guest.page.locator("#buy-panel .price").first).to_contain_text("68")


def test_staff_come_and_go(visitor: Callable[..., Person]) -> None:
    town = build()
    wang = visitor()
    sign_in(wang, town.owner)
    wang.open("/admin/stores/staffinvitation/add/")
    fill(wang, email="mei@example.com")
    wang.page.locator("#id_role").select_option("clerk")
    pick(wang, "stores", "Pier Kitchen, Hill")
    save(wang)
    invitation = StaffInvitation.objects.get(email="mei@example.com")
    assert not StaffMembership.objects.filter(user=town.customer).exists(), "nobody is just added"
    _row, token = renew_token(invitation_id=invitation.pk) or (None, "")
    accept_invitation(token=token, user=town.customer)
    membership = StaffMembership.objects.get(user=town.customer)
    assert list(membership.stores.all()) == [town.other_store]

    wang.open(f"/admin/stores/staffmembership/{membership.pk}/change/")
    wang.page.locator("#id_active").uncheck()
    save(wang)
    membership.refresh_from_db()
    assert not membership.active

    mine = StaffMembership.objects.get(user=town.owner)
    wang.open(f"/admin/stores/staffmembership/{mine.pk}/change/")
    wang.page.locator("#id_role").select_option("clerk")
    wang.page.get_by_role("button", name="Save", exact=True).click()
    wang.page.wait_for_load_state()
    mine.refresh_from_db()
    assert mine.role == "owner", "the last owner stays"


def test_the_merchant_sees_its_own_rows_and_figures_only(
    visitor: Callable[..., Person], drain: Callable[..., int]
) -> None:
    town = build()
    strange = make_product(title_en="Strange cake", price_fen=1_100)
    make_paid_order(town.customer, offer_of(town.dumplings), 2)
    make_paid_order(town.customer, offer_of(strange), 1)
    drain()
    wang = visitor()
    wang.open("/admin/")
    log_in(wang, "owner@example.com")
    wang.sees("Pier Kitchen")
    wang.sees("¥136.00")
    expect(wang.page.locator("canvas")).to_be_visible()
    for path in ("catalog/product", "orders/orderline", "vouchers/voucher", "stores/store"):
        wang.open(f"/admin/{path}/")
        wang.sees("Pier Kitchen" if path == "stores/store" else "Steamed dumplings")
        assert "Strange" not in wang.page.locator("#content").inner_text()
    wang.expect_status(403, 404)
    answer = wang.page.goto(f"/admin/catalog/product/{strange.pk}/change/")
    assert answer
    assert answer.status == 404, "not found, not forbidden"
    wang.open("/admin/orders/order/")
    assert "Strange" not in wang.page.content()


def test_an_owner_copies_the_link_of_an_invitation(visitor: Callable[..., Person]) -> None:
    town = build()
    ada = visitor()
    ada.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(ada, town.owner)
    ada.open("/admin/stores/staffinvitation/add/")
    ada.page.locator("#id_role").select_option("manager")
    ada.page.get_by_role("button", name="Save", exact=True).click()
    link = ada.page.locator(".desk__body code")
    expect(link).to_contain_text("/invitations/")
    ada.page.locator("[data-copy]").click()
    expect(ada.page.locator("[data-copy]")).to_have_text("Copied")
    assert ada.page.evaluate("navigator.clipboard.readText()") == link.inner_text()
    assert ada.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
