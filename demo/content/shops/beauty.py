"""Hair and beauty: a salon family and a quiet spa."""

from __future__ import annotations

from decimal import Decimal

from demo.content.build import T, hours
from demo.content.types import Holiday, Merchant, Store

MERCHANTS = (
    Merchant(
        slug="mirror-lane",
        trade="beauty",
        name=T("Mirror Lane Salon", "镜巷造型"),
        legal_name=T("Linwan Mirror Lane Hair & Beauty Co., Ltd.", "临湾镜巷美发美容有限公司"),
        story=T(
            "Fixed prices on the wall, no membership talk in the chair, and a free fringe trim for a fortnight.",
            "价格写在墙上，剪发不推销办卡，两周内刘海免费修。",
        ),
        phone="0500-8612 2100",
        email="chair@mirrorlane.example",
        commission_rate=Decimal("0.100"),
        emblem="scissors",
    ),
    Merchant(
        slug="still-water-spa",
        trade="beauty",
        name=T("Still Water Spa", "止水 SPA"),
        legal_name=T("Linwan Still Water Wellness Co., Ltd.", "临湾止水健康管理有限公司"),
        story=T(
            "Eight rooms, licensed therapists, tea before and after; phones stay in the cedar box by the door.",
            "八间理疗室、持证理疗师，前后各一盏茶，手机请放进门口的杉木盒。",
        ),
        phone="0500-8612 2200",
        email="calm@stillwater.example",
        commission_rate=Decimal("0.110"),
        emblem="leaf",
    ),
)

STORES = (
    Store(
        slug="mirror-clock-lane",
        merchant="mirror-lane",
        name=T("Mirror Lane, Clock Lane", "镜巷造型（钟楼后巷店）"),
        district="bell-tower",
        address=T("27 Clock Lane", "钟楼后巷 27 号"),
        latitude=29.2069,
        longitude=121.9466,
        phone="0500-8612 2101",
        hours=hours("Tu-Su 10:00-21:00"),
        services=("wifi", "card-payment", "english"),
        transit=T("Metro 1 to Bell Tower, exit B", "地铁 1 号线钟楼站 B 口"),
    ),
    Store(
        slug="mirror-eastgate",
        merchant="mirror-lane",
        name=T("Mirror Lane, Eastgate", "镜巷造型（东门店）"),
        district="eastgate",
        address=T("3F, Eastgate Commons, 9 Exchange Road", "交易路 9 号东门里 3 层"),
        latitude=29.2150,
        longitude=121.9779,
        phone="0500-8612 2102",
        hours=hours("Mo-Su 10:00-22:00"),
        services=("wifi", "parking", "step-free"),
        transit=T("Metro 2 to Eastgate, exit D", "地铁 2 号线东门站 D 口"),
    ),
    Store(
        slug="mirror-university",
        merchant="mirror-lane",
        name=T("Mirror Lane, University Town", "镜巷造型（大学城店）"),
        district="university-town",
        address=T("2F, 11 South Gate Food Street", "大学城南门美食街 11 号 2 层"),
        latitude=29.2411,
        longitude=121.9170,
        phone="0500-8612 2103",
        hours=hours("Mo-Fr 11:00-22:00; Sa-Su 10:00-22:00"),
        services=("wifi", "power-sockets"),
        transit=T("Metro 2 to University Town, exit B", "地铁 2 号线大学城站 B 口"),
        holidays=(Holiday(T("Winter vacation", "寒假休息"), month_day=(1, 25), days=14),),
    ),
    Store(
        slug="still-willow-lake",
        merchant="still-water-spa",
        name=T("Still Water Spa, Willow Lake", "止水 SPA（柳湖店）"),
        district="willow-lake",
        address=T("Garden Court 2, 158 Lakeside West Road", "柳湖西路 158 号花园坊 2 栋"),
        latitude=29.2178,
        longitude=121.9262,
        phone="0500-8612 2201",
        hours=hours("Mo-Su 10:30-23:30"),
        services=("parking", "showers", "lockers", "private-room", "english"),
        transit=T("Bus 8 to Willow Lake West, five minutes", "公交 8 路柳湖西站，步行 5 分钟"),
    ),
    Store(
        slug="still-old-harbour",
        merchant="still-water-spa",
        name=T("Still Water Spa, Old Harbour", "止水 SPA（老码头店）"),
        district="old-harbour",
        address=T("2F, Customs House, 50 Harbour Street", "港口街 50 号旧海关楼 2 层"),
        latitude=29.2001,
        longitude=121.9661,
        phone="0500-8612 2202",
        hours=hours("Mo-Th 12:00-23:00; Fr-Sa 12:00-01:00; Su 12:00-23:00"),
        services=("showers", "lockers", "private-room", "sea-view", "card-payment"),
        transit=T("Tram 1 to Customs House", "有轨电车 1 号线海关楼站"),
    ),
)
