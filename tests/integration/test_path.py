"""The path's read model against what the other apps say: every figure twice, from sums and from rows."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.builders import APPROVER, AT, DESK, TODAY, key, say
from tests.integration.desk.counties import OF_ZHENGYANG, make_counties
from tests.integration.desk.money_cases import answer, open_claim, propose, send_batch_of
from yiyuan.apps.claims.envelope import sum_records
from yiyuan.apps.claims.queries import OPEN_STATES as OPEN_CLAIMS
from yiyuan.apps.claims.queries import ClaimFilter, count_by_due, count_claims
from yiyuan.apps.claims.states import State, Verb
from yiyuan.apps.payments.posting import record_returns
from yiyuan.apps.reporting.models import Path, PathSum
from yiyuan.apps.reporting.path import (
    Choice,
    Cut,
    add_up,
    count_path,
    find_median_days,
    list_path,
    sum_choices,
)
from yiyuan.apps.reporting.services import refresh_path, refresh_path_if_moved
from yiyuan.apps.reporting.stages import OPEN_STATES, Money, Stage, Timing
from yiyuan.apps.screening.services import decline_proposal
from yiyuan.interfaces.jobs.tasks import deliver_facts
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.scope import EVERYWHERE

pytestmark = pytest.mark.django_db

PAYER = Actor("payer", "支付甲", frozenset({Role.PAYER}), EVERYWHERE)
CHOICES = {
    **{f"reached_{stage.name.lower()}": Choice(reached=stage) for stage in Stage},
    **{f"at_{stage.name.lower()}": Choice(at=stage) for stage in Stage},
    **{f"money_{place}": Choice(money=place) for place in (*Money, "approved", "sent")},
    **{f"timing_{timing}": Choice(timing=timing) for timing in (*Timing, "ended", "behind")},
    **{f"state_{state}": Choice(at=Stage.FILED, state=state) for state in ("lodged", "awaiting_documents")},
    "declined": Choice(at=Stage.PROPOSED, state="declined"),
    "entitled": Choice(reason="entitled"),
    "unpaid": Choice(is_unpaid=True),
}


def a_city_at_work() -> None:
    """Write claims in every place: paid, returned, in flight, held, lodged, waiting, declined, open."""
    paid, back, _flying = send_batch_of(3)
    lines = (
        f"{paid.order_no},paid,2019-11-20,{paid.amount_fen},,",
        f"{back.order_no},failed,2019-11-20,{back.amount_fen},R03,户名不符",
    )
    record_returns(name="回单.csv", content=answer(*lines), actor=PAYER, occurred_at=AT, request_key=key())
    deliver_facts()
    held = open_claim()
    for verb, actor in ((Verb.ASSESS, DESK), (Verb.APPROVE, APPROVER)):
        say(held, verb, Actor(actor.id, actor.name, frozenset(Role), EVERYWHERE))
    open_claim()
    open_claim(with_account=False)
    refused = propose()
    decline_proposal(
        proposal_id=refused.pk, reason="商业保险赔过", actor=DESK, occurred_at=AT, request_key=key()
    )
    propose()


def figures(cut: Cut | None = None) -> dict[str, tuple[int, int]]:
    found = add_up(sum_choices(CHOICES, cut or Cut(), scope=EVERYWHERE).values(), CHOICES)
    return {name: (one.count, one.fen) for name, one in found.items()}


def test_each_figure_is_as_long_as_its_list() -> None:
    a_city_at_work()
    refresh_path(today=TODAY, refreshed_at=AT)

    for name, sums in figures().items():
        rows = count_path(CHOICES[name], Cut(), scope=EVERYWHERE)
        assert (rows.count, rows.fen) == sums, name
        listed = list_path(CHOICES[name], Cut(), scope=EVERYWHERE, limit=1000)
        assert (len(listed), sum(row.benefit_fen for row in listed)) == sums, name


def test_the_stages_follow_the_claims() -> None:
    a_city_at_work()
    refresh_path(today=TODAY, refreshed_at=AT)
    found = {name: count for name, (count, _) in figures().items()}

    assert found["reached_proposed"] == 8
    assert found["reached_filed"] == 6
    assert found["reached_approved"] == 4
    assert found["reached_sent"] == 2
    assert found["reached_paid"] == 1
    assert found["unpaid"] == 6
    assert (
        found["at_filed"]
        == count_claims(ClaimFilter(("lodged", "awaiting_documents")), TODAY, scope=EVERYWHERE)[0]
    )


def test_money_is_the_envelope() -> None:
    a_city_at_work()
    refresh_path(today=TODAY, refreshed_at=AT)
    records, found = sum_records(), {name: fen for name, (_, fen) in figures().items()}

    assert found["money_approved"] == records.approved_fen == found["money_held"] + found["money_sent"]
    assert found["money_held"] == records.held_fen
    assert found["money_sent"] == records.sent_fen
    assert found["money_paid"] == records.paid_fen > 0
    assert found["money_returned"] == records.returned_fen > 0
    assert found["money_in_flight"] == records.in_flight_fen > 0


@pytest.mark.parametrize("days", [0, 1, 30])
def test_clocks_are_those_of_the_queues(days: int) -> None:
    a_city_at_work()
    on = TODAY + timedelta(days=days)
    refresh_path(today=on, refreshed_at=AT)

    found = {name: count for name, (count, _) in figures().items()}
    live = count_by_due(ClaimFilter(OPEN_CLAIMS), on, scope=EVERYWHERE)

    assert found["timing_overdue"] == live["late"]
    assert found["timing_today"] == live["today"]
    assert found["timing_paused"] == live["paused"]
    assert found["timing_running"] == live["tomorrow"] + live["later"]
    assert (found["timing_kept"], found["timing_late"]) == (1, 0)
    assert find_median_days(Cut(), scope=EVERYWHERE) == 0


def test_open_states_are_those_of_the_claims() -> None:
    assert set(OPEN_STATES) == {str(state) for state in OPEN_CLAIMS} < {str(state) for state in State}


def test_a_month_and_a_county_cut_the_figures() -> None:
    a_city_at_work()
    refresh_path(today=TODAY, refreshed_at=AT)
    whole = figures()

    assert figures(Cut(since=date(2019, 10, 1), until=date(2019, 11, 1))) == whole
    assert figures(Cut(county_code="411724")) == whole
    assert figures(Cut(since=date(2019, 11, 1)))["reached_screened"] == (0, 0)
    assert figures(Cut(county_code="411723"))["reached_screened"] == (0, 0)


def test_a_county_sees_its_own_figures() -> None:
    make_counties()
    refresh_path(today=TODAY, refreshed_at=AT)

    city = sum_choices({"all": Choice()}, Cut(), scope=EVERYWHERE)
    county = sum_choices({"all": Choice()}, Cut(), scope=OF_ZHENGYANG)

    assert {code: found["all"].count for code, found in city.items()} == {"411723": 2, "411724": 2}
    assert {code: found["all"].count for code, found in county.items()} == {"411724": 2}
    assert {row.county_code for row in list_path(Choice(), Cut(), scope=OF_ZHENGYANG)} == {"411724"}


def test_it_is_made_anew_when_something_was_written_and_only_then() -> None:
    open_claim()
    refresh_path_if_moved(today=TODAY, refreshed_at=AT)
    before = list(Path.objects.order_by("pk").values())

    assert not refresh_path_if_moved(today=TODAY, refreshed_at=AT + timedelta(hours=1))
    assert list(Path.objects.order_by("pk").values()) == before
    open_claim()
    assert refresh_path_if_moved(today=TODAY, refreshed_at=AT + timedelta(hours=2))
    assert Path.objects.count() == 2
    assert refresh_path_if_moved(today=TODAY + timedelta(days=1), refreshed_at=AT + timedelta(hours=3))


def test_what_is_gone_goes() -> None:
    proposal = propose()
    refresh_path(today=TODAY, refreshed_at=AT)
    assert Path.objects.exists()

    proposal.delete()
    refresh_path(today=TODAY, refreshed_at=AT)

    assert not Path.objects.exists()
    assert not PathSum.objects.exists()


def test_unchanged_rows_are_not_written_again() -> None:
    a_city_at_work()
    refresh_path(today=TODAY, refreshed_at=AT)

    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin::text, setl_id FROM reporting_path ORDER BY setl_id")
        before = cursor.fetchall()
        with CaptureQueriesContext(connection):
            refresh_path(today=TODAY, refreshed_at=AT)
        cursor.execute("SELECT xmin::text, setl_id FROM reporting_path ORDER BY setl_id")
        assert cursor.fetchall() == before
