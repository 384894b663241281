"""Holding a plan to the one that binds it (不低于上级方案): what falls below it, and what of it is left out.

In: located trees, the own one and its floor. Out: findings at the own line, with the clause of the floor and
the file and line it stands in. What is written in another form cannot be compared: it is remarked on.
"""

from collections.abc import Iterator

from yiyuan.kernel.money import yuan
from yiyuan.rules.scheme_file.inheriting import identity, rows_of
from yiyuan.rules.scheme_file.located import Findings, Located

# The sections that say what people get, and the keys that say how much.
_BENEFICIAL = ("liabilities", "benefits", "limits", "tables", "medical")
_MEASURES = ("limit_fen", "fixed_fen", "unit_fen", "at_most_fen", "rate_bp", "share_bp")
_ROW_MARKS = ("is", "from_fen", "from", "above", "through", "below")
# The sections of which every row must be there, too: who leaves out a limit pays more, not less.
_MUST_STAY = {"liabilities": "责任", "benefits": "赔付项目"}
# What an amount may say beside its form.
_BESIDE_FORM = frozenset({"at_most_fen", "at_least_fen", "rounded", "name", "clause"})


def check_floor(own: Located, floor: Located, line: int, findings: Findings) -> None:
    """Report every limit, fixed sum and rate that is lower than the one of the same name in the floor.

    What the floor pays and this plan leaves out is reported at the section, or at `line`, where it has none.
    """
    if not isinstance(own.value, dict) or not isinstance(floor.value, dict):
        return
    for key, name_zh in _MUST_STAY.items():
        theirs = floor.value.get(key)
        if theirs is not None:
            _check_rows(name_zh, own.value.get(key), theirs, line, findings)
    if "medical" in floor.value and "medical" not in own.value:
        _report(line, "医疗补助（medical）", floor.value["medical"], findings)
    _check_causes(own, floor, findings)
    for key in _BENEFICIAL:
        pair = own.value.get(key), floor.value.get(key)
        if pair[0] is not None and pair[1] is not None:
            _compare(key, pair[0], pair[1], findings)


def _check_rows(name_zh: str, own: Located | None, floor: Located, line: int, findings: Findings) -> None:
    mine = {identity(row) for row in rows_of(own)} if own is not None else set()
    at = own.line if own is not None and findings.is_own(own.line) else line
    for row in rows_of(floor):
        name = identity(row)
        if name is not None and name not in mine:
            _report(at, f"{name_zh} {_words(row, name)}", row, findings)


def _report(line: int, what: str, theirs: Located, findings: Findings) -> None:
    file, line_there = findings.place(theirs.line)
    message = f"没有{what}，{file}:{line_there} 有；地方方案不能少赔（not_below）"
    findings.add(line, message, _text(theirs, "clause"))


def _words(row: Located, name: str) -> str:
    name_zh = _text(row, "name_zh")
    return f"{name} {name_zh}" if name_zh else name


def _check_causes(own: Located, floor: Located, findings: Findings) -> None:
    """Report a benefit that this plan no longer pays for a cause which both plans have."""
    mine = {identity(row): row for row in rows_of(_section(own, "benefits"))}
    known = [str(_text(row, "code")) for row in rows_of(_section(own, "liabilities"))]
    codes = [str(_text(row, "code")) for row in rows_of(_section(floor, "liabilities"))]
    for theirs in rows_of(_section(floor, "benefits")):
        row = mine.get(identity(theirs))
        named = _named(row, "liabilities") if row is not None else None
        if row is None or named is None:
            continue
        for code in _named(theirs, "liabilities") or codes:
            if code in known and code not in named:
                what = f"责任 {code} 的赔付项目 {_words(theirs, str(identity(theirs)))}"
                _report(row.line, what, theirs, findings)


def _section(tree: Located, key: str) -> Located:
    found = tree.value.get(key) if isinstance(tree.value, dict) else None
    return found if found is not None else Located(None, tree.line)


def _named(row: Located, key: str) -> list[str] | None:
    said = _section(row, key)
    if said.value is None:
        return None
    rows = said.value if isinstance(said.value, list) else [said]
    return [str(one.value) for one in rows]


def _text(row: Located, key: str) -> str | None:
    value = _section(row, key).value
    return value if isinstance(value, str) else None


def _compare(name: str, own: Located, floor: Located, findings: Findings) -> None:
    if isinstance(own.value, dict) and isinstance(floor.value, dict):
        for key, node in own.value.items():
            if key in _MEASURES and key in floor.value:
                _measure(name, key, (node, floor.value[key]), findings)
            elif key in floor.value:
                if key == "amount":
                    _check_form(name, node, floor.value[key], findings)
                _compare(f"{name}.{key}", node, floor.value[key], findings)
        return
    for mine, theirs in _pairs(own, floor):
        _compare(identity(mine) or name, mine, theirs, findings)


def _check_form(name: str, own: Located, floor: Located, findings: Findings) -> None:
    if _form(own) != _form(floor):
        file, line = findings.place(floor.line)
        findings.remark(
            own.line, f"{name} 的算法和 {file}:{line} 写法不同，比不出高低，请人工核对不低于它（not_below）"
        )


def _form(node: Located) -> object:
    return frozenset(node.value) - _BESIDE_FORM if isinstance(node.value, dict) else node.value


def _measure(name: str, key: str, pair: tuple[Located, Located], findings: Findings) -> None:
    mine, theirs = (_number(node) for node in pair)
    if mine is not None and theirs is not None and mine < theirs:
        file, line = findings.place(pair[1].line)
        findings.add(
            pair[0].line,
            f"{name} 的 {key} 是 {_said(key, mine)}，低于 {file}:{line} 的 {_said(key, theirs)}（not_below）",
        )


def _said(key: str, number: int) -> str:
    return f"{yuan(number)} 元" if key.endswith("_fen") else f"{number / 100:g} %"


def _pairs(own: Located, floor: Located) -> Iterator[tuple[Located, Located]]:
    theirs = {_mark(row): row for row in rows_of(floor)}
    for row in rows_of(own):
        if _mark(row) in theirs:
            yield row, theirs[_mark(row)]


def _mark(row: Located) -> object:
    if not isinstance(row.value, dict):
        return None
    named = identity(row)
    if named is not None:
        return named
    return tuple((key, str(row.value[key].value)) for key in _ROW_MARKS if key in row.value)


def _number(node: Located) -> int | None:
    text = node.value.replace("_", "") if isinstance(node.value, str) else ""
    return int(text) if text.removeprefix("-").isdecimal() else None
