"""The published year at a small scale (公布的年度): from tender to closing, its totals to the fen."""

from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pytest
from django.conf import settings

from yiyuan.apps.claims.envelope import check_envelope
from yiyuan.apps.claims.models import Claim
from yiyuan.apps.deadlines.models import Clock
from yiyuan.apps.ledger.books import Cut, sum_by_account, sum_by_county
from yiyuan.apps.ledger.chart import AccountCode
from yiyuan.apps.ledger.models import PeriodMove
from yiyuan.apps.payments.models import Order
from yiyuan.apps.reporting.models import Statement
from yiyuan.apps.underwriting.models import Bill, BondReturn, InForce, StepDone
from yiyuan.interfaces.commands import first_city
from yiyuan.interfaces.commands.invented_officers import put_scheme_in_force
from yiyuan.interfaces.commands.published_contract import OUTSIDE, share_head_counts
from yiyuan.interfaces.commands.published_year import ENDS_ON, FIRST_DAY, live_published_year
from yiyuan.kernel.scope import EVERYWHERE
from yiyuan.rules.scheme_file.loading import load_scheme
from yiyuan.runtime.progress import Progress
from yiyuan.synthetic.published_year import PUBLISHED, Plan, draw_residuals

SMALL = Plan(
    medical_claims=60, medical_fen=3_546_300, other_claims=6, other_fen=35_040_000, premium_fen=40_000_000
)


@pytest.mark.django_db
@pytest.mark.slow
def test_a_small_year_closes_with_its_totals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATA_HOME", tmp_path)
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "media")
    first_city._write_ground(True, FIRST_DAY)
    put_scheme_in_force(datetime(2018, 10, 25, tzinfo=UTC))
    first_city._record_city(True, ENDS_ON)

    live_published_year(Progress(), SMALL)

    sums = sum_by_account(cut=Cut(EVERYWHERE), from_on=date(2019, 1, 1), to_on=date(2020, 1, 1))
    assert sums[AccountCode.PREMIUM].closing_fen == -SMALL.premium_fen
    assert sums[AccountCode.PAID].closing_fen == SMALL.medical_fen + SMALL.other_fen
    assert sums[AccountCode.PAYABLE].closing_fen == sums[AccountCode.IN_FLIGHT].closing_fen == 0
    medical = Claim.objects.filter(cause="L7")
    assert medical.count() == SMALL.medical_claims
    assert sum(medical.values_list("benefit_fen", flat=True)) == SMALL.medical_fen
    others = Claim.objects.exclude(cause="L7")
    assert others.count() == SMALL.other_claims
    assert sum(others.values_list("benefit_fen", flat=True)) == SMALL.other_fen
    assert set(Claim.objects.values_list("state", flat=True)) == {"paid"}
    assert Order.objects.count() == SMALL.medical_claims + SMALL.other_claims
    # Every promise was kept, every county in the pool has paid, twelve months are closed.
    assert not [one for one in Clock.objects.all() if one.stopped_at and one.stopped_at.date() > one.due_on]
    by_county = sum_by_county(
        account="premium", cut=Cut(EVERYWHERE), from_on=date(2019, 1, 1), to_on=date(2020, 1, 1)
    )
    assert not set(by_county) & set(OUTSIDE)
    assert Bill.objects.count() == len(by_county) == 9
    assert PeriodMove.objects.filter(is_closing=True).count() == 12
    assert InForce.objects.count() == BondReturn.objects.count() == 1
    assert StepDone.objects.count() == 4
    assert Statement.objects.exclude(issued_by="").count() == 36
    december = Statement.objects.get(kind=Statement.INSURER, month=date(2019, 12, 1))
    said = {(code, whose): value for code, whose, _unit, value in december.lines}
    assert said["premium_received", ""] == SMALL.premium_fen
    assert said["paid_in_year", ""] == SMALL.medical_fen + SMALL.other_fen
    assert said["claims_in_year", ""] == SMALL.medical_claims + SMALL.other_claims
    assert said["loss_ratio", ""] == 9_647
    # What neither agreement nor scheme says is no zero: no percentage was published, and none is made up.
    unsaid = {code for code, _whose, unit, _value in december.lines if unit == "not_agreed"}
    assert unsaid == {"expense", "risk_sharing", "reserve", "penalty"}
    assert said["promises_kept", ""] == 3
    assert said["promises_broken", ""] == said["waiting", ""] == said["bond_called", ""] == 0
    assert check_envelope(occurred_at=datetime(2020, 1, 17, 2, tzinfo=UTC)).is_whole


def test_the_published_totals_are_those_of_the_press() -> None:
    assert PUBLISHED.medical_claims + PUBLISHED.other_claims == 8_086
    assert PUBLISHED.medical_fen + PUBLISHED.other_fen == 7_977_100_00
    assert PUBLISHED.premium_fen == 8_017_100_00


def test_head_counts_come_to_the_premium_and_keep_what_was_found() -> None:
    terms = load_scheme(Path("schemes/zhumadian-yiyuan"))

    counts = share_head_counts(terms.counties, 8_017_100)

    assert sum(counts.values()) == 8_017_100
    assert (counts["411702"], counts["411723"]) == (856_900, 1_026_300)
    assert not set(counts) & set(OUTSIDE)


def test_residuals_come_to_the_total_under_the_rule_given() -> None:
    def pays(fen: int) -> int:
        return 80_000 if fen >= 100_000 else (fen + 1) // 2

    found = draw_residuals(500, 29_552_500, pays, Random(1))

    assert sum(map(pays, found)) == 29_552_500
    assert Counter(pays(fen) == 80_000 for fen in found)[True] > 200
