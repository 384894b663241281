"""The tables of the dashboard as files (总览导出): CSV and XLSX with the same cells.

In: the figures of a cut. Out: bytes. Sums are yuan with two decimals; a cell that tells of fewer than five
people of a group is hidden, because a file goes where nobody knows who reads it.
"""

import csv
import io
from collections.abc import Sequence

import xlsxwriter
from django.utils.translation import gettext as _

from yiyuan.apps.reporting.path import Stand
from yiyuan.interfaces.desk import board as boards
from yiyuan.interfaces.desk.board import Board, Line
from yiyuan.interfaces.desk.templatetags.yiyuan_format import day_time

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
Table = tuple[str, Sequence[Sequence[str]]]


def build_csv(board: Board, place: str, stand: Stand | None) -> bytes:
    """Return all tables under each other, a blank line between them, in UTF-8 with BOM."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for name, rows in _tables(board, place, stand):
        writer.writerow([name])
        writer.writerows([[as_text(cell) for cell in row] for row in rows])
        writer.writerow([])
    return out.getvalue().encode("utf-8-sig")


def build_xlsx(board: Board, place: str, stand: Stand | None) -> bytes:
    """Return a workbook with a sheet a table."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    for name, rows in _tables(board, place, stand):
        sheet = book.add_worksheet(name)
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, cell)
        sheet.set_column(0, 8, 16)
    book.close()
    return out.getvalue()


def _tables(board: Board, place: str, stand: Stand | None) -> list[Table]:
    people, paid = _("应赔付（人次）"), _("已到账（元）")
    reached = [_("已立案"), _("已到账")]
    as_of = day_time(stand.refreshed_at) if stand else ""
    groups = boards.group_lines(board, sees_groups=False)
    return [
        (
            _("从筛查到到账"),
            [[place, as_of], *([step.label, step.figure.text] for step in boards.funnel(board))],
        ),
        (
            _("钱在哪里"),
            [[_("在哪里"), _("件数"), _("金额（元）")], *map(_cells, boards.money(board))],
        ),
        (_("时限"), [[_("承诺"), _("件数")], *map(_cells, boards.clocks(board))]),
        (
            _("各县区"),
            [
                [_("县区"), people, *reached, _("还差"), _("已超期"), paid],
                *map(_cells, boards.county_lines(board)),
            ],
        ),
        (
            _("各月"),
            [[_("入院月份"), people, *reached, _("还差"), paid], *map(_cells, boards.month_lines(board))],
        ),
        (
            _("各群体"),
            [[_("群体"), people, *reached], *map(_cells, groups)],
        ),
    ]


def _cells(line: Line) -> list[str]:
    return [line.label, *(cell.printed or cell.text for cell in line.cells)]


def as_text(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
