"""`bench screen`, the rival: the same screening in DuckDB SQL written by hand for this scheme.

In: register, settlements and claimed ids in canonical Parquet, the scheme's version and a folder. Out: the
same `decisions.parquet`, `refused.parquet` and totals. It knows what the product has to find out (one file
of each kind, its types, 33 diseases, the flat reading), and uses every trick that was found to help. Two
plans: `lists` gathers a person's statuses before the settlements come, `join` meets every status and
groups afterwards.
"""

import json
import sys
from pathlib import Path

import duckdb

AMOUNTS = (
    *("medfee_sumamt_fen", "inscp_scp_amt_fen", "hifp_pay_fen", "cvlserv_pay_fen", "hifes_pay_fen"),
    *("hifmi_pay_fen", "hifob_pay_fen", "maf_pay_fen", "oth_pay_fen"),
)
RESIDUAL = (
    "greatest(inscp_scp_amt_fen - (coalesce(hifp_pay_fen, 0) + coalesce(cvlserv_pay_fen, 0)"
    " + coalesce(hifes_pay_fen, 0) + coalesce(hifmi_pay_fen, 0) + coalesce(hifob_pay_fen, 0)"
    " + coalesce(maf_pay_fen, 0) + coalesce(oth_pay_fen, 0)), 0)"
)
MASKED = "left({0}, 2) || repeat('*', length({0}) - 4) || right({0}, 2)"
AGE = (
    "(year(admitted_on) * 10000 + month(admitted_on) * 100 + day(admitted_on)"
    " - year(birth_on) * 10000 - month(birth_on) * 100 - day(birth_on)) // 10000"
)

REFUSED = """
CREATE TEMP TABLE bad_register AS
SELECT file_row_number AS ref,
       CASE WHEN person_id IS NULL THEN 'person_id' WHEN "group" IS NULL THEN 'group'
            WHEN valid_from IS NULL THEN 'valid_from' WHEN valid_to <= valid_from THEN 'valid_to'
            ELSE 'group' END AS "column",
       CASE WHEN person_id IS NULL OR "group" IS NULL OR valid_from IS NULL THEN NULL
            WHEN valid_to <= valid_from THEN {masked_to} ELSE {masked_group} END AS value,
       CASE WHEN person_id IS NULL OR "group" IS NULL OR valid_from IS NULL THEN 'missing'
            WHEN valid_to <= valid_from THEN 'period' ELSE 'group' END AS reason
FROM (SELECT *, file_row_number, {place} AS place FROM '{hardship}')
WHERE person_id IS NULL OR place IS NULL OR valid_from IS NULL OR valid_to <= valid_from;
CREATE TEMP TABLE twins AS
SELECT hash FROM (SELECT CAST(hash(setl_id) >> 32 AS UINTEGER) AS hash FROM '{settlements}')
GROUP BY hash HAVING count(*) > 1;
CREATE TEMP TABLE marked AS
SELECT file_row_number AS ref, setl_id, reverses_setl_id, twins.hash IS NOT NULL AS twin,
       CASE WHEN setl_id IS NULL THEN 'setl_id' WHEN person_id IS NULL THEN 'person_id' {amount_columns}
       END AS "column",
       CASE WHEN setl_id IS NULL OR person_id IS NULL THEN NULL {amount_values} END AS value,
       CASE WHEN setl_id IS NULL OR person_id IS NULL THEN 'missing' {amount_reasons} END AS reason
FROM '{settlements}' LEFT JOIN twins ON twins.hash = CAST(hash(setl_id) >> 32 AS UINTEGER)
WHERE setl_id IS NULL OR person_id IS NULL OR reverses_setl_id IS NOT NULL OR twins.hash IS NOT NULL
      {amount_checks};
CREATE TEMP TABLE bad AS
SELECT ref, "column", value, reason FROM marked WHERE reason IS NOT NULL
UNION ALL
SELECT ref, 'setl_id', {masked_id}, 'duplicate'
FROM (SELECT ref, setl_id, row_number() OVER (PARTITION BY setl_id ORDER BY ref) AS nth
      FROM marked WHERE twin AND reason IS NULL) WHERE nth > 1;
CREATE TEMP TABLE cancelled AS
SELECT DISTINCT reverses_setl_id AS setl_id FROM marked ANTI JOIN bad USING (ref)
WHERE reverses_setl_id IS NOT NULL;
COPY (SELECT '{hardship}' AS input, ref + 1 AS "row", "column", value, reason FROM bad_register
      UNION ALL SELECT '{settlements}', ref + 1, "column", value, reason FROM bad ORDER BY 1, 2)
TO '{out}/refused.parquet' (FORMAT parquet);
"""

