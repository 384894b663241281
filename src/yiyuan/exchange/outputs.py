"""What a reading leaves on disk (读入结果): the canonical file, the refused rows, and the rows to mend.

In: a reading. Out: `<kind>.csv`, `refused.csv`, and one file a sheet with the refused rows as the department
wrote them, to be mended and brought again; all UTF-8 with a header, the same for the same input.
"""

from collections.abc import Sequence
from pathlib import Path

from yiyuan.exchange.cleaning import text_literal
from yiyuan.exchange.reading import Reading

REFUSED_COLUMNS = ("file", "sheet", "row", "column", "value", "reason", "right")
# Reasons that mending the row cannot cure: the row is rightly left out.
NOT_TO_MEND = ("duplicate", "not_covered_level")


def write_accepted(reading: Reading, path: Path) -> None:
    """Write the accepted rows of all files as canonical CSV; an older file is replaced."""
    _copy(reading, f"SELECT {reading.canonical} FROM accepted ORDER BY seq", path)


def write_refused(reading: Reading, path: Path) -> None:
    """Write one line a refused row, values masked; an older file is replaced."""
    columns = ", ".join(f'"{column}"' for column in REFUSED_COLUMNS)
    _copy(reading, f"SELECT {columns} FROM refused ORDER BY seq", path)


def write_to_mend(reading: Reading, folder: Path) -> list[Path]:
    """Write the refused rows with all their cells unmasked, a file a sheet; return the files written.

    Two columns at the end say why a row was refused and what would be right; reading the file again ignores
    them.
    """
    written = []
    reasons = ", ".join(text_literal(reason) for reason in NOT_TO_MEND)
    for (file_no, sheet_no), plan in reading.plans.items():
        where = f"refused.file_no = {file_no} AND refused.sheet_no = {sheet_no} AND reason NOT IN ({reasons})"
        found = reading.connection.execute(f"SELECT count(*) FROM refused WHERE {where}").fetchone()
        if not found or not found[0]:
            continue
        texts = _without_empty_end(plan.header_texts) or plan.sheet.columns[:1]
        cells = ", ".join(
            f'{column} AS "{index}"' for index, column in enumerate(plan.sheet.columns[: len(texts)])
        )
        header = ", ".join(text_literal(text) for text in texts)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{Path(reading.files[file_no].file).stem}-{plan.sheet.name or '1'}.csv"
        reading.connection.execute(
            f"COPY (SELECT * EXCLUDE (n) FROM (SELECT 0 AS n, {header}, '退回原因', '应改为' UNION ALL "
            f'SELECT seq, {cells}, reason, "right" FROM ({plan.sheet.sql()}) AS source '
            f"JOIN refused ON refused.rn = source.rn WHERE {where}) ORDER BY n) "
            f"TO {text_literal(str(path))} (FORMAT csv, HEADER false)"
        )
        written.append(path)
    return written


def _without_empty_end(texts: Sequence[str]) -> tuple[str, ...]:
    width = max((place for place, text in enumerate(texts, 1) if text), default=0)
    return tuple(texts[:width])


def _copy(reading: Reading, query: str, path: Path) -> None:
    reading.connection.execute(f"COPY ({query}) TO {text_literal(str(path))} (FORMAT csv, HEADER true)")
