"""Ten trades and their children: the two-level tree of the shop window."""

from __future__ import annotations

from demo.content.build import T
from demo.content.types import Category, Text

_TREE: tuple[tuple[str, Text, tuple[tuple[str, Text], ...]], ...] = (
    (
        "restaurants",
        T("Restaurants", "美食"),
        (
            ("chinese-kitchens", T("Chinese kitchens", "家常菜馆")),
            ("dumplings-noodles", T("Dumplings & noodles", "饺子面食")),
            ("hot-pot-grill", T("Hot pot & grill", "火锅烧烤")),
        ),
    ),
    (
        "coffee",
        T("Coffee & bakery", "咖啡烘焙"),
        (
            ("coffee-drinks", T("Coffee drinks", "咖啡饮品")),
            ("bread-cakes", T("Bread & cakes", "面包蛋糕")),
            ("beans-brewing", T("Beans & brewing", "咖啡豆与器具")),
        ),
    ),
    (
        "beauty",
        T("Hair & beauty", "丽人"),
        (
            ("hair", T("Hair", "美发")),
            ("nails-makeup", T("Nails & make-up", "美甲美妆")),
            ("skin-spa", T("Skin & spa", "美容 SPA")),
        ),
    ),
    (
        "fitness",
        T("Fitness", "运动健身"),
        (
            ("gym-classes", T("Gym & classes", "健身团课")),
            ("yoga-pilates", T("Yoga & Pilates", "瑜伽普拉提")),
            ("pool-courts", T("Pool, courts & climbing", "游泳球馆攀岩")),
        ),
    ),
    (
        "cinema",
        T("Cinema", "电影"),
        (
            ("screenings", T("Screenings", "观影")),
            ("snack-sets", T("Snacks & sets", "小食套餐")),
            ("private-screens", T("Private screens", "包场与私享厅")),
        ),
    ),
    (
        "hotel",
        T("Hotels", "酒店"),
        (
            ("rooms", T("Rooms", "客房")),
            ("hotel-dining", T("Breakfast & tea", "早餐下午茶")),
            ("hotel-leisure", T("Baths & lounges", "汤泉与休闲")),
        ),
    ),
    (
        "produce",
        T("Fresh produce", "生鲜果蔬"),
        (
            ("fruit", T("Fruit", "水果")),
            ("vegetables", T("Vegetables", "蔬菜")),
            ("larder", T("Eggs, rice & seafood", "蛋米水产")),
        ),
    ),
    (
        "kids",
        T("Kids", "亲子"),
        (
            ("play", T("Play", "乐园")),
            ("classes", T("Classes", "兴趣课")),
            ("toys-books", T("Toys & books", "玩具绘本")),
        ),
    ),
    (
        "car-care",
        T("Car care", "爱车"),
        (
            ("wash-detail", T("Wash & detail", "洗车美容")),
            ("service", T("Service & tyres", "保养轮胎")),
            ("charging", T("Charging", "充电")),
        ),
    ),
    (
        "pets",
        T("Pets", "宠物"),
        (
            ("grooming", T("Grooming", "洗护美容")),
            ("pet-health", T("Health & boarding", "医疗寄养")),
            ("pet-shop", T("Food & toys", "粮食玩具")),
        ),
    ),
)

CATEGORIES: tuple[Category, ...] = tuple(
    category
    for slug, name, children in _TREE
    for category in (
        Category(slug, name, slug),
        *(Category(child, child_name, slug, parent=slug) for child, child_name in children),
    )
)
