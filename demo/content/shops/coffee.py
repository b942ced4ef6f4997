"""Coffee and bakery: a roaster and a bread shop."""

from __future__ import annotations

from decimal import Decimal

from demo.content.build import T, hours
from demo.content.types import Holiday, Merchant, Store

MERCHANTS = (
    Merchant(
        slug="slack-tide-coffee",
        trade="coffee",
        name=T("Slack Tide Coffee", "平潮咖啡"),
        legal_name=T("Linwan Slack Tide Coffee Co., Ltd.", "临湾平潮咖啡有限公司"),
        story=T(
            "We roast on Tuesdays and Fridays in a former net shed and date every bag by hand.",
            "旧渔网仓库改的烘焙间，每周二、五开炉，每一袋豆子手写烘焙日期。",
        ),
        phone="0500-8612 1100",
        email="hi@slacktide.example",
        commission_rate=Decimal("0.060"),
        emblem="cup",
    ),
    Merchant(
        slug="second-rise",
        trade="coffee",
        name=T("Second Rise Bakery", "二醒面包房"),
        legal_name=T("Linwan Second Rise Foods Co., Ltd.", "临湾二醒食品有限公司"),
        story=T(
            "The dough rests twice and the bakers start at three, so the first croissants are warm at seven.",
            "面团醒两次，师傅三点上工，七点开门时第一炉可颂还是热的。",
        ),
        phone="0500-8612 1200",
        email="oven@secondrise.example",
        commission_rate=Decimal("0.065"),
        emblem="croissant",
    ),
)

STORES = (
    Store(
        slug="tide-net-shed",
        merchant="slack-tide-coffee",
        name=T("Slack Tide Coffee, Net Shed", "平潮咖啡（网仓烘焙店）"),
        district="old-harbour",
        address=T("3 Netmakers' Row, Old Harbour", "老码头织网弄 3 号"),
        latitude=29.1992,
        longitude=121.9648,
        phone="0500-8612 1101",
        hours=hours("Mo-Fr 07:30-20:00; Sa-Su 08:00-21:00"),
        services=("wifi", "outdoor-seats", "pet-friendly", "power-sockets", "english"),
        transit=T("Tram 1 to Fishmarket, across the footbridge", "有轨电车 1 号线鱼市站，过人行桥"),
        holidays=(
            Holiday(
                T("Roaster service day", "烘焙机保养日"), in_days=12, spans=(("13:00", "20:00"),)
            ),
        ),
    ),
    Store(
        slug="tide-bell-tower",
        merchant="slack-tide-coffee",
        name=T("Slack Tide Coffee, Bell Tower", "平潮咖啡（钟楼店）"),
        district="bell-tower",
        address=T("19 Clock Lane", "钟楼后巷 19 号"),
        latitude=29.2066,
        longitude=121.9472,
        phone="0500-8612 1102",
        hours=hours("Mo-Fr 07:00-21:00; Sa-Su 08:30-21:00"),
        services=("wifi", "power-sockets", "card-payment"),
        transit=T("Metro 1 to Bell Tower, exit B", "地铁 1 号线钟楼站 B 口"),
    ),
    Store(
        slug="tide-university",
        merchant="slack-tide-coffee",
        name=T("Slack Tide Coffee, Library Corner", "平潮咖啡（大学城图书馆店）"),
        district="university-town",
        address=T("Library Corner, 1 Campus Avenue", "大学城学府大道 1 号图书馆转角"),
        latitude=29.2426,
        longitude=121.9158,
        phone="0500-8612 1103",
        hours=hours("Mo-Th 07:30-23:00; Fr-Sa 07:30-00:30; Su 08:30-23:00"),
        services=("wifi", "power-sockets", "outdoor-seats", "step-free"),
        transit=T("Metro 2 to University Town, exit C", "地铁 2 号线大学城站 C 口"),
    ),
    Store(
        slug="tide-lighthouse",
        merchant="slack-tide-coffee",
        name=T("Slack Tide Coffee, Lighthouse", "平潮咖啡（灯塔店）"),
        district="lighthouse-bay",
        address=T("Keeper's Cottage, 1 Lighthouse Steps", "灯塔台阶 1 号守塔人小屋"),
        latitude=29.1588,
        longitude=122.0172,
        phone="0500-8612 1104",
        hours=hours("We-Fr 09:00-18:00; Sa-Su 06:00-19:30"),
        services=("outdoor-seats", "sea-view", "pet-friendly", "parking"),
        transit=T("Bus 17 to Lighthouse, 120 steps up", "公交 17 路灯塔站，上行 120 级台阶"),
    ),
    Store(
        slug="rise-willow-lake",
        merchant="second-rise",
        name=T("Second Rise, Willow Lake", "二醒面包房（柳湖店）"),
        district="willow-lake",
        address=T("66 Lakeside North Road", "柳湖北路 66 号"),
        latitude=29.2206,
        longitude=121.9287,
        phone="0500-8612 1201",
        hours=hours("Mo-Su 07:00-20:00"),
        services=("wifi", "outdoor-seats", "high-chair", "pet-friendly"),
        transit=T("Bus 8 to Willow Lake North Gate", "公交 8 路柳湖北门站"),
    ),
    Store(
        slug="rise-bell-tower",
        merchant="second-rise",
        name=T("Second Rise, Bell Tower", "二醒面包房（钟楼店）"),
        district="bell-tower",
        address=T("1F, Bell Tower Arcade, 88 Drum Street", "鼓楼大街 88 号钟楼商场 1 层"),
        latitude=29.2073,
        longitude=121.9496,
        phone="0500-8612 1202",
        hours=hours("Mo-Su 08:00-21:30"),
        services=("wifi", "parking", "step-free", "high-chair"),
        transit=T("Metro 1 and 2 to Bell Tower, exit C", "地铁 1、2 号线钟楼站 C 口"),
    ),
    Store(
        slug="rise-eastgate",
        merchant="second-rise",
        name=T("Second Rise, Eastgate", "二醒面包房（东门店）"),
        district="eastgate",
        address=T("1F-07, Exchange Tower, 21 Exchange Road", "交易路 21 号交易大厦 1 层 07 铺"),
        latitude=29.2161,
        longitude=121.9801,
        phone="0500-8612 1203",
        hours=hours("Mo-Fr 07:00-19:30; Sa 08:30-18:00"),
        services=("wifi", "power-sockets", "step-free"),
        transit=T(
            "Metro 2 to Eastgate, exit B, through the lobby", "地铁 2 号线东门站 B 口，穿过大堂"
        ),
    ),
)
