"""Which rows are data (哪些行算数据): not titles, repeated headers, totals, signatures, notes or empty rows.

In: the columns of a sheet and which of them means what. Out: one SQL condition over `c0`, `c1`, …
"""

from collections.abc import Mapping, Sequence

from yiyuan.exchange.cleaning import squeeze, text_literal

_TOTALS = (
    r"(^|\|)[^|]{0,14}(合计|总计|小计|共计|累计)[:：]?[^|]{0,14}(\||$)|(^|\|)(全市|全县|全区)(\||$)"
    r"|(^|\|)(合计|总计|小计|共计|累计)"
)
_NOTES = (
    r"(^|\|)(填表|制表|填报|审核|复核|经办|负责|单位|主管|盖章|备注|说明|注|联系|打印|报送|制单|统计|日期)[^|:：]{0,8}[:：]"
    r"|(^|\|)(以下空白|本页|此页|第\d+页|共\d+页|\(?盖章\)?|（盖章）|以下无正文)"
)


def is_data_row(
    columns: Sequence[str],
    found: Mapping[str, int],
    keys: Sequence[str],
    header_rows: Sequence[Sequence[str]],
) -> str:
    """Return the condition for a row of data; a row with a long number in its key column always is one.

    `header_rows` are the rows of the header as they stand, so that a header repeated on a later page is none.
    """
    key_columns = [columns[found[key]] for key in keys if key in found]
    long_number = " OR ".join(
        f"(length({column}) >= 8 AND substr({column}, 1, 1) BETWEEN '0' AND '9')" for column in key_columns
    )
    joined = f"translate(concat_ws('|', {', '.join(columns)}), ' \u00a0\u3000\t\r\n', '')"
    key = squeeze(f"concat_ws('', {', '.join(key_columns)})")
    mapped = squeeze(f"concat_ws('', {', '.join(columns[index] for index in found.values())})")
    filled = "len(regexp_extract_all(j, '[^|]+'))"
    alone = f"{filled} <= 1 AND {'k IS NULL' if len(found) == 1 else _WITHOUT_NUMBER}"
    words = f"regexp_matches(j, {text_literal(_TOTALS)}) OR regexp_matches(j, {text_literal(_NOTES)})"
    note = f"{_WITHOUT_NUMBER} AND ({words})"
    # A list of one understood column, as of settlement numbers, has a row of data where others beside it
    # are filled.
    meant = f"(m IS NOT NULL OR {filled} >= 2)" if len(found) == 1 else "m IS NOT NULL"
    odd = f"{meant} AND NOT ({alone}) AND NOT ({note})"
    judged = f"list_transform([{{'j': {joined}, 'k': {key}, 'm': {mapped}}}], lambda x: {_bind(odd)})[1]"
    repeats = _repeats(columns, found, header_rows)
    return f"CASE WHEN {long_number} THEN TRUE WHEN {repeats} THEN FALSE ELSE {judged} END"


_WITHOUT_NUMBER = (
    "NOT coalesce(regexp_matches(k, '[0-9]{4}.*[0-9]{2}') AND NOT regexp_matches(k, '[:：]'), FALSE)"
)


def _bind(condition: str) -> str:
    """Return the condition over the fields of the struct `x` instead of the names j, k and m."""
    bound = condition
    for name in "jkm":
        bound = bound.replace(f"({name},", f"(x.{name},").replace(f"{name} IS", f"x.{name} IS")
    return bound


def _repeats(columns: Sequence[str], found: Mapping[str, int], header_rows: Sequence[Sequence[str]]) -> str:
    """Return a condition: at least half of the understood columns, or two, say what one header row says."""
    conditions = []
    for row in header_rows:
        cells = [(columns[i], row[i].strip()) for i in found.values() if i < len(row) and row[i].strip()]
        if not cells:
            continue
        same = " + ".join(
            f"CAST(coalesce(trim({column}) = {text_literal(text)}, FALSE) AS INTEGER)"
            for column, text in cells
        )
        conditions.append(f"({same}) >= {min(2, len(cells))}")
    return " OR ".join(conditions) or "FALSE"