CODES = """
CREATE TEMP TABLE codes AS
SELECT raw AS diagnosis_code, code AS disease, max_age, sex, needs_proof
FROM (SELECT raw, replace(upper(replace(raw, ' ', '')), '.', '') AS plain
      FROM (SELECT DISTINCT diagnosis_code AS raw FROM '{settlements}'))
JOIN diseases ON prefix = left(plain, length(prefix))
WHERE except_prefix IS NULL OR NOT starts_with(plain, except_prefix);
"""

PLACE = """CASE "group" WHEN 'registered_poor' THEN 0 WHEN 'subsistence_allowance' THEN 1
                WHEN 'destitute_support' THEN 2 WHEN 'severe_disability' THEN 3
                WHEN 'urban_needy_worker' THEN 4 WHEN 'orphan' THEN 5 END"""
GROUP_NAMES = (
    "['registered_poor', 'subsistence_allowance', 'destitute_support', 'severe_disability',"
    " 'urban_needy_worker', 'orphan']"
)

PEOPLE_AS_LISTS = """
CREATE TEMP TABLE people AS
SELECT person_id, list((place::BIGINT << 40) | ((valid_from - DATE '1900-01-01')::BIGINT << 20)
                       | coalesce(valid_to - DATE '1900-01-01', 1048575)::BIGINT) AS spells
FROM (SELECT person_id, {place} AS place, valid_from, valid_to FROM '{hardship}')
WHERE person_id IS NOT NULL AND place IS NOT NULL AND valid_from IS NOT NULL
  AND (valid_to IS NULL OR valid_to > valid_from)
GROUP BY person_id;
"""
PEOPLE_AS_ROWS = """
CREATE TEMP TABLE people AS
SELECT person_id, place::TINYINT AS place, valid_from, coalesce(valid_to, DATE '9999-12-31') AS valid_to
FROM (SELECT person_id, {place} AS place, valid_from, valid_to FROM '{hardship}')
WHERE person_id IS NOT NULL AND place IS NOT NULL AND valid_from IS NOT NULL
  AND (valid_to IS NULL OR valid_to > valid_from);
"""

GROUP_OF_LISTS = """
(SELECT s.*, file_row_number AS ref, CASE WHEN len(spells) = 1
     THEN CASE WHEN (admitted_on - DATE '1900-01-01') >= (spells[1] >> 20 & 1048575)
                AND (admitted_on - DATE '1900-01-01') < (spells[1] & 1048575) THEN spells[1] END
     ELSE list_min(list_filter(spells, lambda one:
                   (admitted_on - DATE '1900-01-01') >= (one >> 20 & 1048575)
                   AND (admitted_on - DATE '1900-01-01') < (one & 1048575))) END >> 40 AS place
 FROM '{settlements}' AS s JOIN people ON people.person_id = s.person_id)
"""
GROUP_OF_ROWS = """
(SELECT file_row_number AS ref, any_value(COLUMNS(s.*)), min(place) FILTER (
     admitted_on >= people.valid_from AND admitted_on < people.valid_to) AS place
 FROM '{settlements}' AS s JOIN people ON people.person_id = s.person_id GROUP BY ref)
"""

