"""Parsing amounts (金额写法的解读): mappings become the nodes of `amounts`.

In: located values, the names a scheme declares, the step an amount leaves and the clause it rests on. Out:
amounts; what is wrong becomes a finding. Each kind of amount is one small function, found by its key.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations

from yiyuan.kernel.money import AMOUNT_FEN_MAX, BASIS_POINTS
from yiyuan.rules.events.amounts import (
    Amount,
    Arm,
    Banded,
    Clamped,
    First,
    Fixed,
    Franchise,
    InProportion,
    Less,
    Number,
    NumberOf,
    OfFact,
    Priced,
    Quantity,
    Rounded,
    Row,
    Several,
    SeveralNumbers,
    Share,
    Stepped,
    Table,
    Tiered,
    Unstated,
)
from yiyuan.rules.events.conditions import Test
from yiyuan.rules.events.facts import MONEY, NUMBER, WHOLE, Bounds
from yiyuan.rules.scheme_file.conditions import Names, parse_condition, parse_test, read_value
from yiyuan.rules.scheme_file.located import Located, Section, nearest
from yiyuan.rules.scheme_file.stretches import parse_bands, parse_tiers

_PLAIN = frozenset({"fixed_fen", "fact", "undecided"})
_STEP_THEMSELVES = frozenset(
    {"first", "by", "table", "tiers"}
)  # so that the clause is that of what was chosen
_TEST_KEYS = ("is", "from", "through", "above", "below", "not")
RATE_BP_MAX = 100 * BASIS_POINTS
ROUNDINGS = ("down", "up", "half_up")


@dataclass(frozen=True, slots=True)
class Context:
    """Where an amount stands: the names of the file, the step it leaves, its clause, and the table's base."""

    names: Names
    step: str
    clause: str | None
    base: Amount | None = None
    leaves_step: bool = True  # a plain sum or fact inside another amount leaves none
    tables: tuple[str, ...] = ()  # named tables being read, so that one that names itself is noticed


def parse_amount(node: Located, context: Context) -> Amount:
    """Return the amount; a text is the name of a money fact."""
    if isinstance(node.value, str):
        amount = _fact_amount(node.value, node.line, context)
        return _stepped(amount, context) if context.leaves_step else amount
    section = Section(node, context.names.findings, "金额")
    section.clause = context.clause
    return _parse(section, context)


def _parse(section: Section, context: Context) -> Amount:
    name = section.text_or_none("name")
    if name is not None:
        context = replace(context, step=f"{context.step}.{name}", leaves_step=True)
    if section.has("clause"):
        context = replace(context, clause=section.cite(), leaves_step=True)
    kinds = section.chosen(_KINDS)
    if len(kinds) != 1:
        said = f"写了 {'、'.join(kinds)} {len(kinds)} 个" if kinds else "一个也没写"
        section.fault(f"一个金额应有且只有一种写法（{'、'.join(_KINDS)}），这里{said}")
        section.ask_nothing_more()
        return Fixed(0)
    kind = kinds[0]
    context = replace(context, leaves_step=context.leaves_step or kind not in _PLAIN)
    amount = _KINDS[kind](section, context)
    if context.leaves_step and kind not in _STEP_THEMSELVES:
        amount = _stepped(amount, context)
    amount = _modified(section, amount, context)
    section.close()
    return amount


def _stepped(amount: Amount, context: Context) -> Amount:
    return Stepped(amount, context.step, context.clause or "")


def _modified(section: Section, amount: Amount, context: Context) -> Amount:
    for key, is_ceiling in (("at_most_fen", True), ("at_least_fen", False)):
        node = section.node(key)
        if node is None:
            continue
        if isinstance(node.value, str):
            bound: Amount = Fixed(section.integer(key, 0, AMOUNT_FEN_MAX))
        else:
            bound = parse_amount(node, _inner(context, key))
        step = f"{context.step}.{'at_most' if is_ceiling else 'at_least'}"
        amount = Stepped(Clamped(amount, bound, is_ceiling), step, context.clause or "")
    if section.has("rounded"):
        rounding = section.section("rounded")
        how = rounding.text("how")
        if how not in ROUNDINGS:
            rounding.fault(f"how 不能是“{how}”{nearest(how, ROUNDINGS)}", rounding.line_of("how"))
        to_fen = rounding.integer("to_fen", 1, AMOUNT_FEN_MAX)
        rounding.close()
        amount = Stepped(Rounded(amount, to_fen, how), f"{context.step}.rounded", context.clause or "")
    return amount


def _inner(context: Context, name: str) -> Context:
    return replace(context, step=f"{context.step}.{name}", base=None, leaves_step=False)


