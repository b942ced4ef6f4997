"""Components say what they show to a screen reader, and ask nothing of the database."""

from __future__ import annotations

import datetime as dt

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import translation

from kernel.clock import now


class Sign(forms.Form):
    email = forms.EmailField(help_text="We send the voucher there.")
    way = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)


def draw(source: str, **context) -> str:
    with translation.override("en"):
        return Template("{% load ui %}" + source).render(Context(context))


def test_a_wrong_field_is_marked_explained_and_keeps_what_was_typed():
    page = draw("{% field form.email %}", form=Sign({"email": "wen@"}))
    assert 'value="wen@"' in page
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_email_helptext id_email_error"' in page
    assert 'id="id_email_error"' in page
    assert 'id="id_email_helptext"' in page


def test_radio_buttons_are_a_group_with_a_legend():
    page = draw("{% field form.way %}", form=Sign())
    assert page.count("<legend") == 1
    assert page.count('type="radio"') == 2


def test_the_summary_links_each_wrong_field():
    page = draw("{% form_errors form %}", form=Sign({"email": "wen@"}))
    assert 'role="alert"' in page
    assert 'href="#id_email"' in page
    assert "Please check 2 entries" in page


def test_a_good_form_has_no_summary():
    assert draw("{% form_errors form %}", form=Sign()) == ""


def test_an_icon_is_silent_unless_it_means_something():
    assert 'aria-hidden="true"' in draw('{% icon "pin" %}')
    assert 'aria-label="Done"' in draw('{% icon "check" label="Done" %}')


def test_a_countdown_tells_the_moment_and_the_servers_deadline():
    ends_at = now() + dt.timedelta(hours=1, minutes=2, seconds=3.5)
    page = draw("{% countdown at %}", at=ends_at)
    assert f'data-ends-at="{int(ends_at.timestamp() * 1000)}"' in page
    assert "until" in page
    assert 'data-part="hours">01<' in page


def test_a_countdown_of_minutes_shows_no_hours():
    page = draw("{% countdown at %}", at=now() + dt.timedelta(minutes=14, seconds=30))
    assert 'hidden><span class="countdown__unit" data-part="hours">' in page
    assert 'data-part="minutes">14<' in page


def test_a_countdown_that_is_over_says_so():
    page = draw("{% countdown at %}", at=now() - dt.timedelta(seconds=1))
    assert "countdown--over" in page
    assert "Ended" in page


def test_a_kept_card_follows_its_content_its_language_and_the_clock():
    card = {"url": "/d/1", "title": "Noodles", "price_fen": 6800, "sold": 7}
    tag = "{% product_card card %}"
    assert draw(tag, card=card) == draw(tag, card=dict(card))
    assert "¥</span>59" in draw(tag, card={**card, "price_fen": 5900})
    assert "7 sold" in draw(tag, card=card)
    with translation.override("zh-hans"):
        assert "7 sold" not in Template("{% load ui %}" + tag).render(Context({"card": card}))
    assert "<h2" in draw('{% product_card card heading="h2" %}', card=card)
    assert 'loading="lazy"' in draw(tag, card={**card, "picture": "/p.webp"})
    first = draw("{% product_card card eager=True %}", card={**card, "picture": "/p.webp"})
    assert 'fetchpriority="high"' in first
    for hours in (1, 2):
        limited = {**card, "ends_at": now() + dt.timedelta(hours=hours, minutes=30)}
        assert f'data-part="hours">0{hours}<' in draw(tag, card=limited)


def test_a_card_leaves_out_what_it_does_not_know():
    card = {"url": "/d/1", "title": "Noodles <b>", "price_fen": 6800}
    page = draw("{% product_card card %}", card=card)
    assert 'href="/d/1"' in page
    assert "Noodles &lt;b&gt;" in page
    assert "rating" not in page
    assert "sold" not in page
    assert "discount" not in page


@pytest.mark.parametrize("name", ["400.html", "500.html", "offline.html", "maintenance.html"])
def test_standalone_error_pages_need_nothing(name):
    assert "<h1>" in render_to_string(name)
