"""The console's pages, as a browser without JavaScript uses them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from kernel.clock import at
from members.models import User
from tests.factories import Cast, make_product, make_staff, make_store, make_user
from tests.vouchers.counter import sell_one
from vouchers import qr
from vouchers.models import Redemption, Voucher
from vouchers.services.redeem import redeem_voucher
from vouchers.services.refund import refund_voucher


def browser(user: User | None) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


@pytest.fixture
def clerk(people: Cast) -> Client:
    return browser(people.clerk)


def voucher_of(people: Cast, **fields: Any) -> Voucher:
    return sell_one(make_product(merchant=people.merchant, **fields), buyer=people.buyer)


def url(name: str, people: Cast, *more: int) -> str:
    return reverse(name, args=[people.store.pk, *more])


def look_up(client: Client, people: Cast, code: str) -> Any:
    return client.post(url("console_preview", people), {"code": code})


def confirm_form(page: Any) -> dict[str, str]:
    """The hidden fields of the confirm form of a preview page."""
    html = page.content.decode()
    form = html[html.index('action="/console/') :]
    form = html[re.search(r'action="/console/\d+/redeem/"', html).start() :]
    form = form[: form.index("</form>")]
    return dict(re.findall(r'name="(form_key|code|uses)"[^>]*?value="([^"]*)"', form))


def redeem(client: Client, people: Cast, code: str, **changes: str) -> Any:
    page = look_up(client, people, code)
    return client.post(url("console_redeem", people), {**confirm_form(page), **changes})


# Choosing the store --------------------------------------------------------------------


def test_someone_with_one_store_is_taken_there(people: Cast, clerk: Client) -> None:
    answer = clerk.get(reverse("console_home"))
    assert answer.status_code == 302
    assert answer["Location"] == url("console_store", people)


def test_an_owner_picks_among_the_own_stores_only(people: Cast) -> None:
    foreign = make_store(merchant=people.other_merchant, name_en="Elsewhere")
    html = browser(people.owner).get(reverse("console_home")).content.decode()
    assert people.store.name in html and people.other_store.name in html
    assert foreign.name not in html


def test_many_stores_can_be_searched(people: Cast) -> None:
    make_store(merchant=people.merchant, name_en="Harbour Lane", name_zh="港湾店")
    client = browser(people.owner)
    html = client.get(reverse("console_home"), {"q": "harbour"}).content.decode()
    assert "Harbour Lane" in html and people.store.name not in html
    none = client.get(reverse("console_home"), {"q": "no such place"})
    assert none.status_code == 200 and "No store of yours matches" in none.content.decode()


@pytest.mark.parametrize(
    ("language", "told"), [("en", "for staff of a store"), ("zh-hans", "门店员工")]
)
def test_somebody_without_a_store_reads_what_the_console_is(
    people: Cast, language: str, told: str
) -> None:
    answer = browser(people.buyer).get(
        reverse("console_home"), headers={"accept-language": language}
    )
    html = answer.content.decode()
    assert told in html and reverse("merchant_apply") in html
    assert "deal may have ended" not in html


def test_the_footer_leads_to_the_console_whom_it_may_concern(people: Cast, clerk: Client) -> None:
    def leads(client: Client) -> bool:
        return f'<a href="{reverse("console_home")}">' in client.get("/").content.decode()

    assert leads(Client()) and leads(browser(people.owner))
    assert not leads(browser(people.buyer))
    assert not leads(clerk)
    clerk.get(reverse("console_home"))
    assert leads(clerk)


@pytest.mark.parametrize("who", ["buyer", "operator"])
def test_the_console_is_not_there_for_others(people: Cast, who: str) -> None:
    client = browser(getattr(people, who))
    assert client.get(reverse("console_home")).status_code == 404
    assert (
        client.get(url("console_store", people)).status_code == {"buyer": 404, "operator": 403}[who]
    )


def test_a_guest_is_asked_to_log_in(people: Cast) -> None:
    for name in ("console_store", "console_today"):
        answer = browser(None).get(url(name, people))
        assert answer.status_code == 302 and reverse("login") in answer["Location"]


def test_every_page_of_a_store_that_is_not_mine_is_404(people: Cast) -> None:
    redemption = redeem_voucher(
        staff=people.clerk, store_id=people.store.pk, code=voucher_of(people).code
    )
    for person in (people.stranger, make_staff(people.other_store), people.buyer):
        client = browser(person)
        for name in ("console_store", "console_today", "console_preview", "console_redeem"):
            assert client.get(url(name, people)).status_code == 404
        for name in ("console_preview", "console_redeem", "console_decode"):
            assert client.post(url(name, people), {"code": "1"}).status_code == 404
        for name in ("console_result", "console_undo"):
            assert client.get(url(name, people, redemption.pk)).status_code == 404
        assert client.post(url("console_undo", people, redemption.pk)).status_code == 404
    redemption.refresh_from_db()
    assert redemption.undone_at is None


def test_a_suspended_merchants_staff_lose_the_console(people: Cast, clerk: Client) -> None:
    type(people.merchant).objects.filter(pk=people.merchant.pk).update(state="suspended")
    assert clerk.get(reverse("console_home")).status_code == 404
    assert clerk.get(url("console_store", people)).status_code == 404


def test_a_redemption_is_shown_under_its_own_store_only(people: Cast) -> None:
    redemption = redeem_voucher(
        staff=people.owner, store_id=people.store.pk, code=voucher_of(people).code
    )
    wrong = reverse("console_result", args=[people.other_store.pk, redemption.pk])
    assert browser(people.owner).get(wrong).status_code == 404


# Scan, look, confirm -------------------------------------------------------------------


def test_the_scan_page_awaits_a_code(people: Cast, clerk: Client) -> None:
    html = clerk.get(url("console_store", people)).content.decode()
    assert people.store.name in html
    assert 'id="scan-form"' in html and 'name="picture"' in html
    assert "js/console.js" in html and "js/camera.js" in html
    assert "style=" not in html and "onclick" not in html


def test_look_up_shows_what_whose_and_the_terms(people: Cast, clerk: Client) -> None:
    buyer = make_user(display_name="Alice Chen")
    product = make_product(
        merchant=people.merchant,
        title_en="Facial",
        blackout=[{"weekdays": [6], "start": "01:00", "end": "01:01"}],
    )
    voucher = sell_one(product, buyer=buyer)
    html = look_up(clerk, people, voucher.code).content.decode()
    assert "Facial" in html
    assert "A*** C***" in html and "Alice Chen" not in html
    assert "Not on Sunday" in html
    assert not Redemption.objects.exists()


def test_confirming_redeems_and_shows_the_large_result(people: Cast, clerk: Client) -> None:
    voucher = voucher_of(people, title_en="Facial")
    answer = redeem(clerk, people, qr.payload(voucher))
    redemption = Redemption.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == url("console_result", people, redemption.pk)
    page = clerk.get(answer["Location"])
    html = page.content.decode()
    assert 'data-result="ok"' in html and "Redeemed" in html and "Facial" in html
    assert "Undo" in html


def test_sending_the_confirmation_again_redeems_once(people: Cast, clerk: Client) -> None:
    voucher = voucher_of(people, kind="times_card", uses=5)
    form = confirm_form(look_up(clerk, people, voucher.code))
    answers = [clerk.post(url("console_redeem", people), form) for _click in range(3)]
    assert {answer["Location"] for answer in answers} == {
        url("console_result", people, Redemption.objects.get().pk)
    }
    voucher.refresh_from_db()
    assert voucher.uses_used == 1


def test_back_and_other_uses_is_refused_and_redeems_nothing_more(
    people: Cast, clerk: Client
) -> None:
    voucher = voucher_of(people, kind="times_card", uses=5)
    form = confirm_form(look_up(clerk, people, voucher.code))
    clerk.post(url("console_redeem", people), form)
    again = clerk.post(url("console_redeem", people), {**form, "uses": "3"})
    assert again.status_code == 409
    voucher.refresh_from_db()
    assert voucher.uses_used == 1


def test_several_uses_are_chosen_on_the_preview(people: Cast, clerk: Client) -> None:
    voucher = voucher_of(people, kind="times_card", uses=5)
    page = look_up(clerk, people, voucher.code)
    assert 'max="5"' in page.content.decode()
    html = clerk.get(redeem(clerk, people, voucher.code, uses="3")["Location"]).content.decode()
    assert "Redeemed: 3 uses" in html and "2 of 5 uses left" in html


def test_a_form_without_its_key_redeems_nothing(people: Cast, clerk: Client) -> None:
    voucher = voucher_of(people)
    answer = clerk.post(url("console_redeem", people), {"code": voucher.code, "uses": "1"})
    assert answer.status_code == 409
    assert not Redemption.objects.exists()


@pytest.mark.parametrize("uses", ["0", "-1", "x", "", "99999999999999"])
def test_nonsense_uses_redeem_nothing(people: Cast, clerk: Client, uses: str) -> None:
    answer = redeem(clerk, people, voucher_of(people).code, uses=uses)
    assert answer.status_code == 400
    assert not Redemption.objects.exists()


def test_get_on_a_form_address_leads_to_the_scan_page(people: Cast, clerk: Client) -> None:
    for name in ("console_preview", "console_redeem"):
        assert clerk.get(url(name, people))["Location"] == url("console_store", people)


def test_a_forged_form_is_refused(people: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.clerk)
    answer = client.post(url("console_redeem", people), {"code": voucher_of(people).code})
    assert answer.status_code == 403
    assert not Redemption.objects.exists()


# Refusals ------------------------------------------------------------------------------


def test_every_refusal_says_why_in_words(people: Cast, clerk: Client) -> None:
    used, refunding = voucher_of(people), voucher_of(people)
    redeem(clerk, people, used.code)
    refund_voucher(owner=people.buyer, voucher_id=refunding.pk)
    early = voucher_of(people, usable_after_hours=24)
    elsewhere = voucher_of(people, stores=[people.other_store])
    closed = voucher_of(people, blackout=[{"weekdays": [0, 1, 2, 3, 4, 5, 6]}])
    cases = {
        used.code: (409, "already_redeemed", "Already redeemed", "by Clerk"),
        refunding.code: (409, "refunding", "Being refunded", "on its way back"),
        early.code: (409, "not_yet_valid", "Not valid yet", "valid from"),
        elsewhere.code: (409, "wrong_store", "Not at this store", people.other_store.name),
        closed.code: (409, "blackout", "Not at this time", "any day"),
        "000000000000": (404, "unknown", "Unknown code", "find this voucher"),
    }
    for code, (status, name, word, why) in cases.items():
        page = look_up(clerk, people, code)
        html = page.content.decode()
        assert page.status_code == status, name
        assert f'data-code="{name}"' in html
        assert word in html and why in html, name
        assert ("Nothing more was redeemed" in html) == (name == "already_redeemed"), name
        assert 'class="result result--' in html


def test_already_redeemed_here_leads_to_that_redemption(people: Cast, clerk: Client) -> None:
    voucher = voucher_of(people)
    redeem(clerk, people, voucher.code)
    html = look_up(clerk, people, voucher.code).content.decode()
    assert url("console_result", people, Redemption.objects.get().pk) in html


def test_a_refusal_says_what_it_was_and_how_long_ago(people: Cast, clerk: Client) -> None:
    voucher = voucher_of(people, title_en="Facial")
    redeem(clerk, people, voucher.code)
    done = Redemption.objects.get()
    told = [(0, "Less than a minute ago"), (61, "1 minute ago"), (7300, "2 hours ago")]
    for seconds, words in told:
        with at(done.redeemed_at + dt.timedelta(seconds=seconds)):
            html = look_up(clerk, people, voucher.code).content.decode()
        assert words in html and "Facial" in html


def test_an_old_green_screen_says_how_old_it_is(people: Cast, clerk: Client) -> None:
    redeem(clerk, people, voucher_of(people).code)
    done = Redemption.objects.get()
    address = url("console_result", people, done.pk)
    fresh = clerk.get(address).content.decode()
    assert "ago" not in fresh and 'data-result="ok"' in fresh
    with at(done.redeemed_at + dt.timedelta(days=3)):
        old = clerk.get(address).content.decode()
    assert "3 days ago" in old and 'data-result="record"' in old and "Redeemed on" in old
    assert "Nothing was redeemed just now" in old


def test_a_short_code_is_told_what_a_code_looks_like(people: Cast, clerk: Client) -> None:
    html = look_up(clerk, people, "1234 56").content.decode()
    assert "twelve digits" in html and "6 digits" in html and 'value="1234 56"' in html
    assert "no such voucher" not in html


def test_a_foreign_code_is_told_apart_from_an_unknown_one(people: Cast, clerk: Client) -> None:
    html = look_up(clerk, people, "https://pay.example/till/7").content.decode()
    assert "Not a voucher code" in html and "twelve digits below it" in html


def test_an_unknown_code_can_be_mended(people: Cast, clerk: Client) -> None:
    html = look_up(clerk, people, "1234 5678 9012").content.decode()
    assert 'value="1234 5678 9012"' in html
    assert html.count('id="scan-form"') == 1
    scanned = look_up(clerk, people, "O2O1." + "A" * 60).content.decode()
    assert "AAAA" not in scanned and scanned.count('id="scan-form"') == 1


def test_the_scan_page_shows_the_last_redemptions(people: Cast, clerk: Client) -> None:
    voucher = voucher_of(people, kind="times_card", uses=9, title_en="Ten swims")
    for _visit in range(6):
        redeem(clerk, people, voucher.code)
    html = clerk.get(url("console_store", people)).content.decode()
    assert html.count("Ten swims") == 4
    last = Redemption.objects.latest("id")
    assert url("console_result", people, last.pk) in html


def test_too_many_guesses(people: Cast, clerk: Client, settings: Any) -> None:
    settings.RATE_LIMITS = True
    for guess in range(20):
        look_up(clerk, people, f"{guess:012d}")
    page = look_up(clerk, people, voucher_of(people).code)
    assert page.status_code == 429
    assert int(page["Retry-After"]) > 0
    assert "Wait a moment" in page.content.decode()


def test_nothing_entered_says_what_to_do(people: Cast, clerk: Client) -> None:
    page = look_up(clerk, people, "   ")
    assert page.status_code == 400
    assert "type its twelve digits" in page.content.decode()


def test_code_and_names_are_escaped(people: Cast, clerk: Client) -> None:
    voucher = voucher_of(people, title_en="<script>alert(1)</script>")
    html = look_up(clerk, people, voucher.code).content.decode()
    assert "<script>alert" not in html


# Pictures ------------------------------------------------------------------------------


def picture(voucher: Voucher) -> SimpleUploadedFile:
    return SimpleUploadedFile("code.png", qr.png(voucher), content_type="image/png")


def test_an_uploaded_picture_is_looked_up(people: Cast, clerk: Client) -> None:
    voucher = voucher_of(people, title_en="Facial")
    page = clerk.post(url("console_preview", people), {"code": "", "picture": picture(voucher)})
    assert page.status_code == 200
    assert "Facial" in page.content.decode()


def test_a_picture_of_something_else_says_so(people: Cast, clerk: Client) -> None:
    upload = SimpleUploadedFile("notes.txt", b"hello", content_type="text/plain")
    page = clerk.post(url("console_preview", people), {"picture": upload})
    assert page.status_code == 400
    assert "not a picture we can read" in page.content.decode()


def test_a_camera_frame_is_decoded_for_the_script(people: Cast, clerk: Client) -> None:
    voucher = voucher_of(people)
    answer = clerk.post(url("console_decode", people), {"picture": picture(voucher)})
    assert answer.json() == {"code": qr.payload(voucher)}
    empty = clerk.post(url("console_decode", people))
    assert empty.status_code == 200 and empty.json()["code"] == ""
    assert clerk.get(url("console_decode", people)).status_code == 405


# Undo and the list of the day ----------------------------------------------------------


def test_undo_from_the_result_page(people: Cast, clerk: Client) -> None:
    voucher = voucher_of(people)
    redeem(clerk, people, voucher.code)
    pk = Redemption.objects.get().pk
    for _click in range(2):
        answer = clerk.post(url("console_undo", people, pk))
        assert answer["Location"] == url("console_result", people, pk)
    html = clerk.get(answer["Location"]).content.decode()
    assert 'data-result="undone"' in html
    voucher.refresh_from_db()
    assert voucher.state == "active"


def test_after_the_window_the_undo_is_gone_and_refused(people: Cast, clerk: Client) -> None:
    redeem(clerk, people, voucher_of(people).code)
    redemption = Redemption.objects.get()
    with at(redemption.undo_until):
        result = url("console_result", people, redemption.pk)
        assert "console_undo" not in clerk.get(result).content.decode()
        assert "Undo" not in clerk.get(result).content.decode()
        page = clerk.post(url("console_undo", people, redemption.pk))
    assert page.status_code == 409
    assert "time to undo" in page.content.decode()


def test_the_day_is_the_stores_day(people: Cast, clerk: Client) -> None:
    voucher = voucher_of(people, kind="times_card", uses=9, title_en="Ten swims")
    midnight = dt.datetime.now(people.store.zone).replace(
        hour=0, minute=0, second=0, microsecond=0
    ) + dt.timedelta(days=2)
    with at(midnight - dt.timedelta(minutes=1)):
        redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=voucher.code)
    with at(midnight):
        redeem_voucher(staff=people.clerk, store_id=people.store.pk, code=voucher.code, uses=2)
        html = clerk.get(url("console_today", people)).content.decode()
        assert "2 at" in html and html.count("Ten swims") == 1
        day_before = f"{midnight - dt.timedelta(days=1):%Y-%m-%d}"
        earlier = clerk.get(url("console_today", people), {"date": day_before}).content.decode()
    assert "1 at" in earlier


def test_a_strange_date_shows_today(people: Cast, clerk: Client) -> None:
    for date in ("x", "9999-99-99", "0001-01-01", ""):
        assert clerk.get(url("console_today", people), {"date": date}).status_code == 200


@pytest.mark.parametrize(
    ("name", "most"), [("console_store", 8), ("console_today", 10), ("console_home", 8)]
)
def test_pages_cost_the_same_few_queries(people: Cast, name: str, most: int) -> None:
    client = browser(people.owner)
    address = reverse(name) if name == "console_home" else url(name, people)
    counts = []
    for _round in range(2):
        voucher = voucher_of(people, kind="times_card", uses=30)
        for _visit in range(8):
            redeem_voucher(staff=people.owner, store_id=people.store.pk, code=voucher.code)
            make_store(merchant=people.merchant)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= most, counts


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_stand_in_both_languages(people: Cast, clerk: Client, language: str) -> None:
    voucher = voucher_of(people)
    clerk.cookies["django_language"] = language
    page = look_up(clerk, people, voucher.code)
    title = voucher.terms.body["title_zh" if language.startswith("zh") else "title_en"]
    assert f'lang="{language}"' in page.content.decode()
    assert title in page.content.decode()
