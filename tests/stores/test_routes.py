"""The way to a store opens in the map that a person uses, at the right place."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import translation

from stores.routes import route_to
from tests.factories import make_product, make_store, make_voucher

pytestmark = pytest.mark.django_db


def asked(url: str) -> dict[str, str]:
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}


def test_each_map_is_told_the_position_in_its_own_order_and_system() -> None:
    store = make_store(
        name_en="Soup, Bread & Co.", latitude=30.2741, longitude=-0.125, address_en="5 Quay"
    )
    with translation.override("en"):
        route = route_to(store)
    apple, amap, baidu, google = (asked(link.url) for link in route.links)
    assert apple == {"daddr": "30.274100,-0.125000"}
    assert amap["position"] == "-0.125000,30.274100"
    assert amap["name"] == "Soup, Bread & Co."
    assert amap["coordinate"] == "wgs84"
    assert (baidu["location"], baidu["coord_type"]) == ("30.274100,-0.125000", "wgs84")
    assert (baidu["title"], baidu["content"]) == ("Soup, Bread & Co.", "5 Quay")
    assert google == {"api": "1", "destination": "30.274100,-0.125000"}
    assert (route.address, route.position) == ("5 Quay", "30.27410, -0.12500")
    with translation.override("zh-hans"):
        assert [link.name for link in route_to(store).links] == [
            "苹果地图",
            "高德地图",
            "百度地图",
            "谷歌地图",
        ]


def test_wherever_a_store_stands_there_is_the_same_choice_and_nothing_is_loaded(client) -> None:
    store = make_store()
    product = make_product(stores=[store])
    voucher = make_voucher(product=product)
    client.force_login(voucher.owner)
    for path in (
        "/stores/?city=",
        f"/stores/{store.pk}/",
        f"/products/{product.pk}/",
        f"/products/{product.pk}/stores/",
        f"/vouchers/{voucher.pk}/",
    ):
        html = client.get(path).content.decode()
        choice = html.split('<details class="route">')[1].split("</details>")[0]
        for host in ("maps.apple.com", "uri.amap.com", "api.map.baidu.com", "www.google.com"):
            assert f'<a class="button" href="https://{host}/' in choice, path
            assert html.count(host) == html.count(f'href="https://{host}/'), path
        assert choice.count('rel="noopener noreferrer"') == 4
        assert "geo:" not in html
