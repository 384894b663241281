"""The year turns (年度交替): two versions side by side, each admission under its own, the pool alike."""

from datetime import date
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.builders import (
    APPROVER,
    ASSESSOR,
    AT,
    CLERK,
    DESK,
    PAYER,
    key,
    make_account,
    make_city,
    make_person,
    make_settlement,
    make_status,
    say,
)
from tests.integration.desk.money_cases import ADMINISTRATOR, signed_in
from yiyuan.apps.adjudication.models import Decision
from yiyuan.apps.claims.errors import TwoContracts
from yiyuan.apps.claims.services import open_from_proposal, order_payments
from yiyuan.apps.claims.states import Verb
from yiyuan.apps.payments.models import Batch
from yiyuan.apps.registry.divisions import rename_county
from yiyuan.apps.registry.models import Settlement
from yiyuan.apps.schemes.queries import list_terms
from yiyuan.apps.screening.models import Proposal, Run
from yiyuan.apps.screening.services import run_screening
from yiyuan.kernel.errors import SchemeError

pytestmark = pytest.mark.django_db

LAST_YEAR = "valid: {from: 2019-01-01, to: 2020-01-01, clause: PERIOD-1}"
NEXT_YEAR = "valid: {from: 2020-01-01, to: 2021-01-01, clause: PERIOD-1}"


@pytest.fixture
def two_years(tmp_path: Path, settings: Settings) -> Path:
    """Put a draft of 2020 beside 2019: 1,000 yuan instead of 800, and 正阳县 outside the pool."""
    home = tmp_path / "zhumadian-yiyuan"
    home.mkdir()
    for name in ("2019-01-01.yaml", "sources.yaml"):
        (home / name).write_bytes((Path(settings.SCHEMES) / "zhumadian-yiyuan" / name).read_bytes())
    text = (home / "2019-01-01.yaml").read_text(encoding="utf-8")
    draft = text.replace(LAST_YEAR, NEXT_YEAR).replace("fixed_fen: 80_000", "fixed_fen: 100_000")
    assert draft.count(NEXT_YEAR) == 1
    (home / "2020-01-01.yaml").write_text(draft, encoding="utf-8")
    settings.SCHEMES = tmp_path
    return home


def leave_the_pool(home: Path, county_code: str) -> None:
    file = home / "2020-01-01.yaml"
    text = file.read_text(encoding="utf-8").replace("pool_excluded: []", f"pool_excluded: ['{county_code}']")
    file.write_text(text, encoding="utf-8")


def name_an_insurer(home: Path) -> None:
    file = home / "2020-01-01.yaml"
    row = "{name: new, name_zh: 新一家, name_en: The new one, share_bp: 10_000, lead: true}"
    text = file.read_text(encoding="utf-8")
    named = text.replace("filing:\n", f"insurers: {{clause: TENDER-1, rows: [{row}]}}\n\nfiling:\n", 1)
    named = named.replace("TENDER-1, TENDER-2", "TENDER-2", 1)
    file.write_text(named, encoding="utf-8")


def stay(admitted_on: date | None, discharged_on: date | None = None) -> Settlement:
    make_city()
    person = make_person()
    make_status(person)
    make_account(person)
    settlement = make_settlement(person)
    settlement.admitted_on = admitted_on
    settlement.discharged_on = settlement.settled_on = discharged_on or admitted_on
    settlement.save()
    return settlement


def screen_city() -> Run:
    return run_screening(actor=CLERK, started_at=AT, request_key=key())


def proposal_of(settlement: Settlement) -> Proposal:
    return Proposal.objects.get(setl_id=settlement.setl_id)


@pytest.mark.usefixtures("two_years")
def test_each_admission_follows_its_own_version() -> None:
    old, new = stay(date(2019, 12, 31)), stay(date(2020, 1, 1))

    run = screen_city()

    assert (proposal_of(old).benefit_fen, proposal_of(new).benefit_fen) == (80_000, 100_000)
    assert run.manifest["by_outcome"]["entitled"] == {
        "count": 2,
        "residual_fen": 2 * 124_980,
        "benefit_fen": 180_000,
    }
    assert [one["version"] for one in run.manifest["versions"]] == ["2019-01-01", "2020-01-01"]
    assert sum(count.count for count in run.counts.all()) == run.manifest["decisions"] == 2


@pytest.mark.usefixtures("two_years")
def test_a_stay_over_the_turn_of_the_year_belongs_to_the_year_of_admission() -> None:
    over = stay(date(2019, 12, 20), date(2020, 1, 10))

    screen_city()
    claim = open_from_proposal(
        proposal_id=proposal_of(over).pk, actor=DESK, occurred_at=AT, request_key=key()
    )

    decision = Decision.objects.get(pk=claim.decision_id)
    assert (decision.scheme_valid_from, decision.benefit_fen) == (date(2019, 1, 1), 80_000)
    assert decision.scheme_sha256 == list_terms()[0].sha256 != list_terms()[1].sha256


