"""Restaurants: three kitchens and where they stand."""

from __future__ import annotations

from decimal import Decimal

from demo.content.build import T, hours
from demo.content.types import Holiday, Merchant, Store

MERCHANTS = (
    Merchant(
        slug="old-pier-kitchen",
        trade="restaurants",
        name=T("Old Pier Kitchen", "老码头饭庄"),
        legal_name=T("Linwan Old Pier Catering Co., Ltd.", "临湾老码头餐饮有限公司"),
        story=T(
            "Three generations have cooked whatever the morning boats bring in; the menu is chalked up at nine.",
            "祖孙三代守着码头开灶，早市来什么就烧什么，菜单每天九点用粉笔现写。",
        ),
        phone="0500-8612 0100",
        email="hello@oldpier.example",
        commission_rate=Decimal("0.080"),
        emblem="fish",
    ),
    Merchant(
        slug="auntie-qiao",
        trade="restaurants",
        name=T("Auntie Qiao's Dumplings", "巧姨饺子馆"),
        legal_name=T("Linwan Qiao's Table Catering Co., Ltd.", "临湾巧食餐饮有限公司"),
        story=T(
            "Dumplings folded by hand behind the glass, eighteen pleats each, since the shop had only four stools.",
            "从只有四张凳子的小铺做起，玻璃窗后现包现煮，一只饺子十八道褶。",
        ),
        phone="0500-8612 0200",
        email="shop@auntieqiao.example",
        commission_rate=Decimal("0.070"),
        emblem="dumpling",
    ),
    Merchant(
        slug="ember-and-broth",
        trade="restaurants",
        name=T("Ember & Broth", "围炉小馆"),
        legal_name=T("Linwan Ember Catering Management Co., Ltd.", "临湾围炉餐饮管理有限公司"),
        story=T(
            "Beef-bone broth from six in the morning, charcoal from six at night, and a table open until two.",
            "清晨六点吊牛骨汤，傍晚六点生炭火，凌晨两点还给你留一张桌。",
        ),
        phone="0500-8612 0300",
        email="table@emberandbroth.example",
        commission_rate=Decimal("0.085"),
        emblem="bowl",
    ),
)

_SPRING = Holiday(T("Spring Festival rest", "春节休息"), month_day=(2, 6), days=3)

