"""Who buys and who serves: display names only, all invented."""

from __future__ import annotations

from demo.content.build import T
from demo.content.types import Customer, Text

_ZH = (
    "林小满", "海边的橘子", "周末别叫我", "陈一诺", "阿盐", "顾北", "柳湖散步的人", "苏晚", "程程妈",
    "老码头张叔", "今天也要吃饱", "许知遥", "江上鱼", "大学城阿凯", "沈念安", "樟山茶农之女", "小林同学",
    "何以安", "三斤的猫", "骑车的老梁", "韩露", "赵大勺", "月亮打烊了", "方圆", "梁小悦", "一只海鸥",
    "吴子墨", "慢半拍", "唐果儿", "钟楼下的猫", "孟想", "夏天的风", "冯小鱼", "徐来", "余音", "葱油拌面",
)  # fmt: skip
_EN = (
    "Hannah W.", "Marcus Li", "Priya N.", "Tom from Eastgate", "Elena K.", "J. Okafor", "Sofia R.", "Ben Carter",
    "Mei-Ling T.", "Oscar H.", "Amira S.", "Noah Zhang", "Grace P.", "Luca B.", "Ingrid M.", "Daniel Cho",
    "Fiona Q.", "Ravi", "Charlotte Y.", "Pieter V.", "Nina Sun", "Kenji A.", "Rosa D.", "Will Gu",
)  # fmt: skip


def _interleave() -> tuple[Customer, ...]:
    """Two Chinese names, then an English one and so on, so that any first N are a mixed crowd."""
    chinese, english = list(_ZH), list(_EN)
    people: list[Customer] = []
    while chinese or english:
        people += [Customer(chinese.pop(0), "zh") for _ in range(min(2, len(chinese)))]
        people += [Customer(english.pop(0), "en") for _ in range(min(1, len(english)))]
    return tuple(people)


CUSTOMERS: tuple[Customer, ...] = _interleave()

STAFF: tuple[Text, ...] = (
    T("Wang Ning", "王宁"), T("Li Shuang", "李爽"), T("Zhou Kai", "周凯"), T("Chen Yao", "陈瑶"),
    T("Liu Yang", "刘洋"), T("Zhao Minzhi", "赵敏芝"), T("Huang Bo", "黄博"), T("Wu Qian", "吴倩"),
    T("Xu Fei", "徐菲"), T("Sun Hao", "孙皓"), T("Ma Lin", "马琳"), T("Zhu Dan", "朱丹"),
    T("Hu Jie", "胡杰"), T("Guo Rui", "郭蕊"), T("He Qing", "何青"), T("Gao Shan", "高山"),
    T("Lin Tao", "林涛"), T("Luo Xi", "罗曦"), T("Liang Yu", "梁雨"), T("Song Wei", "宋薇"),
    T("Tang Jun", "唐俊"), T("Xie Ning", "谢宁"), T("Han Dong", "韩冬"), T("Feng Lu", "冯璐"),
    T("Yu Chao", "于超"), T("Dong Li", "董莉"), T("Xiao Peng", "肖鹏"), T("Cheng Yi", "程怡"),
    T("Cao Yan", "曹燕"), T("Yuan Bin", "袁斌"), T("Deng Chu", "邓楚"), T("Fu Ling", "傅玲"),
    T("Shen Zhe", "沈哲"), T("Zeng Wen", "曾雯"), T("Peng Cheng", "彭程"), T("Lu Xin", "卢欣"),
    T("Su Mo", "苏墨"), T("Jiang Hui", "蒋慧"), T("Cai Yun", "蔡芸"), T("Jia Ming", "贾明"),
    T("Ding Ran", "丁冉"), T("Wei Lan", "魏岚"), T("Xue Bing", "薛冰"), T("Ye Zi", "叶梓"),
    T("Yan Ke", "闫可"), T("Pan Yue", "潘悦"), T("Du Juan", "杜鹃"), T("Dai Wen", "戴文"),
)  # fmt: skip
