import pytest
from tests.factories import *
pytestmark = pytest.mark.django_db
def test_pages(client):
    city = make_city(featured=True)
    m = make_merchant(); s = make_store(merchant=m, city=city); p = make_product(merchant=m); make_flash_offer(p, price_fen=100)
    for url in ["/", "/products/", "/products/?q=product&sort=price&min_price=1", "/products/?near=30.25,120.16&sort=distance&radius=3000&open_now=on", f"/products/{p.pk}/", f"/products/{p.pk}/stores/", "/stores/", "/stores/?near=30.25,120.16&q=store&open_now=on", f"/stores/{s.pk}/",
        "/api/v1/stores", "/api/v1/stores?near=30,120&radius=100000&open_now=1&q=store", f"/api/v1/stores/{s.pk}?near=30,120", "/api/v1/products?near=30,120&sort=distance", f"/api/v1/products/{p.pk}?near=30,120", f"/api/v1/products/{p.pk}/stores"]:
        r = client.get(url)
        assert r.status_code == 200, (url, r.content[:2000])
        print(url, len(r.content), r.content[-900:] if "api" in url else "")
