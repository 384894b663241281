"""Differences of two plans (方案比较): what was added, taken out or changed, in words and numbers.

In: the located trees of two scheme files, and worked cases. Out: differences in the order of the newer file,
each with its section, the row it stands in, what was said and what is said, and the cases that come out
differently. English texts are left out: they say the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from yiyuan.kernel.errors import YiyuanError
from yiyuan.kernel.money import yuan
from yiyuan.kernel.workdays import HolidayRow
from yiyuan.rules.assessment import assess
from yiyuan.rules.cases import Case
from yiyuan.rules.scheme_file.located import Located
from yiyuan.rules.terms import SchemeVersion

_IDENTITIES = ("name", "code", "cause", "paper", "payer", "id")
_SECTIONS = {
    "valid": "期间",
    "clauses": "条款",
    "premium": "保费",
    "area": "辖区",
    "groups": "困难群体",
    "medical": "按结算逐笔的医疗",
    "clocks": "时限",
    "filing": "申请期限",
    "diseases": "病种",
    "liabilities": "责任",
    "facts": "事实",
    "questions": "待定问题",
    "cover": "保障对象",
    "exclusions": "免除",
    "benefits": "赔付项目",
    "limits": "限额",
    "combine": "项目相遇",
    "several_causes": "几个原因",
    "tables": "表",
    "papers": "材料",
    "insurers": "承保人",
    "risk_sharing": "风险分担",
}
_WORDS = {
    "scheme": "编号",
    "title": "名称",
    "from": "起",
    "to": "止",
    "text": "条文",
    "reading": "释义",
    "assumed": "推定",
    "amount": "金额",
    "when": "条件",
    "limit_fen": "限额",
    "fixed_fen": "定额",
    "unit_fen": "单价",
    "share_bp": "比例",
    "rate_bp": "比例",
    "rate_fen_per_person_year": "每人每年",
    "at_most_fen": "最多",
    "at_least_fen": "最少",
    "deductible_fen": "免赔额",
    "from_fen": "满",
    "below_fen": "不到",
    "through_fen": "到（含）",
    "limits": "所属限额",
    "clause": "条款",
    "payee": "领款人",
    "bands": "分段",
    "tiers": "分档",
}
ADDED, REMOVED, CHANGED = "新增", "取消", "改为"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs: where, and what was and is said; None where nothing was, or is."""

    section: str
    place: tuple[str, ...]
    before: str | None
    after: str | None
    clause: str | None

    @property
    def kind(self) -> str:
        """Whether it was added, taken out or changed."""
        if self.before is None:
            return ADDED
        return REMOVED if self.after is None else CHANGED

    def __str__(self) -> str:
        where = " › ".join(_WORDS.get(part, part) for part in self.place)
        clause = f"（{self.clause}）" if self.clause else ""
        name = f"{_SECTIONS.get(self.section, self.section)}{f' {where}' if where else ''}{clause}"
        if self.before is None:
            return f"{name}：{ADDED} {self.after}"
        return (
            f"{name}：{REMOVED} {self.before}"
            if self.after is None
            else f"{name}：{self.before} → {self.after}"
        )


def differences(old: Located, new: Located) -> list[Difference]:
    """Return what differs, section by section; two trees that say the same give nothing."""
    before, after = _mapping(old), _mapping(new)
    found: list[Difference] = []
    for section in dict.fromkeys([*after, *before]):
        found.extend(_compare(section, (), before.get(section), after.get(section), None))
    return found


def _compare(
    section: str, place: tuple[str, ...], old: Located | None, new: Located | None, clause: str | None
) -> Iterator[Difference]:
    if (place or (section,))[-1].endswith("_en"):
        return
    if old is None or new is None or _shape(old) is not _shape(new) or not isinstance(old.value, dict | list):
        before, after = _said(place or (section,), old), _said(place or (section,), new)
        if before != after:
            yield Difference(section, place, before, after, clause)
        return
    clause = _clause_of(new) or _clause_of(old) or clause
    before_parts, after_parts = _parts(old), _parts(new)
    for key in dict.fromkeys([*after_parts, *before_parts]):
        yield from _compare(section, (*place, key), before_parts.get(key), after_parts.get(key), clause)


