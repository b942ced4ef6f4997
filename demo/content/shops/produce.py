"""Fresh produce: one grocer that knows its farmers."""

from __future__ import annotations

from decimal import Decimal

from demo.content.build import T, hours
from demo.content.types import Holiday, Merchant, Store

MERCHANTS = (
    Merchant(
        slug="morning-crate",
        trade="produce",
        name=T("Morning Crate", "晨筐鲜蔬"),
        legal_name=T("Linwan Morning Crate Farm Produce Co., Ltd.", "临湾晨筐农产品有限公司"),
        story=T(
            "Eleven farms within forty kilometres; each crate carries the name of whoever picked it.",
            "四十公里内十一家农场，筐上写着是谁摘的。",
        ),
        phone="0500-8612 6100",
        email="crate@morningcrate.example",
        commission_rate=Decimal("0.040"),
        emblem="orange",
    ),
)

STORES = (
    Store(
        slug="crate-willow-lake",
        merchant="morning-crate",
        name=T("Morning Crate, Willow Lake", "晨筐鲜蔬（柳湖店）"),
        district="willow-lake",
        address=T("101 Lakeside East Road", "柳湖东路 101 号"),
        latitude=29.2175,
        longitude=121.9325,
        phone="0500-8612 6101",
        hours=hours("Mo-Su 06:30-20:30"),
        services=("parking", "step-free"),
        transit=T("Bus 8 to Willow Lake East Gate", "公交 8 路柳湖东门站"),
    ),
    Store(
        slug="crate-bell-tower",
        merchant="morning-crate",
        name=T("Morning Crate, Market Street", "晨筐鲜蔬（菜市街店）"),
        district="bell-tower",
        address=T("8 Market Street, by the old well", "菜市街 8 号古井旁"),
        latitude=29.2041,
        longitude=121.9467,
        phone="0500-8612 6102",
        hours=hours("Mo-Su 06:00-12:30,15:30-19:30"),
        services=("step-free",),
        transit=T(
            "Metro 1 to Bell Tower, exit A, eight minutes", "地铁 1 号线钟楼站 A 口，步行 8 分钟"
        ),
    ),
    Store(
        slug="crate-eastgate",
        merchant="morning-crate",
        name=T("Morning Crate, Eastgate", "晨筐鲜蔬（东门店）"),
        district="eastgate",
        address=T("B1-02, Eastgate Commons, 9 Exchange Road", "交易路 9 号东门里 B1-02"),
        latitude=29.2146,
        longitude=121.9790,
        phone="0500-8612 6103",
        hours=hours("Mo-Su 08:00-22:00"),
        services=("parking", "step-free", "card-payment", "lockers"),
        transit=T(
            "Metro 2 to Eastgate, exit D, basement level", "地铁 2 号线东门站 D 口，地下一层"
        ),
    ),
    Store(
        slug="crate-university",
        merchant="morning-crate",
        name=T("Morning Crate, University Town", "晨筐鲜蔬（大学城店）"),
        district="university-town",
        address=T("3 Teachers' Garden, University Town", "大学城教师新村 3 号底商"),
        latitude=29.2443,
        longitude=121.9191,
        phone="0500-8612 6104",
        hours=hours("Mo-Sa 07:00-20:00; Su 07:00-14:00"),
        services=("step-free",),
        transit=T(
            "Metro 2 to University Town, exit C, by bicycle path",
            "地铁 2 号线大学城站 C 口，沿自行车道",
        ),
        holidays=(Holiday(T("Stocktaking", "盘点"), in_days=15, spans=(("14:00", "20:00"),)),),
    ),
)
