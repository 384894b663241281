"""Invented names (虚构姓名): common surnames and given names drawn at random.

In: a seeded random source. Out: Chinese names of two to four characters. No name is taken from a list of
real people.
"""

from itertools import accumulate
from random import Random

# Rough frequency in a thousand; the rarer ones are there because software tends to fall over them: surnames
# of several readings (单 Shàn, 曾 Zēng, 解 Xiè, 仇 Qiú), of two characters, and outside the basic plane.
_SURNAME_WEIGHTS = {
    "王": 82, "李": 80, "张": 78, "刘": 58, "陈": 46, "杨": 36, "赵": 34, "黄": 20, "周": 22,
    "吴": 20, "徐": 16, "孙": 18, "胡": 16, "朱": 16, "高": 18, "林": 8, "何": 12, "郭": 18,
    "马": 20, "罗": 8, "梁": 8, "宋": 14, "郑": 12, "谢": 8, "韩": 14, "唐": 8, "冯": 10,
    "于": 8, "董": 10, "萧": 4, "程": 10, "曹": 10, "袁": 10, "邓": 6, "许": 10, "傅": 5,
    "沈": 5, "曾": 6, "彭": 5, "吕": 8, "苏": 8, "卢": 6, "蒋": 5, "贾": 8, "丁": 6,
    "魏": 9, "薛": 6, "叶": 5, "阎": 3, "余": 6, "潘": 6, "杜": 8, "戴": 4, "夏": 5,
    "钟": 4, "汪": 4, "田": 8, "任": 8, "姜": 5, "范": 6, "单": 5, "解": 4, "仇": 3,
    "欧": 2, "欧阳": 3, "上官": 1, "司马": 1, "𠮷": 2,
}  # fmt: skip
_SURNAMES = tuple(_SURNAME_WEIGHTS)
_SURNAME_BOUNDS = list(accumulate(_SURNAME_WEIGHTS.values()))

_MEN_OLD = "国保财德贵长河福有庆山根顺全金发明安喜成玉振田广学文义忠富"
_MEN_NEW = "伟强磊军勇涛超鹏飞浩宇轩博文杰俊凯斌刚建志远晨泽睿阳"
_WOMEN_OLD = "秀兰英凤桂枝改荣爱花珍玉梅香莲素芝金玲巧云霞彩娥菊焕"
_WOMEN_NEW = "丽娟敏静艳燕婷雪琳倩欣怡梦涵佳慧颖莹洁娜晓雨萱诗紫"
_OLD_UNTIL_AGE = 45
_TWO_CHARACTERS = 0.78


def surname(random: Random) -> str:
    """Return a surname, common ones more often."""
    return random.choices(_SURNAMES, cum_weights=_SURNAME_BOUNDS)[0]


def given_name(random: Random, *, is_female: bool, age: int) -> str:
    """Return one or two characters as fit the sex and the generation."""
    if is_female:
        characters = _WOMEN_OLD if age >= _OLD_UNTIL_AGE else _WOMEN_NEW
    else:
        characters = _MEN_OLD if age >= _OLD_UNTIL_AGE else _MEN_NEW
    count = len(characters)
    name = characters[int(random.random() * count)]
    if random.random() < _TWO_CHARACTERS:
        name += characters[int(random.random() * count)]
    return name
