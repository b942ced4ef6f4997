"""Hotels: a hill house with hot springs and a hotel with windows on the bay."""

from __future__ import annotations

from decimal import Decimal

from demo.content.build import T, hours
from demo.content.types import Merchant, Store

MERCHANTS = (
    Merchant(
        slug="camphor-house",
        trade="hotel",
        name=T("Camphor House", "樟舍酒店"),
        legal_name=T("Linwan Camphor House Hotel Co., Ltd.", "临湾樟舍酒店有限公司"),
        story=T(
            "A tea trader's house among old trees, with spring water at 42 degrees and no television in the rooms.",
            "老茶商的宅子，隐在古樟树间，汤泉 42 度，客房里不放电视。",
        ),
        phone="0500-8612 5100",
        email="stay@camphorhouse.example",
        commission_rate=Decimal("0.120"),
        emblem="lamp",
    ),
    Merchant(
        slug="bay-window",
        trade="hotel",
        name=T("Bay Window Hotel", "临窗酒店"),
        legal_name=T("Linwan Bay Window Hotel Management Co., Ltd.", "临湾临窗酒店管理有限公司"),
        story=T(
            "Every room faces water, and breakfast waits for those who slept well: it ends at eleven.",
            "间间见海，早餐供到十一点，给睡得香的人留着。",
        ),
        phone="0500-8612 5200",
        email="desk@baywindow.example",
        commission_rate=Decimal("0.120"),
        emblem="lighthouse",
    ),
)

STORES = (
    Store(
        slug="camphor-tea-terrace",
        merchant="camphor-house",
        name=T("Camphor House, Tea Terrace", "樟舍酒店（茶坡汤泉店）"),
        district="camphor-hill",
        address=T("66 Tea Terrace, Camphor Hill", "樟山茶坡 66 号"),
        latitude=29.1847,
        longitude=121.9129,
        phone="0500-8612 5101",
        hours=hours("Mo-Su 00:00-00:00"),
        services=("wifi", "parking", "charging-piles", "private-room", "card-payment", "english"),
        transit=T(
            "Bus 31 to Tea Terrace, or call for the shuttle", "公交 31 路茶坡站，亦可致电接驳"
        ),
    ),
    Store(
        slug="camphor-old-town",
        merchant="camphor-house",
        name=T("Camphor House, Bell Tower", "樟舍酒店（钟楼店）"),
        district="bell-tower",
        address=T("4 Scholar's Court, off Drum Street", "鼓楼大街状元弄 4 号"),
        latitude=29.2047,
        longitude=121.9509,
        phone="0500-8612 5102",
        hours=hours("Mo-Su 00:00-00:00"),
        services=("wifi", "step-free", "card-payment", "english"),
        transit=T("Metro 1 to Bell Tower, exit D", "地铁 1 号线钟楼站 D 口"),
    ),
    Store(
        slug="bay-lighthouse",
        merchant="bay-window",
        name=T("Bay Window Hotel, Lighthouse Bay", "临窗酒店（灯塔湾店）"),
        district="lighthouse-bay",
        address=T("28 Breakwater Road, Lighthouse Bay", "灯塔湾防波堤路 28 号"),
        latitude=29.1597,
        longitude=122.0209,
        phone="0500-8612 5201",
        hours=hours("Mo-Su 00:00-00:00"),
        services=("wifi", "parking", "sea-view", "step-free", "charging-piles", "english"),
        transit=T("Bus 17 to Breakwater, three minutes", "公交 17 路防波堤站，步行 3 分钟"),
    ),
    Store(
        slug="bay-harbour",
        merchant="bay-window",
        name=T("Bay Window Hotel, Old Harbour", "临窗酒店（老码头店）"),
        district="old-harbour",
        address=T("2 Harbour Street, Old Harbour", "老码头港口街 2 号"),
        latitude=29.1969,
        longitude=121.9689,
        phone="0500-8612 5202",
        hours=hours("Mo-Su 00:00-00:00"),
        services=("wifi", "sea-view", "card-payment", "baby-room"),
        transit=T("Tram 1 to Harbour Street, at the stop", "有轨电车 1 号线港口街站下车即到"),
    ),
)
