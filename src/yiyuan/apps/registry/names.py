"""How a Chinese name is found and sorted by its sound (拼音)."""

from functools import lru_cache

from pypinyin import Style, lazy_pinyin

# Surnames that sound otherwise than the character usually does.
SURNAME_SOUNDS = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha",
    "任": "ren", "盖": "ge", "朴": "piao", "覃": "qin", "翟": "zhai", "乐": "yue",
    "繁": "po", "员": "yun", "种": "chong", "缪": "miao", "逄": "pang", "华": "hua",
    "尉迟": "yuchi", "万俟": "moqi", "长孙": "zhangsun", "洗": "xian", "折": "she",
    "召": "shao", "令狐": "linghu", "呼延": "huyan", "宿": "su", "祭": "zhai", "牟": "mu",
    "薄": "bo",
}  # fmt: skip


# Given names repeat far more than whole names do, and the sound of one costs 50 microseconds anew.
@lru_cache(maxsize=131_072)
def _sounds(characters: str) -> tuple[str, ...]:
    return tuple(lazy_pinyin(characters, style=Style.NORMAL))


# A city of ten million has some hundred thousand names; each costs 200 bytes here.
@lru_cache(maxsize=262_144)
def pinyin_key(name: str) -> str:
    """Return the sound of a name and its initials, as in `shan xiulan sxl`, lower case, for prefix search."""
    surname = next((name[:n] for n in (2, 1) if name[:n] in SURNAME_SOUNDS), name[:1])
    given = _sounds(name[len(surname) :])
    family = SURNAME_SOUNDS.get(surname) or "".join(_sounds(surname))
    initials = family[:1] + "".join(sound[:1] for sound in given)
    return f"{family}{''.join(given)} {initials}".lower()[:80]


def name_parts(name: str) -> tuple[str, ...]:
    """Return what a name is found by besides its beginning: where it begins later, and its initials."""
    initials = pinyin_key(name).rpartition(" ")[2]
    return (*(name[start:] for start in range(1, len(name))), initials)
