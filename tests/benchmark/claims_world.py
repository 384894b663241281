"""People, stays and open proposals to measure filing with (测量用的提名): made up, all entitled.

In: a connection that sees every row, and how many. Out: as many proposals of one run, each of another person
with a hardship status and an account.
"""

from typing import Any

import psycopg

from yiyuan.apps.registry.encryption import seal

CITY = """
INSERT INTO registry_city (id, name, scheme, business_on, is_synthetic)
VALUES (1, '驻马店市', 'zhumadian-yiyuan', '2019-11-20', true);
INSERT INTO registry_division (code, name, level, in_pool)
SELECT (411720 + n)::text, substr('甲乙丙丁戊己庚辛壬', n, 1) || '县', 1, true FROM generate_series(1, 9) n;
INSERT INTO screening_run (number, scheme, scheme_sha256, started_at, manifest, started_by, request_key)
VALUES (1, 'zhumadian-yiyuan', '', now(), '{}', 'bench', 'bench')"""
PEOPLE = """INSERT INTO registry_person (id_index, id_number, name, name_key, sex, birth_on, county_code,
    township_code, village_code, recorded_at)
SELECT md5('person' || n)::uuid, %s, '某某' || n, 'mou mou', (1 + n %% 2)::text, '1952-03-04',
    (411721 + n %% 9)::text, '', '', now() FROM generate_series(1, %s) n"""
STATUSES = """INSERT INTO registry_hardshipstatus (person_id, "group", county_code, valid_from, import_job_id,
    source_row, recorded_at)
SELECT id, 'subsistence_allowance', county_code, '2018-07-01', 1, id, now() FROM registry_person"""
ACCOUNTS = """INSERT INTO registry_account (person_id, bank_name, account_no, account_index, account_tail,
    holder_name, kind, recorded_at)
SELECT id, '农商银行', %s, md5('account' || id)::uuid, '3317', name, 'social_card', now()
FROM registry_person"""
SETTLEMENTS = """INSERT INTO registry_settlement (setl_id, person_id, county_code, hospital_code, birth_on,
    sex, admitted_on, discharged_on, settled_on, diagnosis_code, other_diagnosis_codes, medfee_sumamt_fen,
    inscp_scp_amt_fen, hifp_pay_fen, reverses_setl_id, import_job_id, source_row, recorded_at)
SELECT 'T' || lpad(id::text, 10, '0'), id, county_code, 'H41172400001', birth_on, sex, '2019-10-28',
    '2019-11-12', '2019-11-12', 'N18.0', '', 2000000 + id %% 90000, 1238414 + id %% 90000, 1113434, '',
    1, id, now()
FROM registry_person"""
PROPOSALS = """INSERT INTO screening_proposal (run_id, setl_id, person_id, county_code, outcome, reason,
    "group", disease, residual_fen, benefit_fen, clause, missing, state, decided_by, decided_reason)
SELECT (SELECT id FROM screening_run), setl_id, person_id, county_code, 'entitled', 'entitled',
    'subsistence_allowance', 'D07', 124980, 80000, 'MED-1B', '', 'open', '', '' FROM registry_settlement"""


def write_world(city: "psycopg.Connection[Any]", people: int) -> None:
    """Fill an empty city; the tables are analysed as a running city's are."""
    city.execute(CITY)
    city.execute(PEOPLE, [seal("411724195203040001"), people])
    city.execute(STATUSES)
    city.execute(ACCOUNTS, [seal("6228450700000013317")])
    for statement in (SETTLEMENTS, PROPOSALS):
        city.execute(statement.replace("%%", "%"))
    city.execute("ANALYZE")
