"""Kids: a play house with workshops and a bookshelf."""

from __future__ import annotations

from decimal import Decimal

from demo.content.build import T, hours
from demo.content.types import Holiday, Merchant, Store

MERCHANTS = (
    Merchant(
        slug="little-anchor",
        trade="kids",
        name=T("Little Anchor", "小锚亲子"),
        legal_name=T("Linwan Little Anchor Family Culture Co., Ltd.", "临湾小锚亲子文化有限公司"),
        story=T(
            "Balls washed every night, screens nowhere, and coffee for the grown-ups who wait.",
            "海洋球每晚清洗，场内没有屏幕，等娃的大人有咖啡。",
        ),
        phone="0500-8612 7100",
        email="ahoy@littleanchor.example",
        commission_rate=Decimal("0.080"),
        emblem="boat",
    ),
)

STORES = (
    Store(
        slug="anchor-eastgate",
        merchant="little-anchor",
        name=T("Little Anchor Play House, Eastgate", "小锚亲子乐园（东门店）"),
        district="eastgate",
        address=T("4F, Eastgate Commons, 9 Exchange Road", "交易路 9 号东门里 4 层"),
        latitude=29.2149,
        longitude=121.9793,
        phone="0500-8612 7101",
        hours=hours("Mo-Fr 10:00-20:30; Sa-Su 09:30-21:00"),
        services=("wifi", "parking", "baby-room", "lockers", "step-free"),
        transit=T("Metro 2 to Eastgate, exit D", "地铁 2 号线东门站 D 口"),
    ),
    Store(
        slug="anchor-willow-lake",
        merchant="little-anchor",
        name=T("Little Anchor Workshop, Willow Lake", "小锚亲子工坊（柳湖店）"),
        district="willow-lake",
        address=T("Boathouse 3, 20 Lakeside East Road", "柳湖东路 20 号 3 号船屋"),
        latitude=29.2199,
        longitude=121.9337,
        phone="0500-8612 7102",
        hours=hours("We-Fr 14:00-19:30; Sa-Su 09:00-19:00"),
        services=("wifi", "baby-room", "outdoor-seats", "english"),
        transit=T("Bus 8 to Willow Lake East Gate", "公交 8 路柳湖东门站"),
        holidays=(
            Holiday(
                T("Children's Day long hours", "六一延长营业"),
                month_day=(6, 1),
                spans=(("09:00", "21:30"),),
            ),
        ),
    ),
    Store(
        slug="anchor-bell-tower",
        merchant="little-anchor",
        name=T("Little Anchor Books & Toys, Bell Tower", "小锚绘本玩具屋（钟楼店）"),
        district="bell-tower",
        address=T("2F, Bell Tower Arcade, 88 Drum Street", "鼓楼大街 88 号钟楼商场 2 层"),
        latitude=29.2070,
        longitude=121.9498,
        phone="0500-8612 7103",
        hours=hours("Mo-Su 10:00-21:00"),
        services=("wifi", "parking", "baby-room", "step-free"),
        transit=T("Metro 1 and 2 to Bell Tower, exit C", "地铁 1、2 号线钟楼站 C 口"),
    ),
)
