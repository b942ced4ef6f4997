"""Sample content for the style guide page: ``{% sample "cards" as cards %}``. Nowhere else."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms, template
from django.utils.translation import get_language

from kernel.clock import now

register = template.Library()


class SampleForm(forms.Form):
    """One field of each kind, with help; bound to wrong values it shows every error."""

    email = forms.EmailField(label="E-mail", help_text="We send the voucher there too.")
    phone = forms.CharField(label="Phone", required=False)
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)
    when = forms.ChoiceField(label="When", choices=[("now", "Now"), ("later", "Later")])
    pay = forms.ChoiceField(
        label="Pay with",
        choices=[("alipay", "Alipay 支付宝"), ("wechat", "WeChat Pay 微信支付")],
        widget=forms.RadioSelect,
        initial="alipay",
    )
    agree = forms.BooleanField(label="I have read the terms 我已阅读条款")


def _two(english: str, chinese: str) -> str:
    return chinese if (get_language() or "").startswith("zh") else english


def _card(title: str, price: int, usual: int, icon: str, **more: Any) -> dict[str, Any]:
    base = {"url": "#card", "title": title, "price_fen": price, "was_fen": usual}
    return base | {"icon": icon, "rating": 4.7, "review_count": 318, "sold": 1280} | more


def _cards() -> list[dict[str, Any]]:
    noodles = _two("Lanzhou Noodle House", "兰州牛肉面馆")
    return [
        _card(
            _two("Hand-pulled beef noodles for two, with cold dishes", "双人牛肉拉面套餐，含凉菜两份"),
            6800, 9800, "food", store_name=noodles, distance_metres=350,
            ends_at=now() + dt.timedelta(days=1, hours=3, minutes=12),
        ),
        _card(
            _two("Any two pour-over coffees", "手冲咖啡任选两杯"), 3990, 5600, "coffee",
            store_name=_two("Slow Pour, Willow Lane", "慢手咖啡·柳巷店"), distance_metres=1240, sold=23800,
        ),
        _card(
            _two("Wash, cut and blow-dry with a senior stylist", "资深发型师洗剪吹"), 12800, 19800, "beauty",
            badge=_two("New", "新店"), store_name=_two("Studio Plum", "梅子造型"), distance_metres=80, rating=4.9,
        ),
        _card(
            _two("Ten gym visits, valid one year", "健身次卡10次，一年有效"), 39900, 39900, "fitness",
            price_from=True, store_name=_two("Northgate Gym", "北门健身"), distance_metres=12800, rating=None, sold=0,
        ),
        _card(
            _two("Weekend matinee, any film", "周末日场电影票"), 2980, 6000, "cinema", sold_out=True,
            store_name=_two("Lantern Cinema", "灯笼影城"), distance_metres=2600,
        ),
    ]  # fmt: skip


def _stores() -> list[dict[str, Any]]:
    return [
        {
            "url": "#store", "name": _two("Slow Pour, Willow Lane", "慢手咖啡·柳巷店"), "icon": "coffee",
            "rating": 4.8, "review_count": 1204, "open_now": True, "hours_today": "08:00–22:00",
            "distance_metres": 350, "address": _two("18 Willow Lane, Old Town", "老城区柳巷18号"),
            "phone": "+8657100000000",
            "route": {"links": [{"name": "Amap", "url": "#route"}], "position": "30.25000, 120.16000"},
        },
        {
            "url": "#store", "name": _two("Studio Plum", "梅子造型"), "icon": "beauty", "rating": 4.6,
            "review_count": 86, "open_now": False, "hours_today": "10:00–20:00", "distance_metres": 1830,
            "address": _two("2F, Riverside Mall, 6 Bridge Street", "桥街6号滨江天地2层"),
        },
    ]  # fmt: skip


def _tickets() -> list[dict[str, Any]]:
    soon = now() + dt.timedelta(days=20)
    return [
        {
            "url": "#ticket", "title": _two("Hand-pulled beef noodles for two", "双人牛肉拉面套餐"), "icon": "food",
            "store_name": _two("Lanzhou Noodle House, 3 stores", "兰州牛肉面馆 · 3家门店可用"), "valid_until": soon,
            "state_label": _two("Ready to use", "待使用"), "state_kind": "ok",
        },
        {
            "url": "#ticket", "title": _two("Ten gym visits", "健身次卡10次"), "icon": "fitness",
            "store_name": _two("Northgate Gym", "北门健身"), "valid_until": soon,
            "left": _two("7 of 10 uses left", "剩余7次，共10次"),
            "state_label": _two("Expires soon", "即将过期"), "state_kind": "warn",
        },
        {
            "url": "#ticket", "title": _two("Any two pour-over coffees", "手冲咖啡任选两杯"), "icon": "coffee",
            "store_name": _two("Slow Pour", "慢手咖啡"), "valid_until": now(), "spent": True,
            "state_label": _two("Used", "已核销"),
        },
    ]  # fmt: skip


def _tiles() -> list[dict[str, str]]:
    names = [
        ("food", "Food", "美食"), ("coffee", "Coffee", "咖啡"), ("beauty", "Beauty", "丽人"),
        ("fitness", "Fitness", "健身"), ("cinema", "Cinema", "电影"), ("hotel", "Hotels", "酒店"),
        ("produce", "Produce", "生鲜"), ("kids", "Kids", "亲子"), ("car", "Car care", "爱车"),
        ("pet", "Pets", "宠物"),
    ]  # fmt: skip
    return [{"icon": icon, "label": _two(en, zh), "url": "#tile"} for icon, en, zh in names]


def _steps() -> list[dict[str, str]]:
    return [
        {"label": _two("Ordered", "已下单"), "note": "12:03", "state": "done"},
        {"label": _two("Paid", "已付款"), "note": "12:04 · ¥68", "state": "done"},
        {"label": _two("Show the code in the store", "到店出示券码"), "state": "now"},
        {"label": _two("Tell others how it was", "评价"), "state": "todo"},
    ]


def _facts() -> list[dict[str, Any]]:
    return [
        {"label": _two("2 × Beef noodles for two", "双人牛肉拉面套餐 × 2"), "value": "¥136"},
        {"label": _two("Coupon: ¥20 off from ¥100", "满100减20券"), "value": "−¥20"},
        {"label": _two("To pay", "应付"), "value": "¥116", "total": True},
    ]


def _review() -> dict[str, Any]:
    return {
        "author": _two("Wen L.", "文**"), "rating": 4.5, "created_at": now(),
        "text": _two("Broth is clear and deep, staff scanned the code in two seconds.", "汤清味浓，扫码核销两秒搞定。"),
        "what": _two("Beef noodles for two", "双人牛肉拉面套餐"), "reply_by": _two("the store", "商家"),
        "reply": _two("Thank you, see you again!", "谢谢光临，期待再来！"),
    }  # fmt: skip


def _chips() -> list[dict[str, Any]]:
    return [
        {"label": _two("All", "全部"), "url": "#", "current": True, "count": 150},
        {"label": _two("Open now", "营业中"), "url": "#", "count": 62, "icon": "clock"},
        {"label": _two("Under ¥50", "50元以下"), "url": "#", "count": 41},
        {"label": _two("Within 1 km", "1公里内"), "url": "#", "count": 8},
        {"label": _two("Top rated", "好评优先"), "url": "#"},
    ]


def _tabs() -> list[dict[str, Any]]:
    return [
        {"label": _two("Ready", "待使用"), "url": "#", "current": True, "count": 3},
        {"label": _two("Used", "已使用"), "url": "#", "count": 12},
        {"label": _two("Refunds", "退款"), "url": "#"},
    ]


def _crumbs() -> list[dict[str, str]]:
    return [
        {"label": _two("Home", "首页"), "url": "#"},
        {"label": _two("Food", "美食"), "url": "#"},
        {"label": _two("Beef noodles for two", "双人牛肉拉面套餐"), "url": ""},
    ]


SAMPLES = {
    "cards": _cards,
    "stores": _stores,
    "tickets": _tickets,
    "tiles": _tiles,
    "steps": _steps,
    "facts": _facts,
    "review": _review,
    "chips": _chips,
    "tabs": _tabs,
    "crumbs": _crumbs,
    "form": lambda: SampleForm(auto_id="ok_%s"),
    "wrong_form": lambda: SampleForm({"email": "wen@", "phone": "123"}, auto_id="wrong_%s"),
    "hour": lambda: now() + dt.timedelta(hours=1, minutes=2, seconds=3),
    "now": now,
}


@register.simple_tag
def sample(name: str) -> Any:
    """Return the sample called ``name``."""
    return SAMPLES[name]()
