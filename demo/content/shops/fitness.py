"""Fitness: an all-round gym with a climbing hall, and a yoga house."""

from __future__ import annotations

from decimal import Decimal

from demo.content.build import T, hours
from demo.content.types import Holiday, Merchant, Store

MERCHANTS = (
    Merchant(
        slug="iron-pier",
        trade="fitness",
        name=T("Iron Pier Sports", "铁码头运动"),
        legal_name=T("Linwan Iron Pier Sports Co., Ltd.", "临湾铁码头体育有限公司"),
        story=T(
            "Pay by the visit, freeze when you travel: a gym, a pool and a wall without a yearly contract.",
            "按次付费、出差可停卡：器械、泳池、岩馆，都不用签年卡。",
        ),
        phone="0500-8612 3100",
        email="train@ironpier.example",
        commission_rate=Decimal("0.090"),
        emblem="kettlebell",
    ),
    Merchant(
        slug="one-breath-yoga",
        trade="fitness",
        name=T("One Breath Yoga", "一呼瑜伽"),
        legal_name=T("Linwan One Breath Culture Co., Ltd.", "临湾一呼文化有限公司"),
        story=T(
            "Classes of at most twelve, so the teacher knows your shoulders by the second visit.",
            "小班不超过十二人，第二次来老师就记得你的肩颈毛病。",
        ),
        phone="0500-8612 3200",
        email="mat@onebreath.example",
        commission_rate=Decimal("0.095"),
        emblem="leaf",
    ),
)

STORES = (
    Store(
        slug="iron-eastgate",
        merchant="iron-pier",
        name=T("Iron Pier Gym & Pool, Eastgate", "铁码头运动（东门泳健馆）"),
        district="eastgate",
        address=T("B2, Exchange Tower, 21 Exchange Road", "交易路 21 号交易大厦 B2"),
        latitude=29.2163,
        longitude=121.9797,
        phone="0500-8612 3101",
        hours=hours("Mo-Fr 06:00-23:00; Sa-Su 08:00-22:00"),
        services=("wifi", "showers", "lockers", "parking", "step-free"),
        transit=T("Metro 2 to Eastgate, exit B", "地铁 2 号线东门站 B 口"),
        holidays=(
            Holiday(T("Pool water change", "泳池换水"), in_days=6, spans=(("12:00", "22:00"),)),
        ),
    ),
    Store(
        slug="iron-bell-tower",
        merchant="iron-pier",
        name=T("Iron Pier Gym, Bell Tower", "铁码头运动（钟楼店）"),
        district="bell-tower",
        address=T("4F, Bell Tower Arcade, 88 Drum Street", "鼓楼大街 88 号钟楼商场 4 层"),
        latitude=29.2075,
        longitude=121.9503,
        phone="0500-8612 3102",
        hours=hours("Mo-Su 00:00-00:00"),
        services=("wifi", "showers", "lockers", "power-sockets"),
        transit=T(
            "Metro 1 and 2 to Bell Tower, exit C; night door on Drum Street",
            "地铁 1、2 号线钟楼站 C 口，夜间走鼓楼大街侧门",
        ),
    ),
    Store(
        slug="iron-salt-works",
        merchant="iron-pier",
        name=T("Iron Pier Climbing & Courts, Salt Works", "铁码头运动（盐场里岩馆球馆）"),
        district="salt-works",
        address=T("Evaporation Hall, Salt Works Creative Park", "盐场里创意园蒸发车间"),
        latitude=29.1772,
        longitude=121.9912,
        phone="0500-8612 3103",
        hours=hours("Mo-Fr 10:00-22:30; Sa-Su 09:00-22:30"),
        services=("wifi", "showers", "lockers", "parking", "outdoor-seats"),
        transit=T(
            "Tram 1 to Salt Works, the hall with the chimney", "有轨电车 1 号线盐场站，带烟囱的大厅"
        ),
    ),
    Store(
        slug="breath-willow-lake",
        merchant="one-breath-yoga",
        name=T("One Breath Yoga, Willow Lake", "一呼瑜伽（柳湖馆）"),
        district="willow-lake",
        address=T("Boathouse 1, 20 Lakeside East Road", "柳湖东路 20 号 1 号船屋"),
        latitude=29.2196,
        longitude=121.9340,
        phone="0500-8612 3201",
        hours=hours("Mo-Fr 06:30-13:00,16:30-21:30; Sa-Su 07:30-18:00"),
        services=("showers", "lockers", "outdoor-seats", "english"),
        transit=T("Bus 8 to Willow Lake East Gate", "公交 8 路柳湖东门站"),
    ),
    Store(
        slug="breath-camphor",
        merchant="one-breath-yoga",
        name=T("One Breath Yoga, Camphor Hill", "一呼瑜伽（樟山馆）"),
        district="camphor-hill",
        address=T("9 Tea Terrace, Camphor Hill", "樟山茶坡 9 号"),
        latitude=29.1868,
        longitude=121.9171,
        phone="0500-8612 3202",
        hours=hours("Tu-Fr 09:30-12:30,17:30-21:00; Sa-Su 08:00-17:00"),
        services=("parking", "showers", "private-room"),
        transit=T("Bus 31 to Tea Terrace", "公交 31 路茶坡站"),
    ),
)