def _shape(node: Located) -> type:
    return type(node.value)


def _clause_of(node: Located) -> str | None:
    clause = _mapping(node).get("clause")
    return clause.value if clause is not None and isinstance(clause.value, str) else None


def _mapping(node: Located) -> Mapping[str, Located]:
    return node.value if isinstance(node.value, dict) else {}


def _parts(node: Located) -> dict[str, Located]:
    if isinstance(node.value, dict):
        return dict(node.value)
    assert isinstance(node.value, list), "only mappings and lists have parts"
    return {_identity(item, number): item for number, item in enumerate(node.value, start=1)}


def _identity(node: Located, number: int) -> str:
    for key in _IDENTITIES:
        named = _mapping(node).get(key)
        if named is not None and isinstance(named.value, str):
            return named.value
    return f"第 {number} 项" if isinstance(node.value, dict | list) else str(node.value)


def _said(place: tuple[str, ...], node: Located | None) -> str | None:
    if node is None or node.value is None:
        return None
    if isinstance(node.value, str):
        return in_words(place[-1], node.value)
    if isinstance(node.value, list):
        return "、".join(_said((*place, ""), item) or "" for item in node.value)
    parts = {
        key: value for key, value in node.value.items() if not key.endswith("_en") and key not in _IDENTITIES
    }
    name = _mapping(node).get("name_zh")
    if name is not None and isinstance(name.value, str):
        parts = {key: value for key, value in parts.items() if key not in ("name_zh", "clause")}
        return f"{name.value}（{_listed(place, parts)}）" if parts else name.value
    return _listed(place, parts)


def _listed(place: tuple[str, ...], parts: Mapping[str, Located]) -> str:
    return "，".join(f"{_WORDS.get(key, key)} {_said((*place, key), value)}" for key, value in parts.items())


def in_words(key: str, text: str) -> str:
    """Return a value as people say it: fen as yuan, basis points as a percentage, spans with their unit."""
    digits = text.replace("_", "")
    if not digits.removeprefix("-").isdecimal():
        return text
    number = int(digits)
    if key.endswith("_fen"):
        return f"{yuan(number)} 元"
    if key.endswith("_bp"):
        whole, rest = divmod(number, 100)
        return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + " %"
    units = {"working_days": "个工作日", "calendar_days": "日", "minutes": "分钟"}
    return f"{number} {units[key]}" if key in units else text


@dataclass(frozen=True, slots=True)
class Effect:
    """A worked case that comes out differently: outcome and benefit in fen, before and after."""

    case: str
    before: tuple[str, int]
    after: tuple[str, int]

    def __str__(self) -> str:
        (old, old_fen), (new, new_fen) = self.before, self.after
        change = yuan(new_fen - old_fen)
        return f"{self.case}：{_outcome(old, old_fen)} → {_outcome(new, new_fen)}（{change} 元）"


def _outcome(outcome: str, benefit_fen: int) -> str:
    return {"entitled": f"{yuan(benefit_fen)} 元", "not_entitled": "不赔", "undetermined": "定不了"}[outcome]


def effects(
    old: SchemeVersion, new: SchemeVersion, cases: Sequence[Case], holidays: Sequence[HolidayRow]
) -> tuple[list[Effect], int]:
    """Return the cases that come out differently under the new version, and how many could be compared.

    A case of the one's period is asked of the other as if it lay in its period too: what differs is the
    terms, never that the one begins later.
    A case that one of the two cannot read (it names a cause or a fact the other does not know) is left out.
    """
    found: list[Effect] = []
    compared = 0
    for case in cases:
        try:
            before = assess(_in_period(old, new, case), case, holidays)
            after = assess(_in_period(new, old, case), case, holidays)
        except YiyuanError:
            continue
        compared += 1
        was, is_ = (before.outcome, before.benefit_fen), (after.outcome, after.benefit_fen)
        if was != is_:
            found.append(Effect(case.name, was, is_))
    return found, compared


def _in_period(version: SchemeVersion, other: SchemeVersion, case: Case) -> SchemeVersion:
    is_of_the_other = other.valid.contains(case.on) and not version.valid.contains(case.on)
    return replace(version, valid=other.valid) if is_of_the_other else version
