"""The Chinese catalogue is complete, says what the English says, and speaks like our trade."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.core.management import CommandError, call_command

from tools import catalogue, strings

HAN = "[\u4e00-\u9fff]"
# Half-width marks beside a Chinese character. A dot may be that of a number or a file name.
HALF_WIDTH = re.compile(rf"{HAN}\s*[,;!?:](?!\w)|[,;!?]{HAN}|{HAN}\.(\s|$)|\({HAN}|{HAN}\)")
LATIN = re.compile(r"[A-Za-z]{2,}")
PLACEHOLDER = re.compile(r"%\(\w+\)s")
# Names and codes that are the same in Chinese.
SAME = {
    "PDF",
    "%(name)s × %(quantity)s",
    "%(low)s to %(high)s",
    "%(number)s km",
    "%(number)s m",
    "%(category)s in %(city)s",
}


@pytest.fixture(scope="module", params=strings.DOMAINS)
def domain(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def wanted(domain: str) -> dict[strings.Key, strings.Wanted]:
    return strings.collect(domain=domain)


@pytest.fixture(scope="module")
def chinese(domain: str) -> Catalog:
    return catalogue.read_catalogue(catalogue.catalogue_path(domain))


def entries(catalog: Catalog) -> list[tuple[str, str]]:
    """English (the plural, where there is one) and Chinese of every entry."""
    return [
        (
            entry.id if isinstance(entry.id, str) else entry.id[1],
            entry.string if isinstance(entry.string, str) else entry.string[0],
        )
        for entry in catalog
        if entry.id
    ]


def test_every_string_of_the_code_is_translated(
    wanted: dict[strings.Key, strings.Wanted], chinese: Catalog
) -> None:
    """Missing, fuzzy, untranslated, obsolete, other placeholders: `make strings` lists them."""
    assert [str(fault) for fault in catalogue.faults(wanted, chinese)] == []


def test_every_string_can_be_collected() -> None:
    assert [str(fault) for fault in catalogue.unreadable_calls(strings.sources())] == []


def test_writing_it_again_changes_nothing(
    domain: str,
    wanted: dict[strings.Key, strings.Wanted],
    chinese: Catalog,
    tmp_path: Path,
) -> None:
    copy = tmp_path / "copy.po"
    copy.write_bytes(catalogue.catalogue_path(domain).read_bytes())
    merged = catalogue.merge(wanted, chinese)
    assert catalogue.write_catalogue(merged, copy) is False


def test_chinese_has_one_plural_form(chinese: Catalog) -> None:
    assert chinese.num_plurals == 1


def test_punctuation_is_full_width(chinese: Catalog) -> None:
    assert [text for _english, text in entries(chinese) if HALF_WIDTH.search(text)] == []


def test_the_reader_is_addressed_in_one_way(chinese: Catalog) -> None:
    assert [text for _english, text in entries(chinese) if "您" in text] == []


def test_no_english_sentence_was_left_as_it_is(chinese: Catalog) -> None:
    left = [
        english
        for english, text in entries(chinese)
        if english not in SAME
        and not re.search(HAN, text)
        and LATIN.search(PLACEHOLDER.sub("", english))
    ]
    assert left == []


@pytest.mark.parametrize(
    ("english", "chinese_word"),
    [
        ("Redeem", "核销"),
        ("Redemptions", "核销"),
        ("voucher", "券"),
        ("Vouchers", "券"),
        ("Stores", "门店"),
        ("merchant", "商家"),
        ("times card", "次卡"),
        ("goods to pick up", "到店自取"),
        ("limited-time price", "限时价"),
        ("list price", "门市价"),
        ("commission", "佣金"),
        ("settlement statement", "结算单"),
        ("payout", "打款"),
        ("reconciliation", "对账"),
        ("any time until used", "随时退"),
        ("refund what is unused when it expires", "过期自动退"),
        ("Buy now", "立即购买"),
        ("Put in basket", "加入购物车"),
        ("Undo", "撤销"),
    ],
)
def test_the_words_of_the_trade(english: str, chinese_word: str) -> None:
    """docs/glossary.md: one word per thing."""
    entry = catalogue.read_catalogue(catalogue.catalogue_path()).get(english)
    assert entry is not None
    assert chinese_word in entry.string


def broken(text: str, string: str, **more: object) -> list[str]:
    catalog = Catalog(locale="zh_Hans")
    catalog.add(text, string=string, **more)  # type: ignore[arg-type]
    wanted = {("", "You have %(count)s"): strings.Wanted("You have %(count)s", "", {"a.py"})}
    return [fault.kind for fault in catalogue.faults(wanted, catalog)]


@pytest.mark.parametrize(
    ("text", "string", "flags", "kinds"),
    [
        ("You have %(count)s", "你有 %(count)s", [], []),
        ("You have %(count)s", "你有 %(number)s", [], ["placeholders differ"]),
        ("You have %(count)s", "你有", [], ["placeholders differ"]),
        ("You have %(count)s", "", [], ["untranslated"]),
        ("You have %(count)s", "你有 %(count)s", ["fuzzy"], ["fuzzy"]),
        ("You had %(count)s", "你有过 %(count)s", [], ["missing", "obsolete"]),
    ],
)
def test_what_is_wrong_is_named(text: str, string: str, flags: list[str], kinds: list[str]) -> None:
    assert broken(text, string, flags=flags) == kinds


def test_strings_of_python_and_templates_are_collected(tmp_path: Path) -> None:
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "views.py").write_text(
        "from django.utils.translation import gettext as _, ngettext_lazy, pgettext\n"
        "a = _('One ' 'text')\n"
        "b = ngettext_lazy('%(n)s piece', '%(n)s pieces', 'n')\n"
        "c = pgettext('door', 'Open')\n"
    )
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(
        '<div>\n    {% translate "Hello" %}\n  {% translate "Open" context "shop" as word %}'
        "{% blocktranslate trimmed count n=items|length with name=x %}\n  {{ n }} thing of\n"
        "  {{ name }}, 5%\n{% plural %}{{ n }} things of {{ name }}, 5%{% endblocktranslate %}\n"
        '{% include "x.html" with title=_("Title") %}{{ x|default:_("None at all") }}</div>'
    )
    found = strings.collect(tmp_path)
    assert found["", "One text"].files == {"orders/views.py"}
    assert found["", "%(n)s piece"].text == ("%(n)s piece", "%(n)s pieces")
    assert ("door", "Open") in found
    assert {("", "Hello"), ("shop", "Open"), ("", "Title"), ("", "None at all")} <= set(found)
    assert found["", "%(n)s thing of %(name)s, 5%%"].text == (
        "%(n)s thing of %(name)s, 5%%",
        "%(n)s things of %(name)s, 5%%",
    )


def test_a_text_put_together_at_run_time_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "views.py"
    path.write_text('_(f"Hello {name}")\n_("Hello")\n')
    faults = catalogue.unreadable_calls([path], root=tmp_path)
    assert [(fault.kind, fault.where) for fault in faults] == [("not a plain string", "views.py:1")]


def test_check_fails_where_a_string_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    out = StringIO()
    wanted = {("", "Not there"): strings.Wanted("Not there")}
    monkeypatch.setattr(strings, "collect", lambda domain: wanted)
    with pytest.raises(CommandError):
        call_command("strings", "--check", stdout=out)
    assert "missing: 'Not there'" in out.getvalue()