DECISIONS = """
COPY (
SELECT setl_id, person_id,
       CASE WHEN reason = 'entitled' THEN 'entitled'
            WHEN reason IN ('missing_fact', 'needs_proof') THEN 'undetermined'
            ELSE 'not_entitled' END AS outcome,
       reason, ({names})[place + 1] AS "group", disease, residual_fen,
       CASE WHEN reason <> 'entitled' THEN 0
            WHEN residual_fen < 100000 THEN (residual_fen * 5000 + 5000) // 10000
            ELSE 80000 END AS benefit_fen,
       CASE reason WHEN 'entitled' THEN CASE WHEN residual_fen < 100000 THEN 'MED-1A' ELSE 'MED-1B' END
            WHEN 'reversed' THEN 'REVERSE-1' WHEN 'outside_period' THEN 'PERIOD-1'
            WHEN 'no_group_on_date' THEN 'GROUP-1' WHEN 'nothing_left_to_pay' THEN 'MED-1'
            WHEN 'already_claimed' THEN 'ONCE-1'
            WHEN 'missing_fact' THEN CASE missing WHEN 'admitted_on' THEN 'PERIOD-1'
                                                  WHEN 'inscp_scp_amt_fen' THEN 'MED-1' ELSE 'MED-2' END
            ELSE 'MED-2' END AS clause,
       CASE WHEN reason = 'missing_fact' THEN missing END AS missing
FROM (
SELECT *, CASE WHEN reversed THEN 'reversed' WHEN admitted_on IS NULL THEN 'missing_fact'
               WHEN admitted_on < DATE '2019-01-01' OR admitted_on >= DATE '2020-01-01' THEN 'outside_period'
               WHEN place IS NULL THEN 'no_group_on_date' WHEN open IS NOT NULL THEN 'missing_fact'
               WHEN disease IS NULL THEN 'disease_not_listed' WHEN needs_proof THEN 'needs_proof'
               WHEN residual_fen IS NULL THEN 'missing_fact' WHEN residual_fen = 0 THEN 'nothing_left_to_pay'
               WHEN claimed THEN 'already_claimed' ELSE 'entitled' END AS reason,
       CASE WHEN admitted_on IS NULL THEN 'admitted_on'
            ELSE coalesce(open, 'inscp_scp_amt_fen') END AS missing
FROM (
SELECT setl_id, person_id, place, admitted_on, residual_fen, reversed, claimed, needs_proof,
       CASE WHEN counts THEN listed END AS disease,
       CASE WHEN diagnosis_code IS NULL THEN 'diagnosis_code'
            WHEN counts IS NULL AND listed IS NOT NULL
            THEN CASE WHEN max_age IS NOT NULL AND birth_on IS NULL THEN 'birth_on' ELSE 'sex' END END AS open
FROM (
SELECT s.setl_id, s.person_id, place, admitted_on, birth_on, s.diagnosis_code, codes.disease AS listed,
       max_age, needs_proof,
       CASE WHEN codes.disease IS NULL OR (max_age IS NULL AND codes.sex IS NULL) THEN TRUE
            ELSE (max_age IS NULL OR {age} <= max_age)
                 AND (codes.sex IS NULL OR codes.sex = s.sex) END AS counts,
       CASE WHEN inscp_scp_amt_fen IS NOT NULL THEN {residual} END AS residual_fen,
       reverses_setl_id IS NOT NULL OR cancelled.setl_id IS NOT NULL AS reversed,
       paid.setl_id IS NOT NULL AS claimed
FROM {grouped} AS s
LEFT JOIN codes ON codes.diagnosis_code = s.diagnosis_code
LEFT JOIN cancelled ON cancelled.setl_id = s.setl_id
LEFT JOIN paid ON paid.setl_id = s.setl_id
ANTI JOIN bad ON bad.ref = s.ref
)))) TO '{out}/decisions.parquet' (FORMAT parquet, DICTIONARY_SIZE_LIMIT 2000)
"""

