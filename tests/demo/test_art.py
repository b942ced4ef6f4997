"""The drawings: the same for a seed, different between seeds, of the size asked, and there for every product."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image, ImageStat

from demo.art import (
    EMBLEMS,
    draw_avatar,
    draw_banner,
    draw_cover,
    draw_merchant_mark,
    draw_store_front,
    encode,
    motifs_of,
)
from demo.art.scenes import FRAMING, MOTIFS
from demo.content import CITY

SMALL = (160, 120)
EVERY_MOTIF = [(trade, motif) for trade in MOTIFS for motif in MOTIFS[trade]]


def fingerprint(image: Image.Image) -> str:
    return sha256(image.tobytes()).hexdigest()


def test_every_product_and_merchant_of_the_city_can_be_drawn():
    for product in CITY.products:
        assert product.motif in motifs_of(CITY.trade_of(product)), product.slug
    for merchant in CITY.merchants:
        assert merchant.emblem in EMBLEMS[merchant.trade], merchant.slug


def test_every_trade_has_six_motifs_and_every_framing_has_its_motif():
    assert set(MOTIFS) == set(EMBLEMS) == set(CITY.trades)
    assert all(len(motifs) >= 6 for motifs in MOTIFS.values())
    assert set(FRAMING) <= set(EVERY_MOTIF)


@pytest.mark.parametrize(("trade", "motif"), EVERY_MOTIF)
def test_cover_is_the_same_for_a_seed_and_differs_between_seeds(trade: str, motif: str):
    first, again, other = (
        draw_cover(trade=trade, motif=motif, seed=seed, size=SMALL) for seed in (7, 7, 8)
    )
    assert first.size == SMALL
    assert fingerprint(first) == fingerprint(again)
    assert fingerprint(first) != fingerprint(other)
    # A drawing, not a wash of colour: much light and dark in it.
    assert max(ImageStat.Stat(first).stddev) > 18


def test_motifs_of_a_trade_are_told_apart():
    for trade in CITY.trades:
        prints = {
            fingerprint(draw_cover(trade=trade, motif=motif, seed=1, size=SMALL))
            for motif in motifs_of(trade)
        }
        assert len(prints) == len(motifs_of(trade))


@pytest.mark.parametrize("trade", CITY.trades)
def test_front_mark_and_banner_of_a_trade_repeat(trade: str):
    for draw, size in (
        (draw_store_front, SMALL),
        (draw_merchant_mark, (96, 96)),
        (draw_banner, (240, 80)),
    ):
        first, again = (draw(trade=trade, seed=3, size=size) for _ in range(2))
        assert first.size == size
        assert fingerprint(first) == fingerprint(again)


def test_merchants_sign_shows_its_own_emblem():
    marks = {
        fingerprint(draw_merchant_mark(trade="pets", seed=1, size=(96, 96), emblem=emblem))
        for emblem in EMBLEMS["pets"]
    }
    assert len(marks) == len(EMBLEMS["pets"])


def test_avatars_are_many_and_the_city_has_a_banner():
    faces = {fingerprint(draw_avatar(seed=seed, size=(64, 64))) for seed in range(40)}
    assert len(faces) == 40
    assert draw_banner(trade=None, seed=1, size=(300, 100)).size == (300, 100)


def test_cover_without_motif_is_one_of_the_trades():
    drawn = fingerprint(draw_cover(trade="coffee", motif=None, seed=5, size=SMALL))
    assert drawn == fingerprint(draw_cover(trade="coffee", motif=None, seed=5, size=SMALL))


@pytest.mark.parametrize("size", [(600, 600), (300, 500), (900, 300)])
def test_scene_fills_any_shape_of_picture(size: tuple[int, int]):
    picture = draw_cover(trade="hotel", motif="seaview", seed=2, size=size)
    width, height = size
    corners = {
        picture.getpixel(at)
        for at in ((0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1))
    }
    assert picture.size == size
    assert (0, 0, 0) not in corners


def test_unknown_names_are_refused_with_what_there_is():
    with pytest.raises(ValueError, match="no motif 'pizza'; it has dumplings"):
        draw_cover(trade="restaurants", motif="pizza", seed=1, size=SMALL)
    with pytest.raises(ValueError, match="no trade 'bank'"):
        draw_store_front(trade="bank", seed=1, size=SMALL)
    with pytest.raises(ValueError, match="no emblem 'cup'"):
        draw_merchant_mark(trade="pets", seed=1, size=SMALL, emblem="cup")


@pytest.mark.parametrize("kind", ["webp", "jpeg", "png"])
def test_encode_gives_bytes_of_that_format(kind: str):
    picture = draw_cover(trade="coffee", motif="latte", seed=1, size=(400, 300))
    data = encode(picture, kind)
    assert Image.open(BytesIO(data)).format == kind.upper()
    assert data == encode(picture, kind)
    if kind == "webp":
        assert len(data) < 20_000


def test_encode_refuses_other_formats():
    with pytest.raises(ValueError, match="no encoder for 'bmp'"):
        encode(Image.new("RGB", (4, 4)), "bmp")
