"""A department's file of settlements to measure with (测量用的结算文件): made up, one row in a hundred bad.

In: how many rows. Out: a CSV under the national interface's names; six people in ten rows, their numbers with
valid check digits and invented.
"""

from pathlib import Path

import duckdb

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_SUM = " + ".join(f"{weight} * first_17[{place}]::INT" for place, weight in enumerate(WEIGHTS, start=1))
SQL = f"""COPY (
    WITH seeded AS (
        SELECT i, hash(i * 2654435761) AS h, hash(i // 5 * 3 + i % 3, 'person') AS p FROM range($rows) t(i)
    ), people AS (
        SELECT i, h, DATE '1930-01-01' + (p // 16 % 32000)::INT AS birth,
            DATE '2019-01-01' + (h % 300)::INT AS came, (h // 3 % 20)::INT AS days,
            '41172' || (1 + p % 9) || strftime(birth, '%Y%m%d')
                || lpad((p // 1000003 % 1000)::VARCHAR, 3, '0') AS first_17
        FROM seeded
    ), money AS (
        SELECT *, 100000 + h % 3000000 AS eligible, h // 7 % 90000 AS own, h // 11 % 20000 AS over,
            h // 13 % 60000 AS pre
        FROM people
    )
    SELECT '4100' || lpad(i::VARCHAR, 10, '0') AS setl_id, '4117' || i AS psn_no,
        first_17 || substr('10X98765432', 1 + ({CHECK_SUM}) % 11, 1) AS certno,
        substr('王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗', 1 + (h % 20)::INT, 1)
            || substr('秀英桂兰玉梅建国志强海燕小明国栋', 1 + (h // 20 % 15)::INT, 2) AS psn_name,
        1 + i % 2 AS gend, birth AS brdy, substr(first_17, 1, 6) AS insu_admdvs,
        'H41172' || lpad((h % 100000)::VARCHAR, 6, '0') AS fixmedins_code, came AS begndate,
        came + days AS enddate, strftime(came + days, '%Y-%m-%d') || ' 16:25:00' AS setl_time,
        ['N18.0', 'C34.900', 'I63.902', 'J18.9', 'C16', 'K35.8', 'E05.0', 'J44.100'][1 + (h % 8)::INT]
            AS dise_codg,
        '' AS oth_dise_codg,
        printf('%.2f', (eligible + own + over + pre + (i % 100 = 7)::INT) / 100) AS medfee_sumamt,
        printf('%.2f', own / 100) AS fulamt_ownpay_amt, printf('%.2f', over / 100) AS overlmt_selfpay,
        printf('%.2f', pre / 100) AS preselfpay_amt, printf('%.2f', eligible / 100) AS inscp_scp_amt,
        printf('%.2f', (eligible * 6 // 10) / 100) AS hifp_pay, '0.00' AS cvlserv_pay, '' AS hifes_pay,
        printf('%.2f', (eligible // 10) / 100) AS hifmi_pay, '0' AS hifob_pay,
        printf('%.2f', (eligible // 8) / 100) AS maf_pay, '' AS oth_pay, '' AS init_setl_id
    FROM money ORDER BY i
) TO '$file' (FORMAT csv, HEADER)"""


def write_settlements(file: Path, rows: int) -> None:
    """Write the file; the same number of rows gives the same bytes."""
    with duckdb.connect() as engine:
        engine.execute(SQL.replace("$rows", str(rows)).replace("$file", str(file)))
