"""Cleaning as SQL (清洗): fragments over text columns, the same for ten rows and ten million.

In: SQL expressions of raw text (null or blank = empty). Out: SQL expressions of cleaned text, dates, fen
or a fault. What is clean already takes a short path; `kernel.identity` has the same checks for one number,
and tests keep the two equal.
"""

from yiyuan.kernel.identity import BLANKS, CHECK_CHARACTERS, CHECK_WEIGHTS, FULL_WIDTH, HALF_WIDTH, TEXT_MARKS

# The largest amount anybody may state, the same bound the rules assert.
AMOUNT_FEN_MAX = 10**11
_FULL_SIGNS, _HALF_SIGNS = "，．－−＋／：（）", ",.--+/:()"
_AMOUNT = r"[-+]?([0-9]{0,13}|[0-9]{1,3}(,[0-9]{3}){1,4})(\.[0-9]{0,2})?"
_TIME = (
    r"([ T]*[0-9]{1,2}([:时点][0-9]{1,2}([:分][0-9]{1,2}(\.[0-9]+)?)?)?[时点分秒]?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_YMD = r"([0-9]{4})[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2})?)?[日号]?" + _TIME
_COMPACT = r"([0-9]{4})([0-9]{2})([0-9]{2})?(?:[0-9]{4}|[0-9]{6})?" + _TIME
_DAY_OR_MONTH_FIRST = r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})" + _TIME
# Year, month and day of birth inside the first seventeen digits: the power of ten behind each, and its size.
_BIRTH_PLACES = ((7, 4), (5, 2), (3, 2))
_SERIAL = r"[1-7][0-9]{4}(\.[0-9]+)?"


def text_literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def squeeze(column: str) -> str:
    """Return the text without any blank and in half-width digits, null where nothing is left."""
    wide, narrow = text_literal(FULL_WIDTH + BLANKS), text_literal(HALF_WIDTH)
    odd = f"nullif(translate({column}, {wide}, {narrow}), '')"
    return f"CASE WHEN regexp_full_match({column}, '[!-~]+') THEN {column} ELSE {odd} END"


def trim(column: str) -> str:
    """Return the text without blanks at both ends and without line breaks, null where nothing is left."""
    breaks, blanks = text_literal("\r\n\t"), text_literal(BLANKS)
    odd = f"nullif(trim(translate({column}, {breaks}, '   '), {blanks}), '')"
    return f"CASE WHEN regexp_full_match({column}, '[一-鿿]+') THEN {column} ELSE {odd} END"


def id_number(column: str) -> str:
    """Return an identity number cleaned as `kernel.identity.clean_id_number` does, null where nothing is
    left.
    """
    marks = text_literal(FULL_WIDTH + BLANKS + TEXT_MARKS)
    return (
        f"CASE WHEN regexp_full_match({column}, '[0-9]{{17}}[0-9X]') THEN {column} "
        f"ELSE nullif(upper(translate({column}, {marks}, {text_literal(HALF_WIDTH)})), '') END"
    )


def id_digits(number: str) -> str:
    """Return the first seventeen digits of a cleaned number or card as an integer, else null."""
    strict = f"regexp_full_match({number}, '[0-9]{{17}}[0-9X].{{0,4}}')"
    return f"CASE WHEN {strict} THEN CAST(substr({number}, 1, 17) AS BIGINT) END"


def id_fault(number: str, digits: str, length_is_right: str | None = None) -> str:
    """Return the first fault of a cleaned number as text, null where there is none.

    `digits` names the column of `id_digits`; `length_is_right` is the condition where cards are read.
    """
    right = length_is_right or f"length({number}) = 18"
    year, month, day_of_month = (f"({digits} // {10**power} % {10**size})" for power, size in _BIRTH_PLACES)
    leap = f"({year} % 4 = 0 AND ({year} % 100 <> 0 OR {year} % 400 = 0))"
    february = f"CASE WHEN {leap} THEN 29 ELSE 28 END"
    last = f"CASE WHEN {month} IN (4, 6, 9, 11) THEN 30 WHEN {month} = 2 THEN {february} ELSE 31 END"
    total = " + ".join(
        f"{weight} * ({digits} // {10 ** (16 - place)} % 10)" for place, weight in enumerate(CHECK_WEIGHTS)
    )
    written = iso_date(*(f"substr({number}, {start}, {size})" for start, size in ((7, 4), (11, 2), (13, 2))))
    return f"""CASE WHEN {number} IS NULL THEN 'missing'
        WHEN NOT ({right}) OR contains({number}, 'E+') THEN 'length'
        WHEN {digits} IS NULL THEN CASE WHEN {written} IS NULL THEN 'birth_date' ELSE 'check_digit' END
        WHEN {year} = 0 OR {month} NOT BETWEEN 1 AND 12 OR {day_of_month} NOT BETWEEN 1 AND {last}
            THEN 'birth_date'
        WHEN substr('{CHECK_CHARACTERS}', ({total}) % 11 + 1, 1) <> substr({number}, 18, 1) THEN 'check_digit'
        END"""


