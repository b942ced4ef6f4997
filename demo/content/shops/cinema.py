"""Cinema: one house with three screens of character."""

from __future__ import annotations

from decimal import Decimal

from demo.content.build import T, hours
from demo.content.types import Merchant, Store

MERCHANTS = (
    Merchant(
        slug="lighthouse-cinema",
        trade="cinema",
        name=T("Lighthouse Cinema", "灯塔影城"),
        legal_name=T("Linwan Lighthouse Film Co., Ltd.", "临湾灯塔电影有限公司"),
        story=T(
            "An independent house: one giant screen, one courtyard under the stars, and butter on the popcorn.",
            "本地独立影城：一块巨幕、一座星空庭院，爆米花放真黄油。",
        ),
        phone="0500-8612 4100",
        email="box@lighthousecinema.example",
        commission_rate=Decimal("0.050"),
        emblem="reel",
    ),
)

STORES = (
    Store(
        slug="light-bell-tower",
        merchant="lighthouse-cinema",
        name=T("Lighthouse Cinema, Bell Tower", "灯塔影城（钟楼巨幕店）"),
        district="bell-tower",
        address=T("6F, Bell Tower Arcade, 88 Drum Street", "鼓楼大街 88 号钟楼商场 6 层"),
        latitude=29.2072,
        longitude=121.9505,
        phone="0500-8612 4101",
        hours=hours("Mo-Th 09:30-00:30; Fr-Sa 09:30-02:00; Su 09:30-00:30"),
        services=("wifi", "parking", "step-free", "card-payment"),
        transit=T("Metro 1 and 2 to Bell Tower, exit C", "地铁 1、2 号线钟楼站 C 口"),
    ),
    Store(
        slug="light-eastgate",
        merchant="lighthouse-cinema",
        name=T("Lighthouse Cinema, Eastgate", "灯塔影城（东门店）"),
        district="eastgate",
        address=T("6F, Eastgate Commons, 9 Exchange Road", "交易路 9 号东门里 6 层"),
        latitude=29.2154,
        longitude=121.9785,
        phone="0500-8612 4102",
        hours=hours("Mo-Th 10:00-00:00; Fr-Sa 10:00-02:00; Su 10:00-00:00"),
        services=("wifi", "parking", "step-free", "baby-room"),
        transit=T("Metro 2 to Eastgate, exit D", "地铁 2 号线东门站 D 口"),
    ),
    Store(
        slug="light-salt-works",
        merchant="lighthouse-cinema",
        name=T("Lighthouse Courtyard Cinema, Salt Works", "灯塔影城（盐场里庭院店）"),
        district="salt-works",
        address=T("Courtyard 7, Salt Works Creative Park", "盐场里创意园 7 号院"),
        latitude=29.1768,
        longitude=121.9889,
        phone="0500-8612 4103",
        hours=hours("We-Th 17:30-23:30; Fr-Sa 15:00-01:00; Su 15:00-23:30"),
        services=("parking", "outdoor-seats", "pet-friendly", "private-room"),
        transit=T("Tram 1 to Salt Works, follow the lanterns", "有轨电车 1 号线盐场站，跟着灯笼走"),
    ),
)
