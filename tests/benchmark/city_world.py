"""A whole city to ask pages of (测量用的城市): people, registers, stays, proposals, and claims at work.

In: a connection that sees every row, how many people and how many claims. Out: the city, in SQL: the first
claims are made by the product's own services, the others are their likenesses of other people.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random
from typing import Any

import psycopg

from tests.benchmark.city_claims import LIKENESSES, make_first_claims, multiply_claims
from tests.benchmark.city_numbers import SEEDS, sampled_id, sampled_people, sampled_phone
from tests.benchmark.claims_world import write_world
from yiyuan.apps.registry.encryption import blind_index, seal
from yiyuan.apps.registry.names import name_parts, pinyin_key
from yiyuan.apps.sums.services import recount_sums
from yiyuan.runtime.database import DatabaseUrls
from yiyuan.synthetic.names import given_name, surname

NAMES_A_PERSON = 0.04
WRITTEN_AT = datetime(2019, 11, 20, 2, 0, tzinfo=UTC)
COUNTY = "(411721 + n % 9)::text"  # as the first people have it
PEOPLE = f"""INSERT INTO registry_person (id, id_index, id_number, name, name_key, sex, birth_on, county_code,
    township_code, village_code, relation, recorded_at)
SELECT n, md5('person' || n)::uuid, %s, s.name, s.name_key, (1 + n %% 2)::text,
    DATE '1935-01-01' + (hashint8(n) & 32767) %% 29000, {COUNTY.replace("%", "%%")}, '', '', '', now()
FROM generate_series({SEEDS + 1}, %s) n
JOIN bench_name s
    ON s.place = (hashint8extended(n, 7) & 2147483647) %% (SELECT count(*) FROM bench_name)"""
STATUSES = f"""INSERT INTO registry_hardshipstatus (person_id, "group", county_code, valid_from,
    import_job_id, source_row, recorded_at)
SELECT n, CASE WHEN n % 1000 = 1 THEN 'orphan' WHEN n % 10 < 2 THEN 'subsistence_allowance'
    ELSE 'registered_poor' END, {COUNTY}, '2018-07-01', 1, n, now()
FROM generate_series({SEEDS + 1}, $people / 9) n"""
ACCOUNTS = f"""INSERT INTO registry_account (person_id, bank_name, account_no, account_index, account_tail,
    holder_name, kind, import_job_id, recorded_at)
SELECT n, '农商银行', $sealed, md5('account' || n)::uuid, '3317', '某某', 'social_card', 1, now()
FROM generate_series({SEEDS + 1}, $people / 9) n"""
SETTLEMENTS = f"""INSERT INTO registry_settlement (setl_id, person_id, county_code, hospital_code, birth_on,
    sex, admitted_on, discharged_on, settled_on, diagnosis_code, other_diagnosis_codes, medfee_sumamt_fen,
    inscp_scp_amt_fen, hifp_pay_fen, reverses_setl_id, import_job_id, source_row, recorded_at)
SELECT 'T' || lpad(n::text, 10, '0'), n, {COUNTY}, 'H41172400001', '1952-03-04', '1', '2019-10-28',
    '2019-11-12', '2019-11-12', 'N18.0', '', 2000000 + n % 90000, 1238414 + n % 90000, 1113434, '', 1, n,
    now()
FROM generate_series({SEEDS + 1}, $people / 6) n"""
PARTS = "COPY registry_namepart (part, name) FROM STDIN"
TELEPHONES = """INSERT INTO registry_contact (person_id, phone, phone_index, phone_tail, recorded_at,
    recorded_by)
