"""Pets: wash, clinic and shop under one paw, and two applicants whose papers are being read."""

from __future__ import annotations

from decimal import Decimal

from demo.content.build import T, hours
from demo.content.types import Holiday, Merchant, Store

MERCHANTS = (
    Merchant(
        slug="good-paws",
        trade="pets",
        name=T("Good Paws", "好爪宠物"),
        legal_name=T("Linwan Good Paws Pet Services Co., Ltd.", "临湾好爪宠物服务有限公司"),
        story=T(
            "One groomer per animal, no cages while drying, and a photo halfway so you need not worry.",
            "一宠一师，吹干不进笼，洗到一半发张照片给你安心。",
        ),
        phone="0500-8612 9100",
        email="paw@goodpaws.example",
        commission_rate=Decimal("0.080"),
        emblem="dog",
    ),
    Merchant(
        slug="moss-and-fern",
        trade="pets",
        name=T("Moss & Fern Aquaria", "苔与蕨水族"),
        legal_name=T("Linwan Moss & Fern Aquatics Studio", "临湾苔与蕨水族工作室"),
        story=T(
            "Planted tanks that look after themselves, or nearly.", "做一缸几乎不用操心的水草造景。"
        ),
        phone="0500-8612 9300",
        email="tank@mossfern.example",
        commission_rate=Decimal("0.080"),
        emblem="paw",
        status="pending",
    ),
    Merchant(
        slug="north-wall-noodles",
        trade="restaurants",
        name=T("North Wall Noodles", "北墙面馆"),
        legal_name=T("Linwan North Wall Catering", "临湾北墙餐饮店"),
        story=T("One pot, one noodle, open until it is sold out.", "一口锅一种面，卖完就收摊。"),
        phone="0500-8612 0400",
        email="bowl@northwall.example",
        commission_rate=Decimal("0.080"),
        emblem="bowl",
        status="pending",
    ),
)

STORES = (
    Store(
        slug="paws-willow-lake",
        merchant="good-paws",
        name=T("Good Paws, Willow Lake", "好爪宠物（柳湖店）"),
        district="willow-lake",
        address=T("188 Lakeside West Road", "柳湖西路 188 号"),
        latitude=29.2187,
        longitude=121.9274,
        phone="0500-8612 9101",
        hours=hours("Mo-Su 09:30-20:30"),
        services=("wifi", "pet-friendly", "parking", "outdoor-seats"),
        transit=T("Bus 8 to Willow Lake West", "公交 8 路柳湖西站"),
    ),
    Store(
        slug="paws-clinic",
        merchant="good-paws",
        name=T("Good Paws Clinic & Boarding, Camphor Hill", "好爪宠物（樟山医院寄养店）"),
        district="camphor-hill",
        address=T("388 Hill Ring Road", "环山路 388 号"),
        latitude=29.1875,
        longitude=121.9199,
        phone="0500-8612 9102",
        hours=hours("Mo-Su 00:00-00:00"),
        services=("parking", "pet-friendly", "card-payment", "english"),
        transit=T("Bus 31 to Tea Market", "公交 31 路茶叶市场站"),
    ),
    Store(
        slug="paws-old-harbour",
        merchant="good-paws",
        name=T("Good Paws Corner, Old Harbour", "好爪宠物（老码头店）"),
        district="old-harbour",
        address=T("15 Netmakers' Row, Old Harbour", "老码头织网弄 15 号"),
        latitude=29.1996,
        longitude=121.9640,
        phone="0500-8612 9103",
        hours=hours("Tu-Fr 11:00-20:00; Sa-Su 10:00-20:30"),
        services=("wifi", "pet-friendly"),
        transit=T("Tram 1 to Fishmarket, across the footbridge", "有轨电车 1 号线鱼市站，过人行桥"),
        holidays=(Holiday(T("Groomers' training day", "美容师培训日"), in_days=4),),
    ),
)
