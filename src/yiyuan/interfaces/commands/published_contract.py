"""The contract of the published year (公布年度的合同): tender, bids, award, agreement, bond, premium.

In: the sums of a plan. Out: every paper, made by the services people use; bidders, scores and bank references
are invented. The head counts come to the published premium: those found for 2019 stand, those of 2011 are
grown alike, and Xincai is taken to be outside the pool, as that total suggests.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from yiyuan.apps.schemes.queries import get_terms
from yiyuan.apps.underwriting.billing import draw_bills
from yiyuan.apps.underwriting.bonding import NewBond, receive_bond, return_bond
from yiyuan.apps.underwriting.collecting import Movement, Payer, issue_appropriation, record_receipt
from yiyuan.apps.underwriting.contracting import (
    NewAgreement,
    NewPromise,
    Party,
    draft_agreement,
    put_in_force,
    record_report,
    record_signature,
)
from yiyuan.apps.underwriting.head_counts import NewHeadCount, Paper, freeze_head_count
from yiyuan.apps.underwriting.judging import appoint_judge, record_scores
from yiyuan.apps.underwriting.queries import list_dues
from yiyuan.apps.underwriting.tendering import (
    NewTender,
    agree_award,
    open_tender,
    propose_award,
    record_bid,
    record_step,
)
from yiyuan.apps.underwriting.tenders import list_criteria
from yiyuan.interfaces.commands.invented_officers import ZONE
from yiyuan.kernel.actor import Actor, Role
from yiyuan.kernel.money import split_fen
from yiyuan.kernel.scope import EVERYWHERE
from yiyuan.rules.premium import premium_bill
from yiyuan.rules.terms import County
from yiyuan.synthetic.staff import STAFF

YEAR_FROM = date(2019, 1, 1)
OUTSIDE = (
    "411729",
    "411771",
)  # 新蔡县: taken to pay for itself; 经济开发区: its people are not counted apart
FOUND_FOR = 2019
CIVIL = (
    Actor("invented-civil-1", "虚构民政专员甲", frozenset({Role.CIVIL_AFFAIRS}), EVERYWHERE),
    Actor("invented-civil-2", "虚构民政专员乙", frozenset({Role.CIVIL_AFFAIRS}), EVERYWHERE),
)
FINANCE = (
    Actor("invented-finance-1", "虚构财政专员甲", frozenset({Role.FINANCE}), EVERYWHERE),
    Actor("invented-finance-2", "虚构财政专员乙", frozenset({Role.FINANCE}), EVERYWHERE),
)
JUDGES = 5
LEAD = "演示财产保险公司（虚构）"
BIDDERS = ((LEAD, 100, 92), ("演示人寿保险公司（虚构）", 99, 84), ("演示互助保险社（虚构）", 97, 75))
BOND_SHARE_BP = 1_000
INVENTED_PAPER = "演示：文件和数字均为虚构，人数按公布的保费总额推定。"


@dataclass(frozen=True, slots=True)
class Contract:
    """What later steps need of the contract."""

    agreement_id: int
    bond_id: int


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """Return a moment of a day in the city."""
    return datetime.combine(day, time(hour, minute), tzinfo=ZONE)


def key(words: str) -> str:
    """Return a request key of the published year: a run that was cut short finds its own work."""
    return f"published:{words}"[:100]


def sign_contract(premium_fen: int) -> Contract:
    """Hold the tender, make the agreement and take the bond; repeating it goes on where it stopped."""
    award_id = _award(premium_fen)
    drafted_on, signed_on = date(2018, 12, 19), date(2018, 12, 20)
    bond_fen = premium_fen * BOND_SHARE_BP // 10_000 // 10_000 * 10_000
    agreement = draft_agreement(
        new=NewAgreement(
            number="演示-HT-2019-001",
            title="“一元民生”救助保险项目合作协议（演示，虚构）",
            programme_from=YEAR_FROM,
            until_on=date(2020, 1, 1),
            contract_fen=premium_fen,
            bond_fen=bond_fen,
            parties=[Party(LEAD, 10_000, is_lead=True)],
            promises=[
                NewPromise("county_points", "演示协议第 5 条", 1),
                NewPromise("on_time", "演示协议第 6 条", 9_500),
                NewPromise("reports", "演示协议第 9 条", 10),
            ],
            award_id=award_id,
        ),
        actor=CIVIL[0],
        occurred_at=at(drafted_on, 10),
        request_key=key("agreement"),
    )
    for party, signer in (("policyholder", "虚构民政局长"), ("insurer", "虚构公司代表")):
        record_signature(
            agreement_id=agreement.pk,
            party=party,
            signer=signer,
            signed_on=signed_on,
            actor=CIVIL[0],
            occurred_at=at(signed_on, 11),
            request_key=key(f"sign:{party}"),
        )
    bond = receive_bond(
        agreement_id=agreement.pk,
        new=NewBond("guarantee", bond_fen, "演示银行（虚构）", "演示-BH-0001", signed_on, date(2020, 6, 30)),
        actor=CIVIL[1],
        occurred_at=at(signed_on, 15),
        request_key=key("bond"),
    )
    put_in_force(
        agreement_id=agreement.pk,
        from_on=YEAR_FROM,
        actor=CIVIL[1],
        occurred_at=at(date(2018, 12, 21), 9),
        request_key=key("in-force"),
    )
    return Contract(agreement.pk, bond.pk)


def _award(premium_fen: int) -> int:
    published_on, closes_at = date(2018, 11, 1), at(date(2018, 11, 27), 9)
    weights = {
        "legal_qualification": 2_000, "capacity": 2_500, "local_experience": 2_000, "service_points": 2_000,
        "reputation": 1_500,
    }  # fmt: skip
    tender = open_tender(
        new=NewTender(
            "“一元民生”救助保险项目招标（演示，虚构）",
            YEAR_FROM,
            premium_fen,
            published_on,
            closes_at,
            weights,
        ),
        actor=CIVIL[0],
        occurred_at=at(published_on, 9),
        request_key=key("tender"),
    )
    bids = [
        record_bid(
            tender_id=tender.pk,
            bidder=bidder,
            price_fen=premium_fen * percent // 100,
            received_at=closes_at - timedelta(hours=place),
            actor=CIVIL[0],
            occurred_at=closes_at,
            request_key=key(f"bid:{place}"),
        )
        for place, (bidder, percent, _) in enumerate(BIDDERS, start=1)
    ]
    judges = [Actor(one.username, one.audit_name, frozenset(one.roles), EVERYWHERE) for one in STAFF[:JUDGES]]
    for judge in judges:
        appoint_judge(
            tender_id=tender.pk,
            username=judge.id,
            actor=CIVIL[0],
            occurred_at=closes_at,
            request_key=key(f"judge:{judge.id}"),
        )
    criteria = list_criteria(tender)
    for place, judge in enumerate(judges):
        record_scores(
            tender_id=tender.pk,
            points={
                (bid.pk, one.pk): points - (place + turn) % 4
                for bid, (_, _, points) in zip(bids, BIDDERS, strict=True)
                for turn, one in enumerate(criteria)
            },
            actor=judge,
            occurred_at=at(date(2018, 11, 28), 10 + place),
            request_key=key(f"scores:{judge.id}"),
        )
    return _agree(tender.pk, bids[0].pk)


def _agree(tender_id: int, bid_id: int) -> int:
    award = propose_award(
        bid_id=bid_id,
        reason="",
        actor=CIVIL[0],
        occurred_at=at(date(2018, 11, 29), 9),
        request_key=key("award"),
    )
    agree_award(
        award_id=award.pk,
        actor=CIVIL[1],
        occurred_at=at(date(2018, 11, 30), 9),
        request_key=key("award-agreed"),
    )
    steps = (
        ("award_notice", date(2018, 12, 3)),
        ("contract_signed", date(2018, 12, 20)),
        ("contract_published", date(2018, 12, 21)),
        ("copy_filed", date(2018, 12, 25)),
    )
    for name, done_on in steps:
        record_step(
            tender_id=tender_id,
            name=name,
            done_on=done_on,
            note="演示",
            actor=CIVIL[0],
            occurred_at=at(done_on, 16),
            request_key=key(f"step:{name}"),
        )
    return award.pk


def share_head_counts(
    counties: Sequence[County], persons: int, outside: Sequence[str] = OUTSIDE
) -> dict[str, int]:
    """Return a head count for each county in the pool, together `persons`.

    The figures found for the year stand where they leave enough for the others, which grow alike.
    """
    inside = [one for one in counties if one.code not in outside and one.registered_persons]
    found = {one.code: one.registered_persons or 0 for one in inside if one.registered_year == FOUND_FOR}
    others = [one for one in inside if one.code not in found]
    left = persons - sum(found.values())
    if left <= 0:
        found, others, left = {}, inside, persons
    grown = split_fen(left, [one.registered_persons or 0 for one in others])
    return found | {one.code: count for one, count in zip(others, grown, strict=True)}


def collect_premium(premium_fen: int, outside: Sequence[str] = OUTSIDE) -> None:
    """Freeze the head counts, draw the bills, order and receive the premium, county by county."""
    terms = get_terms(YEAR_FROM)
    of_one = premium_bill(terms, {terms.counties[0].code: {"persons": 1, "registered_persons": 1}})
    persons = premium_fen // of_one.total_fen
    counted_on = date(2018, 12, 31)
    counts = share_head_counts(terms.counties, persons, outside)
    for code, count in counts.items():
        freeze_head_count(
            new=NewHeadCount(
                code, YEAR_FROM, counted_on, count, None, "演示：按公布的保费总额推定", _paper(code, count)
            ),
            actor=CIVIL[0],
            occurred_at=at(date(2019, 1, 4), 9),
            request_key=key(f"count:{code}"),
        )
    draw_bills(
        programme_from=YEAR_FROM,
        due_on=date(2019, 3, 29),
        actor=CIVIL[1],
        occurred_at=at(date(2019, 1, 8), 10),
        request_key=key("bills"),
    )
    for place, code in enumerate(counts):
        _receive(code, date(2019, 1, 10), date(2019, 1, 15 + place))


def _receive(county_code: str, ordered_on: date, arrived_on: date) -> None:
    for due in list_dues(county_code, YEAR_FROM, scope=EVERYWHERE):
        issue_appropriation(
            due_id=due.pk,
            actor=FINANCE[0],
            occurred_at=at(ordered_on, 10),
            request_key=key(f"order:{due.pk}"),
        )
        record_receipt(
            payer=Payer(county_code, YEAR_FROM, due.payer),
            moved=Movement(due.amount_fen, arrived_on, f"演示流水-{county_code}-{due.instalment}"),
            actor=FINANCE[1],
            occurred_at=at(arrived_on, 14),
            request_key=key(f"receipt:{due.pk}"),
        )


def _paper(county_code: str, persons: int) -> Paper:
    path = f"imports/published/{county_code}.txt"
    content = f"{INVENTED_PAPER}\n{county_code} 2018-12-31 户籍人口 {persons}\n".encode()
    target = Path(settings.MEDIA_ROOT) / path
    target.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    target.write_bytes(content)
    return Paper(f"演示_户籍人口_{county_code}.txt", path, sha256(content).hexdigest())


def report_month(contract: Contract, month: date, delivered_on: date) -> None:
    """Record that the insurer has delivered its report of a month."""
    record_report(
        agreement_id=contract.agreement_id,
        month=month,
        delivered_on=delivered_on,
        actor=CIVIL[0],
        occurred_at=at(delivered_on, 10),
        request_key=key(f"report:{month:%Y-%m}"),
    )


def give_back_bond(contract: Contract, returned_on: date) -> None:
    """Give the bond back once the year is closed."""
    return_bond(
        bond_id=contract.bond_id,
        returned_on=returned_on,
        actor=CIVIL[1],
        occurred_at=at(returned_on, 10),
        request_key=key("bond-back"),
    )