@pytest.mark.usefixtures("two_years")
def test_a_claim_of_the_new_year_keeps_the_new_file() -> None:
    new = stay(date(2020, 3, 1))

    screen_city()
    claim = open_from_proposal(proposal_id=proposal_of(new).pk, actor=DESK, occurred_at=AT, request_key=key())

    decision = Decision.objects.get(pk=claim.decision_id)
    assert (decision.scheme_sha256, claim.benefit_fen) == (list_terms()[1].sha256, 100_000)
    assert claim.due_on is not None


@pytest.mark.usefixtures("two_years")
def test_a_day_outside_every_version_is_decided_by_none() -> None:
    before, unknown = stay(date(2018, 12, 31)), stay(None)

    run = screen_city()

    assert run.manifest["by_reason"]["outside_period"]["count"] == 1
    assert run.manifest["by_reason"]["missing_fact"]["count"] == 1
    assert not Proposal.objects.filter(setl_id=before.setl_id).exists()
    assert proposal_of(unknown).missing == "admitted_on"


def test_a_county_that_leaves_the_pool_leaves_by_year(two_years: Path) -> None:
    leave_the_pool(two_years, "411724")
    old, new = stay(date(2019, 12, 31)), stay(date(2020, 1, 1))

    run = screen_city()

    assert proposal_of(old).benefit_fen == 80_000
    assert not Proposal.objects.filter(setl_id=new.setl_id).exists()
    assert run.manifest["by_reason"]["outside_pool"]["count"] == 1


def test_where_somebody_was_insured_decides_not_where_they_moved_to(two_years: Path) -> None:
    leave_the_pool(two_years, "411725")
    moved_in, moved_out = stay(date(2020, 2, 1)), stay(date(2020, 2, 1))
    moved_in.county_code = "411725"
    moved_in.save()
    moved_out.person.county_code = "411725"
    moved_out.person.save()

    screen_city()

    assert not Proposal.objects.filter(setl_id=moved_in.setl_id).exists()
    assert proposal_of(moved_out).benefit_fen == 100_000


def test_a_county_outside_the_pool_is_outside_under_its_old_code_too(two_years: Path) -> None:
    leave_the_pool(two_years, "411725")
    stay(date(2020, 2, 1))
    rename_county(
        old_code="411724",
        new_code="411725",
        new_name="确山区",
        changed_on=date(2020, 1, 1),
        source="批复",
        actor=ADMINISTRATOR,
        occurred_at=AT,
        request_key=key(),
    )

    run = screen_city()

    assert [sorted(terms.pool_excluded) for terms in list_terms()] == [[], ["411724", "411725"]]
    assert run.manifest["by_reason"]["outside_pool"]["count"] == 1


def test_claims_of_two_years_are_not_put_into_one_batch(two_years: Path) -> None:
    claims = []
    for day in (date(2019, 12, 31), date(2020, 1, 1)):
        settlement = stay(day)
        screen_city()
        claim = open_from_proposal(
            proposal_id=proposal_of(settlement).pk, actor=DESK, occurred_at=AT, request_key=key()
        )
        say(claim, Verb.ASSESS, ASSESSOR)
        say(claim, Verb.APPROVE, APPROVER)
        claims.append(claim.number)

    with pytest.raises(TwoContracts):
        order_payments(numbers=claims, actor=PAYER, occurred_at=AT, request_key=key())
    first = order_payments(numbers=None, actor=PAYER, occurred_at=AT, request_key=key())
    second = order_payments(numbers=None, actor=PAYER, occurred_at=AT, request_key=key())

    batches = [Batch.objects.get(number=number) for number in (first, second)]
    assert [(b.contract_from, b.order_count) for b in batches] == [
        (date(2019, 1, 1), 1),
        (date(2020, 1, 1), 1),
    ]
    name_an_insurer(two_years)
    page = signed_in(PAYER).get(f"/payments/{second}/").text
    assert "按 2020 年度的合同付，承保：新一家" in page


def test_two_versions_of_one_day_are_refused(two_years: Path) -> None:
    file = two_years / "2020-01-01.yaml"
    text = file.read_text(encoding="utf-8").replace("from: 2020-01-01", "from: 2019-12-01")
    file.rename(two_years / "2019-12-01.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(SchemeError, match="管着同一天"):
        list_terms()


@pytest.mark.usefixtures("two_years")
def test_the_pages_name_the_version() -> None:
    old, new = stay(date(2019, 12, 31)), stay(date(2020, 1, 1))
    screen_city()
    client = signed_in(DESK)

    scheme, draft = client.get("/scheme/"), client.get("/scheme/?version=2020-01-01")
    proposals = [client.get(f"/proposals/{proposal_of(one).pk}/").text for one in (old, new)]

    assert "今天入院的按这一版" in scheme.text
    assert "2019年12月31日 有效" in scheme.text
    assert "还没有到生效日" in draft.text
    assert "2020年12月31日 有效" in draft.text
    assert "2019 版" in proposals[0]
    assert "2020 版" not in proposals[0]
    assert "2020 版" in proposals[1]
    assert "2019 版" not in proposals[1]
    assert "?version=2020-01-01" in client.get("/screening/runs/1/").text
