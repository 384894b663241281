"""Screening the registry on PostgreSQL: proposals for people to decide, nothing decided twice."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from tests.builders import (
    APPROVER,
    AT,
    CLERK,
    DESK,
    key,
    make_account,
    make_city,
    make_person,
    make_settlement,
    make_status,
)
from yiyuan.apps.adjudication.services import preview_settlement
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.claims.services import open_from_proposal
from yiyuan.apps.registry.models import ClaimedSettlement, HardshipStatus, Settlement
from yiyuan.apps.reporting.queries import get_counties, get_funnel
from yiyuan.apps.schemes.queries import get_terms
from yiyuan.apps.screening import errors
from yiyuan.apps.screening.models import Proposal, Run, RunChange
from yiyuan.apps.screening.services import decline_proposal, run_screening
from yiyuan.kernel.scope import EVERYWHERE

pytestmark = pytest.mark.django_db


def screen_city() -> Run:
    return run_screening(actor=CLERK, started_at=AT, request_key=key())


def city_with(*residuals_fen: int, diagnosis: str = "N18.0") -> list[Settlement]:
    make_city()
    settlements = []
    for residual_fen in residuals_fen:
        person = make_person()
        make_status(person)
        make_account(person)
        settlements.append(make_settlement(person, residual_fen=residual_fen, diagnosis=diagnosis))
    return settlements


def test_each_entitled_settlement_becomes_one_open_proposal() -> None:
    city_with(99_999, 100_000, 0)

    run = screen_city()

    proposals = Proposal.objects.order_by("pk")
    assert [(p.benefit_fen, p.state) for p in proposals] == [(50_000, "open"), (80_000, "open")]
    assert run.manifest["by_reason"]["nothing_left_to_pay"]["count"] == 1
    assert get_funnel(scope=EVERYWHERE).screened == 3
    (county,) = get_counties(scope=EVERYWHERE)
    assert (county.entitled, county.unpaid, county.open_fen) == (2, 2, 130_000)


def test_the_desk_comes_to_what_the_batch_came_to() -> None:
    city_with(1, 99_999, 100_000, 100_001, 5_000_000)
    screen_city()

    for proposal in Proposal.objects.all():
        _, _, decision = preview_settlement(proposal.setl_id)
        assert (decision.benefit_fen, decision.residual_fen, decision.clause) == (
            proposal.benefit_fen,
            proposal.residual_fen,
            proposal.clause,
        )


def test_a_code_that_cannot_tell_waits_for_a_person() -> None:
    city_with(124_980, diagnosis="A15.0")

    screen_city()

    proposal = Proposal.objects.get()
    assert (proposal.outcome, proposal.reason, proposal.benefit_fen) == ("undetermined", "needs_proof", 0)


def test_a_missing_fact_is_never_a_refusal() -> None:
    (settlement,) = city_with(124_980)
    Settlement.objects.filter(pk=settlement.pk).update(inscp_scp_amt_fen=None)

    screen_city()

    proposal = Proposal.objects.get()
    assert (proposal.outcome, proposal.missing) == ("undetermined", "inscp_scp_amt_fen")


def test_what_was_claimed_elsewhere_is_not_proposed() -> None:
    (settlement,) = city_with(124_980)
    ClaimedSettlement.objects.create(setl_id=settlement.setl_id, import_job_id=1, recorded_at=AT)

    screen_city()

    assert not Proposal.objects.exists()
    assert get_funnel(scope=EVERYWHERE).already_claimed == 1


def test_the_same_key_is_one_run() -> None:
    city_with(124_980)
    request_key = key()

    first = run_screening(actor=CLERK, started_at=AT, request_key=request_key)
    second = run_screening(actor=CLERK, started_at=AT, request_key=request_key)

    assert first.pk == second.pk
    assert Run.objects.count() == 1


def test_a_decided_proposal_stays_as_the_person_left_it() -> None:
    declined, confirmed = city_with(124_980, 99_999)
    screen_city()
    by_settlement = {p.setl_id: p for p in Proposal.objects.all()}
    decline_proposal(
        proposal_id=by_settlement[declined.setl_id].pk,
        reason="本人放弃",
        actor=DESK,
        occurred_at=AT,
        request_key=key(),
    )
    open_from_proposal(
        proposal_id=by_settlement[confirmed.setl_id].pk, actor=DESK, occurred_at=AT, request_key=key()
    )

    screen_city()

    states = dict(Proposal.objects.values_list("setl_id", "state"))
    assert states == {declined.setl_id: "declined", confirmed.setl_id: "confirmed"}
    assert Claim.objects.count() == 1


def test_an_open_proposal_follows_what_is_known_now() -> None:
    changed, gone = city_with(99_999, 124_980)
    screen_city()

    Settlement.objects.filter(pk=changed.pk).update(maf_pay_fen=50_000)
    HardshipStatus.objects.filter(person_id=gone.person_id).update(valid_to=date(2019, 1, 1))
    screen_city()

    proposal = Proposal.objects.get(state="open")
    assert (proposal.setl_id, proposal.residual_fen, proposal.benefit_fen) == (
        changed.setl_id,
        49_999,
        25_000,
    )
    # What no longer stands is kept as history, and counts no more.
    assert Proposal.objects.get(state="lapsed").setl_id == gone.setl_id
    assert get_counties(scope=EVERYWHERE)[0].open_fen == 25_000


def changes_of(run: Run) -> dict[str, str]:
    return {change.proposal.setl_id: change.kind for change in RunChange.objects.filter(run=run)}


def test_a_run_tells_what_is_new_against_the_last() -> None:
    steady, changed, gone = city_with(124_980, 99_999, 124_980)
    first = screen_city()
    assert set(changes_of(first).values()) == {"new"}

    Settlement.objects.filter(pk=changed.pk).update(maf_pay_fen=50_000)
    HardshipStatus.objects.filter(person_id=gone.person_id).update(valid_to=date(2019, 1, 1))
    (new,) = city_with(99_999)
    second = screen_city()

    assert changes_of(second) == {
        changed.setl_id: "changed",
        gone.setl_id: "gone",
        new.setl_id: "new",
    }
    found = RunChange.objects.get(run=second, kind="changed")
    assert (found.old_benefit_fen, found.new_benefit_fen) == (50_000, 25_000)
    assert (RunChange.objects.get(kind="gone").new_outcome, steady.setl_id in changes_of(second)) == (
        "not_entitled",
        False,
    )
    assert changes_of(screen_city()) == {}


def test_what_had_lapsed_is_proposed_anew_when_the_facts_come_back() -> None:
    (settlement,) = city_with(124_980)
    screen_city()
    HardshipStatus.objects.update(valid_to=date(2019, 1, 1))
    screen_city()

    HardshipStatus.objects.update(valid_to=None)
    run = screen_city()

    assert Proposal.objects.get().state == "open"
    assert changes_of(run) == {settlement.setl_id: "new"}


def decline(proposal: Proposal, reason: str = "本人放弃") -> None:
    decline_proposal(proposal_id=proposal.pk, reason=reason, actor=DESK, occurred_at=AT, request_key=key())


def test_a_declined_proposal_stays_declined_until_a_fact_changes() -> None:
    (settlement,) = city_with(124_980)
    screen_city()
    decline(Proposal.objects.get())

    # Another group that holds at another time is no fact of this stay.
    HardshipStatus.objects.create(
        person_id=settlement.person_id,
        group="orphan",
        county_code="411724",
        valid_from=date(2016, 1, 1),
        valid_to=date(2017, 1, 1),
        import_job_id=1,
        recorded_at=AT,
    )
    unchanged = screen_city()
    assert (Proposal.objects.get().state, changes_of(unchanged)) == ("declined", {})

    Settlement.objects.filter(pk=settlement.pk).update(maf_pay_fen=50_000)
    changed = screen_city()

    proposal = Proposal.objects.get()
    assert (proposal.state, proposal.decided_reason, proposal.residual_fen) == ("open", "", 74_980)
    assert proposal.reopened_note == "2019-11-20 本人放弃"
    assert changes_of(changed) == {settlement.setl_id: "reopened"}


@pytest.mark.parametrize("fact", ["reversed", "claimed", "status"])
def test_a_fact_around_the_settlement_is_a_fact_too(fact: str) -> None:
    (settlement,) = city_with(124_980)
    screen_city()
    decline(Proposal.objects.get())
    before = Proposal.objects.get().facts_key

    if fact == "reversed":
        other = make_settlement(make_person())
        Settlement.objects.filter(pk=other.pk).update(reverses_setl_id=settlement.setl_id)
    elif fact == "claimed":
        ClaimedSettlement.objects.create(setl_id=settlement.setl_id, import_job_id=1, recorded_at=AT)
    else:
        HardshipStatus.objects.update(valid_to=date(2019, 11, 1))
    Proposal.objects.update(state="open", decided_by="", decided_reason="")
    decline(Proposal.objects.get())

    assert Proposal.objects.get().facts_key != before


def test_an_empty_registry_is_not_screened() -> None:
    make_city()

    with pytest.raises(errors.NothingToScreen), transaction.atomic():
        screen_city()

    assert not Run.objects.exists()


def test_a_scheme_without_the_top_up_has_nothing_to_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    make_city()
    terms = replace(get_terms(), medical=None)
    monkeypatch.setattr("yiyuan.apps.screening.services.list_terms", lambda: [terms])

    with pytest.raises(errors.SettlesNothing), transaction.atomic():
        screen_city()

    assert not Run.objects.exists()


def test_only_a_clerk_screens_and_only_the_desk_decides() -> None:
    city_with(124_980)

    with pytest.raises(errors.RoleMissing):
        run_screening(actor=DESK, started_at=AT, request_key=key())
    screen_city()
    proposal = Proposal.objects.get()
    for actor in (CLERK, APPROVER):
        with pytest.raises(errors.RoleMissing):
            decline_proposal(
                proposal_id=proposal.pk, reason="x", actor=actor, occurred_at=AT, request_key=key()
            )
    with pytest.raises(errors.ReasonMissing):
        decline_proposal(proposal_id=proposal.pk, reason=" ", actor=DESK, occurred_at=AT, request_key=key())


def test_the_database_keeps_a_decline_from_losing_its_reason() -> None:
    city_with(124_980)
    run = screen_city()

    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.update(state="declined", decided_by="x")
    with pytest.raises(DatabaseError), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(manifest={})