def _of(section: Section, context: Context) -> Amount:
    node = section.node("of")
    if node is not None:
        return parse_amount(node, _inner(context, "of"))
    if context.base is not None:
        return context.base
    section.fault("没有写 of：以什么金额为基数？")
    return Fixed(0)


def _fact_amount(name: str, line: int, context: Context) -> Amount:
    fact = context.names.fact(name, line, context.clause)
    if fact is not None and fact.type != MONEY:
        context.names.findings.add(line, f"{name} 不是金额（money），是 {fact.type}", context.clause)
    return OfFact(name) if fact is not None else Fixed(0)


def _fixed(section: Section, context: Context) -> Amount:
    return Fixed(section.integer("fixed_fen", 0, AMOUNT_FEN_MAX))


def _fact(section: Section, context: Context) -> Amount:
    return _fact_amount(section.text("fact"), section.line_of("fact"), context)


def parse_unstated(section: Section, context: Context) -> Amount:
    """Return what the text does not give; the question must be one of the file's."""
    name = section.text("undecided")
    if name not in context.names.questions:
        hint = nearest(name, list(context.names.questions))
        section.fault(f"questions 里没有 {name}{hint}", section.line_of("undecided"))
    return Unstated(name)


def _share(section: Section, context: Context) -> Amount:
    return Share(section.integer("share_bp", 0, RATE_BP_MAX), _of(section, context))


def _priced(section: Section, context: Context) -> Amount:
    unit_fen = section.integer("unit_fen", 0, AMOUNT_FEN_MAX)
    node = section.node("times")
    if node is None:
        section.fault("没有写 times：乘以什么数量？")
        return Fixed(0)
    return Priced(unit_fen, parse_quantity(node, context))


def _first(section: Section, context: Context) -> Amount:
    arms: list[Arm] = []
    for entry in section.sections("first"):
        entry.clause = context.clause
        if arms and arms[-1].when is None:
            entry.fault("上一项没有条件，这一项永远用不到")
        node = entry.node("when")
        when = parse_condition(node, context.names, context.clause) if node is not None else None
        arms.append(Arm(when, _parse(entry, context)))
    if not arms:
        section.fault("first 是空的", section.line_of("first"))
    return First(tuple(arms), context.step)


def _by(section: Section, context: Context) -> Amount:
    name = section.text("by")
    fact = context.names.fact(name, section.line_of("by"), context.clause)
    node = section.node("of")
    base = parse_amount(node, _inner(context, "of")) if node is not None else context.base
    rows: list[Row] = []
    for entry in section.sections("rows"):
        entry.clause = context.clause
        keys: dict[str, Located] = {}
        for key in _TEST_KEYS:
            found = entry.node(key)
            if found is not None:
                keys[key] = found
        amount = _parse(entry, replace(context, base=base))
        if fact is None:
            continue
        rows.append(Row(parse_test(fact, Located(keys, entry.line), context.names, context.clause), amount))
    _report_overlaps(section, rows)
    return Table(name, tuple(rows), context.step) if fact is not None and rows else Fixed(0)


def _report_overlaps(section: Section, rows: list[Row]) -> None:
    if not rows:
        section.fault("rows 是空的", section.line_of("rows"))
    for (one_number, one), (other_number, other) in combinations(enumerate(rows, start=1), 2):
        if _overlap(one.test, other.test):
            section.fault(f"表的第 {one_number} 行和第 {other_number} 行有同样的值", section.line_of("rows"))


def _overlap(one: Test, other: Test) -> bool:
    if one.among is not None and other.among is not None:
        return not one.among.isdisjoint(other.among)
    first, second = one.bounds, other.bounds
    if first is None or second is None or one.among is not None or other.among is not None:
        return False
    return _reaches(first, second) and _reaches(second, first)


def _reaches(lower: Bounds, upper: Bounds) -> bool:
    # Whether `lower` still holds somewhere at or above the start of `upper`.
    start = upper.at_least if upper.at_least is not None else upper.above
    if start is None:
        return True
    end, is_inclusive = (lower.through, True) if lower.through is not None else (lower.below, False)
    if end is None:
        return True
    low, high = _comparable(start), _comparable(end)
    if low is None or high is None:
        return False
    return low < high or (low == high and is_inclusive and upper.above is None)


def _comparable(value: object) -> Fraction | int | None:
    if isinstance(value, int | Fraction):
        return value
    toordinal = getattr(value, "toordinal", None)
    return toordinal() if toordinal is not None else None


