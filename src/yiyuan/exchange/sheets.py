"""Understanding one sheet (读懂一张工作表): its header, its columns, its register, its county.

In: a sheet and what the caller knows. Out: a `SheetPlan` from which the rows can be read, None for a sheet
of notes.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yiyuan.exchange.errors import ColumnsMissing, UnreadableFile
from yiyuan.exchange.headers import Header, find_header
from yiyuan.exchange.kinds import Kind, SheetFacts
from yiyuan.exchange.meaning import dates_not_used, field_label, fields_of, header_score, share_of
from yiyuan.exchange.places import county_in
from yiyuan.exchange.profiles import Profile
from yiyuan.exchange.readers import Sheet
from yiyuan.exchange.registers import group_named_in, group_of_text, register_of, registers

# So many rows with an identity number make a sheet data that must not be left out in silence.
FEW_IDS = 3


@dataclass(frozen=True)
class SheetPlan:
    """How to read a sheet: `first_record` is the first record behind the header (1 = first of the sheet)."""

    sheet: Sheet
    facts: SheetFacts
    columns: Mapping[str, int]
    first_record: int
    header_rows: tuple[tuple[str, ...], ...]
    raw_fields: tuple[str, ...]
    header_texts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Request:
    """What is asked for: the kind, the file's name as shown, the profile, the group the caller names."""

    kind: Kind
    kinds: Mapping[str, Kind]
    file: str
    profile: Profile
    group: str | None


def plan_sheet(
    sheet: Sheet, rows: Sequence[tuple[str, ...]], request: Request, before: SheetPlan | None
) -> SheetPlan | None:
    """Return how to read the sheet whose first rows are given; None where it holds nothing but notes.

    A sheet without a header that goes on with the rows of the sheet before it is read as that one.

    :raises UnreadableFile: when the sheet holds data that cannot be understood, or is of another kind.
    """
    if not any(cell.strip() for row in rows for cell in row):
        return None
    kind, profile = request.kind, request.profile
    header = find_header(kind.name, rows, profile.columns, profile.header_row, profile.ignored)
    found = frozenset(header.columns) if header else frozenset()
    if header is None or missing_fields(kind, found, profile):
        if before is not None and _goes_on(rows, before):
            return SheetPlan(
                sheet,
                before.facts,
                before.columns,
                1,
                before.header_rows,
                before.raw_fields,
                before.header_texts,
            )
        if _one_column_of_codes(kind, rows):
            return SheetPlan(
                sheet, _facts(sheet, None, request, rows), {"setl_id": 0}, 1, (), fields_of(kind.name)
            )
        _refuse_other_kind(header, rows, request)
        if _id_rows(rows) >= FEW_IDS:
            raise ColumnsMissing(_not_understood(header, found, sheet, request))
        return None
    _refuse_other_kind(header, rows, request)
    facts = _facts(sheet, header, request, rows[header.last + 1 :])
    header_rows = tuple(tuple(row) for row in rows[header.first : header.last + 1])
    return SheetPlan(
        sheet=sheet,
        facts=facts,
        columns=header.columns,
        first_record=header.last + 2,
        header_rows=header_rows,
        raw_fields=fields_of(kind.name),
        header_texts=header.texts,
        notes=_notes(kind, header, rows[header.last + 1 :]),
    )


def not_understood(rows: Sequence[tuple[str, ...]], sheet: Sheet, request: Request) -> str:
    """Return the plain message for a file none of whose sheets could be read; `rows` are of the first."""
    header = find_header(request.kind.name, rows, request.profile.columns, request.profile.header_row)
    return _not_understood(header, frozenset(header.columns) if header else frozenset(), sheet, request)


def _facts(
    sheet: Sheet, header: Header | None, request: Request, rows: Sequence[tuple[str, ...]]
) -> SheetFacts:
    profile = request.profile
    title, texts = (header.title, header.texts) if header else ("", ())
    columns = header.columns if header else {"setl_id": 0}
    stem = request.file.rsplit(".", 1)[0]
    named = (county_in(text, profile.counties) for text in (sheet.name, title, stem))
    group = _group(sheet, header, request, rows) if request.kind.name == "hardship" else None
    return SheetFacts(
        file=request.file,
        sheet=sheet.name,
        title=title,
        found=frozenset(columns),
        group=group,
        county=profile.county_code or next((code for code in named if code), None),
        counties=profile.counties,
        date_order=profile.date_order,
        valid_from=profile.valid_from,
        source=profile.source,
        cards=_names_by_cards(columns, rows),
        header_of={field: texts[index] if texts else "" for field, index in columns.items()},
    )