SELECT n, $sealed, md5('phone' || n)::uuid, '0000', now(), 'bench' FROM generate_series(1, $people / 100) n"""
TALLIES = """INSERT INTO registry_tally (kind, county_code, total)
SELECT 'people', county_code, count(*) FROM registry_person GROUP BY 2
UNION ALL SELECT 'households', '411721', 0
UNION ALL SELECT 'statuses', county_code, count(*) FROM registry_hardshipstatus GROUP BY 2
UNION ALL SELECT 'settlements', county_code, count(*) FROM registry_settlement GROUP BY 2
UNION ALL SELECT 'accounts', county_code, count(*) FROM registry_person JOIN registry_account a
    ON a.person_id = registry_person.id WHERE a.import_job_id IS NOT NULL GROUP BY 2"""
LARGE = ("registry_person", "registry_hardshipstatus", "registry_account", "registry_settlement")


def write_city(urls: DatabaseUrls, *, people: int, claims: int) -> None:
    """Fill an empty city; its tables are analysed and vacuumed as a running city's are.

    Django speaks to the same database and sees every row.
    """
    assert people // 6 > claims > SEEDS, "every claim is of another person with a stay"
    with psycopg.connect(urls.maintenance) as city:
        write_world(city, SEEDS)
        city.commit()
        make_first_claims()
        # Keys to other tables were held for the first rows; the others are like them.
        city.execute("SET session_replication_role = replica")
        with _without_indexes(city):
            _write_people(city, people)
        multiply_claims(city, claims)
        _write_sampled(city, people)
        city.execute(TALLIES)
        _follow_sequences(city)
    # Likenesses are written past the triggers that would have counted them.
    recount_sums(occurred_at=WRITTEN_AT)
    with psycopg.connect(urls.maintenance, autocommit=True) as city:
        city.execute("VACUUM ANALYZE")


def _write_people(city: "psycopg.Connection[Any]", people: int) -> None:
    _write_names(city, max(int(people * NAMES_A_PERSON), 1_000))
    city.execute(PEOPLE, [seal("411724195203040001"), people])
    sealed = f"'\\x{seal('6228450700000013317').hex()}'::bytea"
    for statement in (STATUSES, ACCOUNTS, SETTLEMENTS, TELEPHONES):
        city.execute(statement.replace("$people", str(people)).replace("$sealed", sealed))


def _write_names(city: "psycopg.Connection[Any]", count: int) -> None:
    """Draw names as the made-up city does: a common one stands there as often as people bear it."""
    random = Random(11)
    city.execute("CREATE TEMP TABLE bench_name (place bigint PRIMARY KEY, name text, name_key text)")
    known = set()
    with city.cursor().copy("COPY bench_name FROM STDIN") as rows:
        for place in range(count):
            is_female, age = random.random() < 0.5, int(random.random() * 90)
            name = surname(random) + given_name(random, is_female=is_female, age=age)
            known.add(name)
            rows.write_row((place, name, pinyin_key(name)))
    city.execute("ANALYZE bench_name")
    with city.cursor().copy(PARTS) as rows:
        for name in known:
            for part in set(name_parts(name)):
                rows.write_row((part, name))


def _write_sampled(city: "psycopg.Connection[Any]", people: int) -> None:
    """Give some people, spread over the city, an identity number and a telephone that can be asked for."""
    with city.cursor() as cursor:
        for n in sampled_people(people):
            number, phone = sampled_id(n), sampled_phone(n)
            cursor.execute(
                "UPDATE registry_person SET id_index = %s, id_number = %s WHERE id = %s",
                [blind_index(number), seal(number), n],
            )
            cursor.execute(
                "INSERT INTO registry_contact (person_id, phone, phone_index, phone_tail, recorded_at,"
                " recorded_by) VALUES (%s, %s, %s, %s, now(), 'bench')",
                [n, seal(phone), blind_index(phone), phone[-4:]],
            )


@contextmanager
def _without_indexes(city: "psycopg.Connection[Any]") -> Iterator[None]:
    """Drop the plain indexes of the large tables and make them again: a tenth of the time of keeping them."""
    found = city.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " WHERE i.indrelid = ANY (%s::regclass[]) AND NOT EXISTS"
        " (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
        [list(LARGE)],
    ).fetchall()
    for name, _ in found:
        city.execute(f"DROP INDEX {name}")
    yield
    city.execute("SET maintenance_work_mem = '1GB'")
    for _, statement in found:
        city.execute(statement)


def _follow_sequences(city: "psycopg.Connection[Any]") -> None:
    for table in ("registry_person", *LIKENESSES):
        city.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