def iso_date(year: str, month: str, day: str) -> str:
    """Return the date of three texts of digits, null where they name no day from the year 1 on."""
    joined = f"{year} || '-' || {month} || '-' || {day}"
    return (
        f"CASE WHEN regexp_full_match({joined}, '[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}') AND {year} <> '0000' "
        f"THEN TRY_CAST({joined} AS DATE) END"
    )


def day(column: str, *, order: str = "ymd", year_alone: bool = False) -> str:
    """Return the date that a text means, null where it means none; a month stands for its first day.

    `order` says what a date that ends in the year means (`dmy`, `mdy`; with `ymd` it is unreadable, never
    guessed); `year_alone` lets a year stand for its first day.
    """
    return (
        f"CASE WHEN regexp_full_match({column}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}"
        f"( [0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}})?)?') AND NOT starts_with({column}, '0000') "
        f"THEN TRY_CAST(substr({column}, 1, 10) AS DATE) "
        f"WHEN {column} IS NULL THEN NULL ELSE {_odd_day(_plain_day(column), order, year_alone)} END"
    )


def fen(column: str) -> str:
    """Return an amount in yuan as whole fen, null where empty, unreadable or beyond `AMOUNT_FEN_MAX`."""
    plain = plain_amount(column)
    direct = f"CAST(CAST({column} AS DECIMAL(13, 2)) * 100::DECIMAL(3, 0) AS BIGINT)"
    yuan = f"TRY_CAST(nullif(replace({plain}, ',', ''), '') AS DECIMAL(16, 2))"
    value = (
        f"CASE WHEN regexp_full_match({plain}, {text_literal(_AMOUNT)}) THEN CAST({yuan} * 100 AS BIGINT) END"
    )
    bounded = f"CASE WHEN abs({value}) <= {AMOUNT_FEN_MAX} THEN {value} END"
    is_direct = rf"regexp_full_match({column}, '-?[0-9]{{1,8}}(\.[0-9]{{1,2}})?')"
    return f"CASE WHEN {column} IS NULL THEN NULL WHEN {is_direct} THEN {direct} ELSE {bounded} END"


def plain_amount(column: str) -> str:
    """Return an amount's text in half-width signs without blanks and marks, null where nothing is left."""
    wide = text_literal(FULL_WIDTH + _FULL_SIGNS + BLANKS + TEXT_MARKS)
    return f"nullif(translate({column}, {wide}, {text_literal(HALF_WIDTH + _HALF_SIGNS)}), '')"


def masked(column: str) -> str:
    """Return the first two and the last two characters with stars between, as `kernel.identity.mask_value`
    does.
    """
    return (
        f"CASE WHEN length({column}) > 4 THEN substr({column}, 1, 2) || repeat('*', length({column}) - 4) "
        f"|| right({column}, 2) ELSE {column} END"
    )


def _plain_day(column: str) -> str:
    wide = text_literal(FULL_WIDTH + _FULL_SIGNS + BLANKS + TEXT_MARKS)
    narrow = text_literal(HALF_WIDTH + _HALF_SIGNS + " " * len(BLANKS))
    together = f"trim(translate({column}, {wide}, {narrow}))"
    joined = rf"regexp_replace({together}, '\s*([-/.年月])\s*', '\1', 'g')"
    return rf"regexp_replace({joined}, '\s+([日号])', '\1')"


def _odd_day(text: str, order: str, year_alone: bool) -> str:
    """Return the date of a text in any form but the plain ISO one; `text` is bound once, its forms tried in
    turn.
    """
    forms = [
        ("_ymd", _YMD, ("y", "m", "d")),
        ("_compact", _COMPACT, ("y", "m", "d")),
    ]
    if order != "ymd":
        names = {"dmy": ("d", "m", "y"), "mdy": ("m", "d", "y")}[order]
        forms.append(("_last", _DAY_OR_MONTH_FIRST, names))
    branches = []
    for _, pattern, names in forms:
        whole = text_literal(f"^{pattern}$")
        part = {name: f"regexp_extract(t, {whole}, {names.index(name) + 1})" for name in ("y", "m", "d")}
        first_if_none = f"coalesce(nullif({part['d']}, ''), '1')"
        value = iso_date(part["y"], part["m"], first_if_none)
        branches.append(f"WHEN regexp_full_match(t, {text_literal(pattern)}) THEN {value}")
    branches.append(
        f"WHEN regexp_full_match(t, '{_SERIAL}') "
        "THEN DATE '1899-12-30' + CAST(floor(CAST(t AS DOUBLE)) AS INTEGER)"
    )
    if year_alone:
        branches.append(
            "WHEN regexp_full_match(t, '(19|20)[0-9]{2}年?度?') THEN make_date(CAST(t[1:4] AS INT), 1, 1)"
        )
    return f"list_transform([{text}], lambda t: CASE {' '.join(branches)} END)[1]"
