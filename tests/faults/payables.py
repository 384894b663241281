"""A small city to pay in (付款用的城市): people of each post, and proposals, each of another person.

In: how many proposals, how many people at desks beside one of each post, and the home of a running empty city
in the environment. Out: a line of JSON a
proposal: its key and the account's. That nobody shares an account lets the book of a bank alone tell who was
paid twice.
"""

import json
import sys
from datetime import UTC, datetime
from typing import Any

AT = datetime(2019, 11, 19, 2, tzinfo=UTC)
PASSWORD = "yi-yuan-1911"
RUN = """INSERT INTO screening_run (number, scheme, scheme_sha256, started_at, manifest, started_by,
    request_key)
VALUES (1, 'zhumadian-yiyuan', '', now(), '{}', 'test', 'test')"""
PERSON = """INSERT INTO registry_person (id_index, id_number, name, name_key, sex, birth_on, county_code,
    township_code, village_code, recorded_at)
VALUES (md5('payable' || %(n)s)::uuid, %(id_number)s, '某某', 'mou mou', '1', '1952-03-04', '411724', '', '',
    now()) RETURNING id"""
STATUS = """INSERT INTO registry_hardshipstatus (person_id, "group", county_code, valid_from, import_job_id,
    source_row, recorded_at)
VALUES (%(person)s, 'subsistence_allowance', '411724', '2018-07-01', 1, %(n)s, now())"""
ACCOUNT = """INSERT INTO registry_account (person_id, bank_name, account_no, account_index, account_tail,
    holder_name, kind, recorded_at)
VALUES (%(person)s, '农商银行', %(account_no)s, md5('payable' || %(n)s)::uuid, '3317', '某某', 'social_card',
    now()) RETURNING id"""
SETTLEMENT = """INSERT INTO registry_settlement (setl_id, person_id, county_code, hospital_code, birth_on,
    sex, admitted_on, discharged_on, settled_on, diagnosis_code, other_diagnosis_codes, medfee_sumamt_fen,
    inscp_scp_amt_fen, hifp_pay_fen, reverses_setl_id, import_job_id, source_row, recorded_at)
VALUES ('K' || %(n)s, %(person)s, '411724', 'H41172400001', '1952-03-04', '1', '2019-10-28', '2019-11-12',
    '2019-11-12', 'N18.0', '', 2000000 + %(n)s, 1238414 + %(n)s, 1113434, '', 1, %(n)s, now())"""
PROPOSAL = """INSERT INTO screening_proposal (run_id, setl_id, person_id, county_code, outcome, reason,
    "group", disease, residual_fen, benefit_fen, clause, missing, state, decided_by, decided_reason)
VALUES ((SELECT max(id) FROM screening_run), 'K' || %(n)s, %(person)s, '411724', 'entitled', 'entitled',
    'subsistence_allowance', 'D07', 124980, 80000, 'MED-1B', '', 'open', '', '') RETURNING id"""
FIRST_ACCOUNT = 6_228_450_700_000_000_000


# Of fifty desks: who files, who signs first, who signs second, who pays.
POSTS = ("desk_agent",) * 7 + ("assessor", "approver") + ("desk_agent",) * 7 + ("assessor",) + ("payer",)


def desk_names(count: int) -> list[tuple[str, str]]:
    """Return the sign-ins of so many desks with the post of each."""
    return [(f"desk{n:03d}", POSTS[n % len(POSTS)]) for n in range(count)]


def main(count: int, desks: int = 0) -> None:
    """Write staff and so many proposals; the city's own keys seal what is sealed."""
    import django
    import psycopg

    from yiyuan.runtime.database import running_database
    from yiyuan.runtime.surroundings import enter

    with running_database() as urls:
        enter(urls)
        django.setup()
        _write_staff(desks)
        with psycopg.connect(urls.maintenance) as city:
            city.execute(RUN)
            for n in range(1, count + 1):
                print(json.dumps(_write(city, n)))


def _write_staff(desks: int) -> None:
    from yiyuan.apps.accounts.offices import OfficeFacts, record_office
    from yiyuan.apps.accounts.services import NewStaffMember, record_staff_member
    from yiyuan.interfaces.commands.invented_officers import put_scheme_in_force
    from yiyuan.kernel.actor import SYSTEM_ACTOR, Role
    from yiyuan.synthetic.staff import STAFF

    put_scheme_in_force(AT)
    words: dict[str, Any] = {"actor": SYSTEM_ACTOR, "occurred_at": AT}
    office = record_office(facts=OfficeFacts("驻马店市民政局", "", "bureau"), request_key="office", **words)
    for one in STAFF:
        new = NewStaffMember(one.username, one.name, office, one.roles, PASSWORD, is_invented=True)
        record_staff_member(new=new, request_key=f"staff:{one.username}", **words)
    for name, role in desk_names(desks):
        new = NewStaffMember(name, name, office, (Role(role),), PASSWORD, is_invented=True)
        record_staff_member(new=new, request_key=f"staff:{name}", **words)


def _write(city: Any, n: int) -> dict[str, int]:
    from yiyuan.apps.registry.encryption import seal

    words = {"n": n, "id_number": seal("411724195203040001"), "account_no": seal(str(FIRST_ACCOUNT + n))}
    words["person"] = city.execute(PERSON, words).fetchone()[0]
    account = city.execute(ACCOUNT, words).fetchone()[0]
    for statement in (STATUS, SETTLEMENT):
        city.execute(statement, words)
    return {"proposal": city.execute(PROPOSAL, words).fetchone()[0], "account": account}


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
