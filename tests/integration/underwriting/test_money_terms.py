"""What is agreed on money (费用约定): kept as the paper has it, refused with its clause, and settled."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from tests.builders import AT, DESK, key
from tests.integration.desk.counties import OF_ZHENGYANG
from tests.integration.desk.money_cases import AUDITOR, signed_in
from tests.integration.test_row_security import check_constraints, seen_as
from tests.integration.underwriting.cases import (
    CIVIL,
    FINANCE,
    YEAR,
    ZHENGYANG,
    draw,
    freeze,
    make_two_counties,
)
from tests.integration.underwriting.contract_cases import draft, new_agreement
from tests.integration.underwriting.test_agreement import receive, sign, start
from yiyuan.apps.deadlines.models import Clock
from yiyuan.apps.ledger.chart import EntryKind
from yiyuan.apps.ledger.services import NewEntry, post_entries
from yiyuan.apps.reporting.models import Statement
from yiyuan.apps.reporting.statements import draw_statement
from yiyuan.apps.underwriting import errors
from yiyuan.apps.underwriting.contracting import Party, record_report
from yiyuan.apps.underwriting.misses import list_misses
from yiyuan.apps.underwriting.models import Agreement, MoneyTerms, RiskBand
from yiyuan.apps.underwriting.money_terms import (
    Band,
    NewMoneyTerms,
    NewPenalty,
    Share,
    find_agreed_money,
    write_money_terms,
)

pytestmark = pytest.mark.django_db

MARCH, APRIL = date(2019, 3, 1), date(2019, 4, 1)
IN_MARCH = datetime(2019, 3, 20, 2, tzinfo=UTC)
BANDS = (Band(0, 8_000, 7_000, 3_000), Band(8_000, 11_000, 0, 10_000), Band(11_000, None, 5_000, 5_000))
TERMS = NewMoneyTerms(
    paper="合作协议",
    expense=Share(800, "received", "第8条"),
    reserve=Share(1_000, "surplus", "第9条", 5_000),
    bands=BANDS,
    risk_clause="第10条",
    penalties=(NewPenalty("reports", "第11条", 20_000, 100_000), NewPenalty("on_time", "第12条", 5_000)),
)


@pytest.fixture(autouse=True)
def city() -> None:
    make_two_counties()


def write(agreement: Agreement, new: NewMoneyTerms = TERMS, **words: object) -> MoneyTerms:
    said = {"actor": CIVIL, "occurred_at": AT, "request_key": key(), **words}
    return write_money_terms(agreement_id=agreement.pk, new=new, **said)  # type: ignore[arg-type]


def in_force(**words: object) -> Agreement:
    agreement = draft(new_agreement(**words))  # type: ignore[arg-type]
    for party in ("policyholder", "insurer"):
        sign(agreement, party)
    receive(agreement)
    start(agreement)
    return agreement


def settled() -> dict[tuple[str, str], tuple[str, int]]:
    words = {"kind": Statement.INSURER, "month": MARCH, "reason": "", "actor": CIVIL}
    statement = draw_statement(**words, occurred_at=AT, request_key=key())  # type: ignore[arg-type]
    return {(code, whose): (unit, value) for code, whose, unit, value in statement.lines}


def pay(fen: int) -> None:
    for kind in (EntryKind.RESERVE, EntryKind.SEND, EntryKind.PAY):
        entry = NewEntry(kind, "正阳-医-2019-00001", fen, key(), ZHENGYANG, YEAR)
        post_entries(entries=[entry], actor=CIVIL, occurred_at=IN_MARCH)


def late_by(days: int, subject: str) -> None:
    Clock.objects.create(
        subject=subject,
        started_at=datetime(2019, 3, 1, 2, tzinfo=UTC),
        due_on=date(2019, 3, 5),
        limit_days=3,
        rule="x",
        clause="TIME-1",
        counted_from_on=MARCH,
        counted_days=3,
        stopped_at=datetime(2019, 3, 5 + days, 2, tzinfo=UTC),
    )


def test_it_is_kept_as_written_and_the_same_key_keeps_it_once() -> None:
    agreement = draft()
    same = key()

    first, second = (write(agreement, request_key=same) for _ in range(2))

    assert first == second
    check_constraints()
    agreed = find_agreed_money(agreement)
    assert agreed is not None
    assert (agreed.expense, agreed.reserve and agreed.reserve.limit_fen) == (TERMS.expense, 5_000)
    assert agreed.penalties["reports"].fen_per_day == 20_000
    assert agreed.sharing is not None
    assert [one.from_bp for one in agreed.sharing.bands] == [0, 8_000, 11_000]


@pytest.mark.parametrize(
    ("new", "refusal", "said"),
    [
        (replace(TERMS, paper=" "), errors.TermsWrong, "no_paper"),
        (replace(TERMS, expense=Share(0, "received", "第8条")), errors.TermsWrong, "第8条：0%"),
        (replace(TERMS, expense=Share(10_001, "received", "第8条")), errors.TermsWrong, "第8条：100.01%"),
        (replace(TERMS, expense=Share(1, "received", "")), errors.TermsWrong, "no_clause"),
        (replace(TERMS, reserve=Share(100, "losses", "第9条")), errors.TermsWrong, "第9条"),
        (replace(TERMS, risk_clause=""), errors.TermsWrong, "no_clause"),
        (replace(TERMS, bands=(Band(0, None, 7_000, 2_999),)), errors.TermsWrong, "99.99% ≠ 100%"),
        (replace(TERMS, bands=BANDS[1:]), errors.BandsGap, "第10条：0% – 80%"),
        (replace(TERMS, bands=(BANDS[0], BANDS[2])), errors.BandsGap, "第10条：80% – 110%"),
        (replace(TERMS, bands=BANDS[:2]), errors.BandsGap, "第10条：≥ 110%"),
        (replace(TERMS, bands=(BANDS[0], Band(7_000, None, 0, 10_000))), errors.BandsOverlap, "第10条：70%"),
        (replace(TERMS, bands=(Band(0, None, 0, 10_000), BANDS[2])), errors.BandsOverlap, "110%"),
        (replace(TERMS, bands=(Band(0, 0, 0, 10_000),)), errors.BandsOverlap, "第10条：0%"),
        (replace(TERMS, penalties=(NewPenalty("reports", "第11条", 0),)), errors.TermsWrong, "第11条"),
        (replace(TERMS, penalties=(NewPenalty("reports", "第11条", 9, 8),)), errors.TermsWrong, "第11条"),
        (replace(TERMS, penalties=(NewPenalty("flowers", "第11条", 9),)), errors.PromiseNotMade, "第11条"),
        (replace(TERMS, penalties=(TERMS.penalties[0], TERMS.penalties[0])), errors.PromiseNotMade, "第11条"),
    ],
)
def test_what_cannot_be_is_refused_with_its_clause(
    new: NewMoneyTerms, refusal: type[Exception], said: str
) -> None:
    agreement = draft()

    with pytest.raises(refusal, match=said.replace("(", "[(]")):
        write(agreement, new)

    assert not MoneyTerms.objects.exists()


def test_the_database_refuses_a_gap_and_other_shares_too() -> None:
    terms = write(draft(), NewMoneyTerms("合作协议"))

    with pytest.raises(DatabaseError, match="risk_band_shares_whole"), transaction.atomic():
        RiskBand.objects.create(terms=terms, from_bp=0, policyholder_bp=1, insurer_bp=1)
    MoneyTerms.objects.create(
        agreement=terms.agreement, paper="补充", corrects=terms, reason="补充", written_at=AT, request_key="x"
    )
    RiskBand.objects.create(terms_id=terms.pk + 1, from_bp=1, policyholder_bp=0, insurer_bp=10_000)
    with pytest.raises(DatabaseError, match="leave a gap"):
        check_constraints()


def test_a_supplement_takes_its_place_with_a_reason_and_the_first_stays() -> None:
    agreement = draft()
    first = write(agreement)
    with pytest.raises(errors.AlreadyThere):
        write(agreement)

    second = write(agreement, replace(TERMS, paper="补充协议一", expense=None), reason="双方另行约定")

    assert second.corrects == first
    agreed = find_agreed_money(agreement)
    assert agreed is not None
    assert agreed.expense is None
    with pytest.raises(DatabaseError), transaction.atomic():
        MoneyTerms.objects.filter(pk=first.pk).update(expense_bp=1)


def test_who_may_not_write_and_who_does_not_see() -> None:
    agreement = draft()
    with pytest.raises(errors.RoleMissing):
        write(agreement, actor=DESK)
    with pytest.raises(errors.ReasonMissing):
        write(agreement, reason="没有可改的")
    write(agreement)

    with seen_as(OF_ZHENGYANG), connection.cursor() as cursor:
        for table in ("moneyterms", "riskband", "penalty"):
            cursor.execute(f"SELECT count(*) FROM underwriting_{table}")
            assert cursor.fetchone() == (0,)


def test_what_is_not_agreed_is_said_and_is_no_zero() -> None:
    in_force()
    freeze(persons=1_000)
    draw(IN_MARCH)

    lines = settled()

    for line in (("expense", ""), ("risk_sharing", ""), ("reserve", ""), ("penalty", "reports")):
        assert lines[line] == ("not_agreed", 0)
    assert ("penalties", "") not in lines


def test_a_good_year_is_kept_by_bands_and_a_reserve_is_set_aside() -> None:
    write(in_force(parties=(Party("甲", 6_000, True), Party("乙", 4_000, False))))
    freeze(persons=1_000)
    draw(IN_MARCH)
    pay(60_000)

    lines = settled()

    # Premium 1,000.00: 200.00 under 80 % are kept 70:30, the 200.00 above are the insurers' alone.
    assert lines["kept", "policyholder"] == ("fen", 14_000)
    assert (lines["kept", "甲"], lines["kept", "乙"]) == (("fen", 15_600), ("fen", 10_400))
    assert lines["reserve", ""] == ("fen", 4_000)
    assert lines["expense", ""] == ("fen", 0)


def test_a_bad_year_is_borne_by_bands() -> None:
    write(in_force())
    freeze(persons=1_000)
    draw(IN_MARCH)
    pay(130_000)

    lines = settled()

    assert lines["borne", "policyholder"] == ("fen", 10_000)
    assert lines["borne", "人保财险"] == ("fen", 20_000)
    assert lines["reserve", ""] == ("fen", 0)


def test_each_missed_promise_counts_its_days_up_to_the_months_limit() -> None:
    agreement = in_force()
    write(agreement)
    words = {"agreement_id": agreement.pk, "month": date(2019, 1, 1), "delivered_on": date(2019, 2, 10)}
    record_report(**words, actor=CIVIL, occurred_at=AT, request_key=key())  # type: ignore[arg-type]
    words = {"agreement_id": agreement.pk, "month": date(2019, 2, 1), "delivered_on": date(2019, 3, 14)}
    record_report(**words, actor=CIVIL, occurred_at=AT, request_key=key())  # type: ignore[arg-type]
    late_by(2, "a")
    late_by(5, "b")
    late_by(0, "c")

    lines = settled()

    assert lines["penalty_days", "reports"] == ("count", 4)
    assert lines["penalty", "reports"] == ("fen", 80_000)
    assert lines["penalty_days", "on_time"] == ("count", 7)
    assert lines["penalty", "on_time"] == ("fen", 35_000)
    assert lines["penalties", ""] == ("fen", 115_000)
    # Since when a point is missing nobody wrote down: no day is made up.
    assert lines["penalty_days", "county_points"] == ("not_on_record", 0)
    assert lines["penalty", "county_points"] == ("not_agreed", 0)
    found = [(one.kind, one.about, one.days) for one in list_misses(agreement, MARCH, APRIL)]
    assert found == [("reports", "2019-02", 4), ("on_time", "b", 5), ("on_time", "a", 2)]


def test_a_promise_that_is_kept_costs_nothing_though_one_was_late() -> None:
    agreement = in_force()
    write(agreement)
    late_by(3, "late")
    for number in range(19):
        late_by(0, f"in time {number}")

    assert settled()["penalty", "on_time"] == ("fen", 0)
    assert {one.kind for one in list_misses(agreement, MARCH, APRIL)} == {"reports"}


def test_before_it_is_in_force_nothing_is_missed_and_a_month_has_its_limit() -> None:
    agreement = draft()
    write(agreement)
    assert list_misses(agreement, MARCH, APRIL) == []
    for party in ("policyholder", "insurer"):
        sign(agreement, party)
    receive(agreement)
    start(agreement)

    lines = settled()

    # January's report is missing all of March, February's from the 11th on; the month costs 1,000.00 at most.
    assert lines["penalty_days", "reports"] == ("count", 31 + 21)
    assert lines["penalty", "reports"] == ("fen", 100_000)


def test_its_form_and_the_rows_behind_the_penalties_on_screen() -> None:
    agreement = in_force()
    civil, words = signed_in(CIVIL), {"paper": "合作协议", "expense_of": "received", "reserve_of": "surplus"}
    url = reverse("desk:agreement_money", args=[agreement.pk])
    wrong = {"bands": "0 80 70 30\n90 - 0 100", "risk_clause": "第10条"}
    promises = dict.fromkeys([f"day_{kind}" for kind in ("on_time", "reports")], "")

    page = civil.post(url, {"request_key": key(), **words, **wrong, **promises}, follow=True).text
    assert "没有写谁承担" in page
    assert "第10条：80% – 90%" in page
    right = {"bands": "0 80 70 30\n80 - 0 100", "risk_clause": "第10条", "expense_bp": "7.5"}
    right |= {"expense_clause": "第8条", **promises, "day_reports": "200", "clause_reports": "第11条"}
    page = civil.post(url, {"request_key": key(), **words, **right}, follow=True).text

    assert "费用约定已登记" in page
    assert "已收保费的 7.5%" in page
    assert "没有约定" in page
    settled()
    number = Statement.objects.get().number
    shown = signed_in(FINANCE).get(reverse("desk:statement", args=[number])).text
    assert reverse("desk:statement_misses", args=[number]) in shown
    rows = signed_in(AUDITOR).get(reverse("desk:statement_misses", args=[number])).text
    assert "2019-02" in rows
    assert signed_in(DESK).get(reverse("desk:statement_misses", args=[number])).status_code == 403