def _table(section: Section, context: Context) -> Amount:
    name = section.text("table")
    table = context.names.tables.get(name)
    if table is None:
        section.fault(
            f"tables 里没有 {name}{nearest(name, list(context.names.tables))}", section.line_of("table")
        )
        section.node("of")
        return Fixed(0)
    if name in context.tables:
        section.fault(f"表 {name} 引用了自己")
        return Fixed(0)
    node = section.node("of")
    base = parse_amount(node, _inner(context, "of")) if node is not None else None
    inner = replace(
        _inner(context, name), base=base or context.base, leaves_step=True, tables=(*context.tables, name)
    )
    # The row by the clause of the table, then the same by the clause that sent us there.
    return _stepped(parse_amount(table, inner), context)


def _tiers(section: Section, context: Context) -> Amount:
    of = _of(section, context)
    return Tiered(parse_tiers(section, "tiers"), of, context.step)


def _bands(section: Section, context: Context) -> Amount:
    of = _of(section, context)
    return Banded(parse_bands(section, "bands"), of, f"{context.step}.band")


def _several(how: str) -> Callable[[Section, Context], Amount]:
    def read(section: Section, context: Context) -> Amount:
        return Several(how, _amounts(section, how, context))

    return read


def _amounts(section: Section, key: str, context: Context) -> tuple[Amount, ...]:
    node = section.node(key)
    items = node.value if node is not None and isinstance(node.value, list) else [node] if node else []
    if not items:
        section.fault(f"{key} 是空的", section.line_of(key))
    return tuple(
        parse_amount(item, _inner(context, f"{key}_{number}"))
        for number, item in enumerate(items, start=1)
        if item is not None
    ) or (Fixed(0),)


def _less(section: Section, context: Context) -> Amount:
    return Less(_of(section, context), _amounts(section, "less", context))


def _deductible(section: Section, context: Context) -> Amount:
    deductible = Fixed(section.integer("deductible_fen", 0, AMOUNT_FEN_MAX))
    return Less(_of(section, context), (deductible,))


def _franchise(section: Section, context: Context) -> Amount:
    return Franchise(section.integer("franchise_fen", 0, AMOUNT_FEN_MAX), _of(section, context))


def _in_proportion(section: Section, context: Context) -> Amount:
    ratio = section.section("in_proportion")
    ends: list[Amount] = []
    for key in ("part", "whole"):
        node = ratio.node(key)
        if node is None:
            ratio.fault(f"in_proportion 没有写 {key}")
        ends.append(Fixed(1) if node is None else parse_amount(node, _inner(context, key)))
    ratio.close()
    return InProportion(ends[0], ends[1], _of(section, context))


_KINDS: Mapping[str, Callable[[Section, Context], Amount]] = {
    "fixed_fen": _fixed,
    "fact": _fact,
    "share_bp": _share,
    "unit_fen": _priced,
    "first": _first,
    "by": _by,
    "table": _table,
    "tiers": _tiers,
    "bands": _bands,
    "sum": _several("sum"),
    "least": _several("least"),
    "greatest": _several("greatest"),
    "less": _less,
    "deductible_fen": _deductible,
    "franchise_fen": _franchise,
    "in_proportion": _in_proportion,
    "undecided": parse_unstated,
}


def parse_quantity(node: Located, context: Context) -> Quantity:
    """Return the quantity: a number, the name of a number fact, or a mapping."""
    if isinstance(node.value, str):
        number = read_value(NUMBER, node.value)
        if isinstance(number, int | Fraction):
            return Number(number)
        return NumberOf(node.value) if _is_number(node.value, node.line, context) else Number(0)
    section = Section(node, context.names.findings, "数量")
    section.clause = context.clause
    quantity = _quantity(section, context)
    section.close()
    return quantity


def _quantity(section: Section, context: Context) -> Quantity:
    for how in ("least", "sum", "product"):
        node = section.node(how)
        if node is not None:
            items = node.value if isinstance(node.value, list) else [node]
            return SeveralNumbers(how, tuple(parse_quantity(item, context) for item in items))
    name = section.text("fact")
    beyond, at_most = _number(section, "beyond"), _number(section, "at_most")
    if not name or not _is_number(name, section.line_of("fact"), context):
        return Number(0)
    return NumberOf(name, beyond or 0, at_most)


def _number(section: Section, key: str) -> int | Fraction | None:
    text = section.text_or_none(key)
    if text is None:
        return None
    number = read_value(NUMBER, text)
    if not isinstance(number, int | Fraction) or number < 0:
        section.fault(f"{key} 应是不小于 0 的数，写的是“{text}”", section.line_of(key))
        return None
    return number


def _is_number(name: str, line: int, context: Context) -> bool:
    fact = context.names.fact(name, line, context.clause)
    if fact is not None and fact.type not in (WHOLE, NUMBER):
        context.names.findings.add(line, f"{name} 不是数量（whole、number），是 {fact.type}", context.clause)
    return fact is not None
