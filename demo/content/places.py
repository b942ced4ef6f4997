"""Linwan, a harbour city that is on no map: its districts and the services a store can offer.

The coast is real, the city is not: positions lie around one point of the East China Sea shore so that distances,
radii and routes behave as they would anywhere.
"""

from __future__ import annotations

from demo.content.build import T
from demo.content.types import District, Text

CITY_SLUG = "linwan"
CITY_NAME = T("Linwan", "临湾")
TAGLINE = T("A harbour city between tea hills and tide flats", "背靠茶山、面朝滩涂的港口小城")
TIME_ZONE = "Asia/Shanghai"
CENTRE = (29.2050, 121.9480)
RADIUS_KM = 14.0

DISTRICTS: tuple[District, ...] = (
    District("old-harbour", T("Old Harbour", "老码头"), 29.1985, 121.9655),
    District("bell-tower", T("Bell Tower", "钟楼"), 29.2062, 121.9490),
    District("willow-lake", T("Willow Lake", "柳湖"), 29.2190, 121.9305),
    District("eastgate", T("Eastgate", "东门新城"), 29.2155, 121.9790),
    District("university-town", T("University Town", "大学城"), 29.2420, 121.9150),
    District("salt-works", T("Salt Works", "盐场里"), 29.1770, 121.9905),
    District("camphor-hill", T("Camphor Hill", "樟山"), 29.1860, 121.9160),
    District("lighthouse-bay", T("Lighthouse Bay", "灯塔湾"), 29.1580, 122.0180),
)

SERVICES: dict[str, Text] = {
    "wifi": T("Free Wi-Fi", "免费 Wi-Fi"),
    "parking": T("Parking", "停车位"),
    "step-free": T("Step-free entrance", "无障碍入口"),
    "private-room": T("Private rooms", "包间"),
    "outdoor-seats": T("Outdoor seats", "露天座位"),
    "high-chair": T("High chairs", "宝宝椅"),
    "pet-friendly": T("Pets welcome", "可带宠物"),
    "power-sockets": T("Power sockets", "电源插座"),
    "lockers": T("Lockers", "储物柜"),
    "showers": T("Showers", "淋浴"),
    "card-payment": T("Foreign cards accepted", "支持外卡"),
    "charging-piles": T("EV charging", "充电桩"),
    "baby-room": T("Baby care room", "母婴室"),
    "sea-view": T("Sea view", "海景"),
    "english": T("English spoken", "可英文接待"),
}
