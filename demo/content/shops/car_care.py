"""Car care: bays that wash, mend and charge."""

from __future__ import annotations

from decimal import Decimal

from demo.content.build import T, hours
from demo.content.types import Merchant, Store

MERCHANTS = (
    Merchant(
        slug="clear-coat",
        trade="car-care",
        name=T("Clear Coat Garage", "亮漆车坊"),
        legal_name=T("Linwan Clear Coat Motor Services Co., Ltd.", "临湾亮漆汽车服务有限公司"),
        story=T(
            "You watch the bay on a screen and get the old parts back in a box; nothing is replaced unasked.",
            "工位有直播，旧件装盒交还，没问过您的零件一颗不换。",
        ),
        phone="0500-8612 8100",
        email="bay@clearcoat.example",
        commission_rate=Decimal("0.075"),
        emblem="car",
    ),
)

STORES = (
    Store(
        slug="clear-eastgate",
        merchant="clear-coat",
        name=T("Clear Coat Garage, Eastgate", "亮漆车坊（东门店）"),
        district="eastgate",
        address=T(
            "P2 Car Park, Exchange Tower, 21 Exchange Road", "交易路 21 号交易大厦地下停车场 P2"
        ),
        latitude=29.2166,
        longitude=121.9806,
        phone="0500-8612 8101",
        hours=hours("Mo-Su 08:30-21:00"),
        services=("wifi", "parking", "charging-piles", "card-payment"),
        transit=T(
            "Enter the car park from Exchange Road, follow blue signs",
            "交易路入口进停车场，跟蓝色指示牌",
        ),
    ),
    Store(
        slug="clear-camphor",
        merchant="clear-coat",
        name=T("Clear Coat Garage, Ring Road", "亮漆车坊（环山路店）"),
        district="camphor-hill",
        address=T("410 Hill Ring Road", "环山路 410 号"),
        latitude=29.1881,
        longitude=121.9210,
        phone="0500-8612 8102",
        hours=hours("Mo-Sa 08:00-19:00; Su 09:00-17:00"),
        services=("wifi", "parking", "charging-piles"),
        transit=T("Hill Ring Road westbound, after the tea market", "环山路西行方向，过茶叶市场"),
    ),
    Store(
        slug="clear-salt-works",
        merchant="clear-coat",
        name=T("Clear Coat Night Wash, Salt Works", "亮漆车坊（盐场里夜洗店）"),
        district="salt-works",
        address=T("Gate 2, Salt Works Creative Park", "盐场里创意园 2 号门"),
        latitude=29.1756,
        longitude=121.9921,
        phone="0500-8612 8103",
        hours=hours("Mo-Su 15:00-03:00"),
        services=("parking", "charging-piles", "wifi"),
        transit=T("Coast Highway exit 12, first lights", "滨海公路 12 号出口，第一个红绿灯"),
    ),
)