STORES = (
    Store(
        slug="pier-harbour",
        merchant="old-pier-kitchen",
        name=T("Old Pier Kitchen, Harbour House", "老码头饭庄（码头总店）"),
        district="old-harbour",
        address=T("12 Fishmarket Lane, Old Harbour", "老码头鱼市巷 12 号"),
        latitude=29.1978,
        longitude=121.9672,
        phone="0500-8612 0101",
        hours=hours("Mo-Su 10:30-14:00,16:30-21:30"),
        services=("wifi", "private-room", "high-chair", "sea-view", "card-payment"),
        transit=T(
            "Tram 1 to Fishmarket, two minutes on foot", "有轨电车 1 号线鱼市站，步行 2 分钟"
        ),
        holidays=(_SPRING,),
    ),
    Store(
        slug="pier-bell-tower",
        merchant="old-pier-kitchen",
        name=T("Old Pier Kitchen, Bell Tower", "老码头饭庄（钟楼店）"),
        district="bell-tower",
        address=T("3F, Bell Tower Arcade, 88 Drum Street", "鼓楼大街 88 号钟楼商场 3 层"),
        latitude=29.2071,
        longitude=121.9501,
        phone="0500-8612 0102",
        hours=hours("Mo-Fr 11:00-14:30,17:00-21:00; Sa-Su 10:30-21:30"),
        services=("wifi", "parking", "private-room", "high-chair", "step-free"),
        transit=T("Metro 1 and 2 to Bell Tower, exit C", "地铁 1、2 号线钟楼站 C 口"),
    ),
    Store(
        slug="pier-lighthouse",
        merchant="old-pier-kitchen",
        name=T("Old Pier Kitchen, Lighthouse Bay", "老码头饭庄（灯塔湾店）"),
        district="lighthouse-bay",
        address=T("6 Breakwater Road, Lighthouse Bay", "灯塔湾防波堤路 6 号"),
        latitude=29.1569,
        longitude=122.0195,
        phone="0500-8612 0103",
        hours=hours("Tu-Fr 11:00-14:00,17:00-21:00; Sa-Su 10:30-22:00"),
        services=("parking", "outdoor-seats", "sea-view", "high-chair", "pet-friendly"),
        transit=T("Bus 17 to Breakwater, at the stop", "公交 17 路防波堤站下车即到"),
        holidays=(Holiday(T("Typhoon shutters being renewed", "更换防台窗"), in_days=9, days=2),),
    ),
    Store(
        slug="qiao-drum-street",
        merchant="auntie-qiao",
        name=T("Auntie Qiao's, Drum Street", "巧姨饺子馆（鼓楼大街店）"),
        district="bell-tower",
        address=T("41 Drum Street, ground floor", "鼓楼大街 41 号底商"),
        latitude=29.2054,
        longitude=121.9478,
        phone="0500-8612 0201",
        hours=hours("Mo-Su 07:00-21:00"),
        services=("wifi", "high-chair"),
        transit=T(
            "Metro 1 to Bell Tower, exit A, behind the bank", "地铁 1 号线钟楼站 A 口，银行后侧"
        ),
    ),
    Store(
        slug="qiao-university",
        merchant="auntie-qiao",
        name=T("Auntie Qiao's, University Gate", "巧姨饺子馆（大学城店）"),
        district="university-town",
        address=T("5 South Gate Food Street, University Town", "大学城南门美食街 5 号"),
        latitude=29.2407,
        longitude=121.9163,
        phone="0500-8612 0202",
        hours=hours("Mo-Th 07:00-22:00; Fr-Sa 07:00-01:00; Su 08:00-22:00"),
        services=("wifi", "power-sockets"),
        transit=T("Metro 2 to University Town, exit B", "地铁 2 号线大学城站 B 口"),
        holidays=(
            Holiday(
                T("Winter vacation hours", "寒假营业"),
                month_day=(1, 20),
                days=20,
                spans=(("11:00", "19:30"),),
            ),
        ),
    ),
    Store(
        slug="qiao-willow-lake",
        merchant="auntie-qiao",
        name=T("Auntie Qiao's, Willow Lake", "巧姨饺子馆（柳湖店）"),
        district="willow-lake",
        address=T("230 Lakeside East Road", "柳湖东路 230 号"),
        latitude=29.2183,
        longitude=121.9331,
        phone="0500-8612 0203",
        hours=hours("Mo-Su 06:30-14:00,16:30-20:30"),
        services=("wifi", "high-chair", "outdoor-seats", "step-free"),
        transit=T("Bus 8 to Willow Lake East Gate", "公交 8 路柳湖东门站"),
    ),
    Store(
        slug="qiao-eastgate",
        merchant="auntie-qiao",
        name=T("Auntie Qiao's, Eastgate", "巧姨饺子馆（东门店）"),
        district="eastgate",
        address=T("B1-16, Eastgate Commons, 9 Exchange Road", "交易路 9 号东门里 B1-16"),
        latitude=29.2148,
        longitude=121.9783,
        phone="0500-8612 0204",
        hours=hours("Mo-Fr 10:00-21:30; Sa-Su 10:00-22:00"),
        services=("wifi", "parking", "step-free", "baby-room"),
        transit=T(
            "Metro 2 to Eastgate, exit D, basement level", "地铁 2 号线东门站 D 口，地下一层"
        ),
    ),
    Store(
        slug="ember-salt-works",
        merchant="ember-and-broth",
        name=T("Ember & Broth, Salt Works", "围炉小馆（盐场里店）"),
        district="salt-works",
        address=T("Warehouse 4, Salt Works Creative Park", "盐场里创意园 4 号仓"),
        latitude=29.1763,
        longitude=121.9897,
        phone="0500-8612 0301",
        hours=hours("Mo-Su 11:30-14:00,17:00-02:00"),
        services=("wifi", "parking", "private-room", "outdoor-seats", "pet-friendly"),
        transit=T(
            "Tram 1 to Salt Works, through the brick gate", "有轨电车 1 号线盐场站，进红砖大门"
        ),
        holidays=(_SPRING,),
    ),
    Store(
        slug="ember-eastgate",
        merchant="ember-and-broth",
        name=T("Ember & Broth, Eastgate", "围炉小馆（东门店）"),
        district="eastgate",
        address=T("5F, Eastgate Commons, 9 Exchange Road", "交易路 9 号东门里 5 层"),
        latitude=29.2152,
        longitude=121.9788,
        phone="0500-8612 0302",
        hours=hours("Mo-Th 11:00-23:00; Fr-Sa 11:00-01:30; Su 11:00-23:00"),
        services=("wifi", "parking", "high-chair", "step-free", "card-payment"),
        transit=T("Metro 2 to Eastgate, exit D", "地铁 2 号线东门站 D 口"),
    ),
    Store(
        slug="ember-university",
        merchant="ember-and-broth",
        name=T("Ember & Broth, Student Alley", "围炉小馆（大学城店）"),
        district="university-town",
        address=T("18 West Gate Alley, University Town", "大学城西门巷 18 号"),
        latitude=29.2431,
        longitude=121.9122,
        phone="0500-8612 0303",
        hours=hours("Mo-Su 16:30-02:30"),
        services=("wifi", "outdoor-seats"),
        transit=T(
            "Metro 2 to University Town, exit A, ten minutes",
            "地铁 2 号线大学城站 A 口，步行 10 分钟",
        ),
    ),
)