def _notes(kind: Kind, header: Header, rows: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return what a clerk should know of columns that were not used or are not there."""
    notes = []
    if kind.name == "hardship":
        unused = dates_not_used(header.texts, rows, header.columns)
        ends = "valid_to" not in header.columns
        if unused and ends:
            notes.append(f"没有认出终止日期一栏；这些日期栏没有用到：{'、'.join(unused)}")
    absent = [field for field in kind.optional_notes if field not in header.columns]
    if absent:
        notes.append(f"没有这些栏，按 0 计或不核对：{'、'.join(field_label(field) for field in absent)}")
    return tuple(notes)


def _group(
    sheet: Sheet, header: Header | None, request: Request, rows: Sequence[tuple[str, ...]]
) -> str | None:
    """Return the group of the whole sheet; None where a column names it row by row.

    :raises UnreadableFile: when nothing says which register this is.
    """
    assert header is not None, "only a list of settlement numbers may come without a header"
    if given := request.group or request.profile.group:
        _require_levels(given, header, rows, sheet, request)
        return given
    texts = [sheet.name, header.title, request.file.rsplit(".", 1)[0]]
    told = group_named_in(texts, header.texts)
    cells = [row[header.columns["group"]] for row in rows if "group" in header.columns]
    named = [group_of_text(cell) for cell in cells if cell.strip()]
    if (named and len({group for group in named if group}) > 1) or (named and not told and any(named)):
        return None
    if told is None:
        raise UnreadableFile(
            f"{_where(sheet, request)}：看不出是哪一类名册。请指明是哪一类群体，"
            "命令行用 --group，例如 --group orphan；可用的："
            + "、".join(f"{code}（{label}）" for code, label in _group_labels())
        )
    _require_levels(told, header, rows, sheet, request)
    return told


def _require_levels(
    group: str, header: Header, rows: Sequence[tuple[str, ...]], sheet: Sheet, request: Request
) -> None:
    """Refuse a list of disabled people from which nobody can tell who is covered.

    :raises UnreadableFile: when it has neither card numbers nor levels, nor says that all are covered.
    """
    register = register_of(group)
    if register is None or not register.covered_levels or {"card_no", "level"} & set(header.columns):
        return
    if _holds_cards(header.columns, rows):
        return
    around = f"{request.file} {sheet.name} {header.title}"
    if not re.search(register.words_of_covered_levels, around):
        raise UnreadableFile(
            f"{_where(sheet, request)}：{register.label}名册里没有残疾证号，也没有残疾等级，看不出谁是重度。"
            "请补上其中一栏；如果名册只列重度，请在标题或文件名里写明“重度”"
        )


def _group_labels() -> list[tuple[str, str]]:
    return [(register.group, register.label) for register in registers()]


def _holds_cards(columns: Mapping[str, int], rows: Sequence[tuple[str, ...]]) -> bool:
    if "person_id" not in columns:
        return False
    cells = [row[columns["person_id"]] for row in rows]
    return share_of("card_no", cells) > 0.5


def _names_by_cards(columns: Mapping[str, int], rows: Sequence[tuple[str, ...]]) -> bool:
    """Tell whether persons stand by their card numbers; what the cells hold outweighs the header."""
    if "card_no" in columns and not {"person_id", "head_person_id"} & set(columns):
        return share_of("person_id", [row[columns["card_no"]] for row in rows]) <= 0.5
    return _holds_cards(columns, rows)


def missing_fields(kind: Kind, found: frozenset[str], profile: Profile) -> list[tuple[str, ...]]:
    """Return the facts that a kind needs and no column has, each as the fields of which one would do."""
    given = {"valid_from"} if profile.valid_from else set()
    return [fields for fields in kind.needs if not (set(fields) & (found | given))]


def _goes_on(rows: Sequence[tuple[str, ...]], before: SheetPlan) -> bool:
    for key in ("person_id", "card_no", "setl_id"):
        if key in before.columns:
            index = before.columns[key]
            cells = [row[index] for row in rows if index < len(row)]
            content = "code" if key == "setl_id" else key
            return bool(cells) and share_of(content, cells) >= 0.5 and _id_rows(rows) > 0
    return False


def _one_column_of_codes(kind: Kind, rows: Sequence[tuple[str, ...]]) -> bool:
    """Tell a bare list of settlement numbers: one filled column, every cell with digits, none with a word."""
    if kind.name != "claimed":
        return False
    cells = [[cell for cell in row if cell.strip()] for row in rows]
    filled = [row for row in cells if row]
    return all(len(row) == 1 and any(c.isdigit() for c in row[0]) for row in filled) and len(filled) > 0


def _id_rows(rows: Sequence[tuple[str, ...]]) -> int:
    return sum(
        any(share_of("person_id", [cell]) or share_of("card_no", [cell]) for cell in row) for row in rows
    )


def _refuse_other_kind(header: Header | None, rows: Sequence[tuple[str, ...]], request: Request) -> None:
    """Refuse a file that was put into the wrong box.

    :raises UnreadableFile: when the header has all that another kind needs and this kind may not be.
    """
    for name in request.kind.not_also:
        other = request.kinds[name]
        seen = find_header(name, rows, request.profile.columns, request.profile.header_row)
        if seen is None or (header is not None and header_score(name, seen.texts, {}) < 3):
            continue
        if not missing_fields(other, frozenset(seen.columns), Profile()):
            raise UnreadableFile(
                f"{request.file}：这是{other.label}，不是{request.kind.label}。"
                f"请换成“{other.label}”再导入（命令行：./yiyuan import {name} …）"
            )


def _not_understood(header: Header | None, found: frozenset[str], sheet: Sheet, request: Request) -> str:
    kind = request.kind
    missing = "；".join(
        "或".join(f"“{field_label(field)}”" for field in fields)
        for fields in missing_fields(kind, found, request.profile)
    )
    seen = "、".join(text for text in header.texts if text.strip()) if header else ""
    return (
        f"{_where(sheet, request)}：读不懂这张{kind.label}，没有找到 {missing} 这样的栏目。"
        f"找到的栏目：{seen or '（没有找到表头）'}。"
        "怎么办：请部门补上这一栏；或在网页的“对一对栏目”里说明哪一栏是什么，"
        "命令行用 --profile 配置.yaml（见 docs/how-to/import.md）"
    )


def _where(sheet: Sheet, request: Request) -> str:
    return f"{request.file}（工作表 {sheet.name}）" if sheet.name else request.file
