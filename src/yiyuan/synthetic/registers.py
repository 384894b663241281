"""The six hardship registers as their departments keep them (困难群体名册).

In: memberships, county by county. Out: six files of six shapes: merged titles, two sheets in one book, a
sheet a county, GB18030, UTF-16 with tabs, a footer 合计; and, for each row, the tally of what an importer
must make of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from yiyuan.synthetic import hardship
from yiyuan.synthetic.dirt import (
    DUPLICATE,
    DUPLICATE_IN_LISTS,
    NOT_COVERED_LEVEL,
    serial,
    soil_date,
    soil_id,
)
from yiyuan.synthetic.divisions import County
from yiyuan.synthetic.hardship import Membership
from yiyuan.synthetic.people import Household
from yiyuan.synthetic.tables import Cell, DelimitedFile, Table, Workbook
from yiyuan.synthetic.truth import FileTruth

INVENTED = "演示数据：姓名、号码均为虚构"
_LEVELS = ("", "一级", "二级", "三级", "四级")


@dataclass(frozen=True, slots=True)
class Entry:
    """A membership with what a list says about its holder."""

    membership: Membership
    household: Household
    county: County


@dataclass(frozen=True, slots=True)
class Layout:
    """How one department writes its list."""

    group: str
    file_name: str
    columns: tuple[str, ...]
    date_form: str
    cells: Callable[[Entry, str, Cell, Cell], list[Cell]]
    title: str = ""
    has_total: bool = False


def _poor(entry: Entry, person_id: str, start: Cell, end: Cell) -> list[Cell]:
    status = "已脱贫" if int(entry.household.number) % 5 else "未脱贫"
    place = (entry.county.name, entry.household.village.township_name)
    return [
        f"41{entry.household.number[3:]}",
        entry.membership.person.name,
        person_id,
        *place,
        status,
        start,
        end,
    ]


def _subsistence(entry: Entry, person_id: str, start: Cell, end: Cell) -> list[Cell]:
    place = (entry.county.name, entry.household.village.township_name)
    return [entry.membership.person.name, person_id, *place, start, end]


def _destitute(entry: Entry, person_id: str, start: Cell, end: Cell) -> list[Cell]:
    manner = "集中" if int(entry.household.number) % 3 == 0 else "分散"
    return [entry.membership.person.name, person_id, manner, entry.county.name, start, end]


def _disability(entry: Entry, person_id: str, start: Cell, end: Cell) -> list[Cell]:
    level = _LEVELS[entry.membership.disability_level]
    return [entry.membership.person.name, person_id, level, entry.county.name, start, end]


def _worker(entry: Entry, person_id: str, start: Cell, end: Cell) -> list[Cell]:
    return [entry.membership.person.name, person_id, start, end]


def _orphan(entry: Entry, person_id: str, start: Cell, end: Cell) -> list[Cell]:
    place = (entry.county.name, entry.household.village.township_name)
    return [entry.membership.person.name, person_id, *place, start, end]


LAYOUTS = (
    Layout(
        hardship.POOR, "演示_建档立卡贫困人口名单.xlsx",
        ("户编号", "姓名", "证件号码", "县(区)", "乡镇", "脱贫状态", "识别时间", "退出时间"),
        "iso", _poor, title="驻马店市农村建档立卡贫困人口名单", has_total=True,
    ),
    Layout(
        hardship.SUBSISTENCE, "演示_城乡低保花名册.xlsx",
        ("姓名", "身份证号", "县区", "乡镇办", "享受起始月", "停发月"),
        "month", _subsistence, title="低保保障对象花名册", has_total=True,
    ),
    Layout(
        hardship.DESTITUTE, "演示_特困供养人员.csv",
        ("姓名", "身份证号码", "供养方式", "县区", "供养开始", "供养终止"),
        "slash", _destitute, has_total=True,
    ),
    Layout(
        hardship.DISABILITY, "演示_持证残疾人.xlsx",
        ("姓名", "残疾证号", "残疾等级", "县区", "发证日期", "注销日期"),
        "compact", _disability, title="持证残疾人名册",
    ),
    Layout(
        hardship.WORKER, "演示_困难职工档案.xlsx",
        ("职工姓名", "身份证号", "建档日期", "脱困日期"),
        "iso", _worker, title="城镇困难职工档案",
    ),
    Layout(
        hardship.ORPHAN, "演示_孤儿名册.txt",
        ("姓名", "身份证号", "县区", "乡镇", "认定日期", "终止日期"),
        "chinese", _orphan,
    ),
)  # fmt: skip


class Register:
    """Writes one department's list."""

    def __init__(self, layout: Layout, directory: Path, counties: Sequence[County], random: Random) -> None:
        self._layout = layout
        self._random = random
        self._county_sheets = {county.code: index for index, county in enumerate(counties)}
        self._tables: Sequence[Table]
        self._file: DelimitedFile | Workbook
        names = self._sheet_names(counties)
        path = directory / layout.file_name
        if path.suffix == ".xlsx":
            self._file = self._open_workbook(path, names)
        elif path.suffix == ".txt":
            self._file = DelimitedFile(path, encoding="utf-16", delimiter="\t")
            self._tables = (self._file,)
        else:
            self._file = DelimitedFile(path, encoding="gb18030")
            self._tables = (self._file,)
        for table in self._tables:
            table.write(self._with_number("序号", layout.columns))
        self.truth = FileTruth(layout.file_name, "hardship", layout.group, len(self._tables))
        self._copies: list[tuple[int, list[Cell]]] = []

    def draw_from(self, random: Random) -> None:
        """Draw what follows from another source: a row that is wrong stays wrong in the next month's list."""
        self._random = random

    def add(self, entry: Entry) -> bool:
        """Write one row and say whether an importer accepts it."""
        random = self._random
        membership = entry.membership
        suffix = ""
        if membership.disability_level:
            suffix = f"{membership.disability_kind}{membership.disability_level}"
            # A card issued again carries two more digits.
            suffix += "01" if random.random() < 0.03 else ""
        written = soil_id(random, membership.person.person_id, suffix=suffix)
        cells = self._layout.cells(
            entry, written.text, self._day(membership.valid_from), self._day(membership.valid_to)
        )
        fault = written.fault
        if fault is None and membership.disability_level not in (0, *hardship.COVERED_LEVELS):
            fault = NOT_COVERED_LEVEL
        sheet = self._sheet(entry)
        self._write(sheet, cells, fault)
        if written.fault is None and random.random() < DUPLICATE_IN_LISTS:
            self._copies.append((sheet, cells))
        return fault is None

    def end_county(self) -> None:
        """Write the rows that a clerk pasted twice."""
        for sheet, cells in self._copies:
            self._write(sheet, cells, DUPLICATE)
        self._copies.clear()

    def close(self) -> None:
        """Write the footers and finish the file."""
        if self._layout.has_total:
            for sheet, table in enumerate(self._tables):
                total: list[Cell] = ["" for _ in self._layout.columns]
                total[0], total[2] = "合计", f"{self.truth.rows_of(sheet)}人"
                table.write(["" for _ in total])
                table.write(self._with_number("", total))
        self._file.close()

    def _write(self, sheet: int, cells: list[Cell], fault: str | None) -> None:
        self.truth.record(fault, sheet=sheet)
        self._tables[sheet].write(self._with_number(self.truth.rows_of(sheet), cells))

    def _with_number(self, number: Cell, cells: Sequence[Cell]) -> Sequence[Cell]:
        """Only the list of the poor numbers its rows."""
        return [number, *cells] if self._layout.group == hardship.POOR else cells

    def _day(self, day: date | None) -> Cell:
        """A date as text; in workbooks now and then a real date cell or the bare number behind it."""
        if day is not None and isinstance(self._file, Workbook):
            chance = self._random.random()
            if chance < 0.01:
                return day
            if chance < 0.02:
                return serial(day)
        return soil_date(self._random, self._layout.date_form, day)

    def _sheet(self, entry: Entry) -> int:
        if self._layout.group == hardship.WORKER:
            return self._county_sheets[entry.county.code]
        if self._layout.group == hardship.SUBSISTENCE:
            return 0 if entry.household.village.is_rural else 1
        return 0

    def _sheet_names(self, counties: Sequence[County]) -> tuple[str, ...]:
        if self._layout.group == hardship.WORKER:
            return tuple(county.name for county in counties)
        if self._layout.group == hardship.SUBSISTENCE:
            return ("农村低保", "城镇低保")
        return ("名单",)

    def _open_workbook(self, path: Path, names: tuple[str, ...]) -> Workbook:
        workbook = Workbook(path, names)
        width = len(self._layout.columns) + (self._layout.group == hardship.POOR)
        for name, sheet in zip(names, workbook.sheets, strict=True):
            sheet.write_title(f"{self._layout.title}（{name}）", width=width)
            sheet.write_title(INVENTED, width=width)
            if self._layout.has_total:
                sheet.write(("",))
        self._tables = workbook.sheets
        return workbook
