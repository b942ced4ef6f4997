"""Words of the trade that mean the same to somebody who looks for a deal.

People ask for 理发 where the shop says 剪发, for a movie where it says screening. A word of a
group finds what any word of it finds. Add a group where a plain word finds nothing.
"""

from __future__ import annotations

from functools import cache

from kernel.words import fold, query_text, query_words, singular

GROUPS = (
    "饺子 水饺 蒸饺 dumpling",
    "剪发 理发 洗剪吹 美发 haircut hairdresser",
    "电影 观影 影院 电影院 movie film cinema screening",
    "狗 狗狗 犬 宠物狗 dog puppy",
    "猫 猫咪 cat kitten",
    "健身 健身房 gym fitness",
    "游泳 泳池 swimming pool",
    "洗车 汽车美容 carwash",
    "酒店 宾馆 旅馆 hotel",
    "美甲 指甲 manicure nail",
    "按摩 推拿 massage",
    "咖啡 coffee",
    "面包 bread",
    "火锅 hotpot",
    "烧烤 烤肉 烤串 barbecue bbq",
    "面条 面 noodle",
    "水果 fruit",
    "蔬菜 青菜 vegetable",
    "瑜伽 yoga",
    "儿童 小孩 孩子 亲子 child kid",
    "早餐 早点 breakfast",
    "下午茶 tea",
)


@cache
def _alike() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for group in GROUPS:
        names = group.split()
        for name in names:
            others = tuple(other for other in names if other != name)
            for word in query_words(name):
                found[word] = (*found.get(word, ()), *others)
    return found


def product_query(text: str) -> str:
    """Return the tsquery literal for ``text``, each word with those of its group; "" for none."""
    alike = dict(_alike())
    for word in query_words(text):
        for guess in singular(word):
            if guess in alike and word not in alike:
                alike[word] = alike[guess]
    return query_text(fold(text), alike=alike)