TOTALS = """
SELECT (SELECT count(*) FROM '{settlements}') - (SELECT count(*) FROM bad) - count(*) AS outside,
       (SELECT sum({residual})
        FROM (SELECT *, file_row_number AS ref FROM '{settlements}') ANTI JOIN bad USING (ref)
        WHERE inscp_scp_amt_fen IS NOT NULL) - sum(residual_fen) AS outside_residual_fen
FROM '{out}/decisions.parquet'
"""
REASONS = """
SELECT outcome, reason, count(*), sum(residual_fen), sum(benefit_fen)
FROM '{out}/decisions.parquet' GROUP BY ALL
"""


def screen(hardship: Path, settlements: Path, claimed: Path, diseases: Path, out: Path, plan: str) -> None:
    """Write decisions, refused rows and totals."""
    out.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as engine:
        engine.execute("SET memory_limit = '480MiB'")
        engine.execute(f"SET temp_directory = '{out}/spill'")
        engine.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
        engine.execute("SET preserve_insertion_order = false")
        engine.execute(f"CREATE TEMP TABLE diseases AS FROM '{diseases}'")
        names = {
            "hardship": hardship,
            "settlements": settlements,
            "out": out,
            "place": PLACE,
            "residual": RESIDUAL,
            "age": AGE,
            "names": GROUP_NAMES,
            "masked_to": MASKED.format("CAST(valid_to AS VARCHAR)"),
            "masked_group": MASKED.format('"group"'),
            "masked_id": MASKED.format("setl_id"),
            **_amount_checks(engine, settlements),
        }
        people, group = (
            (PEOPLE_AS_ROWS, GROUP_OF_ROWS) if plan == "join" else (PEOPLE_AS_LISTS, GROUP_OF_LISTS)
        )
        engine.execute(REFUSED.format(**names))
        engine.execute(CODES.format(**names))
        engine.execute(people.format(**names))
        engine.execute(f"CREATE TEMP TABLE paid AS SELECT DISTINCT setl_id FROM '{claimed}'")
        engine.execute(DECISIONS.format(**names, grouped=group.format(**names)))
        totals = engine.execute(TOTALS.format(**names)).fetchall()[0]
        reasons = engine.execute(REASONS.format(**names)).fetchall()
    found = {"outside_register": [int(total) for total in totals], "reasons": sorted(map(str, reasons))}
    (out / "manifest.json").write_text(json.dumps(found), encoding="utf-8")


def _amount_checks(engine: duckdb.DuckDBPyConnection, settlements: Path) -> dict[str, str]:
    """Return the parts of the query that look at the amounts, for those columns only that have a far one."""
    ends = ", ".join(f"max({name}), min({name})" for name in AMOUNTS)
    found = engine.execute(f"SELECT {ends} FROM '{settlements}'").fetchall()[0]
    far = [name for name, most, least in zip(AMOUNTS, found[::2], found[1::2], strict=True)
           if most > 10**11 or least < -(10**11)]  # fmt: skip
    checks = {name: f"{name} > 100000000000 OR {name} < -100000000000" for name in far}
    return {
        "amount_checks": "".join(f" OR {check}" for check in checks.values()),
        "amount_columns": "".join(f" WHEN {check} THEN '{name}'" for name, check in checks.items()),
        "amount_values": "".join(
            f" WHEN {check} THEN {MASKED.format(f'CAST({name} AS VARCHAR)')}"
            for name, check in checks.items()
        ),
        "amount_reasons": "".join(f" WHEN {check} THEN 'amount'" for check in checks.values()),
    }


if __name__ == "__main__":
    given = [Path(word) for word in sys.argv[1:6]]
    screen(given[0], given[1], given[2], given[3], given[4], sys.argv[6])
